"""What a member sees of the own record, and what others may see of it by consent."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from weiduan.ground.base.sealed import unseal
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import alive, area_by_code, area_of, names_by_area, places
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.coverage.models import Coverage
from weiduan.systems.organisation.members.lists import seated_in
from weiduan.systems.organisation.members.models import Membership

from .models import Correction, PublicCard
from .rules import CARD_TABLE, CORRECTION_TABLE

LOOKED_AT = ("contact.revealed", "link.made", "link.used")
GIVEN_OUT = ("roster.exported", "survey.exported")


def may_be_shown_in(held: Membership, *, on: date) -> list[tuple[str, str]]:
    """Return (code, name) of the units a member's card may stand on: the home, and what the organisation covers."""
    covered = Coverage.objects.filter(alive(on), organisation=held.organisation_id).values_list("area_id", flat=True)
    found = names_by_area({*covered, *([held.home_id] if held.home_id else [])}, on=on)
    return sorted((place.code, place.name) for place in found.values() if place.level == Level.UNIT)


def card_of(person: UUID) -> dict[str, Any] | None:
    """Return the public card somebody has given the consent to, opened."""
    card = PublicCard.objects.filter(person=person, until=None).first()
    return _opened(card) if card is not None else None


def cards_in(unit: str, *, on: date) -> list[dict[str, Any]]:
    """Return the cards of members shown on a unit's public page; everybody may ask."""
    area = area_by_code(unit, on=on).area_id
    members = Membership.objects.filter(alive(on)).values("person")
    cards = PublicCard.objects.filter(unit=area, until=None, person__in=members).order_by("since")
    return [_opened(card) for card in cards]


def _opened(card: PublicCard) -> dict[str, Any]:
    fields = {"shown_name": card.shown_name, "pledge": card.pledge}
    opened = {name: unseal(value, table=CARD_TABLE, pk=str(card.pk), field=name) for name, value in fields.items()}
    return opened | {"unit": card.unit_id, "since": card.since}


def corrections_of(person: UUID) -> list[dict[str, Any]]:
    """Return what somebody asked to be corrected, newest first; the caller has checked who asks."""
    return [_wish(row) for row in Correction.objects.filter(person=person).order_by("-asked_at")]


def _wish(row: Correction) -> dict[str, Any]:
    return {
        "key": row.pk, "wish": unseal(row.wish, table=CORRECTION_TABLE, pk=str(row.pk), field="wish"),
        "asked_at": row.asked_at, "done": row.done, "answer": row.answer, "answered_at": row.answered_at,
    }  # fmt: skip


def corrections_in(codes: Iterable[str], *, on: date) -> list[tuple[str, str, datetime]]:
    """Return (number, organisation, asked at) of corrections that wait in these areas, the longest first."""
    members = Membership.objects.filter(alive(on), seated_in(codes, on=on, path="organisation__"))
    where = dict(members.filter(person__corrections__done=None).values_list("person_id", "organisation__name"))
    rows = Correction.objects.filter(done=None, person__in=members.values("person")).order_by("asked_at")
    found = rows.values_list("person_id", "person__number", "asked_at")
    return [(number, where.get(person, ""), asked) for person, number, asked in found]


def waiting_corrections_in(codes: Iterable[str], *, on: date) -> list[dict[str, Any]]:
    """Return what members of these areas ask to be corrected, opened, the longest waiting first; the caller has checked the duty."""
    members = Membership.objects.filter(alive(on), seated_in(codes, on=on, path="organisation__"))
    where = dict(members.filter(person__corrections__done=None).values_list("person_id", "organisation__number"))
    rows = Correction.objects.filter(done=None, person__in=members.values("person")).select_related("person")
    return [
        _wish(row) | {"number": row.person.number, "organisation": where.get(row.person_id, "")}
        for row in rows.order_by("asked_at")
    ]


def looks_at(person: UUID, organisation_area: int, organisation: int, *, on: date, most: int = 30) -> list[Any]:
    """Return the ledger's entries on who looked: contact opened, link made or used, lists with this member given out."""
    own = history_of("organisation.person", str(person)).filter(what__in=LOOKED_AT)[:most]
    lists = history_of("organisation.organisation", str(organisation)).filter(what__in=GIVEN_OUT)[:most]
    found = [*own, *lists]
    here = area_of(organisation_area, on=on).code
    for place in places(here, on=on, levels=[]):
        found += history_of("territory.area", str(place.id)).filter(what__in=GIVEN_OUT)[:most]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:most]
