"""The database is away: a page says so and when to try again; once it is back all goes on by itself, for everybody."""

import http.client
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.clusters import descendants
from tests.faults.installation import ON_POSTGRESQL, ROOT, WEIDUAN, Installation, new_installation
from tests.faults.proxy import Wire
from tests.faults.residents import HEADERS
from tests.faults.test_reports_killed import gone
from tests.postgresql import _free_port

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="the embedded database is a file")


class Site:
    """The server with its worker, as it is started in production."""

    def __init__(self, installation: Installation, log: Path) -> None:
        self.port, self.log = _free_port(), log
        with log.open("wb") as out:
            command = [str(WEIDUAN), "serve", "--port", str(self.port), "--workers", "2"]
            self.process = subprocess.Popen(
                command, env=installation.environment, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        """Return status, headers and text of an answer; 0 where none came."""
        with suppress(OSError, http.client.HTTPException):
            wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            wire.request("GET", path, headers=HEADERS | headers)
            answer = wire.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        return 0, {}, ""

    def wait_for(self, status: int, path: str = "/healthz", within_s: float = 60) -> float:
        """Wait for an answer of this status; return how long it took."""
        begun = time.monotonic()
        while (seen := self.ask(path)[0]) != status:
            assert time.monotonic() - begun < within_s, f"{seen}: {self.log.read_text(errors='replace')[-2000:]}"
            time.sleep(0.2)
        return time.monotonic() - begun

    def stop(self) -> None:
        for process in [self.process.pid, *descendants(self.process.pid)]:
            gone(process)
        self.process.wait()


@pytest.fixture
def site(tmp_path):
    installation = new_installation(tmp_path / "home")
    wire = Wire(int(installation.environment["WEIDUAN_DB_PORT"]))
    installation.environment |= {
        "WEIDUAN_DB_PORT": str(wire.port),
        "WEIDUAN_DB_POOL": "4",
        "WEIDUAN_CLOCK_SECONDS": "1",
    }
    site = Site(installation, tmp_path / "log")
    try:
        site.wait_for(200)
        yield site, wire
    finally:
        site.stop()
        wire.cut()


def test_while_the_database_is_away_pages_say_so_and_afterwards_all_goes_on_by_itself(site):
    site, wire = site
    for _time in range(2):
        wire.cut()
        for path in ["/"]:
            status, headers, said = site.ask(path)
            assert (status, headers["retry-after"], headers["cache-control"]) == (503, "5", "no-store")
            assert 'id="away"' in said
        status, headers, said = site.ask("/api/v1/areas/510113000000/places")
        assert status == 503 and headers["content-type"] == "application/json" and "Away" in said
        assert site.ask("/healthz")[0] == 503
        assert site.ask("/static/css/weiduan.css")[0] == 200
        wire.mend()
        back = site.wait_for(200, within_s=30)
        print(f"back after {back:.1f} s")
        assert {site.ask("/healthz")[0] for _request in range(30)} == {200}  # no connection of before is handed out
    site.process.poll()
    assert site.process.returncode is None
