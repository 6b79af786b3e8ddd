"""服务: where everything services keep is found, as one page of doors with what waits behind each."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.systems.services.activities.queries import activities_kept_by
from weiduan.systems.services.routines.queries import rounds_due
from weiduan.systems.services.satisfaction.queries import kept_by
from weiduan.systems.services.volunteers.queries import at_risk
from weiduan.systems.services.wishes.queries import to_look_at

from .members import private
from .viewing import me, staff


@staff
@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """Show what one keeps of services, and how much of each waits."""
    user, at = me(request), timezone.now()
    rows: list[dict[str, Any]] = [
        {"title": _("Activities"), "about": _("What is on, who has a place, what it was like; and the brands."),
         "url": reverse("desk:activities"),
         "waiting": activities_kept_by(user, at=at).filter(ends_at__gt=at).exclude(state="cancelled").count()},
        {"title": _("Service projects"), "about": _("Chosen by residents, paid by milestone, with an account everyone reads"),
         "url": reverse("desk:projects"), "waiting": 0},
        {"title": _("Volunteers"), "about": _("Teams, shifts, hours."), "url": reverse("desk:teams"),
         "waiting": at_risk(user, at=at).count()},
        {"title": _("Small wishes"), "about": _("Told without a name, taken up, fulfilled."), "url": reverse("desk:wishes"),
         "waiting": to_look_at(user, at=at)},
        {"title": _("Rounds"), "about": _("What is gone to again and again."), "url": reverse("desk:rounds"),
         "waiting": sum(one.is_late for one in rounds_due(user, at=at))},
        {"title": _("What residents say"), "about": _("Whether residents are content is the only measure."),
         "url": reverse("desk:questionnaires"), "waiting": kept_by(user, at=at).filter(state="open").count()},
    ]  # fmt: skip
    return private(render(request, "desk/services.html", {"rows": rows}))
