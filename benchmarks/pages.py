"""Area pages of a district of 5,000 units: queries and CPU, cold (nothing held in memory) and warm, on both databases.

Pages are asked for through Django's test client by a signed-in user, so middleware, view and template all count;
CPU is that of this process (what PostgreSQL spends itself is not in it). The best of several tries is told: what the
machine does besides makes a try slower, never faster. Target: at most 12 queries on every page, at most 150 ms of CPU
for the district's. Usage: benchmarks/pages.py [UNITS] [sqlite|postgresql] [--profile]
"""

import cProfile
import pstats
import sys
import time
from typing import Any

from measuring import DATABASES, in_home, installation, table

SET_UP = """
import sys
sys.path[:0] = ["benchmarks"]
import pages
pages.set_up(int(sys.argv[1]))
"""
MEASURE = """
import sys
sys.path[:0] = ["benchmarks"]
import pages
pages.measure(profile=sys.argv[1] == "True")
"""
TRIES = 7


def main(units: int, databases: tuple[str, ...], profile: bool) -> None:
    rows = []
    for database in databases:
        with installation(database) as environment:
            in_home(SET_UP, environment, units)
            lines = in_home(MEASURE, environment, profile).said.strip().splitlines()
            rows += [(database, *line.split("\t")) for line in lines if "\t" in line]
            print("\n".join(line for line in lines if "\t" not in line), file=sys.stderr)
    heads = ("database", "page", "queries cold", "queries warm", "CPU ms cold", "CPU ms warm", "kB")
    table(heads, rows)


def set_up(units: int) -> None:
    """Load a modelled district of so many units, with shapes and one account for all of it."""
    from django.core.management import call_command

    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.actions import give_mandate, open_account
    from weiduan.ground.accounts.rules import Duty
    from weiduan.ground.territory.actions import found_divisions
    from weiduan.outlook.demo.divisions import qingbaijiang
    from weiduan.outlook.demo.generate import generate
    from weiduan.outlook.survey.actions import load_shapes, load_survey

    call_command("migrate", verbosity=0)
    district = qingbaijiang()
    demo = generate(district, units=units)
    when: dict[str, Any] = {"on": demo.on, "by": "benchmark", "at": now()}
    found_divisions(demo.divisions, edition="2018", **when)
    load_survey(demo.rows, area=district.code, **when)
    load_shapes(demo.shapes, area=district.code, **when)
    user = open_account(
        username="district", password="only for measuring", title="", by="benchmark", at=now(), must_change=False
    )
    give_mandate(user, Duty.LOOK, area=district.code, since=demo.on, by="benchmark", at=now())


def measure(*, profile: bool) -> None:
    """Print a line for each page: name, queries, milliseconds, size."""
    from django.conf import settings
    from django.test import Client
    from django.test.utils import setup_test_environment

    from weiduan.ground.accounts.models import User

    setup_test_environment()
    settings.TWO_FACTORS_REQUIRED = False  # signing in is not what is measured
    client = Client()
    client.force_login(User.objects.get(username="district"))
    for name, url in addresses():
        _ask(client, url)  # templates and translations are read once in the life of a process
        _forget()
        if profile:
            _profiled(client, name, url)
        queries = [_queries(client, url, cold=cold) for cold in (True, False)]
        cold = min(_ask(client, url, cold=True)[0] for _try in range(TRIES))
        warm, size = min(_ask(client, url) for _try in range(TRIES))
        print(name, *queries, f"{cold:.0f}", f"{warm:.0f}", f"{size / 1000:.0f}", sep="\t")


def addresses() -> list[tuple[str, str]]:
    """Return (name, address) of a page a level, of the busiest place of each, and of the district's map."""
    from weiduan.ground.territory.models import AreaVersion
    from weiduan.ground.territory.queries import areas_below
    from weiduan.ground.territory.rules import Level

    on = AreaVersion.objects.latest("since").since
    district = areas_below("", on=on).filter(level=Level.DISTRICT).get().code
    codes = {Level.DISTRICT: district}
    for level in (Level.TOWN, Level.VILLAGE, Level.GRID, Level.UNIT):
        here = areas_below(codes[Level(level - 1)], on=on).filter(level=level).values_list("code", flat=True)
        codes[level] = max(here, key=lambda code: areas_below(code, on=on).count())
    pages = [(level.name.lower(), f"/desk/area/{code}/?on={on}") for level, code in codes.items()]
    return [*pages, ("map of the district", f"/desk/area/{district}/map.json?on={on}")]


def _ask(client: Any, url: str, *, cold: bool = False) -> tuple[float, int]:
    """Return milliseconds of CPU and size."""
    if cold:
        _forget()
    began = time.process_time()
    response = client.get(url, secure=True)
    spent = (time.process_time() - began) * 1000
    assert response.status_code == 200, (url, response.status_code)
    return spent, len(response.content)


def _queries(client: Any, url: str, *, cold: bool) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if cold:
        _forget()
    with CaptureQueriesContext(connection) as caught:
        client.get(url, secure=True)
    return len(caught)


def _forget() -> None:
    """Drop what the process holds of areas, as after any write."""
    from weiduan.outlook.insight import organisation

    organisation._held.clear()


def _profiled(client: Any, name: str, url: str) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(_ask, client, url, cold=True)
    print(f"--- {name}")
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    words = sys.argv[1:]
    numbers = [int(word) for word in words if word.isdigit()]
    main((numbers or [5000])[0], tuple(word for word in words if word in DATABASES) or DATABASES, "--profile" in words)
