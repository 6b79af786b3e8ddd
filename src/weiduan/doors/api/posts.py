"""Operations on posts: who holds what, what is vacant, giving and ending one, handing over."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Schema
from pydantic import Field, StringConstraints

from weiduan.ground.accounts.queries import may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.organisation.appointments import giving
from weiduan.systems.organisation.appointments.handover import LONGEST, MOST, tick_handover
from weiduan.systems.organisation.appointments.listed import posts_in, told
from weiduan.systems.organisation.appointments.queries import open_handover_in
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.coverage.vacancies import Lack, vacancies_in
from weiduan.systems.organisation.organisations.queries import organisation_by_number

from .asking import Asking, IdempotencyKey, Page, Size, answered_once, asking, router
from .shapes import NO_ZERO, AreaCode, Asked, Done, Number, Text

Key = Annotated[int, Path(ge=1, le=2**63 - 1)]
Thing = Annotated[str, StringConstraints(max_length=LONGEST, pattern=NO_ZERO)]
Things = Annotated[list[Thing], Field(max_length=MOST)]


class PostHeld(Schema):
    """`place_number`: of the organisation, or the area's code. Name and number only for “keep organisations”."""

    key: int
    role: str
    place: str
    place_number: str
    in_organisation: bool
    since: date
    due: date | None
    overdue: bool
    member: bool
    number: str | None
    name: str | None


class Posts(Schema):
    count: int
    items: list[PostHeld]


class VacancyRow(Schema):
    """`filler`: who is to see to it, the superior organisation or else village or town."""

    lack: Lack
    role: Role
    place: str
    number: str
    code: str
    in_organisation: bool
    since: date | None
    filler: str
    filler_number: str


class Vacancies(Schema):
    count: int
    items: list[VacancyRow]


class HandoverRow(Schema):
    key: int
    what: str
    name: str
    number: str
    role: str
    due: date
    late: bool


class Handover(Schema):
    count: int
    items: list[HandoverRow]


class Give(Asked):
    """Either `organisation` or `area`; who: `person`, the number of somebody kept, or `name` (and `contact`).

    `due` is not looked at where the organisation is in a term; `handover`: what whoever steps down hands over.
    """

    role: Role
    organisation: Number | None = None
    area: Annotated[str, StringConstraints(pattern=r"^([0-9]{12}|[0-9]{15}|[0-9]{18}|[0-9]{21})$")] | None = None
    person: Number | None = None
    name: Text = ""
    contact: Annotated[str, StringConstraints(max_length=30, pattern=NO_ZERO)] = ""
    since: date | None = None
    due: date | None = None
    handover: Things = []


class End(Asked):
    on: date | None = None
    handover: Things = []


@router.get("/areas/{code}/posts", response=Posts)
def posts(
    request: HttpRequest, code: Annotated[AreaCode, Path()], on: date | None = None, page: Page = 1, size: Size = 50
) -> dict[str, Any]:
    """Posts held in an area and in the organisations seated there."""
    ask, day = _looking(request, code, on)
    rows = posts_in(code, on=day)
    named = may(ask.user, Duty.KEEP_ORGANISATION, in_area=code, at=ask.at)
    return {"count": rows.count(), "items": told(rows[(page - 1) * size : page * size], on=day, named=named)}


def _looking(request: HttpRequest, code: str, on: date | None) -> tuple[Asking, date]:
    ask = asking(request)
    day = on or ask.today
    require(ask.user, Duty.LOOK, in_area=code, at=ask.at)
    area_by_code(code, on=day)
    return ask, day


@router.get("/areas/{code}/vacancies", response=Vacancies)
def vacancies(
    request: HttpRequest, code: Annotated[AreaCode, Path()], on: date | None = None, page: Page = 1, size: Size = 50
) -> dict[str, Any]:
    """Posts that should be filled and aren't, or whose term is over."""
    _ask, day = _looking(request, code, on)
    rows = vacancies_in(code, on=day)
    return {"count": len(rows), "items": rows[(page - 1) * size : page * size]}


@router.get("/areas/{code}/handover", response=Handover)
def handover(
    request: HttpRequest, code: Annotated[AreaCode, Path()], page: Page = 1, size: Size = 50
) -> dict[str, Any]:
    """What is not handed over yet by whoever left a post."""
    ask, day = _looking(request, code, None)
    require(ask.user, Duty.KEEP_ORGANISATION, in_area=code, at=ask.at)
    rows = open_handover_in([code], on=day)
    return {"count": len(rows), "items": rows[(page - 1) * size : page * size]}


@router.post("/posts", response={201: Done})
def give(request: HttpRequest, body: Give, key: IdempotencyKey = None) -> Any:
    """Give a post; the answer's key is the post's, its state tells whether the person holds more than usual."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        where = _where(ask, body)
        person = giving.person_meant(body.person or "", name=body.name, contact=body.contact, where=where, **ask.who)
        how = {"since": body.since or ask.today, "due": body.due, "handover": body.handover, **ask.who}
        given = giving.give_post(person, body.role, where, **how)
        return {"key": str(given.post.pk), "state": "given, more than usual" if given.more_than_usual else "given"}

    return 201, answered_once(request, ask, key, body, deed)


def _where(ask: Asking, body: Give) -> Any:
    if (body.organisation is None) == (body.area is None):
        raise BadInput(_("Say where: in an organisation or in an area, not both."))
    if body.area is not None:
        require(ask.user, Duty.KEEP_ORGANISATION, in_area=body.area, at=ask.at)
        return giving.in_area(body.area, on=ask.today)
    organisation = organisation_by_number(body.organisation or "", viewer=ask.user, on=ask.today, at=ask.at)
    return giving.in_organisation(organisation, on=ask.today)


@router.post("/posts/{key}/end", response=Done)
def end(request: HttpRequest, key: Key, body: End, once: IdempotencyKey = None) -> Any:
    """End a post, with what is handed over."""
    ask = asking(request)

    def deed() -> dict[str, Any]:
        giving.end_post(key, on=body.on or ask.today, handover=body.handover, **ask.who)
        return {"key": str(key), "state": "ended"}

    return answered_once(request, ask, once, body, deed)


@router.post("/handover/{key}/tick", response=Done)
def tick(request: HttpRequest, key: Key) -> Any:
    """Tick a thing off: it is handed over."""
    ask = asking(request)
    tick_handover(key, on=ask.today, **ask.who)
    return {"key": str(key), "state": "handed over"}
