"""Residents who tell matters over HTTP until each is acknowledged, and a gateway for their messages that counts and breaks down."""

import http.client
import json
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from itertools import count
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from tests.systems.governance.matters import FIRE_LANE, UNIT

# Production wants TLS before it; its proxy says so like this.
HEADERS = {"Host": "localhost", "X-Forwarded-Proto": "https", "Referer": "https://localhost/report/"}
# What a browser sends with a form, and the same in a cookie, under its name in either of the settings.
TOKEN, COOKIES, SECRET = "csrfmiddlewaretoken", ("csrftoken", "__Host-csrf"), "c" * 32
PICTURE = BytesIO()
Image.new("RGB", (40, 30), "red").save(PICTURE, "JPEG")


@dataclass(frozen=True)
class Told:
    """One matter as whoever told it knows it."""

    receipt: str
    text: str
    contact: str
    photos: int


@dataclass
class Residents:
    """So many at once; `told` is what was acknowledged, `tries` how often it was sent altogether."""

    port: int
    told: list[Told] = field(default_factory=list)
    tries: int = 0
    last: tuple[int, str] = (0, "")  # what was answered last
    ending: threading.Event = field(default_factory=threading.Event)

    def begin(self, number: int) -> None:
        """Let them tell one matter after the other."""
        self._numbers = count(1)
        self._threads = [threading.Thread(target=self._tell_on, daemon=True) for _resident in range(number)]
        for thread in self._threads:
            thread.start()

    def end(self, within_s: float) -> None:
        """Let each come to the end of the matter it is at."""
        self.ending.set()
        until = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            assert not thread.is_alive(), f"a matter was never acknowledged: {self.last}"

    def _tell_on(self) -> None:
        while not self.ending.is_set():
            self.told.append(self._told(next(self._numbers)))
            time.sleep(0.03)

    def _told(self, number: int) -> Told:
        """Tell one matter; the same form is sent again until it is acknowledged."""
        contact, photos = (f"138{number:08d}" if number % 3 else ""), (1 if number % 5 == 0 else 0)
        text = f"第{number}件：消防通道被车堵了"
        form = self._form()
        said: dict[str, Any] = form | {
            "step": "send", "do": "send", "text": text, "category": FIRE_LANE, "unit": UNIT, "place": "3号楼",
            "wish": "answerable" if contact else "anonymous", "contact": contact,
        }  # fmt: skip
        while True:
            self.tries += 1
            status, headers, body = self._asked("POST", "/report/", said, photos)
            self.last = status, re.sub(r"<[^>]+>|\s+", " ", body)[-400:] if status != 302 else ""
            if status == 302:
                return Told(headers["Location"].split("/")[-2], text, contact, photos)
            if status == 400 and (
                fresh := re.findall(r'name="draft" value="([^"]+)"', body)
            ):  # it was open for too long
                said["draft"] = fresh[-1]
            time.sleep(0.1)

    def _form(self) -> dict[str, str]:
        """Open the form, as often as it takes; return what it carries hidden."""
        while True:
            status, _headers, body = self._asked("GET", "/report/")
            if status == 200:
                return {"draft": re.findall(r'name="draft" value="([^"]+)"', body)[-1], TOKEN: SECRET}
            time.sleep(0.1)

    def _asked(
        self, method: str, path: str, said: dict[str, Any] | None = None, photos: int = 0
    ) -> tuple[int, Any, str]:
        """Ask once; status 0 where no answer came."""
        connection, body, headers = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10), None, dict(HEADERS)
        if said is not None:
            pictures = [SimpleUploadedFile("a.jpg", PICTURE.getvalue(), "image/jpeg") for _photo in range(photos)]
            body = encode_multipart(BOUNDARY, said | ({"photos": pictures} if pictures else {}))
            headers |= {"Content-Type": MULTIPART_CONTENT, "Cookie": "; ".join(f"{c}={SECRET}" for c in COOKIES)}
        with suppress(OSError, http.client.HTTPException):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode(errors="replace")
        connection.close()
        return 0, {}, ""


class Gateway:
    """A gateway for SMS that honours keys: `effects` are the messages it delivered, by key.

    Of every seven messages it refuses one at first, and of another it takes the first but never answers.
    """

    def __init__(self) -> None:
        self.effects: dict[str, dict[str, str]] = {}
        self.attempts, self._lock, self._seen = 0, threading.Lock(), set[str]()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = gateway._took(self.headers["Idempotency-Key"], body)
                if status:
                    self.send_response(status)
                    self.end_headers()
                else:
                    self.close_connection = True

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _took(self, key: str, body: dict[str, str]) -> int:
        with self._lock:
            self.attempts += 1
            is_first = key not in self._seen
            self._seen.add(key)
            turn = len(self._seen) % 7 if is_first else None
            if turn == 3:
                return 503
            self.effects.setdefault(key, body)
            return 0 if turn == 5 else 202

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()
