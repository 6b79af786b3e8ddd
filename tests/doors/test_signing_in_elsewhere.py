"""Signing in by a provider elsewhere: accounts that exist, found by one claim, through the second factor."""

import os
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from tests.builders import MONDAY, a_user
from tests.doors.oidc import CLIENT, SECRET, provider
from weiduan.config.settings.elsewhere import providers
from weiduan.ground.accounts.actions import open_account
from weiduan.ground.accounts.models import User

pytestmark = pytest.mark.django_db
LOGIN, BACK = "/accounts/oidc/oidc/login/", "/accounts/oidc/oidc/login/callback/"


@pytest.fixture
def there(settings):
    with provider() as told:
        named = {"WEIDUAN_OIDC_URL": told.url, "WEIDUAN_OIDC_CLIENT": CLIENT, "WEIDUAN_OIDC_SECRET": SECRET}
        with mock.patch.dict(os.environ, named):
            settings.SOCIALACCOUNT_PROVIDERS = providers()
        yield told


def _come(client, there, **brought):
    """Go there and come back with the code."""
    away = client.post(LOGIN + "?next=/desk/organisations/").url
    code, state = there.authorise(away), parse_qs(urlsplit(away).query)["state"][0]
    return client.get(BACK, {"code": code, "state": state} | brought)


def _is_in(client):
    return "_auth_user_id" in client.session


def test_the_account_named_by_the_claim_is_signed_in_and_nothing_told_there_is_kept(client, there):
    a_user(name="wang")
    assert _come(client, there).url == "/desk/organisations/"
    assert client.get("/desk/organisations/").status_code == 200
    assert not SocialAccount.objects.exists()
    user = User.objects.get(username="wang")
    assert user.email == ""
    assert not any("王某某" in str(value) for value in client.session.items())


def test_the_second_factor_is_asked_for_as_after_a_password(client, there):
    TOTP.activate(a_user(name="wang"), generate_totp_secret())
    assert _come(client, there).url.startswith("/accounts/2fa/authenticate/")
    assert not _is_in(client)


def test_nobody_becomes_an_account_by_it(client, there):
    answer = _come(client, there)
    assert answer.status_code == 403
    assert not _is_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "claims", [{}, {"preferred_username": ""}, {"preferred_username": ["wang"]}, {"email": "wang"}]
)
def test_without_the_claim_nobody_is_signed_in(client, there, claims):
    a_user(name="wang")
    there.claims = {"sub": "248289"} | claims
    assert _come(client, there).status_code == 403
    assert not _is_in(client)


def test_an_ended_account_is_not_signed_in(client, there):
    user = a_user(name="wang")
    user.is_active = False
    user.save()
    assert _come(client, there).status_code == 403
    assert not _is_in(client)


def test_a_forged_state_or_code_or_token_for_somebody_else_signs_nobody_in(client, there):
    a_user(name="wang")
    _come(client, there, state="forged")
    _come(client, there, code="forged")
    there.audience = "another program"
    _come(client, there)
    assert not _is_in(client)


def test_somebody_elses_browser_can_not_be_brought_back_with_my_code(there):
    """The state lies in the session that began."""
    a_user(name="wang")
    mine, other = Client(), Client()
    away = mine.post(LOGIN).url
    state = parse_qs(urlsplit(away).query)["state"][0]
    other.get(BACK, {"code": there.authorise(away), "state": state})
    assert not _is_in(other)


def test_it_leads_back_to_our_own_pages_alone(client, there):
    a_user(name="wang")
    away = client.post(LOGIN + "?next=https://evil.example/").url
    answer = client.get(BACK, {"code": there.authorise(away), "state": parse_qs(urlsplit(away).query)["state"][0]})
    assert answer.url == "/desk/"


def test_whoever_comes_without_a_password_need_not_change_one(client, there):
    open_account(username="wang", password="a first password", title="", by="test", at=MONDAY)
    _come(client, there)
    assert client.get("/desk/organisations/").status_code == 200


def test_the_page_for_signing_in_offers_it_only_where_it_is_set(client, there, settings):
    assert LOGIN in client.get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    assert client.post(LOGIN).status_code == 404


@pytest.mark.parametrize("environment", [
    {"WEIDUAN_OIDC_URL": "http://provider.example"},
    {"WEIDUAN_OIDC_URL": "https://provider.example"},
    {"WEIDUAN_OIDC_URL": "https://provider.example", "WEIDUAN_OIDC_CLIENT": "x"},
])  # fmt: skip
def test_half_a_setting_or_one_in_the_clear_stops_the_start(environment):
    with mock.patch.dict(os.environ, environment), pytest.raises(ImproperlyConfigured, match="WEIDUAN_OIDC"):
        providers()


@pytest.mark.django_db
def test_whoever_has_no_password_is_led_on_where_one_would_be_changed(client):
    user = a_user(name="without")
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    answer = client.get("/accounts/password/change/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/" and answer.status_code == 200
    assert "/accounts/password/change/" not in answer.content.decode()
