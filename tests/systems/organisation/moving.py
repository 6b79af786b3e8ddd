"""Two villages with a group each, and who keeps them: the world in which members move."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.builders import (
    GRID,
    OTHER_VILLAGE,
    SURVEYED,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    grid,
    load,
    member,
    organisation,
    post,
    survey,
    unit,
)
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.members.models import Membership, Person
from weiduan.systems.organisation.organisations.models import Organisation

HERE, THERE = f"{GRID}001", f"{OTHER_VILLAGE}001001"
NOON = datetime(2018, 11, 5, 4, 0, tzinfo=UTC)


def day(n: int):
    """The n-th day after the survey."""
    return SURVEYED + timedelta(days=n)


def moment(n: int) -> datetime:
    """Noon of that day."""
    return datetime.combine(day(n), NOON.timetz())


def two_villages() -> None:
    """X1 on a unit of the first village, Y1 on one of the other, three full members each, the first of them leading."""
    divisions()
    load(a_village())
    rows = survey(
        grids=[grid(f"{OTHER_VILLAGE}001")],
        units=[unit(THERE)],
        organisations=[
            organisation("W2", "committee", area=OTHER_VILLAGE),
            organisation("Z2", "branch", parent="W2", area=OTHER_VILLAGE, covers=f"{OTHER_VILLAGE}001"),
            organisation("Y1", "group", parent="Z2", area=OTHER_VILLAGE, covers=THERE),
        ],
        members=[member(number) for number in ("Z2", "Z2", "Z2", "Y1", "Y1", "Y1")],
    )
    rows["posts"] = [
        post(rows["members"][0]["number"], "secretary", organisation="Z2"),
        post(rows["members"][3]["number"], "group_leader", organisation="Y1"),
    ]
    load(rows, area=OTHER_VILLAGE)


def secretaries():
    """Whoever keeps the first village, and whoever keeps the other."""
    return a_user(Duty.KEEP_ORGANISATION, area=VILLAGE), a_user(Duty.KEEP_ORGANISATION, area=OTHER_VILLAGE)


def the(number: str) -> Organisation:
    return Organisation.objects.get(number=number)


def members_of(number: str) -> list[UUID]:
    """Keys of the members an organisation has now, in order of number."""
    rows = Membership.objects.filter(organisation__number=number, until=None)
    return list(rows.order_by("person__number").values_list("person", flat=True))


def leader_of(number: str) -> UUID:
    return Person.objects.get(posts__organisation__number=number, posts__until=None, posts__role="group_leader").pk


def history(person: UUID) -> list[tuple]:
    """(organisation, state, since, until) of every membership, oldest first; days counted from the survey."""
    rows = Membership.objects.filter(person=person).order_by("since")
    return [
        (m.organisation.number, m.state, (m.since - SURVEYED).days, (m.until - SURVEYED).days if m.until else None)
        for m in rows
    ]
