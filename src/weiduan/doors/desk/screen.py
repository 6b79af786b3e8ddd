"""大屏: how an area stands, for a wall; it refreshes itself and names nobody."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from weiduan.outlook.insight.wall.screen import Screen, screen_of
from weiduan.outlook.insight.zero_words import SYSTEM_TITLES, ZERO_TITLES

from .areas import share_of
from .viewing import area_url, look, staff

GRID_DIGITS = 15


@staff
@require_safe
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """Show the screen of an area; a unit has a page instead."""
    look(request, code)
    if len(code) > GRID_DIGITS:
        return redirect(area_url(code))
    at = timezone.now()
    shown = screen_of(code, at=at)
    reports, said = shown.reports, shown.said
    context = {
        "here": shown.area, "at": at, "shown": shown, "zeros": _zeros(shown),
        "in_time": share_of(reports.in_time, reports.answered), "content": share_of(said.content, said.could_say),
    }  # fmt: skip
    return render(request, "desk/screen/screen.html", context)


def _zeros(shown: Screen) -> list[dict[str, Any]]:
    """Return each zero with how many units lack it, of how many, and the page that says which."""
    code = shown.area.code
    pages = {
        "organisation": f"{area_url(code)}#gaps", "venues": reverse("desk:dead_corners", args=[code]),
        "governance": reverse("desk:zero", args=[code, "governance"]), "services": reverse("desk:zero", args=[code, "services"]),
    }  # fmt: skip
    return [
        {
            "name": name,
            "title": title,
            "system": SYSTEM_TITLES[name],
            "missing": shown.missing[name],
            "url": pages[name],
        }
        for name, title in ZERO_TITLES.items()
    ]
