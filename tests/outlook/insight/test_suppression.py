"""Nobody can be singled out of what is published: an attacker subtracts everything from everything, and no small count comes out."""

from collections import Counter
from collections.abc import Mapping
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from weiduan.outlook.insight.published.rules import THRESHOLD, Row, Tree, block, publish

KINDS, MONTHS = ("a", "b", "c"), ("1", "2")
BELOW = {"0": ["1", "2", "3"], "1": ["11", "12", "13"], "2": ["21", "22"]}
PLACES = ["0", "1", "2", "3", "11", "12", "13", "21", "22"]
ENDLESS = 1_000
Cells = Mapping[tuple[str, str, str], int]  # place, kind, month


def own(cells: Cells, of: int) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for key, n in cells.items():
        found.setdefault(key[0], Counter())[key[of]] += n
    return found


def published(cells: Cells) -> list[tuple[int, Row]]:
    """Both tables that are published of the same reports: by kind and by month."""
    return [
        (of, row)
        for of, columns in ((1, KINDS), (2, MONTHS))
        for row in publish("0", Tree(BELOW, own(cells, of)), columns)
    ]


def inside(place: str) -> set[str]:
    return {place}.union(*(inside(part) for part in BELOW.get(place, [])))


def covers(row: Row) -> set[str]:
    return {place for code in row.areas for place in ({code} if code == row.inside else inside(code))}


def attack(cells: Cells, told: list[tuple[int, Row]], target: set[tuple[str, str, str]]) -> tuple[int, int]:
    """The least and the most a sum of cells can be, for somebody who knows all that is told and reckons in whole numbers."""
    keys = list(product(PLACES, KINDS, MONTHS))
    lines, sums = [], []
    for of, row in told:
        area = covers(row)
        for columns, n in row.cells.items():
            lines.append([key[0] in area and key[of] in columns for key in keys])
            sums.append(n)
    known = [LinearConstraint(np.array(lines, float), sums, sums)] if lines else []
    aim = np.array([key in target for key in keys], float)
    found = []
    for sign in (1, -1):
        answer = milp(sign * aim, constraints=known, integrality=np.ones(len(keys)), bounds=Bounds(0, ENDLESS))
        assert answer.success, answer.message
        found.append(round(sign * answer.fun))
    return found[0], found[1]


def small_sums(cells: Cells) -> list[set[tuple[str, str, str]]]:
    """Every cell of every table one could draw up, from the finest to the margins, that holds one to four."""
    found = []
    for place, kinds, months in product(
        PLACES, [*[{k} for k in KINDS], set(KINDS)], [*[{m} for m in MONTHS], set(MONTHS)]
    ):
        for area in (inside(place), {place}):
            target = set(product(area, kinds, months))
            if 0 < sum(cells.get(key, 0) for key in target) < THRESHOLD and target not in found:
                found.append(target)
    return found


worlds = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(KINDS), st.sampled_from(MONTHS)),
    st.one_of(st.integers(1, 4), st.integers(5, 9), st.integers(20, 40)), min_size=2, max_size=30,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(worlds, st.randoms(use_true_random=False))
def test_no_small_count_can_be_told_from_all_that_is_published(cells, random):
    told = published(cells)
    targets = small_sums(cells)
    for target in random.sample(targets, min(len(targets), 6)):
        least, most = attack(cells, told, target)
        assert most - least >= THRESHOLD or most == 0, (least, most, target)


def test_the_attack_sees_a_count_hidden_alone():
    """Without complementary suppression a subtraction gives it away: the attacker of this file would see it."""
    cells = {("11", "a", "1"): 8, ("12", "a", "1"): 7, ("13", "a", "1"): 2}
    naive = [
        (1, Row("1", ("11",), 8, {("a",): 8, ("b",): 0, ("c",): 0})), (1, Row("1", ("12",), 7, {("a",): 7, ("b",): 0, ("c",): 0})),
        (1, Row("", ("0",), 17, {("a",): 17, ("b",): 0, ("c",): 0})),
    ]  # fmt: skip
    assert attack(cells, naive, set(product(inside("1") - {"11", "12"}, ["a"], MONTHS)))[1] == 2


@given(worlds)
def test_what_is_told_is_true_and_never_small(cells):
    for of, row in published(cells):
        area = covers(row)
        assert row.total == sum(n for key, n in cells.items() if key[0] in area)
        for columns, n in row.cells.items():
            assert n == sum(m for key, m in cells.items() if key[0] in area and key[of] in columns)
            assert n == 0 or n >= THRESHOLD
        assert sum(row.cells.values()) == row.total


@given(worlds)
def test_parts_add_up_to_their_area(cells):
    rows = [row for of, row in published(cells) if of == 1]
    told = {row.areas: row for row in rows if row.areas != (row.inside,)}
    for code in {row.inside for row in rows} - {""}:
        parts = [row for row in rows if row.inside == code]
        assert sum(row.total for row in parts) == told[(code,)].total


def test_large_counts_are_all_told():
    cells = {key: 9 for key in product(PLACES, KINDS, MONTHS)}
    rows = [row for of, row in published(cells) if of == 1]
    assert all(len(row.areas) == 1 and all(len(columns) == 1 for columns in row.cells) for row in rows)
    assert {row.areas[0] for row in rows} == set(PLACES)


def test_a_small_cell_takes_a_second_row_and_a_second_column_with_it():
    rows, columns = block([[9, 9, 9], [9, 2, 9], [9, 9, 7]])
    assert len(rows) == 2 and len(columns) == 2 and 1 in rows and 1 in columns


def test_a_part_of_few_is_told_together_with_the_smallest_other():
    cells = {("11", "a", "1"): 30, ("12", "a", "1"): 7, ("13", "a", "1"): 2}
    parts = [row.areas for of, row in published(cells) if of == 1 and row.inside == "1"]
    assert parts == [("12", "13"), ("11",)]


def test_nothing_is_told_of_fewer_than_five():
    assert published({("11", "a", "1"): 4}) == []
