"""`weiduan streets` and `weiduan venues`, run as a shell would."""

import json

import openpyxl
import pytest
from click.testing import CliRunner

from tests.builders import GRID, SURVEYED, VILLAGE
from tests.systems.venues.places import a_place, a_room
from tests.systems.venues.reaching import LAT, LON, STEP, a_row, a_venue
from weiduan.doors.console import main
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.geo import wgs84_to_gcj02
from weiduan.systems.venues.reach.models import StreetNetwork
from weiduan.systems.venues.reach.queries import streets_around

pytestmark = pytest.mark.django_db
main._register()


def weiduan(*words: str):
    done = CliRunner().invoke(main.weiduan, words, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


@pytest.fixture
def village():
    a_row({1: 0, 2: 4}, {"F1": 2})
    a_venue("F1", [1, 2])


def _file(tmp_path, *lines, name="streets.geojson", kind="LineString"):
    features = [
        {"type": "Feature", "properties": {"name": "街"}, "geometry": {"type": kind, "coordinates": line}}
        for line in lines
    ]
    path = tmp_path / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


ROUND = [
    [LON, LAT],
    [LON, LAT + 4 * STEP],
    [LON + 2 * STEP, LAT + 4 * STEP],
    [LON + 2 * STEP, LAT],
    [LON + 4 * STEP, LAT],
]


def _load(path, *more, area=VILLAGE):
    return weiduan("streets", "load", path, "--area", area, "--source", "测绘院 2018", "--on", str(SURVEYED), *more)


def _dead():
    told = json.loads(weiduan("venues", "dead-corners", "--area", VILLAGE, "--on", str(SURVEYED), "--format", "json"))
    return told["dead_corners"], told["along_streets"], [corner["code"] for corner in told["corners"]]


def test_streets_are_loaded_and_ways_go_along_them(village, tmp_path):
    assert _dead() == (0, False, [])
    assert "1" in _load(_file(tmp_path, ROUND))
    assert _dead() == (1, True, [f"{GRID}001"])
    assert StreetNetwork.objects.get().source == "测绘院 2018"


def test_streets_on_a_map_of_a_chinese_service_are_moved_to_where_they_are(village, tmp_path):
    moved = [[float(c) for c in wgs84_to_gcj02(*point)] for point in ROUND]
    _load(_file(tmp_path, moved), "--gcj02")
    streets = streets_around(VILLAGE, on=SURVEYED)
    assert streets.walks([(LON, LAT)], [(LON + 4 * STEP, LAT)])[0, 0] == pytest.approx(2 * 100 + 2 * 464 + 200, abs=20)
    assert streets.walks([(LON, LAT)], [(LON, LAT)])[0, 0] < 0.1


@pytest.mark.parametrize(
    ("lines", "kind"),
    [([], "LineString"), ([[LON, LAT]], "Point"), ([[[LAT, LON], [LAT, LON + 0.1]]], "LineString"), ([[[0, 0], [1, 1]]], "LineString")],
    ids=["nothing", "points", "latitude first", "elsewhere"],
)  # fmt: skip
def test_what_cannot_be_streets_is_refused_in_plain_words_and_nothing_is_kept(village, tmp_path, lines, kind):
    path = _file(tmp_path, *lines, kind=kind)
    with pytest.raises(BadInput):
        _load(path)
    assert StreetNetwork.objects.count() == 0


def test_a_file_that_is_none_and_an_unknown_area_are_refused(village, tmp_path):
    path = tmp_path / "x.geojson"
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(BadInput):
        _load(str(path))
    with pytest.raises(NotFound):
        _load(_file(tmp_path, ROUND), area="510113009000")


def test_dead_corners_as_table_json_and_workbook_say_the_same(village, tmp_path):
    _load(_file(tmp_path, ROUND))
    words = ("venues", "dead-corners", "--area", VILLAGE, "--on", str(SURVEYED))
    assert VILLAGE in weiduan(*words)
    path = tmp_path / "out.xlsx"
    weiduan(*words, "--format", "xlsx", "--output", str(path))
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book.worksheets[0][3]][:6] == [VILLAGE, "石家碾社区", 2, 203, 1, 1]
    assert book.worksheets[1]["A3"].value == f"{GRID}001"


def test_places_and_their_use_are_listed(tmp_path):
    place = a_place(quota_hours=None)
    a_room(place)
    assert str(place.pk) in weiduan("venues", "list", "--area", VILLAGE)
    path = tmp_path / "use.xlsx"
    weiduan("venues", "use", "--area", VILLAGE, "--month", "2018-11", "--output", str(path))
    assert [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][3]] == [place.name, 360, 0, 0]
    assert "360" in weiduan("venues", "use", "--area", VILLAGE, "--month", "2018-11")
    with pytest.raises(BadInput):
        weiduan("venues", "use", "--area", VILLAGE, "--month", "11月")
