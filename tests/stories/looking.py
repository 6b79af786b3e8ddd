"""What a reader with script finds on a page, gathered in one visit for all the tests that ask."""

from dataclasses import dataclass
from pathlib import Path

import html5lib

from .pages import Shown, address

# What a page states, in the order in which it is read.
FACTS = "main h1, main h2, main td, main th, main dd, main .fig, main .t, main .m, main label, main option"

# The same, of the page as it was sent: a parser runs no script, so this is what a reader without any finds.
AS_SENT = """([html, facts]) => [...new DOMParser().parseFromString(html, "text/html").querySelectorAll(facts)]
  .map((one) => one.textContent)"""


MEASURES = Path(__file__).with_name("measures.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Seen:
    """One visit: at a desk's width, then at a phone's, then with letters half as large again; and one without script."""

    axe_wide: list
    axe_narrow: list
    headings: int
    text: str
    facts: list
    facts_without_script: list
    sideways: int
    refused_by_policy: list
    errors: list
    faults_of_html: list
    measures: dict


def look(readers, served, axe, shown: Shown) -> Seen:
    """Open a page once and gather everything the tests ask about it."""
    page = readers.onlooker(shown.who, elder=shown.elder)
    page.set_viewport_size({"width": 1440, "height": 900})
    errors: list[str] = []

    def note(error) -> None:
        errors.append(str(error))

    page.on("pageerror", note)
    sent = page.goto(address(shown, served)).text()
    wait_for_map(page)
    wide, facts = axe.faults(page), page.locator(FACTS).all_text_contents()
    # As tall as the page: the bar at the foot of a phone covers a link only until one scrolls.
    page.set_viewport_size({"width": 360, "height": 740})
    page.set_viewport_size({"width": 360, "height": page.evaluate("document.documentElement.scrollHeight")})
    narrow, measures = axe.faults(page), page.evaluate(MEASURES)
    page.evaluate("document.documentElement.style.fontSize = '150%'")
    seen = Seen(
        wide, narrow, page.locator("h1").count(), page.inner_text("body"), facts, page.evaluate(AS_SENT, [sent, FACTS]),
        page.evaluate("document.documentElement.scrollWidth - window.innerWidth"),
        page.evaluate("window.refusedByPolicy"), errors, faults_of(sent), measures,
    )  # fmt: skip
    page.remove_listener("pageerror", note)
    return seen


def faults_of(html: str) -> list:
    """Return where a page breaks the grammar of HTML, as a parser after the standard says it."""
    parser = html5lib.HTMLParser()
    parser.parse(html)
    return [f"{where}: {fault} {values}" for where, fault, values in parser.errors]


def follow(page, what) -> None:
    """Click what leads to another page, and wait until that page is there: a click alone doesn't."""
    with page.expect_navigation():
        (page.locator(what) if isinstance(what, str) else what).click()


def wait_for_map(page) -> None:
    """Wait for each map of the page: drawn, or stepped back."""
    for figure in page.locator("figure[data-map-src], figure[data-layers]").all():
        figure.locator(".wd-map-says:not(:empty)").wait_for(timeout=60_000)
