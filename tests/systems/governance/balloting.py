"""A unit that votes: a ballot with its roll, opened, and everybody's code."""

from datetime import datetime, timedelta

from tests.builders import MONDAY, a_user
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import Draft, draft, open_ballot, set_roll
from weiduan.systems.governance.ballots.rolls import Line

DAY = timedelta(days=1)
OPENS, CLOSES = MONDAY + 16 * DAY, MONDAY + 30 * DAY


def a_keeper(area: str = UNIT) -> User:
    return a_user(Duty.KEEP_GOVERNANCE, area=area)


def owners(count: int, area: str = "100.00") -> list[Line]:
    return [Line(part=f"{n}室", area=area, names=f"业主{n}", ids=str(n)) for n in range(1, count + 1)]


def asked(procedure: str = "owners_ordinary", **more) -> Draft:
    told = {
        "title": "更换电梯", "text": "使用公共收益更换三号楼电梯。", "procedure": procedure,
        "announced_on": local_day(MONDAY), "opens_at": OPENS, "closes_at": CLOSES,
    } | more  # fmt: skip
    return Draft(**told)


def a_ballot(lines: list[Line] | None = None, *, by: User | None = None, at: datetime = MONDAY, **more) -> Ballot:
    by = by or a_keeper()
    ballot = draft(UNIT, asked(**more), by=by, at=at)
    set_roll(ballot.pk, owners(3) if lines is None else lines, by=by, at=at)
    return ballot


def opened(lines: list[Line] | None = None, **more) -> tuple[Ballot, dict[int, str], User]:
    """Return a ballot that is open, number → code, and who keeps it."""
    a_village()
    by = a_keeper()
    ballot = a_ballot(lines, by=by, **more)
    codes = open_ballot(ballot.pk, by=by, at=OPENS)
    ballot.refresh_from_db()
    return ballot, codes, by
