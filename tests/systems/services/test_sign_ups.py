"""Signing up, waiting, offers that expire: each state by its own test, and any order of deeds against a model."""

import os
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders import MONDAY
from tests.systems.governance.matters import a_village
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.models import Entry
from weiduan.systems.services.activities import changing
from weiduan.systems.services.activities.models import Activity, SignUp
from weiduan.systems.services.activities.rules import offer_until
from weiduan.systems.services.activities.signing_up import (
    Coming,
    Full,
    NotNow,
    SignedUpOtherwise,
    accept,
    destroy_keys_left_over,
    erase,
    erase_those_over,
    expire_offers,
    give_up,
    sign_up,
)
from weiduan.systems.services.messages.actions import deliver
from weiduan.systems.services.messages.models import Message

from .active import (
    BEGINS,
    DAY,
    HOUR,
    MAIL,
    NAME,
    a_plan,
    a_receipt,
    an_activity,
    check,
    signed_up,
    states,
)

pytestmark = pytest.mark.django_db
DEEDS = int(os.environ.get("WEIDUAN_DEEDS", "625"))
LATER = MONDAY + DAY + timedelta(minutes=1)  # than an offer of Monday lasts


def full(**said) -> Activity:
    """Two seated, three waiting."""
    a_village()
    activity = an_activity(**said)
    for n in range(5):
        signed_up(activity, n)
    return activity


def test_places_go_by_arrival_then_the_waiting_list_then_full():
    activity = full()
    assert states(activity) == ["seated", "seated", "waiting", "waiting", "waiting"]
    with pytest.raises(Full, match="2"):
        signed_up(activity, 5)
    assert check(activity).arrivals == 5


def test_sent_again_with_the_same_receipt_it_is_one_sign_up_and_for_another_activity_it_is_refused():
    a_village()
    activity, other = an_activity(), an_activity(title="合唱")
    assert signed_up(activity, 1).pk == signed_up(activity, 1).pk
    with pytest.raises(SignedUpOtherwise):
        signed_up(other, 1)
    assert check(activity).seats_taken == 1 and check(other).seats_taken == 0


def test_one_cant_sign_up_before_it_opens_after_the_end_or_when_it_is_cancelled():
    a_village()
    planned = an_activity(opens=False)
    with pytest.raises(NotNow):
        signed_up(planned, 1)
    early = an_activity(sign_up_until=MONDAY + DAY)
    signed_up(early, 2, at=MONDAY + DAY - HOUR)
    with pytest.raises(NotNow):
        signed_up(early, 3, at=MONDAY + DAY)
    changing.cancel(early.pk, "老师请假", by="test", at=MONDAY)
    with pytest.raises(NotNow):
        signed_up(early, 3)
    assert not SignUp.objects.filter(activity=planned).exists()


def test_a_place_given_up_is_offered_to_who_waits_first_and_is_theirs_when_accepted():
    activity = full()
    give_up(a_receipt(0), at=MONDAY)
    assert states(activity) == ["cancelled", "seated", "offered", "waiting", "waiting"]
    offered = SignUp.objects.get(activity=activity, number=3)
    assert offered.offer_until == MONDAY + DAY and check(activity).seats_taken == 2
    accept(a_receipt(2), at=MONDAY + DAY - HOUR)
    assert accept(a_receipt(2), at=MONDAY + DAY).state == "seated"  # said twice
    assert states(activity)[2] == "seated" and expire_offers(at=LATER) == 0


def test_nobody_passes_those_who_wait():
    activity = full(waiting_capacity=4)
    give_up(a_receipt(0), at=BEGINS - HOUR)  # too late to be offered
    assert states(activity)[2] == "waiting" and check(activity).seats_taken == 1
    assert signed_up(activity, 7, at=BEGINS - HOUR).state == "waiting"


def test_an_offer_declined_or_expired_goes_to_the_next():
    activity = full()
    give_up(a_receipt(0), at=MONDAY)
    give_up(a_receipt(2), at=MONDAY)
    assert states(activity) == ["cancelled", "seated", "cancelled", "offered", "waiting"]
    assert expire_offers(at=MONDAY + DAY - HOUR) == 0 and expire_offers(at=LATER) == 1 and expire_offers(at=LATER) == 0
    assert states(activity) == ["cancelled", "seated", "cancelled", "expired", "offered"]
    with pytest.raises(NotNow):
        accept(a_receipt(3), at=LATER)
    with pytest.raises(NotNow):
        give_up(a_receipt(3), at=LATER)
    check(activity)


def test_an_expired_offer_cant_be_taken_up_even_before_the_clock_came_by():
    full()
    give_up(a_receipt(0), at=MONDAY)
    with pytest.raises(NotNow):
        accept(a_receipt(2), at=MONDAY + DAY)
    with pytest.raises(NotNow):
        accept(a_receipt(3), at=MONDAY)  # still waits


@pytest.mark.parametrize(
    ("before", "lasts"), [(5 * DAY, DAY), (20 * HOUR, 19 * HOUR), (2 * HOUR, HOUR), (timedelta(minutes=119), None), (-HOUR, None)]
)  # fmt: skip
def test_an_offer_lasts_a_day_less_where_it_begins_sooner_and_none_is_made_shortly_before(before, lasts):
    until = offer_until(BEGINS - before, BEGINS)
    assert until == (None if lasts is None else BEGINS - before + lasts)


def test_more_places_are_offered_in_order_and_fewer_than_are_taken_are_refused():
    activity = full()
    changing.change(activity.pk, a_plan(capacity=4), by="test", at=MONDAY)
    assert states(activity) == ["seated", "seated", "offered", "offered", "waiting"]
    with pytest.raises(NotNow, match="4"):
        changing.change(activity.pk, a_plan(capacity=3), by="test", at=MONDAY)
    with pytest.raises(NotNow, match="1"):
        changing.change(activity.pk, a_plan(capacity=4, waiting_capacity=0), by="test", at=MONDAY)
    with pytest.raises(NotNow):
        changing.change(activity.pk, a_plan(capacity=None), by="test", at=MONDAY)
    assert check(activity).capacity == 4


def test_it_cant_be_given_up_once_it_has_begun():
    full()
    with pytest.raises(NotNow):
        give_up(a_receipt(0), at=BEGINS)


@pytest.mark.parametrize("receipt", ["receipt-of-nobody-at-all", ""])
def test_a_receipt_of_nobody_finds_nothing(receipt):
    full()
    for deed in (give_up, accept, erase):
        with pytest.raises(NotFound):
            deed(receipt, at=MONDAY)


def test_a_receipt_that_could_be_guessed_and_words_too_long_are_refused():
    a_village()
    activity = an_activity()
    with pytest.raises(BadInput):
        sign_up(activity.pk, Coming(), "1234", at=MONDAY)
    with pytest.raises(BadInput):
        signed_up(activity, 1, name="名" * 21)
    with pytest.raises(BadInput):
        signed_up(activity, 1, contact="1" * 101)


def test_the_database_itself_refuses_one_place_more_than_there_are():
    activity = full()
    for facts in ({"seats_taken": 3}, {"waiting": 4}, {"capacity": 1}, {"capacity": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Activity.objects.filter(pk=activity.pk).update(**facts)


def test_name_and_contact_are_sealed_told_by_message_and_in_no_ledger():
    a_village()
    activity = an_activity(capacity=1)
    signed_up(activity, 0)
    mine = signed_up(activity, 1, name=NAME, contact=MAIL)
    give_up(a_receipt(0), at=MONDAY)
    assert deliver(at=MONDAY) == {"sent": 2}
    assert [one.to for one in mail.outbox] == [[MAIL], [MAIL]]
    assert "剪纸体验课" in mail.outbox[1].body and NAME not in mail.outbox[1].body
    mine.refresh_from_db()
    assert open_for(mine.pk, mine.sealed_name) == NAME
    kept = (
        repr(list(Entry.objects.values())) + repr(list(Message.objects.values())) + repr(list(SignUp.objects.values()))
    )
    assert NAME not in kept and MAIL not in kept


def test_erased_at_once_on_wish_the_place_stays_and_messages_go_nowhere(django_capture_on_commit_callbacks):
    a_village()
    activity = an_activity(capacity=1)
    sealed = signed_up(activity, 1, name=NAME, contact=MAIL).sealed_contact
    with django_capture_on_commit_callbacks(execute=True):
        mine = erase(a_receipt(1), at=MONDAY)
    assert (bytes(mine.sealed_name), bytes(mine.sealed_contact), mine.state) == (b"", b"", "seated")
    assert open_for(mine.pk, sealed) is None
    assert deliver(at=MONDAY) == {"void": 1} and not mail.outbox


def test_thirty_days_after_it_names_and_contacts_are_erased_for_good(django_capture_on_commit_callbacks):
    a_village()
    activity = an_activity()
    mine = signed_up(activity, 1, name=NAME, contact=MAIL)
    over = BEGINS + 2 * HOUR + 30 * DAY
    assert erase_those_over(at=over - HOUR) == 0
    assert erase_those_over(at=over) == 1  # killed before the key went
    assert open_for(mine.pk, mine.sealed_contact) == MAIL
    assert destroy_keys_left_over(at=over) == 1 and open_for(mine.pk, mine.sealed_contact) is None
    assert erase_those_over(at=over) == 0


def test_whoever_is_turned_away_leaves_no_key_behind(settings):
    activity = full()
    before = {path.name for path in (settings.HOME / "case-keys").rglob("*")}
    with pytest.raises(Full):
        signed_up(activity, 9, name=NAME, contact=MAIL)
    assert {path.name for path in (settings.HOME / "case-keys").rglob("*")} == before


class AnyOrder(RuleBasedStateMachine):
    """Any order of deeds against a model that is a list of [receipt, state, offer's end] in order of arrival."""

    @initialize(capacity=st.integers(1, 3), waiting=st.integers(0, 3))
    def begin(self, capacity, waiting):
        SignUp.objects.all().delete()
        self.activity = an_activity(capacity=capacity, waiting_capacity=waiting)
        self.capacity, self.waiting, self.now = capacity, waiting, MONDAY
        self.rows: list[list] = []

    def counted(self, *wanted: str) -> int:
        return sum(row[1] in wanted for row in self.rows)

    def follow(self) -> None:
        """Offer what is free in order, as the model sees it."""
        until = offer_until(self.now, BEGINS)
        for row in self.rows:
            free = self.counted("seated", "offered") < self.capacity
            if until is not None and free and row[1] == "waiting":
                row[1], row[2] = "offered", until

    def tried(self, deed, *arguments, **options) -> bool:
        try:
            deed(*arguments, at=self.now, **options)
        except Refused:
            return False
        return True

    @rule(n=st.integers(0, 7))
    def come(self, n):
        is_there = any(row[0] == n for row in self.rows)
        taken, waiting = self.counted("seated", "offered"), self.counted("waiting")
        state = "seated" if taken < self.capacity and not waiting else "waiting" if waiting < self.waiting else None
        is_open = self.now < BEGINS
        done = self.tried(sign_up, self.activity.pk, Coming(), a_receipt(n))
        assert done == (is_there or (is_open and state is not None))
        if done and not is_there:
            self.rows.append([n, state, None])

    @rule(n=st.integers(0, 7))
    def leave(self, n):
        row = next((row for row in self.rows if row[0] == n), None)
        done = self.tried(give_up, a_receipt(n))
        may = row is not None and row[1] != "expired" and (row[1] == "cancelled" or self.now < BEGINS)
        assert done == may
        if done and row[1] != "cancelled":
            row[1], row[2] = "cancelled", None
            self.follow()

    @rule(n=st.integers(0, 7))
    def take(self, n):
        row = next((row for row in self.rows if row[0] == n), None)
        done = self.tried(accept, a_receipt(n))
        may = row is not None and (row[1] == "seated" or (row[1] == "offered" and self.now < row[2]))
        assert done == may
        if done:
            row[1], row[2] = "seated", None

    @rule(hours=st.sampled_from([1, 13, 25]))
    def tick(self, hours):
        self.now += hours * HOUR
        late = [row for row in self.rows if row[1] == "offered" and row[2] <= self.now]
        assert expire_offers(at=self.now) == len(late)
        for row in late:
            row[1], row[2] = "expired", None
        if late:
            self.follow()

    @precondition(lambda self: self.now < BEGINS)
    @rule(more=st.integers(-1, 2))
    def resize(self, more):
        wanted = a_plan(capacity=max(self.capacity + more, 1), waiting_capacity=self.waiting)
        done = self.tried(changing.change, self.activity.pk, wanted, by="test")
        assert done == (wanted.capacity >= self.counted("seated", "offered"))
        if done:
            self.capacity = wanted.capacity
            self.follow()

    @invariant()
    def holds(self):
        if hasattr(self, "activity"):
            check(self.activity)
            assert states(self.activity) == [row[1] for row in self.rows]


def test_in_no_order_of_deeds_are_there_more_than_places_and_counters_are_what_the_rows_say():
    a_village()
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=max(1, DEEDS // 25), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )  # fmt: skip
