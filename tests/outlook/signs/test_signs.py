"""Signs out of small worlds: what grows, what falls silent, what is soon due; what is switched off; and nothing in confidence."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.matters import ACCOUNTS, FIRE_LANE, LAMP, NEXT_UNIT, UNIT, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.counted.models import Folded
from weiduan.outlook.signs.actions import switch_off, switch_on
from weiduan.outlook.signs.models import SignSwitch
from weiduan.outlook.signs.queries import signs_in, switched_off_in
from weiduan.outlook.signs.rules import Kind
from weiduan.outlook.signs.words import heading_of, reason_of
from weiduan.systems.governance.bodies.models import Body, BodyTerm
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.deliberation.models import DecisionTask, Topic
from weiduan.systems.governance.partners.models import Agreement, Need, Offer, Partner
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.meetings.models import MeetingTask, OrganisationMeeting
from weiduan.systems.services.projects.models import Milestone, Project, ProjectAgreement, ProjectProposal
from weiduan.systems.services.volunteers.models import Shift, Team

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = local_day(MONDAY)


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def key_of(code: str) -> int:
    return area_ids([code], on=TODAY)[code]


def many(n: int, month: date, *, area: str = UNIT, category: str = LAMP, **said) -> None:
    """Write so many reports of a month down, confirmed long ago, as rows alone: told through the door a year would take minutes."""
    about, at = Category.objects.get(code=category), datetime(month.year, month.month, 2, 4, tzinfo=MONDAY.tzinfo)
    begins = Report.objects.count()
    facts = {
        "category": about, "area_id": key_of(area), "handler_id": key_of(GRID), "channel": "portal", "state": "confirmed", "answer": "已办",
        "told_at": at, "due_at": at + 3 * DAY, "answered_at": at + HOUR, "closed_at": at + 2 * HOUR,
    } | said  # fmt: skip
    Report.objects.bulk_create(
        Report(number=f"T{begins + i:08d}", receipt_hash=f"{begins + i:032d}".encode(), **facts) for i in range(n)
    )
    Folded.objects.all().delete()  # rows alone leave nothing in the ledger: what is counted is counted anew


def a_year_of(
    each: int, *, until: date = date(2018, 11, 1), months: int = 12, area: str = UNIT, category: str = LAMP
) -> None:
    for n in range(1, months + 1):
        count = until.year * 12 + until.month - 1 - n
        many(each, date(count // 12, count % 12 + 1, 1), area=area, category=category)


def kinds(code: str = DISTRICT, *, at=MONDAY) -> list[tuple[str, str]]:
    return [(one.kind.value, one.place.code) for one in signs_in([code], at=at)]


def test_a_category_that_grows_is_told_with_its_counts_and_its_like(home):
    a_year_of(2)
    many(9, date(2018, 11, 1))
    many(1, date(2018, 11, 1), area=NEXT_UNIT)

    (sign,) = signs_in([DISTRICT], at=MONDAY)
    assert (sign.kind, sign.place.code, heading_of(sign)) == (Kind.GROWTH, UNIT, Category.objects.get(code=LAMP).name)
    facts = sign.about.grown
    assert (facts.told, facts.before, facts.months, facts.likes_told, facts.asked) == (9, 24, 12, 1, 1)
    assert (facts.usual, facts.rate, facts.likes_rate) == (2.0, 9.0, 1.0)  # a hundred households each
    for number in ("9", "2018-11", "2.0", "12", "1.0", "9.0"):
        assert number in reason_of(sign)
    assert kinds(VILLAGE) == kinds(UNIT) == [("growth", UNIT)] and kinds(NEXT_UNIT) == kinds(OTHER_VILLAGE) == []


def test_the_month_that_is_over_counts_too_and_the_later_of_two_is_told(home):
    a_year_of(2, until=date(2018, 10, 1))
    many(9, date(2018, 10, 1))
    (sign,) = signs_in([DISTRICT], at=MONDAY)
    assert (sign.about.month, sign.about.is_whole) == (date(2018, 10, 1), True)

    many(11, date(2018, 11, 1))
    (sign,) = signs_in([DISTRICT], at=MONDAY + DAY)
    assert (sign.about.month, sign.about.is_whole, sign.about.grown.before) == (date(2018, 11, 1), False, 2 * 11 + 9)
    assert kinds(at=MONDAY + 60 * DAY) == []  # long over


def test_what_grows_everywhere_in_the_town_is_no_sign_of_one_unit(home):
    for area in (UNIT, NEXT_UNIT):
        a_year_of(10, area=area)
        many(30, date(2018, 11, 1), area=area)
    assert kinds() == []


def test_units_of_another_kind_are_not_its_like(home):
    AreaVersion.objects.filter(code=NEXT_UNIT).update(kind="stockade")
    a_year_of(2)
    many(9, date(2018, 11, 1))
    many(40, date(2018, 11, 1), area=NEXT_UNIT, category=ACCOUNTS)
    many(20, date(2018, 11, 1), area=NEXT_UNIT)
    grown = next(one.about.grown for one in signs_in([UNIT], at=MONDAY) if one.kind is Kind.GROWTH)
    assert (grown.likes_told, grown.likes_households, grown.likes_rate) == (0, 0, None)


def test_what_was_told_in_confidence_counts_nowhere(home):
    a_year_of(2)
    many(9, date(2018, 11, 1), in_confidence=True)
    told(in_confidence=True, at=MONDAY - 2 * DAY)
    Report.objects.filter(state="filed").update(due_at=MONDAY + HOUR)
    assert kinds() == []


def test_a_unit_falls_silent_after_much_and_then_nothing(home):
    a_year_of(2, until=date(2018, 8, 1))
    sign = next(one for one in signs_in([DISTRICT], at=MONDAY) if one.kind is Kind.SILENT)
    assert (sign.place.code, sign.about.what, sign.about.since) == (UNIT, "all", date(2018, 8, 1))
    assert "24" in reason_of(sign)

    Activity.objects.create(
        area_id=key_of(UNIT), kind="culture", title="读书会", host="居委会", starts_at=MONDAY - 9 * DAY, ends_at=MONDAY - 9 * DAY + HOUR,
        place="活动室", changed_at=MONDAY, at=MONDAY,
    )  # fmt: skip
    sign = next(one for one in signs_in([DISTRICT], at=MONDAY) if one.kind is Kind.SILENT)
    assert sign.about.what == "reports"  # something is on there, only nothing is told
    many(1, date(2018, 10, 1))
    assert kinds(at=MONDAY + DAY) == []  # counted anew with the day


def test_what_is_called_off_is_no_activity_and_twenty_in_a_year_are_not_enough_to_fall_silent(home):
    Activity.objects.bulk_create(
        Activity(
            area_id=key_of(UNIT), kind="culture", title="读书会", host="居委会", starts_at=MONDAY - (120 + n) * DAY,
            ends_at=MONDAY - (120 + n) * DAY + HOUR, place="活动室", changed_at=MONDAY, at=MONDAY,
        )
        for n in range(20)
    )  # fmt: skip
    assert kinds() == []
    Topic.objects.create(
        area_id=key_of(UNIT), procedure="x", origin="body", title="加装电梯", text="谈", at=MONDAY - 150 * DAY
    )
    assert kinds() == [("silent", UNIT)]
    Activity.objects.filter(starts_at__gt=MONDAY - 122 * DAY).update(state="cancelled", cancelled_because="下雨")
    assert kinds() == []


def test_matters_due_within_two_working_days_are_counted_by_unit_and_none_that_wait_or_are_late(home):
    for n, due in enumerate((MONDAY + 2 * HOUR, MONDAY + 26 * HOUR, MONDAY + 3 * DAY, MONDAY - HOUR)):
        one = told(f"receipt-of-a-resident-{n:02d}x", at=MONDAY - 5 * DAY, category=FIRE_LANE)
        Report.objects.filter(pk=one.pk).update(due_at=due)
    (sign,) = signs_in([DISTRICT], at=MONDAY)
    assert (sign.kind, sign.place.code, sign.about.n, sign.about.first) == (
        Kind.REPORTS_DUE, UNIT, 2, MONDAY + 2 * HOUR,
    )  # fmt: skip
    assert "消防通道" not in reason_of(sign)  # never what a report says
    Report.objects.update(paused_at=MONDAY)
    assert kinds() == []


def test_a_working_day_is_none_on_a_weekend(home):
    friday = MONDAY + 4 * DAY
    one = told(at=MONDAY)
    Report.objects.filter(pk=one.pk).update(
        due_at=MONDAY + 8 * DAY
    )  # Tuesday, 10:00 in China; two working days are over then
    assert kinds(at=friday) == [("reports_due", UNIT)]
    assert kinds(at=friday - HOUR) == []


def test_tasks_agreements_elections_and_shifts_soon_due(home):
    topic = Topic.objects.create(
        area_id=key_of(UNIT), procedure="x", origin="body", title="加装电梯", text="谈", state="under_way", at=MONDAY
    )
    for days in (-1, 0, 7, 8):
        DecisionTask.objects.create(topic=topic, what="做", owner="居委会", until=TODAY + days * DAY)
    partner = Partner.objects.create(area_id=key_of(VILLAGE), kind="social", name="互助会", post="主任", since=TODAY)
    offer = Offer.objects.create(
        partner=partner, area_id=key_of(VILLAGE), sort="hours", what="陪伴", since=TODAY - 99 * DAY
    )
    for days in (3, 15):
        need = Need.objects.create(area_id=key_of(GRID), sort="hours", what="陪伴", since=TODAY - 99 * DAY)
        Agreement.objects.create(
            offer=offer, need=need, state="agreed", since=TODAY - 90 * DAY, until=TODAY + days * DAY, at=MONDAY
        )
    for area, days in ((UNIT, 30), (NEXT_UNIT, 31)):
        body = Body.objects.create(area_id=key_of(area), kind="council", name="议事会", since=TODAY - 999 * DAY)
        BodyTerm.objects.create(body=body, since=TODAY - 900 * DAY, due=TODAY + days * DAY, seats=5, words="选举")
    team = Team.objects.create(area_id=key_of(VILLAGE), name="巡逻队", words="巡逻", post="队长", since=TODAY)
    for taken, days in ((1, 2), (3, 3), (0, 8)):
        begins = MONDAY + days * DAY
        Shift.objects.create(
            team=team, what="巡逻", place="南门", starts_at=begins, ends_at=begins + HOUR, least=3, most=5, taken=taken
        )

    found = {one.kind: one for one in signs_in([DISTRICT], at=MONDAY)}
    assert {kind.value: (one.place.code, one.about.n) for kind, one in found.items()} == {
        "shift": (VILLAGE, 1), "decision_task": (UNIT, 2), "agreement": (GRID, 1), "term": (UNIT, 1),
    }  # fmt: skip
    assert list(found) == [Kind.SHIFT, Kind.DECISION_TASK, Kind.AGREEMENT, Kind.TERM]  # the most urgent first
    assert found[Kind.SHIFT].about.people == 2 and found[Kind.DECISION_TASK].about.first == TODAY
    assert all(reason_of(one) for one in found.values())
    Topic.objects.update(state="done", decision="装", result="好")
    assert ("decision_task", UNIT) not in kinds()


def test_milestones_and_tasks_of_meetings_soon_due(home):
    topic = Topic.objects.create(area_id=key_of(UNIT), procedure="x", origin="body", title="助浴", text="谈", at=MONDAY)
    project = Project.objects.create(
        area_id=key_of(VILLAGE),
        title="助浴",
        words="助浴",
        budget_fen=100,
        call_until=MONDAY,
        topic=topic,
        state="running",
        at=MONDAY,
    )
    partner = Partner.objects.create(area_id=key_of(VILLAGE), kind="social", name="互助会", post="主任", since=TODAY)
    proposal = ProjectProposal.objects.create(project=project, partner=partner, words="做", state="chosen")
    signed = ProjectAgreement.objects.create(project=project, proposal=proposal, signed_on=TODAY, total_fen=100)
    for number, (days, state) in enumerate([(0, "open"), (14, "refused"), (14, "accepted"), (15, "open")]):
        Milestone.objects.create(
            agreement=signed,
            number=number,
            what="做",
            evidence="照片",
            amount_fen=1,
            due_on=TODAY + days * DAY,
            state=state,
        )
    branch = Organisation.objects.create(
        number="Z9", name="支部", kind="branch", area_id=key_of(VILLAGE), founded_on=TODAY - 99 * DAY
    )
    meeting = OrganisationMeeting.objects.create(
        organisation=branch, kind="members", since=TODAY, until=TODAY + DAY, title="党员大会", at=MONDAY
    )
    for days, done in ((-1, None), (6, None), (7, MONDAY), (8, None)):
        MeetingTask.objects.create(
            meeting=meeting,
            what="做",
            owner="书记",
            until=TODAY + days * DAY,
            done_at=done,
            evidence="照片" if done else "",
        )
    found = {one.kind.value: (one.place.code, one.about.n, one.about.first) for one in signs_in([DISTRICT], at=MONDAY)}
    assert found == {"meeting_task": (VILLAGE, 1, TODAY + 6 * DAY), "milestone": (VILLAGE, 2, TODAY)}
    Project.objects.update(state="stopped", stopped_because="没钱")
    assert kinds() == [("meeting_task", VILLAGE)]


def test_a_kind_is_switched_off_in_an_area_until_a_day_for_a_reason(home):
    a_year_of(2)
    many(9, date(2018, 11, 1))
    one = told(at=MONDAY - DAY)
    Report.objects.filter(pk=one.pk).update(due_at=MONDAY + HOUR)
    keeper = a_user(Duty.KEEP_GOVERNANCE, area=VILLAGE)
    switch_off("growth", VILLAGE, until=TODAY + 10 * DAY, reason=" 电梯正在换 ", by=keeper, at=MONDAY)

    assert kinds() == [("reports_due", UNIT)]  # other kinds go on
    (off,) = switched_off_in([TOWN], on=TODAY)
    assert (off.kind, off.place.code, off.until, off.reason) == (Kind.GROWTH, VILLAGE, TODAY + 10 * DAY, "电梯正在换")
    assert switched_off_in([OTHER_VILLAGE], on=TODAY) == []
    assert ("growth", UNIT) in kinds(at=MONDAY + 10 * DAY)
    entry = Entry.objects.get(what="signs.switched_off")
    assert entry.area == VILLAGE and "电梯" not in str(entry.after)

    switch_on(off.key, by=keeper, at=MONDAY)
    assert ("growth", UNIT) in kinds() and Entry.objects.filter(what="signs.switched_on").exists()
    with pytest.raises(NotFound):
        switch_on(off.key, by=keeper, at=MONDAY)


def test_who_does_not_keep_the_area_switches_nothing(home):
    stranger, looks = a_user(Duty.KEEP_GOVERNANCE, area=OTHER_VILLAGE), a_user(Duty.LOOK, area=VILLAGE)
    for user, refusal in ((stranger, NotFound), (looks, NotAllowed)):
        with pytest.raises(refusal):
            switch_off("growth", VILLAGE, until=TODAY + DAY, reason="换电梯", by=user, at=MONDAY)
    made = switch_off("growth", VILLAGE, until=TODAY + DAY, reason="换电梯", by="test", at=MONDAY)
    with pytest.raises(NotFound):
        switch_on(made.pk, by=stranger, at=MONDAY)
    assert SignSwitch.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [{"kind": "weather"}, {"reason": "  "}, {"reason": "长" * 201}, {"until": TODAY}, {"until": TODAY + 367 * DAY}],
)
def test_what_can_not_be_switched_off_so_is_refused(home, said):
    wish = {"kind": "growth", "until": TODAY + DAY, "reason": "换电梯"} | said
    with pytest.raises(BadInput):
        switch_off(wish.pop("kind"), VILLAGE, **wish, by="test", at=MONDAY)
    assert not SignSwitch.objects.exists()


def test_switched_off_twice_the_new_day_counts_and_there_is_one_row(home):
    for days in (5, 9):
        switch_off("growth", VILLAGE, until=TODAY + days * DAY, reason="换电梯", by="test", at=MONDAY)
    assert SignSwitch.objects.get().off_until == TODAY + 9 * DAY


def test_the_database_refuses_a_switch_without_reason_or_end(home):
    facts = {
        "area_id": key_of(VILLAGE), "kind": "growth", "since": TODAY, "off_until": TODAY + DAY, "reason": "换电梯",
    }  # fmt: skip
    SignSwitch.objects.create(**facts)
    for wrong in ({}, {"kind": "term", "reason": ""}, {"kind": "term", "off_until": TODAY}, {"kind": "weather"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SignSwitch.objects.create(**(facts | wrong))


@pytest.mark.django_db(transaction=True)
def test_two_who_switch_off_at_once_leave_one_row(home):
    def off(_n: int) -> None:
        switch_off("growth", VILLAGE, until=TODAY + 5 * DAY, reason="换电梯", by="test", at=MONDAY)

    assert at_once(off, 3) == [None, None, None]
    assert SignSwitch.objects.count() == 1


def test_the_number_of_queries_does_not_grow_with_units(home, django_assert_max_num_queries):
    for area in (UNIT, NEXT_UNIT):
        a_year_of(2, area=area)
    many(9, date(2018, 11, 1))
    many(9, date(2018, 11, 1), area=NEXT_UNIT, category=ACCOUNTS)
    signs_in([DISTRICT], at=MONDAY)
    with django_assert_max_num_queries(26):
        assert len(signs_in([DISTRICT], at=MONDAY)) == 2
