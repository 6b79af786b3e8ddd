"""A plan: changed, asked for again, compared with the one before."""

import time

from .looking import follow

VILLAGE = "510113001001"


def test_a_limit_is_changed_and_the_two_plans_stand_beside_each_other(readers, served):
    page = readers.page("town")
    page.goto(f"/desk/plans/{served.coverage['proposal']}/{VILLAGE}/")
    page.fill("#id_group-size", "60")
    follow(page, "#again button[type=submit]")
    wait_until_planned(page)

    assert "党员至多: 60" in page.inner_text("main")
    follow(page, "text=和上一个方案对比")
    assert page.inner_text("h1") == "两个方案对比"
    assert page.locator("table tbody tr").count() == 3  # two plans, and the one village they share


def wait_until_planned(page, seconds: int = 60) -> None:
    """Reload by hand, for readers without script."""
    until = time.monotonic() + seconds
    while page.locator("text=和上一个方案对比").count() == 0 or page.locator("#planned").count():
        assert time.monotonic() < until, page.inner_text("main")
        page.wait_for_timeout(500)
        page.reload()
