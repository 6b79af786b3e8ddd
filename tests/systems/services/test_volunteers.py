"""Volunteers: shifts that hold no more than they may, hours that belong to whoever gave them, all of it gone on wish."""

from datetime import timedelta

import pytest

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.matters import a_village
from tests.systems.services.asking import a_keeper
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.services.messages.actions import deliver
from weiduan.systems.services.messages.models import Message
from weiduan.systems.services.volunteers import shifts, teams
from weiduan.systems.services.volunteers.models import Shift, ShiftPlace, Team, Volunteer
from weiduan.systems.services.volunteers.queries import at_risk, own_places, places_of, volunteers_of
from weiduan.systems.services.volunteers.rules import ShiftState, State

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FACTS = teams.Facts("红马甲志愿服务队", "看望老人，维护秩序。", "社区志愿服务专干", "028-83600000")


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def a_team(area: str = VILLAGE) -> Team:
    return teams.found_team(area, FACTS, by="test", at=MONDAY)


def receipt(n: int) -> str:
    return f"receipt-of-a-volunteer-{n:03d}"


def a_volunteer(team: Team, n: int = 1, contact: str = "") -> Volunteer:
    asked = teams.ask_to_join(team.pk, f"老王{n}", contact, receipt(n), at=MONDAY)
    return teams.admit(asked.pk, by="test", at=MONDAY)


def plan(starts=MONDAY + DAY, hours: int = 2, least: int = 2, most: int = 3, **more) -> shifts.Plan:
    said = {"what": "文明劝导", "place": "小区东门", "starts_at": starts, "ends_at": starts + hours * HOUR}
    return shifts.Plan(**said | {"least": least, "most": most} | more)


def a_shift(team: Team, **more) -> Shift:
    return shifts.plan_shift(team.pk, plan(**more), by="test", at=MONDAY)


@pytest.mark.django_db(transaction=True)
def test_of_thirty_who_take_a_shift_at_once_just_as_many_have_a_place_as_there_are():
    team = a_team()
    for n in range(30):
        a_volunteer(team, n)
    shift = a_shift(team, most=7)

    tries = at_once(lambda n: shifts.take(shift.pk, receipt(n), at=MONDAY), 30)

    shift.refresh_from_db()
    assert shift.taken == 7 == ShiftPlace.objects.filter(state="taken").count()
    assert [type(each) for each in tries].count(shifts.Full) == 23


@pytest.mark.django_db(transaction=True)
def test_one_volunteer_who_taps_twenty_times_has_one_place():
    team = a_team()
    a_volunteer(team)
    shift = a_shift(team)
    at_once(lambda _n: shifts.take(shift.pk, receipt(1), at=MONDAY), 20)
    shift.refresh_from_db()
    assert shift.taken == 1 == ShiftPlace.objects.count()


def test_a_place_given_back_is_free_for_another_and_may_be_taken_anew():
    team = a_team()
    a_volunteer(team, 1), a_volunteer(team, 2)
    shift = a_shift(team, least=1, most=1)
    shifts.take(shift.pk, receipt(1), at=MONDAY)
    with pytest.raises(shifts.Full):
        shifts.take(shift.pk, receipt(2), at=MONDAY)
    shifts.give_back(shift.pk, receipt(1), at=MONDAY)
    shifts.give_back(shift.pk, receipt(1), at=MONDAY)  # said twice

    shifts.take(shift.pk, receipt(2), at=MONDAY)
    shifts.give_back(shift.pk, receipt(2), at=MONDAY)
    shifts.take(shift.pk, receipt(1), at=MONDAY)

    shift.refresh_from_db()
    assert (shift.taken, ShiftPlace.objects.filter(state="taken").count()) == (1, 1)


def test_nobody_is_in_two_shifts_at_once_but_in_two_that_touch():
    team = a_team()
    a_volunteer(team)
    first, across, after = (
        a_shift(team),
        a_shift(team, starts=MONDAY + DAY + HOUR),
        a_shift(team, starts=MONDAY + DAY + 2 * HOUR),
    )
    shifts.take(first.pk, receipt(1), at=MONDAY)
    with pytest.raises(teams.NotNow):
        shifts.take(across.pk, receipt(1), at=MONDAY)
    shifts.take(after.pk, receipt(1), at=MONDAY)


def test_only_those_in_the_team_take_its_shifts_before_they_begin():
    team = a_team()
    teams.ask_to_join(team.pk, "小李", "", receipt(1), at=MONDAY)
    shift = a_shift(team)
    with pytest.raises(teams.NotNow):
        shifts.take(shift.pk, receipt(1), at=MONDAY)  # not admitted yet
    a_volunteer(teams.found_team(OTHER_VILLAGE, FACTS, by="test", at=MONDAY), 2)
    with pytest.raises(NotFound):
        shifts.take(shift.pk, receipt(2), at=MONDAY)
    a_volunteer(team, 3)
    with pytest.raises(teams.NotNow):
        shifts.take(shift.pk, receipt(3), at=shift.starts_at)


def test_shifts_that_begin_within_a_week_with_too_few_stand_on_the_list():
    team, keeper = a_team(), a_keeper()
    a_volunteer(team, 1), a_volunteer(team, 2)
    soon, later = a_shift(team, starts=MONDAY + 7 * DAY), a_shift(team, starts=MONDAY + 8 * DAY)
    enough = a_shift(team, least=0)
    assert list(at_risk(keeper, at=MONDAY)) == [soon] and later and enough
    assert list(at_risk(a_keeper(OTHER_VILLAGE), at=MONDAY)) == []

    shifts.take(soon.pk, receipt(1), at=MONDAY)
    assert list(at_risk(keeper, at=MONDAY)) == [soon]
    shifts.take(soon.pk, receipt(2), at=MONDAY)
    assert list(at_risk(keeper, at=MONDAY)) == []


def test_hours_are_written_down_for_those_who_came_and_put_right_within_a_month():
    team = a_team()
    came, didnt = a_volunteer(team, 1), a_volunteer(team, 2)
    shift = a_shift(team)
    mine, other = (shifts.take(shift.pk, receipt(n), at=MONDAY) for n in (1, 2))
    over = MONDAY + 2 * DAY
    with pytest.raises(teams.NotNow):
        shifts.write_hours(shift.pk, {mine.pk: 120}, by="test", at=MONDAY)

    shifts.write_hours(shift.pk, {mine.pk: 120, other.pk: 120}, by="test", at=over)
    shifts.write_hours(shift.pk, {mine.pk: 90}, by="test", at=over)

    assert [place.minutes for place in own_places(came)] == [90] and not own_places(didnt).exists()
    assert [name for _place, name in places_of(shift)] == ["老王1"]
    with pytest.raises(teams.NotNow):
        shifts.write_hours(shift.pk, {mine.pk: 60}, by="test", at=over + 40 * DAY)
    with pytest.raises(BadInput):
        shifts.write_hours(shift.pk, {mine.pk + 1000: 60}, by="test", at=over)


def test_everything_about_a_volunteer_goes_at_once_on_wish():
    team = a_team()
    gone = a_volunteer(team, 1, contact="13812345678")
    done, coming = a_shift(team), a_shift(team, starts=MONDAY + 5 * DAY)
    place = shifts.take(done.pk, receipt(1), at=MONDAY)
    shifts.take(coming.pk, receipt(1), at=MONDAY)
    shifts.write_hours(done.pk, {place.pk: 120}, by="test", at=MONDAY + 2 * DAY)
    sealed = bytes(gone.sealed_name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda deed, **_more: deed())
        teams.erase(receipt(1), at=MONDAY + 2 * DAY)

    assert not Volunteer.objects.exists() and not ShiftPlace.objects.exists()
    assert open_for(gone.pk, sealed) is None  # in a backup neither
    coming.refresh_from_db()
    assert coming.taken == 0
    assert "老王" not in str(list(Entry.objects.values())) and "13812345678" not in str(list(Entry.objects.values()))


def test_whoever_leaves_keeps_the_own_page_and_frees_the_places_to_come():
    team = a_team()
    a_volunteer(team, 1)
    shift = a_shift(team)
    shifts.take(shift.pk, receipt(1), at=MONDAY)
    left = teams.leave(receipt(1), at=MONDAY)
    shift.refresh_from_db()
    assert (left.state, shift.taken, volunteers_of(team)) == (State.LEFT.value, 0, [])


def test_who_has_a_place_is_told_when_the_shift_moves_or_falls_out(mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    team = a_team()
    a_volunteer(team, 1, contact="wang@example.org"), a_volunteer(team, 2)
    shift = a_shift(team)
    for n in (1, 2):
        shifts.take(shift.pk, receipt(n), at=MONDAY)

    shifts.move_shift(shift.pk, plan(least=1), by="test", at=MONDAY)  # neither time nor place
    assert not Message.objects.exists()
    shifts.move_shift(shift.pk, plan(starts=MONDAY + 2 * DAY), by="test", at=MONDAY)
    shifts.cancel_shift(shift.pk, by="test", at=MONDAY)

    assert deliver(at=MONDAY) == {"sent": 2} and {each.to[0] for each in mailoutbox} == {"wang@example.org"}
    assert not any("老王" in each.body for each in mailoutbox)
    shift.refresh_from_db()
    assert (shift.state, shift.taken) == (ShiftState.CANCELLED.value, 0)


def test_a_team_of_another_village_cant_be_kept_and_nothing_changes():
    team = a_team()
    asked = teams.ask_to_join(team.pk, "小李", "", receipt(1), at=MONDAY)
    other = a_keeper(OTHER_VILLAGE)
    for deed in (
        lambda: teams.admit(asked.pk, by=other, at=MONDAY),
        lambda: shifts.plan_shift(team.pk, plan(), by=other, at=MONDAY),
        lambda: teams.change_team(team.pk, FACTS, by=other, at=MONDAY),
    ):
        with pytest.raises(NotFound):
            deed()
    with pytest.raises(NotAllowed):
        teams.found_team(VILLAGE, FACTS, by=a_user(Duty.LOOK, area=VILLAGE), at=MONDAY)
    asked.refresh_from_db()
    assert asked.state == State.ASKED.value and not Shift.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"hours": 0}, {"hours": 25}, {"least": 4}, {"most": 0, "least": 0}, {"starts": MONDAY}, {"what": " "}, {"place": ""}]
)  # fmt: skip
def test_a_shift_that_cant_be_is_refused(wrong):
    team = a_team()
    with pytest.raises(BadInput):
        a_shift(team, **wrong)


def test_a_team_ends_only_without_shifts_from_then_on_and_asks_nobody_in_any_more():
    team = a_team()
    shift = a_shift(team)
    with pytest.raises(teams.NotNow):
        teams.end_team(team.pk, on=shift.starts_at.date(), by="test", at=MONDAY)
    shifts.cancel_shift(shift.pk, by="test", at=MONDAY)
    teams.end_team(team.pk, on=shift.starts_at.date(), by="test", at=MONDAY)
    with pytest.raises(NotFound):
        teams.ask_to_join(team.pk, "小李", "", receipt(1), at=MONDAY)
