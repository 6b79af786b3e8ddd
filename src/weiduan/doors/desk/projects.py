"""服务项目 at the desk: those one keeps with what is late, and a new package made from what units need."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_by_code, names_by_area, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.project_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.services.projects.packaging import draft_package
from weiduan.systems.services.projects.queries import brands_for, late_milestones, needs_for, projects_kept_by
from weiduan.systems.services.projects.rules import MOST_NEEDS, MOST_UNITS

from .members import private
from .projects_form import PackageForm
from .viewing import me, page_of, staff
from .where import where_asked

PAGE, MOST_LATE = 30, 20


@staff
@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """List the projects one keeps, what is late first; ?state= narrows."""
    at = timezone.now()
    state = request.GET.get("state", "")
    rows = projects_kept_by(me(request), at=at)
    page = page_of(request, rows.filter(state=state) if state in STATE_TITLES else rows, size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    own = areas_of(me(request), Duty.KEEP_SERVICES, at=at)
    context = {
        "page": page, "keeps": bool(own), "state": state, "states": STATE_TITLES.items(),
        "rows": [(one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in page],
        "late": list(late_milestones(own, at=at)[:MOST_LATE]),
    }  # fmt: skip
    return private(render(request, "desk/projects/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    """Make a package: choose where, then what is asked of partners; ?need= is chosen already."""
    at = timezone.now()
    where = where_asked(request, at, Duty.KEEP_SERVICES)
    if not where["area"]:
        return private(render(request, "desk/projects/new.html", where))
    form = package_form(request, where["area"], at)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made = draft_package(where["area"], form.package(), by=me(request), at=at)
            return redirect("desk:project", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    here = area_by_code(where["area"], on=local_day(at))
    context = where | {"form": form, "refusal": refusal, "here": here}
    return private(render(request, "desk/projects/new.html", context, status=status))


def package_form(request: HttpRequest, area: str, at: datetime) -> PackageForm:
    """Return the form of a package in an area."""
    choices = package_choices(area, at)
    first: dict[str, Any] = {"needs": [request.GET.get("need", "")[:36]]}
    if len(choices["units"]) == 1:
        first["units"] = [choices["units"][0][0]]
    return PackageForm(request.POST if request.method == "POST" else None, initial=first, **choices)


def package_choices(area: str, at: datetime) -> dict[str, list[tuple[str, str]]]:
    """Return the units, needs and brands a package of an area can be made of.

    :raises BadInput: there are too many units to choose from, or none
    """
    on = local_day(at)
    units = [place for place in places(area, on=on, levels=[Level.UNIT]) if place.level == Level.UNIT]
    if not 0 < len(units) <= MOST_UNITS:
        raise BadInput(_("Choose a village, a grid or a unit: a project is for at most %(n)s units."), n=MOST_UNITS)
    return {
        "units": [(place.code, place.name) for place in units],
        "needs": [(str(one.pk), one.what) for one in needs_for(area, on=on)[:MOST_NEEDS]],
        "brands": [(str(one.pk), one.name) for one in brands_for(area, on=on)],
    }


def as_key(text: str) -> UUID:
    """Return what was chosen as a key.

    :raises BadInput: it is none
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(_("Choose one of those offered.")) from error
