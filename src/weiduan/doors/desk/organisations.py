"""Organisations: list, record, workbook."""

import io
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import areas_of, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import area_of, children, names_by_area, names_by_code, places, top_areas
from weiduan.outlook.insight.rosters import write_organisations
from weiduan.outlook.insight.words import FORM_TITLES, KIND_TITLES, ROLE_TITLES, STATE_TITLES, judgement_rows
from weiduan.systems.organisation.appointments.queries import posts_of
from weiduan.systems.organisation.coverage.queries import standing_of
from weiduan.systems.organisation.coverage.rules import form_of
from weiduan.systems.organisation.members.queries import members_of
from weiduan.systems.organisation.organisations.queries import (
    as_they_were,
    filtered,
    organisation_by_number,
    organisations_in_sight_of,
)
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS

from .areas import as_download
from .changes import ELECTIONS, changes_offered
from .elections import committee_and_term
from .histories import told
from .viewing import area_url, crumb_links, day_of, me, page_of, staff


def _wanted(request: HttpRequest, on: date):
    seen = organisations_in_sight_of(me(request), on=on, at=timezone.now())
    get = request.GET
    return filtered(seen, on=on, kind=get.get("kind", ""), area=get.get("area", ""), words=get.get("q", ""))


@staff
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the organisations one may see, narrowed by kind, area and words."""
    on, get = day_of(request), request.GET
    page = page_of(request, _wanted(request, on), size=30)
    found = as_they_were(page, on=on)
    seats = names_by_area([o.area_id for o in found], on=on)
    rows = [
        {
            "number": o.number, "name": o.name, "kind": KIND_TITLES[o.kind], "parent": o.parent, "seat": seats.get(o.area_id),
            "seat_url": area_url(seats[o.area_id].code, on) if o.area_id in seats else "",
        }
        for o in found
    ]  # fmt: skip
    context = {
        "on": on, "today": timezone.localdate(), "page": page, "rows": rows, "kinds": KIND_TITLES.items(),
        "kind": get.get("kind", ""), "area": get.get("area", ""), "q": get.get("q", ""),
        "areas": _areas_to_choose(request, get.get("area", ""), on),
    }  # fmt: skip
    return render(request, "desk/organisations/list.html", context)


def _areas_to_choose(request: HttpRequest, chosen: str, on: date) -> list[tuple[str, str]]:
    """Return (code, name) of one's own areas, those one level below them, and the one chosen."""
    seen = areas_of(me(request), Duty.LOOK, at=timezone.now())
    own = top_areas(on=on) if "" in seen else seen
    below = [(place.code, place.name) for code in own for place in children(code, on=on)]
    return list((names_by_code({*own, chosen}, on=on) | dict(below)).items())


@staff
@require_safe
def record(request: HttpRequest, number: str) -> HttpResponse:
    """Show one organisation: facts, rules, cover, posts, members, history."""
    on, at = day_of(request), timezone.now()
    organisation = organisation_by_number(number, viewer=me(request), on=on, at=at)
    standing, judgements = standing_of(organisation, on=on)
    seat = area_of(organisation.area_id, on=on)
    may_keep = may(me(request), Duty.KEEP_ORGANISATION, in_area=seat.code, at=at)
    seen = areas_of(me(request), Duty.LOOK, at=at)
    around = places(seat.code, on=on, levels=[])
    form = form_of(standing)
    offered = changes_offered(organisation) if may_keep and on == timezone.localdate() else []
    context = {
        "organisation": organisation, "on": on, "today": timezone.localdate(), "kind": KIND_TITLES[organisation.kind],
        "seat": seat, "seat_url": area_url(seat.code, on), "standing": standing,
        "crumbs": [*crumb_links(seat.code, around, on, seen), (organisation.name, None)],
        "form": FORM_TITLES[form.value] if form else "", "rules": judgement_rows(judgements),
        "covers": [{"name": name, "code": code, "url": area_url(code, on)} for code, name in standing_covers(standing, on)],
        "posts": [p | {"role": ROLE_TITLES[p["role"]]} for p in posts_of(organisation, on=on, named=may_keep)],
        "members": [m | {"state": STATE_TITLES[m["state"]]} for m in members_of(organisation, on=on)] if may_keep else None,
        "holds_members": organisation.kind in HOLDS_MEMBERS, "may_keep": may_keep,
        "history": told(history_of("organisation.organisation", str(organisation.pk))[:20]),
        "changes": [one for one in offered if one[0] not in ELECTIONS],
        "moves_election": [one for one in offered if one[0] in ELECTIONS],
        **committee_and_term(organisation, on=on, named=may_keep),
    }  # fmt: skip
    return render(request, "desk/organisations/record.html", context)


def standing_covers(standing, on: date) -> list[tuple[str, str]]:
    """Return (code, name) of what it covers."""
    return sorted(names_by_code(standing.covers, on=on).items())


@staff
@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """Return the list as xlsx; it names no persons."""
    on = day_of(request)
    target = io.BytesIO()
    write_organisations(target, _wanted(request, on), on=on, demo=is_demo())
    return as_download(target.getvalue(), f"organisations-{on}.xlsx")
