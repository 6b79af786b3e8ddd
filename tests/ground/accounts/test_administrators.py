"""三员分立: three administrators, none of whom can do another's part, and no account is two of them."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.builders import DISTRICT, MONDAY, VILLAGE, a_user
from tests.parallel import at_once
from weiduan.ground.accounts.actions import close_account, end_mandate, give_mandate, open_account
from weiduan.ground.accounts.keys import end_keys, make_key
from weiduan.ground.accounts.locks import unlock
from weiduan.ground.accounts.models import FactorReset, Mandate, User
from weiduan.ground.accounts.overview import administrators
from weiduan.ground.accounts.queries import may
from weiduan.ground.accounts.recovering import ask_factor_reset, decide_factor_reset, reset_password
from weiduan.ground.accounts.rules import ADMINISTRATION, Duty
from weiduan.ground.accounts.sessions import end_sessions
from weiduan.ground.base.errors import BadInput, NotAllowed, Refused
from weiduan.ground.ledger.models import Entry

pytestmark = pytest.mark.django_db
SINCE = date(2018, 1, 1)
HOW = {"since": SINCE, "by": "test", "at": MONDAY}


def _admin(duty):
    return a_user(duty, area="")


DEEDS = {
    "open an account": (Duty.KEEP_ACCOUNTS, lambda user, by: open_account(
        username="new", password="a first password", title="", by=by, at=MONDAY)),
    "end an account": (Duty.KEEP_ACCOUNTS, lambda user, by: close_account(user, by=by, at=MONDAY)),
    "reset a password": (Duty.KEEP_ACCOUNTS, lambda user, by: reset_password(user, by=by, at=MONDAY)),
    "ask for a new second factor": (Duty.KEEP_ACCOUNTS, lambda user, by: ask_factor_reset(user, by=by, at=MONDAY)),
    "confirm it": (Duty.GIVE_MANDATES, lambda user, by: decide_factor_reset(
        ask_factor_reset(user, by="test", at=MONDAY), confirm=True, by=by, at=MONDAY)),
    "give a mandate": (Duty.GIVE_MANDATES, lambda user, by: give_mandate(
        user, Duty.SURVEY, area=VILLAGE, since=SINCE, by=by, at=MONDAY)),
    "end a mandate": (Duty.GIVE_MANDATES, lambda user, by: end_mandate(user.mandates.get(), by=by, at=MONDAY)),
    "unlock": (Duty.GIVE_MANDATES, lambda user, by: unlock(user, by=by, at=MONDAY)),
    "end sessions": (Duty.GIVE_MANDATES, lambda user, by: end_sessions(user, by=by, at=MONDAY)),
    "make a key": (Duty.GIVE_MANDATES, lambda user, by: make_key(user, lasts=timedelta(days=1), by=by, at=MONDAY)),
    "end keys": (Duty.GIVE_MANDATES, lambda user, by: make_key(
        user, lasts=timedelta(days=1), by="test", at=MONDAY) and end_keys(user, by=by, at=MONDAY)),
}  # fmt: skip


@pytest.mark.parametrize("who", [*ADMINISTRATION, Duty.LOOK, Duty.KEEP_SERVICES])
@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_is_one_administrators_and_of_nobody_else(deed, who):
    duty, do = DEEDS[deed]
    by, user = _admin(who), a_user()
    if who is duty:
        do(user, by)
        assert Entry.objects.filter(by=f"user:{by.pk}").exists()
    else:
        with pytest.raises(Refused):
            do(user, by)
        assert not Entry.objects.filter(by=f"user:{by.pk}").exists()


@pytest.mark.parametrize("duty", ADMINISTRATION)
def test_an_administrator_has_nothing_to_look_at(duty):
    assert not may(_admin(duty), Duty.LOOK, in_area=VILLAGE, at=MONDAY)


@pytest.mark.parametrize("held, given", [(a, b) for a in ADMINISTRATION for b in ADMINISTRATION if a != b])
def test_nobody_is_two_of_the_three(held, given):
    user = _admin(held)
    with pytest.raises(BadInput):
        give_mandate(user, given, area="", **HOW)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor past the action
        Mandate.objects.create(user=user, duty=given.value, area="", since=SINCE)
    with pytest.raises(ValidationError):
        Mandate(user=user, duty=given.value, area="", since=SINCE).validate_constraints()


def test_one_after_the_other_is_not_at_the_same_time():
    user = a_user()
    give_mandate(user, Duty.READ_LEDGER, area="", until=date(2018, 6, 1), **HOW)
    give_mandate(user, Duty.GIVE_MANDATES, area="", since=date(2018, 6, 1), by="test", at=MONDAY)
    with pytest.raises(BadInput):
        give_mandate(user, Duty.KEEP_ACCOUNTS, area="", since=date(2018, 12, 1), by="test", at=MONDAY)


def test_the_same_duty_in_two_areas_is_no_second():
    user = a_user(Duty.GIVE_MANDATES, area=VILLAGE)
    give_mandate(user, Duty.GIVE_MANDATES, area=DISTRICT, **HOW)
    assert user.mandates.count() == 2


@pytest.mark.django_db(transaction=True)
def test_given_at_the_same_time_by_two_only_one_holds():
    user = a_user()

    def give(number):
        return give_mandate(user, ADMINISTRATION[number % 3], area="", **HOW)

    given = at_once(give, 6)
    assert len({m.duty for m in given if isinstance(m, Mandate)}) == 1
    assert set(user.mandates.exclude(duty="look").values_list("duty", flat=True)) < {d.value for d in ADMINISTRATION}


def test_nobody_gives_a_mandate_to_the_own_account():
    giver = _admin(Duty.GIVE_MANDATES)
    for duty in Duty:
        with pytest.raises(NotAllowed):
            give_mandate(giver, duty, area="", since=SINCE, by=giver, at=MONDAY)
    assert giver.mandates.count() == 1


def test_who_gives_mandates_in_a_village_gives_none_elsewhere():
    giver = a_user(Duty.GIVE_MANDATES, area=VILLAGE)
    give_mandate(a_user(), Duty.LOOK, area=VILLAGE, since=SINCE, by=giver, at=MONDAY)
    with pytest.raises(Refused):
        give_mandate(a_user(), Duty.LOOK, area=DISTRICT, since=SINCE, by=giver, at=MONDAY)


def test_a_superuser_is_no_administrator_and_in_production_may_nothing(settings):
    root = User.objects.create_superuser("root")
    with pytest.raises(BadInput):
        give_mandate(root, Duty.READ_LEDGER, area="", **HOW)
    assert may(root, Duty.SURVEY, in_area=VILLAGE, at=MONDAY)
    settings.SUPERUSERS_MAY_ALL = False
    for duty in Duty:
        assert not may(root, duty, in_area=VILLAGE, at=MONDAY)


def test_accounts_are_kept_everywhere_or_not_at_all():
    with pytest.raises(BadInput):
        give_mandate(a_user(), Duty.KEEP_ACCOUNTS, area=VILLAGE, **HOW)


def test_an_ended_mandate_holds_no_moment_longer_also_on_its_first_day():
    for since in (SINCE, date(2018, 11, 5)):
        user = User.objects.create_user(f"user-{since}")
        mandate = give_mandate(user, Duty.LOOK, area=VILLAGE, since=since, by="test", at=MONDAY)
        end_mandate(mandate, by="test", at=MONDAY)
        assert not may(user, Duty.LOOK, in_area=VILLAGE, at=MONDAY)
    assert Entry.objects.filter(what="mandate.ended").count() == 2


def test_two_pairs_of_eyes_take_a_second_factor_away():
    user, keeper, giver = a_user(), _admin(Duty.KEEP_ACCOUNTS), _admin(Duty.GIVE_MANDATES)
    TOTP.activate(user, generate_totp_secret())
    reset = ask_factor_reset(user, by=keeper, at=MONDAY)
    assert Authenticator.objects.filter(user=user).count() == 1
    decide_factor_reset(reset, confirm=True, by=giver, at=MONDAY)
    assert not Authenticator.objects.filter(user=user).exists()
    with pytest.raises(BadInput):
        decide_factor_reset(reset, confirm=True, by=giver, at=MONDAY)
    told = Entry.objects.filter(what__startswith="factor_reset").order_by("pk").values_list("what", "by")
    assert list(told) == [
        ("factor_reset.asked", f"user:{keeper.pk}"), ("factor_reset.confirmed", f"user:{giver.pk}")
    ]  # fmt: skip


def test_declined_it_stays():
    user = a_user()
    TOTP.activate(user, generate_totp_secret())
    reset = ask_factor_reset(user, by="test", at=MONDAY)
    decide_factor_reset(reset, confirm=False, by=_admin(Duty.GIVE_MANDATES), at=MONDAY)
    assert Authenticator.objects.filter(user=user).count() == 1


def test_neither_who_asked_nor_whose_account_it_is_confirms():
    giver = _admin(Duty.GIVE_MANDATES)
    own = ask_factor_reset(giver, by="test", at=MONDAY)
    with pytest.raises(NotAllowed):
        decide_factor_reset(own, confirm=True, by=giver, at=MONDAY)
    with pytest.raises(NotAllowed):
        decide_factor_reset(own, confirm=True, by="test", at=MONDAY)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor past the action
        FactorReset.objects.filter(pk=own.pk).update(is_confirmed=True, decided_by="test", decided_at=MONDAY)


def test_a_new_password_leaves_the_second_factor():
    user = a_user()
    TOTP.activate(user, generate_totp_secret())
    reset_password(user, by=_admin(Duty.KEEP_ACCOUNTS), at=MONDAY)
    assert Authenticator.objects.filter(user=user).count() == 1


def test_nobody_ends_the_own_account():
    keeper = _admin(Duty.KEEP_ACCOUNTS)
    with pytest.raises(NotAllowed):
        close_account(keeper, by=keeper, at=MONDAY)


def test_they_are_counted():
    for duty in ADMINISTRATION:
        _admin(duty)
    assert administrators(at=MONDAY) == 3
