"""Every set of places that could be one body: connected, within its rules, found one by one as bit masks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MOST_SETS = 20_000  # what a solver proves in seconds; wider rules are tightened until they fit


@dataclass(frozen=True)
class BodyRules:
    """What a body must keep to.

    least_members, least_full_members  at least so many in all
    most_members, most_places          at most so many; a place with more members than that is a body by itself
    most_span_m                        metres between any two of its places
    """

    least_members: int = 3
    least_full_members: int = 1
    most_members: int = 30
    most_places: int = 6
    most_span_m: float = 500.0


# A branch over grids: three full members, normally no more than fifty members and five grids.
BRANCH_RULES = BodyRules(least_members=3, least_full_members=3, most_members=50, most_places=5, most_span_m=3_000.0)


@dataclass(frozen=True)
class Places:
    """The places of one planning area.

    neighbours    per place, the indices of those it touches; symmetric
    point_m       (n, 2) metres in a flat projection
    households    (n,), members (n,), full_members (n,): whole numbers >= 0
    """

    neighbours: tuple[tuple[int, ...], ...]
    point_m: np.ndarray
    households: np.ndarray
    members: np.ndarray
    full_members: np.ndarray

    def __len__(self) -> int:
        return len(self.neighbours)

    def refuse_bad(self) -> None:
        """Raise ValueError for shapes that disagree, negative or missing numbers, one-sided neighbours."""
        n = len(self)
        if self.point_m.shape != (n, 2) or not np.isfinite(self.point_m).all():
            raise ValueError("point_m must hold two finite numbers a place")
        for name in ("households", "members", "full_members"):
            numbers = getattr(self, name)
            if numbers.shape != (n,) or not np.isfinite(numbers).all() or (numbers < 0).any():
                raise ValueError(f"{name} must hold one number from 0 up a place")
        if (self.full_members > self.members).any():
            raise ValueError("full_members must not be more than members")
        for place, others in enumerate(self.neighbours):
            if any(not 0 <= o < n or o == place or place not in self.neighbours[o] for o in others):
                raise ValueError(f"the neighbours of place {place} must be other places that name it too")


class TooMany(ValueError):
    """The rules allow more sets than can be looked at."""


def span_m(places: Places) -> np.ndarray:
    """Return the metres between every two places, (n, n)."""
    return np.linalg.norm(places.point_m[:, None] - places.point_m[None, :], axis=2)


def sets_within(places: Places, rules: BodyRules, *, containing: int | None = None, most: int = MOST_SETS) -> list[int]:
    """Return all sets that keep to the rules, as bit masks in a fixed order.

    containing  only those with this place

    Raises TooMany past `most` connected sets.
    Source: enumeration of connected subgraphs by extension, Wernicke (2006).
    """
    found = []
    for number, (mask, members, full) in enumerate(_connected(places, rules, containing)):
        if number >= most:
            raise TooMany(f"more than {most} connected sets; tighten the rules")
        if members >= rules.least_members and full >= rules.least_full_members:
            found.append(mask)
    return sorted(found)


def _connected(places: Places, rules: BodyRules, containing: int | None) -> Iterator[tuple[int, int, int]]:
    """Yield (mask, members, full members) of each connected set once, small enough and close enough together."""
    n = len(places)
    touch = [sum(1 << o for o in others) for others in places.neighbours]
    near = [sum(1 << int(o) for o in np.flatnonzero(row)) for row in span_m(places) <= rules.most_span_m]
    members, full = [int(m) for m in places.members], [int(m) for m in places.full_members]
    for root in range(n) if containing is None else [containing]:
        allowed = near[root] if containing is not None else near[root] & -(1 << root)
        if members[root] > rules.most_members:
            yield 1 << root, members[root], full[root]
        else:
            start = (1 << root, touch[root] & allowed & ~(1 << root), allowed, members[root], full[root], 1)
            yield from _grown(start, touch, near, members, full, rules)


def _grown(start, touch, near, members, full, rules: BodyRules) -> Iterator[tuple[int, int, int]]:
    stack = [start]
    while stack:
        mask, border, allowed, m, f, size = stack.pop()
        yield mask, m, f
        if size == rules.most_places:
            continue
        while border:
            bit = border & -border
            border ^= bit
            allowed &= ~bit  # whoever comes after takes no set with this place: it is looked at here
            place = bit.bit_length() - 1
            if m + members[place] <= rules.most_members:
                inner = allowed & near[place]
                grown = (border | touch[place]) & inner & ~mask
                stack.append((mask | bit, grown, inner, m + members[place], f + full[place], size + 1))


def indices(mask: int) -> list[int]:
    """Return the places of a set in order."""
    found = []
    while mask:
        bit = mask & -mask
        found.append(bit.bit_length() - 1)
        mask ^= bit
    return found


def is_connected(mask: int, places: Places) -> bool:
    """Tell whether a set hangs together: walks it, and knows nothing of how sets are found."""
    inside = set(indices(mask))
    if not inside:
        return False
    seen, waiting = set[int](), [min(inside)]
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += [o for o in places.neighbours[place] if o in inside]
    return seen == inside
