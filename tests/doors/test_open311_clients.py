"""Two clients from PyPI, written for other cities' servers, tell and read matters here over the wire."""

import importlib
import itertools
import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from georeport import GeoReport

from tests.builders import a_user
from tests.systems.governance.matters import FIRE_LANE, LAMP, UNIT, a_village, told
from weiduan.ground.accounts.keys import make_key
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.models import Report


@pytest.fixture
def address(live_server) -> str:
    a_village(drawn=True)
    return f"{live_server.url}/open311/v2"


@pytest.fixture
def key(address) -> str:
    return make_key(a_user(Duty.LOOK), lasts=timedelta(days=1), by="test", at=timezone.now())


@pytest.fixture
def three(monkeypatch):
    """The client was written for Python 2, which had `ifilter`."""
    monkeypatch.setattr(itertools, "ifilter", filter, raising=False)
    return importlib.import_module("three").Three


def _released() -> Report:
    report = told(at=timezone.now())
    handling.release(report.pk, "消防通道已报", by="test", at=timezone.now())
    return report


def test_georeport_reads_services_and_matters_in_both_forms(address, key):
    shown = _released()
    for how in ("json", "xml"):
        client = GeoReport(address, api_key=key, output_format=how)
        assert [s["service_code"] for s in client.get_service_list()].count(FIRE_LANE) == 1
        assert client.get_service_definition(FIRE_LANE)["service_code"] == FIRE_LANE
        row = client.get_service_request(shown.number)
        assert (row["service_request_id"], row["description"], row["status"]) == (shown.number, "消防通道已报", "open")
        found = client.get_service_requests(service_code=FIRE_LANE, status="open")
        assert (found if isinstance(found, dict) else found[0])["service_request_id"] == shown.number


def test_three_discovers_reads_and_tells_in_both_forms(address, key, three):
    shown = _released()
    client = three(address, api_key=key)
    assert client.discovery()["endpoints"][0]["url"] == address
    assert len(client.services()) == 29 and client.services(LAMP)["service_code"] == LAMP
    assert [row["service_request_id"] for row in client.requests(FIRE_LANE, status="open", count=5)] == [shown.number]
    assert client.request(shown.number)[0]["description"] == "消防通道已报"
    assert client.token("1")[0]["code"] == 404
    told_one = client.post(LAMP, address="单元001001", name="明 张", phone="13800000000", description="路灯坏了")
    report = Report.objects.get(number=told_one[0]["service_request_id"])
    assert (report.area.versions.get().code, report.text, report.channel) == (UNIT, "路灯坏了", "open311")
    assert "13800000000" not in json.dumps(client.request(report.number, api_key=key))

    client.configure(format="xml")
    for part, root in (("services", "services"), ("discovery", "discovery"), ("requests", "service_requests")):
        assert ElementTree.fromstring(client.get(part, convert=False)).tag == root
