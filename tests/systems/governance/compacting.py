"""A unit that gives itself a text: a version on its way, and the vote and the filing that put it in force."""

from datetime import datetime, timedelta

from django.utils import timezone

from tests.builders import MONDAY, a_user
from tests.systems.governance.matters import UNIT
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import close, make_final
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import Draft, open_ballot, redraft, set_roll
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.compacts.actions import Facts, begin_compact, move_on
from weiduan.systems.governance.compacts.models import Version
from weiduan.systems.governance.compacts.rules import Stage

DAY = timedelta(days=1)
TEXT = "第一条 楼道不堆放杂物。\n第二条 晚上十点后请安静。"
FORWARD = (Stage.DRAFTING, Stage.REVIEW, Stage.VOTE)
PUT_TO_VOTE = Facts(reviewed_by="大弯街道司法所", procedure="households_unit")


def a_keeper(area: str = UNIT) -> User:
    return a_user(Duty.KEEP_GOVERNANCE, area=area)


def begun(by: User | str, text: str = TEXT, *, at: datetime = MONDAY) -> Version:
    return begin_compact(UNIT, "compact", "楼道公约", text, by=by, at=at)


def at_vote(by: User | str, text: str = TEXT, *, version: Version | None = None, at: datetime = MONDAY) -> Version:
    """Return a version that has come as far as its vote, prepared but not open."""
    version = version or begun(by, text, at=at)
    for stage in FORWARD:
        version = move_on(version.pk, stage, PUT_TO_VOTE, by=by, at=at)
    return version


def open_vote(version: Version, by: User | str, *, at: datetime = MONDAY) -> dict[int, str]:
    """Open the vote on a version for three households; return number → code."""
    ballot = Ballot.objects.get(pk=version.ballot_id)
    wanted = Draft(
        title=ballot.title, text=ballot.text, procedure=ballot.procedure, opens_at=at, closes_at=at + 7 * DAY
    )
    redraft(ballot.pk, wanted, by=by, at=at)
    set_roll(ballot.pk, [Line(part=f"{n}户", names=f"户主{n}") for n in (1, 2, 3)], by=by, at=at)
    return open_ballot(ballot.pk, by=by, at=at)


def voted(version: Version, by: User | str, *, choice: str = "yes", at: datetime = MONDAY) -> datetime:
    """Hold the vote on a version, all with one voice; return when it is final."""
    for code in open_vote(version, by, at=at).values():
        cast(version.ballot_id, code, choice, at=at)
    close(version.ballot_id, by=by, at=at + 7 * DAY)
    make_final(at=at + 14 * DAY)
    return at + 14 * DAY


def filing(at: datetime, number: str = "青规备〔2018〕1号") -> Facts:
    return Facts(filed_number=number, filed_on=local_day(at), in_force_from=local_day(at) + DAY)


def enacted(by: User | str, text: str = TEXT, *, version: Version | None = None, at: datetime = MONDAY) -> Version:
    """Return a version in force, the whole way."""
    version = at_vote(by, text, version=version, at=at)
    final = voted(version, by, at=at)
    move_on(version.pk, Stage.FILING, by=by, at=final)
    return move_on(version.pk, Stage.IN_FORCE, filing(final, f"备{version.number}号"), by=by, at=final)


def a_year_ago() -> datetime:
    """Return a time so long ago that a whole way lies behind us."""
    return timezone.now() - 365 * DAY
