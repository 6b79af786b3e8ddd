"""Transfers to answer, contact that is due, guests: for those who keep the organisations at either end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import alive, areas_below, names_by_area
from weiduan.systems.organisation.members.lists import seated_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import existing
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS

from .models import Away, Guest, Transfer
from .rules import REMIND_BEFORE, State, answer_due, contact_due


@dataclass(frozen=True)
class TransferRow:
    """One transfer as either end sees it; `name` is open to those who keep the organisation at one of them.

    to_answer  whether it is for this reader to accept or return; may_withdraw  whether to take it back
    """

    key: UUID
    number: str
    name: str
    sender: str
    receiver: str
    reason: str
    state: str
    asked_on: date
    due: date
    late: bool
    days_late: int
    decided_on: date | None
    answer: str
    to_answer: bool
    may_withdraw: bool
    outside: bool


def transfers_of(viewer: User, *, on: date, at: datetime) -> QuerySet[Transfer]:
    """Return the transfers at whose ends a viewer keeps organisations: open ones first, the longest waiting first."""
    return transfers_in(areas_of(viewer, Duty.KEEP_ORGANISATION, at=at), on=on)


def transfers_in(codes: Iterable[str], *, on: date) -> QuerySet[Transfer]:
    """Return the transfers from and to organisations seated in these areas; those answered follow, the newest first."""
    codes = list(codes)
    leaving, coming = seated_in(codes, on=on, path="sender__"), seated_in(codes, on=on, path="receiver__")
    rows = Transfer.objects.filter(leaving | coming).select_related("person", "sender", "receiver")
    rows = rows.annotate(
        leaves=Exists(Transfer.objects.filter(leaving, pk=OuterRef("pk"))),
        comes=Exists(Transfer.objects.filter(coming, pk=OuterRef("pk"), receiver__isnull=False)),
    )
    return rows.order_by(F("decided_on").desc(nulls_first=True), "asked_on", "pk")


def transfer_rows(transfers: Iterable[Transfer], *, on: date) -> list[TransferRow]:
    """Lay transfers of `transfers_in` out by name; the caller has checked the duty at one of their ends."""
    return [_told(row, on) for row in transfers]


def _told(row: Any, on: date) -> TransferRow:
    open_, outside = row.state == State.ASKED.value, row.receiver_id is None
    due = answer_due(row.asked_on)
    return TransferRow(
        key=row.pk, number=row.person.number, name=open_field(row.person_id, "name", row.person.name),
        sender=row.sender.name, receiver=row.outside if outside else row.receiver.name, reason=row.reason,
        state=row.state, asked_on=row.asked_on, due=due, late=open_ and on > due, days_late=max((on - due).days, 0),
        decided_on=row.decided_on, answer=row.answer, to_answer=open_ and (row.leaves if outside else row.comes),
        may_withdraw=open_ and row.leaves, outside=outside,
    )  # fmt: skip


def transfers_of_person(person: UUID) -> QuerySet[Transfer]:
    """Return the transfers of somebody, newest first; the caller has checked who asks."""
    return Transfer.objects.filter(person=person).select_related("sender", "receiver").order_by("-asked_on")


@dataclass(frozen=True)
class TransferDue:
    """A transfer that waits: `side` is "in" (to answer), "out" (sent off and late) or "receipt" (to close, outside)."""

    key: UUID
    number: str
    organisation: str
    side: str
    due: date
    late: bool


def due_in(codes: Sequence[str], *, on: date) -> list[TransferDue]:
    """Return what waits in these areas, the longest first: to answer, to close, and what others answer late."""
    leaving, coming = seated_in(codes, on=on, path="sender__"), seated_in(codes, on=on, path="receiver__")
    rows = Transfer.objects.filter(leaving | coming, state=State.ASKED.value).order_by("asked_on", "person__number")
    rows = rows.annotate(comes=Exists(Transfer.objects.filter(coming, pk=OuterRef("pk"), receiver__isnull=False)))
    found = []
    for key, number, sender, receiver, asked, comes in rows.values_list(
        "pk", "person__number", "sender__name", "receiver__name", "asked_on", "comes"
    ):
        due = answer_due(asked)
        if comes:
            found.append(TransferDue(key, number, receiver, "in", due, on > due))
        elif receiver is None:
            found.append(TransferDue(key, number, sender, "receipt", due, on > due))
        elif on > due:
            found.append(TransferDue(key, number, sender, "out", due, True))
    return found


@dataclass(frozen=True)
class ContactDue:
    """A member who is away and is to be spoken to; `keeper_gone` where nobody of the organisation keeps in touch now."""

    number: str
    organisation: str
    keeper: str
    due: date
    late: bool
    keeper_gone: bool


def is_kept(on: date) -> Exists:
    """Tell, of an `Away`, whether the keeper is still a member of the same organisation on a day."""
    own = Membership.objects.filter(alive(on), person=OuterRef(OuterRef("person"))).values("organisation")
    return Exists(Membership.objects.filter(alive(on), person=OuterRef("keeper"), organisation__in=own))


def contact_due_in(codes: Sequence[str], *, on: date, soon_only: bool = True) -> list[ContactDue]:
    """Return the members away, who must be spoken to half-yearly: those due within thirty days, or all; late first."""
    home = Membership.objects.filter(
        alive(on), seated_in(codes, on=on, path="organisation__"), person=OuterRef("person")
    )
    rows = Away.objects.filter(Exists(home), alive(on)).annotate(
        last=Max("contacts__on"), kept=is_kept(on), where=home.values("organisation__name")[:1]
    )
    found = []
    for number, where, keeper, since, last, kept in rows.values_list(
        "person__number", "where", "keeper__number", "since", "last", "kept"
    ):
        due = contact_due(max(since, last or since))
        if not soon_only or not kept or due - REMIND_BEFORE <= on:
            found.append(ContactDue(number, where, keeper, due, on > due, not kept))
    return sorted(found, key=lambda one: (one.due, one.number))


@dataclass(frozen=True)
class AwayRow:
    """That a member is away: since when, who keeps in touch, when they spoke last, by when again."""

    since: date
    keeper: str
    keeper_number: str
    last: date | None
    due: date
    late: bool


def away_of(person: UUID, *, on: date) -> AwayRow | None:
    """Return whether somebody is away; the caller has checked who asks."""
    away = Away.objects.filter(alive(on), person=person).select_related("keeper").first()
    if away is None:
        return None
    last = away.contacts.aggregate(last=Max("on"))["last"]
    due = contact_due(last or away.since)
    keeper = open_field(away.keeper_id, "name", away.keeper.name)
    return AwayRow(away.since, keeper, away.keeper.number, last, due, on > due)


def guests_in(codes: Iterable[str], *, on: date) -> QuerySet[Guest]:
    """Return the guests registered in units of these areas on a day, in order of number."""
    codes = list(codes)
    where = Q() if "" in codes else Q(pk__in=[])
    for code in codes:
        where |= Q(unit__in=areas_below(code, on=on).values("area_id")) if code else Q()
    return Guest.objects.filter(where, alive(on)).select_related("person").order_by("person__number")


def guest_rows(guests: Iterable[Guest], *, on: date) -> list[dict[str, Any]]:
    """Lay guests out by name, with the unit's code and name; the caller has checked the duty there."""
    guests = list(guests)
    units = names_by_area({guest.unit_id for guest in guests}, on=on)
    return [
        {"key": row.pk, "number": row.person.number, "name": open_field(row.person_id, "name", row.person.name),
         "unit": units[row.unit_id].code, "unit_name": units[row.unit_id].name, "belongs_to": row.belongs_to, "since": row.since}
        for row in guests
    ]  # fmt: skip


def guest_of(person: UUID, *, on: date) -> Guest | None:
    """Return where somebody is registered as a guest; the caller has checked who asks."""
    return Guest.objects.filter(alive(on), person=person).first()


def waiting_for(viewer: User, *, at: datetime) -> list[TransferDue | ContactDue]:
    """Return the transfers and contacts that wait in the areas a viewer keeps."""
    codes, on = areas_of(viewer, Duty.KEEP_ORGANISATION, at=at), local_day(at)
    return [*due_in(codes, on=on), *contact_due_in(codes, on=on)] if codes else []


def receiver_numbered(number: str, *, on: date) -> Organisation | None:
    """Return the branch or group with this number, wherever it is seated: members may ask to belong anywhere."""
    found = Organisation.objects.filter(existing(on), number=number.strip(), kind__in=[k.value for k in HOLDS_MEMBERS])
    return found.first() if number.strip() else None
