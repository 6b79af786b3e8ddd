"""Meetings among the reminders: what is to be held within a week, then what was missed, each told once a stage."""

from datetime import date

import pytest

from tests.builders import TOWN, VILLAGE
from tests.systems.services.meeting import MAY, a_branch, planned
from weiduan.doors.desk.waiting import due_waiting
from weiduan.outlook.reminders.queries import due_in_areas
from weiduan.outlook.reminders.words import digest
from weiduan.systems.services.meetings.rules import Kind

pytestmark = pytest.mark.django_db
LAST_WEEK, OVER = date(2026, 5, 26), date(2026, 6, 3)


@pytest.fixture
def group():
    a_branch()
    planned("X1", Kind.GROUP, MAY)


def told(on: date, code: str = VILLAGE) -> list[tuple]:
    rows = [one for one in due_in_areas([code], on=on) if one.kind.startswith("meeting")]
    return [(one.kind, one.about, one.due, one.late, one.stage) for one in rows]


def test_the_branch_is_reminded_before_and_after_and_no_name_is_told(group):
    end = date(2026, 5, 31)
    assert told(LAST_WEEK) == [("meeting", "X1 group", end, False, "due 2026-05-31")]
    assert told(OVER) == [("meeting_missed", "X1 group", end, True, "late 2026-05-31")]
    assert told(date(2026, 5, 10)) == told(OVER, TOWN) == []


def test_a_message_counts_them_and_the_line_of_today_leads_to_the_year(group):
    due = [one for one in due_in_areas([VILLAGE], on=OVER) if one.kind.startswith("meeting")]
    _title, text = digest(due, base="https://example.org")
    assert "X1" in text and "https://example.org/desk/reminders/#meeting_missed" in text
    [line] = due_waiting(due)
    assert line.url == "/desk/organisations/X1/meetings/?year=2026"
