"""Meetings: planned for what is due, moved, excused, held with a quorum, corrected for a week, and seen by their own only."""

import io
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from PIL import Image

from tests.builders import (
    DISTRICT,
    GRID,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    a_user,
)
from tests.systems.services.meeting import (
    APRIL,
    DAY,
    MAY,
    MAY_5,
    a_branch,
    a_keeper,
    held,
    planned,
    the,
    written,
)
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, destroy_key
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.rulebook.actions import set_local_value
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.services.meetings import actions, holding, scans
from weiduan.systems.services.meetings.actions import FixedDay, NothingDue, Wish
from weiduan.systems.services.meetings.holding import NotNow, TooFewCame, Vote
from weiduan.systems.services.meetings.models import Attendance, MeetingTask, OrganisationMeeting
from weiduan.systems.services.meetings.plan import Standing
from weiduan.systems.services.meetings.queries import attendance_of, due_at, judged_meeting, meeting_seen_by
from weiduan.systems.services.meetings.rules import Kind, Presence
from weiduan.systems.services.meetings.sight import Sight, sight_of
from weiduan.systems.services.meetings.years import counts_in, lacking_inside, missing_in, sums_of, year_plan

pytestmark = pytest.mark.django_db
AT = MAY_5 + DAY
FIXED = FixedDay(5, time(19, 0), "党群服务中心", {kind: kind.value for kind in Kind})


@pytest.fixture
def branch():
    return a_branch()


@pytest.fixture
def a_page() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (60, 90), "white").save(target, "PNG")
    return target.getvalue()


def standing(kind, *, number="Z1", year=2026, on=date(2026, 5, 6)):
    [one] = [one for one in counts_in(VILLAGE, year, on=on) if one.number == number]
    return one.sums.get(kind)


# Planning


def test_a_meeting_is_planned_for_a_duty_and_for_nothing_else(branch):
    meeting = planned(by=a_keeper())

    assert (meeting.since, meeting.until, meeting.state) == (APRIL, date(2026, 7, 1), "planned")
    assert standing(Kind.MEMBERS) == Standing(4, missing=1, open=3, planned=1)
    with pytest.raises(NothingDue):
        planned(kind=Kind.GROUP)  # the group owes it, the branch doesn't
    with pytest.raises(NothingDue):
        planned(since=MAY)  # no quarter begins in May
    with pytest.raises(BadInput, match="2026-07-01"):
        planned(starts_at=datetime(2026, 7, 1, 3, 0, tzinfo=UTC))
    with pytest.raises(BadInput):
        actions.plan_meeting(branch, Wish(Kind.MEMBERS, APRIL, "  "), by="test", at=AT)
    assert OrganisationMeeting.objects.count() == 1


def test_the_year_is_laid_once_with_the_fixed_day_and_what_was_planned_stays(branch):
    planned()
    keeper, at = a_keeper(), datetime(2026, 5, 3, 2, 0, tzinfo=UTC)

    made = actions.lay_year(branch, 2026, FIXED, by=keeper, at=at)

    # members' quarters 3 and 4, lectures 2 to 4, committee and theme day from May on, life, appraisal
    assert made == 2 + 3 + 8 + 8 + 1 + 1
    days = OrganisationMeeting.objects.filter(kind="theme_day").order_by("since").values_list("starts_at", flat=True)
    assert list(days)[:2] == [MAY_5, datetime(2026, 6, 5, 11, 0, tzinfo=UTC)]
    assert actions.lay_year(branch, 2026, FIXED, by=keeper, at=at) == 0
    assert Entry.objects.filter(what="meeting.planned").count() == made + 1
    assert list(breaks()) == []


def test_a_fixed_day_that_has_passed_is_left_open(branch):
    actions.lay_year(branch, 2026, FIXED, by="test", at=AT + 3 * DAY)
    may = OrganisationMeeting.objects.get(kind="theme_day", since=MAY)
    assert may.starts_at is None
    with pytest.raises(BadInput):
        actions.lay_year(branch, 2026, FixedDay(31, time(9), "", FIXED.titles), by="test", at=AT)


def test_a_district_that_asks_for_two_lectures_gets_two_planned(branch):
    set_local_value(
        "branch-plan-lecture", area=DISTRICT, value=2, source="本地规定", since=date(2026, 7, 1), by="test", at=AT
    )

    actions.lay_year(branch, 2026, FIXED, by="test", at=datetime(2026, 7, 2, 2, 0, tzinfo=UTC))

    lectures = OrganisationMeeting.objects.filter(kind="lecture").order_by("starts_at")
    assert [(one.since.month, one.starts_at.month) for one in lectures] == [(7, 8), (7, 9), (10, 11), (10, 12)]
    assert standing(Kind.LECTURE, on=date(2026, 7, 2)) == Standing(6, missing=2, open=4, planned=4)


def test_a_date_is_moved_within_its_period_and_falls_out_without_the_duty(branch):
    meeting, keeper = planned(), a_keeper()
    actions.move_meeting(meeting.pk, MAY_5 + 7 * DAY, "活动室", by=keeper, at=AT)
    with pytest.raises(BadInput):
        actions.move_meeting(meeting.pk, MAY_5 + 70 * DAY, "活动室", by=keeper, at=AT)
    meeting.refresh_from_db()
    assert (meeting.starts_at, meeting.place) == (MAY_5 + 7 * DAY, "活动室")

    actions.cancel_date(meeting.pk, by=keeper, at=AT)

    assert standing(Kind.MEMBERS) == Standing(4, missing=1, open=3)
    for again in (
        lambda: actions.cancel_date(meeting.pk, by=keeper, at=AT),
        lambda: actions.move_meeting(meeting.pk, MAY_5, "", by=keeper, at=AT),
        lambda: actions.excuse_meeting(meeting.pk, "停电", by=keeper, at=AT),
        lambda: holding.hold(meeting.pk, written(meeting), by=keeper, at=AT),
    ):
        with pytest.raises((NotNow, actions.NotNow)):
            again()


def test_what_could_not_be_held_is_excused_once_with_a_reason(branch):
    keeper = a_keeper()
    with pytest.raises(BadInput):
        actions.excuse_due(branch, Kind.MEMBERS, date(2026, 1, 1), " ", title="党员大会", by=keeper, at=AT)

    made = actions.excuse_due(
        branch, Kind.MEMBERS, date(2026, 1, 1), "书记住院，推迟", title="党员大会", by=keeper, at=AT
    )

    assert standing(Kind.MEMBERS) == Standing(4, excused=1, open=3)
    with pytest.raises(NothingDue):
        actions.excuse_due(branch, Kind.MEMBERS, date(2026, 1, 1), "再来一次", title="党员大会", by=keeper, at=AT)
    [entry] = Entry.objects.filter(what="meeting.excused", key=str(made.pk))
    assert "住院" not in str(entry.after)
    meeting = planned()
    actions.excuse_meeting(meeting.pk, "防汛", by=keeper, at=AT)
    assert standing(Kind.MEMBERS) == Standing(4, excused=2, open=2)


# Holding


def test_who_is_due_is_the_branch_with_its_groups_and_those_on_probation_have_no_vote(branch):
    Membership.objects.filter(person__number="P-PROBATION").update(since=date(2026, 1, 9))
    suspended = Membership.objects.filter(organisation__number="X1").first()
    due = due_at(planned(), on=date(2026, 5, 5))
    assert (len(due), sum(one.has_vote for one in due)) == (8, 7)
    assert [one.number for one in due if not one.has_vote] == ["P-PROBATION"]

    suspended.state = "suspended"
    suspended.save()
    mobile = Membership.objects.filter(organisation__number="X1").exclude(pk=suspended.pk).first()
    mobile.state = "mobile"
    mobile.save()

    due = due_at(planned(), on=date(2026, 5, 5))
    assert (len(due), sum(one.has_vote for one in due)) == (7, 6), "the suspended one isn't counted, the one away is"
    assert len(due_at(planned(kind=Kind.COMMITTEE, since=MAY), on=date(2026, 5, 5))) == 3
    assert len(due_at(planned("X1", Kind.GROUP, MAY), on=date(2026, 5, 5))) == 2


def test_a_meeting_is_held_with_counts_names_votes_and_sealed_minutes(branch):
    keeper, meeting = a_keeper(), planned()
    vote = Vote("同意接收预备党员", 4, 1, 0)

    held(meeting, came=5, votes=[vote], by=keeper)

    row = OrganisationMeeting.objects.get()
    assert (row.members_due, row.voters_due, row.members_came, row.voters_came, row.guests) == (8, 7, 5, 5, 2)
    assert row.minutes == "张三发言：同意。"
    assert "张三" not in bytes(row.sealed_minutes).decode(errors="replace")
    came = attendance_of(row)
    assert [one.presence for one in came].count("came") == 5 and all(one.name for one in came)
    [enough], [seen] = judged_meeting(row)
    assert (enough.verdict, enough.found) == ("holds", 71)
    assert [one.verdict for one in seen.judged] == ["holds"], "four of seven due are more than half"
    assert standing(Kind.MEMBERS) == Standing(4, held=1, missing=1, open=2)
    [entry] = Entry.objects.filter(what="meeting.held")
    assert entry.after == {
        "organisation": "Z1", "kind": "members", "members_due": 8, "voters_due": 7, "members_came": 5, "voters_came": 5, "votes": 1,
    }  # fmt: skip
    destroy_key(row.pk, Key.WORDS)
    assert OrganisationMeeting.objects.get().minutes == "", "without its key nothing of it is left"


@pytest.mark.parametrize(
    "said, refusal",
    [
        ({"came": 5, "votes": [Vote("接收", 4, 1, 1)]}, BadInput),  # six votes of five who came
        ({"came": 5, "votes": [Vote("接收", 6, -1, 0)]}, BadInput),
        ({"came": 5, "votes": [Vote(" ", 4, 1, 0)]}, BadInput),
        ({"came": 3, "votes": [Vote("接收", 3, 0, 0)]}, TooFewCame),  # three of seven with a vote
        ({"came": 0}, BadInput),
        ({"minutes": " "}, BadInput),
        ({"guests": -1}, BadInput),
        ({"starts_at": AT + DAY}, BadInput),  # still to come
        ({"starts_at": MAY_5 - 60 * DAY}, BadInput),  # the quarter before
        ({"presence": {}}, BadInput),
    ],
)
def test_what_cant_be_is_refused_and_nothing_is_written(branch, said, refusal):
    meeting = planned()
    with pytest.raises(refusal):
        held(meeting, **said)
    assert OrganisationMeeting.objects.get().state == "planned"
    assert Attendance.objects.count() == 0


def test_everybody_due_is_marked_and_nobody_else(branch):
    meeting = planned()
    said = written(meeting)
    one = next(iter(said.presence))
    stranger = branch.children.get().memberships.first().person_id
    assert stranger in said.presence, "the group's members are due at its branch"
    committee = planned(kind=Kind.COMMITTEE, since=MAY)
    for wrong in (
        {person: mark for person, mark in said.presence.items() if person != one},
        {**said.presence, uuid4(): Presence.CAME},
    ):
        with pytest.raises(BadInput, match="刷新"):
            held(meeting, presence=wrong)
    with pytest.raises(BadInput, match="刷新"):
        held(committee, presence=said.presence)


def test_three_of_seven_make_a_meeting_but_no_vote_and_one_of_three_makes_no_committee(branch):
    held(planned(), came=3)
    committee = planned(kind=Kind.COMMITTEE, since=MAY)
    with pytest.raises(TooFewCame, match="1"):
        held(committee, came=1)
    held(committee, came=2, votes=[Vote("推荐名单", 2, 0, 0)])
    assert OrganisationMeeting.objects.filter(state="held").count() == 2


def test_an_appraisal_keeps_no_votes_about_anybody(branch):
    meeting = planned(kind=Kind.APPRAISAL, since=date(2026, 1, 1))
    with pytest.raises(BadInput):
        held(meeting, votes=[Vote("张三：优秀", 5, 0, 0)])
    held(meeting)


def test_what_was_held_is_corrected_for_a_week_and_each_correction_is_written_down(branch):
    keeper, meeting = a_keeper(), planned()
    held(meeting, came=5, votes=[Vote("接收", 4, 1, 0)], by=keeper)

    for n in (6, 7):
        holding.amend(meeting.pk, written(meeting, came=n, minutes=f"更正{n}"), by=keeper, at=AT + n * DAY)

    row = OrganisationMeeting.objects.get()
    assert (row.members_came, row.minutes, row.votes.count()) == (7, "更正7", 0)
    entries = Entry.objects.filter(what="meeting.amended").order_by("at")
    assert [(one.before["members_came"], one.after["members_came"]) for one in entries] == [(5, 6), (6, 7)]
    with pytest.raises(holding.NotNow):
        holding.amend(meeting.pk, written(meeting), by=keeper, at=AT + 7 * DAY + timedelta(seconds=1))
    with pytest.raises(holding.NotNow):
        holding.hold(meeting.pk, written(meeting), by=keeper, at=AT)


def test_tasks_come_out_of_a_meeting_and_are_done_with_something_that_shows_it(branch):
    keeper, meeting = a_keeper(), planned()
    until = date(2026, 5, 20)
    with pytest.raises(holding.NotNow):
        holding.give_task(meeting.pk, "走访", "组织委员", until, by=keeper, at=AT)
    held(meeting)
    with pytest.raises(BadInput):
        holding.give_task(meeting.pk, "走访", "组织委员", date(2026, 5, 1), by=keeper, at=AT)
    task = holding.give_task(meeting.pk, "走访", "组织委员", until, by=keeper, at=AT)
    with pytest.raises(BadInput):
        holding.task_done(meeting.pk, task.pk, " ", by=keeper, at=AT)

    holding.task_done(meeting.pk, task.pk, "走访记录 5 份", by=keeper, at=AT)

    assert MeetingTask.objects.get().evidence == "走访记录 5 份"
    with pytest.raises(holding.NotNow):
        holding.task_done(meeting.pk, task.pk, "再", by=keeper, at=AT)


def test_written_pages_are_drawn_anew_and_lie_sealed(branch, a_page):
    keeper, meeting = a_keeper(), planned()
    with pytest.raises(actions.NotNow):
        scans.add_scans(meeting.pk, [a_page], by=keeper, at=AT)
    held(meeting)
    with pytest.raises(BadInput):
        scans.add_scans(meeting.pk, [b"%PDF-1.4"], by=keeper, at=AT)

    first, second = scans.add_scans(meeting.pk, [a_page, a_page], by=keeper, at=AT)

    assert (first.number, second.number) == (1, 2)
    with first.file.open("rb") as file:
        assert not file.read().startswith(b"\xff\xd8"), "what lies on the disk is no picture"
    assert scans.page_in(first).startswith(b"\xff\xd8")
    scans.drop_scan(meeting.pk, first.pk, by=keeper, at=AT)
    assert list(meeting.scans.values_list("number", flat=True)) == [2]
    with pytest.raises(BadInput):
        scans.add_scans(meeting.pk, [a_page] * 20, by=keeper, at=AT)


def test_names_go_a_year_after_the_years_end_and_counts_stay(branch):
    held(planned())
    assert holding.forget_attendance(at=datetime(2027, 12, 31, 2, 0, tzinfo=UTC)) == 0
    assert Attendance.objects.count() == 8

    assert holding.forget_attendance(at=datetime(2028, 1, 1, 2, 0, tzinfo=UTC)) == 1

    assert Attendance.objects.count() == 0
    row = OrganisationMeeting.objects.get()
    assert (row.members_due, row.members_came, row.minutes) == (8, 8, "张三发言：同意。")
    assert holding.forget_attendance(at=datetime(2028, 1, 1, 2, 0, tzinfo=UTC)) == 0


def test_the_database_itself_refuses_a_meeting_with_more_who_came_than_were_due(branch):
    held(planned())
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganisationMeeting.objects.update(members_came=9)


# Who sees what


def a_superuser():
    return User.objects.create_superuser("root", password="a password for tests")


VIEWERS = {
    "the village": (lambda: a_keeper(VILLAGE), Sight.INSIDE),
    "the grid": (lambda: a_keeper(GRID), Sight.INSIDE),
    "the village, looking only": (lambda: a_user(Duty.LOOK, area=VILLAGE), Sight.COUNTS),
    "the village, other duties": (lambda: a_user(Duty.HANDLE_REPORTS, area=GRID), Sight.COUNTS),
    "the town": (lambda: a_keeper(TOWN), Sight.COUNTS),
    "the district": (lambda: a_keeper(DISTRICT), Sight.COUNTS),
    "a superuser": (a_superuser, Sight.COUNTS),
    "another village": (lambda: a_keeper(OTHER_VILLAGE), Sight.NOTHING),
}


@pytest.mark.parametrize("who", VIEWERS)
def test_minutes_and_names_are_for_the_village_alone_and_whoever_is_above_sees_counts(who):
    divisions_with_a_branch_on_a_grid()
    make, sight = VIEWERS[who]
    viewer, meeting = make(), held(planned())
    assert sight_of(viewer, GRID, at=AT) is sight

    if sight is Sight.INSIDE:
        assert meeting_seen_by(meeting.pk, viewer, at=AT) == meeting
    else:
        with pytest.raises(NotFound):
            meeting_seen_by(meeting.pk, viewer, at=AT)
    if sight is Sight.NOTHING:
        with pytest.raises(NotFound):
            year_plan("Z1", 2026, viewer=viewer, at=AT)
    else:
        plan = year_plan("Z1", 2026, viewer=viewer, at=AT)
        assert plan.sums[Kind.MEMBERS].held == 1
        assert bool(plan.cells) is plan.inside is (sight is Sight.INSIDE)


@pytest.mark.parametrize("who", VIEWERS)
def test_only_those_inside_plan_hold_and_correct(who):
    divisions_with_a_branch_on_a_grid()
    make, sight = VIEWERS[who]
    viewer = make()
    if sight is Sight.INSIDE:
        assert held(planned(by=viewer), by=viewer).state == "held"
        return
    with pytest.raises((NotAllowed, NotFound)):
        planned(by=viewer)
    meeting = planned()
    for deed in (
        lambda: held(meeting, by=viewer),
        lambda: actions.move_meeting(meeting.pk, MAY_5, "", by=viewer, at=AT),
        lambda: actions.cancel_date(meeting.pk, by=viewer, at=AT),
        lambda: actions.excuse_meeting(meeting.pk, "防汛", by=viewer, at=AT),
    ):
        with pytest.raises(NotFound):
            deed()
    with pytest.raises((NotAllowed, NotFound)):
        actions.lay_year(the("Z1"), 2026, FIXED, by=viewer, at=AT)
    assert OrganisationMeeting.objects.get().state == "planned"


def divisions_with_a_branch_on_a_grid():
    """Seat the branch on a grid, so that a mandate for the grid is one of its own too."""
    a_branch()
    Organisation.objects.filter(number="Z1").update(area=area_by_code(GRID, on=date(2018, 11, 1)).area_id)


@pytest.mark.parametrize("area, seat, sight", [
    (TOWN, TOWN, Sight.INSIDE), (DISTRICT, TOWN, Sight.COUNTS), (VILLAGE, TOWN, Sight.NOTHING),
    (DISTRICT, DISTRICT, Sight.INSIDE), (TOWN, DISTRICT, Sight.NOTHING), (VILLAGE, VILLAGE, Sight.INSIDE), (GRID, VILLAGE, Sight.NOTHING),
])  # fmt: skip
def test_an_organisation_of_a_town_or_district_is_seen_by_just_that_town_or_district(branch, area, seat, sight):
    assert sight_of(a_keeper(area), seat, at=AT) is sight


# What is missing


def test_missing_is_what_is_over_without_a_meeting_or_an_excuse(branch):
    on = date(2026, 4, 1)
    actions.excuse_due(branch, Kind.COMMITTEE, date(2026, 2, 1), "防汛", title="支委会", by="test", at=AT)
    mine = [one for one in missing_in(VILLAGE, year=2026, on=on) if one.number == "Z1"]
    assert [(one.kind, one.until) for one in mine] == [
        (Kind.COMMITTEE, date(2026, 1, 31)), (Kind.THEME_DAY, date(2026, 1, 31)), (Kind.THEME_DAY, date(2026, 2, 28)),
        (Kind.COMMITTEE, date(2026, 3, 31)), (Kind.LECTURE, date(2026, 3, 31)), (Kind.MEMBERS, date(2026, 3, 31)),
        (Kind.THEME_DAY, date(2026, 3, 31)),
    ]  # fmt: skip
    assert missing_in(OTHER_VILLAGE, year=2026, on=on) == []


def test_the_branch_is_reminded_in_the_last_week_and_of_what_it_missed_and_nobody_above_it(branch):
    assert lacking_inside([VILLAGE], on=date(2026, 5, 30)) == [], (
        "of those whose meetings aren't kept here nothing is known"
    )
    planned("X1", Kind.GROUP, MAY)

    def told(codes, on):
        return [(one.number, one.until, one.late) for one in lacking_inside(codes, on=on)]

    assert told([VILLAGE], date(2026, 5, 24)) == []
    assert told([VILLAGE], date(2026, 5, 25)) == [("X1", date(2026, 5, 31), False)]
    assert told([VILLAGE], date(2026, 6, 2)) == [("X1", date(2026, 5, 31), True)], "before May nothing was kept"
    for above in ([TOWN], [DISTRICT], [""]):
        assert told(above, date(2026, 6, 2)) == []
    held(OrganisationMeeting.objects.get(), starts_at=MAY_5)
    assert told([VILLAGE], date(2026, 6, 2)) == []


def test_a_village_adds_up_its_organisations_by_kind(branch):
    x1 = the("X1")
    Organisation.objects.create(
        number="X2", name="二组", kind="group", parent=x1.parent, area=x1.area, founded_on=date(2018, 1, 1)
    )
    held(planned("X1", Kind.GROUP, MAY))
    counts = counts_in(VILLAGE, 2026, on=date(2026, 6, 1))
    assert [one.number for one in counts] == ["W1", "X1", "X2", "Z1"]
    assert sums_of(counts)[Kind.GROUP] == Standing(24, held=1, missing=9, open=14)
    assert sum((one.total for one in counts), Standing()) == sum(sums_of(counts).values(), Standing())


def test_a_branch_of_six_full_members_without_a_committee_owes_no_committee_meeting():
    branch = a_branch(group_members=2)
    assert standing(Kind.COMMITTEE).needed == 12, "it has committee members in office"
    branch.posts.filter(role="committee_member").update(until=date(2026, 3, 1))
    assert standing(Kind.COMMITTEE).needed == 2, "January and February, until they left office"
    full = Membership.objects.filter(person__number="P-PROBATION")
    full.update(since=date(2026, 1, 9), full_on=date(2026, 5, 1))
    assert standing(Kind.COMMITTEE).needed == 2 + 8, "seven full members from May on"
