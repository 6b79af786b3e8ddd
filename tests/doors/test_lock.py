"""The lock on signing in: counted exactly, the same for a name nobody has, and opened by who may."""

import re
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.builders import MONDAY, a_user
from tests.parallel import at_once
from weiduan.ground.accounts.locks import unlock
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "a password for tests"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,30/15m/ip", "login": None}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def checked():
    """Counts how often a password is hashed: what a try costs, and whether one was looked at."""
    with mock.patch.object(MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode) as encode:
        yield encode


def _try(name, password="wrong", client=None, **more):
    return (client or Client()).post("/accounts/login/", {"login": name, "password": password}, **more)


def _page(answer):
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def _is_in(client):
    return "_auth_user_id" in client.session


def _locked(name="wang", **more):
    client = Client()
    _try(name, PASSWORD, client, **more)
    return not _is_in(client)


def test_the_sixth_try_waits_even_with_the_right_password():
    a_user(name="wang")
    for _ in range(5):
        _try("wang")
    assert _locked()


def test_a_name_nobody_has_gets_the_same_page_at_every_try():
    a_user(name="wang")
    for _ in range(7):
        known, unknown = _try("wang"), _try("none")
        assert known.status_code == unknown.status_code
        assert _page(known).replace("wang", "none") == _page(unknown)


@pytest.mark.parametrize("name", ["wang", "nobody", "ended", "no-password"])
def test_each_try_costs_one_hash_whoever_is_named(name, checked):
    a_user(name="wang")
    for other, change in {"ended": {"is_active": False}, "no-password": {"password": "!"}}.items():
        user = a_user(name=other)
        for field, value in change.items():
            setattr(user, field, value)
        user.save()
    checked.reset_mock()
    _try(name)
    assert checked.call_count == 1


def test_spelling_the_name_otherwise_or_asking_another_host_is_the_same_lock(settings):
    settings.ALLOWED_HOSTS = ["*"]
    a_user(name="wang")
    for number, name in enumerate(["wang", "WANG", "Wang", " wang ", "wAnG"]):
        _try(name, headers={"host": f"host{number}.example"})
    assert _locked(headers={"host": "host9.example"})


def test_thirty_wrong_tries_from_one_address_and_the_address_waits():
    a_user(name="wang")
    for number in range(30):
        _try(f"nobody{number}")
    assert _locked()
    assert not _locked(REMOTE_ADDR="203.0.113.9")


def test_an_address_made_up_by_the_browser_is_not_believed(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    a_user(name="wang")
    for number in range(30):
        _try(f"nobody{number}", headers={"x-forwarded-for": f"198.51.100.{number}, 192.0.2.7"})
    assert _locked(headers={"x-forwarded-for": "198.51.100.99, 192.0.2.7"})
    assert not _locked(headers={"x-forwarded-for": "192.0.2.8"})


@pytest.mark.django_db(transaction=True)
def test_of_ten_tries_at_once_five_are_looked_at(checked):
    """Who can't get at the count within a second is refused unlooked-at, so it may be fewer at once, never more."""
    a_user(name="wang")
    checked.reset_mock()
    at_once(lambda number: _try("wang"), 10)
    assert 1 <= checked.call_count <= 5
    for _ in range(5):
        _try("wang")
    assert checked.call_count == 5


def test_a_quarter_of_an_hour_later_it_is_open_again():
    a_user(name="wang")
    for _ in range(5):
        _try("wang")
    later = timezone.now() + timedelta(minutes=15, seconds=1)
    with (
        mock.patch("allauth.core.internal.ratelimit.time.time", return_value=later.timestamp()),
        mock.patch("django.core.cache.backends.db.tz_now", return_value=later),
    ):
        assert not _locked()


def test_a_success_does_not_give_a_guesser_new_tries():
    a_user(name="wang")
    for _ in range(4):
        _try("wang")
    assert not _locked()
    _try("wang")
    assert _locked()


def test_whoever_gives_mandates_unlocks_and_the_ledger_says_so():
    user, keeper = a_user(name="wang"), a_user(Duty.GIVE_MANDATES, area="")
    for _ in range(5):
        _try("wang")
    with pytest.raises(Refused):
        unlock(user, by=user, at=MONDAY)
    assert _locked()
    unlock(user, by=keeper, at=MONDAY)
    assert not _locked()
    assert Entry.objects.filter(what="account.unlocked", key=str(user.pk), by=f"user:{keeper.pk}").count() == 1
