"""Open311 GeoReport v2 by a test client: every address, filter, form and error, and what stays hidden."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, GRID, a_user
from tests.systems.governance.matters import FIRE_LANE, INSIDE, LAMP, UNIT, a_village, told
from weiduan.ground.accounts.keys import make_key
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.models import Contact, Report

pytestmark = pytest.mark.django_db
AT = "/open311/v2"
MARKS = ("姓张的人", "13800000000", "zhang@example.org", "device-7")


@pytest.fixture(autouse=True)
def village():
    a_village(drawn=True)


@pytest.fixture
def key() -> str:
    return a_key()


def a_key() -> str:
    return make_key(a_user(Duty.LOOK), lasts=timedelta(days=1), by="test", at=timezone.now())


def get(path: str, **said):
    return Client().get(f"{AT}/{path}", said)


def post(how: str = "json", **said):
    return Client().post(f"{AT}/requests.{how}", said)


def matter(number: int, *, public: str = "", ago: timedelta = timedelta(0), **said) -> Report:
    report = told(f"receipt-number-{number:020d}", at=timezone.now() - ago, **said)
    if public:
        handling.release(report.pk, public, by="test", at=timezone.now())
    return report


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["service_request_id"] for row in answer.json()]


def test_discovery_says_where_and_how_in_both_forms():
    found = get("discovery.json").json()
    endpoint = found["endpoints"][0]
    assert endpoint["url"] == "http://testserver/open311/v2" and endpoint["formats"] == ["text/xml", "application/json"]
    root = ElementTree.fromstring(get("discovery.xml").content)
    assert root.tag == "discovery" and root.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format/format")] == endpoint["formats"]


def test_services_are_those_that_can_be_chosen_the_same_in_both_forms():
    rows = get("services.json").json()
    assert len(rows) == 29 and {row["metadata"] for row in rows} == {False}
    lane = next(row for row in rows if row["service_code"] == FIRE_LANE)
    assert (lane["service_name"], lane["group"], lane["type"]) == ("占用消防通道", "四类常见乱象", "realtime")
    root = ElementTree.fromstring(get("services.xml").content)
    assert root.tag == "services" and [s.findtext("service_code") for s in root.findall("service")] == [
        row["service_code"] for row in rows
    ]
    assert root.findtext("service/metadata") == "false"


def test_a_service_is_defined_and_one_that_is_not_there_is_not_found():
    assert get(f"services/{FIRE_LANE}.json").json() == {"service_code": FIRE_LANE, "attributes": []}
    assert ElementTree.fromstring(get(f"services/{FIRE_LANE}.xml").content).tag == "service_definition"
    for code in ("nothing", "A"):  # A is a mere heading
        answer = get(f"services/{code}.json")
        assert answer.status_code == 404 and answer.json()[0]["code"] == 404


@pytest.mark.parametrize("how", ["json", "xml"])
def test_a_matter_is_told_by_a_form_and_lies_where_the_point_is(key, how):
    lon, lat = INSIDE
    who = dict(zip(("last_name", "phone", "email", "device_id"), MARKS, strict=True))
    answer = post(how, api_key=key, service_code=FIRE_LANE, description="消防通道被堵", lat=lat, long=lon, **who)
    assert answer.status_code == 201
    report = Report.objects.get()
    assert report.area.versions.get().code == UNIT and (report.channel, report.text) == ("open311", "消防通道被堵")
    assert Contact.objects.count() == 1
    body = answer.content.decode()
    assert report.number in body and "/r/" in body and not any(mark in body for mark in MARKS)
    if how == "xml":
        assert ElementTree.fromstring(answer.content).findtext("request/service_request_id") == report.number
    else:
        assert set(answer.json()[0]) == {"service_request_id", "service_notice", "account_id"}


def test_without_a_point_an_address_id_or_a_name_says_where(key):
    assert post(api_key=key, service_code=LAMP, description="灯", address_id=UNIT).status_code == 201
    assert post(api_key=key, service_code=LAMP, description="灯", address_string="单元001001").status_code == 201
    assert {r.area.versions.get().code for r in Report.objects.all()} == {UNIT}
    assert post(api_key=key, service_code=LAMP, description="名字不止一个", address_string="单元").status_code == 201
    unclear = next(report for report in Report.objects.all() if report.text == "名字不止一个")
    assert unclear.area.versions.get().code == DISTRICT  # who looks finds out, nothing is lost


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"service_code": ""}, 400), ({"service_code": "nothing"}, 404), ({"service_code": "A"}, 404), ({"description": ""}, 400),
        ({"description": "x" * 4001}, 400), ({"address_id": ""}, 400), ({"lat": "north", "long": "1"}, 400),
        ({"lat": "91", "long": "1"}, 400),
        ({"lat": "nan", "long": "1"}, 400), ({"lat": "30"}, 400), ({"address_id": "999999999999"}, 400), ({"api_key": ""}, 403),
        ({"api_key": "wrong"}, 403),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_as_the_standard_says_and_nothing_is_kept(key, said, status):
    whole = {"api_key": key, "service_code": LAMP, "description": "灯", "address_id": UNIT} | said
    answer = post(**whole)
    assert (answer.status_code, [row["code"] for row in answer.json()]) == (status, [status])
    root = ElementTree.fromstring(post("xml", **whole).content)
    assert root.tag == "errors" and root.findtext("error/code") == str(status) and root.findtext("error/description")
    assert Report.objects.count() == 0


def test_a_key_that_has_ended_is_refused(key):
    late = make_key(a_user(Duty.LOOK), lasts=timedelta(days=1), by="test", at=timezone.now() - timedelta(days=2))
    assert post(api_key=late, service_code=LAMP, description="灯", address_id=UNIT).status_code == 403
    assert (
        get("requests.json", api_key=late).status_code == 403 and get("requests.json", api_key=key).status_code == 200
    )


def test_other_methods_forms_and_addresses_answer_by_the_standard():
    assert Client().post(f"{AT}/services.json").status_code == 400
    assert Client().delete(f"{AT}/requests.json").status_code == 400
    for path in ("requests.csv", "tokens/1.json", "requests/1.json"):
        assert get(path).status_code == 404
    assert get("requests/1.xml")["Content-Type"].startswith("text/xml")


def test_others_see_released_words_only_and_the_program_its_own_whole(key):
    matter(1)
    shown = matter(2, public="灯已报修", text="张三家门口的灯", place="3栋")
    post(api_key=key, service_code=LAMP, description="自己报的", address_id=UNIT, address_string="5栋")
    own = Report.objects.get(channel="open311")

    rows = get("requests.json").json()
    assert [row["service_request_id"] for row in rows] == [shown.number]
    assert (rows[0]["description"], rows[0]["address"], rows[0]["lat"]) == ("灯已报修", None, None)
    assert "张三" not in get("requests.xml").content.decode()
    assert set(ids(get("requests.json", api_key=key))) == {shown.number, own.number}
    row = get(f"requests/{own.number}.json", api_key=key).json()[0]
    assert (row["description"], row["address"], row["status"]) == ("自己报的", "5栋", "open")
    assert get(f"requests/{own.number}.json").status_code == 404
    assert get(f"requests/{own.number}.json", api_key=a_key()).status_code == 404


def test_both_forms_hold_the_same():
    matter(1, public="灯已报修")
    row = get("requests.json").json()[0]
    element = ElementTree.fromstring(get("requests.xml").content).find("request")
    assert {child.tag: child.text for child in element} == {k: None if v is None else str(v) for k, v in row.items()}
    assert get(f"requests/{row['service_request_id']}.json").json() == [row]


def test_the_list_is_narrowed_by_numbers_code_status_and_span():
    now, old = matter(1, public="一"), matter(2, public="二", ago=timedelta(days=100), category=LAMP)
    lamp = matter(3, public="三", category=LAMP, ago=timedelta(days=1))
    handling.not_ours(lamp.pk, "请找路灯所", by="test", at=timezone.now())

    def found(**said) -> list[str]:
        return ids(get("requests.json", **said))

    assert found() == [now.number, lamp.number]  # ninety days, the newest first
    assert found(service_code=LAMP) == [lamp.number] and found(service_code=f"{LAMP},{FIRE_LANE}") == found()
    assert (
        found(status="open") == [now.number]
        and found(status="closed") == [lamp.number]
        and found(status="closed,open") == found()
    )
    assert set(found(service_request_id=f"{old.number},{lamp.number}")) == {old.number, lamp.number}
    day = f"{timezone.now() - timedelta(days=110):%Y-%m-%dT%H:%M:%SZ}"
    assert found(start_date=day) == [old.number]
    assert found(end_date=f"{timezone.now() - timedelta(days=50):%Y-%m-%dT%H:%M:%SZ}") == [old.number]
    assert ids(get(f"requests/{now.number},{lamp.number}.json")) == found()


def test_a_span_is_at_most_ninety_days_from_its_beginning():
    first = matter(1, public="一", ago=timedelta(days=100))
    matter(2, public="二", ago=timedelta(days=5))
    start = f"{timezone.now() - timedelta(days=110):%Y-%m-%dT%H:%M:%SZ}"
    end = f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}"
    assert ids(get("requests.json", start_date=start, end_date=end)) == [first.number]


@pytest.mark.parametrize(
    "said",
    [
        {"status": "waiting"}, {"status": ""}, {"page": "0"}, {"page": "x"}, {"page_size": "-1"}, {"start_date": "yesterday"},
        {"start_date": "2026-01-01"}, {"end_date": "2026-13-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_is_refused(said):
    answer = get("requests.json", **said)
    assert (answer.status_code, answer.json()[0]["code"]) == (400, 400)


def test_long_lists_come_page_by_page_without_a_gap():
    for n in range(5):
        matter(n, public=str(n), ago=timedelta(hours=n))
    whole = ids(get("requests.json"))
    pages = [ids(get("requests.json", page_size=2, page=page)) for page in (1, 2, 3, 4)]
    assert (
        len(whole) == 5
        and [number for page in pages for number in page] == whole
        and [len(p) for p in pages] == [2, 2, 1, 0]
    )


PATHS = (
    "requests.json",
    "requests.xml",
    "services.json",
    "discovery.json",
    "requests.json?status=closed",
    "requests.json?page=2",
)


def test_a_matter_nobody_released_changes_no_byte_of_what_others_read():
    matter(1, public="灯已报修")
    before = [Client().get(f"{AT}/{path}").content for path in PATHS]
    hidden = matter(2, text="藏着的事")
    handling.not_ours(hidden.pk, "请找别处", by="test", at=timezone.now())
    assert [Client().get(f"{AT}/{path}").content for path in PATHS] == before
    one, none = (get(f"requests/{number}.json").content for number in (hidden.number, "00000000000000"))
    assert one == none and b"404" in json.dumps(json.loads(one)).encode() and GRID.encode() not in one
