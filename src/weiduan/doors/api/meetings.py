"""Operations on meetings of organisations: what a year asks for and how far it is fulfilled. No minutes, no names."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Schema

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.services.meetings.years import Cell, counts_in, sums_of, year_plan

from .asking import Page, Size, asking, router
from .shapes import AreaCode, PathNumber

Year = Annotated[int, Query(ge=2000, le=2200)]


class Counts(Schema):
    """Needed = held + excused + missing + open; `planned` dates stand for what is open, `more` were held beyond what is needed."""

    needed: int
    held: int
    excused: int
    missing: int
    open: int
    planned: int
    more: int


class KindCounts(Counts):
    kind: str


class DutyOut(Counts):
    """One duty of the plan: so many meetings of a kind from `since` until the day before `until`, asked for by `rule`."""

    kind: str
    since: date
    until: date
    rule: str


class YearOut(Schema):
    """`duties` is empty for whoever sees counts only."""

    number: str
    year: int
    kinds: list[KindCounts]
    duties: list[DutyOut]


class OrganisationYear(Schema):
    number: str
    name: str
    kind: str
    kinds: list[KindCounts]


class AreaYear(Schema):
    code: str
    year: int
    kinds: list[KindCounts]
    count: int
    items: list[OrganisationYear]


@router.get("/organisations/{number}/meetings", response=YearOut)
def meetings_of_organisation(request: HttpRequest, number: PathNumber, year: Year | None = None) -> Any:
    """The year of an organisation: counts by kind, and for those who keep it each duty of its plan."""
    ask = asking(request)
    plan = year_plan(number, year or ask.today.year, viewer=ask.user, at=ask.at)
    return {
        "number": number, "year": plan.year, "kinds": _kinds(plan.sums), "duties": [_duty(cell) for cell in plan.cells],
    }  # fmt: skip


@router.get("/areas/{code}/meetings", response=AreaYear)
def meetings_in_area(
    request: HttpRequest, code: Annotated[AreaCode, Path()], year: Year | None = None, page: Page = 1, size: Size = 50
) -> Any:
    """Counts of the meetings of all organisations of an area, by kind and by organisation."""
    ask = asking(request)
    require(ask.user, Duty.LOOK, in_area=code, at=ask.at)
    area_by_code(code, on=ask.today)
    asked = year or ask.today.year
    found = counts_in(code, asked, on=ask.today)
    items = [
        {"number": one.number, "name": one.name, "kind": one.kind, "kinds": _kinds(one.sums)}
        for one in found[(page - 1) * size : page * size]
    ]
    return {"code": code, "year": asked, "kinds": _kinds(sums_of(found)), "count": len(found), "items": items}


def _kinds(sums: Any) -> list[dict[str, Any]]:
    return [{"kind": kind.value, **vars(standing)} for kind, standing in sums.items()]


def _duty(cell: Cell) -> dict[str, Any]:
    due = cell.due
    return {
        "kind": due.kind.value, "since": due.since, "until": due.until, "rule": due.rule.id, **vars(cell.standing),
    }  # fmt: skip
