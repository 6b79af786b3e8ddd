"""Proposals as their readers may see them."""

from collections import Counter
from collections.abc import Iterable
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
from weiduan.systems.organisation.coverage.queries import coverage_in

from .models import Proposal, VillagePlan
from .rules import Ask


def villages_in(area: str, *, on: date) -> list[str]:
    """Return the codes of the villages of an area that have units."""
    units = areas_below(area, on=on).filter(level=Level.UNIT).values_list("code", flat=True)
    return sorted({code[:12] for code in units})


def unknown_to(area: str, names: Iterable[str], *, on: date) -> list[str]:
    """Return those of `names` that are neither a group standing in an area nor a unit with a group there."""
    wanted = set(names)
    if not wanted:
        return []
    coverage = coverage_in(area, on=on)
    groups = {s.id: s for s in coverage.standings.values() if s.kind == "group" and s.covers}
    units = {unit.code for unit in coverage.units if any(key in groups for key in unit.organisations)}
    return sorted(wanted - units - {group.number for group in groups.values()})


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
    total = Counter[str](dict.fromkeys(COUNTED, 0))
    for plan, adopted in proposal.plans.values_list("plan", "adopted_at"):
        total["planned"] += 1
        total["adopted"] += adopted is not None
        total["units"] += len(plan["units"])
        total["today"] += len(plan["today"])
        total["contradictions"] += plan.get("contradiction") is not None
        total.update(_counts(plan))
        total.update({f"branch_{key}": n for key, n in _counts(plan.get("branches", {})).items()})
        total["grids"] += len(plan.get("branches", {}).get("units", ()))
        heads = plan.get("heads", ())
        total["heads_wanted"] += len(heads)
        total["heads"] += sum(head["proposed"] for head in heads)
    return dict(total)


COUNTED = (
    "planned", "adopted", "units", "today", "contradictions", "moves", "groups", "fewest", "left_out", "elections", "proved",
    "branch_moves", "branch_left_out", "branch_groups", "branch_proved", "grids", "heads_wanted", "heads",
)  # fmt: skip


def _counts(plan: dict[str, Any]) -> dict[str, int]:
    """Count one curve; nothing where there is none."""
    if not plan.get("points"):
        return {}
    first, last = plan["points"][0], plan["points"][-1]
    return {
        "moves": first["moves"], "groups": first["count"], "fewest": last["count"], "left_out": len(first["left_out"]),
        "elections": len(first["elections"]),
        "proved": int(all(level["status"] == "optimal" for point in plan["points"] for level in point["levels"])),
    }  # fmt: skip


def duty_over(proposal: Proposal) -> Duty:
    """Return the duty by which a proposal is adopted: rooms alone by whoever keeps rooms."""
    return Duty.KEEP_VENUES if proposal.asks == [Ask.VENUES.value] else Duty.KEEP_ORGANISATION


def may_hold(viewer: User, proposal: Proposal, *, at: datetime) -> bool:
    """Tell whether somebody may stop a proposal, let it go on, or withdraw it: whoever asked for it, or may adopt it."""
    return proposal.asked_by_id == viewer.pk or may(viewer, duty_over(proposal), in_area=proposal.area, at=at)


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
        counts = {"moves": 0, "groups": 0, "fewest": 0, "left_out": 0} | _counts(plan.plan)
        rows.append(counts | {
            "code": plan.code, "name": plan.name, "units": len(plan.plan["units"]), "today": len(plan.plan["today"]),
            "adopted": plan.adopted_at is not None, "contradiction": plan.plan.get("contradiction") is not None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["adopted"], not row["contradiction"], -row["moves"], row["code"]))


def compare(one: Proposal, other: Proposal) -> list[dict[str, Any]]:
    """Return a row per village both planned: figures of each least change, and how many units have other companions.

    Villages in which the two differ most come first.
    """
    others = dict(other.plans.values_list("code", "plan"))
    rows = []
    for code, name, plan in one.plans.order_by("code").values_list("code", "name", "plan"):
        if code in others and plan["points"] and others[code]["points"]:
            first, second = (_counts(each) for each in (plan, others[code]))
            rows.append({
                "code": code, "name": name, "differ": _other_companions(plan, others[code]), "one": first, "other": second,
            })  # fmt: skip
    return sorted(rows, key=lambda row: (-row["differ"], row["code"]))


def _other_companions(one: dict[str, Any], other: dict[str, Any]) -> int:
    """Count units that stand in a group with other units than they do in the other plan."""
    mine, theirs = _companions(one), _companions(other)
    return sum(mine.get(code) != theirs.get(code) for code in mine.keys() | theirs.keys())


def _companions(plan: dict[str, Any]) -> dict[str, frozenset[str]]:
    codes = [unit["code"] for unit in plan["units"]]
    bodies = [frozenset(codes[i] for i in body) for body in plan["points"][0]["bodies"]]
    return {code: body for body in bodies for code in body}
