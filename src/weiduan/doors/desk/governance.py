"""自治: where everything that governs itself is kept, as one page of doors with what waits behind each."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.ballots.queries import ballots_kept_by
from weiduan.systems.governance.bodies.queries import bodies_due
from weiduan.systems.governance.compacts.queries import compacts_kept_by, under_way
from weiduan.systems.governance.deliberation.queries import topics_kept_by
from weiduan.systems.governance.mediation.queries import open_known_to
from weiduan.systems.governance.partners.queries import needs_kept_by

from .members import private
from .viewing import me, staff


@staff
@require_safe
def governance(request: HttpRequest) -> HttpResponse:
    """Show what one keeps of self-government, and how much of each is under way."""
    at = timezone.now()
    codes = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    rows: list[dict[str, Any]] = [
        {"title": _("Ballots"), "about": _("What residents decide by heads and area."), "url": reverse("desk:ballots"),
         "waiting": ballots_kept_by(me(request), at=at).filter(state__in=("draft", "open", "closed")).count()},
        {"title": _("Bodies of self-government"), "about": _("Who is in office, until when, what is vacant."),
         "url": reverse("desk:bodies"), "waiting": len(bodies_due(codes, on=local_day(at)))},
        {"title": _("Compacts and charters"), "about": _("Texts residents give themselves."), "url": reverse("desk:compacts"),
         "waiting": under_way(compacts_kept_by(me(request), at=at))},
        {"title": _("Deliberation"), "about": _("What is talked over, decided, carried out and judged."), "url": reverse("desk:topics"),
         "waiting": topics_kept_by(me(request), at=at).filter(state__in=("proposed", "under_way")).count()},
        {"title": _("Mediation"), "about": _("Quarrels, seen by their mediator alone."), "url": reverse("desk:mediations"),
         "waiting": open_known_to(me(request), at=at)},
        {"title": _("Partners and resources"), "about": _("Who offers what, who needs what."), "url": reverse("desk:partners"),
         "waiting": needs_kept_by(me(request), at=at).filter(met_on=None).count()},
    ]  # fmt: skip
    return private(render(request, "desk/governance.html", {"rows": rows}))
