"""An activity for tests: in the first unit of a small village, on Saturday morning, with places to sign up for."""

from datetime import timedelta
from typing import Any

from tests.builders import DISTRICT, MONDAY, a_user
from tests.systems.governance.matters import UNIT
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.services.activities.models import Activity, SignUp
from weiduan.systems.services.activities.planning import Plan, plan
from weiduan.systems.services.activities.queries import counts_of
from weiduan.systems.services.activities.rules import HOLDS_A_SEAT, PlaceState
from weiduan.systems.services.activities.signing_up import Coming, sign_up

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGINS = MONDAY + 5 * DAY  # Saturday, 10:00 in China
MAIL = "zhang.san@example.org"
NAME = "张三家的小明"


def a_plan(**said: Any) -> Plan:
    facts = {
        "title": "剪纸体验课", "kind": "culture", "host": "邻里艺术团", "starts_at": BEGINS, "ends_at": BEGINS + 2 * HOUR,
        "place": "石家碾邻里书吧", "capacity": 2, "waiting_capacity": 3,
    } | said  # fmt: skip
    return Plan(**facts)


def an_activity(area: str = UNIT, *, opens: bool = True, **said: Any) -> Activity:
    return plan(area, a_plan(**said), opens=opens, by="test", at=MONDAY)


def a_receipt(n: int) -> str:
    return f"receipt-of-resident-{n:06d}"


def signed_up(activity: Activity, n: int, *, at: Any = MONDAY, **left: str) -> SignUp:
    return sign_up(activity.pk, Coming(**left), a_receipt(n), at=at)


def a_keeper(area: str = DISTRICT) -> User:
    return a_user(Duty.KEEP_SERVICES, area=area)


def states(activity: Activity) -> list[str]:
    """Return the state of each sign-up in order of arrival."""
    return list(SignUp.objects.filter(activity=activity).order_by("number").values_list("state", flat=True))


def check(activity: Activity) -> Activity:
    """Read an activity anew; assert that its counters are what the rows say, and within what there is."""
    activity.refresh_from_db()
    seats, waiting = counts_of([activity.pk]).get(activity.pk, (0, 0))
    assert (activity.seats_taken, activity.waiting) == (seats, waiting)
    assert seats <= (activity.capacity or 0) and waiting <= activity.waiting_capacity
    numbers = list(SignUp.objects.filter(activity=activity).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, activity.arrivals + 1))
    return activity


__all__ = ["HOLDS_A_SEAT", "PlaceState"]
