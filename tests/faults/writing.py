"""Writers over the product's database layer, and nothing else of it; started as `python -m tests.faults.writing NUMBER`.

Each row is written until it is acknowledged; then its number and the moment are printed.
"""

import sys
import time
from itertools import count

import django

django.setup()

from django.db import Error, connection  # noqa: E402

TABLE = "CREATE TABLE IF NOT EXISTS told (writer integer, n integer, PRIMARY KEY (writer, n))"


def write(writer: int) -> None:
    """Write rows for ever."""
    for n in count():
        while not written(writer, n):
            time.sleep(0.2)
        print(n, time.time(), flush=True)
        time.sleep(0.005)


def written(writer: int, n: int) -> bool:
    """Try once; a row whose answer got lost is there already, and counts once."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO told VALUES (%s, %s) ON CONFLICT DO NOTHING", [writer, n])
        return True
    except Error:
        connection.close()
        return False


if __name__ == "__main__":
    if sys.argv[1] == "table":
        with connection.cursor() as cursor:
            cursor.execute(TABLE)
    else:
        write(int(sys.argv[1]))
