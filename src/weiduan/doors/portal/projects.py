"""服务项目 for everyone: projects of an area, one with its stages, proposals and milestones, and its account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.outlook.insight.project_account import account_csv, account_told, partner_chosen
from weiduan.outlook.insight.project_words import (
    ACCOUNT_TITLES,
    MILESTONE_TAGS,
    MILESTONE_TITLES,
    MOVE_TITLES,
    PROPOSAL_TAGS,
    PROPOSAL_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    stage_line,
)
from weiduan.outlook.insight.satisfaction_words import rows_of
from weiduan.systems.services.projects.queries import (
    books_of,
    handed_in_count,
    is_call_over,
    milestones_of,
    projects_for,
    proposals_shown,
    public_picture,
    public_project,
)
from weiduan.systems.services.satisfaction.queries import about_project

from .units import crumb_links, here_among

PAGE = 30
A_DAY_S = 24 * 60 * 60


@require_safe
def projects(request: HttpRequest, code: str) -> HttpResponse:
    """List the projects of an area and for units in it."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    page = Paginator(projects_for(code, at=at), PAGE).get_page(request.GET.get("page"))
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    context = {
        "here": here, "page": page,
        "rows": [(one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in page],
        "crumbs": [*crumb_links(code, known, leads_here=True), (_("Service projects"), None)],
    }  # fmt: skip
    return render(request, "portal/projects/list.html", context)


@require_safe
def project(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a project: what is asked for, how it stands, what was proposed, chosen, done and paid."""
    at = timezone.now()
    found = public_project(key)
    on = local_day(at)
    context = _head(found, at) | {
        "line": stage_line(found, at=at), "handed_in": handed_in_count(found), "is_call_over": is_call_over(found, at=at),
        "units": list(names_by_area([unit.area_id for unit in found.units.all()], on=on).values()),
        "needs": [one.need for one in found.needs.select_related("need")],
        "proposals": [
            (one, PROPOSAL_TITLES[one.proposal.state], PROPOSAL_TAGS[one.proposal.state]) for one in proposals_shown(found, at=at)
        ],
        "milestones": [
            (one, MILESTONE_TITLES[one.milestone.state], MILESTONE_TAGS[one.milestone.state]) for one in milestones_of(found, at=at)
        ],
        "picture": "portal:project_picture", "is_ballot_shown": found.ballot is not None and found.ballot.state != "draft",
        "held": _held(found), "asked": rows_of(about_project(found.pk), at=at),
    }  # fmt: skip
    return render(request, "portal/projects/project.html", context)


@require_safe
def account(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show every move of a project's money."""
    found = public_project(key)
    moves = [(line, MOVE_TITLES[line.kind]) for line in books_of(found).lines]
    context = _head(found, timezone.now(), _("Account of the project")) | {"moves": moves, "held": _held(found)}
    return render(request, "portal/projects/account.html", context)


@require_safe
def account_table(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return the account as a table to take along."""
    found = public_project(key)
    headers = {"Content-Disposition": f'attachment; filename="project-{found.pk}.csv"'}
    return HttpResponse(account_csv(found), content_type="text/csv; charset=utf-8", headers=headers)


@require_safe
def account_file(request: HttpRequest, key: UUID) -> JsonResponse:
    """Return the account as JSON."""
    return JsonResponse(account_told(public_project(key)), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
def picture(request: HttpRequest, key: UUID, picture: UUID) -> FileResponse:
    """Return a picture of what was accepted: a JPEG drawn anew."""
    found = public_picture(key, picture)
    headers = {"Cache-Control": f"public, max-age={A_DAY_S}", "X-Content-Type-Options": "nosniff"}
    return FileResponse(found.file.open("rb"), content_type="image/jpeg", headers=headers)


def _head(found: Any, at: datetime, under: str = "") -> dict[str, Any]:
    """Return what both pages of a project begin with; `under`: the page below it."""
    on = local_day(at)
    here = area_of(found.area_id, on=on)
    crumbs = [
        *crumb_links(here.code, places(here.code, on=on, levels=[]), leads_here=True),
        (_("Service projects"), reverse("portal:projects", args=[here.code])),
        (found.title, reverse("portal:project", args=[found.pk]) if under else None),
        *([(under, None)] if under else []),
    ]  # fmt: skip
    return {
        "project": found, "area": here, "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state], "crumbs": crumbs,
        "partner": partner_chosen(found),
    }  # fmt: skip


def _held(found: Any) -> list[tuple[str, Any, int]]:
    return [(account.value, ACCOUNT_TITLES[account], fen) for account, fen in books_of(found).held.items()]
