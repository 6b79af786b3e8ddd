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
from weiduan.systems.governance.reports import handling, reporting
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


def test_a_blocked_lane_from_the_first_word_to_the_last_over_open311_alone(address, key, three):
    """One program tells it and follows it, another reads what everyone may; staff do their part, and nobody opens a page."""
    teller, reader = three(address, api_key=key), GeoReport(address, output_format="json")
    service = next(one for one in teller.services() if "消防通道" in one["service_name"])
    number = teller.post(service["service_code"], address_id=UNIT, description="三栋消防通道停了车")[0][
        "service_request_id"
    ]

    def status() -> tuple[str, str]:
        [row] = teller.request(number, api_key=key)
        return row["status"], row["description"]

    assert status() == ("open", "三栋消防通道停了车")
    assert reader.get_service_requests(service_request_id=number, status="open") == []
    report, at = Report.objects.get(number=number), timezone.now()
    told_at, due = report.told_at, report.due_at
    for move, *words in (
        ("accept",),
        ("hand_up", "要社区协调"),
        ("begin", "已联系车主"),
        ("answer", "车已挪走，已画线"),
    ):
        getattr(handling, move)(report.pk, *words, by="test", at=at)
    assert status()[0] == "open" and "车已挪走" in teller.request(number, api_key=key)[0]["status_notes"]
    assert (
        reporting.lapse(at=at + timedelta(days=8)) == 1
    )  # Open311 knows no word of whoever told it: silence closes it
    assert status()[0] == "closed"
    handling.release(report.pk, "三栋消防通道已清，画了线", by="test", at=at)
    seen = reader.get_service_request(number)
    assert (seen["status"], seen["description"]) == ("closed", "三栋消防通道已清，画了线")
    assert [row["service_request_id"] for row in teller.requests(service["service_code"], status="closed")] == [number]
    report.refresh_from_db()
    assert (report.number, report.told_at, report.due_at, report.channel) == (number, told_at, due, "open311")
