"""A whole server comes back as it was at a moment: what was acknowledged before is there, what came later isn't."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tests import postgresql
from tests.faults.clusters import Cluster
from tests.faults.installation import ON_POSTGRESQL
from weiduan.ground.backups import chest, log, restoring, taking
from weiduan.ground.backups.chest import ChestBroken

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="a server's log is PostgreSQL's")


@pytest.fixture
def kept(tmp_path, settings):
    """A server with a table of moments, a key, and a place for backups."""
    chest.new_key(tmp_path / "private.pem", tmp_path / "public.pem")
    cluster = Cluster("max_wal_senders = 4\n")
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    settings.DATABASES = {
        "default": settings.DATABASES["default"] | cluster.address | {"NAME": "postgres", "PASSWORD": ""}
    }
    restored = Path(tempfile.mkdtemp(prefix="weiduan-restored-"))  # the server's own user must be able to enter
    restored.chmod(0o755)
    try:
        with psycopg.connect(at(cluster), autocommit=True) as raw:
            raw.execute("CREATE TABLE told (n integer PRIMARY KEY, at timestamptz)")
        yield cluster, tmp_path, restored
    finally:
        cluster.stop()
        shutil.rmtree(restored, ignore_errors=True)


def at(cluster: Cluster) -> str:
    return f"host=127.0.0.1 port={cluster.address['PORT']} user=postgres dbname=postgres"


def tell(cluster: Cluster, first: int, until: int) -> datetime:
    """Write so many rows, each acknowledged; return the moment after the last."""
    with psycopg.connect(at(cluster), autocommit=True) as raw:
        for n in range(first, until):
            raw.execute("INSERT INTO told VALUES (%s, clock_timestamp())", [n])
        [moment] = raw.execute("SELECT clock_timestamp()").fetchone() or [None]
    assert isinstance(moment, datetime)
    return moment


def told_in(folder: Path, port: str) -> list[int]:
    """Start a server in a folder and return what it holds once it takes writes."""
    programs = postgresql.programs()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c archive_mode=off"
    try:
        postgresql._run(
            programs / "pg_ctl", "-D", folder, "-o", options, "-l", folder / "said", "-w", "-t", "60", "start"
        )
    except RuntimeError as error:
        raise AssertionError((folder / "said").read_text()[-3000:]) from error
    try:
        with psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres", autocommit=True) as raw:
            for _try in range(200):
                if raw.execute("SELECT pg_is_in_recovery()").fetchone() == (False,):
                    break
                raw.execute("SELECT pg_sleep(0.05)")
            return [n for (n,) in raw.execute("SELECT n FROM told ORDER BY n").fetchall()]
    finally:
        postgresql._run(programs / "pg_ctl", "-D", folder, "-m", "immediate", "stop")


def test_restored_to_a_moment_everything_acknowledged_before_is_there_and_nothing_after(kept):
    cluster, folder, restored = kept
    recipient, key = chest.read_public(folder / "public.pem"), chest.read_private(folder / "private.pem")
    following = log.follow(folder / "spool", folder / "log", recipient, every_s=0.3)
    next(following)
    tell(cluster, 0, 100)
    taking.back_up_server(folder / "backups", at=datetime.now(UTC), recipient=recipient)
    moment = tell(cluster, 100, 200)
    with psycopg.connect(at(cluster), autocommit=True) as raw:
        raw.execute("SELECT pg_switch_wal()")
    tell(cluster, 200, 300)
    next(following)
    next(following)
    cluster.kill()
    tell_after = list((folder / "log").iterdir())
    following.close()
    assert len(tell_after) > 1 and all(path.read_bytes().startswith(chest.MAGIC) for path in tell_after)

    for name, to, wanted in (("moment", moment, 200), ("end", None, 300)):
        restoring.restore_server(folder / "backups", key, restored / name, to=to, log=folder / "log")
        assert told_in(restored / name, str(postgresql._free_port())) == list(range(wanted))
    with pytest.raises(restoring.SomethingIsThere):
        restoring.restore_server(folder / "backups", key, restored / "end", to=None, log=folder / "log")


def test_of_the_log_nothing_spoilt_is_handed_to_a_server(kept):
    _cluster, folder, _restored = kept
    name, other = "0000000100000000000000AA", "0000000100000000000000AB"
    recipient, key = chest.read_public(folder / "public.pem"), chest.read_private(folder / "private.pem")
    spool = folder / "spool"
    spool.mkdir()
    for each, content in ((name, b"whole"), (f"{other}.partial", b"as far as it goes"), ("passwd", b"x")):
        (spool / each).write_bytes(content)
    assert log.keep_all(spool, folder / "log", recipient) == 2
    assert sorted(path.name for path in spool.iterdir()) == [f"{other}.partial", "passwd"]
    log.lay_out(folder / "log", folder / "out", key)
    assert {path.name: path.read_bytes() for path in (folder / "out").iterdir()} == {
        name: b"whole",
        other: b"as far as it goes",
    }
    sealed = folder / "log" / f"{name}.chest"
    sealed.write_bytes(sealed.read_bytes()[:-1])
    with pytest.raises(ChestBroken):
        log.lay_out(folder / "log", folder / "spoilt", key)
