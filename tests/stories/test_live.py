"""A page that stands open shows what changed within two seconds; nothing is taken away from under one's hands."""

import subprocess
import sys
import time

import pytest

from .pages import DISTRICT, VILLAGE
from .served import ROOT, free_port, serve

FOUND = """
import sys, django
django.setup()
from django.utils import timezone
from weiduan.systems.governance.bodies.actions import found_body
found_body(sys.argv[1], "council", "居民议事会", since=timezone.localdate(), by="console", at=timezone.now())
print("done", flush=True)
"""
WITHIN_S = 2.0


def found_a_body(env, unit: str) -> float:
    """Found a body in another process; return when that was done."""
    process = subprocess.Popen(
        [sys.executable, "-c", FOUND, unit], env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "done\n"
    done = time.monotonic()
    process.wait()
    return done


def without_body(page) -> list[str]:
    """Units that have none, read off the page."""
    page.goto(f"/desk/area/{DISTRICT}/zero/governance/?reason=no_body")
    return page.locator("#units li").evaluate_all("rows => rows.map(row => row.dataset.unit)")


@pytest.mark.parametrize("events", [True, False], ids=["by events", "by asking"])
def test_a_change_shows_within_two_seconds(readers, served, events):
    page = readers.page("district")
    if not events:
        page.route("**/stream/", lambda route: route.fulfill(status=503))
    unit = without_body(page)[0]
    page.goto(f"/desk/area/{unit}/")
    assert page.get_attribute("#governance [data-reason]", "data-reason") == "no_body"
    page.wait_for_timeout(1500)
    done = found_a_body(served.env, unit)
    page.wait_for_selector("#governance [data-reason=body_over]", timeout=10_000)
    took = time.monotonic() - done
    assert took < WITHIN_S + (0 if events else 1), took
    assert page.evaluate("window.refusedByPolicy") == []


def test_a_change_elsewhere_changes_nothing_and_what_one_is_at_stays(readers, served):
    page = readers.page("district")
    units = without_body(page)
    page.goto(f"/desk/area/{units[0]}/")
    page.focus("#governance a")
    page.evaluate("document.querySelector('#governance').marked = true")
    found_a_body(served.env, units[1])
    found_a_body(served.env, units[0])
    page.wait_for_timeout(2500)
    assert page.evaluate("document.querySelector('#governance').marked") is True


def test_without_script_the_page_is_whole_and_asks_for_nothing(readers):
    page = readers.page("village", script=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/desk/area/{VILLAGE}/")
    assert page.locator("#zeros .wd-zero").count() == 6 and not any("/live/" in url for url in asked)


def test_a_server_that_is_stopped_does_not_wait_for_open_pages(readers, served, tmp_path):
    port = free_port()
    server = serve(served.env, port, tmp_path / "serve.log")
    page = readers.page("district")
    page.goto(f"http://127.0.0.1:{port}/desk/area/{VILLAGE}/")
    with page.expect_request("**/stream/"):
        page.reload()
    page.wait_for_timeout(1000)
    server.terminate()
    assert server.wait(timeout=15) == 0
