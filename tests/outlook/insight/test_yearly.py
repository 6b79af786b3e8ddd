"""The year of a unit: what was told, decided, done, paid and said, counted once more by plain SQL; the public one without reports."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils.translation import override

from tests.builders import GRID, MONDAY, VILLAGE, a_user
from tests.systems.governance.compacting import enacted
from tests.systems.governance.matters import LAMP, NEXT_UNIT, UNIT, a_village, told
from tests.systems.services import projecting
from tests.systems.services.asking import opened
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.told.monthly import monthly_of
from weiduan.outlook.insight.told.yearly import Yearly, yearly_of
from weiduan.outlook.insight.told.yearly_words import told_year
from weiduan.systems.governance.bodies.actions import Elected, Election, found_body, hold_election
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.projects import money
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = local_day(MONDAY)
END = MONDAY + 70 * DAY  # January 2019: the year is over


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def key(code: str) -> int:
    return area_ids([code], on=TODAY)[code]


def year(code: str = UNIT, number: int = 2018, *, with_reports: bool = True) -> Yearly:
    return yearly_of(code, number, at=END, with_reports=with_reports)


def sql(query: str) -> int:
    """Count by a query of its own over the unit's rows of 2018, which begins and ends at 16:00 of the day before in UTC."""
    between = ">= '2017-12-31 16:00:00' AND {0} < '2018-12-31 16:00:00'"
    with connection.cursor() as cursor:
        cursor.execute(query.replace("IN_2018(told_at)", "told_at " + between.format("told_at"))
                       .replace("IN_2018(answered_at)", "answered_at " + between.format("answered_at"))
                       .replace("IN_2018(ends_at)", "ends_at " + between.format("ends_at"))
                       .replace("OF_UNIT", f"area_id = {key(UNIT)}"))  # fmt: skip
        return cursor.fetchone()[0] or 0


def said(found: Yearly) -> str:
    return str([(part.title, part.sentences, [table.rows for table in part.tables]) for part in told_year(found)])


def test_reports_of_the_year_are_counted_as_plain_sql_counts_them_and_by_kind():
    by = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    rows = [told(f"receipt-of-a-resident-{n:02d}x", category=LAMP if n == 3 else "09012") for n in range(4)]
    for n, at in ((0, MONDAY), (1, rows[1].due_at + DAY)):
        handling.accept(rows[n].pk, by=by, at=MONDAY)
        handling.answer(rows[n].pk, "已处理", by=by, at=at)
    reporting.confirm("receipt-of-a-resident-00x", at=MONDAY + DAY)
    told("receipt-of-a-resident-98x", area=NEXT_UNIT)
    told("receipt-of-a-resident-99x", at=MONDAY + 65 * DAY)  # in January
    Report.objects.filter(pk=rows[2].pk).update(in_confidence=True)
    one = year().reports

    base = "SELECT COUNT(*) FROM governance_report WHERE NOT in_confidence AND OF_UNIT AND "
    assert one.counts.told == sql(base + "IN_2018(told_at)") == 3
    assert one.counts.answered == sql(base + "IN_2018(answered_at)") == 2
    assert one.counts.in_time == sql(base + "IN_2018(answered_at) AND answered_at <= due_at") == 1
    assert one.counts.confirmed == 1 and [n for _name, n in one.kinds] == [2, 1] and one.overdue == 1


def test_the_public_year_is_the_same_without_the_reports():
    told()
    for public, staff in zip(told_year(year(with_reports=False)), told_year(year())[1:], strict=True):
        assert (public.key, list(public.sentences)) == (staff.key, list(staff.sentences))
    assert year(with_reports=False).reports is None


def test_a_compact_its_vote_and_a_topic_are_told_with_how_they_ended():
    enacted(a_user(Duty.KEEP_GOVERNANCE, area=UNIT))
    facts = {"area_id": key(UNIT), "procedure": "standard", "origin": "body", "text": "装灯", "at": MONDAY}
    Topic.objects.create(
        title="楼道灯", state="done", decision="装三盏灯", decided_at=MONDAY, result="装好了", result_at=MONDAY, **facts
    )
    Topic.objects.create(
        title="去年的事", state="done", decision="好", decided_at=MONDAY - 400 * DAY, result="好了", **facts
    )
    Topic.objects.create(title="还没看", state="proposed", **facts)
    Topic.objects.create(title="停车", state="under_way", stage="", **facts)
    found = year()

    assert [(one.title, one.state, one.passed) for one in found.votes] == [("楼道公约", "final", True)]
    assert [(one.title, one.decision, one.result) for one in found.topics] == [("楼道灯", "装三盏灯", "装好了")]
    assert [(one.title, one.kind, one.number) for one in found.compacts] == [("楼道公约", "compact", 1)]
    assert found.topics_open == ["停车"] and found.compacts_open == []
    assert "还没看" not in said(found)


def test_bodies_are_told_with_their_terms_and_nobody_in_them():
    body = found_body(UNIT, "council", "居民议事会", since=TODAY - 400 * DAY, by="test", at=MONDAY)
    words = "居民会议选举产生"
    hold_election(body.pk, Election(TODAY, 5, (Elected("召集人", "张三"),), words=words), by="test", at=MONDAY)
    found = year()
    assert [(one.name, one.elected, one.due) for one in found.bodies] == [("居民议事会", TODAY, body.terms.get().due)]
    assert "张三" not in said(found)
    assert year(NEXT_UNIT).bodies == []


def test_activities_are_counted_by_kind_with_those_who_came():
    for days, more in ((0, {"attended": 8}), (1, {}), (2, {"state": "cancelled", "cancelled_because": "下雨"}), (-400, {"attended": 9}),
                       (3, {"kind": "health", "attended": 4})):  # fmt: skip
        ends = MONDAY + days * DAY
        facts = {
            "kind": "culture",
            "title": "读书会",
            "host": "居委会",
            "place": "活动室",
            "changed_at": MONDAY,
            "at": MONDAY,
        } | more
        Activity.objects.create(area_id=key(UNIT), starts_at=ends - DAY / 24, ends_at=ends, **facts)
    found = year().activities
    base = "FROM services_activity WHERE OF_UNIT AND IN_2018(ends_at) AND state <> 'cancelled'"
    assert found.kinds == [("culture", 2), ("health", 1)] and found.held == sql(f"SELECT COUNT(*) {base}") == 3
    assert found.attended == sql(f"SELECT SUM(attended) {base}") == 12 and found.counted == 2


def test_a_project_is_told_with_its_account_to_the_fen_in_the_year_and_in_the_month():
    world = projecting.running()
    acceptance = projecting.accepted(world)
    money.release(acceptance.pk, by=world.payer, at=projecting.SIGNED)
    (one,) = year().projects

    moved = "SELECT SUM(amount_fen) FROM services_moneymove WHERE kind = '{}'"
    assert one.released_fen == one.released_in_all_fen == sql(moved.format("release")) == 12_000_00
    assert one.set_aside_fen == sql(moved.format("fund")) == projecting.BUDGET
    month = monthly_of(VILLAGE, since=local_day(projecting.SIGNED).replace(day=1), at=END).projects
    accepted = sql("SELECT COUNT(*) FROM services_milestoneacceptance")
    assert (month.released_fen, month.released_in_all_fen, month.accepted, month.running) == (
        12_000_00,
        12_000_00,
        accepted,
        1,
    )
    later = monthly_of(VILLAGE, since=date(2019, 1, 1), at=END).projects
    assert (later.released_fen, later.released_in_all_fen, later.accepted) == (0, 12_000_00, 0)


def test_what_falls_due_next_year_of_party_organisations_is_for_staff_alone():
    body = found_body(UNIT, "council", "居民议事会", since=TODAY - 1800 * DAY, by="test", at=MONDAY)
    election = Election(TODAY - 1700 * DAY, 5, (Elected("召集人", "张三"),), words="居民会议选举产生")
    hold_election(body.pk, election, by="test", at=MONDAY)
    due = body.terms.get().due
    found = yearly_of(UNIT, due.year - 1, at=MONDAY + 800 * DAY, with_reports=False)
    assert [(one.on, one.what) for one in found.due] == [(due, "body")] and f"{due}" in said(found)


def test_satisfaction_is_told_with_asked_and_answered():
    found, codes = opened(at=MONDAY - 3 * DAY, opens_on=TODAY - 3 * DAY, closes_on=TODAY + 3 * DAY)
    for n, code in enumerate(codes[:6]):
        answer(found.pk, code, (1 if n < 3 else 4, 2), at=MONDAY)
    asking.close(found.pk, by="test", at=MONDAY + DAY)
    (one,) = year().asked
    assert (one.asked, one.answered, one.share.content, one.share.of) == (10, 6, 3, 6)


def test_only_a_unit_has_a_yearly_report_and_only_of_a_year_that_has_begun():
    with pytest.raises(NotFound):
        year(VILLAGE)
    with pytest.raises(NotFound):
        year(GRID)
    with pytest.raises(NotFound):
        year(number=2017)  # nothing was known then
    with pytest.raises(BadInput):
        year(number=2020)
    with override("en"):
        assert "0 votes were counted" in said(year(with_reports=False))
