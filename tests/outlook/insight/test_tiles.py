"""Vector tiles: every area where it lies, whole, turned the right way, with what a layer says of it; and nothing in confidence."""

from datetime import timedelta

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from shapely import box

from tests.builders import DISTRICT, GRID, MONDAY, SURVEYED, VILLAGE
from tests.systems.governance.matters import FIRE_LANE, LAMP, NEXT_UNIT, UNIT, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.actions import draw_shapes
from weiduan.outlook.insight.drawn import tiles
from weiduan.outlook.insight.drawn.layers import Cell, Layer, categories_told, values_of
from weiduan.outlook.insight.drawn.tiles import EXTENT, _degrees, _on_map, box_of, tile_of
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.reports.models import Report

pytestmark = pytest.mark.django_db
TODAY, DAY = local_day(MONDAY), timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def number_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Return in which tile a point lies, as the map's own formula in plain Python has it."""
    from math import asinh, floor, pi, radians, tan

    return floor((lon + 180) / 360 * 2**z), floor((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)


def features(
    layer: Layer = Layer.ZEROS, z: int = 14, at=MONDAY, area: str = DISTRICT, spot=(104.2505, 30.8305), **said
):
    x, y = number_of(*spot, z)
    content = tile_of(layer, z, x, y, area=area, on=local_day(at), at=at, **said)
    decoded = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True}) if content else {}
    return {name: part["features"] for name, part in decoded.items()}


def facts(layer: Layer = Layer.ZEROS, **said) -> dict[str, dict]:
    (found,) = features(layer, **said).values()
    return {one["properties"]["code"]: one["properties"] for one in found}


def test_a_unit_is_drawn_where_it_lies_to_less_than_a_metre():
    a_village(drawn=True)
    z = 14
    x, y = number_of(104.2505, 30.8305, z)
    found = {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in features()["units"]}
    drawn = shapely.transform(
        found[UNIT], lambda p: np.array([_degrees((x + a / EXTENT) / 2**z, (y + b / EXTENT) / 2**z) for a, b in p])
    )

    assert set(found) == {UNIT, NEXT_UNIT}
    assert shapely.hausdorff_distance(drawn, box(104.250, 30.830, 104.251, 30.831)) < 1e-5  # degrees: one metre


def test_outer_rings_run_clockwise_on_paper_and_holes_the_other_way():
    a_village()
    ring = box(104.250, 30.830, 104.254, 30.834).difference(box(104.251, 30.831, 104.252, 30.832))
    draw_shapes({UNIT: ring}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY)
    (one,) = features(z=14)["units"]
    rings = one["geometry"]["coordinates"]

    def area(points) -> float:  # as the standard has it: positive for an outer ring, y counted down
        return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True)) / 2

    assert [area(points) > 0 for points in rings] == [True, False]


def test_what_reaches_over_the_edge_of_a_tile_is_in_both():
    a_village()
    lon, lat = _degrees((13_000 + 1) / 2**14, (6_700 + 0.5) / 2**14)  # on the edge between two tiles
    draw_shapes(
        {UNIT: box(lon - 0.002, lat, lon + 0.002, lat + 0.001)}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY
    )
    for west in (lon - 0.001, lon + 0.001):
        assert list(facts(spot=(west, lat + 0.0005))) == [UNIT]
    shapes = [shapely.geometry.shape(one["geometry"]) for one in features(spot=(lon - 0.001, lat + 0.0005))["units"]]
    assert shapes[0].bounds[2] <= EXTENT + 64  # cut a little beyond the edge, not carried whole


def test_from_afar_villages_are_drawn_with_what_their_units_lack_and_a_village_alone_by_unit():
    a_village(drawn=True)
    draw_shapes({VILLAGE: box(104.2, 30.8, 104.3, 30.9)}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY)
    assert facts(z=10) == {VILLAGE: {"code": VILLAGE, "name": "石家碾社区", "n": 2, "of": 2, "state": "most"}}
    assert set(facts(z=14)) == {UNIT, NEXT_UNIT} == set(facts(z=13, area=VILLAGE))
    assert set(facts(z=14, area=GRID)) == {UNIT, NEXT_UNIT} and set(facts(z=14, area=UNIT)) == {UNIT}
    assert (
        facts(z=10, area="510100000000")[VILLAGE]["of"] == 2 == facts(z=10, area="")[VILLAGE]["of"]
    )  # of a city, and of everything


def test_where_units_are_crowded_villages_stand_for_them_until_one_looks_nearer(monkeypatch):
    a_village(drawn=True)
    draw_shapes({VILLAGE: box(104.2, 30.8, 104.3, 30.9)}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY)
    monkeypatch.setattr(tiles, "MOST_UNITS", 1)
    assert set(facts(z=14)) == {VILLAGE} and set(facts(z=14, area=VILLAGE)) == {UNIT, NEXT_UNIT}
    assert set(facts(z=16)) == {UNIT, NEXT_UNIT}


def test_where_no_village_is_drawn_its_units_are_seen_from_afar():
    a_village(drawn=True)
    assert set(facts(z=9)) == {UNIT, NEXT_UNIT}


def test_each_layer_says_what_it_is_of():
    a_village(drawn=True)
    told("receipt-of-a-resident-01x", category=FIRE_LANE)
    told("receipt-of-a-resident-02x", category=LAMP, area=NEXT_UNIT)
    assert facts()[UNIT] == {"code": UNIT, "name": "单元001001", "n": 4, "of": 4, "state": "most"}
    assert {code: one["n"] for code, one in facts(Layer.REACH).items()} == {UNIT: 1, NEXT_UNIT: 1}
    assert {code: one["n"] for code, one in facts(Layer.REPORTS).items()} == {UNIT: 1, NEXT_UNIT: 1}
    assert {code: one["n"] for code, one in facts(Layer.REPORTS, category=FIRE_LANE).items()} == {UNIT: 1, NEXT_UNIT: 0}
    assert (
        facts(Layer.REPORTS, category=Category.objects.get(code=FIRE_LANE).parent.code)[UNIT]["n"] == 1
    )  # a heading counts what hangs below it
    assert {code for code, _name, _n in categories_told(VILLAGE, on=TODAY)} == {FIRE_LANE, LAMP}
    assert facts(category="governance")[UNIT] == {"code": UNIT, "name": "单元001001", "n": 1, "of": 1, "state": "most"}
    values = values_of(DISTRICT, Layer.ZEROS, on=TODAY, at=MONDAY)
    assert values.villages == {
        VILLAGE: Cell(2, 2, {"organisation": 2, "venues": 2, "governance": 2, "services": 2}),
    }  # fmt: skip


def test_what_was_told_in_confidence_is_in_no_tile_and_what_is_told_later_is_in_the_next():
    a_village(drawn=True)
    told(in_confidence=True)
    assert facts(Layer.REPORTS)[UNIT]["n"] == 0
    told("receipt-of-a-resident-01x")
    assert facts(Layer.REPORTS)[UNIT]["n"] == 1
    assert Report.objects.count() == 2
    assert facts(Layer.REPORTS, at=MONDAY + 400 * DAY)[UNIT]["n"] == 0  # twelve months later


def test_a_new_outline_is_seen_at_once_and_another_day_shows_its_own():
    a_village(drawn=True)
    assert set(facts()) == {UNIT, NEXT_UNIT}
    draw_shapes({NEXT_UNIT: box(105, 31, 105.001, 31.001)}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY)
    assert set(facts()) == {UNIT}
    assert features(at=MONDAY - 30 * DAY) == {}  # before the survey


def test_colours_follow_the_counts():
    zeros = [Cell(n, 4, {}).state(Layer.ZEROS) for n in range(5)]
    assert zeros == ["ok", "some", "some", "most", "most"]
    assert [Cell(n, 2, {}).state(Layer.REPORTS) for n in (0, 23, 24)] == ["ok", "some", "most"]
    assert [Cell(n, 1, {}).state(Layer.REACH) for n in (0, 1)] == ["ok", "most"]


def test_degrees_and_the_map_are_each_others_reverse():
    for lon, lat in [(104.25, 30.83), (-179.9, -80.0), (0.0, 0.0)]:
        ((x, y),) = _on_map(np.array([[lon, lat]]))
        assert np.allclose(_degrees(x, y), (lon, lat))


def test_there_is_no_tile_beyond_the_map():
    for z, x, y in [(-1, 0, 0), (17, 0, 0), (3, 8, 0), (3, 0, 8)]:
        with pytest.raises(ValueError):
            tile_of(Layer.ZEROS, z, x, y, area=DISTRICT, on=TODAY, at=MONDAY)


def test_the_box_of_an_area_is_its_own_or_that_of_what_is_drawn_in_it():
    a_village()
    assert box_of(VILLAGE, on=TODAY) is None
    draw_shapes(
        {UNIT: box(104, 30, 104.001, 30.001), NEXT_UNIT: box(104.1, 30, 104.2, 30.1)},
        within=DISTRICT,
        on=SURVEYED,
        by="test",
        at=MONDAY,
    )
    assert box_of(DISTRICT, on=TODAY) == (104, 30, 104.2, 30.1) and box_of(UNIT, on=TODAY) == (104, 30, 104.001, 30.001)
