"""Signing in: locks, two factors, sessions."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as house
from django.core.cache import cache

from tests.builders import DISTRICT, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.rules import Duty

pytestmark = pytest.mark.django_db
PASSWORD = "a password for tests"


def _sign_in(client, name, password=PASSWORD):
    return client.post("/accounts/login/", {"login": name, "password": password})


@pytest.fixture
def limits(settings, tmp_path):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/15m/ip"}
    cache.clear()
    yield
    cache.clear()


def test_the_right_password_opens_the_desk(client):
    a_user(name="wang")
    answer = _sign_in(client, "wang")
    assert (answer.status_code, answer.url) == (302, "/desk/")


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client):
    a_user(name="wang")
    wrong, unknown = _sign_in(client, "wang", "wrong"), _sign_in(client, "nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.content.decode().replace("wang", "").count("错") == unknown.content.decode().replace(
        "nobody", ""
    ).count("错")


def test_after_five_wrong_tries_even_the_right_password_waits(client, limits):
    a_user(name="wang")
    for _ in range(5):
        _sign_in(client, "wang", "wrong")
    assert _sign_in(client, "wang").status_code in (200, 429)
    assert "_auth_user_id" not in client.session


def test_signing_up_is_closed(client):
    answer = client.post("/accounts/signup/", {"username": "x", "password1": PASSWORD, "password2": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert answer.status_code == 200


def test_a_switched_off_account_is_out_at_the_next_request(client):
    user = a_user(name="wang")
    _sign_in(client, "wang")
    assert client.get("/desk/organisations/").status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/desk/organisations/").status_code == 302


def test_where_two_factors_are_required_the_desk_asks_for_the_second_first(client, settings):
    settings.TWO_FACTORS_REQUIRED = True
    user = a_user(name="wang")
    _sign_in(client, "wang")
    assert client.get("/desk/").url == "/accounts/2fa/"
    TOTP.activate(user, generate_totp_secret())
    assert client.get("/desk/organisations/").status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing(client):
    TOTP.activate(a_user(name="wang"), generate_totp_secret())
    assert _sign_in(client, "wang").url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/desk/").status_code == 302


def test_production_requires_two_factors():
    source = (house.PACKAGE / "config/settings/production.py").read_text()
    assert "TWO_FACTORS_REQUIRED = True" in source


@pytest.mark.parametrize("where, code", [
    ("/desk/area/{}/", 404), ("/desk/area/{}/map.json", 404), ("/desk/area/{}/coverage.xlsx", 404), ("/desk/area/{}/pending/", 404),
    ("/desk/organisations/X1/", 404), ("/desk/survey/template.xlsx?area={}", 404),
])  # fmt: skip
def test_another_area_is_not_there(client, where, code):
    divisions()
    load(a_village())
    a_user(Duty.LOOK, area="510114000000", name="stranger")
    _sign_in(client, "stranger")
    assert client.get(where.format(VILLAGE)).status_code == code


def test_names_are_shown_only_to_the_duty_that_needs_them(client):
    divisions()
    load(a_village())
    a_user(Duty.LOOK, area=DISTRICT, name="looker")
    a_user(Duty.KEEP_ORGANISATION, area=DISTRICT, name="keeper")
    _sign_in(client, "looker")
    assert "张P" not in client.get("/desk/organisations/X1/").content.decode()
    client.logout()
    _sign_in(client, "keeper")
    assert "张P" in client.get("/desk/organisations/X1/").content.decode()


def test_pages_are_chinese_whatever_the_browser_prefers_until_one_chooses(client):
    first = client.get("/", headers={"accept-language": "en"})
    assert 'lang="zh-Hans"' in first.content.decode()
    client.get("/language/en/?next=/")
    assert 'lang="en"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil.example", "/\\evil.example"]
)
def test_switches_lead_only_to_our_own_pages(client, target):
    answer = client.get("/view/elder/", {"next": target})
    assert answer.url == "/"
