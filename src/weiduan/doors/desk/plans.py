"""方案: ask how every unit can be covered, look at it beside today, adopt it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import areas_of, local_day, may
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import names_by_code, places, top_areas
from weiduan.ground.territory.rules import Level
from weiduan.outlook.proposals.actions import adopt, ask_for_proposal, queue, resume, stop, withdraw
from weiduan.outlook.proposals.queries import plan_of, proposal_seen_by, proposals_seen_by, totals, village_rows
from weiduan.outlook.proposals.words import arrangement

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
    if request.method == "POST":
        asked = ask_for_proposal(request.POST.get("area", ""), on=local_day(at), by=me(request), at=at)
        queue(asked)
        return redirect("desk:proposal", key=asked.pk)
    found = proposals_seen_by(me(request), at=at)
    names = names_by_code({p.area for p in found}, on=local_day(at))
    rows = [_row(p) | {"area": names.get(p.area, p.area)} for p in found]
    context = {"rows": rows, "areas": _areas(request, at), "chosen": request.GET.get("area", "")}
    return render(request, "desk/plans/list.html", context)


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
        "crumbs": crumb_links(found.area, known, on, areas_of(me(request), Duty.LOOK, at=at)),
        "area": next((p.name for p in known if p.code == found.area), found.area),
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
    """Show one village's arrangements beside today; on POST adopt one."""
    at = timezone.now()
    found = proposal_seen_by(key, me(request), at=at)
    if request.method == "POST":
        adopt(found, villages=[code], point=_point(request), on=local_day(at), by=me(request), at=at)
        return redirect("desk:village_plan", key=key, code=code)
    plan = plan_of(found, code)
    chosen = plan.adopted_as if plan.adopted_as is not None else _point(request)
    context = {
        "proposal": found, "plan": plan, "shown": arrangement(plan.plan, chosen),
        "curve": [arrangement(plan.plan, i) for i in range(len(plan.plan["points"]))], "area_url": area_url(code),
        "may_adopt": plan.adopted_at is None and found.state in ("ready", "stopped")
        and may(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at),
    }  # fmt: skip
    return render(request, "desk/plans/village.html", context)
