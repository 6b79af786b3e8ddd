"""Pages of meetings: the year of an organisation, one meeting, writing it down, and the counts above."""

import io
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from PIL import Image

from tests.builders import DISTRICT, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.doors.test_change_pages import signed_in, text_of
from tests.systems.services.meeting import a_branch, a_keeper, the
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.services.meetings.actions import Wish, plan_meeting
from weiduan.systems.services.meetings.holding import Held, hold
from weiduan.systems.services.meetings.models import MeetingScan, MeetingTask, OrganisationMeeting
from weiduan.systems.services.meetings.plan import Due
from weiduan.systems.services.meetings.queries import due_at, moment
from weiduan.systems.services.meetings.rules import Kind, Presence
from weiduan.systems.services.meetings.years import plan_for

pytestmark = pytest.mark.django_db
YEAR = "/desk/organisations/Z1/meetings/"


@pytest.fixture
def branch():
    return a_branch()


@pytest.fixture
def keeper(branch):
    return signed_in(a_keeper())


def today() -> date:
    return timezone.localdate()


def duty_now(kind: Kind = Kind.MEMBERS) -> Due:
    dues = plan_for(the("Z1"), today().year, on=today())
    return next(due for due in dues if due.kind is kind and due.since <= today() < due.until)


def a_meeting(kind: Kind = Kind.MEMBERS, title: str = "讨论发展党员") -> OrganisationMeeting:
    due = duty_now(kind)
    starts = moment(today(), timezone.datetime.min.time())
    return plan_meeting(the("Z1"), Wish(kind, due.since, title, starts, "会议室"), by="test", at=timezone.now())


def a_held_meeting(kind: Kind = Kind.MEMBERS, title: str = "讨论发展党员") -> OrganisationMeeting:
    meeting = a_meeting(kind, title)
    presence = {one.person: Presence.CAME for one in due_at(meeting, on=today())}
    said = Held(meeting.starts_at, "会议室", "书记", presence, 1, "张三说：同意。")
    return hold(meeting.pk, said, by="test", at=timezone.now())


def typed(meeting: OrganisationMeeting, *, came: int = 8, **said) -> dict:
    due = sorted(due_at(meeting, on=today()), key=lambda one: not one.has_vote)
    marks = {f"presence_{one.number}": "came" if n < came else "on_leave" for n, one in enumerate(due)}
    head = {
        "on": str(today()),
        "hour": "00:00",
        "place": "会议室",
        "chair": "书记",
        "guests": "1",
        "minutes": "一、议程",
    }
    return marks | head | said


def test_the_year_is_laid_on_its_page_month_by_month_and_again_there_is_nothing_to_lay(keeper):
    page = keeper.get(YEAR)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store"
    assert [key for key, _title, _form in page.context["deeds"]] == ["plan", "excuse", "lay"]
    next_year = today().year + 1

    answer = keeper.post(f"{YEAR}?year={next_year}", {"do": "lay", "day": "5", "hour": "19:00", "place": "会议室"})

    assert answer["Location"] == f"{YEAR}?year={next_year}"
    page = keeper.get(f"{YEAR}?year={next_year}")
    assert OrganisationMeeting.objects.count() == 4 + 12 + 4 + 12 + 1 + 1
    assert len(page.context["months"]) == 12
    assert page.content.decode().count("/desk/meetings/") == 34
    assert 'rowspan="12"' in page.content.decode()
    assert [key for key, _title, _form in page.context["deeds"]] == ["plan", "excuse"]


def test_what_is_typed_wrong_is_kept_and_a_year_that_isnt_one_is_refused(keeper):
    page = keeper.post(YEAR, {"do": "lay", "day": "31", "hour": "19:00", "place": "会议室"})
    assert (page.status_code, page.context["wrong"]) == (400, "lay")
    assert 'value="31"' in page.content.decode()
    assert keeper.get(f"{YEAR}?year=soon").status_code == 400
    assert keeper.get(f"{YEAR}?year=1999").status_code == 400


def test_one_meeting_is_planned_and_another_excused(keeper):
    due = duty_now()
    said = {
        "do": "plan",
        "duty": f"members {due.since}",
        "title": "换届",
        "on": str(today()),
        "hour": "09:30",
        "place": "",
        "agenda": "",
    }
    assert keeper.post(YEAR, said).status_code == 302
    life = duty_now(Kind.LIFE)
    assert keeper.post(YEAR, {"do": "excuse", "duty": f"life {life.since}", "because": "疫情"}).status_code == 302

    assert set(OrganisationMeeting.objects.values_list("kind", "state")) == {
        ("members", "planned"),
        ("life", "excused"),
    }
    assert "换届" not in text_of(keeper.get(YEAR)), "titles stand on the page of the meeting"


def test_a_meeting_is_written_down_by_hand_name_by_name(keeper):
    meeting = a_meeting()
    form = keeper.get(f"/desk/meetings/{meeting.pk}/hold/")
    assert len(list(form.context["form"].people())) == 8
    assert "\n4. " in form.content.decode(), "the headings of a members' meeting are there to be filled in"
    assert 'type="radio"' in form.content.decode()

    vote = {"what_0": "接收预备党员", "yes_0": "4", "no_0": "1", "abstained_0": ""}
    answer = keeper.post(f"/desk/meetings/{meeting.pk}/hold/", typed(meeting, came=5, **vote))

    assert answer["Location"] == f"/desk/meetings/{meeting.pk}/"
    page = keeper.get(f"/desk/meetings/{meeting.pk}/")
    assert page["Cache-Control"] == "no-store"
    assert [row["state"] for row in page.context["enough"]] == ["ok"]
    [(_vote, [row])] = page.context["votes"]
    assert (row["state"], "第十一条" in row["force"]) == ("ok", True)
    assert {row.state for row in OrganisationMeeting.objects.all()} == {"held"}


def test_what_cant_be_written_down_says_why_and_keeps_what_was_typed(keeper):
    meeting = a_meeting()
    address = f"/desk/meetings/{meeting.pk}/hold/"
    vote = {"what_0": "接收预备党员", "yes_0": "3", "no_0": "0", "abstained_0": "0"}

    page = keeper.post(address, typed(meeting, came=3, **vote))
    assert page.status_code == 409
    assert page.context["broken"][0]["state"] == "late"
    assert "接收预备党员" in page.content.decode()

    unmarked = typed(meeting)
    del unmarked[next(name for name in unmarked if name.startswith("presence_"))]
    assert keeper.post(address, unmarked).status_code == 400
    assert keeper.post(address, typed(meeting, yes_1="2")).status_code == 400, "a number without a question"
    assert keeper.post(address, typed(meeting, hour="25:00")).status_code == 400
    assert OrganisationMeeting.objects.get().state == "planned"


def test_what_was_written_down_is_corrected_and_the_page_says_so(keeper):
    meeting = a_held_meeting()
    address = f"/desk/meetings/{meeting.pk}/hold/"
    assert "张三说" in keeper.get(address).content.decode()

    assert keeper.post(address, typed(meeting, came=6, minutes="更正后的记录")).status_code == 302

    row = OrganisationMeeting.objects.get()
    assert (row.members_came, row.minutes) == (6, "更正后的记录")
    OrganisationMeeting.objects.update(at=timezone.now() - timedelta(days=8))
    assert keeper.get(f"/desk/meetings/{meeting.pk}/").context["may_amend"] is False
    assert keeper.post(address, typed(meeting)).status_code == 409


def test_a_date_is_moved_taken_out_and_excused_on_its_page(keeper):
    meeting = a_meeting()
    address = f"/desk/meetings/{meeting.pk}/"
    assert [key for key, _t, _f in keeper.get(address).context["deeds"]] == ["move", "excuse", "cancel"]
    assert keeper.post(address, {"do": "move", "on": "2001-01-01", "hour": "09:00", "place": ""}).status_code == 400
    assert keeper.post(address, {"do": "move", "on": str(today()), "hour": "09:00", "place": "礼堂"}).status_code == 302
    assert keeper.post(address, {"do": "cancel"}).status_code == 302
    assert keeper.get(address).context["deeds"] == []
    assert keeper.post(address, {"do": "excuse", "because": "停电"}).status_code == 409


def test_tasks_and_written_pages_follow(keeper):
    meeting = a_held_meeting()
    address = f"/desk/meetings/{meeting.pk}/"
    until = str(today() + timedelta(days=9))
    assert (
        keeper.post(address, {"do": "task", "what": "走访老党员", "owner": "组织委员", "until": until}).status_code
        == 302
    )
    task = MeetingTask.objects.get()
    assert keeper.post(address, {"do": "done", "task": str(task.pk), "evidence": "记录五份"}).status_code == 302

    picture = io.BytesIO()
    Image.new("RGB", (60, 90), "white").save(picture, "PNG")
    picture.seek(0)
    picture.name = "page.png"
    assert keeper.post(f"{address}scans/", {"pages": picture}).status_code == 302
    scan = MeetingScan.objects.get()
    shown = keeper.get(f"{address}scans/{scan.pk}.jpg")
    assert (shown["Content-Type"], shown["Cache-Control"]) == ("image/jpeg", "no-store")
    assert keeper.post(f"{address}scans/", {}).status_code == 400
    assert keeper.post(f"{address}scans/", {"drop": str(scan.pk)}).status_code == 302
    assert not MeetingScan.objects.exists()


def test_minutes_and_the_sheet_to_sign_are_given_out_and_that_is_written_down(keeper):
    meeting = a_held_meeting()
    for name, what in (("minutes", "meeting.minutes_printed"), ("sheet", "meeting.sheet_printed")):
        answer = keeper.post(f"/desk/meetings/{meeting.pk}/{name}.pdf")
        assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
        assert answer.content.startswith(b"%PDF")
        assert Entry.objects.filter(what=what, key=str(meeting.pk)).count() == 1
        assert keeper.get(f"/desk/meetings/{meeting.pk}/{name}.pdf").status_code == 405


def test_there_are_no_minutes_to_print_before_it_was_held_but_a_sheet_to_sign(keeper):
    meeting = a_meeting()
    assert keeper.post(f"/desk/meetings/{meeting.pk}/minutes.pdf").status_code == 404
    assert keeper.post(f"/desk/meetings/{meeting.pk}/sheet.pdf").status_code == 200
    assert not Entry.objects.filter(what="meeting.minutes_printed").exists()


def test_an_appraisals_page_says_that_nothing_of_single_persons_is_kept(keeper):
    meeting = a_held_meeting(Kind.APPRAISAL)
    for address in (f"/desk/meetings/{meeting.pk}/", f"/desk/meetings/{meeting.pk}/hold/"):
        page = keeper.get(address)
        assert page.context["no_persons"] is True
        assert 'name="what_0"' not in page.content.decode()


ABOVE = {
    "town": (Duty.KEEP_ORGANISATION, TOWN),
    "district": (Duty.KEEP_ORGANISATION, DISTRICT),
    "looking": (Duty.LOOK, VILLAGE),
}


@pytest.mark.parametrize("who", ABOVE)
def test_whoever_is_above_sees_counts_and_every_page_of_a_meeting_is_nowhere(branch, who):
    duty, area = ABOVE[who]
    client, meeting = signed_in(a_user(duty, area=area)), a_held_meeting(title="罢免某某的会")

    for path in ("", "hold/", "scans/00000000-0000-0000-0000-000000000000.jpg"):
        assert client.get(f"/desk/meetings/{meeting.pk}/{path}").status_code == 404
    for path in ("", "hold/", "scans/", "minutes.pdf", "sheet.pdf"):
        assert client.post(f"/desk/meetings/{meeting.pk}/{path}", {"do": "cancel"}).status_code == 404
    page = client.get(YEAR)
    text = page.content.decode()
    assert page.context["sums"] and page.context["months"] == [] and page.context["deeds"] == []
    for secret in ("罢免", "张三", "张P", "/desk/meetings/"):
        assert secret not in text
    assert client.post(YEAR, {"do": "lay", "day": "5", "hour": "19:00", "place": ""}).status_code in (403, 404)
    of_area = client.get(f"/desk/area/{VILLAGE}/meetings/")
    assert [row[0].number for row in of_area.context["rows"]] == ["W1", "X1", "Z1"]
    assert "罢免" not in of_area.content.decode()
    book = load_workbook(BytesIO(client.get("/desk/organisations/Z1/meetings.xlsx").content))
    assert len(book.sheetnames) == 1


def test_another_village_finds_nothing(branch):
    client, meeting = signed_in(a_keeper(OTHER_VILLAGE)), a_held_meeting()
    for path in (
        YEAR,
        f"/desk/meetings/{meeting.pk}/",
        f"/desk/area/{VILLAGE}/meetings/",
        "/desk/organisations/Z1/meetings.xlsx",
    ):
        assert client.get(path).status_code == 404


def test_counts_of_an_area_add_up_and_go_out_as_a_workbook(keeper):
    a_held_meeting()
    page = keeper.get(f"/desk/area/{VILLAGE}/meetings/")
    due, held = (sum(figures[n] for _title, figures, _missing in page.context["sums"]) for n in (0, 1))
    assert (due, held) == (sum(row[2][0] for row in page.context["rows"]), 1)
    assert keeper.get(f"/desk/area/{VILLAGE}/meetings/?missing=yes").status_code == 200

    book = load_workbook(BytesIO(keeper.get(f"/desk/area/{VILLAGE}/meetings.xlsx").content))
    kinds, organisations = book.worksheets
    assert sum(row[1] for row in kinds.iter_rows(min_row=3, values_only=True)) == due
    assert sum(row[4] for row in organisations.iter_rows(min_row=3, values_only=True)) == due
    own = load_workbook(BytesIO(keeper.get("/desk/organisations/Z1/meetings.xlsx").content))
    assert len(own.sheetnames) == 2


def test_the_record_of_an_organisation_and_the_page_of_an_area_lead_there(keeper):
    assert 'href="/desk/organisations/Z1/meetings/"' in keeper.get("/desk/organisations/Z1/").content.decode()
    assert f'href="/desk/area/{VILLAGE}/meetings/"' in keeper.get(f"/desk/area/{VILLAGE}/").content.decode()
