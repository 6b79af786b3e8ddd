"""What the rules look at besides organisations: members who are away or on their way, grids, residents' committees, changes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Max

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.rulebook.rules import Judgement, Verdict, judge
from weiduan.ground.territory.queries import Place, alive, below, places
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.members.lists import seated_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.transfers.models import Away, Transfer
from weiduan.systems.organisation.transfers.queries import is_kept
from weiduan.systems.organisation.transfers.rules import State as TransferState

from .models import Change
from .rules import State

Figures = dict[str, int | None]


def broken_by_others_in(code: str, *, on: date) -> Counter[str]:
    """Count, by rule, the members, grids, residents' committees and open changes of an area that break it on a day."""
    rules = rules_of(code, on=on)
    found: Counter[str] = Counter()
    for kind, figures in _all(code, on):
        for rule in rules:
            if rule.applies_to == kind and judge(rule, kind, figures).verdict is Verdict.BROKEN:
                found[rule.id] += 1
    return found


def judged(kind: str, figures: Mapping[str, int | None], *, area: str, on: date) -> list[Judgement]:
    """Return what every rule for a kind of thing says of these figures."""
    return [judge(rule, kind, figures) for rule in rules_of(area, on=on) if rule.applies_to == kind]


def _all(code: str, on: date) -> Iterable[tuple[str, Figures]]:
    known = places(code, on=on, levels=[Level.VILLAGE, Level.GRID, Level.UNIT])
    inside = [place for place in known if place.code.startswith(prefix_of(code))]
    yield from (("member", figures) for figures in _members(code, on).values())
    yield from _grids(inside, on)
    yield from _residents_committees(inside, on)
    yield from (("change", figures) for figures in _changes(code, on))


def _members(code: str, on: date) -> dict[object, Figures]:
    """Return the figures of members away or asking for a transfer; all others are in order: the database sees to it."""
    here = Membership.objects.filter(alive(on), seated_in([code], on=on, path="organisation__")).values("person")
    figures: dict[object, Figures] = defaultdict(dict)
    away = Away.objects.filter(alive(on), person__in=here).annotate(last=Max("contacts__on"), kept=is_kept(on))
    for person, since, last, kept in away.values_list("person", "since", "last", "kept"):
        figures[person] |= {"months_away": months_since(since, on), "keepers": int(kept),
                            "months_without_contact": months_since(last or since, on)}  # fmt: skip
    asked = Transfer.objects.filter(person__in=here, state=TransferState.ASKED.value, asked_on__lte=on)
    for person, asked_on in asked.values_list("person", "asked_on"):
        figures[person] |= {"days_transferring": (on - asked_on).days}
    return figures


def _grids(inside: list[Place], on: date) -> Iterable[tuple[str, Figures]]:
    households: Counter[str] = Counter()
    for place in inside:
        if place.level == Level.UNIT:
            households[place.code[:15]] += place.households or 0
    workers = _holders(inside, Level.GRID, Role.GRID_WORKER, on)
    for place in inside:
        if place.level == Level.GRID:
            yield "grid", {"workers": workers.get(place.id, 0)}
            if place.kind == "general":
                yield "general_grid", {"households": households[place.code]}


def _residents_committees(inside: list[Place], on: date) -> Iterable[tuple[str, Figures]]:
    """Return how many people sit on the committee of each community where anybody is known to."""
    people = _holders(inside, Level.VILLAGE, Role.VILLAGE_COMMITTEE, on)
    for place in inside:
        if place.level == Level.VILLAGE and place.kind == "community" and place.id in people:
            yield "residents_committee", {"committee_people": people[place.id]}


def _holders(inside: list[Place], level: Level, role: Role, on: date) -> dict[int, int]:
    codes = [place.code for place in inside if place.level == level]
    if not codes:
        return {}
    here = below(min(codes)[:6] + "000000", "area__versions__")
    rows = Post.objects.filter(alive(on), alive(on, "area__versions__"), here, role=role.value)
    return dict(rows.order_by().values_list("area").annotate(n=Count("person", distinct=True)))


def _changes(code: str, on: date) -> Iterable[Figures]:
    rows = Change.objects.filter(seated_in([code], on=on, path="superior__"), state=State.ASKED.value)
    for asked_at in rows.values_list("asked_at", flat=True):
        yield {"days_waiting": (on - local_day(asked_at)).days}


def months_since(day: date, on: date) -> int:
    """Return how many whole months have passed since a day."""
    gap = relativedelta(on, day)
    return gap.years * 12 + gap.months
