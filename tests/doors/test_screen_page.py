"""大屏: the figures of an area for a wall, without any person, in a number of queries that doesn't grow."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, draw, told
from tests.systems.services.asking import opened
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.counted.models import UnitStanding
from weiduan.outlook.insight.drawn.gap_maps import gap_map
from weiduan.outlook.insight.wall.screen import last_changes, on_today, said_in, screen_of
from weiduan.outlook.insight.wall.words import CHANGES
from weiduan.outlook.insight.zeros import zeros_of
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
TODAY = local_day(MONDAY)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


def an_activity(title: str, starts, area: str = UNIT, **more) -> Activity:
    key = area_ids([area], on=TODAY)[area]
    facts = {"kind": "culture", "host": "居委会", "place": "活动室", "changed_at": MONDAY, "at": MONDAY} | more
    return Activity.objects.create(area_id=key, title=title, starts_at=starts, ends_at=starts + DAY / 24, **facts)


def test_it_shows_the_same_zeros_as_everywhere_and_the_map_by_how_many_a_part_lacks():
    shown = screen_of(VILLAGE, at=MONDAY)
    total = zeros_of(VILLAGE, on=TODAY, at=MONDAY)

    assert shown.missing == dict(total.missing) and shown.units == total.units == 2
    assert [(cell.code, cell.lacks, cell.of, cell.state) for cell in shown.drawing.cells] == [
        (UNIT, 4, 4, "all"),
        (NEXT_UNIT, 4, 4, "all"),
    ]
    assert shown.drawing.counts == {"ok": 0, "some": 0, "most": 0, "all": 2, "none": 0}
    assert all(cell.path.startswith("M") and cell.path.endswith("Z") for cell in shown.drawing.cells)
    assert screen_of(GRID, at=MONDAY).drawing.cells == shown.drawing.cells


def test_a_part_is_shaded_by_the_share_its_units_lack_together():
    standings = [
        UnitStanding(code=UNIT, governance="no_body"),
        UnitStanding(code=NEXT_UNIT, services="no_service", venues="none"),
    ]
    cells = {cell.code: cell for cell in gap_map(VILLAGE, standings, on=TODAY, wide=800, high=720).cells}
    assert (cells[UNIT].lacks, cells[UNIT].state) == (1, "some") and (
        cells[NEXT_UNIT].lacks,
        cells[NEXT_UNIT].state,
    ) == (2, "some")
    draw(VILLAGE, 104.250, 30.830)
    draw(OTHER_VILLAGE, 104.260, 30.830)
    parts = {cell.code: cell for cell in gap_map(DISTRICT, standings, on=TODAY, wide=800, high=720).cells}
    assert (parts[VILLAGE].lacks, parts[VILLAGE].of, parts[VILLAGE].state) == (3, 8, "some") and parts[
        OTHER_VILLAGE
    ].state == "none"


def test_the_months_reports_have_their_denominators_and_none_told_in_confidence():
    handler = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    reports = [told(f"receipt-of-a-resident-{n:02d}x") for n in range(4)]
    for n, report in enumerate(reports[:2]):
        handling.accept(report.pk, by=handler, at=MONDAY)
        handling.answer(report.pk, "已清理", by=handler, at=report.due_at + (DAY if n else -DAY / 24))
    Report.objects.filter(pk=reports[3].pk).update(in_confidence=True)
    shown = screen_of(DISTRICT, at=reports[2].due_at + 2 * DAY)

    assert (shown.reports.told, shown.reports.answered, shown.reports.in_time, shown.overdue) == (3, 2, 1, 1)


def test_what_is_on_today_is_in_order_and_nothing_that_was_called_off_or_is_of_another_day():
    an_activity("下午", MONDAY + DAY / 4)
    an_activity("现在", MONDAY)
    an_activity("取消", MONDAY, state="cancelled", cancelled_because="下雨")
    an_activity("昨天", MONDAY - DAY)
    an_activity("别处", MONDAY, area=OTHER_VILLAGE)
    assert [one.title for one in on_today(VILLAGE, at=MONDAY)] == ["现在", "下午"]
    shown = screen_of(VILLAGE, at=MONDAY + DAY / 8)
    assert [one.title for one in shown.today] == ["下午"] and shown.today_count == 2


def test_content_is_of_those_who_could_say_and_nothing_is_shown_of_few():
    found, codes = opened(at=MONDAY - 4 * DAY, opens_on=TODAY - 4 * DAY, closes_on=TODAY)
    for code in codes[:4]:
        answer(found.pk, code, (1, 0), at=MONDAY - 3 * DAY)
    few, _codes = opened(area=NEXT_UNIT, at=MONDAY - 4 * DAY, opens_on=TODAY - 4 * DAY, closes_on=TODAY)
    answer(few.pk, _codes[0], (1, 1), at=MONDAY - 3 * DAY)
    asking.close(few.pk, by="test", at=MONDAY - DAY)
    assert said_in(VILLAGE, on=TODAY).units == 0  # one answered in one unit; the other is still open
    answer(found.pk, codes[4], (5, 2), at=MONDAY - 2 * DAY)
    asking.close(found.pk, by="test", at=MONDAY - DAY)
    said = said_in(VILLAGE, on=TODAY)
    assert (said.units, said.asked, said.answered, said.could_say, said.content) == (1, 10, 5, 6, 5)


def test_the_last_changes_are_in_words_of_the_kinds_told_and_of_this_area_only():
    mine, there = an_activity("读书会", MONDAY), an_activity("别处", MONDAY, area=OTHER_VILLAGE)
    record(what="activity.planned", about=mine, by="test", at=MONDAY, area=UNIT)
    record(what="activity.planned", about=there, by="test", at=MONDAY, area=OTHER_VILLAGE)
    record(what="member.joined", about=mine, by="test", at=MONDAY, area=UNIT)
    told()
    found = last_changes(VILLAGE, on=TODAY)
    assert [(one.what, one.area) for one in found] == [(str(CHANGES["activity.planned"]), "单元001001")]
    assert not [
        what
        for what in CHANGES
        if what.startswith(("report.", "member.", "post.", "sign_up.", "booking.", "volunteer."))
    ]


def test_the_page_leads_on_to_each_zero_and_is_only_for_those_who_may_look():
    desk = Client()
    desk.force_login(a_user(Duty.LOOK, area=VILLAGE))
    page = desk.get(f"/desk/screen/{VILLAGE}/").content.decode()

    for address in (f"/desk/area/{VILLAGE}/#gaps", f"/desk/area/{VILLAGE}/dead-corners/", f"/desk/area/{VILLAGE}/zero/governance/",
                    f"/desk/area/{VILLAGE}/zero/services/"):  # fmt: skip
        assert f'href="{address}"' in page
    assert 'id="live"' in page and '<meta http-equiv="refresh" content="60">' in page
    assert desk.get(f"/desk/screen/{OTHER_VILLAGE}/").status_code == 404
    assert desk.get(f"/desk/screen/{UNIT}/").url == f"/desk/area/{UNIT}/"
    assert Client().get(f"/desk/screen/{VILLAGE}/").status_code == 302


def test_it_takes_as_many_queries_for_a_district_as_for_a_grid(
    django_assert_num_queries, django_assert_max_num_queries
):
    at = timezone.now()
    screen_of(DISTRICT, at=at)  # counted once
    with django_assert_max_num_queries(20) as few:
        screen_of(VILLAGE, at=at)
    with django_assert_num_queries(len(few) + 1):  # no village of it is drawn, so its units are
        screen_of(DISTRICT, at=at)
