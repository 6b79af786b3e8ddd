"""A village whose branch meets: Z1 with a group X1 below it, seven full members and one on probation, a committee of three."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tests.builders import GRID, VILLAGE, a_user, a_village, divisions, load, member, post
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.services.meetings import actions, holding
from weiduan.systems.services.meetings.actions import Wish
from weiduan.systems.services.meetings.holding import Held, Vote
from weiduan.systems.services.meetings.models import OrganisationMeeting
from weiduan.systems.services.meetings.queries import due_at
from weiduan.systems.services.meetings.rules import Kind, Presence

MAY_5 = datetime(2026, 5, 5, 11, 0, tzinfo=UTC)  # 19:00 in China
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
DAY = timedelta(days=1)


def a_branch(*, group_members: int = 3) -> Organisation:
    """Make the village; the branch has four full members of its own, one of them on probation no more, and X1 has three."""
    divisions()
    rows = a_village(groups={"X1": [GRID + "001"]}, members=group_members)
    rows["members"] += [member("Z1"), member("Z1", joined_on=date(2026, 1, 9), full_on=None, number="P-PROBATION")]
    own = [row["number"] for row in rows["members"] if row["organisation"] == "Z1"]
    rows["posts"] += [post(number, "committee_member", organisation="Z1") for number in own[1:3]]
    load(rows)
    return the("Z1")


def the(number: str) -> Organisation:
    return Organisation.objects.get(number=number)


def a_keeper(area: str = VILLAGE) -> User:
    return a_user(Duty.KEEP_ORGANISATION, area=area)


def planned(
    number: str = "Z1",
    kind: Kind = Kind.MEMBERS,
    since: date = APRIL,
    *,
    starts_at=MAY_5,
    by="test",
    at=MAY_5 - 3 * DAY,
):
    wish = Wish(kind, since, "讨论发展党员", starts_at, "党群服务中心", "一、议程", "书记")
    return actions.plan_meeting(the(number), wish, by=by, at=at)


def presence_of(
    meeting: OrganisationMeeting, *, came: int | None = None, on: date | None = None
) -> dict[UUID, Presence]:
    """Let the first so many of those due come, those with a vote before the others; the rest are on leave."""
    due = sorted(due_at(meeting, on=on or date(2026, 5, 5)), key=lambda one: not one.has_vote)
    return {one.person: Presence.CAME if came is None or n < came else Presence.ON_LEAVE for n, one in enumerate(due)}


def written(meeting: OrganisationMeeting, *, came: int | None = None, votes: list[Vote] | None = None, **said) -> Held:
    facts = {
        "starts_at": MAY_5, "place": "党群服务中心", "chair": "书记", "presence": presence_of(meeting, came=came),
        "guests": 2, "minutes": "张三发言：同意。", "votes": votes or [],
    }  # fmt: skip
    return Held(**(facts | said))


def held(meeting: OrganisationMeeting, *, by="test", at=MAY_5 + DAY, **said) -> OrganisationMeeting:
    return holding.hold(meeting.pk, written(meeting, **said), by=by, at=at)
