"""Every address that answers a GET, filled in; and what an answer, a file or a database says, looked through for words."""

import base64
import io
import itertools
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
# Made from the code alone, and slowly.
DESCRIBED = {"/api/v1/openapi.json"}
# What browsers are told anew each time: tokens and drafts of forms.
DRAWN = re.compile(rb'name="(csrfmiddlewaretoken|draft)" value="[^"]*"')


def addresses(known: Mapping[str, Sequence[str]]) -> list[str]:
    """Return every address there is, with each parameter filled in by the values known for its name, else for its kind."""
    found = {address for route in _routes(get_resolver()) for address in _filled(route, known)}
    return sorted(found - DESCRIBED)


def _routes(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + _plain(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def _plain(route: str) -> str:
    """Write a regular expression as the other routes are written."""
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", route.lstrip("^").replace("\\Z", "")).rstrip("$").replace("\\.", ".")


def _filled(route: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    parameters = PARAMETER.findall(route)
    values = [known.get(name) or known.get(kind) or ["x"] for kind, name in parameters]
    for chosen in itertools.product(*values):
        one = iter(chosen)
        yield PARAMETER.sub(lambda _match: next(one), route)  # noqa: B023  # used up at once


def said_in(answer: HttpResponse) -> bytes:
    """Return everything an answer says: its head, its cookies, its body, and what is packed in a workbook or a PDF."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = f"{answer.headers}{answer.cookies}".encode()
    return head + body + unpacked(body)


def unpacked(content: bytes) -> bytes:
    """Return what is packed in a file: the parts of a workbook, the streams of a PDF, a cached answer."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return b"".join(book.read(name) for name in sorted(book.namelist()))
    return b"".join(_inflated(content[found.start() :]) for found in re.finditer(rb"\x78[\x01\x9c\xda]", content))


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(content)
    except zlib.error:
        return b""


def body_of(answer: HttpResponse) -> bytes:
    """Return an answer to be compared with another: without what is drawn at random, or says when a file was made."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return b"".join(book.read(name) for name in sorted(book.namelist()) if name != "docProps/core.xml")
    if body.startswith(b"%PDF"):
        return re.sub(rb"/(CreationDate|ModDate|ID)[^\n]*", b"", body)
    return DRAWN.sub(b"", body)


@lru_cache
def written(word: str) -> list[bytes]:
    """Return a word as it may stand in bytes: plain, in JSON, in an address, in hex, in base64."""
    plain = word.encode()
    ways = {
        plain,
        json.dumps(word)[1:-1].encode(),
        quote(word).encode(),
        plain.hex().encode(),
        word.encode("utf-16-le"),
    }
    return [*ways, *(base64.b64encode(b"x" * n + plain)[4 if n else 0 : -4] for n in range(3))]


def found_in(content: bytes, words: Sequence[str]) -> set[str]:
    """Return those of the words that stand in some bytes, in any of these ways."""
    return {word for word in words if any(way in content for way in written(word))}


def dump() -> dict[str, bytes]:
    """Return the whole database: table → everything its rows hold; sessions opened."""
    tables = {}
    with connection.cursor() as cursor:
        for table in _tables(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            tables[table] = b"\n".join(_cell(value) for row in cursor.fetchall() for value in row)
    opened = [str(session.get_decoded()) for session in Session.objects.all()]
    return tables | {"sessions, opened": "".join(opened).encode()}


def _tables(cursor) -> list[str]:
    if connection.vendor == "postgresql":
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [name for (name,) in cursor.fetchall()]


def _cell(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the files of an installation and what is packed in them; not the keys of cases, which backups leave out."""
    found = (path for path in folder.rglob("*") if path.is_file() and "case-keys" not in path.parts)
    return {str(path): str(path).encode() + path.read_bytes() + unpacked(path.read_bytes()) for path in found}


def log_of_the_database() -> bytes:
    """Return what the database's server wrote down; the embedded one writes nothing."""
    if connection.vendor != "postgresql":
        return b""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return (Path(cursor.fetchone()[0]).parent / "log").read_bytes()
