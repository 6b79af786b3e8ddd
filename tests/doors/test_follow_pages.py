"""Following a matter by its receipt, and what everyone else sees, by a test client."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, VILLAGE, a_user
from tests.doors.telling import (
    ME_TOO,
    OTHER_RECEIPT,
    TELEPHONE,
    TEXT,
    a_picture,
    a_report,
    answered,
    at_send,
    at_where,
    deeds,
    go,
    page_of,
    state,
    steps,
    text_of,
)
from tests.systems.governance.matters import FIRE_LANE, INSIDE, NEXT_UNIT, RECEIPT, UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import AlsoConcerned, Contact, Report, ReportPhoto
from weiduan.systems.governance.reports.rules import CLOSED, Wish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    """A drawn village whose photos and keys lie in a directory of this test."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


@pytest.fixture
def staff():
    return a_user(Duty.HANDLE_REPORTS, area=GRID, name="zhang-the-handler")


def test_a_receipt_page_is_kept_and_listed_by_nobody_and_a_wrong_one_finds_nothing():
    a_report()
    for path in (f"/r/{RECEIPT}/", "/report/"):
        answer = Client().get(path)
        kept = answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"]
        assert kept == ("no-store", "strict-origin", "noindex")
    for receipt in (RECEIPT[:-1], RECEIPT + "x", "x" * 24, RECEIPT.upper(), "x"):
        assert Client().get(f"/r/{receipt}/").status_code == 404
        for deed in ("confirm", "dispute", "withdraw", "add", "erase", ""):
            assert Client().post(f"/r/{receipt}/", {"do": deed, "words": "字"}).status_code == 404
    assert not Report.objects.get().steps.exists()


BUTTONS = {
    "filed": {"withdraw", "add"}, "accepted": {"withdraw", "add"}, "in_hand": {"withdraw", "add"},
    "disputed": {"withdraw", "add"}, "answered": {"confirm", "dispute", "withdraw", "add"}, "confirmed": {"dispute"},
    "no_word": {"dispute"}, "not_ours": set(), "withdrawn": set(),
}  # fmt: skip
ALWAYS = {"forget"}


def test_the_buttons_are_those_of_the_law_and_what_has_none_is_refused():
    a_report()
    at = timezone.now()
    for now, buttons in BUTTONS.items():
        is_closed = now in CLOSED
        facts = {"answer": "好了", "answered_at": at, "closed_at": at if is_closed else None}
        Report.objects.update(state=now, **facts)
        page = page_of()
        assert (state(page), deeds(page)) == (now, buttons | ALWAYS)
        for deed in {"confirm", "dispute", "withdraw", "add"} - buttons:
            back = Client().post(f"/r/{RECEIPT}/", {"do": deed, "words": "还没好"})
            assert (back.status_code, state(text_of(back))) == (409, now)
        if is_closed:
            Report.objects.update(closed_at=at - timedelta(days=31))
            assert deeds(page_of()) == ALWAYS
            assert Client().post(f"/r/{RECEIPT}/", {"do": "dispute", "words": "又来了"}).status_code == 409


def test_disputed_solved_and_opened_again_it_keeps_its_number_and_its_clock(staff):
    report = a_report()

    def post(**said):
        return Client().post(f"/r/{RECEIPT}/", said)

    answered(report, staff)
    back = post(do="dispute", words=" ")
    assert back.status_code == 400 and state(text_of(back)) == "answered"
    long = post(do="dispute", words="又" * 1001)
    assert long.status_code == 400 and "又" * 1001 in text_of(long)
    assert post(do="dispute", words="晚上又停回来了")["Location"] == f"/r/{RECEIPT}/"
    handling.answer(report.pk, "隔离桩已装好。", by=staff, at=timezone.now())
    assert "隔离桩已装好。" in re.search(r'id="answer">(.*?)</dd>', page_of())[1]
    for said, after in (({"do": "confirm"}, "confirmed"), ({"do": "dispute", "words": "桩被撞倒"}, "disputed")):
        assert post(**said).status_code == 302 and state(page_of()) == after
    assert post(do="withdraw").status_code == 302
    assert post(do="steal").status_code == 400

    page, now = page_of(), Report.objects.get()
    assert (state(page), now.number, now.due_at, now.reopened) == ("withdrawn", report.number, report.due_at, 1)
    assert steps(page) == ["told", "accept", "answer", "dispute", "answer", "confirm", "reopen", "withdraw"]
    assert "晚上又停回来了" in page and "桩被撞倒" in page


def test_words_and_photos_are_added_and_the_contact_is_erased_for_good():
    a_report(contact=TELEPHONE, wish=Wish.ANSWERABLE, photos=(a_picture().read(),) * 4)
    assert "erase" in deeds(page_of())

    added = Client().post(f"/r/{RECEIPT}/", {"do": "add", "words": "车牌看不清", "photos": [a_picture()]})
    assert added.status_code == 302 and "车牌看不清" in page_of() and page_of().count("<img src=") == 5
    many = Client().post(f"/r/{RECEIPT}/", {"do": "add", "words": "再来一张", "photos": [a_picture()]})
    assert many.status_code == 400 and ">再来一张</textarea>" in text_of(many)
    assert (ReportPhoto.objects.count(), steps(page_of())) == (5, ["told", "added"])

    assert Client().post(f"/r/{RECEIPT}/", {"do": "erase"}).status_code == 302
    assert "erase" not in deeds(page_of()) and not Contact.objects.exists()


def test_what_was_written_is_erased_for_good_and_what_is_left_says_so(staff):
    report = a_report(place="3号楼东侧", contact=TELEPHONE, wish=Wish.ANSWERABLE, photos=(a_picture().read(),))
    Client().post(f"/r/{RECEIPT}/", {"do": "add", "words": "车牌看不清", "photos": [a_picture()]})
    answered(report, staff, photos=(a_picture().read(),))
    photos = list(ReportPhoto.objects.values_list("pk", flat=True))
    assert "forget" in deeds(page_of())

    assert Client().post(f"/r/{RECEIPT}/", {"do": "forget"}).status_code == 302
    page = page_of()
    assert (state(page), deeds(page)) == ("withdrawn", set()) and 'id="erased"' in page and 'id="answer"' not in page
    assert steps(page) == ["told", "added", "accept", "answer", "withdraw", "contact_erased", "words_erased"]
    written = (TEXT, "3号楼东侧", "车牌看不清", "已请车主挪车。", TELEPHONE, "<img src=")
    assert not any(words in page for words in written) and report.number in page
    assert {Client().get(f"/r/{RECEIPT}/{photo}.jpg").status_code for photo in photos} == {404}
    assert Client().post(f"/r/{RECEIPT}/", {"do": "forget"}).status_code == 302
    assert steps(page_of()) == steps(page)


def test_told_in_confidence_on_the_form_it_is_in_no_public_figure():
    before = plain(f"/u/{UNIT}/")
    sent = go(at_send(), do="send", wish="anonymous", contact="", in_confidence="on")

    assert sent.status_code == 302 and Report.objects.get().in_confidence
    assert plain(f"/u/{UNIT}/") == before


def test_notes_for_colleagues_and_names_of_staff_are_never_shown(staff):
    report = a_report()
    handling.note(report.pk, "此人常投诉", by=staff, at=timezone.now())
    answered(report, staff, photos=(a_picture().read(),))
    handling.note(report.pk, "回头再看", by=staff, at=timezone.now())

    page = page_of()
    assert steps(page) == ["told", "accept", "answer"] and page.count("<img src=") == 1
    assert not any(words in page for words in ("此人常投诉", "回头再看", staff.username, "noted"))


def test_whoever_was_joined_or_said_me_too_sees_how_the_other_stands_and_none_of_its_text(staff):
    picture = a_picture().read()
    reached = {"contact": TELEPHONE, "wish": Wish.ANSWERABLE}
    other = a_report(OTHER_RECEIPT, text="他家的话", place="他家门口", photos=(picture,), **reached)
    own = a_report(photos=(picture,))
    reporting.add(OTHER_RECEIPT, "他家补充", at=timezone.now())
    reporting.concern_me_too(other.pk, ME_TOO, at=timezone.now())
    handling.join(own.pk, other.pk, by=staff, at=timezone.now())
    answered(other, staff, photos=(picture,))
    reporting.dispute(OTHER_RECEIPT, "他家不服", at=timezone.now())
    handling.read_contact(other.pk, "打电话问", by=staff, at=timezone.now())

    joined, me_too = page_of(), page_of(ME_TOO)
    for page in (joined, me_too):
        assert (state(page), deeds(page) - ALWAYS) == ("disputed", set())
        assert other.number in page and "已请车主挪车。" in page
        assert not any(words in page for words in ("他家", TELEPHONE, "打电话问", OTHER_RECEIPT, staff.username))
    assert TEXT in joined and TEXT not in me_too
    theirs = ["told", "accept", "answer"]  # neither what was added nor why it was disputed
    assert (steps(joined), steps(me_too)) == (["told", "join", *theirs], theirs)
    assert (joined.count("<img src="), me_too.count("<img src=")) == (2, 1)  # own and result; result
    photo = ReportPhoto.objects.get(report=other, is_result=False)
    for receipt, status in ((RECEIPT, 404), (ME_TOO, 404), (OTHER_RECEIPT, 200)):
        assert Client().get(f"/r/{receipt}/{photo.pk}.jpg").status_code == status
    for deed in ("confirm", "dispute", "withdraw", "add", "erase"):
        assert Client().post(f"/r/{ME_TOO}/", {"do": deed, "words": "字"}).status_code == 404


def at_the_same_place(text=TEXT):
    """Go to the last step with a point a few metres from `INSIDE`."""
    here = {"lon": str(INSIDE[0] + 0.0001), "lat": str(INSIDE[1])}
    return go(go(at_where(text), do="locate", **here), guess=FIRE_LANE, unit=UNIT)


def test_me_too_gives_a_receipt_of_its_own_once_and_tells_nothing_new():
    other = a_report(OTHER_RECEIPT, text="他家的话", lon=INSIDE[0], lat=INSIDE[1])
    last = at_the_same_place()
    assert f'name="same" value="{other.pk}"' in text_of(last) and "他家的话" not in text_of(last)

    first, again = go(last, same=str(other.pk)), go(last, same=str(other.pk))
    assert first.status_code == 302 and first["Location"] == again["Location"]
    assert (Report.objects.count(), AlsoConcerned.objects.count()) == (1, 1)
    assert state(page_of(first["Location"].split("/")[2])) == "filed" and OTHER_RECEIPT not in first["Location"]
    for key, status in (("x", 400), ("00000000-0000-0000-0000-000000000000", 404)):
        assert go(last, same=key).status_code == status


def shown(answer) -> str:
    """Return a page without what is drawn at random each time it is asked for."""
    return re.sub(r'name="(csrfmiddlewaretoken|draft)" value="[^"]*"', "", text_of(answer))


def plain(path: str) -> str:
    return shown(Client().get(path))


def test_a_unit_shows_figures_and_what_was_released_and_nothing_else(staff):
    report = a_report(place="3号楼东侧", contact=TELEPHONE, wish=Wish.ANSWERABLE)
    a_report(OTHER_RECEIPT, text="不给人看的话")

    assert "不足 5 件" in plain(f"/u/{UNIT}/")
    answered(report, staff)
    handling.release(report.pk, "消防通道已清，装了隔离桩。", by=staff, at=timezone.now())
    page = plain(f"/u/{UNIT}/")
    assert "不足 5 件" in page and "消防通道已清，装了隔离桩。" in page
    told_of = (report.number, str(report.pk), TEXT, "不给人看的话", "3号楼东侧", "已请车主挪车。")
    assert not any(words in page for words in (*told_of, TELEPHONE, staff.username))
    assert "隔离桩" not in plain(f"/u/{NEXT_UNIT}/")
    handling.release(report.pk, "", by=staff, at=timezone.now())
    assert "隔离桩" not in plain(f"/u/{UNIT}/")


def test_for_everyone_else_an_unreleased_report_changes_little_more_than_the_list_of_me_too(staff):
    paths = ["/", "/?q=单元", f"/a/{VILLAGE}/", f"/u/{NEXT_UNIT}/", f"/u/{UNIT}/map.json", f"/report/?unit={UNIT}"]
    before, unit = {path: plain(path) for path in paths}, plain(f"/u/{UNIT}/")
    far = shown(at_send())

    sent = {"photos": (a_picture().read(),), "contact": TELEPHONE, "wish": Wish.ANSWERABLE}
    report = a_report(lon=INSIDE[0], lat=INSIDE[1], **sent)
    handling.note(report.pk, "此人常投诉", by=staff, at=timezone.now())

    assert {path: plain(path) for path in paths} == before
    # One alone is too few to be told.
    assert plain(f"/u/{UNIT}/") == unit.replace('data-figure="open">0<', 'data-figure="open">不足 5 件<')
    assert shown(at_send()) == far  # without a point
    # With a point, and its sort: which sort, what day and how far away, so that one may say “me too”.
    near = text_of(at_the_same_place("又有人占消防通道"))
    told_of = re.search(r'id="same".*?</section>', near, re.S)[0]
    assert str(report.pk) in told_of and f"{timezone.localdate():%Y-%m-%d}" in told_of
    assert not any(words in near for words in (TEXT, report.number, TELEPHONE))
