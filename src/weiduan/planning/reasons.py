"""Why there is no plan, or none for some units: named so that each reason can be checked and each one counts."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places, Reason


def out_of_reach(units: Places) -> tuple[Reason, ...]:
    """Name units that no site serves."""
    if not len(units):
        return ()
    return (Reason("nothing in reach", numbers(units), note=f"{len(units)} units have no site in reach"),)


def too_large(unit: int, sites: Places, needed: float, have: float) -> Reason:
    """Say that a unit fits into no site it reaches."""
    return Reason("too large", (unit,), numbers(np.sort(sites)), needed, have,
                  f"unit {unit} needs room for {needed:g}, the largest site it reaches has {have:g}")  # fmt: skip


def only_shut(unit: int, sites: Places) -> Reason:
    """Say that a unit fits only into sites that must stay shut."""
    return Reason("only shut sites", (unit,), numbers(np.sort(sites)),
                  note=f"every site that unit {unit} reaches and fits into must stay shut")  # fmt: skip


def kept_and_shut(sites: Places) -> tuple[Reason, ...]:
    """Name sites that are asked to be both."""
    if not len(sites):
        return ()
    return (Reason("kept and shut", sites=numbers(sites), note=f"{len(sites)} sites must stay open and must be shut"),)


def too_few(links: sparse.csr_array, have: int, needed: float) -> Reason:
    """Say that `have` sites can't serve every unit.

    links   (units, sites) of ones: who can be served from where; units that can't at all are let go of
    needed  the fewest sites that can, or a number below which it is proved that none can
    """
    alone = _strangers(links)[: have + 1]
    units = numbers(alone) if len(alone) > have else ()
    said = f"; {len(units)} of them share no site" if units else ""
    return Reason("too few sites", units, needed=needed, have=float(have),
                  note=f"serving every unit takes {needed:g} sites or more, {have} are allowed{said}")  # fmt: skip


def _strangers(links: sparse.csr_array) -> Places:
    """Return units of which no two share a site: those with the fewest sites first, as long as there are any."""
    taken = np.zeros(links.shape[1], dtype=np.bool_)
    found = []
    for unit in np.argsort(np.diff(links.indptr), kind="stable").tolist():
        mine = links.indices[links.indptr[unit] : links.indptr[unit + 1]]
        if len(mine) and not taken[mine].any():
            taken[mine] = True
            found.append(unit)
    return np.array(found, dtype=np.int64)


def too_poor(needed: float, have: float) -> Reason:
    """Say that the money doesn't suffice."""
    return Reason(
        "too little money", needed=needed, have=have, note=f"every plan costs {needed:g} or more, {have:g} is there"
    )


def crowded(links: sparse.csr_array, weight: Numbers, capacity: Numbers, units: Places) -> Reason:
    """Say that units don't fit together into the sites they reach."""
    sites = sites_of(links, units)
    needed, have = float(weight[units].sum()), float(capacity[sites].sum())
    why = "" if needed > have else ", but a unit goes to one site as a whole"
    return Reason("too little room", numbers(units), numbers(sites), needed, have,
                  f"{len(units)} units of {needed:g} together reach only {len(sites)} sites for {have:g}{why}")  # fmt: skip


def sites_of(links: sparse.csr_array, units: Places) -> Places:
    """Return the sites that serve any of these units."""
    return np.unique(links[units].indices).astype(np.int64)


def smallest(units: Sequence[int], fits: Callable[[Places], bool]) -> Places:
    """Return units that don't fit together though any of them left out they would, given that all together don't.

    fits  tells whether units fit together; if units fit then any fewer of them do

    Source: QuickXplain, Junker (2004).
    """
    return np.array(sorted(_needed([], list(units), False, fits)), dtype=np.int64)


def _needed(kept: list[int], units: list[int], grown: bool, fits: Callable[[Places], bool]) -> list[int]:
    """Return which of `units` are needed, together with those kept, for not fitting."""
    if grown and not fits(np.array(sorted(kept), dtype=np.int64)):
        return []
    if len(units) == 1:
        return units
    one, other = units[: len(units) // 2], units[len(units) // 2 :]
    second = _needed(kept + one, other, True, fits)
    first = _needed(kept + second, one, bool(second), fits)
    return first + second


def numbers(indices: Any) -> tuple[int, ...]:
    """Return indices as plain whole numbers."""
    return tuple(int(i) for i in indices)
