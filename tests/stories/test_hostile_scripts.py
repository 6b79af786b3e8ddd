"""Nothing of what hostile people write comes alive on any page, in a real browser, under the policy pages really have."""

import os
from collections.abc import Iterator
from contextvars import copy_context
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Route

from tests.hostile.poison import VECTORS, Words, poison
from tests.rights.asking import ways
from tests.rights.world import World, a_world

SITE = "http://testserver"
# WEIDUAN_ALL_VECTORS=1: every vector in every field, round after round; else each field holds some, and all of them are used.
ROUNDS = range(0, len(VECTORS), 7) if os.environ.get("WEIDUAN_ALL_VECTORS") == "1" else range(1)
LISTEN = """
window.ran = [];
window.xss = () => window.ran.push("xss");
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => window.ran.push(name);
window.refused = [];
document.addEventListener("securitypolicyviolation", (e) => window.refused.push(`${e.violatedDirective} ${e.blockedURI}`));
"""
FOUND = """() => ({
  ran: window.ran, refused: window.refused, left: location.href,
  alive: [...document.querySelectorAll("x-xss, [data-xss], [x-xss]")].map((one) => one.outerHTML.slice(0, 120)),
})"""
NOTHING = {"ran": [], "refused": [], "alive": []}


class Within:
    """A browser whose requests are answered by the application in this very process: it sees the world of the test."""

    def __init__(self, browser: Browser, client: Client):
        self.client, self.context = (
            client,
            copy_context(),
        )  # the driver calls back in one of its own, without the test's database
        self.page: Page = browser.new_context(base_url=SITE, service_workers="block").new_page()
        self.page.add_init_script(LISTEN)
        self.page.route("**/*", self._answer)
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        self.outside: list[str] = []
        self.instead: dict[str, tuple[str, dict[str, str]]] = {}

    def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if f"{url.scheme}://{url.netloc}" != SITE:
            self.outside.append(route.request.url)
            return route.abort()
        if url.path in self.instead:
            body, headers = self.instead[url.path]
            return route.fulfill(status=200, body=body, headers=headers)
        if route.request.method != "GET" or "/stream/" in url.path:
            return route.abort()
        answer, body = self.context.run(self._asked, f"{url.path}?{url.query}" if url.query else url.path)
        heads = {
            name: answer[name] for name in ("Content-Type", "Content-Security-Policy", "Location") if name in answer
        }
        return route.fulfill(status=answer.status_code, body=body, headers=heads)

    def _asked(self, path: str) -> tuple[Any, bytes]:
        answer = self.client.get(path)
        return answer, b"".join(answer.streaming_content) if answer.streaming else answer.content

    def found(self, path: str) -> dict[str, list[str]]:
        """Open a page; return what ran, what the policy refused and what came alive on it."""
        self.page.goto(path, wait_until="load")
        said = self.page.evaluate(FOUND)
        assert said.pop("left").startswith(SITE)
        return said


@pytest.fixture
def world(db) -> World:
    return a_world()


def pages(world: World, client: Client, *, has_receipt: bool) -> Iterator[str]:
    """Return the addresses of all pages, lists and forms, for things of the village."""
    for way in ways():
        if way.method == "GET" and way.name.startswith(("desk:", "portal:")) and way.name != "desk:live_stream":
            address = way.address(world.keys["own"], has_receipt=has_receipt)
            answer = client.get(address)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                yield address


def somebody(world: World, role: str) -> Client:
    client = Client(raise_request_exception=True)
    if role in world.users:
        client.force_login(world.users[role])
    return client


@pytest.mark.parametrize("start", ROUNDS)
def test_no_page_lets_anything_run_or_come_alive(start, world, chromium):
    words = Words(start)
    assert poison(words) > 300
    assert len(words.dealt) >= len({vector.replace("\0", "") for vector in VECTORS}) - 3
    wrong, seen, written = {}, 0, 0
    for role in ("superuser", "resident", "partner"):
        client = somebody(world, role)
        within = Within(chromium, client)
        for path in pages(world, client, has_receipt=role == "resident"):
            if role == "superuser" and not path.startswith("/desk/"):
                continue
            found = within.found(path)
            seen += 1
            written += "xss" in within.page.content()
            if found != NOTHING:
                wrong[role, path] = found
        assert within.outside == []
        within.page.context.close()

    assert wrong == {}
    assert seen > 120 and written > 90, (seen, written)


def test_a_page_that_forgot_would_be_seen(world, chromium):
    within = Within(chromium, Client())
    policy = dict(Client().get("/").headers)
    page = "<!doctype html><main>{}</main>"
    heads = {name: policy[name] for name in ("Content-Security-Policy", "Content-Type")}
    within.instead = {
        "/forgot/": (page.format("<img src=x onerror=xss() data-xss>"), heads),
        "/unlocked/": (page.format("<img src=x onerror=xss() data-xss>"), {"Content-Type": "text/html"}),
    }
    forgot, unlocked = within.found("/forgot/"), within.found("/unlocked/")

    assert forgot["alive"] and forgot["refused"] and not forgot["ran"]
    assert unlocked["alive"] and unlocked["ran"]
