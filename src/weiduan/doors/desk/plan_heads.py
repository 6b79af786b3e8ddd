"""Who could head the grids of a plan: names only for those who keep the organisations there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.outlook.proposals.actions import adopt_heads
from weiduan.outlook.proposals.heads import SHOWN, propose_heads
from weiduan.outlook.proposals.queries import plan_of, proposal_seen_by
from weiduan.systems.organisation.members.queries import names_of

from .viewing import area_url, me, staff


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def heads(request: HttpRequest, key: UUID, code: str) -> HttpResponse:
    """Show who could head each grid of a village; on POST appoint one."""
    at = timezone.now()
    found = proposal_seen_by(key, me(request), at=at)
    plan = plan_of(found, code)
    if request.method == "POST":
        grid, number = request.POST.get("grid", ""), request.POST.get("person", "")
        if not (grid and number):
            raise BadInput(_("Choose who is to head the grid."))
        adopt_heads(found, villages=[code], chosen={grid: number}, on=local_day(at), by=me(request), at=at)
        return redirect("desk:plan_heads", key=key, code=code)
    open_grids = propose_heads(code, on=local_day(at))
    may_appoint = may(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at)
    shown = {n for head in open_grids for n in [head.proposed, *head.others[:SHOWN]] if n} if may_appoint else set()
    names = names_of(shown)
    rows = [
        {
            "head": head, "url": area_url(head.grid), "count": len(head.others) + (head.proposed is not None),
            "persons": [(n, names.get(n, n)) for n in [head.proposed, *head.others[:SHOWN]] if n and may_appoint],
        }
        for head in open_grids
    ]  # fmt: skip
    context = {"proposal": found, "plan": plan, "rows": rows, "may_appoint": may_appoint}
    return render(request, "desk/plans/heads.html", context)
