"""自治: where everything that governs itself is kept, as one page of doors with what waits behind each."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.systems.governance.ballots.queries import ballots_kept_by

from .members import private
from .viewing import me, staff


@staff
@require_safe
def governance(request: HttpRequest) -> HttpResponse:
    """Show what one keeps of self-government, and how much of each is under way."""
    at = timezone.now()
    rows: list[dict[str, Any]] = [
        {"title": _("Votes"), "about": _("What residents decide by heads and area."), "url": reverse("desk:ballots"),
         "waiting": ballots_kept_by(me(request), at=at).filter(state__in=("draft", "open", "closed")).count()},
    ]  # fmt: skip
    return private(render(request, "desk/governance.html", {"rows": rows}))
