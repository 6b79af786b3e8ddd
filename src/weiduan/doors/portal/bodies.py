"""Who governs a place from within: its bodies, their offices, until when."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.outlook.insight.body_words import body_rows
from weiduan.systems.governance.bodies.queries import bodies_for, bodies_in

from .units import crumb_links, here_among

PAGE = 30


@require_safe
def bodies(request: HttpRequest, code: str) -> HttpResponse:
    """List the bodies of an area, of those above it and of those below it."""
    on = local_day(timezone.now())
    known = places(code, on=on, levels=[])
    here = here_among(known, code)
    page = Paginator(bodies_in(code, on=on) | bodies_for(code, on=on), PAGE).get_page(request.GET.get("page"))
    crumbs = [*crumb_links(code, known, leads_here=True), (_("Self-government"), None)]
    context = {"here": here, "crumbs": crumbs, "page": page, "rows": body_rows(page, on=on)}
    return render(request, "portal/bodies/list.html", context)
