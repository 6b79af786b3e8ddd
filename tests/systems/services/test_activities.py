"""Plan, change, call off, hold: who may, what is told, what a series does, what a room allows, what comes of what was said."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from icalendar import Calendar

from tests.builders import MONDAY, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.systems.governance.matters import FIRE_LANE, NEXT_UNIT, UNIT, a_village
from tests.systems.venues.places import a_place, a_room, a_wish
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.deliberation.raising import Raising, decline
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.intake import Telling
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities import after, changing
from weiduan.systems.services.activities.feeds import feed_for
from weiduan.systems.services.activities.models import Activity, Brought, Series
from weiduan.systems.services.activities.planning import plan, plan_series
from weiduan.systems.services.activities.queries import (
    activities_kept_by,
    brought_at,
    over_for,
    to_come_for,
    who_signed_up,
)
from weiduan.systems.services.activities.rules import ReadFor
from weiduan.systems.services.activities.signing_up import NotNow, give_up
from weiduan.systems.services.messages.actions import deliver
from weiduan.systems.venues.bookings.actions import Busy, NotOpen, book
from weiduan.systems.venues.bookings.models import Booking, Slot
from weiduan.systems.venues.bookings.rules import Frequency, Repeat

from .active import BEGINS, DAY, HOUR, MAIL, NAME, a_keeper, a_plan, a_receipt, an_activity, signed_up

pytestmark = pytest.mark.django_db
WEEKLY = Repeat(Frequency.WEEKLY, 1, 4)
OVER = BEGINS + 3 * HOUR


def test_only_who_keeps_services_there_may_plan_and_nothing_is_kept_otherwise():
    a_village()
    with pytest.raises(NotAllowed):
        plan(UNIT, a_plan(), by=a_user(Duty.KEEP_GOVERNANCE), at=MONDAY)
    with pytest.raises(NotFound):
        plan(UNIT, a_plan(), by=a_keeper(OTHER_VILLAGE), at=MONDAY)
    assert not Activity.objects.exists()
    assert plan(UNIT, a_plan(), by=a_keeper(VILLAGE), at=MONDAY).state == "planned"


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "}, {"title": "剪" * 61}, {"host": ""}, {"place": ""}, {"kind": "fun"}, {"starts_at": MONDAY}, {"ends_at": BEGINS},
        {"ends_at": BEGINS + 4 * DAY}, {"capacity": 0}, {"capacity": 5001}, {"waiting_capacity": 1001}, {"organisation": "无此号"},
        {"sign_up_until": BEGINS + HOUR}, {"room": 99999}, {"brand": "00000000-0000-0000-0000-000000000000"},
    ],
)  # fmt: skip
def test_what_cant_be_is_refused(wrong):
    a_village()
    with pytest.raises(BadInput):
        an_activity(**wrong)
    assert not Activity.objects.exists()


def test_an_activity_without_places_is_shown_and_nobody_can_sign_up():
    a_village()
    activity = an_activity(opens=False, capacity=None)
    with pytest.raises(NotNow):
        changing.open_sign_up(activity.pk, by="test", at=MONDAY)
    assert list(to_come_for(UNIT, at=MONDAY)) == [activity]


def test_a_changed_time_is_told_to_everybody_who_left_a_contact_and_a_changed_title_to_nobody():
    a_village()
    activity = an_activity(waiting_capacity=3)
    signed_up(activity, 0, contact=MAIL)
    signed_up(activity, 1)
    signed_up(activity, 2, contact="wait@example.org")
    signed_up(activity, 3, contact="gone@example.org")
    give_up(a_receipt(3), at=MONDAY)
    deliver(at=MONDAY)
    mail.outbox.clear()
    changing.change(activity.pk, a_plan(title="剪纸课"), by="test", at=MONDAY)
    assert deliver(at=MONDAY) == {}
    later = a_plan(starts_at=BEGINS + HOUR, ends_at=BEGINS + 3 * HOUR)
    changed = changing.change(activity.pk, later, by="test", at=MONDAY)
    assert changed.sequence == 2
    deliver(at=MONDAY)
    assert sorted(one.to[0] for one in mail.outbox) == ["wait@example.org", MAIL]


def test_called_off_says_why_tells_all_and_cant_be_undone():
    a_village()
    activity = an_activity()
    signed_up(activity, 0, contact=MAIL)
    with pytest.raises(BadInput):
        changing.cancel(activity.pk, " ", by="test", at=MONDAY)
    changing.cancel(activity.pk, "暴雨", by="test", at=MONDAY)
    assert deliver(at=MONDAY) == {"sent": 2}
    for deed in (
        lambda: changing.cancel(activity.pk, "暴雨", by="test", at=MONDAY),
        lambda: changing.change(activity.pk, a_plan(), by="test", at=MONDAY),
        lambda: after.tell_after(activity.pk, "很好", by="test", at=OVER),
    ):
        with pytest.raises(NotNow):
            deed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(cancelled_because="")


def test_a_room_is_booked_with_it_moved_with_it_and_free_again_when_it_is_called_off():
    a_village()
    room = a_room(
        a_place(divided=True, quota_hours=1), confirms=True
    )  # neither share nor confirmation for the place itself
    activity = an_activity(VILLAGE, place="", room=room.pk)
    assert activity.place == "石家碾党群服务中心 议事室"
    assert (activity.booking.who, activity.booking.state) == ("house", "confirmed")
    with pytest.raises(Busy):
        an_activity(VILLAGE, place="", room=room.pk, starts_at=BEGINS + HOUR)
    later = a_plan(place="", room=room.pk, starts_at=BEGINS + HOUR, ends_at=BEGINS + 3 * HOUR)
    changing.change(activity.pk, later, by="test", at=MONDAY)
    [slot] = Slot.objects.filter(state="held")
    assert slot.since == BEGINS + HOUR
    changing.cancel(activity.pk, "老师请假", by="test", at=MONDAY)
    assert not Slot.objects.filter(state="held").exists()
    with pytest.raises(NotOpen):
        an_activity(VILLAGE, room=room.pk, starts_at=BEGINS + 12 * HOUR, ends_at=BEGINS + 13 * HOUR)
    assert Booking.objects.count() == 2 and Activity.objects.count() == 1


def test_who_keeps_services_but_not_the_place_cant_book_its_room():
    a_village()
    room = a_room(a_place(divided=True))
    with pytest.raises(NotAllowed):
        plan(VILLAGE, a_plan(room=room.pk), by=a_keeper(VILLAGE), at=MONDAY)
    both = a_keeper(VILLAGE)
    give_mandate(both, Duty.KEEP_VENUES, area=VILLAGE, since=date(2018, 1, 1), by="test", at=MONDAY)
    assert plan(VILLAGE, a_plan(room=room.pk), by=both, at=MONDAY).booking is not None


def test_a_series_is_an_activity_a_date_one_of_which_is_changed_alone_and_it_ends_from_a_day_on():
    a_village()
    wanted = a_plan(sign_up_until=BEGINS - DAY)
    series = plan_series(UNIT, wanted, WEEKLY, opens=True, by="test", at=MONDAY)
    dates = list(series.activities.order_by("starts_at"))
    assert [one.starts_at for one in dates] == [BEGINS + n * 7 * DAY for n in range(4)]
    assert [one.sign_up_until for one in dates] == [BEGINS + n * 7 * DAY - DAY for n in range(4)]
    other = a_plan(title="元旦剪纸", starts_at=BEGINS + 8 * DAY, ends_at=BEGINS + 8 * DAY + HOUR)
    changing.change(dates[1].pk, other, by="test", at=MONDAY)
    assert {one.title for one in series.activities.all()} == {"剪纸体验课", "元旦剪纸"}
    signed_up(dates[3], 1, contact=MAIL)
    until = (BEGINS + 14 * DAY).date()
    assert changing.end_series(series.pk, until, "老师不再来", by="test", at=MONDAY) == 2
    assert list(series.activities.order_by("starts_at").values_list("state", flat=True)) == ["open"] * 2 + ["cancelled"] * 2  # fmt: skip
    assert deliver(at=MONDAY) == {"sent": 2}  # seated, called off
    with pytest.raises(NotNow):
        changing.end_series(series.pk, until, "老师不再来", by="test", at=MONDAY)


def test_a_series_in_a_room_that_is_taken_on_one_date_is_refused_whole():
    a_village()
    room = a_room(a_place(divided=True))
    book(room, a_wish(on=(BEGINS + 7 * DAY).date(), opens=600, closes=660), by="test", at=MONDAY)
    with pytest.raises(Busy, match="2018-11-17"):
        plan_series(VILLAGE, a_plan(room=room.pk), WEEKLY, by="test", at=MONDAY)
    assert not Series.objects.exists() and not Activity.objects.exists() and Booking.objects.count() == 1


def test_residents_meet_what_is_on_in_their_unit_above_it_and_in_what_lies_in_it():
    a_village()
    own, next_, town = an_activity(UNIT), an_activity(NEXT_UNIT), an_activity(TOWN)
    assert set(to_come_for(UNIT, at=MONDAY)) == {own, town}
    assert set(to_come_for(VILLAGE, at=MONDAY)) == {own, next_, town}
    assert set(to_come_for(OTHER_VILLAGE, at=MONDAY)) == {town}
    assert not to_come_for(UNIT, at=OVER).exists() and set(over_for(UNIT, at=OVER)) == {own, town}
    assert set(activities_kept_by(a_keeper(UNIT), at=MONDAY)) == {own}


def test_at_the_door_numbers_are_counted_and_afterwards_words_written():
    a_village()
    activity = an_activity()
    with pytest.raises(NotNow):
        after.count_at_the_door(activity.pk, attended=9, walk_ins=2, by="test", at=BEGINS - HOUR)
    for attended, walk_ins in ((1, 2), (-1, -1), (5, -1)):
        with pytest.raises(BadInput):
            after.count_at_the_door(activity.pk, attended=attended, walk_ins=walk_ins, by="test", at=BEGINS)
    after.count_at_the_door(activity.pk, attended=9, walk_ins=2, by="test", at=BEGINS)
    held = after.tell_after(activity.pk, "做了三十张窗花。", by="test", at=OVER)
    assert (held.state, held.attended, held.walk_ins) == ("held", 9, 2)


def test_what_was_said_at_a_deputies_day_becomes_reports_and_topics_and_the_page_counts_them():
    a_village()
    by = a_keeper()
    for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_GOVERNANCE):
        give_mandate(by, duty, area=TOWN, since=date(2018, 1, 1), by="test", at=MONDAY)
    activity = an_activity(kind="deputies", capacity=None, waiting_capacity=0, opens=False)
    telling = Telling(category=FIRE_LANE, text="消防通道被堵", area=UNIT)
    with pytest.raises(NotNow):
        after.bring_report(activity.pk, telling, a_receipt(1), by=by, at=MONDAY)
    for _again in range(2):
        after.bring_report(activity.pk, telling, a_receipt(1), by=by, at=OVER)
    brought = after.bring_topic(activity.pk, Raising("架空层放长椅", "老人没有地方坐。"), by=by, at=OVER)
    assert brought_at(activity).__dict__ == {"brought": 2, "answered": 0}
    report = Report.objects.get()
    handling.accept(report.pk, by=by, at=OVER)
    handling.begin(report.pk, "", by=by, at=OVER)
    handling.answer(report.pk, "已疏通", by=by, at=OVER)
    decline(brought.topic_id, "另有安排", by=by, at=OVER)
    assert brought_at(activity).__dict__ == {"brought": 2, "answered": 2}
    with pytest.raises(IntegrityError), transaction.atomic():
        Brought.objects.create(activity=activity)


def test_nothing_is_taken_down_at_another_kind_of_activity_or_by_who_handles_no_reports():
    a_village()
    telling = Telling(category=FIRE_LANE, text="消防通道被堵", area=UNIT)
    with pytest.raises(NotNow):
        after.bring_report(an_activity().pk, telling, a_receipt(1), by=a_keeper(), at=OVER)
    day = an_activity(kind="say")
    with pytest.raises(NotAllowed):
        after.bring_report(day.pk, telling, a_receipt(1), by=a_keeper(), at=OVER)
    assert not Report.objects.exists()


def test_names_are_shown_to_who_keeps_it_there_and_a_contact_is_read_for_a_reason_that_stays():
    a_village()
    activity, by = an_activity(), a_keeper(VILLAGE)
    signed_up(activity, 1, name=NAME, contact=MAIL)
    [row] = who_signed_up(by, activity, at=MONDAY)
    assert (row.number, row.name, row.has_contact) == (1, NAME, True)
    with pytest.raises(NotFound):
        who_signed_up(a_keeper(OTHER_VILLAGE), activity, at=MONDAY)
    assert after.read_contact(activity.pk, 1, ReadFor.CHANGE, by=by, at=MONDAY) == MAIL
    with pytest.raises(NotAllowed):
        after.read_contact(activity.pk, 1, ReadFor.CHANGE, by=a_user(Duty.LOOK), at=MONDAY)
    [entry] = Entry.objects.filter(what="sign_up.contact_read")
    assert entry.after["reason"] == "change" and MAIL not in repr(entry.after)


def test_the_feed_keeps_its_uid_counts_changes_and_says_what_is_called_off():
    a_village()
    activity, off = an_activity(words="带剪刀"), an_activity(title="合唱")

    def events():
        calendar = Calendar.from_ical(feed_for(UNIT, "单元", at=MONDAY))
        return {str(one["summary"]): one for one in calendar.walk("VEVENT")}

    before = events()["剪纸体验课"]
    later = a_plan(starts_at=BEGINS + HOUR, ends_at=BEGINS + 3 * HOUR)
    changing.change(activity.pk, later, by="test", at=MONDAY + timedelta(minutes=5))
    changing.cancel(off.pk, "老师请假", by="test", at=MONDAY)
    now = events()
    assert now["剪纸体验课"]["uid"] == before["uid"] and (before["sequence"], now["剪纸体验课"]["sequence"]) == (0, 1)
    assert now["剪纸体验课"]["dtstart"].dt == BEGINS + HOUR and now["剪纸体验课"]["dtstart"].dt.hour == 11
    assert (str(now["剪纸体验课"]["status"]), str(now["合唱"]["status"])) == ("CONFIRMED", "CANCELLED")
    assert now["剪纸体验课"]["dtstamp"].dt > before["dtstamp"].dt
