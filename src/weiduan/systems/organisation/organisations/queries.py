"""Organisations as lists and records."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import rows_where
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, areas_below

from .models import Organisation, Term


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
    return found


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


def numbers_of(keys: Iterable[int]) -> dict[int, str]:
    """Return key → number."""
    return {o.pk: o.number for o in rows_where(Organisation.objects.all(), "pk", set(keys))}


def free_number(wanted: str) -> str:
    """Return `wanted` if no organisation ever had it, else the first of wanted-2, wanted-3, … that none had."""
    taken = set(Organisation.objects.filter(number__startswith=wanted).values_list("number", flat=True))
    return next(n for n in [wanted, *(f"{wanted}-{i}" for i in range(2, len(taken) + 3))] if n not in taken)
