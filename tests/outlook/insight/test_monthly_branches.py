"""The month of an area with organisations and rooms: meetings by kind, elections that fall due, units that lose their group, functions."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils.translation import override

from tests.builders import GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_village, divisions, load
from tests.systems.services.meeting import MAY, MAY_5, a_branch, held, planned, the
from tests.systems.services.test_functions import facts
from tests.systems.venues.places import CLERK, a_place, a_room
from weiduan.ground.accounts.queries import local_day
from weiduan.outlook.insight.told.monthly import monthly_of
from weiduan.outlook.insight.told.monthly_words import told_month
from weiduan.systems.services.functions.actions import add_function
from weiduan.systems.services.meetings import actions
from weiduan.systems.services.meetings.rules import Kind

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
UNIT = GRID + "001"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def sql(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0] or 0


def test_meetings_are_counted_by_kind_as_held_in_the_month_and_against_what_was_due_by_its_end():
    a_branch()
    held(planned(kind=Kind.COMMITTEE, since=MAY))
    held(planned(kind=Kind.THEME_DAY, since=MAY))
    held(planned())  # the members' meeting of the second quarter
    actions.excuse_due(the("X1"), Kind.GROUP, MAY, "停水停电", title="党小组会", by="test", at=MAY_5)
    found = {one.kind: one for one in monthly_of(VILLAGE, since=MAY, at=MAY_5 + 60 * DAY).meetings}

    in_may = (
        "SELECT COUNT(*) FROM services_organisationmeeting WHERE kind = '{}' AND state = 'held'"
        " AND starts_at >= '2026-04-30 16:00:00' AND starts_at < '2026-05-31 16:00:00'"
    )
    for kind in (Kind.COMMITTEE, Kind.THEME_DAY, Kind.MEMBERS):
        assert found[kind].held == sql(in_may.format(kind.value)) == 1
    committee, group = found[Kind.COMMITTEE].due, found[Kind.GROUP].due
    assert (committee.needed, committee.held, committee.missing) == (2, 1, 1)  # the village's own committee held none
    assert (group.needed, group.held, group.excused, group.missing) == (1, 0, 1, 0)
    assert Kind.MEMBERS in found and found[Kind.MEMBERS].due.needed == 0  # its quarter ends in June
    june = {one.kind: one for one in monthly_of(VILLAGE, since=date(2026, 6, 1), at=MAY_5 + 60 * DAY).meetings}
    assert (june[Kind.MEMBERS].due.needed, june[Kind.MEMBERS].due.held, june[Kind.MEMBERS].held) == (1, 1, 0)
    assert monthly_of(OTHER_VILLAGE, since=MAY, at=MAY_5 + 60 * DAY).meetings == []


def test_a_unit_whose_groups_term_is_over_came_to_lack_the_first_zero_and_the_election_was_named_before():
    divisions()
    rows = a_village()
    for one in rows["organisations"]:
        if one["number"] == "X1":
            one["term_due"] = date(2018, 12, 10)
    load(rows)
    at = MONDAY + 70 * DAY
    november = monthly_of(VILLAGE, since=date(2018, 11, 1), at=at)
    assert [(one.on, one.what, one.title) for one in november.due] == [(date(2018, 12, 10), "organisation", "X1")]
    zeros = {one.name: one for one in november.zeros}
    assert zeros["organisation"].entered == [] and zeros["organisation"].now == zeros["organisation"].before == 2
    with override("en"):
        december = {one.name: one for one in monthly_of(VILLAGE, since=date(2018, 12, 1), at=at).zeros}["organisation"]
    assert (december.now, december.before) == (3, 2)
    assert [(move.code, move.around) for move in december.entered] == [(UNIT, "石家碾社区")]
    assert "21" in december.entered[0].why  # days since its term was over


def test_dates_of_functions_are_counted_once_they_are_over():
    room = a_room(a_place(quota_hours=1))
    add_function(room.pk, facts(), **CLERK)
    one = monthly_of(VILLAGE, since=date(2018, 11, 1), at=MONDAY + 40 * DAY).services
    dates = "SELECT COUNT(*) FROM venues_slot WHERE state = 'held' AND until >= '2018-10-31 16:00:00' AND until < '2018-11-30 16:00:00'"
    assert (one.dates, one.functions) == (sql(dates), 1) and one.dates == 8
    so_far = monthly_of(VILLAGE, since=date(2018, 11, 1), at=MONDAY + 2 * DAY)
    assert so_far.services.dates == 1 and not so_far.is_over and local_day(so_far.as_of) == date(2018, 11, 7)


def test_no_name_of_a_member_is_in_a_month():
    a_branch()
    held(planned())
    said = str(
        [
            (part.sentences, [table.rows for table in part.tables])
            for part in told_month(monthly_of(VILLAGE, since=MAY, at=MAY_5 + 60 * DAY))
        ]
    )
    assert "张P" not in said and "张三" not in said
