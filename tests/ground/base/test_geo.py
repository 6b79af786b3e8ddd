import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box

from weiduan.ground.base import geo
from weiduan.ground.base.errors import BadInput


def test_a_known_point_moves_as_published():
    lon, lat = geo.wgs84_to_gcj02(116.404, 39.915)

    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_there_and_back_agrees_to_less_than_a_centimetre_all_over_china():
    dice = np.random.default_rng(1)
    lon, lat = dice.uniform(73, 135, 20_000), dice.uniform(3.5, 53.5, 20_000)
    lon[:100] = 105.0  # where the shift has a kink

    back = geo.gcj02_to_wgs84(*geo.wgs84_to_gcj02(lon, lat))

    assert np.max(geo.metres(lon, lat, *back)) < 0.01
    assert 300 < np.median(geo.metres(lon, lat, *geo.wgs84_to_gcj02(lon, lat))) < 500


def test_outside_china_nothing_moves():
    assert geo.gcj02_to_wgs84(2.3522, 48.8566) == (2.3522, 48.8566)
    assert geo.wgs84_to_gcj02(-74.0, 40.7) == (-74.0, 40.7)


def test_a_shape_and_bare_coordinates_move_alike():
    shape = box(104.2, 30.8, 104.3, 30.9)

    moved = geo.to_wgs84(shape, "gcj02")

    assert shapely.get_coordinates(moved) == pytest.approx(geo.to_wgs84(shapely.get_coordinates(shape), "gcj02"))
    assert geo.to_wgs84(np.array([shape, shape]), "gcj02")[1].equals(moved)
    assert 300 < geo.metres(*shape.centroid.coords[0], *moved.centroid.coords[0]) < 700


def test_cgcs2000_and_wgs84_are_taken_as_they_are():
    shape = box(104.2, 30.8, 104.3, 30.9)

    assert geo.to_wgs84(shape, "cgcs2000") is shape
    assert geo.to_wgs84(shape, "wgs84") is shape
    assert geo.to_wgs84([104.2, 30.8], "wgs84").tolist() == [104.2, 30.8]


def test_an_unknown_system_is_refused():
    with pytest.raises(BadInput, match="bd09"):
        geo.to_wgs84(Point(104, 30), "bd09")


def test_a_degree_of_latitude_is_111_km_and_a_distance_has_no_direction():
    assert geo.metres(104, 30, 104, 31) == pytest.approx(111_195, abs=1)
    assert geo.metres(104, 30, 105, 31) == geo.metres(105, 31, 104, 30)
    assert geo.metres(np.array([104, 104]), 30, 104, np.array([30, 31])).tolist() == pytest.approx([0, 111_195], abs=1)


def test_an_area_counts_without_its_holes_whichever_way_it_was_drawn():
    whole = box(104.0, 30.0, 104.01, 30.01)
    hole = box(104.002, 30.002, 104.004, 30.004)
    ring = Polygon(whole.exterior.coords, [hole.exterior.coords])

    assert geo.area_m2(whole) == pytest.approx(964.96 * 1108.56, rel=1e-3)
    assert geo.area_m2(whole.reverse()) == pytest.approx(geo.area_m2(whole))
    assert geo.area_m2(ring) == pytest.approx(geo.area_m2(whole) - geo.area_m2(hole))


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (None, "图形是空的"),
        (Polygon(), "图形是空的"),
        (Point(104, 30), "图形是 Point"),
        (Polygon([(104, 30), (105, 31), (105, 30), (104, 31)]), "相交"),
        (box(30.1, 104.1, 30.2, 104.2), "写反"),
        (box(443_000, 3_417_000, 443_100, 3_417_100), "不在中国范围内"),
        (Polygon([(104, 30), (104.5, np.inf), (105, 30)]), "不在中国范围内"),
    ],
)
def test_what_can_not_be_the_shape_of_an_area_is_refused_with_the_reason(shape, sentence):
    with pytest.raises(BadInput, match=sentence):
        geo.valid_polygon(shape)


def test_a_good_shape_comes_back_flat():
    shape = Polygon([(104, 30, 500), (105, 30, 500), (105, 31, 500)])

    assert geo.valid_polygon(shape).wkt == "POLYGON ((104 30, 105 30, 105 31, 104 30))"
