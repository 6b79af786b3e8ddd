"""Mediations: the whole of one for its mediator and for the receipt, that there is one for whoever keeps governance, else counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import area_of, within

from .models import Mediation, Session
from .rules import ENDED, State


@dataclass(frozen=True)
class Listed:
    """That there is a mediation, without a word of it. `is_mine`: whoever looks leads it."""

    key: UUID
    number: str
    area_id: int
    state: str
    asked_at: datetime
    follow_up_on: date | None
    is_mine: bool


def mediations_known_to(viewer: User, *, at: datetime) -> QuerySet[Mediation]:
    """Return those of which somebody may know that they are there: led by them, or in an area where they keep governance."""
    own = areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at)
    return Mediation.objects.filter(within(own, on=local_day(at)) | Q(mediator=viewer)).order_by("-asked_at", "pk")


def listed(rows: Iterable[Mediation], viewer: User) -> list[Listed]:
    """Return what a list shows of mediations."""
    return [
        Listed(one.pk, one.number, one.area_id, one.state, one.asked_at, one.follow_up_on, one.mediator_id == viewer.pk)
        for one in rows
    ]


@dataclass(frozen=True)
class Seen:
    """What somebody may see of a mediation.

    listed      that it is there
    matter      what it is about: for its mediator; before it is taken for all who may take it
    mediation   the whole, for its mediator alone
    may_take    whether it waits for a mediator
    """

    listed: Listed
    matter: str
    mediation: Mediation | None
    may_take: bool


def seen_by(viewer: User, key: UUID, *, at: datetime) -> Seen:
    """Return what somebody may see of a mediation.

    :raises NotFound: there is none they may know of
    """
    found = mediations_known_to(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    told = listed([found], viewer)[0]
    if told.is_mine and _keeps(viewer, found, at):
        return Seen(told, found.matter, found, False)
    matter = found.matter if found.state == State.ASKED.value else ""
    return Seen(told, matter, None, waits_for_mediator(found, at=at))


def waits_for_mediator(mediation: Mediation, *, at: datetime) -> bool:
    """Tell whether nobody leads a mediation that isn't over: nobody took it, or whoever did no longer has the duty there."""
    if mediation.state == State.ASKED.value:
        return True
    has_follow_up = mediation.state == State.AGREED.value and mediation.followed_up_on is None
    if mediation.state != State.TAKEN.value and (not has_follow_up or mediation.erased_at is not None):
        return False
    return mediation.mediator is None or not _keeps(mediation.mediator, mediation, at)


def _keeps(user: User, mediation: Mediation, at: datetime) -> bool:
    code = area_of(mediation.area_id, on=local_day(at)).code
    return may(user, Duty.KEEP_GOVERNANCE, in_area=code, at=at)


def mediation_by_receipt(receipt: str) -> Mediation:
    """Return the mediation a receipt stands for.

    :raises NotFound: nobody has such a receipt
    """
    found = Mediation.objects.filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("Nobody has such a receipt. Check the address letter by letter."))
    return found


def sessions_of(mediation: Mediation) -> list[Session]:
    """Return when and where the parties sit together, in order."""
    return list(mediation.sessions.select_related("mediation").order_by("starts_at", "pk"))


@dataclass(frozen=True)
class Counts:
    """How many mediations there are, and what became of them."""

    open: int
    agreed: int
    not_agreed: int
    withdrawn: int
    kept: int  # agreements found kept at the follow-up


def counts_in(codes: Iterable[str], *, at: datetime) -> Counts:
    """Return the counts of what lies in these areas."""
    rows = Mediation.objects.filter(within(codes, on=local_day(at)))
    counts = dict(rows.values_list("state").annotate(n=Count("pk")))
    return Counts(
        open=counts.get(State.ASKED.value, 0) + counts.get(State.TAKEN.value, 0), agreed=counts.get(State.AGREED.value, 0),
        not_agreed=counts.get(State.NOT_AGREED.value, 0), withdrawn=counts.get(State.WITHDRAWN.value, 0),
        kept=rows.filter(was_kept=True).count(),
    )  # fmt: skip


def open_known_to(viewer: User, *, at: datetime) -> int:
    """Count those that haven't ended, of which somebody may know."""
    return mediations_known_to(viewer, at=at).exclude(state__in=ENDED).count()
