"""A private PostgreSQL for the tests, in a temporary folder, started on first use and stopped at the end."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

PORT_VARIABLE = "WEIDUAN_TEST_PORT"
# The service's role as docs/deploy.md asks for it: it owns its tables, and no lock of theirs is open to it.
SERVICE = "weiduan"
ROLE = (
    f"CREATE ROLE {SERVICE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS; GRANT pg_monitor TO {SERVICE};"
    f" ALTER DATABASE postgres OWNER TO {SERVICE}"
)


def database() -> dict:
    """Return Django's settings for the server, starting it unless a parent process did."""
    if PORT_VARIABLE not in os.environ:
        os.environ[PORT_VARIABLE] = str(_start())
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": SERVICE,
        "HOST": "127.0.0.1",
        "PORT": os.environ[PORT_VARIABLE],
    }


def _start() -> int:
    found, port = programs(), _free_port()
    folder = Path(tempfile.mkdtemp(prefix="weiduan-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    _run(found / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8", "-N")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c max_connections=260"
    _run(found / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    atexit.register(_stop, found, folder, os.getpid())
    _run(found / "psql", "-h", folder, "-p", port, "-U", "postgres", "-c", ROLE, "postgres")
    return port


def _stop(found: Path, folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked worker must not stop its parent's server
        _run(found / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def programs() -> Path:
    """Find the newest installed server; Debian keeps its programs off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise RuntimeError(
            "No PostgreSQL server is installed; “make test” installs one, or: apt-get install postgresql"
        )
    return found[-1].parent


def _run(program: Path, *arguments: object) -> None:
    """Run as the user postgres where we are root: the server refuses to run as root."""
    command = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stderr.decode(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
