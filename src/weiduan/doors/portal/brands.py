"""服务品牌 for everyone: the brands of an area, and all that belongs to one."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.outlook.insight.activity_words import FUNCTION_TITLES, activity_rows, when_words
from weiduan.systems.services.brands.queries import brand_by_key, brands_in, gathered

from .units import crumb_links, here_among

A_DAY_S = 24 * 60 * 60


@require_safe
def brands(request: HttpRequest, code: str) -> HttpResponse:
    """List the brands residents of an area meet."""
    on = local_day(timezone.now())
    known = places(code, on=on, levels=[])
    found = list(brands_in(code, on=on))
    names = names_by_area({one.area_id for one in found}, on=on)
    context = {
        "here": here_among(known, code), "rows": [(one, names.get(one.area_id)) for one in found],
        "crumbs": [*crumb_links(code, known, leads_here=True), (_("Service brands"), None)],
    }  # fmt: skip
    return render(request, "portal/brands/list.html", context)


@require_safe
def brand(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a brand with its activities, functions, projects and teams."""
    at = timezone.now()
    on = local_day(at)
    found = brand_by_key(key)
    code = area_of(found.area_id, on=on).code
    belongs = gathered(found, at=at)
    context: dict[str, Any] = {
        "brand": found, "to_come": activity_rows(belongs.to_come, at), "over": activity_rows(belongs.over, at),
        "functions": [(one, FUNCTION_TITLES[one.kind], when_words(one)) for one in belongs.functions],
        "projects": belongs.projects, "teams": belongs.teams, "has_ended": found.until is not None and found.until <= on,
        "crumbs": [
            *crumb_links(code, places(code, on=on, levels=[]), leads_here=True),
            (_("Service brands"), reverse("portal:brands", args=[code])), (found.name, None),
        ],
    }  # fmt: skip
    return render(request, "portal/brands/brand.html", context)


@require_safe
def mark(request: HttpRequest, key: UUID) -> FileResponse:
    """Return the mark of a brand: always a JPEG drawn anew, never taken for anything else."""
    found = brand_by_key(key)
    if not found.mark:
        raise NotFound(_("This brand has no mark."))
    headers = {"Cache-Control": f"public, max-age={A_DAY_S}", "X-Content-Type-Options": "nosniff"}
    return FileResponse(found.mark.open("rb"), content_type="image/jpeg", headers=headers)
