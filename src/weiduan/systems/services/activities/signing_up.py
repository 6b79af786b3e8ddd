"""Sign up for an activity, and what the receipt may do: nobody gets a place that isn't there, and whoever waits follows in order.

Every deed locks the activity first, so there is one order of arrival. A place given up is offered to whoever waits first; meanwhile it
counts as taken.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.casekeys import Key, destroy_key, seal_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.holds.actions import waits
from weiduan.ground.holds.queries import held_cases
from weiduan.ground.ledger.actions import record, written_at_the_end
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_of
from weiduan.systems.services.messages.actions import note
from weiduan.systems.services.messages.rules import What

from .models import Activity, SignUp
from .rules import CONTACT_KEPT, LONGEST_CONTACT, LONGEST_NAME, PlaceState, State, offer_until

CLOCK = "clock"


class Full(Refused):
    """Neither a place nor room on the waiting list is left."""


class NotNow(Refused):
    """The activity or the sign-up isn't in a state that allows this."""


class SignedUpOtherwise(Refused):
    """The same receipt stands for a sign-up to another activity."""


@dataclass(frozen=True)
class Coming:
    """What somebody leaves who signs up; all of it is optional."""

    name: str = ""  # a nickname will do
    contact: str = ""


def sign_up(activity: UUID, coming: Coming, receipt: str, *, at: datetime) -> SignUp:
    """Sign up: for a place while there is one and nobody waits, else for the waiting list; with the same receipt there is one sign-up.

    receipt  random, at least 128 bit; whoever holds it may cancel and accept

    :raises NotFound: there is no such activity
    :raises NotNow: one can't sign up, not yet or no longer
    :raises Full: no place is left, and the waiting list is full
    :raises BadInput: a name or contact that is too long, or a receipt that could be guessed
    :raises SignedUpOtherwise: the receipt stands for another activity
    """
    check_receipt(receipt)
    if len(coming.name.strip()) > LONGEST_NAME or len(coming.contact.strip()) > LONGEST_CONTACT:
        raise BadInput(
            _("Write a name of at most %(name)s characters and one telephone number or address of at most %(contact)s."),
            name=LONGEST_NAME, contact=LONGEST_CONTACT,
        )  # fmt: skip
    case = uuid4()
    try:
        return _signed_up(activity, case, coming, receipt_hash(receipt), at)
    except (
        IntegrityError,
        Refused,
    ) as error:  # the database has said that nothing is kept, so nothing is sealed either
        destroy_key(case)
        if isinstance(error, Refused):
            raise
        raise SignedUpOtherwise(_OTHERWISE) from error


_OTHERWISE = _("This form was sent before for another activity. Open it anew and sign up again.")


@transaction.atomic
def _signed_up(key: UUID, case: UUID, coming: Coming, hashed: bytes, at: datetime) -> SignUp:
    activity = locked(key)
    before = SignUp.objects.filter(receipt_hash=hashed).first()
    if before is not None:
        if before.activity_id != activity.pk:
            raise SignedUpOtherwise(_OTHERWISE)
        return before
    _check_open(activity, at)
    state = _place_for_one_more(activity)
    activity.arrivals += 1
    made = SignUp(pk=case, activity=activity, number=activity.arrivals, receipt_hash=hashed, state=state.value, at=at)
    name, contact = coming.name.strip(), coming.contact.strip()
    made.sealed_name = seal_for(case, name) if name else b""
    made.sealed_contact = seal_for(case, contact) if contact else b""
    made.save(force_insert=True)
    if state is PlaceState.SEATED:
        activity.seats_taken += 1
    else:
        activity.waiting += 1
    activity.save(update_fields=["arrivals", "seats_taken", "waiting"])
    note(made.pk, made.sealed_contact, What.SEATED if state is PlaceState.SEATED else What.WAITING, activity.title, at)
    recorded("made", made, RESIDENT, at)
    return made


def locked(key: UUID) -> Activity:
    """Lock an activity: what is done in it is done one after the other.

    :raises NotFound: there is none
    """
    found = Activity.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such activity. Look for it in the list of your area."))
    return found


def _check_open(activity: Activity, at: datetime) -> None:
    if activity.state == State.CANCELLED.value:
        raise NotNow(_("This activity is cancelled."))
    if activity.state != State.OPEN.value or activity.sign_up_until is None:
        raise NotNow(_("One can't sign up for this activity now."))
    if at >= activity.sign_up_until:
        raise NotNow(_("Signing up has ended. Whether there is room for who comes without, the host can say."))


def _place_for_one_more(activity: Activity) -> PlaceState:
    """Return what whoever comes now gets; nobody passes those who wait."""
    assert activity.capacity is not None
    if activity.seats_taken < activity.capacity and not activity.waiting:
        return PlaceState.SEATED
    if activity.waiting < activity.waiting_capacity:
        return PlaceState.WAITING
    raise Full(
        _("All %(seats)s places are taken, and no more can wait. You are not signed up. Look again later: a place may become free."),
        seats=activity.capacity,
    )  # fmt: skip


@transaction.atomic
@written_at_the_end()
def give_up(receipt: str, *, at: datetime) -> SignUp:
    """Give up a place, an offer or the wait, whichever one has; said twice it is done once. The first who waits is asked next.

    :raises NotFound: no sign-up has this receipt
    :raises NotNow: the offer had expired, or the activity has begun
    """
    mine, activity = _held(receipt)
    if mine.state == PlaceState.CANCELLED.value:
        return mine
    if mine.state == PlaceState.EXPIRED.value:
        raise NotNow(_("The offer has expired, so there is nothing to give up any more."))
    if at >= activity.starts_at:
        raise NotNow(_("It has begun, or is over. There is nothing to cancel any more."))
    _left(mine, activity, PlaceState.CANCELLED)
    recorded("cancelled", mine, RESIDENT, at)
    offer_free(activity, at)
    return mine


@transaction.atomic
def accept(receipt: str, *, at: datetime) -> SignUp:
    """Take up the place that is offered; said twice it is done once.

    :raises NotFound: no sign-up has this receipt
    :raises NotNow: none is offered, or the offer has expired, or the activity is cancelled
    """
    mine, activity = _held(receipt)
    if mine.state == PlaceState.SEATED.value:
        return mine
    if mine.state != PlaceState.OFFERED.value:
        raise NotNow(_("No place is kept for you now."))
    if activity.state != State.OPEN.value:
        raise NotNow(_("This activity is cancelled."))
    if mine.offer_until is None or at >= mine.offer_until:
        raise NotNow(_("The offer has expired; the place goes to the next who waits."))
    mine.state, mine.offer_until = PlaceState.SEATED.value, None
    mine.save(update_fields=["state", "offer_until"])
    recorded("accepted", mine, RESIDENT, at)
    return mine


def expire_offers(*, at: datetime) -> int:
    """End offers nobody took up and offer the places to the next; return how many ended. For the clock; several may run at once."""
    due = SignUp.objects.filter(state=PlaceState.OFFERED.value, offer_until__lte=at, activity__state=State.OPEN.value)
    return sum(_expired_in(key, at) for key in sorted(set(due.values_list("activity", flat=True))))


@transaction.atomic
@written_at_the_end()
def _expired_in(key: UUID, at: datetime) -> int:
    activity = locked(key)
    late = SignUp.objects.filter(activity=activity, state=PlaceState.OFFERED.value, offer_until__lte=at)
    ended = list(late.order_by("number")) if activity.state == State.OPEN.value else []
    for one in ended:
        _left(one, activity, PlaceState.EXPIRED)
        note(one.pk, one.sealed_contact, What.EXPIRED, activity.title, at)
        recorded("expired", one, CLOCK, at)
    offer_free(activity, at)
    return len(ended)


def offer_free(activity: Activity, at: datetime) -> int:
    """Offer the free places of a locked activity to those who wait, in order; return how many.

    Shortly before it begins none is offered: who waits may come to the door (`rules.offer_until`).
    """
    until = offer_until(at, activity.starts_at)
    if activity.state != State.OPEN.value or activity.capacity is None or until is None:
        return 0
    free = min(activity.capacity - activity.seats_taken, activity.waiting)
    if free <= 0:
        return 0
    next_ = SignUp.objects.filter(activity=activity, state=PlaceState.WAITING.value).order_by("number")[:free]
    offered = list(next_)
    for one in offered:
        one.state, one.offer_until = PlaceState.OFFERED.value, until
        one.save(update_fields=["state", "offer_until"])
        note(one.pk, one.sealed_contact, What.OFFERED, activity.title, at)
        recorded("offered", one, CLOCK, at)
    activity.waiting -= len(offered)
    activity.seats_taken += len(offered)
    activity.save(update_fields=["waiting", "seats_taken"])
    return len(offered)


def _held(receipt: str) -> tuple[SignUp, Activity]:
    """Return the sign-up of a receipt, with its activity locked."""
    found = SignUp.objects.filter(receipt_hash=receipt_hash(receipt)).values_list("pk", "activity").first()
    if found is None:
        raise NotFound(_("No sign-up has this receipt. Check that the whole address was copied."))
    activity = locked(found[1])
    return SignUp.objects.get(pk=found[0]), activity


def _left(mine: SignUp, activity: Activity, state: PlaceState) -> None:
    """Take a sign-up out of a locked activity: its seat, or its wait, is free."""
    if mine.state == PlaceState.WAITING.value:
        activity.waiting -= 1
    else:
        activity.seats_taken -= 1
    activity.save(update_fields=["waiting", "seats_taken"])
    mine.state, mine.offer_until = state.value, None
    mine.save(update_fields=["state", "offer_until"])


@transaction.atomic
def erase(receipt: str, *, at: datetime) -> SignUp:
    """Erase name and contact at once by destroying their key; the place stays. Held, it is done when the hold ends.

    :raises NotFound: no sign-up has this receipt
    """
    mine, _activity = _held(receipt)
    held = waits(mine.pk, mine._meta.label_lower, at=at)
    if not held and (mine.sealed_name or mine.sealed_contact):
        _forgotten(mine, RESIDENT, at)
    return mine


@transaction.atomic
@written_at_the_end()
def erase_those_over(*, at: datetime) -> int:
    """Erase names and contacts thirty days after the activity; return of how many sign-ups. For the clock."""
    left = SignUp.objects.exclude(sealed_name=b"", sealed_contact=b"").exclude(pk__in=held_cases(at))
    over = list(left.select_for_update().filter(activity__ends_at__lte=at - CONTACT_KEPT).order_by("pk"))
    for one in over:
        _forgotten(one, CLOCK, at)
    return len(over)


def destroy_keys_left_over(*, at: datetime) -> int:
    """Destroy keys of what was erased and are still there, because the machine stopped just then; return how many."""
    lately = at - CONTACT_KEPT - timedelta(days=30)
    erased = SignUp.objects.filter(activity__ends_at__gte=lately, sealed_name=b"", sealed_contact=b"")
    return sum(destroy_key(key) for key in erased.values_list("pk", flat=True).iterator())


@transaction.atomic
def erase_again(case: UUID, _key: Key, *, at: datetime) -> bool:
    """Erase name and contact that a restored backup brought back; tell whether there is such a sign-up."""
    one = SignUp.objects.select_related("activity").select_for_update(of=("self",)).filter(pk=case).first()
    if one is None:
        return False
    _forgotten(one, CLOCK, at)
    return True


def _forgotten(one: SignUp, by: str, at: datetime) -> None:
    one.sealed_name = one.sealed_contact = b""
    one.save(update_fields=["sealed_name", "sealed_contact"])
    transaction.on_commit(partial(destroy_key, one.pk))
    recorded("erased", one, by, at)


def recorded(what: str, one: SignUp, by: object, at: datetime, **told: object) -> None:
    """Write down that a sign-up moved, never whose it is."""
    code = area_of(one.activity.area_id, on=local_day(at)).code
    after = {"state": one.state, "number": one.number, **told}
    record(what=f"sign_up.{what}", about=one, by=by, at=at, area=code, after=after)
