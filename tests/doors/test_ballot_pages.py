"""A vote through its pages: prepared, opened, voted by code, closed, counted again from the file; what is refused says why."""

import io
import json
import re
from datetime import timedelta

import pytest
import xlsxwriter
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, a_user
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import UNIT, a_village
from weiduan.doors.console.ballots import ballot as console
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.survey.rolls import COLUMNS
from weiduan.systems.governance.ballots.models import Ballot

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def a_roll(rows, fields=("part", "area", "names", "ids")) -> io.BytesIO:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [COLUMNS[field][0] for field in fields])
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
    target.seek(0)
    target.name = "roll.xlsx"
    return target


def prepared(client: Client, **more) -> str:
    """Prepare a ballot that has been announced for long enough and opens now; return its page."""
    now = timezone.localtime(timezone.now())
    said = {
        "title": "更换电梯", "text": "更换三号楼电梯。", "procedure": "owners_ordinary", "announced_on": (now - 20 * DAY).date(),
        "opens_at": f"{now - DAY:%Y-%m-%dT%H:%M}", "closes_at": f"{now + DAY:%Y-%m-%dT%H:%M}",
    } | more  # fmt: skip
    answer = client.post(f"/desk/ballots/new/?area={UNIT}", said)
    assert answer.status_code == 302
    return answer["Location"]


def opened(client: Client, page: str) -> dict[int, str]:
    """Take in three owners, open it, and read the codes out of what the letters were made of."""
    from unittest import mock

    from weiduan.doors.desk import ballots

    client.post(page, {"do": "roll", "file": a_roll([[f"{n}室", 100.5, f"业主{n}", str(n)] for n in (1, 2, 3)])})
    with mock.patch.object(ballots, "codes_pdf", wraps=ballots.codes_pdf) as printed:
        answer = client.post(page, {"do": "open"})
    assert answer.status_code == 200 and answer.content[:5] == b"%PDF-" and answer["Cache-Control"] == "no-store"
    return {line.number: code for line, code in printed.call_args.args[1]}


def test_from_the_first_draft_to_the_file_that_anyone_counts_again(tmp_path):
    desk, resident = signed_in(a_keeper()), Client()
    page = prepared(desk)
    shown = desk.get(page).content.decode()
    assert re.findall(r'data-blocker="(\w+)"', shown) == ["no_roll"]
    public = page.replace("/desk/ballots/", "/vote/")
    assert resident.get(public).status_code == 404  # nobody sees it before it opens
    assert desk.post(page, {"do": "open"}).status_code == 409

    codes = opened(desk, page)
    assert len(codes) == 3 and "业主1" in desk.get(page).content.decode()
    seen = resident.get(public).content.decode()
    assert "业主1" not in seen and re.findall(r'data-missing="([^"]+)"', seen) == ["2", "201.00"]
    cast = resident.post(public, {"do": "vote", "choice": "yes", "code": codes[1].lower()})
    receipt = re.search(r'id="receipt">([0-9a-f]{64})<', cast.content.decode()).group(1)
    again = resident.post(public, {"do": "vote", "choice": "no", "code": codes[1]}).content.decode()
    assert receipt in again
    for wrong in (
        {"choice": "yes", "code": "2222"},
        {"choice": "", "code": codes[2]},
        {"choice": ["yes", "abstain"], "code": codes[2]},
    ):
        answer = resident.post(public, {"do": "vote"} | wrong)
        assert answer.status_code in (400, 404) and "receipt" not in re.findall(r'id="(\w+)"', answer.content.decode())
    resident.post(public, {"do": "vote", "choice": "yes", "code": codes[2].replace(" ", "")})
    assert resident.get(f"{public}votes.json").status_code == 404  # it isn't counted

    assert desk.post(page, {"do": "close"}).status_code == 409
    Ballot.objects.update(closes_at=timezone.now())
    assert desk.post(page, {"do": "close"}).status_code == 302
    result = resident.get(public).content.decode()
    assert 'data-choice="' in result and "201.00" in result and receipt not in result
    file = tmp_path / "votes.json"
    file.write_bytes(resident.get(f"{public}votes.json").content)
    run = CliRunner().invoke(console, ["verify", str(file), "--receipt", receipt])
    assert run.exit_code == 0 and "2 票" in run.output
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | {"votes": told["votes"][:1]}))
    bad = CliRunner().invoke(console, ["verify", str(file)])
    assert bad.exit_code == 1 and "root" in bad.output
    file.write_text("no json")
    assert CliRunner().invoke(console, ["verify", str(file)]).exit_code == 1

    draft = re.search(r'name="draft" value="([^"]+)"', result).group(1)
    assert resident.post(public, {"do": "object", "words": "没有收到通知", "draft": draft}).status_code == 302
    objection = re.search(r'name="number" value="(\d+)"', desk.get(page).content.decode()).group(1)
    desk.post(page, {"do": "answer", "number": objection, "words": "已张贴"})
    assert (
        "已张贴" in resident.get(public).content.decode()
        and "没有收到通知" not in resident.get(public).content.decode()
    )


def test_a_wrong_list_is_told_entry_by_entry_and_no_workbook_is_refused():
    desk = signed_in(a_keeper())
    page = prepared(desk)
    wrong = desk.post(
        page, {"do": "roll", "file": a_roll([["1室", "x", "张三", "1"], ["1室", 50, "李四", "2"], ["3室", 50, "", ""]])}
    )
    told = re.search(r'id="mistakes">(.*?)</section>', wrong.content.decode(), re.S).group(1)
    assert wrong.status_code == 400 and re.findall(r"<li>\D*(\d+)", told) == [
        "2",
        "3",
        "4",
    ]  # as the rows stand in the sheet
    for file in (io.BytesIO(b"no workbook"), a_roll([["1", "2"]], ("part", "area"))):
        file.name = "x.xlsx"
        assert desk.post(page, {"do": "roll", "file": file}).status_code == 400
    assert desk.post(page, {"do": "roll"}).status_code == 400
    empty = desk.get("/desk/ballots/roll-owners.xlsx")
    assert empty.status_code == 200 and empty.content[:2] == b"PK"
    empty_file = io.BytesIO(empty.content)
    empty_file.name = "empty.xlsx"
    assert (
        desk.post(page, {"do": "roll", "file": empty_file}).status_code == 302
    )  # the example row reads as it is written


def test_papers_numbers_and_codes_at_the_desk():
    keeper = a_keeper()
    desk, second = signed_in(keeper), signed_in(a_keeper())
    page = prepared(desk)
    codes = opened(desk, page)
    assert desk.post(page, {"do": "paper", "sheet": "1", "choice": "no"}).status_code == 302
    assert second.post(page, {"do": "paper", "sheet": "1", "choice": "yes"}).status_code == 409
    assert desk.post(page, {"do": "paper", "sheet": "9", "choice": "no"}).status_code == 404
    assert desk.post(page, {"do": "paper", "sheet": "x", "choice": "no"}).status_code == 400
    assert desk.post(page, {"do": "reached", "numbers": "1-2，3"}).status_code == 302
    assert desk.post(page, {"do": "reached", "numbers": "3-1"}).status_code == 400
    fresh = desk.post(page, {"do": "new_code", "number": "2"})
    assert fresh["Content-Type"] == "application/pdf"
    public = page.replace("/desk/ballots/", "/vote/")
    assert Client().post(public, {"do": "vote", "choice": "yes", "code": codes[2]}).status_code == 404
    assert desk.post(page, {"do": "new_code", "number": "x"}).status_code == 400
    assert desk.post(page, {"do": "nonsense"}).status_code == 400
    assert desk.post(page, {"do": "annul", "words": " "}).status_code == 400
    assert desk.post(page, {"do": "annul", "words": "重新来过"}).status_code == 302
    assert "重新来过" in Client().get(public).content.decode()


def test_who_does_not_keep_it_sees_nothing_and_who_does_not_keep_anything_is_told_what_is_needed():
    page = prepared(signed_in(a_keeper()))
    stranger, looking = signed_in(a_keeper(OTHER_VILLAGE)), signed_in(a_user(Duty.LOOK, area=UNIT))
    assert stranger.get(page).status_code == looking.get(page).status_code == 404
    assert stranger.post(page, {"do": "annul", "words": "x"}).status_code == 404
    assert looking.get("/desk/ballots/new/").status_code == 403
    assert stranger.get("/desk/ballots/").content.decode().count(page) == 0
    assert "更换电梯" in signed_in(a_keeper()).get("/desk/ballots/").content.decode()
    assert signed_in(a_keeper()).get("/desk/governance/").status_code == 200
    assert (
        stranger.post(
            f"/desk/ballots/new/?area={UNIT}", {"title": "x", "text": "y", "procedure": "owners_ordinary"}
        ).status_code
        == 404
    )


def test_the_list_of_a_unit_shows_what_was_opened():
    desk = signed_in(a_keeper())
    page = prepared(desk)
    assert "更换电梯" not in Client().get(f"/a/{UNIT}/votes/").content.decode()
    opened(desk, page)
    assert "更换电梯" in Client().get(f"/a/{UNIT}/votes/").content.decode()
    assert Client().get("/a/999999999999/votes/").status_code == 404


def test_a_result_of_another_platform_is_taken_over_by_a_form():
    desk, now = signed_in(a_keeper()), timezone.localtime(timezone.now())
    assert (
        desk.get("/desk/ballots/import/?look=单元").status_code
        == desk.get(f"/desk/ballots/import/?area={UNIT}").status_code
        == 200
    )
    said = {
        "title": "更换电梯", "text": "更换三号楼电梯。", "procedure": "owners_ordinary", "platform": "市业主决策平台",
        "closed_at": f"{now - DAY:%Y-%m-%dT%H:%M}", "whole_heads": "100", "whole_area": "9000.50", "yes_heads": "70", "yes_area": "6300.25",
    }  # fmt: skip
    assert desk.post(f"/desk/ballots/import/?area={UNIT}", said | {"yes_heads": "101"}).status_code == 400
    page = desk.post(f"/desk/ballots/import/?area={UNIT}", said)["Location"]
    shown = Client().get(page.replace("/desk/ballots/", "/vote/")).content.decode()
    assert "市业主决策平台" in shown and "6,300.25" in shown and desk.get(page).status_code == 200
