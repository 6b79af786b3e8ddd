"""Organisations as lists and records."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import rows_where
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.changed import heirs_of
from weiduan.ground.territory.models import AreaVersion, Succession
from weiduan.ground.territory.queries import alive, area_of, areas_below, below
from weiduan.ground.territory.reform import PENDING

from .models import Former, Organisation, Term


def existing(on: date) -> Q:
    """Organisations that exist on a day."""
    return Q(founded_on__lte=on) & (Q(dissolved_on=None) | Q(dissolved_on__gt=on))


def organisations_in(code: str, *, on: date) -> QuerySet[Organisation]:
    """Return those seated in an area or below it, in order of number."""
    return Organisation.objects.filter(existing(on), area__in=areas_below(code, on=on).values("area_id")).order_by(
        "number"
    )


def organisations_in_sight_of(viewer: User, *, on: date, at) -> QuerySet[Organisation]:
    """Return those seated where `viewer` may look."""
    seats = Q(pk__in=[])
    for code in areas_of(viewer, Duty.LOOK, at=at):
        seats |= Q(area__in=areas_below(code, on=on).values("area_id"))
    return Organisation.objects.filter(existing(on), seats).order_by("number")


def organisation_by_number(number: str, *, viewer: User, on: date, at) -> Organisation:
    """Return one that `viewer` may see.

    :raises NotFound: there is none, or not for this viewer
    """
    found = organisations_in_sight_of(viewer, on=on, at=at).select_related("parent").filter(number=number).first()
    if found is None:
        raise NotFound(_("There is no organisation with this number here."))
    [found] = as_they_were([found], on=on)
    return found


def as_they_were(organisations: Iterable[Organisation], *, on: date) -> list[Organisation]:
    """Give organisations the name, kind, superior and seat they had on a day; to be shown, never saved."""
    there = {organisation.pk: organisation for organisation in organisations}
    formers = Former.objects.filter(organisation__in=list(there), until__gt=on).select_related("parent")
    for former in formers.order_by("-until"):  # of several the one that ended next after that day comes last
        organisation = there[former.organisation_id]
        organisation.name, organisation.kind = former.name, former.kind
        organisation.parent, organisation.area_id = former.parent, former.area_id
    return list(there.values())


@dataclass(frozen=True)
class Neighbours:
    """Organisations around one: its superior, those under the same superior, those under itself."""

    above: list[Organisation]
    beside: list[Organisation]
    below: list[Organisation]


def neighbours_of(organisation: Organisation, *, on: date) -> Neighbours:
    """Return the organisations nearest to one in the tree, in order of number."""
    parent = organisation.parent_id
    rows = Organisation.objects.filter(existing(on)).order_by("number")
    beside = rows.filter(parent=parent).exclude(pk=organisation.pk) if parent else rows.none()
    return Neighbours(list(rows.filter(children=organisation)), list(beside), list(rows.filter(parent=organisation)))


def keys_below(organisation: int, *, on: date) -> list[int]:
    """Return the keys of an organisation and of everything below it on a day."""
    keys, level = [organisation], [organisation]
    while level:
        level = list(Organisation.objects.filter(existing(on), parent__in=level).values_list("pk", flat=True))
        keys += level
    return keys


def keys_of(numbers: Iterable[str]) -> dict[str, int]:
    """Return number → key of organisations, those dissolved too."""
    wanted = set(numbers)
    return {
        number: key for number, key in Organisation.objects.values_list("number", "id").iterator() if number in wanted
    }


def filtered(
    rows: QuerySet[Organisation], *, on: date, kind: str = "", area: str = "", words: str = ""
) -> QuerySet[Organisation]:
    """Narrow a list by kind, seat and words of the name or number."""
    if kind:
        rows = rows.filter(kind=kind)
    if area.isascii() and area.isdigit():
        rows = rows.filter(area__in=areas_below(area, on=on).values("area_id"))
    for word in words.split():
        rows = rows.filter(Q(name__icontains=word) | Q(number__icontains=word))
    return rows.select_related("parent")


def last_terms(code: str, *, on: date) -> list[tuple[int, date]]:
    """Return (organisation, day its last term is due) for those of an area, in order of number."""
    rows = Term.objects.filter(organisation__in=organisations_in(code, on=on).order_by().values("id"))
    latest = rows.values_list("organisation__number", "organisation_id").annotate(due=Max("due_on"))
    return [(key, due) for _number, key, due in latest.order_by("organisation__number")]


def without_seat(*, on: date) -> list[Organisation]:
    """Return those whose seat no longer exists on a day: a reform took it, and a person must decide."""
    ended = Organisation.objects.filter(existing(on)).exclude(
        area__in=AreaVersion.objects.filter(alive(on)).values("area_id")
    )
    return list(ended.order_by("number"))


@dataclass(slots=True)
class Seat:
    """An organisation whose seat has ended (`ended`) or waits for a decision after a reform (`ended` is None)."""

    organisation: int
    number: str
    name: str
    area: int
    code: str  # the last one
    area_name: str
    since: date
    ended: date | None


def unseated_in(code: str, *, on: date) -> list[Seat]:
    """Return the organisations whose seat is gone or pending, and lay in an area or went over into it; by number."""
    sound = AreaVersion.objects.filter(alive(on), area=OuterRef("area")).exclude(kind=PENDING)
    here = AreaVersion.objects.filter(below(code)).values("area_id")
    handed = Succession.objects.filter(heir__in=here).values("old_id")
    rows = Organisation.objects.filter(
        Q(area__in=here) | Q(area__in=handed), ~Exists(sound), existing(on), area__versions__since__lte=on
    )
    seats: dict[int, Seat] = {}
    for key, number, name, area, own, called, since, until in rows.order_by(
        "number", "area__versions__since"
    ).values_list(
        "id", "number", "name", "area_id", "area__versions__code", "area__versions__name", "area__versions__since",
        "area__versions__until",
    ):  # fmt: skip
        ended = until if until is not None and until <= on else None
        seats[key] = Seat(key, number, name, area, own, called, since, ended)
    return list(seats.values())


def kept_at(organisation: Organisation, *, on: date) -> str:
    """Return the code at which an organisation is kept: its seat's, or that of what took its seat over."""
    seat = area_of(organisation.area_id, on=on)
    if seat.until is not None and seat.until <= on:
        heir = heirs_of([organisation.area_id], on=on).get(organisation.area_id)
        return heir[0] if heir else seat.code
    return seat.code


def organisation_numbered(number: str, *, on: date) -> Organisation:
    """Return one that exists on a day, wherever it is seated or was; whoever acts on it is asked for the duty there.

    :raises NotFound: there is none
    """
    found = Organisation.objects.filter(existing(on), number=number).first()
    if found is None:
        raise NotFound(_("There is no organisation with this number here."))
    return found


def numbers_of(keys: Iterable[int]) -> dict[int, str]:
    """Return key → number."""
    return {o.pk: o.number for o in rows_where(Organisation.objects.all(), "pk", set(keys))}


def free_number(wanted: str) -> str:
    """Return `wanted` if no organisation ever had it, else the first of wanted-2, wanted-3, … that none had."""
    taken = set(Organisation.objects.filter(number__startswith=wanted).values_list("number", flat=True))
    return next(n for n in [wanted, *(f"{wanted}-{i}" for i in range(2, len(taken) + 3))] if n not in taken)
