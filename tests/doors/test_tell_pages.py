"""Telling a matter in three steps, by a test client."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, TOWN, VILLAGE, a_user
from tests.doors.telling import (
    MARKER,
    OTHER_RECEIPT,
    TELEPHONE,
    TEXT,
    a_picture,
    a_report,
    at_send,
    at_where,
    go,
    hidden,
    page_of,
    send,
    state,
    step_of,
    text_of,
    wrong,
)
from tests.systems.governance.matters import FIRE_LANE, INSIDE, LAMP, NEXT_UNIT, UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base import drafts
from weiduan.ground.territory.queries import area_of
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.models import Contact, Report, ReportPhoto

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    """A drawn village whose photos and keys lie in a directory of this test."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


@pytest.fixture
def staff():
    return a_user(Duty.HANDLE_REPORTS, area=GRID, name="zhang-the-handler")


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


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"unit": TOWN}, "unit"), ({"unit": GRID}, "unit"), ({"unit": ""}, "unit"), ({"unit": UNIT[:-1] + "9"}, "unit"),
        ({"category": "A"}, "category"), ({"category": ""}, "category"), ({"place": "字" * 101}, "place"),
        ({"lon": "181", "lat": "30"}, ""), ({"lon": "nan", "lat": "30"}, ""), ({"lon": "x", "lat": "30"}, ""),
    ],
)  # fmt: skip
def test_what_the_last_step_brings_that_no_step_offered_leads_back_to_where_it_is_chosen(said, field):
    back = send(at_send(), **said)
    assert (back.status_code, step_of(back), Report.objects.count()) == (400, "where", 0)
    assert not field or wrong(back) & {field, "look", "guess"}
    assert hidden(back)["text"] == TEXT


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
        content = answer.content
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
