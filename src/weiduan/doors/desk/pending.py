"""Divisions a reform left without an heir: decide one by one."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.queries import Place, places
from weiduan.ground.territory.reform import PENDING, open_successions, settle_succession
from weiduan.ground.territory.rules import Level, level_of

from .viewing import crumb_links, look, me, page_of, staff

PER_PAGE = 10


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def pending(request: HttpRequest, code: str) -> HttpResponse:
    """List what waits, each with the divisions it could go over to; on POST settle one."""
    seen = look(request, code)
    at = timezone.now()
    on = local_day(at)
    waiting = open_successions(code)
    if request.method == "POST":
        return _settle(request, waiting, on)
    known = places(code, on=on, levels=[Level.TOWN, Level.VILLAGE])
    page = page_of(request, waiting, size=PER_PAGE)
    rows = [{"succession": one, "heirs": _heirs(one.old_code, known)} for one in page.object_list]
    context = {
        "here": next((place for place in known if place.code == code), None), "page": page, "rows": rows, "code": code,
        "crumbs": [*crumb_links(code, known, on, seen), (_("Waiting after the reform"), None)],
        "may_settle": may(me(request), Duty.KEEP_GROUND, in_area=code, at=at),
    }  # fmt: skip
    return render(request, "desk/pending/list.html", context)


def _settle(request: HttpRequest, waiting: list[Any], on: date) -> HttpResponse:
    succession = next((one for one in waiting if one.old_code == request.POST.get("old", "")), None)
    if succession is None:
        raise NotFound(_("What becomes of it is decided already, or it is not in this area."))
    into = request.POST.get("into", "")
    if not into:
        raise BadInput(_("Choose the division that takes %(name)s in.") % {"name": succession.old_name})
    settle_succession(succession, into=into, on=on, by=me(request), at=timezone.now())
    messages.success(request, _("%(name)s is settled; its grids and units went along.") % {"name": succession.old_name})
    return redirect(request.get_full_path())


def _heirs(old: str, known: list[Place]) -> list[tuple[str, list[Place]]]:
    """Return (heading, divisions that could take it in): those of its own town first."""
    level = level_of(old)
    able = [place for place in known if place.level == level and place.kind != PENDING and place.code != old]
    near = [place for place in able if level == Level.VILLAGE and place.code[:9] == old[:9]]
    towns = {place.code[:9]: place.name for place in known if place.level == Level.TOWN}
    groups = [(_("In its own town"), near)] if near else []
    if level != Level.VILLAGE:
        return [*groups, (_("Towns and streets"), able)]
    others = [
        (name, [p for p in able if p.code[:9] == town]) for town, name in towns.items() if town != old[:9] or not near
    ]
    return [*groups, *(group for group in others if group[1])]
