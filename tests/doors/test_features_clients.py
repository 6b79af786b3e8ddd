"""Two clients written by others read the features over the wire: GDAL (pyogrio), as QGIS does, and OWSLib."""

import json
import subprocess
import sys

import pytest
from owslib.ogcapi.features import Features

from tests.doors.ogc import FEW_HOMES, UNDRAWN, UNIT, a_map

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(live_server, settings, tmp_path) -> str:
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_map()
    return f"{live_server.url}/ogc"


# In a process of its own: GDAL keeps Python's lock while it waits for the server, which would then wait for GDAL.
GDAL = """
import json, sys
import pyogrio
source, what = "OAPIF:" + sys.argv[1], json.loads(sys.argv[2])
if what is None:
    print(json.dumps(sorted(name for name, _kind in pyogrio.list_layers(source))))
else:
    what |= {"bbox": tuple(what["bbox"])} if "bbox" in what else {}
    meta, _ids, shapes, columns = pyogrio.raw.read(source, **what)
    told = {name: [str(one) for one in column] for name, column in zip(meta["fields"], columns)}
    print(json.dumps({"crs": meta["crs"], "drawn": [one is not None for one in shapes], **told}))
"""


def by_gdal(address: str, **what):
    asked = json.dumps(what or None)
    done = subprocess.run([sys.executable, "-c", GDAL, address, asked], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_gdal_lists_the_collections_and_reads_all_units_page_by_page(address):
    assert by_gdal(address) == ["centres", "units", "venues"]
    told = by_gdal(address, layer="units", PAGE_SIZE="2")
    assert told["crs"] in ("OGC:CRS84", "EPSG:4326") and told["code"] == [UNIT, FEW_HOMES, UNDRAWN]
    assert told["drawn"] == [True, True, False] and told["name"][0] == "新院子"


def test_gdal_asks_for_a_box_and_for_a_field(address):
    assert by_gdal(address, layer="units", bbox=[104.2515, 30.8305, 104.26, 30.84])["code"] == [FEW_HOMES]
    assert by_gdal(address, layer="units", where="kind = 'courtyard'")["code"] == [FEW_HOMES]


def test_owslib_finds_conformance_collections_and_features(address):
    client = Features(address)
    assert len(client.conformance()["conformsTo"]) == 4 and client.api()["openapi"] == "3.0.3"
    assert client.feature_collections() == ["units", "venues", "centres"]
    page = client.collection_items("units", bbox=[104.2515, 30.8305, 104.26, 30.84], limit=5)
    assert [one["id"] for one in page["features"]] == [FEW_HOMES, UNDRAWN]
    assert client.collection_items("units", datetime_="2019-01-01T00:00:00Z", code=UNIT)["numberMatched"] == 1
    assert client.collection_item("units", UNIT)["properties"]["name"] == "新院子"
    assert client.collection("venues")["extent"]["spatial"]["bbox"] == [[104.2505, 30.8305, 104.2505, 30.8305]]
