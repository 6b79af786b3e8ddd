"""Told to stop, the server answers what it was asked before, takes nothing new, and is gone with its worker."""

import signal
import socket
import subprocess
import time
from contextlib import suppress

import pytest

from tests.faults.installation import new_installation
from tests.stories.served import free_port, serve

TOKEN = "a" * 32
# With its cookie, so that the other half of the token is looked for in the body: the answer hangs on the second half.
HEAD = (
    "POST /report/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"
    f"Referer: https://localhost/\r\nCookie: csrftoken={TOKEN}; __Host-csrf={TOKEN}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 40\r\n\r\n"
)


@pytest.fixture
def running(tmp_path):
    installation, port = new_installation(tmp_path / "home"), free_port()
    server = serve(installation.environment | {"WEIDUAN_HOSTS": "localhost,127.0.0.1"}, port, tmp_path / "log")
    yield server, port
    with suppress(ProcessLookupError):
        server.kill()
    server.wait(10)


def _half_asked(port: int) -> socket.socket:
    """A request whose second half is still to come."""
    asking = socket.create_connection(("127.0.0.1", port), timeout=10)
    asking.sendall(HEAD.encode() + b"step=what&text=" + b"x" * 5)
    return asking


def _rest(asking: socket.socket) -> bytes:
    asking.sendall(b"y" * 20)
    answer = b""
    while part := asking.recv(65536):
        answer += part
    return answer


def _workers(server: subprocess.Popen) -> list[str]:
    found = subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True).stdout.split()
    return [pid for pid in found if _alive(pid)]


def _alive(pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_what_was_asked_is_answered_and_then_everything_ends(running):
    server, port = running
    children = _workers(server)
    assert len(children) >= 2  # a web process and the worker
    asking = _half_asked(port)
    time.sleep(0.5)

    server.send_signal(signal.SIGTERM)
    time.sleep(1)
    answer = _rest(asking)

    assert answer.startswith(b"HTTP/1.1 403")  # whole; the token was missing in it
    assert "</html>" in answer.decode()
    assert server.wait(15) == 0
    assert not [pid for pid in children if _alive(pid)]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_killed_outright_it_answers_nothing_which_shows_that_the_first_test_would_see_it(running):
    server, port = running
    children = _workers(server)
    asking = _half_asked(port)
    time.sleep(0.5)
    subprocess.run(["kill", "-9", str(server.pid), *children], check=True)
    with suppress(OSError):
        assert _rest(asking) == b""
