"""Open data over HTTP: the pages, the files and their dates, the feed, and what stands in other people's pages."""

import re
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, VILLAGE
from tests.doors.ogc import FEW_HOMES, UNIT, a_map
from weiduan.doors.portal import open_data
from weiduan.outlook.insight.opened.data import SETS, licence
from weiduan.systems.services.activities.planning import Plan, plan

pytestmark = pytest.mark.django_db
ATOM = {"a": "http://www.w3.org/2005/Atom"}
PAGE = f"/a/{DISTRICT}/data/"
EMBEDS = ("/embed/zeros/", "/embed/map/")


@pytest.fixture(autouse=True)
def ground(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_map()


def an_activity(title: str = "读书会"):
    at = timezone.now()
    wish = Plan(title=title, kind="culture", host="居委会", starts_at=at + timezone.timedelta(days=3),
                ends_at=at + timezone.timedelta(days=3, hours=1), place="活动室", capacity=None, waiting_capacity=0)  # fmt: skip
    return plan(UNIT, wish, opens=False, by="test", at=at)


def test_the_page_leads_to_every_file_to_the_dictionary_and_says_what_may_be_done():
    client = Client()
    page = client.get(PAGE).content.decode()
    files = re.findall(rf'href="({PAGE}[a-z]+\.(?:csv|json|geojson))"', page)
    assert len(files) == sum(len(one.forms) for one in SETS) + 1
    for one in files:
        answer = client.get(one)
        assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{PAGE}dictionary/").status_code == 200
    assert licence() in page and "演示数据" not in page and str(timezone.localdate()) in page


def test_the_licence_is_a_setting(settings):
    settings.OPEN_DATA_LICENCE = "CC BY 4.0"
    assert "CC BY 4.0" in Client().get(PAGE).content.decode()
    assert Client().get(f"{PAGE}units.json").json()["licence"] == "CC BY 4.0"


def test_a_demo_says_so(monkeypatch):
    monkeypatch.setattr(open_data, "is_demo", lambda: True)
    assert "-demo.csv" in Client().get(f"{PAGE}units.csv").headers["Content-Disposition"]


def test_whoever_has_a_file_already_is_told_that_nothing_changed():
    client = Client()
    first = client.get(f"{PAGE}units.csv")
    same = client.get(f"{PAGE}units.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304 and same.content == b"" and first.headers["Last-Modified"]
    assert client.get(f"{PAGE}units.csv", headers={"If-None-Match": '"another"'}).status_code == 200
    assert (
        client.get(f"{PAGE}units.csv", headers={"If-Modified-Since": first.headers["Last-Modified"]}).status_code == 304
    )


@pytest.mark.parametrize("path", ["people.csv", "zeros.geojson", "units.xml"])
def test_what_is_not_there_is_404(path):
    assert Client().get(PAGE + path).status_code == 404
    assert Client().get("/a/999999000000/data/units.csv").status_code == 404


def test_the_code_to_copy_is_a_frame_of_a_page_that_is_there():
    page = Client().get(PAGE).content.decode()
    frames = re.findall(r'&lt;iframe src=&quot;|&lt;iframe src="([^"]+)"', page)
    assert [one.removeprefix("http://testserver") for one in frames] == [f"{base}{DISTRICT}/" for base in EMBEDS]


@pytest.mark.parametrize("base", EMBEDS)
@pytest.mark.parametrize("code", [DISTRICT, VILLAGE, UNIT])
def test_what_is_embedded_may_stand_in_any_frame_without_script_and_nothing_else_may(base, code):
    answer = Client().get(f"{base}{code}/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.status_code == 200 and "X-Frame-Options" not in answer.headers
    assert "frame-ancestors *" in policy and "'none'; frame-ancestors" not in policy.replace("frame-ancestors *", "")
    content = answer.content.decode()
    assert "<script" not in content and "style=" not in content and str(timezone.localdate()) in content
    assert "<svg" in content and f"/{'u' if code == UNIT else 'a'}/{code}/" in content
    other = Client().get(PAGE)
    assert (
        other.headers["X-Frame-Options"] == "DENY"
        and "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]
    )


def test_the_map_has_an_outline_for_each_part_shaded_by_what_it_lacks():
    content = Client().get(f"/embed/map/{VILLAGE}/").content.decode()
    assert content.count('<path class="all" d="M') == 3  # two units, and the box that explains the shade
    assert f"{FEW_HOMES}" not in content


def test_the_chart_says_how_many_units_reach_each_zero():
    content = Client().get(f"/embed/zeros/{VILLAGE}/").content.decode()
    assert content.count("0 / 3") == 4


def test_the_feed_is_atom_with_ids_that_stay_and_the_area_page_leads_to_it():
    activity = an_activity("读书会\x0b<b>")
    client = Client()
    assert f'type="application/atom+xml" href="/a/{VILLAGE}/feed.xml"' in client.get(f"/a/{VILLAGE}/").content.decode()
    answer = client.get(f"/a/{VILLAGE}/feed.xml")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(answer.content)
    for needed in ("id", "title", "updated", "author/a:name"):
        assert root.find(f"a:{needed}", ATOM).text
    assert {link.get("rel"): link.get("href") for link in root.findall("a:link", ATOM)} == {
        "self": f"http://testserver/a/{VILLAGE}/feed.xml", "alternate": f"http://testserver/a/{VILLAGE}/",
    }  # fmt: skip
    [entry] = root.findall("a:entry", ATOM)
    told = {name: entry.find(f"a:{name}", ATOM).text for name in ("id", "title", "updated", "published", "summary")}
    assert told["id"].startswith("urn:uuid:") and told["title"] == "读书会<b>" and "活动室" in told["summary"]
    assert timezone.datetime.fromisoformat(told["updated"]).tzinfo is not None
    assert entry.find("a:link", ATOM).get("href") == f"http://testserver/activity/{activity.pk}/"
    assert client.get(f"/a/{VILLAGE}/feed.xml", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    [again] = ElementTree.fromstring(Client().get(f"/a/{UNIT}/feed.xml").content).findall("a:entry", ATOM)
    assert again.find("a:id", ATOM).text == told["id"]


def test_the_feed_of_an_area_without_news_is_valid_too():
    root = ElementTree.fromstring(Client().get(f"/a/{UNIT}/feed.xml").content)
    assert root.find("a:updated", ATOM).text and root.findall("a:entry", ATOM) == []
