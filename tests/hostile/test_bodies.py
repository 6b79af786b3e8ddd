"""Bodies that nest, swell or lie about what they are end in a refusal, and cost nothing."""

import gzip
import json
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.rights.world import a_world

pytestmark = pytest.mark.django_db
DEEP = 100_000
BODIES = {
    "a hundred thousand brackets": b"[" * DEEP + b"]" * DEEP,
    "a hundred thousand braces": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "never closed": b"[" * DEEP,
    "a number of a million digits": b'{"organisation": ' + b"9" * 1_000_000 + b"}",
    "no number": b'{"organisation": NaN}',
    "the same key again and again": b"{" + b'"organisation":1,' * 10_000 + b'"organisation":"x"}',
    "packed": gzip.compress(b"0" * 10_000_000),
    "no text": b"\xff\xfe\x00\xd8",
    "half of a sign": json.dumps({"organisation": "\ud800", "number": "\ud800"}).encode(),
    "a null": json.dumps({"organisation": "\0"}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_program_that_sends_this_is_refused(body):
    world, client = a_world(), Client(raise_request_exception=False)
    client.force_login(world.users["village"])
    began = time.process_time()
    packed = {"HTTP_CONTENT_ENCODING": "gzip"} if body[:2] == b"\x1f\x8b" else {}
    for path in ("/api/v1/members", "/api/v1/changes", f"/api/v1/members/{world.keys['own']['member']}/state"):
        answer = client.post(path, body, content_type="application/json", **packed)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
    assert time.process_time() - began < 2


NAMES = [
    "../../etc/passwd", "..\\..\\x.jpg", "/etc/passwd", "x\r\nSet-Cookie: a=b.jpg", "a" * 5000 + ".jpg", ".htaccess",
    "x.jpg\0.html", "CON", "\u202egpj.exe",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:30])
def test_the_name_of_a_file_is_never_where_it_lies(name, settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path / "home"
    settings.HOME.mkdir()
    world, client = a_world(), Client(raise_request_exception=False)
    client.force_login(world.users["superuser"])
    sent = SimpleUploadedFile("x.xlsx", b"PK\x03\x04")
    sent._name = name
    answer = client.post(
        "/desk/survey/", {"area": world.keys["own"]["code"], "kind": "workbook", "coordinates": "", "file": sent}
    )

    assert answer.status_code < 500
    assert {path.parent.name for path in (tmp_path / "home").rglob("*.xlsx")} <= {"surveys"}
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and "home" not in path.parts]
    assert "Set-Cookie: a=b" not in str(answer.headers)
