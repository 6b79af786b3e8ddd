"""Questionnaires of a village, for tests."""

from datetime import date, timedelta
from typing import Any

from tests.builders import MONDAY, VILLAGE, a_user
from tests.systems.governance.matters import UNIT
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.models import Questionnaire
from weiduan.systems.services.satisfaction.rules import About, Way

TODAY = local_day(MONDAY)
DAY = timedelta(days=1)


def a_keeper(area: str = VILLAGE) -> User:
    return a_user(Duty.KEEP_SERVICES, area=area)


def wanted(way: Way = Way.OPEN, about: About = About.UNIT, **more: Any) -> asking.Wanted:
    said: dict[str, Any] = {
        "about": about, "way": way, "title": "您满意吗？", "questions": ("总体满意吗？", "活动够不够？"), "opens_on": TODAY,
        "closes_on": TODAY + 28 * DAY, "codes": 0 if way is Way.AFTER else 10,
        "households": 100 if way is Way.SAMPLE else None,
    }  # fmt: skip
    return asking.Wanted(**said | more)


def opened(way: Way = Way.OPEN, *, area: str = UNIT, at=MONDAY, **more: Any) -> tuple[Questionnaire, list[str]]:
    """Return an open questionnaire and its codes."""
    made = asking.draft(area, wanted(way, **more), by="test", at=at)
    codes = asking.open_it(made.pk, by="test", at=at)
    made.refresh_from_db()
    return made, codes


def day(n: int) -> date:
    return TODAY + n * DAY
