"""The OGC API holds what OGC 17-069r4 asks for, test by test of its abstract test suite (Annex A), in our own words:

http                    every address answers over HTTP 1.1, and refuses what only reads can't do
root, api, conformance  the landing page leads to the definition, the conformance declaration and the collections; each answers
fc-md                   each collection in the list has an id, links to its items with their type, and the extent of what is in it;
                        asked for alone it says the same
fc-op, fc-response      the items are GeoJSON in CRS84
limit                   never more than asked for or than the definition's maximum; 10 unless said otherwise
bbox                    only what touches the box, and whatever has no geometry; four or six numbers; CRS84
datetime                only what held at the moment or in the interval; open ends as “..” or nothing
timeStamp, numberMatched, numberReturned   are right whatever page is looked at
links                   self and alternate of every page with rel and type; next leads through all there is, each once
parameters              unknown ones and impossible values are 400
f-op, f-success, f-links  each feature answers at its own address with self, alternate and collection
oas30, geojson, html    the definition is OpenAPI 3.0 and tells parameters and errors as they are; every page has both forms
"""

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from shapely import Polygon

from tests.builders import DISTRICT, MONDAY, SURVEYED
from tests.doors.ogc import FEW_HOMES, OLD_NAME, UNDRAWN, UNIT, a_map
from weiduan.ground.territory.actions import draw_shapes
from weiduan.ground.territory.models import AreaVersion
from weiduan.outlook.insight.opened import features
from weiduan.systems.venues.facilities.models import Facility

pytestmark = pytest.mark.django_db
GEOJSON = "application/geo+json"
ITEMS = "/ogc/collections/units/items"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(autouse=True)
def ground(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_map()


@pytest.fixture
def one_connection():
    """Let requests through the WSGI application use the test's own transaction, as Django's client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def read(path: str, client: Client | None = None, **said):
    answer = (client or Client()).get(path, said)
    assert answer.status_code == 200, answer.content
    return answer.json()


def codes(**said) -> list[str]:
    return [one["id"] for one in read(ITEMS, **said)["features"]]


def links(told) -> dict[str, dict]:
    return {link["rel"]: link for link in told["links"]}


def test_the_landing_page_leads_to_definition_conformance_and_collections_and_each_answers():
    found = links(read("/ogc/"))
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= set(found)
    for rel in ("service-desc", "conformance", "data"):
        assert Client().get(found[rel]["href"]).headers["Content-Type"] == found[rel]["type"]


def test_it_says_which_classes_hold():
    names = {one.rsplit("/", 1)[1] for one in read("/ogc/conformance")["conformsTo"]}
    assert names == {"core", "oas30", "html", "geojson"}


def test_each_collection_has_its_extent_and_its_items_and_says_the_same_alone():
    listed = {one["id"]: one for one in read("/ogc/collections")["collections"]}
    assert list(listed) == ["units", "venues", "centres"]
    assert listed["units"]["extent"] == {
        "spatial": {"bbox": [[104.25, 30.83, 104.252, 30.831]], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"},
        "temporal": {"interval": [["2018-10-31T00:00:00+08:00", None]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
    }  # fmt: skip
    for name, one in listed.items():
        types = {(link["rel"], link["type"]) for link in one["links"]}
        assert {("items", GEOJSON), ("items", "text/html"), ("self", "application/json")} <= types
        alone = read(f"/ogc/collections/{name}")
        assert alone == one


def test_items_are_geojson_of_what_holds_today_with_the_numbers_and_the_links():
    answer = Client().get(ITEMS)
    page = answer.json()
    assert answer.headers["Content-Type"] == GEOJSON and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert [one["id"] for one in page["features"]] == [UNIT, FEW_HOMES, UNDRAWN]
    assert (page["numberMatched"], page["numberReturned"]) == (3, 3) and page["timeStamp"].endswith("Z")
    assert links(page)["alternate"]["type"] == "text/html" and links(page)["self"]["type"] == GEOJSON
    first = page["features"][0]
    assert first["geometry"]["type"] == "Polygon" and sorted(first["geometry"]["coordinates"][0])[0] == [104.25, 30.83]
    assert page["features"][2]["geometry"] is None


def test_a_unit_says_what_is_told_of_it_few_homes_are_left_out_and_no_person_is_in_it():
    unit, few, _undrawn = read(ITEMS)["features"]
    zeros = {"zero_organisation": False, "zero_venues": False, "zero_governance": False, "zero_services": False}
    place = {"village": "石家碾社区", "village_code": "510113002002", "town": "大弯街道", "town_code": "510113002000"}
    assert unit["properties"] == place | zeros | {
        "code": UNIT, "name": "新院子", "kind": "estate", "households": 100, "since": "2020-01-01",
    }  # fmt: skip
    assert "households" not in few["properties"]


def test_the_limit_is_ten_unless_said_otherwise_and_never_more_than_a_thousand(django_assert_max_num_queries):
    assert (len(codes(limit=1)), len(codes(limit=999999))) == (1, 3)
    limit = next(
        p for p in read("/ogc/api")["paths"]["/collections/units/items"]["get"]["parameters"] if p["name"] == "limit"
    )
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}
    with django_assert_max_num_queries(12):
        codes(limit=1000)


def test_next_leads_through_all_there_is_and_prev_back():
    seen, page, client = [], read(ITEMS, limit=2), Client()
    while True:
        seen += [one["id"] for one in page["features"]]
        assert page["numberMatched"] == 3 and page["numberReturned"] == len(page["features"])
        if "next" not in links(page):
            break
        page = client.get(links(page)["next"]["href"]).json()
    assert seen == [UNIT, FEW_HOMES, UNDRAWN]
    assert [one["id"] for one in client.get(links(page)["prev"]["href"]).json()["features"]] == [UNIT, FEW_HOMES]


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ("104.2499,30.8299,104.2521,30.8311", [UNIT, FEW_HOMES]),  # all of both
        ("104.2502,30.8302,104.2503,30.8303", [UNIT]),  # within the first
        ("104.2515,30.8305,104.2600,30.8400", [FEW_HOMES]),  # over an edge
        ("104.2515,30.8305,0,104.2600,30.8400,99", [FEW_HOMES]),  # with heights
        ("104.2400,30.8200,104.2500,30.8300", [UNIT]),  # a corner touches
        ("104.2530,30.8300,104.2600,30.8310", []),
        ("170,-90,-170,90", []),  # over the antimeridian, far away
        ("104.2515,30,104.2505,31", [FEW_HOMES, UNIT]),  # around the world from the second to the first
    ],
)
def test_a_box_finds_what_touches_it_and_what_lies_nobody_knows_where(box, found):
    assert sorted(codes(bbox=box)) == sorted([*found, UNDRAWN])


def test_an_outline_whose_box_touches_but_not_itself_is_not_found():
    corner = Polygon([(104.30, 30.80), (104.31, 30.80), (104.30, 30.81)])
    draw_shapes({UNDRAWN: corner}, within=DISTRICT, on=SURVEYED, by="test", at=MONDAY)
    assert codes(bbox="104.308,30.808,104.4,30.9") == [] and codes(bbox="104.304,30.804,104.4,30.9") == [UNDRAWN]


@pytest.mark.parametrize(
    ("time", "names"),
    [
        ("2019-06-01T00:00:00Z", [OLD_NAME]),
        ("2019-12-31T23:59:59+08:00", [OLD_NAME]),
        ("2019-12-31T16:00:00Z", ["新院子"]),  # 1 January in China
        ("2020-01-01", ["新院子"]),
        ("../2019-12-31", [OLD_NAME]),
        ("/2019-12-31T00:00:00Z", [OLD_NAME]),
        ("2020-01-01T00:00:00Z/..", ["新院子"]),
        ("2020-01-01T00:00:00Z/", ["新院子"]),
        ("2019-01-01/2021-01-01", [OLD_NAME, "新院子"]),
        ("../..", [OLD_NAME, "新院子"]),
        ("2018-01-01", []),
    ],
)
def test_time_finds_what_held_then(time, names):
    told = [one["properties"] for one in read(ITEMS, datetime=time, code=UNIT)["features"]]
    assert [one["name"] for one in told] == names
    assert all(("zero_venues" in one) == (one["name"] == "新院子") for one in told)


def test_what_held_before_has_an_address_of_its_own():
    [old] = read(ITEMS, datetime="2019-01-01", code=UNIT)["features"]
    assert old["id"] == f"{UNIT}~2018-10-31"
    assert read(f"{ITEMS}/{old['id']}")["properties"]["name"] == OLD_NAME
    assert read(f"{ITEMS}/{UNIT}")["properties"]["name"] == "新院子"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"kind": "courtyard"}, [FEW_HOMES]), ({"code": UNIT}, [UNIT]), ({"name": "新院子"}, [UNIT]), ({"village": "大弯社区"}, []),
        ({"village": "石家碾社区", "kind": "estate"}, [UNIT, UNDRAWN]), ({"town_code": "510113002000", "kind": "courtyard"}, [FEW_HOMES]),
        ({"village_code": "510113002003"}, []), ({"village_code": "1 or 1"}, []), ({"zero_venues": "true"}, []),
        ({"zero_venues": "false", "kind": "courtyard"}, [FEW_HOMES]),
    ],
)  # fmt: skip
def test_fields_narrow_what_is_found(said, found):
    assert codes(**said) == found


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=-1", "limit=many", "limit=", "limit=1.5", "offset=-1", "offset=x", "offset=99999999999999999999", "bbox=",
        "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d", "bbox=1,5,2,4", "bbox=nan,1,2,3", "bbox=181,1,182,2", "bbox=1,2,9,3,4,8",
        "bbox=1,-91,2,3", "datetime=", "datetime=yesterday", "datetime=2020-13-01", "datetime=2020-01-01T00:00:00",
        "datetime=2021-01-01/2020-01-01", "datetime=2020-01-01/2021-01-01/2022-01-01", "datetime=0001-01-01T00:00:00%2B14:00",
        "kind=castle", "zero_venues=1", "name=%00", "unknown=1", "bbox-crs=x", "f=xml", "limit=1&limit=2", "households=4",
    ],
)  # fmt: skip
def test_what_is_unknown_or_impossible_is_refused_with_the_reason(query):
    answer = Client().get(f"{ITEMS}?{query}")
    assert answer.status_code == 400 and set(answer.json()) == {"code", "description"}


@pytest.mark.parametrize(
    "path", ["/ogc/", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/units", f"{ITEMS}/{UNIT}"]
)
def test_every_page_has_both_forms_and_refuses_what_it_does_not_know(path):
    client = Client()
    assert client.get(f"{path}?colour=red").status_code == 400 and client.post(path).status_code == 405
    for html in (client.get(path, {"f": "html"}), client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})):
        assert html.headers["Content-Type"].startswith("text/html") and b"<h1>" in html.content
    for told in (client.get(path), client.get(path, headers={"Accept": "*/*"}), client.get(path, {"f": "json"})):
        json.loads(told.content)


@pytest.mark.parametrize(
    "path", ["/ogc/collections/people", "/ogc/collections/people/items", f"{ITEMS}/1", f"{ITEMS}/{UNIT}~x"]
)
def test_what_is_not_there_is_404(path):
    assert Client().get(path).status_code == 404


def test_a_feature_leads_to_itself_its_other_form_and_its_collection():
    found = links(read(f"{ITEMS}/{UNIT}"))
    assert found["self"]["type"] == GEOJSON and found["alternate"]["type"] == "text/html"
    assert read(found["collection"]["href"])["id"] == "units"


def test_places_say_their_hours_and_closed_or_coming_ones_are_not_there_today():
    [centre] = read("/ogc/collections/venues/items")["features"]
    place = Facility.objects.get(lon__isnull=False)
    assert centre == {
        "type": "Feature", "id": str(place.pk), "geometry": {"type": "Point", "coordinates": [104.2505, 30.8305]},
        "properties": {
            "name": "石家碾党群服务中心", "kind": "centre", "kind_words": "党群服务中心", "address": "石家碾中路1号",
            "area": "石家碾社区", "area_code": "510113002002", "hours": centre["properties"]["hours"], "since": "2018-10-31",
        },
    }  # fmt: skip
    assert "09:00–17:00" in centre["properties"]["hours"]
    assert read("/ogc/collections/venues/items", datetime="2019-01-01")["numberMatched"] == 2
    assert read("/ogc/collections/centres/items", bbox="0,0,1,1", datetime="2019-01-01")["numberMatched"] == 1
    assert read("/ogc/collections/venues/items", kind="micro_venue")["numberMatched"] == 0
    assert read("/ogc/collections/venues/items", area_code="510113002003")["numberMatched"] == 0
    assert Client().get(f"/ogc/collections/venues/items/{place.pk}").status_code == 200


def test_only_outlines_over_the_edge_of_a_box_are_read(monkeypatch):
    looked_at = []
    monkeypatch.setattr(features, "_touching", lambda rows, part: looked_at.extend(rows) or [])
    codes(bbox="104.2,30.8,104.3,30.9")
    assert looked_at == []
    codes(bbox="104.2,30.8,104.2515,30.9")
    assert [key for key, _shape in looked_at] == [AreaVersion.objects.get(code=FEW_HOMES).pk]


def test_the_definition_is_openapi_3_0():
    told = read("/ogc/api")
    assert told["openapi"].startswith("3.0.") and told["servers"] == [{"url": "http://testserver/ogc"}]
    assert Client().get("/ogc/api").headers["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"


def test_whatever_a_program_asks_is_answered_as_the_definition_says(one_connection):
    schema = schemathesis.openapi.from_wsgi("/ogc/api", get_wsgi_application())
    for each in schema.get_all_operations():

        @settings(
            max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(case=each.ok().as_strategy())
        def ask(case):
            case.call_and_validate(checks=CHECKS)

        ask()
