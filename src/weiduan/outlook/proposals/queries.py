"""Proposals as their readers may see them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, may
from weiduan.ground.accounts.rules import Duty, prefix_of
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import areas_below
from weiduan.ground.territory.rules import Level

from .models import Proposal, VillagePlan


def villages_in(area: str, *, on: date) -> list[str]:
    """Return the codes of the villages of an area that have units."""
    units = areas_below(area, on=on).filter(level=Level.UNIT).values_list("code", flat=True)
    return sorted({code[:12] for code in units})


def proposal_seen_by(key: UUID, viewer: User | str, *, at: datetime) -> Proposal:
    """Return a proposal of an area at which `viewer` may look.

    :raises NotFound: there is none, or not for this viewer
    """
    proposal = Proposal.objects.filter(pk=key).first()
    if proposal is None or not (isinstance(viewer, str) or may(viewer, Duty.LOOK, in_area=proposal.area, at=at)):
        raise NotFound(_("There is no such proposal here."))
    return proposal


def proposals_seen_by(viewer: User, *, at: datetime) -> list[Proposal]:
    """Return the last fifty proposals of the areas at which `viewer` may look."""
    here = Q(pk__in=[])
    for area in areas_of(viewer, Duty.LOOK, at=at):
        here |= Q(area__startswith=prefix_of(area) if area else "")
    return list(Proposal.objects.filter(here).select_related("asked_by").order_by("-asked_at")[:50])


def totals(proposal: Proposal) -> dict[str, Any]:
    """Add up a proposal: today's groups, those of the least change and of the fewest, moves, what stays uncovered."""
    counted = ("planned", "units", "today", "moves", "groups", "fewest", "left_out", "elections", "proved", "adopted")
    total = dict.fromkeys(counted, 0)
    for plan, adopted in proposal.plans.values_list("plan", "adopted_at"):
        first, last = plan["points"][0], plan["points"][-1]
        total["planned"] += 1
        total["units"] += len(plan["units"])
        total["today"] += len(plan["today"])
        total["moves"] += first["moves"]
        total["groups"] += first["count"]
        total["fewest"] += last["count"]
        total["left_out"] += len(first["left_out"])
        total["elections"] += len(first["elections"])
        total["proved"] += all(level["status"] == "optimal" for point in plan["points"] for level in point["levels"])
        total["adopted"] += adopted is not None
    return total


def plan_of(proposal: Proposal, code: str) -> VillagePlan:
    """Return the plan of one village.

    :raises NotFound: it isn't planned (yet)
    """
    plan = proposal.plans.filter(code=code).first()
    if plan is None:
        raise NotFound(_("This village is not planned yet."))
    return plan


def village_rows(proposal: Proposal) -> list[dict[str, Any]]:
    """Return a row per planned village: those with something to do first."""
    rows = []
    for plan in proposal.plans.order_by("code"):
        first, last = plan.plan["points"][0], plan.plan["points"][-1]
        rows.append({
            "code": plan.code, "name": plan.name, "units": len(plan.plan["units"]), "today": len(plan.plan["today"]),
            "moves": first["moves"], "groups": first["count"], "fewest": last["count"],
            "left_out": len(first["left_out"]), "adopted": plan.adopted_at is not None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["adopted"], -row["moves"], row["code"]))
