"""An organisation as of a day: what it was called, what it was, where it stood, who led it, whom it counted, what held."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, a_user, a_village, divisions, load
from tests.doors.test_change_pages import signed_in
from tests.systems.organisation.moving import leader_of, members_of, the
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.survey.queries import rows_of
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.changes.actions import approve, ask
from weiduan.systems.organisation.changes.elections import Elected, hold_election
from weiduan.systems.organisation.changes.rules import ChangeKind
from weiduan.systems.organisation.coverage.queries import coverage_in, standing_of
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.organisations.models import Former
from weiduan.systems.organisation.organisations.queries import organisation_by_number

pytestmark = pytest.mark.django_db
A, B = GRID + "001", GRID + "002"
LATER = date(2018, 11, 20)


def changed(number: str, **facts):
    """Load the survey of LATER in which one organisation is otherwise."""
    rows = rows_of(VILLAGE, on=LATER)
    rows["organisations"] = [row | facts if row["number"] == number else row for row in rows["organisations"]]
    load(rows, on=LATER)


@pytest.fixture
def looking():
    divisions()
    load(a_village(groups={"X1": [A], "X2": [B]}, members=5))
    return a_user(Duty.KEEP_ORGANISATION, area=VILLAGE)


def seen(number: str, on: date, by):
    found = organisation_by_number(number, viewer=by, on=on, at=MONDAY)
    return found.name, found.kind, found.parent.number if found.parent else None, found.area_id


def test_what_a_survey_changes_holds_from_its_day_on(looking):
    before = seen("X1", SURVEYED, looking)

    changed("X1", name="凤凰苑党支部", kind="branch", parent="W1", area=GRID)

    assert seen("X1", LATER - timedelta(days=1), looking) == before
    assert seen("X1", LATER, looking)[:3] == ("凤凰苑党支部", "branch", "W1")
    old, new = (standing_of(organisation_by_number("X1", viewer=looking, on=on, at=MONDAY), on=on)[0]
                for on in (SURVEYED, LATER))  # fmt: skip
    assert [(s.name, s.kind, s.seat, s.covers) for s in (old, new)] == [
        ("X1", "group", VILLAGE, [A]), ("凤凰苑党支部", "branch", GRID, [A]),
    ]  # fmt: skip


def test_the_same_survey_again_and_another_of_the_same_day_keep_what_held_before_it(looking):
    changed("X1", name="甲组")
    changed("X1", name="甲组")
    changed("X1", name="乙组")

    assert (Former.objects.get().name, seen("X1", SURVEYED, looking)[0], seen("X1", LATER, looking)[0]) == (
        "X1",
        "X1",
        "乙组",
    )


def test_members_count_upwards_along_the_tree_of_that_day(looking):
    changed("X2", kind="branch", parent="W1")

    def of_branch(on: date) -> int:
        return next(s.members for s in coverage_in(VILLAGE, on=on).standings.values() if s.number == "Z1")

    assert (of_branch(SURVEYED), of_branch(LATER)) == (13, 8)


def test_the_record_of_a_past_day_shows_that_days_committee_members_cover_and_verdicts(looking):
    today = timezone.localdate()
    client, superior = signed_in(looking), a_user(Duty.KEEP_ORGANISATION, area=VILLAGE)
    was, chosen = leader_of("X1"), members_of("X1")[2]
    merge = ask(ChangeKind.MERGE, the("X1"), {"other": "X2"}, on=today, by=looking, at=timezone.now())
    approve(merge.pk, reason="合并开展活动", by=superior, at=timezone.now())
    hold_election(
        the("X1"),
        [Elected(chosen, Role.GROUP_LEADER, 9)],
        voters=10,
        attended=10,
        on=today,
        by=looking,
        at=timezone.now(),
    )

    def shown(on: date) -> dict:
        page = client.get("/desk/organisations/X1/", {"on": str(on)}).context
        return {
            "leader": [post["number"] for post in page["posts"]], "members": len(page["members"]),
            "covers": [one["code"] for one in page["covers"]], "term": page["term"].since,
            "late": [row["state"] for row in page["rules"]].count("late"),
        }  # fmt: skip

    numbers = {person.pk: person.number for person in Person.objects.filter(pk__in=[was, chosen])}
    then, now = shown(local_day(MONDAY)), shown(today)
    assert then == {"leader": [numbers[was]], "members": 5, "covers": [A], "term": date(2017, 6, 1), "late": 0}
    assert now == {"leader": [numbers[chosen]], "members": 10, "covers": [A, B], "term": today, "late": 0}
    assert shown(today - timedelta(days=1))["late"] == 1, "its term was over"
