"""Units that fall silent: much came before, and for a quarter nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, Sum

from weiduan.ground.territory.queries import Place, areas_below, names_by_area
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.counted.models import MonthCount
from weiduan.outlook.insight.units import day_begins
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.activities.rules import State

from .rules import QUARTERS, is_silent, month_before

MONTHS = 3  # of the quarter in which nothing came, beside the one that runs
REPORTS, ACTIVITIES, TOPICS = "reports", "activities", "topics"


@dataclass
class Silent:
    """A unit of which nothing was heard for a quarter: no report (`what` is "reports"), or nothing at all ("all").

    before  what of each sort there was in the four quarters before
    """

    unit: Place
    what: str
    since: date
    before: dict[str, int] = field(default_factory=dict)


def silent_in(code: str, *, on: date) -> list[Silent]:
    """Return the units of an area that fell silent, those with most households first: three queries, and one for names."""
    begins = month_before(on.replace(day=1), MONTHS)
    earlier = month_before(begins, 3 * QUARTERS)
    before: dict[int, dict[str, int]] = defaultdict(dict)
    now: dict[int, dict[str, int]] = defaultdict(dict)
    for sort, area, was, is_ in _counts(code, on, earlier, begins):
        before[area][sort], now[area][sort] = was, is_
    found = {key: _what(before[key], now[key]) for key in before}
    units = names_by_area([key for key, what in found.items() if what], on=on)
    silent = [Silent(place, found[key], begins, before[key]) for key, place in units.items()]
    return sorted(silent, key=lambda one: (-(one.unit.households or 0), one.unit.code))


def _what(before: dict[str, int], now: dict[str, int]) -> str:
    if is_silent(sum(before.values()), sum(now.values())):
        return "all"
    return REPORTS if is_silent(before.get(REPORTS, 0), now.get(REPORTS, 0)) else ""


def _counts(code: str, on: date, earlier: date, begins: date) -> Iterable[tuple[str, int, int, int]]:
    """Yield (sort, area, how many before, how many since) of the units of an area."""
    here = areas_below(code, on=on).filter(level=Level.UNIT).values("area_id")
    told = MonthCount.objects.filter(area__in=here, is_sum=False, month__gte=earlier).values_list("area")
    was, is_ = Q(month__lt=begins), Q(month__gte=begins)
    for area, before, now in told.annotate(was=Sum("told", filter=was), now=Sum("told", filter=is_)):
        yield REPORTS, area, before or 0, now or 0
    since, first = day_begins(begins), day_begins(earlier)
    held = Activity.objects.filter(area__in=here, starts_at__gte=first, starts_at__lt=day_begins(on))
    held = held.exclude(state=State.CANCELLED.value)
    for sort, rows, time in (
        (ACTIVITIES, held, "starts_at"),
        (TOPICS, Topic.objects.filter(area__in=here, at__gte=first), "at"),
    ):
        was, is_ = Q(**{f"{time}__lt": since}), Q(**{f"{time}__gte": since})
        counted = rows.values_list("area").annotate(was=Count("pk", filter=was), now=Count("pk", filter=is_))
        for area, before, now in counted:
            yield sort, area, before, now
