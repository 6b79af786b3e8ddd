"""A point lies in one unit or in none: checked against looking at every polygon, one by one."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from threading import Event

import numpy as np
import pytest
import shapely
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from shapely.geometry import MultiPolygon, Point, Polygon, box

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    SURVEYED,
    TOWN,
    VILLAGE,
    divisions,
    grid,
    load,
    survey,
    unit,
)
from weiduan.ground.ledger.actions import Deed, record_many
from weiduan.ground.ledger.queries import state_of_ground
from weiduan.ground.ledger.rules import GROUND, chain_of
from weiduan.ground.territory.actions import draw_shapes, found_divisions
from weiduan.ground.territory.locate import KEPT, _held, unit_at, units_at
from weiduan.ground.territory.queries import area_ids
from weiduan.ground.territory.reform import open_successions, plan_reform, reform, settle_succession

WEST, SOUTH, SIDE = 104.20, 30.80, 0.01
_moments = count(1)


def code_of(number: int) -> str:
    return f"{GRID}{number:03d}"


def draw(shapes: dict[str, object], *, on: date = SURVEYED) -> None:
    """Draw shapes, each time at a moment of its own, as in life: so no two worlds have the same ledger."""
    draw_shapes(shapes, within=DISTRICT, on=on, by="test", at=MONDAY + timedelta(microseconds=next(_moments)))


def a_village_of(shapes: list) -> None:
    """Load one grid whose units have these shapes, with the codes 001, 002, …"""
    divisions()
    codes = [code_of(number) for number in range(1, len(shapes) + 1)]
    load(survey(grids=[grid()], units=[unit(code) for code in codes]))
    draw({code: shape for code, shape in zip(codes, shapes, strict=True) if shape is not None})


def square(column: int, row: int = 0, side: float = SIDE) -> Polygon:
    return box(WEST + column * SIDE, SOUTH + row * SIDE, WEST + column * SIDE + side, SOUTH + row * SIDE + side)


def by_looking_at_each(shapes: list, lon: float, lat: float) -> str | None:
    """The same answer without a tree: the first unit the point touches."""
    numbers = (n for n, shape in enumerate(shapes, start=1) if shape is not None and shape.intersects(Point(lon, lat)))
    return next((code_of(number) for number in numbers), None)


@pytest.mark.django_db
def test_a_point_inside_is_found_and_one_outside_is_not():
    a_village_of([square(0), square(1)])

    assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) == code_of(1)
    assert unit_at(WEST + 0.015, SOUTH + 0.005, on=SURVEYED) == code_of(2)
    assert unit_at(WEST - 0.005, SOUTH + 0.005, on=SURVEYED) is None


@pytest.mark.django_db
def test_a_point_on_a_common_edge_or_corner_belongs_to_the_smallest_code():
    a_village_of([square(1, 1), square(0, 1), square(1, 0), square(0, 0)])

    on_edge = unit_at(WEST + SIDE, SOUTH + 0.005, on=SURVEYED)
    on_corner = unit_at(WEST + SIDE, SOUTH + SIDE, on=SURVEYED)

    assert (on_edge, on_corner) == (code_of(3), code_of(1))
    many = np.full((200, 2), (WEST + SIDE, SOUTH + SIDE))
    assert set(units_at(many, on=SURVEYED)) == {code_of(1)}


@pytest.mark.django_db
def test_a_hole_lies_outside_and_its_edge_inside():
    ring = square(0).difference(box(WEST + 0.004, SOUTH + 0.004, WEST + 0.006, SOUTH + 0.006))
    a_village_of([ring])

    assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) is None
    assert unit_at(WEST + 0.004, SOUTH + 0.005, on=SURVEYED) == code_of(1)


@pytest.mark.django_db
def test_a_unit_in_a_hole_of_another_is_found_there():
    core = box(WEST + 0.004, SOUTH + 0.004, WEST + 0.006, SOUTH + 0.006)
    a_village_of([square(0).difference(core), core])

    assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) == code_of(2)
    assert unit_at(WEST + 0.004, SOUTH + 0.005, on=SURVEYED) == code_of(1)


@pytest.mark.django_db
def test_a_unit_in_two_pieces_is_found_in_both_and_not_between():
    a_village_of([MultiPolygon([square(0), square(2)])])

    found = [unit_at(WEST + 0.005 + column * SIDE, SOUTH + 0.005, on=SURVEYED) for column in range(3)]
    assert found == [code_of(1), None, code_of(1)]


@pytest.mark.django_db
def test_what_is_no_place_on_earth_lies_nowhere():
    a_village_of([square(0)])
    nan, inf = float("nan"), float("inf")
    strange = [(nan, SOUTH), (WEST, nan), (inf, SOUTH), (-inf, -inf), (0.0, 0.0), (1e300, 30.8), (SOUTH, WEST)]

    assert [unit_at(lon, lat, on=SURVEYED) for lon, lat in strange] == [None] * len(strange)
    assert units_at(np.array([*strange, (WEST + 0.005, SOUTH + 0.005)]), on=SURVEYED) == [None] * 7 + [code_of(1)]
    assert units_at(np.empty((0, 2)), on=SURVEYED) == []


@pytest.mark.django_db
def test_nothing_is_found_where_nothing_is_drawn_or_nothing_is():
    assert unit_at(WEST, SOUTH, on=SURVEYED) is None
    a_village_of([None, None])
    assert unit_at(WEST, SOUTH, on=SURVEYED) is None


@pytest.mark.django_db
def test_a_drawn_district_leads_to_its_units_even_where_they_reach_over_its_outline():
    a_village_of([square(0), square(1)])
    draw({DISTRICT: square(0)})

    assert unit_at(WEST + 0.015, SOUTH + 0.005, on=SURVEYED) == code_of(2)


@pytest.mark.django_db
def test_buildings_grids_and_units_drawn_as_a_point_are_no_answer():
    building = code_of(1) + "001"
    divisions()
    load(survey(grids=[grid()], units=[unit(code_of(1)), unit(building, kind="building"), unit(code_of(2))]))
    draw({GRID: square(0), building: square(0), code_of(2): Point(WEST, SOUTH), VILLAGE: square(0)})

    assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) is None
    assert unit_at(WEST, SOUTH, on=SURVEYED) is None


@pytest.mark.django_db
def test_each_day_has_its_own_answer_and_a_new_shape_is_seen_at_once():
    later = SURVEYED + timedelta(days=30)
    a_village_of([square(0)])
    inside_both, only_later = (WEST + 0.005, SOUTH + 0.005), (WEST + 0.015, SOUTH + 0.005)
    assert unit_at(*only_later, on=later) is None

    draw({code_of(1): box(WEST, SOUTH, WEST + 2 * SIDE, SOUTH + SIDE)}, on=later)

    assert unit_at(*only_later, on=later) == code_of(1)
    assert unit_at(*only_later, on=SURVEYED) is None
    assert unit_at(*inside_both, on=SURVEYED) == unit_at(*inside_both, on=later) == code_of(1)
    assert unit_at(*inside_both, on=SURVEYED - timedelta(days=1)) is None


@pytest.mark.django_db
def test_only_a_few_districts_and_days_are_held():
    a_village_of([square(0)])
    for days in range(3 * KEPT):
        assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED + timedelta(days=days)) == code_of(1)

    assert len(_held.grounds) <= KEPT
    assert len(_held.boxes) <= KEPT


@pytest.mark.django_db
def test_a_point_costs_one_query_once_its_district_is_held(django_assert_num_queries):
    a_village_of([square(0)])
    unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED)

    with django_assert_num_queries(1):
        assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) == code_of(1)


def a_tessellation(seed: int, pieces: int) -> list:
    """Random ground without a gap: neighbours share edges and corners, some have holes or lie in two parts."""
    rng = np.random.default_rng(seed)
    seeds = shapely.multipoints(np.array([WEST, SOUTH]) + rng.random((pieces, 2)) * 0.1)
    frame = box(WEST, SOUTH, WEST + 0.1, SOUTH + 0.1)
    cells = [cell.intersection(frame) for cell in shapely.voronoi_polygons(seeds, extend_to=frame).geoms]
    cells = [shapely.set_precision(cell, 1e-7) for cell in cells]
    holed = [cell.difference(cell.centroid.buffer(0.001)) if n % 3 == 0 else cell for n, cell in enumerate(cells)]
    split = [c.difference(shapely.buffer(c.centroid, 0.0005)) if n % 4 == 0 else c for n, c in enumerate(holed)]
    rng.shuffle(split)
    return [shape for shape in split if shape.geom_type in ("Polygon", "MultiPolygon") and shape.is_valid]


def telling_points(shapes: list, seed: int) -> np.ndarray:
    """Corners, points on edges, points anywhere, and points a hair's breadth beside a corner."""
    rng = np.random.default_rng(seed)
    corners = shapely.get_coordinates(shapes)
    middles = (corners[:-1] + corners[1:]) / 2
    anywhere = np.array([WEST - 0.01, SOUTH - 0.01]) + rng.random((300, 2)) * 0.12
    beside = np.nextafter(corners, rng.random(corners.shape) * 200)
    points = np.concatenate([corners, middles, anywhere, beside])
    return points[rng.permutation(len(points))[:600]]


class AgainstLookingAtEach(TestCase):
    """Random ground, looked up in memory and polygon by polygon."""

    @settings(max_examples=15, deadline=None)
    @given(seed=st.integers(0, 2**32 - 1), pieces=st.integers(1, 25))
    def test_every_point_is_in_the_unit_that_looking_at_each_polygon_finds(self, seed: int, pieces: int):
        shapes = a_tessellation(seed, pieces)
        a_village_of(shapes)
        points = telling_points(shapes, seed)

        expected = [by_looking_at_each(shapes, *point) for point in points]

        assert units_at(points, on=SURVEYED) == expected
        assert units_at(points[:5], on=SURVEYED) == expected[:5]
        assert [unit_at(*point, on=SURVEYED) for point in points[:20]] == expected[:20]


@pytest.mark.django_db(transaction=True)
def test_many_threads_at_once_get_the_same_answers_while_shapes_change():
    shapes = a_tessellation(7, 25)
    a_village_of(shapes)
    points = telling_points(shapes, 7)[:200]
    expected = [by_looking_at_each(shapes, *point) for point in points]

    def ask(turn: int) -> bool:
        try:
            if turn % 10 == 0:  # a write elsewhere makes everyone read anew
                draw({VILLAGE: square(turn)}, on=SURVEYED)
            return units_at(points, on=SURVEYED) == expected and unit_at(*points[turn], on=SURVEYED) == expected[turn]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(80)))


def moves(deed) -> bool:
    """Tell whether a deed moves what dates the ground held in memory."""
    before = state_of_ground()
    deed()
    return state_of_ground() != before


def reformed(*rows: tuple[str, str], on: date, lineage: tuple[dict[str, str], ...] = ()) -> None:
    named = ((DISTRICT, "青白江区"), (TOWN, "大弯街道"), *rows)
    edition = [{"code": code, "name": name, "kind": ""} for code, name in named]
    reform(plan_reform(edition, lineage, edition="2020", on=on), by="test", at=MONDAY)


@pytest.mark.django_db
def test_whatever_is_done_to_areas_makes_the_ground_be_read_anew():
    days = [SURVEYED + timedelta(days=number) for number in range(8)]
    renamed, gone = (OTHER_VILLAGE, "改了名的社区"), {"old_code": VILLAGE, "new_code": "", "kind": "", "basis": ""}
    found = [{"code": "510114000000", "name": "新都区"}]

    assert moves(divisions)
    assert moves(lambda: load(survey(grids=[grid()], units=[unit(), unit(code_of(2))])))
    assert moves(lambda: draw({code_of(1): square(0), VILLAGE: square(0)}))
    assert moves(lambda: draw({code_of(1): square(1)}, on=days[1]))
    assert moves(lambda: load(survey(grids=[grid()], units=[unit(name="新名"), unit(code_of(2))]), on=days[2]))
    assert moves(lambda: load(survey(grids=[grid()], units=[unit(name="新名")]), on=days[3]))
    assert moves(lambda: reformed((VILLAGE, "石家碾社区"), renamed, on=days[4]))
    assert moves(lambda: reformed(renamed, on=days[5], lineage=(gone,)))
    waiting = open_successions(DISTRICT)[0]
    assert moves(lambda: settle_succession(waiting, into=OTHER_VILLAGE, on=days[6], by="test", at=MONDAY))
    assert moves(lambda: found_divisions(found, edition="2018", on=days[7], by="test", at=MONDAY))


@pytest.mark.django_db
def test_what_is_done_to_anything_else_leaves_the_ground_in_memory(django_assert_num_queries):
    a_village_of([square(0)])
    unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED)

    told = [Deed("report.told", "governance.report", str(number)) for number in range(100)]  # on every chain, likely
    assert not moves(lambda: record_many(told, by="test", at=MONDAY))
    with django_assert_num_queries(1):
        assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) == code_of(1)


@pytest.mark.django_db
def test_what_was_undone_leaves_nothing_in_memory_even_done_otherwise_in_the_same_moment():
    a_village_of([None])
    at = MONDAY + timedelta(microseconds=next(_moments))
    for column in (0, 1):
        point = (WEST + column * SIDE + 0.005, SOUTH + 0.005)
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            draw_shapes({code_of(1): square(column)}, within=DISTRICT, on=SURVEYED, by="test", at=at)
            assert unit_at(*point, on=SURVEYED) == code_of(1)
            assert unit_at(WEST + (1 - column) * SIDE + 0.005, SOUTH + 0.005, on=SURVEYED) is None
            raise ZeroDivisionError
        assert unit_at(*point, on=SURVEYED) is None


def another_district() -> str:
    """Found districts; return one whose changes need not wait for those of the first unit."""
    rows = [{"code": f"5101{number}000000", "name": f"{number}区"} for number in (14, 15, 16)]
    found_divisions(rows, edition="2018", on=SURVEYED, by="test", at=MONDAY)
    keys = area_ids([code_of(1), *(row["code"] for row in rows)], on=SURVEYED)
    chains = {code: chain_of(GROUND, str(key)) for code, key in keys.items()}
    return next(code for code, chain in chains.items() if chain != chains[code_of(1)])


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_the_one_begun_first_and_seen_last_is_seen():
    if connection.vendor == "sqlite":
        pytest.skip("on SQLite one writes at a time")
    a_village_of([square(0)])
    other = another_district()
    begun, go_on = Event(), Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                draw({code_of(1): square(1)})
                begun.set()
                assert go_on.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(slowly)
        assert begun.wait(10)
        draw_shapes({other: square(5)}, within=other, on=SURVEYED, by="test", at=MONDAY)
        assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) == code_of(1)
        go_on.set()
        slow.result()
    assert unit_at(WEST + 0.005, SOUTH + 0.005, on=SURVEYED) is None
    assert unit_at(WEST + 0.015, SOUTH + 0.005, on=SURVEYED) == code_of(1)
