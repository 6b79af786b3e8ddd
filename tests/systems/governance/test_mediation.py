"""A quarrel between two parties: its words are for the mediator and the receipt alone, and a year later for nobody."""

import json
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection

from tests.builders import MONDAY, OTHER_VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.models import Mandate, User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, open_for
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.governance.mediation import actions
from weiduan.systems.governance.mediation.actions import Asking, NotNow, Sitting, ask, forget_mediations
from weiduan.systems.governance.mediation.models import Mediation, Session
from weiduan.systems.governance.mediation.queries import (
    counts_in,
    mediation_by_receipt,
    mediations_known_to,
    seen_by,
    sessions_of,
)
from weiduan.systems.governance.mediation.rules import KEPT, NEXT, State

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
RECEIPT = "receipt-of-who-asked-for-it"
PARTIES, MATTER, SAID, AGREED = "MARKER-PARTIES", "MARKER-MATTER", "MARKER-SESSION", "MARKER-AGREEMENT"
TODAY = local_day(MONDAY)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def asked(receipt: str = RECEIPT) -> Mediation:
    return ask(UNIT, Asking(PARTIES, MATTER), receipt, at=MONDAY)


def taken() -> tuple[Mediation, User]:
    by = a_keeper()
    return actions.take(asked().pk, by=by, at=MONDAY), by


def agreed() -> tuple[Mediation, User]:
    mediation, by = taken()
    session = actions.hold_session(mediation.pk, Sitting(MONDAY, "调解室"), by=by, at=MONDAY)
    actions.note_session(mediation.pk, session.pk, SAID, by=by, at=MONDAY)
    return actions.agree(mediation.pk, AGREED, follow_up_on=TODAY + 30 * DAY, by=by, at=MONDAY), by


def dump() -> str:
    """Return all that lies in the tables of mediations and in the ledger, as text."""
    with connection.cursor() as cursor:
        tables = (Mediation._meta.db_table, Session._meta.db_table, Entry._meta.db_table)
        found = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            found += [bytes(v) if isinstance(v, memoryview) else v for row in cursor.fetchall() for v in row]
    return "\n".join(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in found)


def test_asked_twice_or_twenty_times_at_once_with_one_receipt_it_is_there_once():
    a_village()
    answers = at_once(lambda _n: asked(), 20)
    assert {answer.pk for answer in answers} == {Mediation.objects.get().pk}
    assert Entry.objects.filter(what="mediation.asked").count() == 1 and list(breaks()) == []
    for bad in (Asking("", "x"), Asking("x", " "), Asking("x" * 201, "x"), Asking("x", "x" * 4001)):
        with pytest.raises(BadInput):
            ask(UNIT, bad, "another-receipt-of-somebody", at=MONDAY)
    with pytest.raises(BadInput):
        ask(UNIT, Asking("x", "x"), "short", at=MONDAY)


def test_before_it_is_taken_keepers_see_the_matter_then_only_the_mediator():
    a_village()
    mediation, first, second = asked(), a_keeper(), a_keeper()
    for keeper in (first, second):
        seen = seen_by(keeper, mediation.pk, at=MONDAY)
        assert seen.matter == MATTER and seen.mediation is None and seen.may_take
    actions.take(mediation.pk, by=first, at=MONDAY)
    own, other = seen_by(first, mediation.pk, at=MONDAY), seen_by(second, mediation.pk, at=MONDAY)
    assert own.mediation is not None and own.mediation.parties == PARTIES
    assert (other.matter, other.mediation, other.may_take) == (
        "",
        None,
        False,
    ) and other.listed.number == mediation.number
    chief = User.objects.create(username="chief", is_superuser=True)
    assert seen_by(chief, mediation.pk, at=MONDAY).mediation is None
    for stranger in (a_keeper(OTHER_VILLAGE), a_user(Duty.LOOK, area=UNIT)):
        assert list(mediations_known_to(stranger, at=MONDAY)) == []
        with pytest.raises(NotFound):
            seen_by(stranger, mediation.pk, at=MONDAY)
    with pytest.raises(NotNow):
        actions.take(mediation.pk, by=second, at=MONDAY)
    with pytest.raises(NotAllowed):
        actions.take(asked("receipt-of-another-quarrel").pk, by=a_user(Duty.LOOK, area=UNIT), at=MONDAY)


def test_taken_by_ten_at_once_one_leads_it():
    a_village()
    mediation, keepers = asked(), [a_keeper() for _n in range(10)]
    answers = at_once(lambda n: actions.take(mediation.pk, by=keepers[n], at=MONDAY), 10)
    assert sum(isinstance(answer, Mediation) for answer in answers) == 1
    assert Entry.objects.filter(what="mediation.taken").count() == 1


def test_handed_on_only_the_other_sees_it_and_a_mediator_without_the_duty_sees_nothing():
    a_village()
    mediation, first = taken()
    second = a_keeper()
    for wrong in (first, a_user(Duty.LOOK, area=UNIT), a_keeper(OTHER_VILLAGE)):
        with pytest.raises(BadInput):
            actions.hand_on(mediation.pk, wrong, by=first, at=MONDAY)
    actions.hand_on(mediation.pk, second, by=first, at=MONDAY)
    assert seen_by(first, mediation.pk, at=MONDAY).mediation is None
    assert seen_by(second, mediation.pk, at=MONDAY).mediation is not None
    with pytest.raises(NotFound):
        actions.agree(mediation.pk, "x", follow_up_on=TODAY, by=first, at=MONDAY)
    Mandate.objects.filter(user=second).update(until=TODAY)
    with pytest.raises(NotFound):
        actions.agree(mediation.pk, "x", follow_up_on=TODAY, by=second, at=MONDAY)
    assert seen_by(first, mediation.pk, at=MONDAY).may_take
    assert actions.take(mediation.pk, by=first, at=MONDAY).mediator == first


DEEDS = {
    State.TAKEN: lambda one, by: actions.take(one.pk, by=by, at=MONDAY),
    State.AGREED: lambda one, by: actions.agree(one.pk, AGREED, follow_up_on=TODAY, by=by, at=MONDAY),
    State.NOT_AGREED: lambda one, by: actions.not_agreed(one.pk, "可向人民法院起诉", by=by, at=MONDAY),
    State.WITHDRAWN: lambda one, by: actions.withdraw(RECEIPT, at=MONDAY),
}


@pytest.mark.parametrize(("before", "after"), list(product(State, DEEDS)))
def test_each_state_leads_only_where_it_may(before, after):
    a_village()
    mediation, by = asked(), a_keeper()
    if before is not State.ASKED:
        if before is not State.WITHDRAWN:
            actions.take(mediation.pk, by=by, at=MONDAY)
        if before is not State.TAKEN:
            DEEDS[before](mediation, by)
    if after in NEXT[before]:
        assert DEEDS[after](mediation, by).state == after.value
    elif before is after is State.WITHDRAWN:
        assert DEEDS[after](mediation, by).state == after.value  # said twice
    else:
        with pytest.raises(Refused):
            DEEDS[after](mediation, by)
        mediation.refresh_from_db()
        assert mediation.state == before.value


def test_the_receipt_shows_the_sessions_and_the_agreement():
    a_village()
    agreed()
    seen = mediation_by_receipt(RECEIPT)
    assert seen.agreement == AGREED and [s.place for s in sessions_of(seen)] == ["调解室"]
    with pytest.raises(NotFound):
        mediation_by_receipt("no-such-receipt-anywhere-1")
    mediation, by = Mediation.objects.get(), Mediation.objects.get().mediator
    assert by is not None
    for wrong in (
        lambda: actions.hold_session(mediation.pk, Sitting(MONDAY, "调解室"), by=by, at=MONDAY),
        lambda: actions.note_session(mediation.pk, Session.objects.get().pk, "x", by=by, at=MONDAY),
        lambda: actions.hand_on(mediation.pk, a_keeper(), by=by, at=MONDAY),
    ):
        with pytest.raises(NotNow):
            wrong()


def test_a_follow_up_is_written_down_once_between_the_agreement_and_today():
    a_village()
    mediation, by = agreed()
    later = MONDAY + 30 * DAY
    for on in (TODAY - DAY, TODAY + 31 * DAY):
        with pytest.raises(BadInput):
            actions.follow_up(mediation.pk, was_kept=True, on=on, by=by, at=later)
    actions.follow_up(mediation.pk, was_kept=True, on=TODAY + 30 * DAY, by=by, at=later)
    with pytest.raises(NotNow):
        actions.follow_up(mediation.pk, was_kept=False, on=TODAY + 30 * DAY, by=by, at=later)
    counts = counts_in([UNIT], at=later)
    assert (counts.open, counts.agreed, counts.kept) == (0, 1, 1)


def test_no_marker_lies_in_the_database_or_the_ledger_while_it_is_kept():
    a_village()
    agreed()
    assert "MARKER" not in dump() and RECEIPT not in dump()
    written = json.dumps([[e.what, e.by, e.before, e.after] for e in Entry.objects.all()], default=str)
    assert "MARKER" not in written


@pytest.mark.parametrize("is_followed_up", [True, False])
def test_a_year_after_the_follow_up_the_words_are_gone_and_both_keys_destroyed(is_followed_up):
    a_village()
    mediation, by = agreed()
    seen_on = MONDAY + 40 * DAY if is_followed_up else MONDAY + 30 * DAY
    if is_followed_up:
        actions.follow_up(mediation.pk, was_kept=True, on=local_day(seen_on), by=by, at=seen_on)
    before = Mediation.objects.get()
    sealed = {Key.PERSON: bytes(before.sealed_parties), Key.WORDS: bytes(before.sealed_agreement)}
    assert forget_mediations(at=seen_on + KEPT - DAY) == 0
    assert forget_mediations(at=seen_on + KEPT) == 1 and forget_mediations(at=seen_on + KEPT) == 0
    after = Mediation.objects.get()
    assert (after.parties, after.matter, after.agreement) == ("", "", "") and not Session.objects.exists()
    assert all(open_for(after.pk, content, key) is None for key, content in sealed.items())
    assert after.state == "agreed" and counts_in([UNIT], at=seen_on + KEPT).agreed == 1
    with pytest.raises(NotNow):
        actions.agree(after.pk, "again", follow_up_on=local_day(seen_on + KEPT), by=by, at=seen_on + KEPT)
    assert actions.destroy_keys_left_over(at=seen_on + KEPT) == 0  # nothing made them anew


@pytest.mark.parametrize("end", [State.NOT_AGREED, State.WITHDRAWN])
def test_without_an_agreement_the_year_runs_from_the_end(end):
    a_village()
    mediation, by = taken()
    DEEDS[end](mediation, by)
    assert forget_mediations(at=MONDAY + KEPT - DAY) == 0 and forget_mediations(at=MONDAY + KEPT) == 1
    asked("receipt-of-one-still-open-1")
    assert forget_mediations(at=MONDAY + 5 * KEPT) == 0  # what hasn't ended stays
