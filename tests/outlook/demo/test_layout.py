"""The made-up map: everything fits, nothing overlaps."""

import numpy as np
import pytest
import shapely
from shapely import Polygon

from weiduan.ground.base.geo import area_m2
from weiduan.outlook.demo.divisions import invented, qingbaijiang, read
from weiduan.outlook.demo.generate import Demo, generate
from weiduan.outlook.demo.layout import spiral, tessellate, whole

from .test_divisions import TABLE, a_table


@pytest.fixture(scope="module")
def demo() -> Demo:
    return generate(qingbaijiang())


def level(code: str) -> int:
    """Significant digits."""
    if len(code) > 12:
        return len(code)
    return 6 if code.endswith("000000") else 9 if code.endswith("000") else 12


def at(demo: Demo, digits: int) -> dict[str, Polygon]:
    return {code: shape for code, shape in demo.shapes.items() if level(code) == digits}


def largest_overlap(shapes: dict[str, Polygon]) -> float:
    found = np.array(list(shapes.values()))
    one, other = shapely.STRtree(found).query(found, predicate="intersects")
    pairs = one < other
    return shapely.area(shapely.intersection(found[one[pairs]], found[other[pairs]])).max(initial=0.0)


def test_everything_down_to_units_has_one_sound_polygon(demo):
    codes = {d["code"] for d in demo.divisions} | {row["code"] for row in demo.rows["grids"]}
    codes |= {row["code"] for row in demo.rows["units"] if len(row["code"]) == 18}

    assert set(demo.shapes) == codes
    assert {shape.geom_type for shape in demo.shapes.values()} == {"Polygon"}
    assert all(shape.is_valid and not shape.is_empty for shape in demo.shapes.values())


@pytest.mark.parametrize("digits", [9, 12, 15, 18])
def test_nothing_overlaps_its_neighbour_at_all(demo, digits):
    assert largest_overlap(at(demo, digits)) == 0.0


@pytest.mark.parametrize(("inner", "outer"), [(9, 6), (12, 9), (15, 12)])
def test_each_level_fills_the_one_above_exactly(demo, inner, outer):
    for code, whole_shape in at(demo, outer).items():
        parts = [shape for part, shape in at(demo, inner).items() if part.startswith(code[:outer])]

        assert shapely.coverage_union_all(parts).equals(whole_shape)


def test_every_unit_lies_in_its_grid_and_in_town_they_fill_it(demo):
    grids, units = at(demo, 15), at(demo, 18)
    filled = 0
    for code, grid in grids.items():
        inside = [unit for unit_code, unit in units.items() if unit_code.startswith(code)]
        assert all(grid.covers(unit) for unit in inside)
        filled += shapely.coverage_union_all(inside).equals(grid)

    assert 0.5 < filled / len(grids) < 0.75


def test_corners_lie_on_a_raster_of_a_centimetre(demo):
    corners = shapely.get_coordinates(list(demo.shapes.values()))

    assert np.array_equal(corners, np.round(corners, 7))


def test_the_district_keeps_its_real_outline(demo):
    real = qingbaijiang().boundary

    assert demo.shapes["510113000000"].symmetric_difference(real).area / real.area < 1e-6


def test_towns_lie_around_their_seats_and_communities_are_smaller_than_villages(demo):
    district = qingbaijiang()
    seated = [town.division for town in district.towns if town.division.lon]

    assert all(demo.shapes[t.code].covers(shapely.Point(t.lon, t.lat)) for t in seated)
    sizes = {village.code: area_m2(demo.shapes[village.code]) for village in district.villages}
    kinds = [[sizes[v.code] for v in district.villages if v.kind == kind] for kind in ("community", "village")]
    assert np.median(kinds[0]) < 0.7 * np.median(kinds[1])


def test_a_unit_is_placed_inside_its_own_shape(demo):
    for row in demo.rows["units"] + demo.rows["premises"]:
        code = row.get("area") or row["code"]
        if len(code) == 18:
            assert demo.shapes[code].covers(shapely.Point(row["lon"], row["lat"])), code


def test_districts_without_a_known_place_get_land_side_by_side(tmp_path):
    demos = [generate(district) for district in read(a_table(tmp_path, TABLE))]
    one, other = (demo.shapes[demo.divisions[1]["code"]] for demo in demos)

    assert not one.intersects(other)
    assert 119 < one.centroid.x < 124  # in Zhejiang, roughly
    for demo in demos:
        assert largest_overlap(at(demo, 18)) == 0.0


def test_the_spiral_visits_every_square_once_and_stays_near():
    squares = [spiral(place) for place in range(121)]

    assert squares[:5] == [(0, 0), (1, 0), (1, 1), (0, 1), (-1, 1)]
    assert len(set(squares)) == 121
    assert max(max(abs(x), abs(y)) for x, y in squares) == 5


@pytest.mark.parametrize("seed", range(6))
def test_other_seeds_and_shapes_of_district_fit_too(seed):
    demo = generate(invented(40 + 7 * seed), seed=seed)

    assert {shape.geom_type for shape in demo.shapes.values()} == {"Polygon"}
    assert all(shape.is_valid for shape in demo.shapes.values())
    assert max(largest_overlap(at(demo, digits)) for digits in (12, 15, 18)) == 0.0


def test_ground_in_the_shape_of_a_u_is_divided_into_whole_pieces():
    u = Polygon([(0, 0), (30, 0), (30, 30), (20, 30), (20, 5), (10, 5), (10, 30), (0, 30)])

    parts = tessellate(u, np.array([[15.0, 25.0], [15.0, 2.0], [28.0, 28.0]]))

    assert [part.geom_type for part in parts] == ["Polygon"] * 3
    assert sum(part.area for part in parts) == pytest.approx(u.area)


def test_a_piece_cut_off_goes_to_the_neighbour_it_touches_longest():
    split = shapely.MultiPolygon([shapely.box(0, 0, 4, 4), shapely.box(6, 0, 7, 4)])

    left, right = whole([split, shapely.box(7, 0, 12, 4)])

    assert (left.area, right.area) == (16.0, 24.0)
