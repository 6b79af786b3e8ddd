"""Rooms that can be full, as arrays: what an engine is asked, and a simple plan without one."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from weiduan.planning.answers import Numbers, Places
from weiduan.planning.engines import Problem, problem_of


@dataclass(frozen=True, eq=False)
class Rooms:
    """The problem with every number checked; ways are (unit, site) pairs the unit fits through, none to a shut site.

    price  (sites,) what having it open costs more (or, below 0, less) than having it shut
    base   what having every open room shut costs
    must, shut  (sites,) those that stay open, and those that stay (or become) shut
    """

    unit: Places
    site: Places
    weight: Numbers
    capacity: Numbers
    price: Numbers
    base: float
    must: np.ndarray
    shut: np.ndarray

    @property
    def served(self) -> Places:
        """The units that have a way, ascending."""
        return np.unique(self.unit)

    @property
    def links(self) -> sparse.csr_array:
        """(units, sites) the ways as ones."""
        shape = (len(self.weight), len(self.capacity))
        return sparse.csr_array(sparse.coo_array((np.ones(len(self.unit)), (self.unit, self.site)), shape=shape))

    def only(self, units: Places) -> "Rooms":
        """Return the question whether some units fit at all: rooms cost nothing, and none must be open."""
        mine, free = np.isin(self.unit, units), np.zeros(len(self.capacity))
        return replace(self, unit=self.unit[mine], site=self.site[mine], price=free, base=0.0, must=free > 0)


def assigning(rooms: Rooms, *, count: int | None = None, budget: float | None = None) -> Problem:
    """Columns: sites, then ways. Rows: each unit goes one way; a site holds its capacity; a way needs its site open.

    count   rooms that may be open; budget  what opening and closing may cost
    """
    sites, ways, served = len(rooms.capacity), len(rooms.unit), rooms.served
    number = np.zeros(len(rooms.weight), dtype=np.int64)
    number[served] = np.arange(len(served))
    way, units = np.arange(ways), len(served)
    link = units + sites + way
    rows = np.concatenate([number[rooms.unit], units + rooms.site, units + np.arange(sites), link, link])
    columns = np.concatenate([sites + way, sites + way, np.arange(sites), sites + way, rooms.site])
    values = np.concatenate([np.ones(ways), rooms.weight[rooms.unit], -rooms.capacity, np.ones(ways), -np.ones(ways)])
    ways_matrix = sparse.coo_array((values, (rows, columns)), shape=(units + sites + ways, sites + ways))
    coefficients, low, high = _limits_on_sites(rooms, count, budget)
    on_sites = sparse.hstack([sparse.csr_array(coefficients), sparse.csr_array((len(low), ways))])
    return problem_of(
        sparse.vstack([ways_matrix, on_sites]), np.concatenate([rooms.price, np.zeros(ways)]),
        np.concatenate([np.ones(units), np.full(sites + ways, -np.inf), low]),
        np.concatenate([np.ones(units), np.zeros(sites + ways), high]),
        upper=np.concatenate([np.where(rooms.shut, 0.0, 1.0), np.ones(ways)]),
    )  # fmt: skip


def _limits_on_sites(rooms: Rooms, count: int | None, budget: float | None) -> tuple[Numbers, Numbers, Numbers]:
    """Return the rows (limits, sites) that speak of rooms alone, with their bounds: kept ones, number, money."""
    limits = [(rooms.must.astype(np.float64), float(rooms.must.sum()), np.inf)]
    if count is not None:
        limits.append((np.ones(len(rooms.price)), -np.inf, float(count)))
    if budget is not None:
        limits.append((rooms.price, -np.inf, budget - rooms.base))
    coefficients, low, high = zip(*limits, strict=True)
    return np.array(coefficients), np.array(low), np.array(high)


def fitted(rooms: Rooms) -> tuple[Places, Places] | None:
    """Put the heaviest units first into the fullest open room that still holds them; open the cheapest if none does.

    Return the open rooms and who goes where; None where a unit finds no room that way.
    """
    left, is_open = rooms.capacity.copy(), rooms.must | (rooms.price <= 0)
    assigned = np.full(len(rooms.weight), -1)
    order = np.argsort(rooms.unit, kind="stable")
    first = np.searchsorted(rooms.unit[order], np.arange(len(rooms.weight) + 1))
    served = rooms.served
    for unit in served[np.lexsort((served, -rooms.weight[served]))].tolist():
        sites = rooms.site[order[first[unit] : first[unit + 1]]]
        sites = sites[left[sites] >= rooms.weight[unit]]
        if not len(sites):
            return None
        best = sites[np.lexsort((left[sites], np.where(is_open[sites], 0.0, rooms.price[sites]), ~is_open[sites]))[0]]
        assigned[unit], is_open[best] = best, True
        left[best] -= rooms.weight[unit]
    used = np.zeros(len(rooms.price), dtype=np.bool_)
    used[assigned[served]] = True
    return np.flatnonzero(used | rooms.must | (rooms.price < 0)), assigned
