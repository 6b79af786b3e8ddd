"""The files for one server: each names what there is, nginx takes its own, and the database gives the service no more than it needs."""

import configparser
import json
import os
import re
import secrets
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from http.client import HTTPSConnection
from pathlib import Path

import psycopg
import pytest

from tests.faults.clusters import Cluster
from tests.stories.served import free_port
from weiduan.doors.console import main

ONE = Path(__file__).parents[2] / "deploy" / "one"
ON_POSTGRESQL = os.environ.get("WEIDUAN_TEST_DATABASE") == "postgresql"
PLACEHOLDER = re.compile(r"<[^>]+>")
FILLER = secrets.token_hex(32)


def _units() -> dict[str, configparser.ConfigParser]:
    units = {}
    for path in [*ONE.glob("*.service"), *ONE.glob("*.timer")]:
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str
        unit.read(path)
        units[path.name] = unit
    return units


def _variables(name: str) -> dict[str, str]:
    """What a shell reads from an environment file, its placeholders filled in."""
    text = PLACEHOLDER.sub(FILLER, (ONE / name).read_text(encoding="utf-8"))
    said = subprocess.run(
        ["sh", "-c", f"set -a; {text}\nenv -0"], env={}, capture_output=True, text=True, check=True
    ).stdout
    found = dict(entry.split("=", 1) for entry in said.split("\0") if entry)
    return {name: value for name, value in found.items() if name.startswith(("WEIDUAN_", "DJANGO_"))}


def test_each_unit_runs_a_command_that_there_is():
    main._register()
    lines = [unit["Service"]["ExecStart"] for unit in _units().values() if "Service" in unit]
    asked = [re.search(r"/opt/weiduan/bin/weiduan ([^'$]+)", line)[1] for line in lines]
    assert len(asked) >= 3
    for words in map(shlex.split, asked):
        command = main.weiduan.commands[words[0]]
        if len(words) > 1 and not words[1].startswith("-") and hasattr(command, "commands"):
            command = command.commands[words[1]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_each_timer_has_its_service_and_the_service_is_not_root():
    units = _units()
    assert {name.replace(".timer", ".service") for name in units if name.endswith(".timer")} <= set(units)
    assert {unit["Service"]["User"] for unit in units.values() if "Service" in unit} == {"weiduan"}


def test_the_environment_is_whole_and_production_starts_with_it(tmp_path):
    said = _variables("weiduan.env") | _here(tmp_path)
    for more in ({}, _variables("owner.env")):
        command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
        done = subprocess.run(command, env=said | more, capture_output=True, text=True)
        assert (done.returncode, done.stderr.strip()) == (0, "")


def _here(home: Path) -> dict[str, str]:
    return {"WEIDUAN_HOME": str(home), "WEIDUAN_HOSTS": "weiduan.example", "PATH": os.environ["PATH"]}


def test_systemd_reads_the_same_as_a_shell():
    for name in ("weiduan.env", "owner.env"):
        lines = PLACEHOLDER.sub(FILLER, (ONE / name).read_text(encoding="utf-8")).splitlines()
        given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        # Quotes around the whole value are the one form both take off.
        assert {key: value.removeprefix("'").removesuffix("'") for key, value in given.items()} == _variables(name)


def test_every_secret_of_the_example_is_left_to_fill_in():
    lines = [
        line.split("=", 1) for line in (ONE / "weiduan.env").read_text(encoding="utf-8").splitlines() if "=" in line
    ]
    secret = [value for name, value in lines if re.search("KEY$|KEYS$|PASSWORD|TOKEN", name)]
    assert len(secret) >= 5 and all(PLACEHOLDER.search(value) for value in secret)


# ---- nginx, for real, before a server that says what it was asked


ECHO = """
import http.server, json
class Say(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Say).serve_forever()
"""


@pytest.fixture
def proxy(tmp_path):
    """nginx with the handed-out file, only names, ports and certificate filled in."""
    behind, secure, plain = free_port(), free_port(), free_port()
    certificate = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=weiduan.example",
    ]
    subprocess.run(
        [*certificate, "-keyout", tmp_path / "key.pem", "-out", tmp_path / "fullchain.pem"],
        check=True,
        capture_output=True,
    )
    site = (
        (ONE / "nginx.conf")
        .read_text(encoding="utf-8")
        .replace("/etc/ssl/weiduan", str(tmp_path))
        .replace(":8000", f":{behind}")
    )
    site = (
        re.sub(r"listen \[::\].*\n", "", site)
        .replace("listen 80;", f"listen {plain};")
        .replace("listen 443 ssl", f"listen {secure} ssl")
    )
    (tmp_path / "site.conf").write_text(site)
    paths = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}} http {{ {paths} include {tmp_path}/site.conf; }}"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    running = [
        subprocess.Popen([sys.executable, "-c", ECHO.replace("{port}", str(behind))]),
        subprocess.Popen([program, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"]),
    ]
    _wait_for(secure, behind)
    yield secure, plain, tmp_path
    for process in running:
        process.terminate()
        process.wait(10)


def _wait_for(*ports: int) -> None:
    until = time.monotonic() + 20
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < until, "it did not start"
                time.sleep(0.1)


def _get(secure, path, **headers):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", secure, context=context, timeout=5)
    connection.request("GET", path, headers={"Host": "weiduan.example"} | headers)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def test_nginx_says_who_asks_and_believes_nobody_about_it(proxy):
    secure, _plain, folder = proxy
    answer, body = _get(
        secure,
        "/r/a-receipt/",
        **{"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "http", "X-Request-ID": "forged-id"},
    )
    said = {name.lower(): value for name, value in json.loads(body).items()}  # the echo of our own server
    assert (answer.status, said["x-forwarded-for"], said["x-forwarded-proto"], said["host"]) == (
        200,
        "127.0.0.1",
        "https",
        "weiduan.example",
    )
    assert re.fullmatch("[0-9a-f]{32}", said["x-request-id"])
    assert "nginx/" not in answer.headers["Server"]
    assert not any(b"a-receipt" in path.read_bytes() for path in folder.iterdir() if path.is_file())


def test_nginx_sends_plain_http_to_tls(proxy):
    _secure, plain, _folder = proxy
    with socket.create_connection(("127.0.0.1", plain), timeout=5) as asking:
        asking.sendall(b"GET /u/1/ HTTP/1.1\r\nHost: weiduan.example\r\nConnection: close\r\n\r\n")
        head = asking.recv(4096).decode()
    assert "301" in head.split("\r\n")[0] and "https://weiduan.example/u/1/" in head


# ---- the roles of the database


@pytest.fixture
def roles():
    """A server of its own with what roles.sql makes; yields how its superuser connects, and psql."""
    cluster = Cluster()
    server = cluster.address
    superuser = {"host": server["HOST"], "port": int(server["PORT"]), "user": server["USER"], "dbname": "weiduan"}
    psql = [
        cluster.programs / "psql",
        "-X",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        server["HOST"],
        "-p",
        server["PORT"],
        "-U",
        server["USER"],
    ]
    given = ["-v", "owner_password='o'", "-v", "service_password='s'"]
    subprocess.run([*psql, *given, "-d", "postgres", "-f", ONE / "roles.sql"], check=True, capture_output=True)
    yield superuser, psql
    cluster.stop()


@pytest.mark.skipif(not ON_POSTGRESQL, reason="roles are PostgreSQL's")
@pytest.mark.django_db
def test_the_service_works_and_backs_up_and_can_change_nothing_in_the_ledger(roles, tmp_path):
    database, psql = roles
    environment = _variables("weiduan.env") | _here(tmp_path / "home")
    environment |= {"WEIDUAN_DB_PORT": str(database["port"]), "WEIDUAN_DB_USER": "weiduan_owner"}
    subprocess.run([sys.executable, "-m", "weiduan", "migrate"], env=environment, check=True, capture_output=True)
    subprocess.run([*psql, "-d", "weiduan", "-f", ONE / "ledger.sql"], check=True, capture_output=True)

    as_service = environment | {"WEIDUAN_DB_USER": "weiduan"}
    done = subprocess.run([sys.executable, "-m", "weiduan", "tick"], env=as_service, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    for command in (
        ["backup-key", tmp_path / "private.pem"],
        ["backup", tmp_path / "backups"],
        ["backup-keys", tmp_path / "keys"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "weiduan", *command], env=as_service, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    with psycopg.connect(**database | {"user": "weiduan"}, autocommit=True) as service:
        assert service.execute("SELECT count(*) FROM ledger_entry").fetchone()[0] > 0
        for deed in (
            "UPDATE ledger_entry SET what = 'x'", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry",
            "ALTER TABLE ledger_entry DISABLE TRIGGER ALL", "DROP TABLE ledger_entry", "CREATE TABLE x (y int)",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(deed)
