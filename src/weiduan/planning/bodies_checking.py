"""Checks a plan of bodies by the rules alone: knows nothing of pools, levels or solvers."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from weiduan.planning.pool import BodyRules, Places


def broken_rules(
    bodies: Sequence[Sequence[int]],
    left_out: Sequence[int],
    places: Places,
    rules: BodyRules,
    *,
    fixed: Sequence[Sequence[int]] = (),
    today: Sequence[Sequence[int]] = (),
) -> list[str]:
    """Return every rule a plan breaks, each with the body it is about; an empty list is a sound plan.

    fixed  bodies that must be in it, whatever the rules say of them
    today  bodies there are already: with members enough they may stay as large and as scattered as they are
    """
    held = {frozenset(body) for body in fixed}
    standing = {frozenset(body) for body in today}
    broken = _each_place_once(bodies, left_out, len(places))
    broken += [f"fixed body {sorted(body)} is not in the plan" for body in held - {frozenset(b) for b in bodies}]
    for body in bodies:
        if all(0 <= p < len(places) for p in body) and frozenset(body) not in held:
            found = _broken_in(sorted(set(body)), places, rules, as_it_is=frozenset(body) in standing)
            broken += [f"{rule} in body {sorted(body)}" for rule in found]
    return broken


def _each_place_once(bodies: Sequence[Sequence[int]], left_out: Sequence[int], n: int) -> list[str]:
    count = Counter(place for body in bodies for place in body)
    broken = [f"place {place} stands {times} times" for place, times in sorted(count.items()) if times > 1]
    broken += [f"place {place} is unknown" for place in sorted(set(count) | set(left_out)) if not 0 <= place < n]
    broken += [f"place {place} is left out {times} times" for place, times in Counter(left_out).items() if times > 1]
    broken += [f"place {place} is in a body and left out" for place in sorted(set(left_out) & set(count))]
    broken += [f"place {place} is missing" for place in range(n) if place not in count and place not in left_out]
    return broken + ["an empty body" for body in bodies if not len(body)]


def _broken_in(body: list[int], places: Places, rules: BodyRules, *, as_it_is: bool) -> list[str]:
    if not body:
        return []
    members, full = places.members[body].sum(), places.full_members[body].sum()
    points = places.point_m[body]
    span = np.hypot(*(points[:, None] - points[None, :]).T).max()
    too_few = {
        f"{members} members, at least {rules.least_members}": members < rules.least_members,
        f"{full} full members, at least {rules.least_full_members}": full < rules.least_full_members,
    }
    too_much = {
        f"{members} members, at most {rules.most_members}": members > rules.most_members and len(body) > 1,
        f"{len(body)} places, at most {rules.most_places}": len(body) > rules.most_places,
        f"{span:.0f} m apart, at most {rules.most_span_m:.0f}": span > rules.most_span_m + 1e-6,
        "not connected": not _hangs_together(body, places),
    }
    return [words for words, wrong in (too_few if as_it_is else too_few | too_much).items() if wrong]


def _hangs_together(body: list[int], places: Places) -> bool:
    """Join neighbours until nothing changes: one heap must be left."""
    heap = {place: place for place in body}
    for place in body:
        for other in places.neighbours[place]:
            if other in heap and heap[other] != heap[place]:
                old, new = heap[other], heap[place]
                heap = {p: new if h == old else h for p, h in heap.items()}
    return len(set(heap.values())) == 1
