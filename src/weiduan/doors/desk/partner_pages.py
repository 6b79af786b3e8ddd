"""What a partner sees: calls it can answer, what it proposed, milestones it carries out; nothing else of the desk."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.project_words import (
    MILESTONE_TAGS,
    MILESTONE_TITLES,
    PROPOSAL_TAGS,
    PROPOSAL_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    stage_line,
)
from weiduan.systems.services.projects import proposing
from weiduan.systems.services.projects.carrying import show_evidence
from weiduan.systems.services.projects.queries import (
    calls_for,
    milestones_of,
    own_proposal,
    partners_picture,
    partners_project,
    proposals_of,
    shown,
)
from weiduan.systems.services.projects.rules import MilestoneState, ProposalState, State

from .members import private
from .partner_form import EvidenceForm, ProposalForm
from .partnering import partner
from .project import as_picture
from .viewing import me

MAY_SHOW = (MilestoneState.OPEN.value, MilestoneState.REFUSED.value)


@partner
@require_safe
def home(request: HttpRequest, who: Any) -> HttpResponse:
    """Show the calls a partner can answer, and what it has proposed."""
    at = timezone.now()
    own = proposals_of(who)
    answered = {one.project_id for one in own}
    calls = [one for one in calls_for(who, at=at) if one.pk not in answered]
    names = names_by_area({one.area_id for one in [*calls, *(each.project for each in own)]}, on=local_day(at))
    context = {
        "partner": who, "calls": [(one, names.get(one.area_id)) for one in calls],
        "own": [
            (one, names.get(one.project.area_id), PROPOSAL_TITLES[one.state], PROPOSAL_TAGS[one.state], STATE_TITLES[one.project.state])
            for one in own
        ],
    }  # fmt: skip
    return private(render(request, "desk/partner/home.html", context))


@partner
@require_http_methods(["GET", "HEAD", "POST"])
def project(request: HttpRequest, who: Any, key: UUID) -> HttpResponse:
    """Show a project to a partner; on POST write, hand in or withdraw a proposal, or show what was done."""
    at = timezone.now()
    found = partners_project(who, key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = _done(request, who, found, at)
        if not tried:
            return redirect("desk:partner_project", key=key)
        found = partners_project(who, key, at=at)
    context = _page(who, found, at) | tried
    return private(render(request, "desk/partner/project.html", context, status=tried.get("status", 200)))


def _done(request: HttpRequest, who: Any, found: Any, at: datetime) -> dict[str, Any]:
    """Do what was asked for; return nothing once it is done, else what the page shows."""
    do = request.POST.get("do", "")
    how: dict[str, Any] = {"by": me(request), "at": at}
    try:
        if do in ("save", "hand_in"):
            form = ProposalForm(request.POST)
            if not form.is_valid():
                return {"form": form, "proposal_form": form, "status": 400}
            proposing.save_proposal(found.pk, who.pk, form.proposing(), **how)
            told = _("Saved. Only you see it.")
            if do == "hand_in":
                proposing.hand_in(found.pk, who.pk, **how)
                told = _("Handed in. Nobody reads it before the call is over; until then you can withdraw it.")
        elif do == "withdraw":
            proposing.withdraw_proposal(found.pk, who.pk, **how)
            told = _("Withdrawn. You can change it and hand it in again until the call is over.")
        elif do == "show":
            evidence = EvidenceForm(request.POST, request.FILES, milestones=_open_milestones(found, at))
            if not evidence.is_valid():
                return {"form": evidence, "evidence_form": evidence, "status": 400}
            said = evidence.cleaned_data
            show_evidence(found.pk, said["milestone"], said["words"], evidence.shots(), **how)
            told = _("Shown. The community looks at it, and accepts it or says what is missing.")
        else:
            raise BadInput(_("Choose what to do."))
    except Refused as refusal:
        kept = {"proposal_form": ProposalForm(request.POST)} if do in ("save", "hand_in") else {}
        return {"refusal": refusal.message, "status": refusal.status} | kept
    messages.success(request, told)
    return {}


def _open_milestones(found: Any, at: datetime) -> list[tuple[int, str]]:
    rows = [one.milestone for one in milestones_of(found, at=at)]
    return [(one.number, f"{one.number}. {one.what}") for one in rows if one.state in MAY_SHOW]


def _page(who: Any, found: Any, at: datetime) -> dict[str, Any]:
    on = local_day(at)
    kept = own_proposal(who, found)
    own = shown(kept) if kept else None
    is_mine = kept is not None and kept.state == ProposalState.CHOSEN.value
    is_open = found.state == State.CALLED.value and found.call_until is not None and at < found.call_until
    may_write = is_open and (kept is None or kept.state != ProposalState.HANDED_IN.value)
    to_show = _open_milestones(found, at) if is_mine and found.state == State.RUNNING.value else []
    return {
        "partner": who, "project": found, "area": area_of(found.area_id, on=on), "word": STATE_TITLES[found.state],
        "tag": STATE_TAGS[found.state], "line": stage_line(found, at=at), "own": own,
        "own_word": PROPOSAL_TITLES[kept.state] if kept else "", "own_tag": PROPOSAL_TAGS[kept.state] if kept else "",
        "units": list(names_by_area([unit.area_id for unit in found.units.all()], on=on).values()),
        "needs": [one.need for one in found.needs.select_related("need")],
        "proposal_form": ProposalForm(proposal=own) if may_write else None,
        "may_withdraw": is_open and kept is not None and kept.state == ProposalState.HANDED_IN.value,
        "milestones": [
            (one, MILESTONE_TITLES[one.milestone.state], MILESTONE_TAGS[one.milestone.state]) for one in milestones_of(found, at=at)
        ] if is_mine else [],
        "picture": "desk:partner_picture", "evidence_form": EvidenceForm(milestones=to_show) if to_show else None, "refusal": "",
    }  # fmt: skip


@partner
@require_safe
def picture(request: HttpRequest, who: Any, key: UUID, picture: UUID) -> HttpResponse:
    """Return a picture the partner showed itself."""
    return as_picture(partners_picture(who, key, picture))
