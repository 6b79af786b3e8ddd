"""Five hundred at once: never one place more than there is, nobody twice, each place given up offered once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests.builders import MONDAY
from tests.parallel import at_once
from tests.systems.governance.matters import a_village
from weiduan.ground.base.errors import Refused
from weiduan.systems.services.activities.models import SignUp
from weiduan.systems.services.activities.signing_up import Coming, Full, expire_offers, give_up, sign_up

from .active import DAY, a_receipt, an_activity, check, signed_up, states

pytestmark = pytest.mark.django_db(transaction=True)


def pooled(deed: Any, tries: int, workers: int) -> list[Any]:
    """Do a deed so many times over a few connections, one a worker; return what each gave."""
    jobs = iter(range(tries))
    given: dict[int, Any] = {}

    def work(_worker: int) -> None:
        try:
            for number in jobs:  # one iterator, drawn from by all
                try:
                    given[number] = deed(number)
                except Refused as refusal:
                    given[number] = refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    return [given[number] for number in range(tries)]


def test_five_hundred_at_once_for_thirty_places_and_fifty_that_wait():
    a_village()
    activity = an_activity(capacity=30, waiting_capacity=50)

    given = pooled(lambda n: sign_up(activity.pk, Coming(), a_receipt(n), at=MONDAY), 500, 40)

    assert sum(isinstance(one, Full) for one in given) == 420
    assert sum(isinstance(one, SignUp) for one in given) == 80
    assert states(activity) == ["seated"] * 30 + ["waiting"] * 50
    told = {one.number: one.state for one in given if isinstance(one, SignUp)}
    assert [told[n] for n in range(1, 81)] == states(activity)
    after = check(activity)
    assert (after.seats_taken, after.waiting, after.arrivals) == (30, 50, 80)


def test_the_same_form_sent_twenty_times_at_once_is_one_sign_up():
    a_village()
    activity = an_activity(capacity=30)
    given = at_once(lambda _n: sign_up(activity.pk, Coming("小明"), a_receipt(1), at=MONDAY), 20)
    assert len({one.pk for one in given}) == 1 and check(activity).seats_taken == 1


def test_a_place_given_up_twenty_times_at_once_is_offered_once():
    a_village()
    activity = an_activity(capacity=2, waiting_capacity=3)
    for n in range(5):
        signed_up(activity, n)
    at_once(lambda _n: give_up(a_receipt(0), at=MONDAY), 20)
    assert states(activity) == ["cancelled", "seated", "offered", "waiting", "waiting"]
    check(activity)


def test_an_offer_that_expires_while_the_clock_ticks_twenty_times_goes_to_the_next_once():
    a_village()
    activity = an_activity(capacity=2, waiting_capacity=3)
    for n in range(5):
        signed_up(activity, n)
    give_up(a_receipt(0), at=MONDAY)
    later = MONDAY + DAY + timedelta(minutes=1)
    given = at_once(lambda n: expire_offers(at=later) if n % 2 else give_up(a_receipt(4), at=later), 20)
    assert sum(one for one in given if isinstance(one, int)) == 1
    assert states(activity) == ["cancelled", "seated", "expired", "offered", "cancelled"]
    check(activity)
