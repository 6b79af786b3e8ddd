"""python -m weiduan"""

from weiduan.doors.console.main import main

main()
