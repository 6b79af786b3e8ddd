"""Sessions: how long they last, where one is signed in, and that they end everywhere at once."""

from datetime import timedelta
from unittest import mock

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.builders import MONDAY, a_user
from weiduan.doors.console.clock import STEPS
from weiduan.doors.devices import device_named
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.accounts.sessions import end_sessions, forget_sessions
from weiduan.ground.base.errors import Refused

pytestmark = pytest.mark.django_db
PASSWORD = "a password for tests"
PAGE = "/desk/organisations/"
OFFICE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.60"
)


def _signed_in(name="wang", **headers):
    client = Client(headers=headers)
    client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return client


def _is_in(client, path=PAGE, **headers):
    return client.get(path, headers=headers).status_code == 200


def _later(**time):
    return mock.patch("weiduan.doors.sessions.timezone.now", return_value=timezone.now() + timedelta(**time))


@pytest.fixture
def wang():
    return a_user(name="wang")


def test_half_an_hour_without_a_click_and_one_signs_in_again(wang):
    client = _signed_in()
    with _later(minutes=29):
        assert _is_in(client)
    with _later(minutes=58):
        assert _is_in(client)
    with _later(minutes=89):
        assert not _is_in(client)
        assert "_auth_user_id" not in client.session


def test_after_twelve_hours_one_signs_in_again_however_busy(wang):
    client = _signed_in()
    for minutes in range(20, 12 * 60, 20):
        with _later(minutes=minutes):
            assert _is_in(client)
    with _later(hours=12):
        assert not _is_in(client)


def test_a_page_left_open_that_looks_for_news_by_itself_keeps_nobody_signed_in(wang):
    client = _signed_in()
    for minutes in range(5, 30, 5):
        with _later(minutes=minutes):
            assert _is_in(client, **{"x-live": "1"})
    with _later(minutes=31):
        assert not _is_in(client)


def test_a_program_with_a_session_that_is_over_is_answered_401(wang):
    client = _signed_in()
    with _later(minutes=31):
        assert client.get("/api/v1/areas/510113000000/coverage").status_code == 401


def test_a_clock_set_back_signs_nobody_out(wang):
    client = _signed_in()
    with _later(days=-1):
        assert _is_in(client)
    assert _is_in(client)


def test_the_key_of_the_session_is_new_after_signing_in(wang):
    client = Client()
    client.get("/accounts/login/")
    session = client.session
    session["before"] = "x"
    session.save()
    client.cookies["sessionid"] = session.session_key
    before = session.session_key
    client.post("/accounts/login/", {"login": "wang", "password": PASSWORD})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_new_password_ends_the_other_sessions_at_their_next_request_and_keeps_ones_own(wang):
    mine, other = _signed_in(), _signed_in()
    assert _is_in(mine) and _is_in(other)
    new = "a better password for tests"
    mine.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert _is_in(mine)
    assert not _is_in(other)


def test_an_ended_account_is_out_on_two_devices_at_the_next_request(wang):
    one, two = _signed_in(), _signed_in()
    wang.is_active = False
    wang.save()
    assert not _is_in(one)
    assert not _is_in(two)
    assert one.get("/api/v1/areas/510113000000/coverage").status_code == 401


def test_my_devices_lists_them_and_signs_out_everywhere_but_here(wang):
    here, there = _signed_in(**{"user-agent": OFFICE}), _signed_in(**{"user-agent": PHONE})
    page = here.get("/accounts/sessions/").content.decode()
    assert "Edge · Windows" in page
    assert "微信 · iPhone" in page
    here.post("/accounts/sessions/")
    assert _is_in(here)
    assert not _is_in(there)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome · 安卓手机"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/132.0 Mobile HuaweiBrowser/5.1", "华为浏览器 · HarmonyOS"),
        ("Android", "安卓手机"),
        ("<script>", "未识别的浏览器"),
        ("", "未识别的浏览器"),
    ],
)  # fmt: skip
def test_a_browser_is_called_as_people_call_it(told, named):
    assert device_named(told) == named


def test_nobody_sees_or_ends_the_devices_of_others(wang):
    a_user(name="li")
    hers, his = _signed_in(**{"user-agent": OFFICE}), _signed_in("li", **{"user-agent": PHONE})
    assert "Edge · Windows" not in his.get("/accounts/sessions/").content.decode()
    his.post("/accounts/sessions/")
    assert _is_in(hers)


def test_whoever_gives_mandates_ends_all_sessions_of_an_account(wang):
    one, two = _signed_in(), _signed_in()
    with pytest.raises(Refused):
        end_sessions(wang, by=wang, at=MONDAY)
    assert end_sessions(wang, by=a_user(Duty.GIVE_MANDATES, area=""), at=MONDAY) == 2
    assert not _is_in(one)
    assert not _is_in(two)


def test_signing_out_has_the_browser_forget_pages_but_not_the_drafts_of_residents(wang):
    client = _signed_in()
    answer = client.post("/accounts/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not _is_in(client)


@pytest.mark.parametrize("path", ["/desk/", PAGE, "/accounts/", "/accounts/sessions/", "/desk/reports/"])
def test_no_browser_keeps_a_page_of_the_desk(wang, path):
    assert _signed_in().get(path).headers["Cache-Control"] == "no-store"


def test_sessions_that_are_over_are_forgotten_with_where_they_were(wang):
    old, new = _signed_in(), _signed_in()
    Session.objects.filter(session_key=old.session.session_key).update(expire_date=MONDAY)
    assert forget_sessions in STEPS.values()
    assert forget_sessions(at=timezone.now()) == 1
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [new.session.session_key]
