"""Meetings through the interface and the console: plans and counts, no minutes and nobody's name; the clock erases names."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from tests.builders import DISTRICT, OTHER_VILLAGE, VILLAGE
from tests.doors.test_change_pages import signed_in
from tests.doors.test_console import weiduan
from tests.doors.test_meeting_pages import a_held_meeting
from tests.systems.services.meeting import MAY_5, a_branch, a_keeper, held, planned
from weiduan.doors.console.clock import tick
from weiduan.systems.services.meetings.models import Attendance

pytestmark = pytest.mark.django_db
ORGANISATION, AREA = "/api/v1/organisations/Z1/meetings", f"/api/v1/areas/{VILLAGE}/meetings"


@pytest.fixture
def branch():
    return a_branch()


def test_whoever_keeps_it_reads_the_plan_with_each_duty(branch):
    a_held_meeting()
    told = signed_in(a_keeper()).get(ORGANISATION).json()

    assert [one["kind"] for one in told["kinds"]] == [
        "members",
        "committee",
        "lecture",
        "theme_day",
        "life",
        "appraisal",
    ]
    assert told["kinds"][0]["needed"] == 4 and told["kinds"][0]["held"] == 1
    assert len(told["duties"]) == 34
    for one in [*told["kinds"], *told["duties"]]:
        assert one["needed"] == one["held"] + one["excused"] + one["missing"] + one["open"]
    assert told["duties"][0]["rule"] == "branch-plan-members"
    year = timezone.localdate().year
    assert signed_in(a_keeper()).get(f"{ORGANISATION}?year={year + 2}").status_code == 400


def test_whoever_is_above_reads_counts_and_another_village_nothing(branch):
    a_held_meeting(title="罢免某某的会")
    above = signed_in(a_keeper(DISTRICT))
    told = above.get(ORGANISATION)
    assert told.json()["duties"] == [] and told.json()["kinds"][0]["held"] == 1
    of_area = above.get(AREA).json()
    assert (of_area["count"], [one["number"] for one in of_area["items"]]) == (3, ["W1", "X1", "Z1"])
    assert above.get(f"{AREA}?size=1&page=3").json()["items"][0]["number"] == "Z1"
    assert "罢免" not in told.content.decode()
    stranger = signed_in(a_keeper(OTHER_VILLAGE))
    assert {stranger.get(path).status_code for path in (ORGANISATION, AREA)} == {404}


def test_the_console_names_what_is_missing_by_organisation(branch):
    told = weiduan("meetings", "missing", "--area", VILLAGE, "--year", "2025")
    assert "Z1" in told and told.strip().endswith("项。")
    assert (
        len(told.splitlines()) == 1 + 12 + 12 + 1 + 34
    )  # the committee's twelve and its lecture, the group's, the branch's
    assert "应开 12" in weiduan("meetings", "counts", "--area", VILLAGE, "--year", "2025")


def test_the_clock_erases_names_when_their_time_is_over(branch):
    meeting = held(planned(), at=MAY_5)
    assert Attendance.objects.filter(meeting=meeting).count() == 8
    done = tick(at=datetime(2028, 1, 1, 2, 0, tzinfo=UTC))
    assert done["到期删除的到会名单"] == 1
    assert not Attendance.objects.exists()
    assert meeting.starts_at.date() == date(2026, 5, 5)
