"""方案: ask how every unit can be covered, look at it beside today, change and ask again, compare, adopt."""

import io
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import areas_of, local_day, may
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import names_by_code, places, top_areas
from weiduan.ground.territory.rules import Level
from weiduan.outlook.proposals.actions import adopt, ask_for_proposal, queue, resume, stop, withdraw
from weiduan.outlook.proposals.export import features_of, write_proposal
from weiduan.outlook.proposals.maps import bodies_map
from weiduan.outlook.proposals.queries import compare as compared
from weiduan.outlook.proposals.queries import (
    may_hold,
    plan_of,
    proposal_seen_by,
    proposals_seen_by,
    totals,
    village_rows,
)
from weiduan.outlook.proposals.rules import Ask, asked_for, fell_silent, wishes_from
from weiduan.outlook.proposals.words import arrangement, contradiction_sentence, price_rows, wish_sentences

from .areas import as_download
from .plans_form import AgainForm, AskForm
from .viewing import area_url, crumb_links, me, page_of, staff

UNDER_WAY = ("waiting", "planning")
STATE_TITLES = {
    "waiting": gettext_lazy("waiting its turn"),
    "planning": gettext_lazy("being planned"),
    "ready": gettext_lazy("planned"),
    "stopped": gettext_lazy("stopped"),
    "failed": gettext_lazy("could not be planned"),
    "withdrawn": gettext_lazy("withdrawn"),
}
STATE_TAGS = {"ready": "ok", "failed": "late", "planning": "go"}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest) -> HttpResponse:
    """List proposals; on POST ask for one."""
    at = timezone.now()
    areas = _areas(request, at)
    form = AskForm(areas, request.POST or None, initial=_first_wishes(request))
    if request.method == "POST" and form.is_valid():
        asked = ask_for_proposal(
            form.cleaned_data["area"], asks=form.asked(), wishes=form.wishes(), on=local_day(at), by=me(request), at=at
        )
        queue(asked)
        return redirect("desk:proposal", key=asked.pk)
    found = proposals_seen_by(me(request), at=at)
    names = names_by_code({p.area for p in found}, on=local_day(at))
    rows = [_row(p) | {"area": names.get(p.area, p.area)} for p in found]
    context = {"rows": rows, "form": form, "areas": areas}
    return render(request, "desk/plans/list.html", context, status=400 if form.errors else 200)


def _first_wishes(request: HttpRequest) -> dict[str, Any]:
    return {"area": request.GET.get("area", ""), "asks": [ask.value for ask in Ask]}


def _row(proposal: Any) -> dict[str, Any]:
    return {"proposal": proposal, "state": STATE_TITLES[proposal.state], "tag": STATE_TAGS.get(proposal.state, "")}


def _areas(request: HttpRequest, at: datetime) -> list[tuple[str, str]]:
    """Return (code, name) of the areas a plan may be asked for, widest first."""
    on = local_day(at)
    codes = areas_of(me(request), Duty.LOOK, at=at)
    codes = top_areas(on=on) if codes == [""] else codes
    levels = [Level.DISTRICT, Level.TOWN, Level.VILLAGE]
    found = {p.code: p.name for code in codes for p in places(code, on=on, levels=levels) if covers(code, p.code)}
    return sorted((code, name) for code, name in found.items() if len(code) == 12)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a proposal as a whole; on POST adopt, stop, go on or withdraw."""
    at = timezone.now()
    found = proposal_seen_by(key, me(request), at=at)
    if request.method == "POST":
        _act(request, found, at)
        return redirect("desk:proposal", key=key)
    on = local_day(at)
    known = places(found.area, on=on, levels=[])
    rows = page_of(request, village_rows(found), size=30)
    context = _row(found) | {
        "total": totals(found), "rows": rows, "under_way": found.state in UNDER_WAY,
        "silent": fell_silent(found.state, found.alive_at or found.asked_at, at),
        "crumbs": crumb_links(found.area, known, on, areas_of(me(request), Duty.LOOK, at=at)),
        "area": next((p.name for p in known if p.code == found.area), found.area), "wishes": wish_sentences(found.wishes),
        "organised": asked_for(found.asks, Ask.ORGANISE), "heads": asked_for(found.asks, Ask.HEADS),
        "may_hold": may_hold(me(request), found, at=at),
        "may_adopt": may(me(request), Duty.KEEP_ORGANISATION, in_area=found.area, at=at),
    }  # fmt: skip
    template = "desk/plans/_progress.html" if request.headers.get("HX-Request") else "desk/plans/proposal.html"
    return render(request, template, context)


def _act(request: HttpRequest, found: Any, at: datetime) -> None:
    by, wanted = me(request), request.POST.get("do", "")
    if wanted == "adopt":
        village = request.POST.get("village", "")
        adopt(found, villages=[village] if village else None, point=_point(request), on=local_day(at), by=by, at=at)
    elif wanted == "stop":
        stop(found, by=by, at=at)
    elif wanted == "resume":
        resume(found, by=by, at=at)
        queue(found)
    elif wanted == "withdraw":
        withdraw(found, by=by, at=at)
    else:
        raise BadInput(_("Choose what to do with the proposal."))


def _point(request: HttpRequest) -> int:
    asked = request.POST.get("point", request.GET.get("point", "0"))
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def village(request: HttpRequest, key: UUID, code: str) -> HttpResponse:
    """Show one village's arrangements beside today; on POST adopt one, or ask again with something changed."""
    at = timezone.now()
    found = proposal_seen_by(key, me(request), at=at)
    plan = plan_of(found, code)
    again = AgainForm(plan.plan, request.POST if request.POST.get("do") == "again" else None)
    if request.method == "POST" and not again.is_bound:
        adopt(found, villages=[code], point=_point(request), on=local_day(at), by=me(request), at=at)
        return redirect("desk:village_plan", key=key, code=code)
    if again.is_bound and again.is_valid():
        asked = ask_for_proposal(
            code, wishes=again.wishes(wishes_from(found.wishes)), after=found, on=local_day(at), by=me(request), at=at
        )
        queue(asked)
        return redirect("desk:proposal", key=asked.pk)
    context = _village_page(request, found, plan, at) | {"form": again}
    return render(request, "desk/plans/village.html", context, status=400 if again.errors else 200)


def _village_page(request: HttpRequest, found: Any, plan: Any, at: datetime) -> dict[str, Any]:
    points, branches = plan.plan["points"], plan.plan.get("branches") or {}
    number = plan.adopted_as if plan.adopted_as is not None else _point(request)
    shown = arrangement(plan.plan, number) if points else None
    map_url = reverse("desk:village_plan_map", args=[found.pk, plan.code])
    return {
        "proposal": found, "plan": plan, "shown": shown, "curve": [arrangement(plan.plan, i) for i in range(len(points))],
        "branches": arrangement(branches, 0) if branches.get("points") else None, "area_url": area_url(plan.code),
        "contradiction": contradiction_sentence(plan.plan), "prices": price_rows(plan.plan),
        "proof": plan.plan.get("certificate"), "cut_off": not plan.plan.get("is_whole", True),
        "tightened": plan.plan.get("used", {}) != plan.plan.get("rules", {}),
        "map_today": f"{map_url}?side=today", "map_plan": f"{map_url}?point={shown['number'] if shown else 0}",
        "may_adopt": points and plan.adopted_at is None and found.state in ("ready", "stopped")
        and may(me(request), Duty.KEEP_ORGANISATION, in_area=plan.code, at=at),
    }  # fmt: skip


@staff
@require_safe
def village_map(request: HttpRequest, key: UUID, code: str) -> JsonResponse:
    """Return today's groups, or those of an arrangement, as GeoJSON."""
    found = proposal_seen_by(key, me(request), at=timezone.now())
    plan = plan_of(found, code).plan
    if request.GET.get("side") == "today" or not plan["points"]:
        bodies = [group["units"] for group in plan["today"]]
    else:
        bodies = plan["points"][min(_point(request), len(plan["points"]) - 1)]["bodies"]
    return JsonResponse(bodies_map(plan, code, on=found.on, bodies=bodies))


@staff
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show two proposals side by side, village by village."""
    at = timezone.now()
    one, other = (proposal_seen_by(_key(request, name), me(request), at=at) for name in ("a", "b"))
    rows = compared(one, other)
    names = names_by_code({one.area, other.area}, on=local_day(at))
    sides = [
        _row(p) | {"area": names.get(p.area, p.area), "total": totals(p), "wishes": wish_sentences(p.wishes)}
        for p in (one, other)
    ]
    context = {"sides": sides, "rows": page_of(request, rows, size=30), "differ": sum(row["differ"] for row in rows)}
    return render(request, "desk/plans/compare.html", context)


def _key(request: HttpRequest, name: str) -> UUID:
    try:
        return UUID(request.GET.get(name, ""))
    except ValueError as error:
        raise BadInput(_("Choose two plans to compare.")) from error


@staff
@require_safe
def workbook(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return a proposal as xlsx; it names no persons."""
    found = proposal_seen_by(key, me(request), at=timezone.now())
    target = io.BytesIO()
    write_proposal(target, found, demo=is_demo())
    return as_download(target.getvalue(), f"plan-{found.area}-{found.on}.xlsx")


@staff
@require_safe
def geojson(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return a proposal as GeoJSON."""
    found = proposal_seen_by(key, me(request), at=timezone.now())
    content = json.dumps(features_of(found), ensure_ascii=False).encode()
    return as_download(content, f"plan-{found.area}-{found.on}.geojson", "application/geo+json")
