"""Small counts can't be worked out by whoever has everything that is shown: attacked by linear programming and by trying all readings."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from weiduan.outlook.insight.suppression import LEAST, WIDTH, Sum, hidden_in

Table = tuple[dict, list[Sum]]


def table(counts: dict[tuple[str, str], int], up: dict[str, str], groups: dict[str, str]) -> Table:
    """Add counts of (area, category) up over areas and over categories, every sum in both directions."""
    cells: dict[tuple[str, str], int] = {}
    areas = sorted(set(up) | set(up.values()))
    kinds = sorted(set(groups) | set(groups.values()))
    inside = {a: [b for b in areas if b == a or a in _above(b, up)] for a in areas}
    within = {k: [j for j in kinds if j == k or k in _above(j, groups)] for k in kinds}
    for area, kind in itertools.product(areas, kinds):
        cells[area, kind] = sum(counts.get((a, k), 0) for a in inside[area] for k in within[kind])
    sums = []
    for area, kind in cells:
        if below := [a for a in areas if up.get(a) == area]:
            sums.append(Sum((area, kind), tuple((a, kind) for a in below)))
        if below := [k for k in kinds if groups.get(k) == kind]:
            sums.append(Sum((area, kind), tuple((area, k) for k in below)))
    return cells, sums


def _above(name: str, up: dict[str, str]) -> list[str]:
    found = []
    while name in up:
        name = up[name]
        found.append(name)
    return found


def ranges(cells: dict, sums: list[Sum], hidden: set) -> dict:
    """Attack: every sum as an equation, whatever is shown as it is; return hidden cell → (smallest, largest) it can be."""
    keys = sorted(hidden, key=str)
    column = {key: n for n, key in enumerate(keys)}
    rows, right = [], []
    for one in sums:
        row, known = np.zeros(len(keys)), 0.0
        for key, sign in [(one.total, -1), *((p, 1) for p in one.parts)]:
            if key in column:
                row[column[key]] += sign
            else:
                known -= sign * cells[key]
        if row.any():
            rows.append(row)
            right.append(known)
    found = {}
    for key in keys:
        ends = []
        for sign in (1, -1):
            wish = np.zeros(len(keys))
            wish[column[key]] = sign
            equations = {"A_eq": np.array(rows), "b_eq": np.array(right)} if rows else {}
            answer = linprog(wish, bounds=(0, None), method="highs", **equations)
            ends.append(sign * answer.fun if answer.status == 0 else np.inf)
        found[key] = (ends[0], ends[1])
    return found


def assert_safe(cells: dict, sums: list[Sum], hidden: set) -> None:
    assert {key for key, count in cells.items() if count < LEAST} <= hidden
    for key, (low, high) in ranges(cells, sums, hidden).items():
        assert high - low >= WIDTH - 1e-6, f"{key} is between {low} and {high}"
        assert high >= LEAST, f"{key} is small for certain"


UP = {
    "u1": "g1",
    "u2": "g1",
    "u3": "g2",
    "u4": "g2",
    "u5": "g3",
    "g1": "v1",
    "g2": "v1",
    "g3": "v2",
    "v1": "t",
    "v2": "t",
}
GROUPS = {"a1": "a", "a2": "a", "b1": "b", "a": "all", "b": "all"}


def test_a_single_small_cell_takes_others_with_it_so_that_no_sum_gives_it_away():
    cells, sums = table({("u1", "a1"): 2, ("u2", "a1"): 40, ("u3", "a1"): 30, ("u4", "b1"): 50}, UP, GROUPS)
    hidden = hidden_in(cells, sums)
    assert_safe(cells, sums, hidden)
    assert ("u2", "a1") in hidden and ("t", "all") not in hidden


def test_nothing_is_hidden_where_nothing_is_small():
    cells, sums = table({(u, k): 6 for u in ("u1", "u2", "u3", "u4", "u5") for k in ("a1", "a2", "b1")}, UP, GROUPS)
    assert hidden_in(cells, sums) == set()


def test_nobody_is_hidden_like_a_few_so_that_thin_tables_keep_their_totals():
    """Seven matters in seven places: were zeros shown, each of the hidden ones would be one for certain, and the seven had to go."""
    cells = {"all": 7, **{f"p{n}": 1 for n in range(7)}, "empty": 0}
    sums = [Sum("all", tuple(key for key in cells if key != "all"))]
    hidden = hidden_in(cells, sums)
    assert hidden == set(cells) - {"all"}
    assert ranges(cells, sums, hidden)["p0"] == (0, 7)


def test_what_equals_a_hidden_cell_is_hidden_with_it():
    cells = {"village": 9, "grid": 9, "unit": 3, "other": 6}
    sums = [Sum("village", ("grid",)), Sum("grid", ("unit", "other"))]
    assert hidden_in(cells, sums) == {"unit", "other"}
    assert hidden_in(cells, sums, untold=["village"]) == {"village", "grid", "unit"}


def test_a_total_of_few_goes_with_its_parts():
    assert hidden_in({"all": 3, "p": 1, "q": 2}, [Sum("all", ("p", "q"))]) == {"all", "p", "q"}


def test_two_small_cells_whose_sum_is_small_are_not_enough():
    cells = {"all": 23, "p": 1, "q": 2, "r": 20}
    sums = [Sum("all", ("p", "q", "r"))]
    assert hidden_in(cells, sums) == {"p", "q", "r"}


def test_two_tables_crossed_do_not_tell_what_each_alone_would_keep():
    """Hidden in a row and in a column each with a partner, yet the four sums together would tell: the partners must meet."""
    cells = {(r, c): 30 for r in "123" for c in "xyz"} | {("1", "x"): 2, ("2", "y"): 3, ("3", "z"): 4}
    sums = []
    for r in "123":
        cells[r, "all"] = sum(cells[r, c] for c in "xyz")
        sums.append(Sum((r, "all"), tuple((r, c) for c in "xyz")))
    for c in "xyz":
        cells["all", c] = sum(cells[r, c] for r in "123")
        sums.append(Sum(("all", c), tuple((r, c) for r in "123")))
    assert_safe(cells, sums, hidden_in(cells, sums))


def test_a_sum_that_is_none_and_a_negative_count_are_refused():
    with pytest.raises(ValueError, match="not the sum"):
        hidden_in({"all": 3, "p": 1, "q": 1}, [Sum("all", ("p", "q"))])
    with pytest.raises(ValueError, match="negative"):
        hidden_in({"p": -1}, [])


trees = st.integers(0, 2**32 - 1)


@settings(max_examples=5, deadline=None)
@given(seed=trees, thin=st.sampled_from([0.2, 0.5, 0.9]), top=st.sampled_from([3, 8, 30]))
def test_whatever_the_table_no_hidden_cell_can_be_narrowed_down(seed, thin, top):
    """Random counts over areas four deep and categories three deep, of two months published together."""
    chance = np.random.default_rng(seed)
    cells, sums = {}, []
    for month in ("2026-09", "2026-10"):
        counts = {
            (area, kind): int(chance.integers(1, top + 1)) if chance.random() < thin else 0
            for area in ("u1", "u2", "u3", "u4", "u5", "v1")
            for kind in ("a1", "a2", "b1")
        }
        one, added = table(_below_only(counts), UP | {"own": "v1"}, GROUPS)
        cells |= {(month, *key): count for key, count in one.items()}
        sums += [Sum((month, *s.total), tuple((month, *p) for p in s.parts)) for s in added]
    hidden = hidden_in(cells, sums)
    assert_safe(cells, sums, hidden)
    for month in ("2026-09", "2026-10"):  # what was published earlier is not undone by what comes later
        alone = {key: count for key, count in cells.items() if key[0] == month}
        again = hidden_in(alone, [s for s in sums if s.total[0] == month])
        assert again == {key for key in hidden if key[0] == month}


def _below_only(counts: dict) -> dict:
    """What was told of a village itself, in none of its units, is a part of its own."""
    return {(("own" if area == "v1" else area), kind): n for (area, kind), n in counts.items()}


@settings(max_examples=3, deadline=None)
@given(seed=trees)
def test_neither_can_it_in_whole_numbers_whatever_way_the_attacker_counts(seed):
    """Small enough for every reading to be tried: no hidden cell takes fewer than `WIDTH` + 1 values in whole numbers."""
    chance = np.random.default_rng(seed)
    cells = {(r, c): int(chance.integers(0, 5)) for r in "12" for c in "xyz"}
    sums = []
    for r in "12":
        cells[r, "all"] = sum(cells[r, c] for c in "xyz")
        sums.append(Sum((r, "all"), tuple((r, c) for c in "xyz")))
    for c in ("x", "y", "z", "all"):
        cells["all", c] = cells["1", c] + cells["2", c]
        sums.append(Sum(("all", c), (("1", c), ("2", c))))
    sums.append(Sum(("all", "all"), tuple(("all", c) for c in "xyz")))
    hidden = hidden_in(cells, sums)
    inner = [(r, c) for r in "12" for c in "xyz"]
    seen: dict = {key: set() for key in hidden}
    choices = [range(0, 7) if key in hidden else [cells[key]] for key in inner]
    for reading in itertools.product(*choices):
        full = dict(zip(inner, reading, strict=True))
        for one in sums:
            full[one.total] = sum(full[p] for p in one.parts)
        if all(full[key] == count for key, count in cells.items() if key not in hidden):
            for key in hidden:
                seen[key].add(full[key])
    for key, values in seen.items():
        assert max(values) - min(values) >= WIDTH, key


def test_it_hides_no_more_than_half_of_what_is_large_in_a_district_of_a_year():
    """A sensible loss: in a table with few small cells most large ones are shown."""
    chance = np.random.default_rng(7)
    counts = {(f"u{n}", k): int(chance.integers(6, 60)) for n in range(1, 6) for k in ("a1", "a2", "b1")}
    counts["u3", "a2"] = 2
    cells, sums = table(counts, UP, GROUPS)
    hidden = hidden_in(cells, sums)
    assert 4 <= len(hidden) <= 8
