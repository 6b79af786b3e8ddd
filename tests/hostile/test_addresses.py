"""Hostile addresses, parameters and fields lead nowhere else, add no line to a head, and come back only as words."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client

from tests.rights.asking import ways
from tests.rights.test_acts import forms
from tests.rights.world import PASSWORD, World, a_world

pytestmark = pytest.mark.django_db
SITE = "testserver"
ELSEWHERE = [
    "//xss.example/", "///xss.example", "////xss.example", "http://xss.example/", "https://xss.example",
    "HTTPS://xss.example", "ftp://xss.example", "http:xss.example", "http:///xss.example",
    "http://testserver@xss.example/", "http://testserver.xss.example/", "http://xss.example#testserver",
    "\\\\xss.example", "/\\xss.example", "\\/xss.example", "/\t/xss.example", "/\n/xss.example", "/%09/xss.example",
    "\t//xss.example", " //xss.example", "\x00//xss.example", "javascript:xss()", "JaVaScRiPt:xss()",
    "java\nscript:xss()", "data:text/html,xss", "vbscript:xss()", "//xss%2eexample", "//xss.example%2f..",
    "/..//xss.example", "/.//xss.example", "//[::1]/", "http://[xss", "//xss\u3002example",
    "http://\uff11\uff12\uff17.0.0.1/", "?next=//xss.example", "@xss.example", "x@xss.example", ":80//xss.example",
    "http://testserver:80@xss.example", "http:/\\xss.example",
]  # fmt: skip
LINES = "x\r\nSet-Cookie: xss=1\r\n\r\n<x-xss>"
MARK = "\"'><x-xss data-xss=1>{{7*7}}"
QUERY = (
    "q", "on", "page", "area", "look", "kind", "state", "category", "layer", "reason", "month", "size", "key", "unit",
    "number", "when", "lon", "lat", "next", "format", "lang", "name", "since", "until", "year", "point", "village",
    "sort", "code", "limit", "offset", "bbox", "datetime", "f", "role",
)  # fmt: skip


@pytest.fixture
def world(db) -> World:
    return a_world()


def signed_in(world: World, role: str = "superuser") -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[role])
    return client


def stays(location: str) -> bool:
    """Tell whether a browser stays on the site: what it makes of an address, backslashes and unseen signs included."""
    seen = re.sub(r"[\t\r\n]", "", location).strip("\x00 ").replace("\\", "/")
    parts = urlsplit(seen)
    return parts.scheme in ("", "http", "https") and (
        parts.netloc == SITE or (not parts.netloc and not seen.startswith("//"))
    )


@pytest.mark.parametrize("wanted", ELSEWHERE, ids=ascii)
def test_next_leads_to_a_page_of_ours_or_home(wanted, world):
    asked = quote(wanted)
    answers = [
        Client().get(f"{page}?next={asked}")
        for page in ("/view/elder/", "/language/en/", "/accounts/login/", "/accounts/logout/")
    ]
    answers.append(
        Client().post(f"/accounts/login/?next={asked}", {"login": "village", "password": PASSWORD, "next": wanted})
    )
    answers.append(signed_in(world).post(f"/accounts/logout/?next={asked}", {"next": wanted}))
    answers.append(signed_in(world).get(f"/accounts/login/?next={asked}"))

    moved = [answer["Location"] for answer in answers if answer.status_code in (301, 302)]
    assert len(moved) >= 4
    assert all(stays(location) for location in moved), moved


def test_what_leads_elsewhere_would_be_seen():
    assert [stays(one) for one in ("/desk/", "http://testserver/x", "?a=//b")] == [True] * 3
    assert not any(
        map(
            stays,
            (
                "//xss.example",
                "/\\xss.example",
                "\t//xss.example",
                "javascript:xss()",
                "http://testserver@xss.example/",
            ),
        )
    )


def pages(world: World) -> Iterator[tuple[Client, str]]:
    """Return each address that answers a GET, asked by whoever gets furthest."""
    staff, resident = signed_in(world), Client(raise_request_exception=False)
    for way in ways():
        if way.method == "GET" and way.name not in ("desk:live_stream", "api:openapi-json", "account_logout"):
            address = way.address(world.keys["own"], has_receipt=True).split("?")[0]
            yield (resident if way.name.startswith(("portal:", "ogc:", "open311:")) else staff), address


def test_hostile_parameters_come_back_as_words_and_break_nothing(world):
    everything = "&".join(f"{name}={quote(MARK + LINES)}" for name in QUERY)
    broken, alive, led = [], [], []
    for client, address in pages(world):
        for asked in (
            f"{address}?{everything}",
            *(f"{address}?{name}={quote(MARK)}" for name in ("area", "on")),
        ):
            answer = client.get(asked)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if answer.status_code >= 500 and answer.status_code != 503:
                broken.append(asked[:80])
            if answer["Content-Type"].startswith("text/html") and b"<x-xss" in body:
                alive.append(asked[:80])
            if "xss" in answer.cookies or any("\n" in f"{name}{value}" for name, value in answer.headers.items()):
                led.append(asked[:80])
    assert (broken, alive, led) == ([], [], [])


def test_hostile_parts_of_addresses_come_back_as_words_and_break_nothing(world):
    client, broken = signed_in(world), []
    for way in ways():
        if way.method == "GET" and way.parameters:
            filled = re.sub(r"<[^>]+>|{[^}]+}", lambda _part: quote(LINES + MARK, safe=""), way.route)
            answer = client.get(filled)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if (
                (answer.status_code >= 500 and answer.status_code != 503)
                or "xss" in answer.cookies
                or b"<x-xss" in body
            ):
                broken.append((str(way), answer.status_code))
    assert broken == []


def test_what_is_typed_into_forms_comes_back_as_words(world):
    broken, sent_back = [], 0
    for client, address in pages(world):
        shown = client.get(address)
        if shown.status_code != 200 or not shown["Content-Type"].startswith("text/html"):
            continue
        for form in forms(shown.content):
            typed = {
                name: value if name in ("do", "draft") or value in ("", None) else MARK + LINES
                for name, value in form.items()
            }
            answer = client.post(address, typed)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            sent_back += b"x-xss" in body
            if answer.status_code >= 500 or b"<x-xss" in body or "xss" in answer.cookies:
                broken.append((address, form.get("do", ""), answer.status_code))
    assert broken == []
    assert sent_back > 15  # forms that came back with what was typed
