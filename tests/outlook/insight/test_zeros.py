"""The third and the fourth zero: each reason from a small world, on any day; and counts kept beforehand equal a full recount."""

from datetime import timedelta

import pytest

from tests.builders import GRID, MONDAY, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from tests.systems.services.asking import opened
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.counted.folding import catch_up, rebuild
from weiduan.outlook.insight.counted.models import CountedReport, MonthCount, UnitStanding
from weiduan.outlook.insight.counted.rules import MEASURES
from weiduan.outlook.insight.counted.standings import FIELDS, standings_in
from weiduan.outlook.insight.governance import gaps_of
from weiduan.outlook.insight.services import distances_of
from weiduan.outlook.insight.units import units_in
from weiduan.outlook.insight.zeros import lacking, reasons_in, zeros_of
from weiduan.systems.governance.bodies.actions import Elected, Election, found_body, hold_election
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = local_day(MONDAY)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def lacks(code: str = UNIT, *, at=MONDAY) -> tuple[list[str], list[str]]:
    units = units_in(code, on=local_day(at))
    told_ = (gaps_of(units, at=at), distances_of(units, at=at))
    return tuple([one.rule.reason for one in found.get(code, [])] for found in told_)


def an_activity(area: str, ends=MONDAY) -> Activity:
    return Activity.objects.create(
        area_id=area_ids([area], on=TODAY)[area], kind="culture", title="读书会", host="居委会", starts_at=ends - DAY / 24, ends_at=ends,
        place="活动室", changed_at=MONDAY - 9 * DAY, at=MONDAY - 9 * DAY,
    )  # fmt: skip


def test_a_unit_with_nothing_lacks_all_of_it_each_with_its_reason():
    assert lacks() == (["no_body", "no_compact", "not_talked_over"], ["no_service", "not_asked"])


def test_a_body_counts_while_its_term_runs_its_grids_too_but_not_its_villages():
    found_body(VILLAGE, "council", "居民议事会", since=TODAY - 400 * DAY, by="test", at=MONDAY)
    assert "no_body" in lacks()[0]
    body = found_body(GRID, "council", "网格议事会", since=TODAY - 400 * DAY, by="test", at=MONDAY)
    assert "body_over" in lacks()[0] and "no_body" not in lacks()[0]
    election = Election(TODAY - 30 * DAY, 5, (Elected("召集人", "张三"),), words="居民会议选举产生")
    hold_election(body.pk, election, by="test", at=MONDAY)
    assert lacks()[0] == ["no_compact", "not_talked_over"] == lacks(NEXT_UNIT)[0]
    assert "body_over" in lacks(at=MONDAY + 365 * 12 * DAY)[0]  # its term is over by then


def test_what_is_late_counts_from_the_minute_it_is_and_never_what_was_told_in_confidence():
    report = told()
    assert "reports_overdue" not in lacks(at=report.due_at)[0]
    assert "reports_overdue" in lacks(at=report.due_at + DAY / 1440)[0]
    Report.objects.update(in_confidence=True)
    assert "reports_overdue" not in lacks(at=report.due_at + DAY)[0]


def test_a_service_reaches_a_unit_from_its_village_and_grid_for_ninety_days():
    an_activity(VILLAGE)
    assert "no_service" not in lacks()[1] and "no_service" not in lacks(NEXT_UNIT)[1]
    assert "no_service" in lacks(at=MONDAY - DAY / 24)[1]  # it isn't over yet
    assert "no_service" not in lacks(at=MONDAY + 90 * DAY)[1] and "no_service" in lacks(at=MONDAY + 91 * DAY)[1]
    Activity.objects.update(state="cancelled", cancelled_because="下雨")
    assert "no_service" in lacks()[1]


def test_residents_are_asked_and_content_or_not():
    found, codes = opened(at=MONDAY - 4 * DAY, opens_on=TODAY - 4 * DAY, closes_on=TODAY)
    for n, code in enumerate(codes[:5]):
        answer(found.pk, code, (1, 5) if n else (2, 0), at=MONDAY - 3 * DAY)
    asking.close(found.pk, by="test", at=MONDAY - DAY)
    assert lacks()[1] == ["no_service", "not_content"]  # 5 of 9 could say so
    assert lacks(at=MONDAY - 2 * DAY)[1] == ["no_service", "not_asked"]  # it was still open
    assert "not_asked" in lacks(at=MONDAY + 401 * DAY)[1]


def test_answers_that_came_late_are_shared_out_over_all_answers():
    handler = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    for n in range(10):
        report = told(f"receipt-of-a-resident-{n:02d}x")
        handling.accept(report.pk, by=handler, at=MONDAY)
        handling.answer(report.pk, "已清理", by=handler, at=report.due_at + DAY if n == 0 else MONDAY)
    assert "answered_late" not in lacks(at=MONDAY + 60 * DAY)[1]  # nine of ten
    late = Report.objects.order_by("answered_at").first()
    Report.objects.filter(pk=late.pk).update(answered_at=late.due_at + DAY)
    assert "answered_late" in lacks(at=MONDAY + 60 * DAY)[1]


def first(moment):
    return local_day(moment).replace(day=1)


def recounted() -> dict:
    """Count every report month by month in plain Python, for areas themselves and for all above them."""
    counts: dict = {}
    codes = {v: k for k, v in area_ids([UNIT, NEXT_UNIT, GRID, VILLAGE], on=TODAY).items()}
    for report in Report.objects.filter(in_confidence=False):
        adds = [(first(report.told_at), "told")]
        if report.answered_at:
            adds.append((first(report.answered_at), "answered"))
            if report.answered_at <= report.due_at:
                adds.append((first(report.answered_at), "in_time"))
        if report.closed_at:
            outcome = {"confirmed": "confirmed", "no_word": "no_word"}.get(report.state, "left_out")
            adds.append((first(report.closed_at), outcome))
        elif report.state == "answered":
            adds.append((first(report.told_at), "waiting"))
        else:
            adds.append((first(report.told_at), "open"))
        for month, measure in adds:
            key = (codes[report.area_id], report.category_id, month, measure)
            counts[key] = counts.get(key, 0) + 1
    return counts


def kept(*, is_sum: bool, area: str | None = None) -> dict:
    codes = {v: k for k, v in area_ids([UNIT, NEXT_UNIT, GRID, VILLAGE], on=TODAY).items()}
    rows = MonthCount.objects.filter(is_sum=is_sum)
    return {
        (codes[row.area_id], row.category, row.month, measure): getattr(row, measure)
        for row in rows
        if row.area_id in codes and (area is None or codes[row.area_id] == area)
        for measure in MEASURES
        if getattr(row, measure)
    }


def standing_rows(rows) -> list[tuple]:
    return sorted(tuple(getattr(row, name) for name in FIELDS) for row in rows)


def assert_right(at):
    catch_up(at=at)
    assert kept(is_sum=False) == recounted()
    summed: dict = {}
    for (_code, category, month, measure), n in recounted().items():
        key = (VILLAGE, category, month, measure)
        summed[key] = summed.get(key, 0) + n
    assert kept(is_sum=True, area=VILLAGE) == summed
    assert standing_rows(UnitStanding.objects.all()) == standing_rows(standings_in(VILLAGE, at=at))


def test_counts_follow_the_ledger_and_equal_a_recount_whatever_is_done():
    handler = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    assert_right(MONDAY)
    first, second = told(), told("receipt-of-another-resident", area=NEXT_UNIT, category="C01")
    assert_right(MONDAY)
    handling.accept(first.pk, by=handler, at=MONDAY)
    handling.answer(first.pk, "已清理", by=handler, at=MONDAY + DAY)
    assert_right(MONDAY + DAY)
    reporting.dispute("receipt-of-a-resident-22", "还堵着", at=MONDAY + DAY)
    assert_right(MONDAY + DAY)
    handling.answer(first.pk, "已清理完", by=handler, at=MONDAY + 30 * DAY)
    reporting.confirm("receipt-of-a-resident-22", at=MONDAY + 30 * DAY)
    reporting.withdraw("receipt-of-another-resident", at=MONDAY + 30 * DAY)
    found_body(GRID, "council", "网格议事会", since=TODAY, by="test", at=MONDAY + 30 * DAY)
    assert_right(MONDAY + 30 * DAY)
    assert CountedReport.objects.count() == 2 and second.pk

    before = (kept(is_sum=False), kept(is_sum=True), standing_rows(UnitStanding.objects.all()))
    rebuild(at=MONDAY + 30 * DAY)
    assert before == (kept(is_sum=False), kept(is_sum=True), standing_rows(UnitStanding.objects.all()))


def test_what_changes_by_itself_is_seen_too():
    catch_up(at=MONDAY)
    report = told()
    an_activity(UNIT, ends=MONDAY + DAY / 2)
    catch_up(at=MONDAY)
    assert UnitStanding.objects.get(code=UNIT).services == "no_service"
    assert_right(MONDAY + DAY / 2)
    assert UnitStanding.objects.get(code=UNIT).services == "not_asked"
    assert_right(max(report.due_at, MONDAY + DAY / 2) + DAY / 1440)
    assert "reports_overdue" in UnitStanding.objects.get(code=UNIT).reasons


def test_an_area_counts_its_units_and_what_they_lack_today_and_on_another_day():
    an_activity(UNIT, ends=MONDAY - DAY)
    now = zeros_of(VILLAGE, on=TODAY, at=MONDAY)
    assert (now.units, dict(now.missing)) == (2, {"organisation": 2, "venues": 2, "governance": 2, "services": 2})
    assert reasons_in(VILLAGE, "services", on=TODAY, at=MONDAY) == {"no_service": 1, "not_asked": 1}
    assert [row.code for row in lacking(VILLAGE, "services", on=TODAY, at=MONDAY, reason="not_asked")] == [UNIT]
    before = reasons_in(VILLAGE, "services", on=TODAY - 2 * DAY, at=MONDAY)
    assert before == {"no_service": 2}
