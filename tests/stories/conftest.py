"""A browser, and somebody who reads pages in it. Stories run in two workers (together.py)."""

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from .looking import Seen, look
from .pages import Shown
from .served import Served, free_port, serve, set_up

# The browser's driver keeps a loop running in this process; Django would take the tests that follow here for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
AXE = Path(__file__).resolve().parents[1] / "axe" / "axe.min.js"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# Every refusal of the content security policy, kept where the test can ask for it.
LISTEN = (
    "window.refusedByPolicy = [];"
    "document.addEventListener('securitypolicyviolation', (e) =>"
    " window.refusedByPolicy.push(`${e.violatedDirective} ${e.blockedURI}`));"
)


@pytest.fixture(scope="session")
def served(tmp_path_factory) -> Served:
    home = tmp_path_factory.mktemp("stories")
    env, coverage, passwords = set_up(home)
    port = free_port()
    server = serve(env, port, home / "serve.log")
    yield Served(f"http://127.0.0.1:{port}", passwords, coverage, env)
    server.terminate()
    server.wait(timeout=30)


@pytest.fixture(scope="session")
def launch():
    """Return a function that starts Chromium with switches; its shell without a window costs a quarter."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, "No Chromium is installed; “make test” installs one."
    with sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(executable_path=program, args=list(switches))


@pytest.fixture(scope="session")
def chromium(launch) -> Browser:
    browser = launch(*SWITCHES)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def without_maps(launch) -> Browser:
    """A browser in which maps step back to their tables: drawing them all without a graphics card takes minutes."""
    browser = launch(*SWITCHES, "--disable-3d-apis")
    yield browser
    browser.close()


class Readers:
    """Opens a window for somebody: a resident (no account) or an account of the demo, signed in once for all."""

    def __init__(self, browser: Browser, served: Served):
        self.browser, self.served = browser, served
        self.signed_in: dict[str, dict] = {}
        self.open: list[BrowserContext] = []
        self.looking: dict[tuple[str, bool], Page] = {}

    def page(self, who: str = "", *, script: bool = True, width: int = 1280, **more) -> Page:
        context = self._context(who, script=script, width=width, **more)
        self.open.append(context)
        return context.new_page()

    def onlooker(self, who: str, *, elder: bool = False) -> Page:
        """Return the one page of somebody who only looks, from page to page: opening a window takes longer than looking."""
        if (who, elder) not in self.looking:
            context = self._context(who, script=True, width=1440)
            if elder:
                context.add_cookies([{"name": "view", "value": "elder", "url": self.served.url}])
            context.add_init_script(path=AXE)
            self.looking[who, elder] = context.new_page()
        return self.looking[who, elder]

    def _context(self, who: str, *, script: bool, width: int, **more) -> BrowserContext:
        state = self._state(who) if who else None
        context = self.browser.new_context(
            base_url=self.served.url, java_script_enabled=script, storage_state=state,
            viewport={"width": width, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai", **more,
        )  # fmt: skip
        context.set_default_timeout(60_000)  # machines are busy at times
        context.add_init_script(LISTEN)
        return context

    def _state(self, who: str) -> dict:
        if who not in self.signed_in:
            page = self.page(script=False)
            self.sign_in(page, who)
            self.signed_in[who] = page.context.storage_state()
        return self.signed_in[who]

    def sign_in(self, page: Page, who: str) -> None:
        page.goto("/accounts/login/?next=/desk/")
        page.fill("[name=login]", who)
        page.fill("[name=password]", self.served.passwords[who])
        page.click("main button[type=submit]")
        page.wait_for_url(
            re.compile(r"//[^/]+/(desk/|accounts/password/change/)")
        )  # partners are led on to their own page
        if "/accounts/password/change/" in page.url:
            self.choose_password(page, who)

    def choose_password(self, page: Page, who: str) -> None:
        """Choose a password of one's own, where somebody else has set it."""
        page.fill("[name=oldpassword]", self.served.passwords[who])
        self.served.passwords[who] += " of my own"
        for name in ("password1", "password2"):
            page.fill(f"[name={name}]", self.served.passwords[who])
        with page.expect_navigation():
            page.click("main button[type=submit]")
        assert page.locator(".wd-error").count() == 0
        page.goto("/desk/")

    def close(self) -> None:
        for context in self.open:
            context.close()
        self.open.clear()


@pytest.fixture(scope="session")
def all_readers(chromium, served):
    return Readers(chromium, served)


@pytest.fixture
def readers(all_readers):
    yield all_readers
    all_readers.close()


class Axe:
    """Asks axe about a page in the state it is in, by the WCAG 2.2 AA and best practice."""

    standards = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
    run = """async (standards) => (await axe.run(document, {runOnly: {type: "tag", values: standards}})).violations
      .flatMap((v) => v.nodes.map((node) => `${v.id}: ${node.target} ${node.failureSummary}`))"""

    def ready(self, page: Page) -> None:
        """Bring axe along: past the policy, which keeps it from being loaded by the page."""
        page.context.add_init_script(path=AXE)

    def faults(self, page: Page) -> list[str]:
        return page.evaluate(self.run, list(self.standards))


@pytest.fixture(scope="session")
def axe() -> Axe:
    return Axe()


@pytest.fixture(scope="session")
def seen(all_readers, without_maps, served, axe):
    """Each page is opened once, however many tests ask about it; maps are drawn on one page of each kind of map."""
    kept: dict[str, Seen] = {}
    plain = Readers(without_maps, served)

    def ask(shown: Shown) -> Seen:
        if shown.name not in kept:
            readers = all_readers if shown.drawn else plain
            kept[shown.name] = look(readers, served, axe, shown)
        return kept[shown.name]

    return ask
