"""A need becomes a project: three organisations propose, residents choose, one milestone is mended, money is paid, all can read it."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.systems.services.projecting import a_picture

from .looking import follow
from .pages import GRID, VILLAGE
from .projects import let_it_be_final, let_its_call_be_over
from .test_vote import a_roll, voted
from .votes import let_its_time_be_over, open_it

UNIT = f"{GRID}001"
NOW = "%Y-%m-%dT%H:%M"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_need_becomes_a_project_whose_account_everyone_reads(readers, served, tmp_path, script):
    title = "楼道扶手加装" + ("一" if script else "二")
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    desk = readers.page("village", width=1280, script=script)

    report = told(readers.page(width=360, script=script))
    desk.goto(f"/desk/needs/new/?area={UNIT}")
    desk.select_option("#id_sort", "skill")
    desk.fill("#id_what", f"楼道没有扶手，{title}")
    desk.fill("#id_since", f"{now:%Y-%m-%d}")
    desk.fill("#id_report", report)
    follow(desk, "main form[method=post] button[type=submit]")
    follow(desk, "#package")
    desk.fill("#id_title", title)
    desk.fill("#id_words", "为没有电梯的楼道加装扶手，先量尺寸再施工。")
    desk.fill("#id_budget", "20000")
    follow(desk, "main form[method=post] button[type=submit]")
    page = desk.url
    key = page.rstrip("/").split("/")[-1]
    act(desk, "call", until=f"{now + timedelta(days=3):{NOW}}")

    partners = [a_partner(readers, desk, script, number) for number in (1, 2, 3)]
    for number, partner in enumerate(partners, start=1):
        propose(partner, title, 9000 + number * 100)
        assert f"第{number}家的做法" in partner.inner_text("#own")
    desk.goto(page)
    assert desk.locator("#proposals details").count() == 0
    let_its_call_be_over(served.env, key)
    desk.goto(page)
    assert desk.locator("#proposals details").count() == 3

    choose(
        readers, served, desk, tmp_path, script, f"{now - timedelta(hours=1):{NOW}}", f"{now + timedelta(days=1):{NOW}}"
    )
    desk.goto(page)
    act(desk, "choose")
    act(desk, "set_aside", amount="20000", words="城乡社区发展治理专项资金")
    act(desk, "sign")
    chosen = next(
        one for one in partners if one.goto(f"/desk/partner/projects/{key}/") and one.locator("#show").count()
    )

    show(chosen, 1, "一至三层装好了。")
    desk.goto(page)
    act(desk, "refuse", why="没有看到验收尺寸表。")
    chosen.reload()
    assert "没有看到验收尺寸表。" in chosen.inner_text("#milestones")
    show(chosen, 1, "一至三层装好了，附验收尺寸表。")
    desk.goto(page)
    act(desk, "accept")
    act(desk, "release")
    assert desk.locator("#refusal").count() == 1  # who accepted doesn't pay
    town = readers.page("town", width=1280, script=script)
    town.goto(page)
    act(town, "release")
    show(chosen, 2, "四至六层装好了。")
    desk.goto(page)
    act(desk, "accept")
    town.goto(page)
    act(town, "release")
    desk.goto(page)
    act(desk, "close")

    reader = readers.page(width=360, script=script)
    reader.goto(f"/u/{UNIT}/")
    follow(reader, "#projects")
    follow(reader, reader.locator("#projects a", has_text=title))
    assert reader.locator("#milestones [data-state=accepted]").count() == 2
    assert reader.locator("#milestones img").count() == 2
    assert reader.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    follow(reader, "#account")
    kinds = [row.get_attribute("data-kind") for row in reader.locator("#moves tbody tr").all()]
    assert kinds == ["fund", "release", "release", "return"]
    assert reader.inner_text("[data-account=pot]") == "0.00"


def told(page) -> str:
    """Tell a matter of the unit; return its number."""
    page.goto(f"/report/?unit={UNIT}")
    page.fill("#id_text", "楼道没有扶手，老人下楼危险。")
    follow(page, "button[value=next]")
    page.locator("[name=guess]").first.check()
    follow(page, "#tell button[value=next]")
    page.check("[name=wish][value=anonymous]")
    follow(page, "button[value=send]")
    return page.inner_text("#number")


def act(page, deed: str, **said: str) -> None:
    """Do one of what may be done now: open it, fill it in, send it; a single choice is made already."""
    page.locator(f"#deed-{deed} summary").click()
    for name, value in said.items():
        page.fill(f"#id_{deed}_{name}", value)
    follow(page, f"#deed-{deed} form button[type=submit]")


def a_partner(readers, desk, script: bool, number: int):
    """Write a partner down, open its account at the desk, sign in with it; return its page."""
    name = f"第{number}家社工组织{'甲' if script else '乙'}"
    desk.goto(f"/desk/partners/new/?area={VILLAGE}")
    desk.fill("#id_name", name)
    desk.select_option("#id_kind", "social")
    desk.fill("#id_post", "项目部主任")
    desk.fill("#id_since", f"{datetime.now(ZoneInfo('Asia/Shanghai')):%Y-%m-%d}")
    follow(desk, "main form[method=post] button[type=submit]")
    follow(desk, "#accounts")
    desk.fill("#id_username", f"partner-{number}-{'a' if script else 'b'}")
    follow(desk, "main form.wd-form button[type=submit]")
    username, password = desk.inner_text("#username"), desk.inner_text("#password")
    page = readers.page(width=360, script=script)
    page.goto("/accounts/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    follow(page, "main button[type=submit]")
    for field, typed in (
        ("oldpassword", password),
        ("password1", f"{password} of our own"),
        ("password2", f"{password} of our own"),
    ):
        page.fill(f"[name={field}]", typed)  # the one that was handed over is known to others
    follow(page, "main button[type=submit]")
    page.goto("/desk/")
    assert name in page.inner_text("h1")
    return page


def propose(page, title: str, amount: int) -> None:
    """Propose two milestones for a call, and hand that in."""
    follow(page, page.locator("#calls a", has_text=title))
    number = re.search(r"第(\d)家", page.inner_text("main nav")).group(1)
    page.fill("#id_words", f"第{number}家的做法：先量尺寸，再分两批施工。")
    for row, what in ((1, "一至三层"), (2, "四至六层")):
        page.fill(f"#id_what_{row}", f"{what}装好扶手")
        page.fill(f"#id_evidence_{row}", "照片和验收尺寸表")
        page.fill(f"#id_amount_{row}", str(amount))
        page.fill(f"#id_days_{row}", str(row * 20))
    follow(page, "button[value=hand_in]")


def choose(readers, served, desk, tmp_path, script: bool, opens: str, closes: str) -> None:
    """Let residents vote at the project that is open, and bring that to its end."""
    desk.locator("#deed-vote summary").click()
    desk.select_option("#id_vote_procedure", "households_unit")
    desk.check("#id_vote_is_secret")
    desk.fill("#id_vote_opens_at", opens)
    desk.fill("#id_vote_closes_at", closes)
    follow(desk, "#deed-vote form button[type=submit]")
    follow(desk, "#ballot")
    key = desk.url.rstrip("/").split("/")[-1]
    desk.set_input_files("#roll input[type=file]", a_roll(tmp_path))
    follow(desk, "#roll button[value=roll]")
    codes = open_it(served.env, key)
    page = readers.page(width=360, script=script)
    page.goto(f"/vote/{key}/")
    for number, choice in ((1, 2), (2, 2), (3, 1)):
        voted(page, codes[number], choice)
    let_its_time_be_over(served.env, key)
    desk.reload()
    follow(desk, "#close button[value=close]")
    let_it_be_final(served.env, key)


def show(page, number: int, words: str) -> None:
    """Show what was done for a milestone, with a picture."""
    page.reload()
    page.locator(f"#show input[name=milestone][value='{number}']").check()
    page.fill("#id_words", words)
    picture = {"name": "扶手.jpg", "mimeType": "image/jpeg", "buffer": a_picture()}
    page.set_input_files("#id_picture_1", files=[picture])
    page.fill("#id_seen_1", "楼道里新装的扶手")
    follow(page, "#show button[type=submit]")
