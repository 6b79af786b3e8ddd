"""The month of an area: each figure counted once more by plain SQL, and page, PDF and workbook made of the same sections."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.utils.translation import override

from tests.builders import GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import ACCOUNTS, FIRE_LANE, LAMP, NEXT_UNIT, UNIT, a_village, told
from tests.systems.services.asking import opened
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.counted.folding import rebuild
from weiduan.outlook.insight.told.monthly import Monthly, after, grown, monthly_of, months_before
from weiduan.outlook.insight.told.monthly_words import told_month
from weiduan.systems.governance.bodies.actions import Elected, Election, found_body, hold_election
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer
from weiduan.systems.services.volunteers.models import Shift, Team
from weiduan.systems.services.wishes.models import Wish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = local_day(MONDAY)
NOVEMBER, DECEMBER = date(2018, 11, 1), date(2018, 12, 1)
END = MONDAY + 40 * DAY  # mid-December: November is over


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def key(code: str) -> int:
    return area_ids([code], on=TODAY)[code]


def november(code: str = VILLAGE, at: datetime = END) -> Monthly:
    return monthly_of(code, since=NOVEMBER, at=at)


def sql(query: str) -> int:
    """Count by a query of its own; {now} is the first moment of November in China, {next} of December, {in_village} the areas."""
    stamp = "'2018-10-31 16:00:00'", "'2018-11-30 16:00:00'"
    areas = ",".join(str(key(code)) for code in (VILLAGE, GRID, UNIT, NEXT_UNIT))
    with connection.cursor() as cursor:
        cursor.execute(query.format(now=stamp[0], next=stamp[1], in_village=f"({areas})"))
        return cursor.fetchone()[0] or 0


def activity(ends: datetime, area: str = UNIT, **more) -> Activity:
    facts = {
        "kind": "culture",
        "title": "读书会",
        "host": "居委会",
        "place": "活动室",
        "changed_at": MONDAY,
        "at": MONDAY,
    } | more
    return Activity.objects.create(area_id=key(area), starts_at=ends - DAY / 24, ends_at=ends, **facts)


def some_reports() -> list[Report]:
    """Tell eight: two answered in time, one late, one disputed, one closed without a word, one withdrawn, one in confidence, one open."""
    by = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    rows = [told(f"receipt-of-a-resident-{n:02d}x", category=FIRE_LANE if n < 5 else LAMP) for n in range(8)]
    for n in (0, 1, 2, 3, 4):
        handling.accept(rows[n].pk, by=by, at=MONDAY)
        handling.answer(rows[n].pk, "已处理", by=by, at=rows[n].due_at + DAY if n == 2 else MONDAY + DAY / 24)
    reporting.confirm("receipt-of-a-resident-00x", at=MONDAY + 2 * DAY)
    reporting.dispute("receipt-of-a-resident-03x", "还堵着", at=MONDAY + 2 * DAY)
    reporting.withdraw("receipt-of-a-resident-05x", at=MONDAY + DAY)
    Report.objects.filter(pk=rows[6].pk).update(in_confidence=True)
    reporting.lapse(at=MONDAY + 9 * DAY)
    rebuild(at=END)
    return rows


def test_reports_are_counted_as_plain_sql_counts_them():
    some_reports()
    one = november().reports
    base = "SELECT COUNT(*) FROM governance_report r WHERE NOT r.in_confidence AND r.area_id IN {in_village} AND "
    answered = base + "r.answered_at >= {now} AND r.answered_at < {next}"

    assert one.counts.told == sql(base + "r.told_at >= {now} AND r.told_at < {next}") == 7
    assert one.counts.answered == sql(answered) == 5
    assert one.counts.in_time == sql(answered + " AND r.answered_at <= r.due_at") == 4 and one.counts.late == 1
    assert one.counts.confirmed == sql(base + "r.state = 'confirmed' AND r.closed_at < {next}") == 1
    assert one.counts.left_out == sql(base + "r.state = 'withdrawn'") == 1
    assert one.counts.no_word == sql(base + "r.state = 'no_word' AND r.closed_at < {next}") > 0
    steps = "SELECT COUNT(DISTINCT s.report_id) FROM governance_step s JOIN governance_report r ON r.id = s.report_id WHERE "
    assert one.disputed == sql(steps + "s.what IN ('dispute', 'reopen') AND s.at < {next} AND NOT r.in_confidence") == 1
    late = base + "r.told_at < {next} AND r.answered_at IS NULL AND r.closed_at IS NULL AND r.due_at < {next}"
    assert one.overdue == sql(late) == 1


def test_nothing_of_another_village_or_month_is_in_it():
    some_reports()
    activity(MONDAY, attended=9)
    assert november(OTHER_VILLAGE).reports.counts.told == 0 and november(OTHER_VILLAGE).services.activities == 0
    december = monthly_of(VILLAGE, since=DECEMBER, at=END)
    assert december.reports.counts.told == 0 and december.services.activities == 0 and not december.is_over


def test_units_that_came_to_lack_a_zero_and_that_lack_it_no_more_are_named_with_the_reason():
    """The survey is of 31 October: both units lacked a body then; one gets it in November, and loses it in December."""
    assert [(one.now, one.before) for one in november().zeros][2] == (2, 2)
    body = found_body(UNIT, "council", "居民议事会", since=TODAY, by="test", at=MONDAY)
    hold_election(
        body.pk, Election(TODAY, 5, (Elected("召集人", "张三"),), words="居民会议选举产生"), by="test", at=MONDAY
    )
    zeros = {one.name: one for one in november().zeros}
    # It still lacks a compact, so the zero isn't reached; the services' zero is reached by an activity.
    assert (zeros["governance"].now, zeros["governance"].left) == (2, [])
    activity(MONDAY, area=UNIT)
    found, codes = opened(at=MONDAY - 4 * DAY, opens_on=TODAY - 4 * DAY, closes_on=TODAY)
    for code in codes[:6]:
        answer(found.pk, code, (1, 2), at=MONDAY - 3 * DAY)
    asking.close(found.pk, by="test", at=MONDAY - DAY)
    services = {one.name: one for one in november().zeros}["services"]
    assert (services.now, services.before) == (1, 2)
    assert [(move.code, move.around) for move in services.left] == [(UNIT, "石家碾社区")] and services.entered == []
    with override("en"):
        services = {one.name: one for one in november().zeros}["services"]
    assert "no service" in services.left[0].why

    with override("en"):
        later = monthly_of(VILLAGE, since=date(2019, 2, 1), at=MONDAY + 130 * DAY)
    services = {one.name: one for one in later.zeros}["services"]
    assert [move.code for move in services.entered] == [UNIT] and services.before == 1 and services.now == 2
    assert "ninety days" in services.entered[0].why  # the activity is longer ago by then
    assert later.units == 2 == later.units_before


def test_before_anything_was_known_nobody_says_what_changed():
    october = monthly_of(VILLAGE, since=date(2018, 10, 1), at=END)
    assert october.units_before == 0 and october.units == 2 and all(not one.entered for one in october.zeros)
    with override("en"):
        assert "nobody can say what changed" in " ".join(told_month(october)[0].sentences)


def test_a_category_grows_against_its_own_mean_and_only_where_enough_was_told():
    assert grown({1: 6, 2: 2, 3: 9, 4: 3}, {1: 12, 2: 0, 3: 42, 4: 15}) == [(1, 6, 2.0)]
    assert grown({1: 3, 2: 5}, {}) == [(2, 5, 0.0), (1, 3, 0.0)]
    assert months_before(date(2018, 3, 1), 6) == date(2017, 9, 1) and after(date(2018, 12, 1)) == date(2019, 1, 1)


def test_growth_is_told_once_six_months_are_counted():
    for n in range(4):
        told(f"receipt-of-a-resident-{n:02d}x", at=MONDAY, category=ACCOUNTS)
    rebuild(at=END)
    assert not november().reports.mean_known and november().reports.grew == []
    early = told("receipt-of-a-resident-99x", at=MONDAY, category=LAMP)
    Report.objects.filter(pk=early.pk).update(told_at=MONDAY - 183 * DAY)
    rebuild(at=END)
    found = november().reports
    assert found.mean_known and [(n, mean) for _name, n, mean in found.grew] == [(4, 0.0)]


def test_activities_shifts_and_wishes_are_counted_as_plain_sql_counts_them():
    activity(MONDAY, attended=12)
    activity(MONDAY + DAY, area=VILLAGE)
    activity(MONDAY + 2 * DAY, state="cancelled", cancelled_because="下雨")
    activity(MONDAY - 10 * DAY, attended=5)
    team = Team.objects.create(area_id=key(VILLAGE), name="邻里队", words="帮忙", post="社区专干", since=TODAY)
    for n, state in enumerate(("done", "done", "planned")):
        starts = MONDAY + n * DAY
        Shift.objects.create(
            team=team,
            what="送餐",
            place="社区",
            starts_at=starts,
            ends_at=starts + DAY / 12,
            least=1,
            most=3,
            state=state,
        )
    for n, state in enumerate(("fulfilled", "thanked", "open")):
        ended = None if state == "open" else MONDAY + DAY
        Wish.objects.create(
            area_id=key(UNIT),
            text="想要一盏灯",
            state=state,
            receipt_hash=bytes([n]) * 32,
            claimed_by="一位居民",
            ended_at=ended,
            at=MONDAY,
        )
    one = november().services

    base = "FROM services_activity WHERE area_id IN {in_village} AND ends_at >= {now} AND ends_at < {next} AND state "
    assert one.activities == sql(f"SELECT COUNT(*) {base} <> 'cancelled'") == 2
    assert one.attended == sql(f"SELECT SUM(attended) {base} <> 'cancelled'") == 12 and one.counted == 1
    assert one.called_off == sql(f"SELECT COUNT(*) {base} = 'cancelled'") == 1
    assert (
        one.shifts
        == sql("SELECT COUNT(*) FROM services_shift WHERE state = 'done' AND ends_at >= {now} AND ends_at < {next}")
        == 2
    )
    wishes = "SELECT COUNT(*) FROM services_wish WHERE state IN ('fulfilled', 'thanked') AND ended_at >= {now} AND ended_at < {next}"
    assert one.wishes == sql(wishes) == 2


def test_a_month_that_has_not_begun_is_refused():
    with pytest.raises(BadInput):
        monthly_of(VILLAGE, since=date(2019, 1, 1), at=END)


def test_questionnaires_show_their_share_only_where_enough_answered():
    found, codes = opened(at=MONDAY - 3 * DAY, opens_on=TODAY - 3 * DAY, closes_on=TODAY + 3 * DAY)
    few, codes_of_few = opened(area=NEXT_UNIT, at=MONDAY - 3 * DAY, opens_on=TODAY - 3 * DAY, closes_on=TODAY + 3 * DAY)
    for code in codes[:6]:
        answer(found.pk, code, (1, 2), at=MONDAY)
    answer(few.pk, codes_of_few[0], (5, 5), at=MONDAY)
    asking.close(found.pk, by="test", at=MONDAY + DAY)
    asking.close(few.pk, by="test", at=MONDAY + DAY)
    asked = {one.area: one for one in november().asked}

    assert (asked["单元001001"].asked, asked["单元001001"].answered, asked["单元001001"].share.percent) == (
        10,
        6,
        100.0,
    )
    assert (asked["单元001002"].answered, asked["单元001002"].share) == (1, None)


def test_what_is_due_next_month_is_named_with_its_day_and_no_person():
    body = found_body(UNIT, "council", "居民议事会", since=TODAY - 1800 * DAY, by="test", at=MONDAY)
    words = "居民会议选举产生"
    hold_election(
        body.pk, Election(TODAY - 1800 * DAY, 5, (Elected("召集人", "张三"),), words=words), by="test", at=MONDAY
    )
    activity(datetime(2018, 12, 10, tzinfo=MONDAY.tzinfo))
    found = monthly_of(VILLAGE, since=months_before(body.terms.get().due.replace(day=1), 1), at=MONDAY + 400 * DAY)
    assert [(one.on, one.what, one.title) for one in found.due] == [(body.terms.get().due, "body", "居民议事会")]
    assert november().activities_ahead == 1
    said = str([(s.sentences, [t.rows for t in s.tables]) for s in told_month(found)])
    assert "张三" not in said
