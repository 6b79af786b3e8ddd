"""Activities through their pages: planned, signed up for, waited for, taken up, held; by staff and by residents without an account."""

import logging
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import FIRE_LANE, UNIT, a_village
from tests.systems.services.active import MAIL, NAME, a_keeper, a_plan
from tests.systems.venues.places import ALL_WEEK
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import Activity, Series, SignUp
from weiduan.systems.services.activities.planning import plan
from weiduan.systems.services.brands.models import Brand
from weiduan.systems.services.functions.models import Function
from weiduan.systems.services.messages.actions import deliver
from weiduan.systems.venues.facilities.actions import RoomFacts, add_room, found_centre
from weiduan.systems.venues.facilities.rules import Use
from weiduan.systems.venues.hours.actions import set_week

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def noon(days: int) -> datetime:
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) + days * DAY


def typed(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")


def said(**more) -> dict:
    told = {
        "title": "剪纸体验课", "kind": "culture", "host": "邻里艺术团", "starts_at": typed(noon(5)), "ends_at": typed(noon(5) + HOUR),
        "place": "邻里书吧", "capacity": "2", "waiting_capacity": "1", "opens": "on",
    }  # fmt: skip
    return {name: value for name, value in (told | more).items() if value is not None}


def an_activity(**facts) -> Activity:
    wanted = a_plan(**({"starts_at": noon(5), "ends_at": noon(5) + HOUR, "capacity": 1, "waiting_capacity": 1} | facts))
    return plan(UNIT, wanted, opens=facts.get("capacity", 1) is not None, by="test", at=timezone.now())


def draft_in(answer) -> str:
    return re.search(r'name="draft" value="([^"]+)"', text_of(answer))[1]


def sign_up(activity, **left) -> str:
    """Sign up through the page; return the address of the receipt."""
    page = f"/activity/{activity.pk}/"
    answer = Client().post(page, {"draft": draft_in(Client().get(page)), **left})
    assert answer.status_code == 302
    return answer["Location"]


def state_on(page: str) -> str:
    return re.search(r'id="state" data-state="(\w+)"', text_of(Client().get(page)))[1]


def test_planned_at_the_desk_signed_up_for_given_up_offered_and_taken_up_without_an_account():
    desk = signed_in(a_keeper())
    answer = desk.post(f"/desk/activities/new/?area={UNIT}", said(capacity="1"))
    assert answer.status_code == 302
    activity = Activity.objects.get()
    assert "剪纸体验课" in text_of(Client().get(f"/a/{UNIT}/activities/")) and "剪纸体验课" in text_of(
        Client().get(f"/u/{UNIT}/")
    )

    first, second = sign_up(activity), sign_up(activity, name=NAME, contact=MAIL)
    assert (state_on(first), state_on(second)) == ("seated", "waiting")
    full = Client().post(f"/activity/{activity.pk}/", {"draft": "made up"})
    assert full.status_code == 400
    assert 'id="closed"' in text_of(Client().get(f"/activity/{activity.pk}/"))

    assert Client().post(first, {"do": "give_up"}).status_code == 302
    assert (state_on(first), state_on(second)) == ("cancelled", "offered")
    assert Client().post(second, {"do": "accept"}).status_code == 302
    assert state_on(second) == "seated"

    page = text_of(desk.get(answer["Location"]))
    assert NAME in page and MAIL not in page
    assert text_of(signed_in(a_user(Duty.LOOK)).get(answer["Location"])).count(NAME) == 0


def test_the_last_place_taken_meanwhile_is_told_and_what_was_typed_stays():
    activity = an_activity(waiting_capacity=0)
    page = f"/activity/{activity.pk}/"
    draft = draft_in(Client().get(page))
    sign_up(activity)
    answer = Client().post(page, {"draft": draft, "name": "小明"})
    assert answer.status_code == 409 and 'id="refused"' in text_of(answer)
    wrong = Client().post(f"/activity/{an_activity().pk}/", {"draft": draft, "name": "名" * 21})
    assert wrong.status_code == 400 and "名" * 21 in text_of(wrong)


def test_the_same_form_sent_twice_is_one_sign_up():
    activity = an_activity(capacity=2)
    page = f"/activity/{activity.pk}/"
    draft = draft_in(Client().get(page))
    places = {Client().post(page, {"draft": draft})["Location"] for _twice in range(2)}
    assert len(places) == 1 and SignUp.objects.count() == 1


def test_a_receipts_page_is_kept_by_nobody_and_erases_what_was_left():
    page = sign_up(an_activity(), name=NAME, contact=MAIL)
    shown = Client().get(page)
    heads = [shown[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
    assert heads == ["no-store", "strict-origin", "noindex"]
    assert MAIL not in text_of(shown) and NAME not in text_of(shown)
    assert Client().post(page, {"do": "erase"}).status_code == 302
    mine = SignUp.objects.get()
    assert (bytes(mine.sealed_name), bytes(mine.sealed_contact), mine.state) == (b"", b"", "seated")
    assert Client().post(page, {"do": "dance"}).status_code == 400
    assert Client().get("/signup/nobody-has-such-a-receipt/").status_code == 404


def test_neither_contact_nor_name_stands_in_a_log(caplog, capsys):
    caplog.set_level(logging.DEBUG)
    activity = an_activity()
    page = sign_up(activity, name=NAME, contact=MAIL)
    signed_in(a_keeper()).get(f"/desk/activities/{activity.pk}/")
    Client().post(page, {"do": "dance"})
    Client().post(page, {"do": "give_up"})
    deliver(at=timezone.now())
    written = caplog.text + "".join(capsys.readouterr())
    assert not [secret for secret in (MAIL, NAME) if secret in written]


def test_a_contact_is_shown_once_to_who_says_why_and_stands_in_no_cookie_or_ledger():
    activity, desk = an_activity(), signed_in(a_keeper())
    receipt = sign_up(activity, contact=MAIL)
    page = f"/desk/activities/{activity.pk}/"
    answer = desk.post(page, {"do": "read", "number": "1", "reason": "change"})
    assert answer.status_code == 200 and MAIL in text_of(answer) and answer["Cache-Control"] == "no-store"
    assert MAIL not in "".join(morsel.value for morsel in desk.cookies.values())
    assert MAIL not in text_of(desk.get(page)) and MAIL not in repr(list(Entry.objects.values()))
    assert 'id="looks"' in text_of(Client().get(receipt))


def test_only_who_keeps_services_there_sees_it_at_the_desk():
    activity = an_activity()
    for page in (f"/desk/activities/{activity.pk}/", f"/desk/activities/{activity.pk}/report/"):
        assert signed_in(a_keeper(OTHER_VILLAGE)).get(page).status_code == 404
    assert signed_in(a_user(Duty.LOOK)).get(f"/desk/activities/new/?area={UNIT}").status_code == 403
    assert "剪纸" not in text_of(signed_in(a_keeper(OTHER_VILLAGE)).get("/desk/activities/"))


def test_changed_opened_counted_called_off_at_the_desk():
    desk = signed_in(a_keeper())
    made = desk.post(f"/desk/activities/new/?area={UNIT}", said(opens=None))["Location"]
    assert re.findall(r'id="deed-(\w+)"', text_of(desk.get(made))) == ["open", "change", "cancel"]
    assert desk.post(made, {"do": "open"}).status_code == 302
    wrong = desk.post(made, said(do="change", title=""))
    assert wrong.status_code == 400 and re.search(r'id="deed-change" open', text_of(wrong))
    assert desk.post(made, said(do="change", title="剪纸课", capacity="3")).status_code == 302
    assert desk.post(made, {"do": "cancel", "reason": "老师请假"}).status_code == 302
    activity = Activity.objects.get()
    assert (activity.title, activity.capacity, activity.state) == ("剪纸课", 3, "cancelled")
    assert "老师请假" in text_of(Client().get(f"/activity/{activity.pk}/"))
    assert desk.post(made, {"do": "cancel", "reason": "再次"}).status_code == 409
    assert desk.post(made, {"do": "nothing"}).status_code == 400


def test_a_series_is_planned_and_ended_at_the_desk():
    desk = signed_in(a_keeper())
    wrong = desk.post(f"/desk/activities/new/?area={UNIT}", said(repeat="weekly"))
    assert wrong.status_code == 400
    made = desk.post(f"/desk/activities/new/?area={UNIT}", said(repeat="weekly", count="3"))["Location"]
    assert Series.objects.count() == 1 and text_of(desk.get(made)).count("data-state=") == 3
    until = str(local_day(noon(12)))
    assert desk.post(made, {"do": "end", "until": until, "reason": "老师不再来"}).status_code == 302
    assert sorted(Activity.objects.values_list("state", flat=True)) == ["cancelled", "cancelled", "open"]
    assert signed_in(a_keeper(OTHER_VILLAGE)).get(made).status_code == 404


def test_what_was_said_at_a_deputies_day_is_written_down_and_counted_for_everyone():
    by = a_keeper()
    for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_GOVERNANCE):
        give_mandate(by, duty, area=VILLAGE, since=date(2018, 1, 1), by="test", at=timezone.now())
    desk, activity = signed_in(by), an_activity(kind="deputies", capacity=None, waiting_capacity=0)
    now = timezone.now()
    Activity.objects.filter(pk=activity.pk).update(starts_at=now - HOUR, ends_at=now + HOUR)
    page = f"/desk/activities/{activity.pk}/report/"
    told = {
        "category": FIRE_LANE,
        "unit": UNIT,
        "text": "消防通道被堵",
        "wish": "anonymous",
        "draft": draft_in(desk.get(page)),
    }
    for _twice in range(2):
        assert "/r/" in text_of(desk.post(page, told))
    assert Report.objects.count() == 1
    topic = {"do": "topic", "title": "架空层放长椅", "text": "老人没有地方坐。"}
    counted = {"do": "count", "attended": "12", "walk_ins": "12"}
    for deed in (topic, counted, {"do": "after", "words": "来了十二位居民。"}):
        assert desk.post(f"/desk/activities/{activity.pk}/", deed).status_code == 302
    shown = text_of(Client().get(f"/activity/{activity.pk}/"))
    assert 'data-figure="brought">2<' in shown and 'data-figure="answered">0<' in shown and "来了十二位居民。" in shown


def test_the_calendar_of_an_area_answers_that_nothing_changed():
    an_activity()
    first = Client().get(f"/a/{UNIT}/activities.ics")
    assert first["Content-Type"].startswith("text/calendar") and "剪纸体验课" in text_of(first)
    assert Client().get(f"/a/{UNIT}/activities.ics", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert Client().get("/a/999999999999/activities.ics").status_code == 404


def test_a_brand_is_made_marked_shown_with_what_belongs_to_it_and_ended():
    desk = signed_in(a_keeper())
    made = desk.post(f"/desk/brands/new/?area={VILLAGE}", {"name": "邻里一家", "words": "一起办的活动。"})["Location"]
    brand = Brand.objects.get()
    an_activity(brand=brand.pk)
    assert text_of(Client().get(f"/brand/{brand.pk}/")).count("剪纸体验课") == 1
    assert "邻里一家" in text_of(Client().get(f"/a/{UNIT}/brands/"))
    assert Client().get(f"/brand/{brand.pk}.jpg").status_code == 404
    assert desk.post(made, {"do": "mark"}).status_code == 400
    assert desk.post(made, {"do": "change", "name": "邻里", "words": "一起。"}).status_code == 302
    later = str(local_day(noon(1)))
    assert desk.post(made, {"do": "end", "on": later}).status_code == 302
    brand.refresh_from_db()
    assert (brand.name, str(brand.until)) == ("邻里", later)
    assert signed_in(a_keeper(OTHER_VILLAGE)).get(made).status_code == 404


def test_a_function_is_added_left_out_taken_in_and_ended_at_the_desk_and_shown_to_everyone():
    at = timezone.now()
    how = {"on": local_day(at), "by": "test", "at": at}
    place = found_centre("石家碾党群服务中心", code=VILLAGE, address="石家碾中路1号", **how)
    set_week(place.pk, ALL_WEEK, **how)
    room = add_room(
        place.pk, RoomFacts("议事室", use=Use.MEETING, area_m2=Decimal("40"), bookable=True, confirms=False), **how
    )
    desk, page = signed_in(a_user(Duty.KEEP_VENUES, area=VILLAGE)), f"/desk/venues/{place.pk}/functions/"
    day = (local_day(at) + 2 * DAY).weekday()
    wish = {
        "do": "add", "room": room.pk, "kind": "deputies", "name": "代表接待日", "run_by": "人大代表联络站", "for_whom": "全体居民",
        "weekdays": [day], "opens": "09:00", "closes": "11:00", "since": str(local_day(at)),
    }  # fmt: skip
    wrong = desk.post(page, wish | {"name": ""})
    assert wrong.status_code == 400 and "人大代表联络站" in text_of(wrong)
    assert desk.post(page, wish).status_code == 302
    assert desk.post(page, wish | {"name": "影院"}).status_code == 409
    function = Function.objects.get()
    record, first = f"/desk/functions/{function.pk}/", str(local_day(at) + 2 * DAY)
    assert text_of(desk.get(record)).count("data-why=") == 12
    assert "代表接待日" in text_of(Client().get(f"/v/{place.pk}/"))
    assert "人大代表联络站" in text_of(Client().get(f"/u/{UNIT}/"))
    assert desk.post(record, {"do": "leave_out", "on": first}).status_code == 302
    assert 'data-why="skipped"' in text_of(desk.get(record))
    assert desk.post(record, {"do": "take_in", "on": first}).status_code == 302
    assert desk.post(record, {"do": "end", "on": str(local_day(at) + 9 * DAY)}).status_code == 302
    assert text_of(desk.get(record)).count('data-why=""') == 1
    looking = signed_in(a_user(Duty.LOOK))
    assert 'id="deed-' not in text_of(looking.get(record))
    assert looking.post(record, {"do": "end", "on": first}).status_code == 403
    booking = function.dates.get().booking
    assert desk.get(f"/desk/bookings/{booking.pk}/").status_code == 200
