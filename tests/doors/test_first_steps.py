"""Passwords: which are taken, and that one known to somebody else is changed before anything else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import MONDAY
from weiduan.ground.accounts.actions import open_account
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.recovering import reset_password
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.models import Entry

pytestmark = pytest.mark.django_db
FIRST, OWN = "a first password", "a password of my own"
PAGE, CHANGE = "/desk/organisations/", "/accounts/password/change/"


def _opened(**more):
    return open_account(username="wang", password=FIRST, title="", by="test", at=MONDAY, **more)


def _signed_in(password=FIRST):
    client = Client()
    client.post("/accounts/login/", {"login": "wang", "password": password})
    return client


def _change(client, old, new):
    client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


def test_a_password_somebody_else_chose_is_changed_before_anything_else():
    _opened()
    client = _signed_in()
    for page in ("/desk/", PAGE, "/desk/reports/"):
        assert client.get(page).url == CHANGE
    assert client.get("/api/v1/areas/510113000000/coverage").status_code == 403
    _change(client, FIRST, OWN)
    assert client.get(PAGE).status_code == 200


def test_the_same_password_again_is_no_change():
    _opened()
    client = _signed_in()
    _change(client, FIRST, FIRST)
    assert client.get(PAGE).url == CHANGE


def test_after_a_reset_it_is_changed_again():
    user = _opened(must_change=False)
    assert _signed_in().get(PAGE).status_code == 200
    password = reset_password(user, by="test", at=MONDAY)
    client = _signed_in(password)
    assert client.get(PAGE).url == CHANGE
    assert "_auth_user_id" not in _signed_in(FIRST).session


def test_a_reset_ends_the_sessions_there_were():
    user = _opened(must_change=False)
    client = _signed_in()
    reset_password(user, by="test", at=MONDAY)
    assert client.get(PAGE).url.startswith("/accounts/login/")


def test_the_ledger_knows_that_it_was_changed_and_not_to_what():
    user = _opened()
    _change(_signed_in(), FIRST, OWN)
    entry = Entry.objects.get(what="account.password_changed")
    assert (entry.by, entry.before, entry.after) == (f"user:{user.pk}", None, None)


def test_where_passwords_age_an_old_one_is_changed(settings):
    user = _opened(must_change=False)
    _change(_signed_in(), FIRST, OWN)
    User.objects.filter(pk=user.pk).update(password_set_at=timezone.now() - timedelta(days=90))
    for days, code in ((0, 200), (91, 200), (90, 302)):
        settings.PASSWORD_DAYS = days
        assert _signed_in(OWN).get(PAGE).status_code == code


@pytest.mark.parametrize("password, taken", [
    ("seven77", False),  # too short
    ("12345678", False), ("password", False), ("1qaz2wsx", False), ("woaini1314", False), ("woaini520", False),  # guessed first
    ("wang2018", False),  # the user name
    ("eight-88", True), ("一二三四五六七八", True), ("all lower and no digit", True), ("x" * 128, True),
])  # fmt: skip
def test_passwords_are_long_and_not_guessed_first_and_need_no_special_signs(password, taken):
    if taken:
        assert open_account(username="wang2018", password=password, title="", by="test", at=MONDAY)
    else:
        with pytest.raises(BadInput):
            open_account(username="wang2018", password=password, title="", by="test", at=MONDAY)


def test_a_name_differing_in_case_alone_is_taken():
    _opened()
    with pytest.raises(BadInput, match="Wang"):
        open_account(username="Wang", password=FIRST, title="", by="test", at=MONDAY)
