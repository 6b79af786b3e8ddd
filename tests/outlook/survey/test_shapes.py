"""Shapes come in whole and in WGS 84, or each wrong one is named with what is wrong."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely

from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.geo import wgs84_to_gcj02
from weiduan.outlook.survey import child
from weiduan.outlook.survey.confined import _refusal
from weiduan.outlook.survey.shapes import CheckedShapes, check_shapes

GRID, OTHER_GRID = "510113002002001", "510113002002002"
ONE, TWO, THREE = (f"{GRID}00{number}" for number in (1, 2, 3))
CODES = {GRID, OTHER_GRID, ONE, TWO, THREE}
BOX = shapely.box(104.25, 30.88, 104.251, 30.881)


def square(lon: float, lat: float, side: float = 0.001) -> dict[str, Any]:
    """Return a square's GeoJSON geometry, from its south-western corner."""
    return shapely.geometry.mapping(shapely.box(lon, lat, lon + side, lat + side))


def geojson(path: Path, *features: tuple[Any, Any], **more: Any) -> Path:
    """Write a FeatureCollection of (code, geometry)."""
    listed = [{"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed, **more}))
    return path


def said(checked: CheckedShapes) -> list[tuple[int, str]]:
    return [(fault.row, fault.message) for fault in checked.faults]


def test_polygons_and_points_come_in_by_code(tmp_path):
    point = {"type": "Point", "coordinates": [104.2, 30.8, 500.0]}
    path = geojson(tmp_path / "s.json", (ONE, square(104, 30)), (TWO, square(104.001, 30)), (THREE, point))

    checked = check_shapes(path, coordinates="wgs84", codes=CODES)

    assert checked.faults == checked.warnings == []
    assert {code: shape.geom_type for code, shape in checked.shapes.items()} == {
        ONE: "Polygon",
        TWO: "Polygon",
        THREE: "Point",
    }
    assert checked.shapes[ONE].equals(shapely.box(104, 30, 104.001, 30.001))
    assert not checked.shapes[THREE].has_z


def test_shapes_in_gcj02_are_moved_back(tmp_path):
    lon, lat = wgs84_to_gcj02(104.25, 30.88)
    path = geojson(tmp_path / "s.json", (ONE, {"type": "Point", "coordinates": [float(lon), float(lat)]}))

    shape = check_shapes(path, coordinates="gcj02", codes=CODES).shapes[ONE]

    assert (shape.x, shape.y) == pytest.approx((104.25, 30.88), abs=1e-8)


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        (square(30, 104), "经度和纬度写反了：经度在前，纬度在后。"),
        (square(360_000, 3_400_000, 100), "坐标像是投影后的米数。请按经纬度（度）导出。"),
        (square(10, 10), "图形不在中国范围内（经度 10.0010，纬度 10.0000），请核对坐标。"),
        (None, "图形是空的或已损坏，请重新画。"),
        ({"type": "Polygon", "coordinates": "x"}, "图形是空的或已损坏，请重新画。"),
        ({"type": "Polygon", "coordinates": []}, "图形是空的或已损坏，请重新画。"),
        ({"type": "LineString", "coordinates": [[104, 30], [104, 31]]}, "区域要画成面或点，不能是 LineString。"),
        (
            {"type": "Polygon", "coordinates": [[[104, 30], [104.1, 30.1], [104.1, 30], [104, 30.1], [104, 30]]]},
            "图形有错：边界自相交，位置在 104.05, 30.05 附近。请在 GIS 软件中修好后重新导出。",
        ),
    ],
)
def test_a_wrong_shape_is_named_with_what_is_wrong(shape, sentence, tmp_path):
    path = geojson(tmp_path / "s.json", (TWO, square(104, 31)), (ONE, shape))

    checked = check_shapes(path, coordinates="wgs84", codes=CODES)

    assert said(checked) == [(2, f"{ONE}：{sentence}")]
    assert list(checked.shapes) == [TWO]


def test_unknown_double_and_missing_codes_are_named(tmp_path):
    path = geojson(
        tmp_path / "s.json",
        (ONE, square(104, 30)),
        (ONE, square(104, 31)),
        ("510113002002009", square(104, 32)),
        (None, square(104, 33)),
        (5.10113002002001e17, square(104, 34)),
        (int(TWO), square(104, 35)),
    )

    checked = check_shapes(path, coordinates="wgs84", codes=CODES)

    assert said(checked) == [
        (2, f"第 1 个图形已经用了编码“{ONE}”。请合并这两个图形，或改正编码。"),
        (3, "没有编码为 510113002002009 的区域。请先载入含有它的调查表，或改正编码。"),
        (4, "图形没有写明是谁的。请加上属性 code（编码）。"),
        (5, "编码是丢了位数的数字。请把字段改为文本后重新填写。"),
    ]
    assert set(checked.shapes) == {ONE, TWO}


def test_two_areas_of_one_level_that_overlap_are_named_with_the_size(tmp_path):
    half = geojson(
        tmp_path / "s.json", (ONE, square(104, 30)), (TWO, square(104.0005, 30)), (GRID, square(104, 30, 0.01))
    )

    assert said(check_shapes(half, coordinates="wgs84", codes=CODES)) == [
        (2, f"{TWO} 与 {ONE} 重叠 5348 平方米。同一级的两个区域不能重叠，请修改边界。")
    ]


def test_touching_and_a_hair_of_overlap_are_no_overlap(tmp_path):
    hair = 1e-9
    path = geojson(tmp_path / "s.json", (ONE, square(104, 30)), (TWO, square(104.001 - hair, 30)))

    assert check_shapes(path, coordinates="wgs84", codes=CODES).faults == []


def test_what_is_kept_already_counts_unless_the_file_replaces_it(tmp_path):
    path = geojson(tmp_path / "s.json", (ONE, square(104, 30)))
    kept = {ONE: shapely.box(104, 30, 104.01, 30.01), TWO: shapely.box(104.0005, 30, 104.002, 30.001)}

    checked = check_shapes(path, coordinates="wgs84", codes=CODES, existing=kept)

    assert said(checked) == [(1, f"{ONE} 与 {TWO} 重叠 5348 平方米。同一级的两个区域不能重叠，请修改边界。")]


def test_a_shape_mostly_outside_its_village_is_a_warning(tmp_path):
    path = geojson(tmp_path / "s.json", (ONE, square(104, 30)), (TWO, square(104.001, 30)))
    village = {ONE[:12]: shapely.box(104.0007, 29, 105, 31)}

    checked = check_shapes(path, coordinates="wgs84", codes=CODES, villages=village)

    assert checked.faults == []
    assert [(fault.row, fault.message) for fault in checked.warnings] == [
        (1, f"{ONE} 有 70 % 在所属村（社区）510113002002 之外，请核对。")
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[1]", "这不是图形文件。请上传 GeoJSON、GeoPackage，或打包成 .zip 的 Shapefile。"),
        ('{"type": "Feature"}', "这不是 GeoJSON 要素集（FeatureCollection）。请在 GIS 软件中把图层导出为 GeoJSON。"),
        ('{"features": []}', "文件里没有图形。"),
        ('{"features": [', "文件已损坏，读不出来。请在 GIS 软件中重新导出。"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}", "文件嵌套超过 32 层，GeoJSON 不会这样。请在 GIS 软件中重新导出。"),
        ('{"crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::4544"}}, "features": []}',
         "文件的坐标系是 urn:ogc:def:crs:EPSG::4544。请按经纬度（WGS 84 或 CGCS2000）导出。"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_collection_of_shapes_is_refused(content, sentence, tmp_path):
    (tmp_path / "s.json").write_text(content)

    with pytest.raises(BadInput) as caught:
        check_shapes(tmp_path / "s.json", coordinates="wgs84", codes=CODES)
    assert str(caught.value) == sentence


def test_brackets_in_names_don_t_count_as_depth(tmp_path):
    path = geojson(tmp_path / "s.json", (ONE, square(104, 30)), name='[{"' * 100 + "\\" * 3 + '"[[')

    assert check_shapes(path, coordinates="wgs84", codes=CODES).faults == []


def vector(folder: Path, kind: str, crs: str) -> Path:
    """Write the box as a GeoPackage or zipped Shapefile in a coordinate system."""
    move = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform
    shape = np.array([shapely.to_wkb(shapely.transform(BOX, move, interleaved=False))], dtype=object)
    path = folder / f"s.{kind}"
    pyogrio.raw.write(path, shape, [np.array([ONE], dtype=object)], ["code"], geometry_type="Polygon", crs=crs)
    if kind == "gpkg":
        return path
    with zipfile.ZipFile(folder / "s.zip", "w") as archive:
        for part in folder.glob("s.[!z]*"):
            archive.write(part, part.name)
    return folder / "s.zip"


@pytest.mark.parametrize("kind", ["gpkg", "shp"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4544"])
def test_geopackage_and_shapefile_say_their_own_system(kind, crs, tmp_path):
    checked = check_shapes(vector(tmp_path, kind, crs), coordinates="wgs84", codes=CODES)

    assert checked.faults == []
    assert shapely.hausdorff_distance(checked.shapes[ONE], BOX) < 1e-7


def test_a_shapefile_zipped_under_chinese_names_by_windows_is_read(tmp_path):
    vector(tmp_path, "shp", "EPSG:4490")
    chinese = ("边界" * 20).encode("gbk")
    with zipfile.ZipFile(tmp_path / "gbk.zip", "w") as archive:
        for suffix in ("shp", "shx", "dbf", "prj"):
            archive.write(tmp_path / f"s.{suffix}", "x" * len(chinese) + f".{suffix}")
    packed = (tmp_path / "gbk.zip").read_bytes()
    (tmp_path / "gbk.zip").write_bytes(packed.replace(b"x" * len(chinese), chinese))

    assert check_shapes(tmp_path / "gbk.zip", coordinates="wgs84", codes=CODES).faults == []


def test_a_shapefile_without_its_projection_is_refused(tmp_path):
    vector(tmp_path, "shp", "EPSG:4326")
    with zipfile.ZipFile(tmp_path / "bare.zip", "w") as archive:
        for part in ("s.shp", "s.shx", "s.dbf"):
            archive.write(tmp_path / part, part)

    with pytest.raises(BadInput, match=r"缺少 Shapefile 的 \.prj 文件"):
        check_shapes(tmp_path / "bare.zip", coordinates="wgs84", codes=CODES)


def test_without_the_extra_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyogrio", None)

    with pytest.raises(child.TooMuch) as caught:
        child.read_vector("s.gpkg", child.Out())

    assert str(_refusal("vector", {"error": caught.value.args[0], "where": []})) == (
        "读取 GeoPackage 和 Shapefile 需要安装“gis”组件（pip install 'weiduan[gis]'）。GeoJSON 不需要。"
    )
