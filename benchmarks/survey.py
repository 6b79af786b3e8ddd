"""A survey of 1,000 villages (50,000 units, 200,000 members): checked, loaded and loaded again, on both databases.

Each step is its own process, as a person would start it; memory is that of the process and its children together.
Target: all of it within 10 minutes and 2 GB on two cores. Usage: benchmarks/survey.py [VILLAGES] [sqlite|postgresql]
"""

import sys
import tempfile
from pathlib import Path

from measuring import DATABASES, WEIDUAN, in_home, installation, measured, table

WRITE = """
import json, sys
from pathlib import Path
from weiduan.outlook.demo.divisions import invented
from weiduan.outlook.demo.generate import generate
from weiduan.outlook.survey.workbook import write_workbook
folder, villages = Path(sys.argv[1]), int(sys.argv[2])
district = invented(villages)
demo = generate(district, units=50 * villages, members=200 * villages)
write_workbook(folder / "survey.xlsx", demo.rows, area=district.code, area_name="示例区", on=demo.on)
(folder / "divisions.json").write_text(json.dumps(demo.divisions))
print(json.dumps({key: len(rows) for key, rows in demo.rows.items()}))
"""
FOUND = """
import json, sys
from datetime import date
from pathlib import Path
from django.core.management import call_command
from weiduan.doors.console.setting_up import now
from weiduan.ground.territory.actions import found_divisions
call_command("migrate", verbosity=0)
rows = json.loads(Path(sys.argv[1], "divisions.json").read_text())
found_divisions(rows, edition="2018", on=date(2018, 10, 31), by="benchmark", at=now())
"""


def main(villages: int, databases: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="weiduan-benchmark-") as folder, installation("sqlite") as environment:
        print(in_home(WRITE, environment, folder, villages).said.strip())
        rows = [row for database in databases for row in measure(database, Path(folder))]
    table(("database", "step", "seconds", "CPU seconds", "peak MB"), rows)


def measure(database: str, folder: Path) -> list[tuple[str, str, str, str, str]]:
    """Measure check, load and the same load again on one database."""
    file, rows = folder / "survey.xlsx", []
    with installation(database) as environment:
        in_home(FOUND, environment, folder)
        for step, command in (("check", "check"), ("load", "load"), ("load again", "load")):
            run = measured([WEIDUAN, "survey", command, file], environment)
            rows.append((database, step, f"{run.seconds:.0f}", f"{run.cpu_seconds:.0f}", f"{run.peak_mb:.0f}"))
            print(*rows[-1], run.said.strip().splitlines()[-1], file=sys.stderr, flush=True)
    return rows


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [int(word) for word in given if word.isdigit()]
    main((numbers or [1000])[0], tuple(word for word in given if word in DATABASES) or DATABASES)
