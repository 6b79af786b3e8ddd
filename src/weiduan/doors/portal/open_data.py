"""Open data of an area for everyone: what there is, what each field means, and the files."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.opened.data import SETS, dictionary_of, file_of, licence

from .units import crumb_links, here_among

EMBEDS = ("embed_zeros", "embed_map")


@require_safe
def open_data(request: HttpRequest, code: str) -> HttpResponse:
    """List the sets of an area with their files, and what else programs and other pages can take in."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    embeds = [(name, request.build_absolute_uri(reverse(f"portal:{name}", args=[code]))) for name in EMBEDS]
    context = {
        "here": here, "crumbs": [*crumb_links(code, known, leads_here=True), (_("Open data"), None)], "sets": SETS, "on": local_day(at),
        "licence": licence(), "embeds": embeds if here.level < Level.UNIT else embeds[:1],
        "ogc": request.build_absolute_uri(reverse("ogc:landing")), "feed": request.build_absolute_uri(reverse("portal:feed", args=[code])),
    }  # fmt: skip
    return render(request, "portal/open_data/list.html", context)


@require_safe
def dictionary(request: HttpRequest, code: str) -> HttpResponse:
    """Tell what each field means."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    crumbs = [
        *crumb_links(code, known, leads_here=True), (_("Open data"), reverse("portal:open_data", args=[code])),
        (_("What each field means"), None),
    ]  # fmt: skip
    return render(request, "portal/open_data/dictionary.html", {"here": here, "crumbs": crumbs, "sets": SETS})


@require_safe
@conditional_page
def dictionary_file(request: HttpRequest, code: str) -> HttpResponse:
    """Return the data dictionary for programs."""
    told = dictionary_of(code, at=timezone.now(), demo=is_demo())
    return _open(JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1}))


@require_safe
@conditional_page
def file(request: HttpRequest, code: str, name: str, form: str) -> HttpResponse:
    """Return a set as a file; to whoever has it already, that nothing changed."""
    found = file_of(code, name, form, at=timezone.now(), demo=is_demo())
    headers = {
        "Content-Disposition": f'attachment; filename="{found.name}"',
        "Last-Modified": http_date(found.changed_at.timestamp()),
    }
    return _open(HttpResponse(found.content, content_type=found.kind, headers=headers))


def _open(response: HttpResponse) -> HttpResponse:
    """Let programs on any page read it: it is for everyone and knows nobody."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Cookie"])
    return response
