"""The second factor: a code works once, nothing is added or removed without a fresh proof, and no reset gets past it."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client

from tests.builders import a_user
from tests.parallel import at_once

pytestmark = pytest.mark.django_db
PASSWORD = "a password for tests"


@pytest.fixture(autouse=True)
def nothing_counted():
    cache.clear()
    yield
    cache.clear()


def _sign_in(client, name="wang", password=PASSWORD):
    return client.post("/accounts/login/", {"login": name, "password": password})


def _code(secret):
    """Return the code the app shows now, for at least three seconds more."""
    if time.time() % 30 > 27:
        time.sleep(30 - time.time() % 30)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _second(client, code):
    client.post("/accounts/2fa/authenticate/", {"code": code})
    return "_auth_user_id" in client.session


def _with_app(name="wang"):
    secret = generate_totp_secret()
    user = a_user(name=name)
    TOTP.activate(user, secret)
    return user, secret


def test_a_code_signs_in_once_and_not_a_second_time():
    _user, secret = _with_app()
    first, second = Client(), Client()
    _sign_in(first), _sign_in(second)
    code = _code(secret)
    assert _second(first, code)
    assert not _second(second, code)


def test_the_code_that_set_up_the_app_signs_nobody_in(client):
    a_user(name="wang")
    _sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = _code(secret)
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    other = Client()
    _sign_in(other)
    assert not _second(other, code)


def test_a_recovery_code_works_once():
    user, _secret = _with_app()
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    first, second = Client(), Client()
    _sign_in(first), _sign_in(second)
    assert _second(first, code)
    assert not _second(second, code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_the_same_code_at_once_from_eight_browsers_lets_one_in(kind):
    user, secret = _with_app()
    code = _code(secret) if kind == "totp" else RecoveryCodes.activate(user).get_unused_codes()[0]
    clients = [Client() for _ in range(8)]
    for client in clients:
        _sign_in(client)
    assert sum(at_once(lambda number: _second(clients[number], code), 8)) == 1


def test_five_wrong_codes_and_the_right_one_waits(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/15m/ip"}
    _user, secret = _with_app()
    _sign_in(client)
    for _ in range(5):
        assert not _second(client, "000000")
    assert not _second(client, _code(secret))


def test_setting_up_asks_for_the_password_again(client):
    a_user(name="wang")
    _sign_in(client)
    for page in ("totp/activate", "webauthn/add"):
        assert client.get(f"/accounts/2fa/{page}/").url.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for page in ("totp/activate", "webauthn/add"):
        assert client.get(f"/accounts/2fa/{page}/").status_code == 200


@pytest.mark.parametrize("page", ["totp/deactivate", "webauthn/add", "recovery-codes/generate", "recovery-codes"])
def test_where_there_is_a_second_factor_the_password_alone_changes_nothing(client, page):
    user, secret = _with_app()
    RecoveryCodes.activate(user)
    _sign_in(client)
    _second(client, _code(secret))
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get(f"/accounts/2fa/{page}/").url.startswith("/accounts/2fa/reauthenticate/")
    cache.clear()  # half a minute later there would be a new code
    client.post("/accounts/2fa/reauthenticate/", {"code": _code(secret)})
    assert client.get(f"/accounts/2fa/{page}/").status_code == 200


def test_nobody_gets_a_new_password_by_asking_this_page(client, mailoutbox):
    user = a_user(name="wang")
    user.email = "wang@example.org"
    user.save()
    assert client.get("/accounts/password/reset/").status_code == 200
    assert client.post("/accounts/password/reset/", {"email": user.email}).status_code == 405
    assert mailoutbox == []


def test_a_copy_of_the_database_makes_no_codes():
    user, secret = _with_app()
    RecoveryCodes.activate(user)
    kept = "".join(str(row.data) for row in Authenticator.objects.all())
    assert secret not in kept
    assert RecoveryCodes(user.authenticator_set.get(type="recovery_codes")).get_unused_codes()[0] not in kept


def test_a_new_secret_key_opens_what_the_one_before_it_sealed(settings):
    user, secret = _with_app()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 50
    assert TOTP(user.authenticator_set.get(type="totp")).validate_code(_code(secret))


def test_a_passkey_that_is_made_up_signs_nobody_in(client):
    a_user(name="wang")
    made_up = '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"userHandle": "MQ"}}'
    for credential in ("", "{}", "[]", "x", made_up):
        client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
        assert "_auth_user_id" not in client.session
