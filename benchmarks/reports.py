"""Reports on PostgreSQL, served by granian with two web processes: queries and CPU of telling, of the list of 50, of one report.

CPU is that of the web processes and of the whole database server together, from /proc, over some hundreds of requests made by
a program of its own; beside it what bare INSERTs and SELECTs of the same rows cost that program and the server. Told at 1,000
reports, at 20,000 and at 1,000,000: 1,000 lie open with words sealed and a contact, the others were closed years ago and their words
erased. Targets: telling 8 queries and 8 ms, the list 8 and 30, one report 10 and 10.
Usage: benchmarks/reports.py [SIZE …] [--requests N]
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from measuring import ROOT, in_home, installation, table
from psycopg import sql

SIZES, REQUESTS, CLIENTS, OPEN, UNITS = (1_000, 20_000, 1_000_000), 400, 4, 1_000, 5_000
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
SECRET = "c" * 32
PROGRAM = """
import json, sys
sys.path[:0] = ["benchmarks"]
import reports_within
print(json.dumps(getattr(reports_within, sys.argv[1])(*map(json.loads, sys.argv[2:]))))
"""
HEADS = ("reports", "request", "queries", "web ms", "database ms", "CPU ms", "bare ms", "times", "median ms", "target")


def main(sizes: tuple[int, ...], requests: int) -> None:
    rows = []
    with installation("postgresql") as environment:
        environment = environment | {"WEIDUAN_HOSTS": "testserver,localhost", "WEIDUAN_CLOCK_SECONDS": "0"}
        world = within(environment, "set_up", UNITS, OPEN)
        database = Database(environment)
        for size in sizes:
            within(environment, "close_told", OPEN)
            within(environment, "grow_to", size)
            database.settle()
            rows.append(database.tick(f"{size:,}", environment))
            queries = within(environment, "queries", world)
            with served(environment) as web:
                drafts = within(environment, "drafts", 3 * requests + 200)
                for name, ask in requests_in(world, drafts):
                    bare = database.bare(name, world)
                    rows.append(
                        (f"{size:,}", name, queries[name], *measured(ask, web, database, requests, bare), TARGETS[name])
                    )
                    print(*rows[-1], file=sys.stderr, flush=True)
    table(HEADS, rows)


TARGETS = {
    "tell, portal": "8, 8 ms", "tell, portal, with a point": "8, 8 ms", "tell, Open311": "8, 8 ms",
    "list of 50, village": "8, 30 ms", "list of 50, district": "8, 30 ms", "one report": "10, 10 ms",
}  # fmt: skip


def within(environment: dict[str, str], name: str, *arguments: object) -> Any:
    """Run a function of reports_within in a process of its own; return what it returns."""
    return json.loads(in_home(PROGRAM, environment, name, *map(json.dumps, arguments)).said.strip().splitlines()[-1])


@contextmanager
def served(environment: dict[str, str]) -> Iterator["Web"]:
    """Serve with two web processes as `weiduan serve` does, without the worker, whose CPU is not asked for."""
    from tests.postgresql import _free_port

    port = _free_port()
    command = [Path(sys.executable).with_name("granian"), "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4",
               "--port", str(port), "--no-ws", "--log-level", "warning", "weiduan.config.wsgi:application"]  # fmt: skip
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield Web(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=20)


Asked = tuple[str, str, str, dict[str, str]]  # method, path, body, headers


@dataclass(frozen=True)
class Web:
    """The server: the process all its others come from, and where it answers."""

    pid: int
    port: int

    def cpu_ms(self) -> float:
        return cpu_ms(self.pid)

    def ask(self, asked: Iterator[Asked], times: int) -> list[float]:
        """Ask so many times over a few connections; return the milliseconds each took."""
        todo = [next(asked) for _time in range(times)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            parts = pool.map(self._asked, [todo[n::CLIENTS] for n in range(CLIENTS)])
            return [took for part in parts for took in part]

    def _asked(self, todo: list[Asked]) -> list[float]:
        took, connection = [], http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for method, path, body, headers in todo:
            began = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            took.append((time.perf_counter() - began) * 1000)
            if answer.status not in (200, 201, 302) or (
                answer.status == 302 and "/r/" not in answer.headers["Location"]
            ):
                raise RuntimeError(f"{path}: {answer.status} {said[:2000]!r}")
        connection.close()
        return took

    def wait(self) -> None:
        """Wait until it answers."""
        for _try in range(100):
            try:
                self._asked([("GET", "/healthz", "", HEADERS)])
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError("the server does not answer")


HEADERS = {"Host": "localhost", "X-Forwarded-Proto": "https", "Referer": "https://localhost/report/"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def requests_in(world: dict[str, Any], drafts: list[str]) -> Iterator[tuple[str, Iterator[Asked]]]:
    """Yield (name, requests) of what is measured; each telling takes a draft, of which there are enough for two kinds."""
    yield "list of 50, village", _pages("/desk/reports/", world["sessions"]["village"])
    yield "list of 50, district", _pages("/desk/reports/", world["sessions"]["district"])
    yield "one report", _pages(f"/desk/reports/{world['report']}/", world["sessions"]["village"])
    half = len(drafts) // 2
    yield "tell, portal", (telling_by_portal(world, draft) for draft in drafts[:half])
    yield "tell, portal, with a point", (telling_by_portal(world, draft, world["point"]) for draft in drafts[half:])
    yield "tell, Open311", (telling_by_key(world, number) for number in count())


def telling_by_portal(world: dict[str, Any], draft: str, point: Sequence[str] = ("", "")) -> Asked:
    said = {
        "step": "send", "do": "send", "draft": draft, "csrfmiddlewaretoken": SECRET, "text": world["text"], "place": "3号楼东侧",
        "category": world["category"], "unit": world["unit"], "lon": point[0], "lat": point[1],
        "wish": "answerable", "contact": "13800000000",
    }  # fmt: skip
    return "POST", "/report/", urlencode(said), HEADERS | FORM | {"Cookie": f"__Host-csrf={SECRET}"}


def telling_by_key(world: dict[str, Any], number: int) -> Asked:
    said = {
        "api_key": world["key"], "service_code": world["category"], "description": world["text"], "address_id": world["unit"],
        "address_string": "3号楼东侧", "phone": "13800000000",
    }  # fmt: skip
    return "POST", "/open311/v2/requests.json", urlencode(said), HEADERS | FORM


def _pages(path: str, session: str) -> Iterator[Asked]:
    while True:
        yield "GET", path, "", HEADERS | {"Cookie": f"__Host-session={session}"}


def measured(ask: Iterator[Asked], web: Web, database: "Database", requests: int, bare: float) -> tuple[str, ...]:
    """Return CPU of the web, of the database, of both, the bare one, how many times that, and the median time, a request."""
    web.wait()
    web.ask(ask, 40)  # each process reads templates, code and areas once in its life
    before = web.cpu_ms(), database.cpu_ms()
    took = web.ask(ask, requests)
    own, its = (web.cpu_ms() - before[0]) / requests, (database.cpu_ms() - before[1]) / requests
    figures = f"{own:.1f}", f"{its:.1f}", f"{own + its:.1f}", f"{bare:.2f}", f"{(own + its) / bare:.0f}"
    return (*figures, f"{statistics.median(took):.0f}")


class Database:
    """The private server: what it costs, and what it costs to ask it without us."""

    def __init__(self, environment: dict[str, str]) -> None:
        own = {"host": environment["WEIDUAN_DB_HOST"], "port": environment["WEIDUAN_DB_PORT"]}
        self.connection = psycopg.connect(
            dbname=environment["WEIDUAN_DB_NAME"], user="postgres", autocommit=True, **own
        )
        self.postmaster = _parent(self.connection.info.backend_pid)

    def cpu_ms(self) -> float:
        return cpu_ms(self.postmaster)

    def tick(self, size: str, environment: dict[str, str]) -> tuple[str, ...]:
        """Return the row of the clock, which ticks each minute; the first tick of the two it makes counts for the database too."""
        before = self.cpu_ms()
        own = within(environment, "tick")
        its = (self.cpu_ms() - before) / 2
        return size, "the clock, each minute", "", f"{own:.0f}", f"{its:.0f}", f"{own + its:.0f}", "", "", "", ""

    def settle(self) -> None:
        """Do now what the server would do by itself some time after so many rows have come."""
        self.connection.execute("VACUUM ANALYZE")
        self.connection.execute("CHECKPOINT")

    def bare(self, name: str, world: dict[str, Any], times: int = 2_000) -> float:
        """Return the CPU of this process and of the server for the rows of a request, asked for without anything around."""
        ask = self._bare_insert() if name.startswith("tell") else self._bare_select(name, world)
        for _time in range(50):
            ask()
        before = time.process_time() * 1000 + self.cpu_ms()
        for _time in range(times):
            ask()
        return (time.process_time() * 1000 + self.cpu_ms() - before) / times

    def _bare_insert(self) -> Callable[[], object]:
        """The rows that one telling leaves, in one transaction, into tables with the same columns, indexes and checks."""
        rows = [self._like(name, where) for name, where in ROWS.items()]
        number = count(int(time.time() * 1000) * 1000)

        def insert() -> None:
            with self.connection.transaction():
                for statement, row, fresh in rows:
                    self.connection.execute(
                        statement, row | {column: make(next(number)) for column, make in fresh.items()}
                    )

        return insert

    def _like(self, name: str, where: str) -> tuple[Any, dict[str, Any], dict[str, Callable[[int], Any]]]:
        copy = sql.Identifier(f"bare_{name}")
        self.connection.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} (LIKE {} INCLUDING ALL)").format(copy, sql.Identifier(name))
        )
        cursor = self.connection.execute(sql.SQL("SELECT * FROM {} WHERE " + where).format(sql.Identifier(name)))
        assert cursor.description is not None
        columns, row = [each.name for each in cursor.description], cursor.fetchone()
        assert row is not None
        values = {
            column: json.dumps(value) if isinstance(value, dict) else value
            for column, value in zip(columns, row, strict=True)
        }
        fresh = {column: make for column, make in FRESH.items() if column in columns}
        if isinstance(values["id"], uuid.UUID):
            fresh["id"] = lambda n: uuid.uuid4()
        into = sql.SQL(", ").join(map(sql.Identifier, columns))
        places = sql.SQL(", ").join(map(sql.Placeholder, columns))
        return (
            sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(copy, into, places),
            values,
            fresh,
        )

    def _bare_select(self, name: str, world: dict[str, Any]) -> Callable[[], object]:
        ask = self.connection.execute
        if name == "one report":
            one = "SELECT * FROM governance_report AS r JOIN governance_category AS c ON c.id = r.category_id WHERE r.id = %s"
            steps = "SELECT * FROM governance_step WHERE report_id = %s ORDER BY at, id"
            return lambda: [ask(q, [world["report"]]).fetchall() for q in (one, steps)]
        handlers = world["handlers"][name.split()[-1]]
        rows = (
            "SELECT * FROM governance_report AS r JOIN governance_category AS c ON c.id = r.category_id WHERE r.handler_id = ANY(%s) "
            "AND r.state IN ('filed', 'accepted', 'in_hand', 'disputed') ORDER BY r.due_at, r.number LIMIT 50"
        )
        return lambda: ask(rows, [handlers]).fetchall()


ROWS = {
    "governance_report": "words_erased_at IS NULL AND state = 'filed' LIMIT 1", "governance_searchwords": "true LIMIT 1",
    "governance_contact": "true LIMIT 1", "ledger_entry": "what = 'report.told' LIMIT 1",
}  # fmt: skip
# What must be another in each row; a key is a number, or random.
FRESH: dict[str, Callable[[int], Any]] = {
    "id": lambda n: n, "number": lambda n: str(n)[-14:], "receipt_hash": lambda n: n.to_bytes(32, "big"),
    "report_id": lambda n: uuid.uuid4(), "pos": lambda n: n,
}  # fmt: skip


def cpu_ms(root: int) -> float:
    """Return the CPU that a process and all that stem from it have used, ended ones with it."""
    total, left = 0, [root]
    while left:
        pid = left.pop()
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            left += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))  # user and system, its own and of children that ended
    return total * TICK_MS


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


if __name__ == "__main__":
    words = sys.argv[1:]
    asked = int(words[words.index("--requests") + 1]) if "--requests" in words else REQUESTS
    numbers = [int(word.replace(",", "")) for word in words if word.replace(",", "").isdigit()]
    main(tuple(n for n in numbers if n != asked) or SIZES, asked)
