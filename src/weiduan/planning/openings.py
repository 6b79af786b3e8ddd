"""Why a place is in no body, in the words of the field, and what alone would open it."""

from dataclasses import dataclass, replace

import numpy as np

from weiduan.planning.pool import BodyRules, Places, TooMany, sets_within, span_m


@dataclass(frozen=True)
class Opening:
    """One step that alone would let the place into a body: the rule loosened, from what to what."""

    rule: str
    before: float
    after: float


@dataclass(frozen=True)
class Why:
    """What stands in the way of a place.

    members, full_members  the most any connected set with this place can gather within the other rules
    needed, needed_full    what the rules ask
    neighbours             how many places it touches
    competes               it could be in a body, but every such body would cost more households elsewhere
    openings               single loosenings each of which would open it, smallest step first
    """

    members: int
    full_members: int
    needed: int
    needed_full: int
    neighbours: int
    competes: bool
    openings: tuple[Opening, ...]


def why_left_out(place: int, places: Places, rules: BodyRules) -> Why:
    """Say why `place` is in no body, and which single loosening would change that."""
    free = replace(rules, least_members=0, least_full_members=0)
    reach = _gathered(place, places, free)
    possible = _is_open(place, places, rules)
    openings = () if possible else tuple(o for o in _steps(place, places, rules) if o is not None)
    return Why(*reach, rules.least_members, rules.least_full_members, len(places.neighbours[place]), possible, openings)


def _gathered(place: int, places: Places, rules: BodyRules) -> tuple[int, int]:
    """Return the most members, and the most full members, of any set with this place."""
    most = (0, 0)
    for mask in _sets(place, places, rules):
        inside = [i for i in range(len(places)) if mask >> i & 1]
        most = max(most[0], int(places.members[inside].sum())), max(most[1], int(places.full_members[inside].sum()))
    return most


def _sets(place: int, places: Places, rules: BodyRules) -> list[int]:
    """Sets with this place; where there are too many, those of smaller bodies say enough."""
    while True:
        try:
            return sets_within(places, rules, containing=place)
        except TooMany:
            rules = replace(rules, most_places=rules.most_places - 1)


def _is_open(place: int, places: Places, rules: BodyRules) -> bool:
    return bool(_sets(place, places, rules))


def _steps(place: int, places: Places, rules: BodyRules) -> list[Opening | None]:
    """Try each rule alone, in steps small enough to be acted on."""
    return [
        _first(place, places, rules, "least_full_members", range(rules.least_full_members - 1, -1, -1)),
        _first(place, places, rules, "least_members", range(rules.least_members - 1, 0, -1)),
        _first(place, places, rules, "most_places", range(rules.most_places + 1, rules.most_places + 4)),
        _first(place, places, rules, "most_span_m", [rules.most_span_m * step for step in (1.25, 1.5, 2.0, 3.0)]),
        _first(place, places, rules, "most_members", [round(rules.most_members * step) for step in (1.25, 1.5, 2.0)]),
        _nearest_neighbour(place, places, rules),
    ]


def _first(place: int, places: Places, rules: BodyRules, rule: str, values) -> Opening | None:
    for value in values:
        if _is_open(place, places, replace(rules, **{rule: value})):
            return Opening(rule, float(getattr(rules, rule)), float(value))
    return None


def _nearest_neighbour(place: int, places: Places, rules: BodyRules) -> Opening | None:
    """Pretend it touches its nearest other place too: a gap between outlines may be all that parts them."""
    far = span_m(places)[place].copy()
    far[[place, *places.neighbours[place]]] = np.inf
    if len(far) < 2 or not np.isfinite(far.min()):
        return None
    other = int(far.argmin())
    joined = list(map(set, places.neighbours))
    joined[place].add(other)
    joined[other].add(place)
    bridged = replace(places, neighbours=tuple(tuple(sorted(s)) for s in joined))
    return Opening("neighbour", float("nan"), float(other)) if _is_open(place, bridged, rules) else None
