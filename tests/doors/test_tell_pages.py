"""Telling a matter in three steps, following it by its receipt, and what everyone else sees, by a test client."""

import html
import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.builders import GRID, TOWN, VILLAGE, a_user
from tests.systems.governance.matters import FIRE_LANE, INSIDE, LAMP, NEXT_UNIT, RECEIPT, UNIT, a_village, told
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base import drafts
from weiduan.ground.territory.queries import area_of
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import AlsoConcerned, Contact, Report, ReportPhoto
from weiduan.systems.governance.reports.rules import CLOSED, Wish

pytestmark = pytest.mark.django_db
TEXT, TELEPHONE = "白色面包车堵住消防通道，路灯也不亮", "13800000000"
OTHER_RECEIPT = "receipt-of-a-neighbour-2"
ME_TOO = "receipt-of-a-passer-by-2"
MARKER = "MARKER-OF-A-CAMERA"


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    """A drawn village whose photos and keys lie in a directory of this test."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


@pytest.fixture
def staff():
    return a_user(Duty.HANDLE_REPORTS, area=GRID, name="zhang-the-handler")


def a_picture(kind="JPEG") -> SimpleUploadedFile:
    target, exif = BytesIO(), Image.Exif()
    exif[0x010F] = MARKER
    Image.new("RGB", (30, 20), "red").save(target, kind, exif=exif)
    return SimpleUploadedFile("IMG_1.jpg", target.getvalue(), "image/jpeg")


def text_of(answer) -> str:
    return answer.content.decode()


def hidden(answer) -> dict[str, str]:
    """Return what the largest form of the page carries hidden, as a browser would send it."""
    form = re.search(r'<form class="wd-form" id="tell".*?</form>', text_of(answer), re.S)[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def step_of(answer) -> str:
    return re.search(r'data-step="(\w+)"', text_of(answer))[1]


def wrong(answer) -> set[str]:
    """Return the fields the summary of mistakes leads to."""
    return set(re.findall(r'<li><a href="#id_(\w+?)(?:_0)?">', text_of(answer)))


def go(answer, **said):
    """Send the page's form with what is said; `do` is the button."""
    return Client().post("/report/", hidden(answer) | {"do": "next"} | said)


def at_where(text=TEXT, unit=UNIT):
    return go(Client().get(f"/report/?unit={unit}"), text=text)


def at_send(**said):
    return go(at_where(), **{"guess": FIRE_LANE, "unit": UNIT, "place": "3号楼东侧"} | said)


def send(answer, **said):
    return go(answer, **{"do": "send", "wish": "anonymous", "contact": ""} | said)


def page_of(receipt=RECEIPT) -> str:
    answer = Client().get(f"/r/{receipt}/")
    assert answer.status_code == 200
    return text_of(answer)


def deeds(page: str) -> set[str]:
    return set(re.findall(r'name="do" value="(\w+)"', page))


def state(page: str) -> str:
    return re.search(r'id="state" data-state="(\w+)"', page)[1]


def steps(page: str) -> list[str]:
    return re.findall(r'data-what="(\w+)"', page)


def a_report(receipt=RECEIPT, **said) -> Report:
    return told(receipt, at=timezone.now(), **{"text": TEXT} | said)


def answered(report: Report, by, words="已请车主挪车。", **more) -> None:
    handling.accept(report.pk, by=by, at=timezone.now())
    handling.answer(report.pk, words, by=by, at=timezone.now(), **more)


def test_three_steps_lead_to_a_receipt_and_nothing_is_kept_before_the_last():
    first = Client().get(f"/report/?unit={UNIT}&q=面包车")
    assert step_of(first) == "what" and ">\n面包车</textarea>" in text_of(first)
    where = go(first, text=TEXT)
    last = go(where, guess=FIRE_LANE, unit=UNIT, place="3号楼东侧")
    assert (step_of(where), step_of(last)) == ("where", "send")
    assert hidden(first)["draft"] == hidden(where)["draft"] == hidden(last)["draft"]
    assert not Report.objects.exists()

    answer = send(last)
    report = Report.objects.get()
    assert answer.status_code == 302 and re.fullmatch(r"/r/[\w-]{24}/", answer["Location"])
    kept = report.text, report.place, report.category.code, report.channel
    assert kept == (TEXT, "3号楼东侧", FIRE_LANE, "portal")
    assert area_of(report.area_id, on=timezone.localdate()).code == UNIT
    page = page_of(answer["Location"].split("/")[2])
    assert state(page) == "filed" and f'id="number">{report.number}<' in page and TEXT in page
    assert answer["Location"].split("/")[2].encode() not in bytes(report.receipt_hash)


def test_sent_twice_it_is_one_report_and_with_other_words_it_is_refused():
    last = at_send()

    assert send(last)["Location"] == send(last)["Location"]
    assert Report.objects.count() == 1
    assert send(last, text="别的事").status_code == 409
    assert Report.objects.get().text == TEXT


def test_a_form_older_than_a_day_comes_back_with_everything_and_can_be_sent_once_more(monkeypatch):
    last = at_send()
    with monkeypatch.context() as later:
        later.setattr(drafts, "LASTS_S", -1)
        back = send(last, wish="answerable", contact=TELEPHONE)

    assert (back.status_code, step_of(back), Report.objects.count()) == (400, "send", 0)
    assert hidden(back)["draft"] != hidden(last)["draft"] and f'value="{TELEPHONE}"' in text_of(back)
    assert send(back, wish="answerable", contact=TELEPHONE).status_code == 302
    assert (Report.objects.get().text, Contact.objects.count()) == (TEXT, 1)


def test_a_form_that_is_not_ours_tells_nothing():
    last = at_send()
    for draft in ("", "forged", "WyJ4Il0:1abcde:xxxxxxxxxxxxxxxxxxxxxx"):
        assert send(last, draft=draft).status_code == 400
    assert not Report.objects.exists()


def test_without_words_or_with_too_many_it_stays_at_the_first_step():
    first = Client().get(f"/report/?unit={UNIT}")
    for text in ("", "  \n ", "\0", "字" * 4001):
        back = go(first, text=text)
        assert (back.status_code, step_of(back), wrong(back)) == (400, "what", {"text"})
        assert hidden(back)["unit"] == UNIT and (len(text) < 9 or text in text_of(back))


def test_what_is_suggested_says_the_words_it_comes_from_and_is_never_chosen_beforehand():
    page = text_of(at_where())
    guesses = re.findall(r'<input[^>]*name="guess"[^>]*>', page)

    assert [re.search(r'value="(\w+)"', guess)[1] for guess in guesses] == [FIRE_LANE, LAMP, "other"]
    assert not any("checked" in guess for guess in guesses)
    assert "selected" not in re.sub(r'<option value=""[^>]*>', "", page)
    labels = re.findall(r'for="id_guess_\d">.*?<span>(.*?)</span>', page, re.S)
    assert "消防通道" in labels[0].split("“")[-1] and "路灯" in labels[1].split("“")[-1]
    assert 'name="guess"' not in text_of(at_where("嗯"))


def test_mistakes_of_the_second_step_are_named_and_what_was_typed_stays():
    none = go(at_where(), look="单元", place="门口左边")
    assert (none.status_code, step_of(none), wrong(none)) == (400, "where", {"guess", "unit"})
    assert f'value="{NEXT_UNIT}"' in text_of(none) and 'value="单元"' in text_of(none)
    assert 'value="门口左边"' in text_of(none) and hidden(none)["text"] == TEXT

    two = go(at_where(), guess=FIRE_LANE, category=LAMP, unit=UNIT)
    assert wrong(two) == {"category"}
    assert all(re.search(rf'value="{kept}"[^>]*(checked|selected)', text_of(two)) for kept in (FIRE_LANE, LAMP, UNIT))
    assert wrong(go(at_where(), guess=FIRE_LANE, unit="510113002002001999")) == {"unit"}
    assert wrong(go(at_where(unit="999999999999999999"), guess=FIRE_LANE)) == {"look"}


def test_only_a_unit_or_a_village_that_there_is_can_be_chosen():
    for unit in (UNIT, VILLAGE, TOWN, GRID, "9" * 18, "x"):
        page, is_offered = at_where(unit=unit), unit in (UNIT, VILLAGE)
        assert page.status_code == 200 and (f'value="{unit}"' in text_of(page)) == is_offered
        assert is_offered or wrong(go(page, guess=FIRE_LANE, unit=unit)) >= {"unit"}


def test_the_place_is_looked_for_by_name_in_full_width_too_and_one_can_step_back():
    found = go(at_where(unit=""), do="search", look="单元　００１００２")
    assert step_of(found) == "where" and f'value="{NEXT_UNIT}"' in text_of(found) and UNIT not in text_of(found)

    last = go(found, guess="other", category=LAMP, unit=NEXT_UNIT, place="二单元")
    assert step_of(last) == "send"
    back = go(last, do="back")
    assert (step_of(back), hidden(back)["text"]) == ("where", TEXT) and 'value="二单元"' in text_of(back)
    assert re.search(rf'value="{LAMP}"[^>]*checked', text_of(back))
    first = go(back, do="back", guess=LAMP, unit=NEXT_UNIT, place="二单元")
    assert step_of(first) == "what" and TEXT in text_of(first) and hidden(first)["place"] == "二单元"


def test_where_the_phone_is_counts_only_for_the_unit_it_lies_in():
    here = {"lon": str(INSIDE[0]), "lat": str(INSIDE[1])}
    located = go(at_where(unit=""), do="locate", **here)
    assert re.search(rf'value="{UNIT}"[^>]*checked', text_of(located)) and hidden(located)["lon"] == here["lon"]

    send(go(located, guess=FIRE_LANE, unit=UNIT))
    assert (Report.objects.get().lon, Report.objects.get().lat) == INSIDE
    send(go(at_where(unit=NEXT_UNIT), guess=LAMP, unit=NEXT_UNIT, **here))
    assert Report.objects.get(category__code=LAMP).lon is None


def test_a_point_that_is_none_is_no_accident():
    where = at_where()
    for lon in ("nan", "inf", "-1e999", "x", "", "１０４"):
        assert go(where, do="locate", lon=lon, lat="30.8305").status_code == 200
        assert go(where, guess=FIRE_LANE, unit=UNIT, lon=lon, lat="30.8305").status_code in (200, 400)


def test_a_contact_nobody_may_see_and_a_wish_without_one_are_each_named():
    last = at_send()
    unseen = send(last, wish="anonymous", contact=TELEPHONE)
    assert (unseen.status_code, wrong(unseen)) == (400, {"wish"}) and f'value="{TELEPHONE}"' in text_of(unseen)
    empty = send(last, wish="handler_only")
    assert (empty.status_code, wrong(empty)) == (400, {"contact"})
    assert re.search(r'value="handler_only"[^>]*checked', text_of(empty))
    assert wrong(send(last, wish="everyone")) == {"wish"} and not Report.objects.exists()


def test_a_telephone_of_full_width_digits_is_the_same_telephone_and_never_on_the_page(staff):
    receipt = send(at_send(), wish="handler_only", contact=" １３８００００００００ ")["Location"].split("/")[2]
    report = Report.objects.get()

    assert TELEPHONE not in page_of(receipt)
    assert handling.read_contact(report.pk, "问清楚在哪个门", by=staff, at=timezone.now()) == TELEPHONE
    page, read_at = page_of(receipt), timezone.localtime(Contact.objects.get().read_at)
    assert f"{read_at:%Y-%m-%d %H:%M}" in page.split('id="contact"')[1]
    assert "问清楚在哪个门" in page and TELEPHONE not in page and staff.username not in page


def test_pictures_are_drawn_anew_and_only_the_own_receipt_shows_them():
    last = at_send()
    receipt = send(last, photos=[a_picture(), a_picture("PNG")])["Location"].split("/")[2]
    a_report(OTHER_RECEIPT)
    addresses = re.findall(r'<img src="(/r/[^"]+)"', page_of(receipt))
    assert len(addresses) == 2

    for address in addresses:
        answer = Client().get(address)
        content = b"".join(answer.streaming_content)
        assert content[:2] == b"\xff\xd8" and MARKER.encode() not in content
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
        assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
        for other in (OTHER_RECEIPT, "x" * 24):
            assert Client().get(address.replace(receipt, other)).status_code == 404
        assert Client().get(ReportPhoto.objects.first().file.url).status_code == 404


def test_what_is_no_picture_or_one_too_many_keeps_the_rest_of_the_form():
    last, no_picture = at_send(), SimpleUploadedFile("a.jpg", b"<svg onload=x>", "image/jpeg")
    for photos in ([no_picture], [a_picture() for _ in range(6)]):
        back = send(last, wish="answerable", contact=TELEPHONE, photos=photos)
        assert (back.status_code, step_of(back), Report.objects.count()) == (400, "send", 0)
        assert f'value="{TELEPHONE}"' in text_of(back) and hidden(back)["text"] == TEXT
    assert send(back, wish="answerable", contact=TELEPHONE).status_code == 302


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
    assert Report.objects.get().steps.count() == 1


BUTTONS = {
    "filed": {"withdraw", "add"}, "accepted": {"withdraw", "add"}, "in_hand": {"withdraw", "add"},
    "disputed": {"withdraw", "add"}, "answered": {"confirm", "dispute", "withdraw", "add"}, "confirmed": {"dispute"},
    "no_word": {"dispute"}, "not_ours": set(), "withdrawn": set(),
}  # fmt: skip


def test_the_buttons_are_those_of_the_law_and_what_has_none_is_refused():
    a_report()
    at = timezone.now()
    for now, buttons in BUTTONS.items():
        is_closed = now in CLOSED
        facts = {"answer": "好了", "answered_at": at, "closed_at": at if is_closed else None}
        Report.objects.update(state=now, **facts)
        page = page_of()
        assert (state(page), deeds(page)) == (now, buttons)
        for deed in {"confirm", "dispute", "withdraw", "add"} - buttons:
            back = Client().post(f"/r/{RECEIPT}/", {"do": deed, "words": "还没好"})
            assert (back.status_code, state(text_of(back))) == (409, now)
        if is_closed:
            Report.objects.update(closed_at=at - timedelta(days=31))
            assert deeds(page_of()) == set()
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
        assert (state(page), deeds(page)) == ("disputed", set())
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

    def figures(page):
        return {name: int(n) for name, n in re.findall(r'data-figure="(\w+)">(\d+)<', page)}

    assert figures(plain(f"/u/{UNIT}/")) == {"open": 2, "answered": 0, "confirmed": 0}
    answered(report, staff)
    handling.release(report.pk, "消防通道已清，装了隔离桩。", by=staff, at=timezone.now())
    page = plain(f"/u/{UNIT}/")
    assert figures(page) == {"open": 1, "answered": 1, "confirmed": 0} and "消防通道已清，装了隔离桩。" in page
    told_of = (report.number, str(report.pk), TEXT, "不给人看的话", "3号楼东侧", "已请车主挪车。")
    assert not any(words in page for words in (*told_of, TELEPHONE, staff.username))
    assert figures(plain(f"/u/{NEXT_UNIT}/"))["open"] == 0 and "隔离桩" not in plain(f"/u/{NEXT_UNIT}/")
    handling.release(report.pk, "", by=staff, at=timezone.now())
    assert "隔离桩" not in plain(f"/u/{UNIT}/")


def test_for_everyone_else_an_unreleased_report_changes_one_figure_and_the_list_of_me_too(staff):
    paths = ["/", "/?q=单元", f"/a/{VILLAGE}/", f"/u/{NEXT_UNIT}/", f"/u/{UNIT}/map.json", f"/report/?unit={UNIT}"]
    before, unit = {path: plain(path) for path in paths}, plain(f"/u/{UNIT}/")
    far = shown(at_send())

    sent = {"photos": (a_picture().read(),), "contact": TELEPHONE, "wish": Wish.ANSWERABLE}
    report = a_report(lon=INSIDE[0], lat=INSIDE[1], **sent)
    handling.note(report.pk, "此人常投诉", by=staff, at=timezone.now())

    assert {path: plain(path) for path in paths} == before
    assert plain(f"/u/{UNIT}/") == unit.replace('data-figure="open">0<', 'data-figure="open">1<')
    assert shown(at_send()) == far  # without a point
    # With a point, and its sort: which sort, what day and how far away, so that one may say “me too”.
    near = text_of(at_the_same_place("又有人占消防通道"))
    told_of = re.search(r'id="same".*?</section>', near, re.S)[0]
    assert str(report.pk) in told_of and f"{timezone.localdate():%Y-%m-%d}" in told_of
    assert not any(words in near for words in (TEXT, report.number, TELEPHONE))
