"""Wishes: looked at before they are public, taken up by exactly one, contacts sealed and gone after."""

from datetime import timedelta
from itertools import product

import pytest

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE
from tests.parallel import at_once
from tests.systems.governance.matters import UNIT, a_village
from tests.systems.services.asking import a_keeper
from weiduan.ground.base.casekeys import Key, open_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.services.wishes import actions
from weiduan.systems.services.wishes.models import Wish
from weiduan.systems.services.wishes.queries import contacts_of, public_wish, wish_by_receipt, wishes_in
from weiduan.systems.services.wishes.rules import NEXT, State

pytestmark = pytest.mark.django_db
OWN, CLAIM = "receipt-of-whoever-wishes", "receipt-of-whoever-claims"
TEXT = "想给孙子借一套三年级的课外书"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


@pytest.fixture
def committed(monkeypatch):
    """What follows a commit follows at once: the test's own transaction never commits."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda deed, **_more: deed())


def told(contact: str = "13800000001") -> Wish:
    return actions.tell_wish(UNIT, TEXT, contact, OWN, at=MONDAY)


def opened() -> Wish:
    return actions.make_public(told().pk, TEXT, by="test", at=MONDAY)


def claimed(at=MONDAY) -> Wish:
    return actions.claim(opened().pk, "区第一小学", "028-83600001", CLAIM, at=at)


def test_from_being_told_to_being_thanked_for():
    wish = told()
    assert not wishes_in(VILLAGE, at=MONDAY).exists()
    with pytest.raises(NotFound):
        public_wish(wish.pk)
    actions.make_public(wish.pk, "想借一套三年级的课外书", by=a_keeper(), at=MONDAY)
    assert [one.text for one in wishes_in(VILLAGE, at=MONDAY)] == ["想借一套三年级的课外书"]

    actions.claim(wish.pk, "区第一小学", "028-83600001", CLAIM, at=MONDAY)
    wish.refresh_from_db()
    assert contacts_of(wish) == ("13800000001", "028-83600001")
    actions.fulfil(CLAIM, at=MONDAY)
    actions.thank(OWN, "谢谢老师！", at=MONDAY)

    shown = public_wish(wish.pk)
    assert (shown.state, shown.claimed_by, shown.thanks) == ("thanked", "区第一小学", "谢谢老师！")
    assert wish_by_receipt(OWN).is_own and not wish_by_receipt(CLAIM).is_own
    entries = str(list(Entry.objects.values()))
    assert not any(each in entries for each in (TEXT, "13800000001", "83600001", "谢谢", "第一小学"))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_take_a_wish_up_at_once_one_does_and_the_others_leave_nothing():
    wish = opened()

    tries = at_once(
        lambda n: actions.claim(wish.pk, f"队{n}", f"1380000{n:04d}", f"receipt-of-a-claimer-{n:04d}", at=MONDAY), 20
    )

    assert [isinstance(each, Wish) for each in tries].count(True) == 1
    winner = next(n for n, each in enumerate(tries) if isinstance(each, Wish))
    wish.refresh_from_db()
    assert (wish.claimed_by, contacts_of(wish)[1]) == (f"队{winner}", f"1380000{winner:04d}")


def put_in(state: State) -> Wish:
    wish = told()
    path = {
        State.TOLD: (), State.OPEN: ("open",), State.CLAIMED: ("open", "claim"), State.FULFILLED: ("open", "claim", "fulfil"),
        State.THANKED: ("open", "claim", "fulfil", "thank"), State.DECLINED: ("decline",), State.WITHDRAWN: ("withdraw",),
    }[state]  # fmt: skip
    for step in path:
        DEEDS[step](wish)
    wish.refresh_from_db()
    return wish


DEEDS = {
    "open": lambda wish: actions.make_public(wish.pk, TEXT, by="test", at=MONDAY),
    "decline": lambda wish: actions.decline(wish.pk, "内容涉及他人", by="test", at=MONDAY),
    "claim": lambda wish: actions.claim(wish.pk, "队", "1", CLAIM, at=MONDAY),
    "give_back": lambda _wish: actions.give_back(CLAIM, at=MONDAY),
    "fulfil": lambda wish: actions.note_fulfilled(wish.pk, by="test", at=MONDAY),
    "thank": lambda _wish: actions.thank(OWN, "谢谢", at=MONDAY),
    "withdraw": lambda _wish: actions.withdraw(OWN, at=MONDAY),
}
LEADS_TO = {
    "open": State.OPEN, "decline": State.DECLINED, "claim": State.CLAIMED, "give_back": State.OPEN, "fulfil": State.FULFILLED,
    "thank": State.THANKED, "withdraw": State.WITHDRAWN,
}  # fmt: skip


@pytest.mark.parametrize(("state", "deed"), list(product(State, DEEDS)))
def test_each_deed_in_each_state_does_what_the_law_allows_and_nothing_else(state, deed):
    wish = put_in(state)
    allowed = LEADS_TO[deed] in NEXT[state] and not (deed == "open" and state is State.CLAIMED)
    if deed == "give_back":
        allowed = state is State.CLAIMED
    again = deed == "claim" and state in (
        State.CLAIMED,
        State.FULFILLED,
        State.THANKED,
    )  # the same receipt: it stays so

    if allowed or again:
        DEEDS[deed](wish)
    else:
        with pytest.raises((actions.NotNow, NotFound)):
            DEEDS[deed](wish)

    wish.refresh_from_db()
    assert wish.state == (LEADS_TO[deed] if allowed else state).value


def test_a_wish_nobody_fulfils_for_a_month_is_open_to_others_again(committed):
    wish = claimed()
    sealed = bytes(Wish.objects.get().sealed_claim_contact)
    assert actions.give_back_those_late(at=MONDAY + 29 * DAY) == 0
    assert actions.give_back_those_late(at=MONDAY + 30 * DAY) == 1

    wish.refresh_from_db()
    assert (wish.state, wish.claimed_by, contacts_of(wish)) == ("open", "", ("13800000001", ""))
    assert open_for(wish.pk, sealed, Key.WORDS) is None  # in a backup neither
    actions.claim(wish.pk, "另一支队", "1", "receipt-of-another-claimer", at=MONDAY + 31 * DAY)


def test_both_contacts_go_thirty_days_after_it_ended_or_at_once_on_wish(committed):
    wish = claimed()
    actions.fulfil(CLAIM, at=MONDAY)
    before = Wish.objects.get()
    assert actions.erase_those_over(at=MONDAY + 29 * DAY) == 0
    actions.erase_contact(CLAIM, at=MONDAY)
    wish.refresh_from_db()
    assert contacts_of(wish) == ("13800000001", "")

    assert actions.erase_those_over(at=MONDAY + 30 * DAY) == 1
    wish.refresh_from_db()
    assert contacts_of(wish) == ("", "") and actions.erase_those_over(at=MONDAY + 60 * DAY) == 0
    assert open_for(wish.pk, before.sealed_contact) is None


def test_others_decide_nothing_and_what_cant_be_is_refused():
    wish = told()
    with pytest.raises(NotFound):
        actions.make_public(wish.pk, TEXT, by=a_keeper(OTHER_VILLAGE), at=MONDAY)
    for text in ("", " ", "长" * 201):
        with pytest.raises(BadInput):
            actions.tell_wish(UNIT, text, "", "another-receipt-of-a-wish", at=MONDAY)
    with pytest.raises(BadInput):
        actions.decline(wish.pk, " ", by="test", at=MONDAY)
    with pytest.raises(BadInput):
        actions.tell_wish(UNIT, TEXT, "", "short", at=MONDAY)
    assert told() == wish and Wish.objects.count() == 1  # the same receipt: the same wish
