"""How often one may do what: by device, by address only for those not known yet, the same in every process."""

import json
import subprocess
import sys
import time
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings as house
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from tests.builders import a_user, a_village, divisions, load
from tests.doors.telling import TEXT, a_picture, at_send, hidden
from tests.systems.governance import matters
from weiduan.doors import limits
from weiduan.doors.limits import MATTER, SENT, Limit, client_address
from weiduan.ground.accounts.keys import make_key
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.tallies import Full, Taken, give_back, take
from weiduan.systems.governance.reports.models import Report

pytestmark = pytest.mark.django_db
UNIT = "510113002002001001"
OFFICE, ELSEWHERE = "203.0.113.9", "198.51.100.7"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def counted(settings, tmp_path):
    settings.RATE_LIMITS, settings.HOME = True, tmp_path


@pytest.fixture
def ground():
    divisions()
    load(a_village())


def _known(client, name="a", hours=2):
    """Let the browser be one that has been here for a while."""
    with mock.patch.object(signing.time, "time", return_value=time.time() - hours * 3600):
        client.cookies[limits.DEVICE] = limits.SIGNER.sign(name)


def _sign_up_closed(client, address=OFFICE):
    return client.post("/a/510113002002/topics/raise/", {}, REMOTE_ADDR=address)


def test_a_place_is_taken_exactly_as_often_as_there_are_places():
    got = [take("x", "somebody", most=3, within=HOUR, now=1000.0 + n) for n in range(5)]
    assert [type(each) for each in got] == [Taken] * 3 + [Full] * 2
    assert got[3].wait_s == 3600 - 3 + 1
    assert isinstance(take("x", "somebody", most=3, within=HOUR, now=1000.0 + 3600), Taken)
    assert isinstance(take("x", "somebody else", most=3, within=HOUR, now=1004.0), Taken)


def test_in_any_span_no_more_get_in_than_there_is_room_for():
    got_in = [
        at for at in range(0, 3 * 3600, 60) if isinstance(take("x", "y", most=10, within=HOUR, now=float(at)), Taken)
    ]
    assert max(sum(1 for one in got_in if since <= one < since + 3600) for since in range(0, 2 * 3600, 60)) == 10


def test_a_place_given_back_is_free_again():
    first = take("x", "y", most=1, within=HOUR)
    give_back(first)
    assert isinstance(take("x", "y", most=1, within=HOUR), Taken)


def test_what_is_kept_names_nobody(tmp_path):
    take("matter", "address 203.0.113.9", most=3, within=HOUR)
    take("matter", "device abcdefgh", most=3, within=HOUR)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("tallies.sqlite3*"))
    assert b"203.0.113" not in kept and b"abcdefgh" not in kept and b"device" not in kept


def test_processes_count_together(tmp_path):
    program = (
        "import sys, django; from datetime import timedelta; from django.conf import settings; from pathlib import Path\n"
        f"settings.configure(HOME=Path({str(tmp_path)!r}), SECRET_KEY={house.SECRET_KEY!r})\n"
        "from weiduan.ground.base.tallies import take, Taken\n"
        "print(sum(isinstance(take('x', 'y', most=50, within=timedelta(hours=1)), Taken) for _ in range(40)))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(4)]
    assert sum(int(process.communicate()[0]) for process in running) == 50


def test_the_eleventh_matter_of_an_hour_waits_and_not_a_step_before(client):
    matters.a_village()
    _known(client)
    codes = []
    for number in range(11):
        filled = hidden(at_send(text=f"{TEXT} {number}"))
        codes.append(client.post("/report/", filled | {"do": "send", "wish": "anonymous", "contact": ""}).status_code)
    assert codes == [302] * 10 + [429]
    assert Report.objects.count() == 10


def test_whoever_waits_is_told_how_long(client, ground, settings):
    _known(client)
    with mock.patch.dict(limits.INSTEAD, {"portal:raise_topic": Limit("t", 3, 100, HOUR, limits.Counts.ALL)}):
        answers = [_sign_up_closed(client) for _ in range(4)]
    assert [answer.status_code for answer in answers][:3] == [answers[0].status_code] * 3 != [429] * 3
    assert answers[3].status_code == 429
    assert 0 < int(answers[3]["Retry-After"]) <= 3601
    assert "过 60 分钟" in answers[3].content.decode() or "60" in answers[3].content.decode()


def test_a_known_device_goes_on_where_its_address_is_used_up(client, ground, django_user_model):
    few = Limit("t", 2, 4, HOUR, limits.Counts.ALL)
    with mock.patch.dict(limits.INSTEAD, {"portal:raise_topic": few}):
        for number in range(4):  # four new devices behind the office's address use it up
            client.cookies.clear()
            _known(client, f"new {number}", hours=0)
            assert _sign_up_closed(client).status_code != 429
        client.cookies.clear()
        _known(client, "one more", hours=0)
        assert _sign_up_closed(client).status_code == 429
        client.cookies.clear()
        _known(client, "the office's own", hours=2)
        assert _sign_up_closed(client).status_code != 429
        client.cookies.clear()
        _known(client, "at home", hours=0)
        assert _sign_up_closed(client, ELSEWHERE).status_code != 429


def test_without_a_token_an_address_has_what_one_device_has(client, ground):
    with mock.patch.dict(limits.INSTEAD, {"portal:raise_topic": Limit("t", 2, 50, HOUR, limits.Counts.ALL)}):
        shut = []
        for _ in range(3):
            client.cookies.clear()
            shut.append(_sign_up_closed(client).status_code == 429)
    assert shut == [False, False, True]


def test_a_forged_token_is_none(client, ground):
    with mock.patch.dict(limits.INSTEAD, {"portal:raise_topic": Limit("t", 2, 50, HOUR, limits.Counts.ALL)}):
        for number in range(3):
            client.cookies[limits.DEVICE] = f"made-up-{number}:0:x"
            last = _sign_up_closed(client)
    assert last.status_code == 429


def test_a_browser_gets_its_token_with_the_first_form_and_keeps_it(client, ground):
    assert limits.DEVICE not in client.get(f"/u/{UNIT}/").cookies
    first = client.get("/report/").cookies[limits.DEVICE]
    assert first["httponly"] and first["samesite"] == "Lax" and first["max-age"] == 7 * 24 * 3600
    assert limits.DEVICE not in client.get("/report/").cookies


def test_steps_and_mistakes_use_up_no_place(client, ground):
    _known(client)
    with mock.patch.dict(limits.INSTEAD, {"portal:tell": Limit("t", 1, 1, HOUR, limits.Counts.SENT)}):
        assert [client.post("/report/", {"step": "what", "text": ""}).status_code for _ in range(3)].count(429) == 0


def test_wrong_codes_are_counted_and_right_ones_are_not():
    assert limits._used(limits.CODE, HttpResponse(status=404))
    assert not limits._used(limits.CODE, HttpResponse(status=200))


def test_what_waited_on_a_phone_counts_as_what_is_told_at_once(client):
    matters.a_village()
    _known(client)
    said = {"text": TEXT, "category": matters.FIRE_LANE, "area": matters.UNIT, "wish": "anonymous"}
    with mock.patch.dict(limits.INSTEAD, {"portal:tell_later": Limit("t", 2, 100, HOUR, limits.Counts.SENT)}):
        codes = [
            client.post("/report/later/", said | {"receipt": f"receipt-of-a-phone-nr-{n:02d}"}).status_code
            for n in range(3)
        ]
    assert codes == [200, 200, 429] and Report.objects.count() == 2


def test_searching_is_limited_and_looking_is_not(client, ground):
    with mock.patch.object(limits, "SEARCH", Limit("search", 2, 2, HOUR, limits.Counts.ALL)):
        assert [client.get("/?q=院").status_code for _ in range(3)] == [200, 200, 429]
        assert client.get("/").status_code == 200


def test_each_file_that_is_sent_counts_for_the_day(client, ground):
    _known(client)
    few = Limit("file", 3, 3, timedelta(days=1), limits.Counts.ALL)
    with mock.patch.object(limits, "FILE", few):
        said = [
            client.post("/report/", {"step": "what", "photos": [a_picture(), a_picture()]}).status_code
            for _ in range(2)
        ]
        assert said == [400, 429]
        assert client.post("/report/", {"step": "what", "text": ""}).status_code == 400  # words are taken


def test_exports_at_the_desk_are_counted_by_account(client, ground):
    client.force_login(a_user(Duty.LOOK, area="510113000000"))
    with mock.patch.object(limits, "EXPORT", Limit("export", 1, 1, HOUR, limits.Counts.ALL)):
        got = [client.get("/desk/organisations.xlsx").status_code for _ in range(2)]
    assert got == [200, 429]


def test_a_program_is_counted_by_the_account_of_its_key_and_told_in_json(client, ground):
    user = a_user(Duty.LOOK, area="510113000000")
    keys = [make_key(user, lasts=timedelta(days=2), by="console", at=timezone.now()) for _ in range(2)]
    with mock.patch.object(limits, "KEY", Limit("key", 1, 1, HOUR, limits.Counts.ALL)):
        answers = [client.get("/api/v1/changes", headers={"authorization": f"Bearer {key}"}) for key in keys]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert json.loads(answers[1].content)["code"] == "TooMany" and answers[1]["Retry-After"]


@pytest.mark.parametrize(
    "path, name", [("/a/510113002002/topics/raise/", "portal:raise_topic"), ("/api/v1/booking-drafts", "api:draft")]
)
def test_a_made_up_key_is_no_way_around_the_limits_of_everybody(client, ground, path, name):
    with mock.patch.dict(limits.INSTEAD, {name: Limit("t", 2, 50, HOUR, limits.Counts.ALL)}):
        shut = []
        for number in range(3):
            client.cookies.clear()
            answer = client.post(path, {}, headers={"authorization": f"Bearer made-up-{number}"})
            shut.append(answer.status_code == 429)
    assert shut == [False, False, True]


def test_a_program_that_speaks_open311_is_counted_by_its_key_and_one_without_by_its_address(client):
    matters.a_village()
    key = make_key(
        a_user(Duty.HANDLE_REPORTS, area="510113000000"), lasts=timedelta(days=2), by="console", at=timezone.now()
    )
    said = {"service_code": matters.FIRE_LANE, "address_id": matters.UNIT, "description": TEXT}
    few = {"open311:requests": Limit("t", 1, 1, HOUR, limits.Counts.ALL)}
    with mock.patch.dict(limits.INSTEAD, few):
        with_key = [client.post("/open311/v2/requests.json", said | {"api_key": key}).status_code for _ in range(3)]
        without = [
            client.post("/open311/v2/requests.json", said | {"api_key": "no such key"}).status_code for _ in range(2)
        ]
    assert 429 not in with_key and without == [403, 429]


def test_every_write_without_an_account_is_limited():
    assert (MATTER.device, MATTER.within) == (10, HOUR)
    for name in ("portal:tell", "portal:book", "api:book_room", "portal:raise_topic"):
        request = RequestFactory().post("/")
        request.user, request.resolver_match = mock.Mock(is_authenticated=False), mock.Mock(view_name=name)
        assert limits.limits_of(request) == [limits.ANY, limits.INSTEAD.get(name, SENT)]


@pytest.mark.parametrize("proxies, said, seen", [
    (0, "203.0.113.9", "10.0.0.1"), (1, "203.0.113.9", "203.0.113.9"), (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
    (2, "1.2.3.4, 203.0.113.9, 10.0.0.2", "203.0.113.9"), (1, "", "10.0.0.1"), (1, "not an address", ""),
    (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
])  # fmt: skip
def test_an_address_is_what_our_own_proxy_saw(settings, proxies, said, seen):
    settings.PROXIES = proxies
    headers = {"x-forwarded-for": said} if said else {}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")) == seen


def test_where_the_disk_is_full_nobody_is_shut_out(client, ground, settings, tmp_path):
    settings.HOME = tmp_path / "not there"
    assert client.get("/?q=院").status_code == 200
