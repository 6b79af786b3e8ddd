"""The page of a district over 1,000,000 reports and 5,000 units, on PostgreSQL, beside the plain GROUP BY over the same reports.

Queries and CPU of the page, the one-screen and the comparison (web and database together, from /proc); what counting on costs beside
what the telling itself costs; what making all counts anew takes. Targets: 12 queries and 150 ms of CPU for the page, a tenth of a
report's write for the counts.
Usage: benchmarks/insight.py [SIZE …] [--requests N]
"""

import json
import sys
import time
from typing import Any

from measuring import in_home, installation, table
from reports import HEADERS, Database, Web, measured, requests_in, served
from reports import within as among_reports

SIZES, REQUESTS, UNITS, OPEN = (20_000, 1_000_000), 100, 5_000, 1_000
PROGRAM = """
import json, sys
sys.path[:0] = ["benchmarks"]
import insight_within
print(json.dumps(getattr(insight_within, sys.argv[1])(*map(json.loads, sys.argv[2:]))))
"""
HEADS = (
    "reports",
    "what",
    "queries",
    "web ms",
    "database ms",
    "CPU ms",
    "plain GROUP BY ms",
    "times",
    "median ms",
    "target",
)
PLAIN = """
SELECT a.code, r.category_id, date_trunc('month', r.told_at AT TIME ZONE 'Asia/Shanghai') AS month, count(*), count(r.answered_at),
  count(*) FILTER (WHERE r.answered_at <= r.due_at), count(*) FILTER (WHERE r.state = 'confirmed')
FROM governance_report r JOIN territory_areaversion a ON a.area_id = r.area_id AND a.until IS NULL
WHERE NOT r.in_confidence GROUP BY 1, 2, 3
"""


def main(sizes: tuple[int, ...], requests: int) -> None:
    rows: list[tuple[str, ...]] = []
    with installation("postgresql") as environment:
        environment = environment | {"WEIDUAN_HOSTS": "testserver,localhost", "WEIDUAN_CLOCK_SECONDS": "0"}
        world = among_reports(environment, "set_up", UNITS, OPEN)
        world["looks"] = within(environment, "let_look", within(environment, "district"))
        database = Database(environment)
        for size in sizes:
            among_reports(environment, "grow_to", size)
            database.settle()
            told = f"{size:,}"
            rows.append(
                (told, "all counts made anew", *_within_both(environment, database, "make_anew"), "", "", "", "")
            )
            database.settle()
            plain = _plain(database)
            with served(environment) as web:
                rows += [(told, *row) for row in _pages(environment, world, web, database, requests, plain)]
                rows += [(told, *row) for row in _writing(environment, world, web, database, requests)]
            for row in rows:
                print(*row, file=sys.stderr, flush=True)
    table(HEADS, rows)


def _pages(
    environment: dict[str, str], world: dict[str, Any], web: Web, database: Database, requests: int, plain: float
) -> list[tuple[str, ...]]:
    session = world["looks"]
    code = within(environment, "district")
    paths = {
        "page of the district": (f"/desk/area/{code}/", "12, 150 ms"), "one-screen": (f"/desk/screen/{code}/", ""),
        "trend and comparison": (f"/desk/area/{code}/compare/", ""),
    }  # fmt: skip
    rows = []
    for name, (path, target) in paths.items():
        ask = iter(lambda path=path: ("GET", path, "", HEADERS | {"Cookie": f"__Host-session={session}"}), None)
        queries = within(environment, "queries", path, session)
        rows.append((name, str(queries), *measured(ask, web, database, requests, plain), target))
    return rows


def _plain(database: Database) -> float:
    """Return the milliseconds of CPU of the database server for counting everything anew, as one query."""
    before = database.cpu_ms()
    for _time in range(3):
        database.connection.execute(PLAIN).fetchall()
    return (database.cpu_ms() - before) / 3


def _writing(
    environment: dict[str, str], world: dict[str, Any], web: Web, database: Database, requests: int
) -> list[tuple[str, ...]]:
    """Tell reports, then count them: what each costs a report."""
    within(environment, "count_on")
    drafts = among_reports(environment, "drafts", 4 * requests)
    tell = dict(requests_in(world, drafts))["tell, portal"]
    web.wait()
    web.ask(tell, 20)
    within(environment, "count_on")
    before = web.cpu_ms() + database.cpu_ms()
    web.ask(tell, requests)
    writing = (web.cpu_ms() + database.cpu_ms() - before) / requests
    rows = [("telling, a report", "", "", "", f"{writing:.1f}", "", "", "", "")]
    for number in (1, 100, 400):
        own, its = (ms / number for ms in within(environment, "count_told", number, database.postmaster))
        share = f"{100 * (own + its) / writing:.0f} %"
        name = f"counting {number} in as many units, a report"
        rows.append(
            (name, "", f"{own:.2f}", f"{its:.2f}", f"{own + its:.2f}", "", share, "", "10 %" if number > 1 else "")
        )
    return rows


def _within_both(environment: dict[str, str], database: Database, name: str) -> tuple[str, ...]:
    before = database.cpu_ms()
    own = within(environment, name)
    its = database.cpu_ms() - before
    return "", f"{own:.0f}", f"{its:.0f}", f"{own + its:.0f}"


def within(environment: dict[str, str], name: str, *arguments: object) -> Any:
    """Run a function of insight_within in a process of its own; return what it returns."""
    return json.loads(in_home(PROGRAM, environment, name, *map(json.dumps, arguments)).said.strip().splitlines()[-1])


if __name__ == "__main__":
    words = sys.argv[1:]
    asked = int(words[words.index("--requests") + 1]) if "--requests" in words else REQUESTS
    numbers = [int(word.replace(",", "")) for word in words if word.replace(",", "").isdigit()]
    began = time.monotonic()
    main(tuple(n for n in numbers if n != asked) or SIZES, asked)
    print(f"{time.monotonic() - began:.0f} s in all", file=sys.stderr)
