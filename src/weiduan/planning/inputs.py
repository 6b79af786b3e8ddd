"""What planning accepts, and refuses in plain words with a ValueError before a solver sees it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places


@dataclass(frozen=True, eq=False)
class Roads:
    """Distances as entries, sorted by unit, then by distance, then by site.

    first    (units + 1,) where each unit's entries begin
    unit, site, metres  (entries,)
    shape    (units, sites)
    """

    first: Places
    unit: Places
    site: Places
    metres: Numbers
    shape: tuple[int, int]

    @property
    def unreached(self) -> Places:
        """Units without any entry."""
        return np.flatnonzero(np.diff(self.first) == 0)

    @property
    def links(self) -> sparse.csr_array:
        """(units, sites) ones where there is an entry."""
        return sparse.csr_array(sparse.coo_array((np.ones(len(self.unit)), (self.unit, self.site)), shape=self.shape))


def reach_matrix(reaches: Any) -> sparse.csr_array:
    """Return who reaches what as ones in a (units, sites) matrix.

    reaches  (units, sites), sparse or dense, true or false (1 or 0)

    Raises ValueError for another shape, another value, or no site at all.
    """
    matrix = _sparse(reaches, "reaches")
    if not np.isin(matrix.data, (0, 1)).all():
        raise ValueError("reaches must hold only true and false")
    matrix = sparse.csr_array(matrix, dtype=np.float64)
    matrix.sum_duplicates()
    matrix.data[:] = np.minimum(matrix.data, 1.0)
    matrix.eliminate_zeros()
    return matrix


def roads(distance: Any, *, most: int | None = None) -> tuple[Roads, Numbers]:
    """Return the ways that exist, and per unit the distance of the nearest way left out (inf: none was).

    distance  (units, sites); dense: inf where there is no way; sparse: no entry where there is no way
    most      keep no more than about this many entries, the nearest of each unit

    Raises ValueError for another shape, NaN, a negative distance, one site entered twice for a unit, or no site at all.
    """
    unit, site, metres, shape = _entries(distance)
    if np.isnan(metres).any():
        raise ValueError("a distance is not a number")
    if np.any(metres < 0):
        raise ValueError("a distance is below 0")
    there = np.isfinite(metres)
    unit, site, metres = unit[there], site[there], metres[there]
    order = np.lexsort((site, metres, unit))
    unit, site, metres = unit[order], site[order], metres[order]
    pair = np.sort(unit * shape[1] + site)
    if np.any(pair[1:] == pair[:-1]):
        raise ValueError("a unit has two distances to the same site")
    return _nearest(unit, site, metres, shape, most)


def _nearest(
    unit: Places, site: Places, metres: Numbers, shape: tuple[int, int], most: int | None
) -> tuple[Roads, Numbers]:
    beyond = np.full(shape[0], np.inf)
    first = np.searchsorted(unit, np.arange(shape[0] + 1))
    each = len(unit) if most is None else max(1, most // max(1, shape[0]))
    rank = np.arange(len(unit)) - first[unit]
    if np.any(rank >= each):
        cut = rank == each
        beyond[unit[cut]] = metres[cut]
        kept = rank < each
        unit, site, metres = unit[kept], site[kept], metres[kept]
        first = np.searchsorted(unit, np.arange(shape[0] + 1))
    return Roads(first, unit, site, metres, shape), beyond


def _entries(distance: Any) -> tuple[Places, Places, Numbers, tuple[int, int]]:
    """Return unit, site and metres of every entry; a stored 0 is a distance of 0."""
    if sparse.issparse(distance):
        matrix = _sparse(distance, "distance", keep=True)
        return matrix.row.astype(np.int64), matrix.col.astype(np.int64), matrix.data.astype(np.float64), matrix.shape
    dense = np.asarray(distance, dtype=np.float64)
    _check_shape(dense, "distance")
    unit, site = np.divmod(np.arange(dense.size), dense.shape[1])
    return unit, site, dense.ravel(), dense.shape


def _sparse(given: Any, name: str, *, keep: bool = False) -> Any:
    matrix = given if sparse.issparse(given) else np.asarray(given)
    _check_shape(matrix, name)
    if not np.issubdtype(matrix.dtype, np.number) and matrix.dtype != np.bool_:
        raise ValueError(f"{name} must hold numbers")
    return sparse.coo_array(matrix) if keep else sparse.csr_array(matrix)


def _check_shape(matrix: Any, name: str) -> None:
    if matrix.ndim != 2:
        raise ValueError(f"{name} must have two sides: units and sites")
    if matrix.shape[1] == 0:
        raise ValueError("there is no site to choose from")


def amounts(given: Any, many: int, name: str, *, of: str, forever: bool = False) -> Numbers:
    """Return one number >= 0 for each of `many` things.

    name, of  what they are and whose they are, for the refusal: "cost", "site"
    forever   whether inf is allowed

    Raises ValueError for another length, NaN, inf or a negative number.
    """
    numbers = np.asarray(given, dtype=np.float64)
    if numbers.shape != (many,):
        raise ValueError(f"{name} must hold one number for each {of}: {many}, not {numbers.shape}")
    if np.isnan(numbers).any() or (not forever and np.isinf(numbers).any()):
        raise ValueError(f"a {name} is not a number")
    if np.any(numbers < 0):
        raise ValueError(f"a {name} is below 0")
    return numbers


def count_of(given: Any, many: int, name: str, *, least: int = 0) -> int:
    """Return a whole number of sites between `least` and `many`.

    Raises ValueError for anything else.
    """
    number = float(given)
    if number != int(number if np.isfinite(number) else 0) or not least <= number <= many:
        raise ValueError(f"{name} must be a whole number from {least} to {many}, not {given}")
    return int(number)


def money(budget: float | None) -> float | None:
    """Return a budget as it is.

    Raises ValueError for one that is no number of 0 or more.
    """
    if budget is not None and not 0 <= budget < np.inf:
        raise ValueError("the budget must be a number of 0 or more")
    return budget


def check_limits(time_limit: float, gap: float) -> None:
    """Raise ValueError for a time limit that is not positive or a gap below 0."""
    if not time_limit > 0 or not np.isfinite(time_limit):
        raise ValueError("the time limit must be a number of seconds above 0")
    if not 0 <= gap < np.inf:
        raise ValueError("the gap must be 0 or more: 0.01 is one percent")
