"""Posts as lists, and what about them is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from weiduan.ground.territory.queries import Place, alive, area_of, areas_below, names_by_area
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import keys_below

from .models import HandoverItem, Post, Where
from .rules import FULL_MEMBERS_ONLY, Role

REMIND_BEFORE = timedelta(days=90)


def posts_of(organisation: Organisation, *, on: date, named: bool) -> list[dict[str, Any]]:
    """Return the posts of an organisation on a day; names only where the viewer's duty needs them (`named`)."""
    rows = Post.objects.filter(alive(on), organisation=organisation).select_related("person").order_by("role", "since")
    return [
        {
            "key": post.pk, "role": post.role, "since": post.since, "due_on": post.due_on, "number": post.person.number,
            "name": open_field(post.person_id, "name", post.person.name) if named else None,
            "overdue": post.due_on is not None and post.due_on < on,
        }
        for post in rows
    ]  # fmt: skip


def code_of(post: Post, *, on: date) -> str:
    """Return the code of the area a post is held in, or of the seat of its organisation."""
    seat = post.organisation.area_id if post.organisation else post.area_id
    return area_of(seat or 0, on=on).code


def able_to_hold(role: Role, where: Where, *, on: date) -> QuerySet[Membership]:
    """Return the members who could hold a role somewhere on a day, in order of number.

    In an organisation: its own and those below it; elsewhere those living there. Full ones, where only they can.
    """
    rows = Membership.objects.filter(alive(on), state__in=COUNTED)
    if where.organisation is not None:
        rows = rows.filter(organisation__in=keys_below(where.organisation.pk, on=on))
    else:
        rows = rows.filter(home__in=areas_below(where.code, on=on).values("area_id"))
    if role.value in FULL_MEMBERS_ONLY:
        rows = rows.filter(full_on__lte=on)
    return rows.select_related("person").order_by("person__number")


def able_named(role: Role, where: Where, *, on: date) -> list[tuple[UUID, str, str]]:
    """Return (key, number, name) of the members who could hold a role; the caller has checked the duty."""
    rows = able_to_hold(role, where, on=on)
    return [(m.person_id, m.person.number, open_field(m.person_id, "name", m.person.name)) for m in rows]


def held_in(codes: Iterable[str], *, on: date, path: str = "") -> Q:
    """Posts held in any of these areas or below, or in organisations seated there; "" is everywhere.

    path  leads to them ("post__")
    """
    found = Q(pk__in=[])
    for code in codes:
        if code == "":
            return Q()
        here = areas_below(code, on=on).values("area_id")
        found |= Q(**{f"{path}area__in": here}) | Q(**{f"{path}organisation__area__in": here})
    return found


@dataclass(frozen=True)
class PostDue:
    """A role whose term ends within ninety days or is over, in one organisation or area; no person is named.

    name, number   of the organisation, or the area's name and code
    in_organisation  whether it is an organisation, whose elections are reminded of by themselves
    """

    name: str
    number: str
    role: str
    due: date
    late: bool
    in_organisation: bool


def posts_due_in(codes: Iterable[str], *, on: date) -> list[PostDue]:
    """Return what is due in these areas, the longest over first; several holders of one role there are one line."""
    rows = Post.objects.filter(held_in(codes, on=on), alive(on), due_on__lt=on + REMIND_BEFORE)
    rows = rows.order_by("due_on", "organisation__number", "area_id", "role")
    found = list(rows.values_list("organisation__name", "organisation__number", "area_id", "role", "due_on").distinct())
    places = names_by_area({area for _name, _number, area, _role, _due in found if area}, on=on)
    return [
        PostDue(*_where(name, number, places.get(area or 0)), role, due, due < on, name is not None)
        for name, number, area, role, due in found
        if due is not None
    ]


def _where(name: str | None, number: str | None, place: Place | None) -> tuple[str, str]:
    """Return name and number of an organisation, else of an area; nothing of an area that has ended."""
    return (name or (place.name if place else ""), number or (place.code if place else ""))


@dataclass(frozen=True)
class OpenHandover:
    """A thing that is not handed over yet by whoever left a role; it was due when the post ended.

    key           of the thing, to tick it
    name, number  of the organisation, or the area's name and code
    """

    key: int
    what: str
    name: str
    number: str
    role: str
    due: date
    late: bool


def open_handover_in(codes: Iterable[str], *, on: date) -> list[OpenHandover]:
    """Return what is not handed over in these areas, the longest waiting first."""
    rows = HandoverItem.objects.filter(held_in(codes, on=on, path="post__"), done_on=None, post__until__lte=on)
    found = list(
        rows.order_by("post__until", "pk").values_list(
            "pk", "what", "post__organisation__name", "post__organisation__number", "post__area_id", "post__role", "post__until"
        )
    )  # fmt: skip
    places = names_by_area({area for _key, _what, _name, _number, area, _role, _until in found if area}, on=on)
    return [
        OpenHandover(key, what, *_where(name, number, places.get(area or 0)), role, until, until < on)
        for key, what, name, number, area, role, until in found
        if until is not None
    ]
