"""Holds: while a case is held neither clock nor wish erases it, its holder is told so, and lifted it is erased by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.doors.telling import text_of
from tests.systems.governance.matters import RECEIPT, a_village, told
from tests.systems.services import active
from tests.systems.venues.places import a_room, a_wish
from weiduan.doors.console import clock
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.holds.actions import HeldAlready, hold, lift
from weiduan.ground.holds.models import Hold, WaitingToErase
from weiduan.ground.holds.queries import holds_in
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports import reporting
from weiduan.systems.governance.reports.models import Contact, Report
from weiduan.systems.governance.reports.rules import Wish
from weiduan.systems.services.activities import signing_up
from weiduan.systems.services.activities.models import SignUp
from weiduan.systems.services.wishes import actions as wishes
from weiduan.systems.services.wishes.models import Wish as WishRow
from weiduan.systems.venues.bookings import contact as bookings
from weiduan.systems.venues.bookings.actions import book
from weiduan.systems.venues.bookings.models import Booking

pytestmark = pytest.mark.django_db(transaction=True)
DAY, TELEPHONE, WHY = timedelta(days=1), "13812345678", "行政复议需要"
SOON = local_day(MONDAY + 200 * DAY)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def held(case, **said):
    return hold(case, WHY, **{"until": SOON, "by": "test", "at": MONDAY} | said)


def contact_of(report):
    kept = Contact.objects.filter(report=report).first()
    return open_for(report.pk, kept.sealed) if kept else None


def test_the_clock_waits_while_it_is_held_and_erases_with_the_next_round_once_it_is_lifted():
    report = told(contact=TELEPHONE, wish=Wish.ANSWERABLE)
    reporting.withdraw(RECEIPT, at=MONDAY)
    laid = held(report.pk)

    clock.tick(at=MONDAY + 100 * DAY)
    assert contact_of(report) == TELEPHONE
    lift(laid.pk, by="test", at=MONDAY + 100 * DAY)
    clock.tick(at=MONDAY + 100 * DAY)
    assert contact_of(report) is None
    whats = list(Entry.objects.filter(kind="holds.hold").order_by("pos").values_list("what", flat=True))
    assert whats == ["hold.laid", "hold.lifted"]


def test_it_ends_by_itself_on_the_day_it_says():
    report = told(contact=TELEPHONE, wish=Wish.ANSWERABLE)
    reporting.withdraw(RECEIPT, at=MONDAY)
    held(report.pk)
    clock.tick(at=MONDAY + 199 * DAY)
    assert contact_of(report) == TELEPHONE
    clock.tick(at=MONDAY + 200 * DAY)
    assert contact_of(report) is None


def test_what_is_wished_erased_meanwhile_waits_and_is_erased_by_itself_everywhere(client):
    at = MONDAY
    report = told(contact=TELEPHONE, wish=Wish.ANSWERABLE)
    mine = active.signed_up(active.an_activity(), 1, name="王某某", contact=TELEPHONE)
    wish = wishes.tell_wish(report.area.versions.get().code, "想借一套课外书", TELEPHONE, RECEIPT, at=at)
    booking = book(a_room(), a_wish(contact=TELEPHONE), receipt=RECEIPT, by=None, at=at)
    laid = [held(one.pk) for one in (report, mine, wish, booking)]

    reporting.erase_words(RECEIPT, at=at)
    reporting.erase_words(RECEIPT, at=at)  # wished again it waits once
    signing_up.erase(active.a_receipt(1), at=at)
    wishes.erase_contact(RECEIPT, at=at)
    bookings.erase_contact(booking.pk, receipt=RECEIPT, at=at)
    assert contact_of(report) == TELEPHONE and Report.objects.get().text == "消防通道被车堵了"
    assert SignUp.objects.exclude(sealed_name=b"").count() == WishRow.objects.exclude(sealed_contact=b"").count() == 1
    assert Booking.objects.exclude(contact=b"").count() == 1 and WaitingToErase.objects.count() == 5

    for one in laid:
        lift(one.pk, by="test", at=at + DAY)
    clock.tick(at=at + DAY)
    assert contact_of(report) is None and Report.objects.get().text == ""
    assert SignUp.objects.exclude(sealed_name=b"").count() == WishRow.objects.exclude(sealed_contact=b"").count() == 0
    assert Booking.objects.exclude(contact=b"").count() == WaitingToErase.objects.count() == 0


def test_whoever_holds_the_receipt_is_told_on_its_page_and_when_wishing_it_erased(client):
    from django.utils import timezone

    report = told(contact=TELEPHONE, wish=Wish.ANSWERABLE, at=timezone.now())
    page = f"/r/{RECEIPT}/"
    assert 'id="held"' not in text_of(client.get(page))
    until = local_day(timezone.now() + 30 * DAY)
    hold(report.pk, WHY, until=until, by="test", at=timezone.now())
    assert WHY in text_of(client.get(page)) and str(until) in text_of(client.get(page))
    said = text_of(client.post(page, {"do": "erase"}, follow=True))
    assert str(until) in said and contact_of(report) == TELEPHONE
    assert client.get(f"/copy/{RECEIPT}.json").json()["held_until"] == str(until)


def test_only_whoever_sets_the_rules_there_holds_and_lifts_and_only_a_case_that_is_there():
    report = told()
    keeper, stranger = a_user(Duty.SET_RULES, area=VILLAGE), a_user(Duty.READ_LEDGER, area=OTHER_VILLAGE)
    with pytest.raises(NotFound):
        held(report.pk, by=stranger)
    with pytest.raises(NotAllowed):
        held(report.pk, by=a_user(Duty.LOOK, area=VILLAGE))
    with pytest.raises(NotFound):
        held(uuid4())
    laid = held(report.pk, by=keeper)
    with pytest.raises(HeldAlready):
        held(report.pk, by=keeper)
    with pytest.raises(NotFound):
        lift(laid.pk, by=stranger, at=MONDAY)
    assert [one.pk for one in holds_in("510113002002", at=MONDAY)] == [laid.pk]
    assert list(holds_in("510113002003", at=MONDAY)) == []
    lift(laid.pk, by=keeper, at=MONDAY)
    assert Hold.objects.get().lifted_at == MONDAY


def test_a_hold_says_why_and_lasts_a_year_at_most():
    report = told()
    for wrong in ({"until": local_day(MONDAY)}, {"until": local_day(MONDAY + 367 * DAY)}):
        with pytest.raises(BadInput):
            held(report.pk, **wrong)
    with pytest.raises(BadInput):
        hold(report.pk, " ", until=SOON, by="test", at=MONDAY)


def test_at_the_desk_it_is_laid_listed_and_lifted(client):
    from django.utils import timezone

    report = told(at=timezone.now())
    client.force_login(a_user(Duty.SET_RULES, area=VILLAGE))
    page = f"/desk/area/{VILLAGE}/holds/"
    day = local_day(timezone.now() + 30 * DAY)
    assert client.post(page, {"do": "lay", "case": "x", "reason": "", "until": ""}).status_code == 400
    laid = client.post(page, {"do": "lay", "case": str(report.pk), "reason": WHY, "until": str(day)}, follow=True)
    assert WHY in text_of(laid) and str(report.pk) in text_of(laid)
    assert client.post(page, {"do": "lift", "hold": "x"}).status_code == 404
    lifted = client.post(page, {"do": "lift", "hold": str(Hold.objects.get().pk)}, follow=True)
    assert WHY not in text_of(lifted)
    client.force_login(a_user(Duty.LOOK, area=VILLAGE))
    assert client.get(page).status_code == 403
