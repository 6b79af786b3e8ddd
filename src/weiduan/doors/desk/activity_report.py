"""A matter said at a deputies' day or at “I have something to say”, written down for whoever said it; its address is shown once."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import NotFound, Refused
from weiduan.ground.territory.queries import area_of, places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.reports.intake import Telling
from weiduan.systems.governance.reports.rules import Wish
from weiduan.systems.services.activities.after import bring_report
from weiduan.systems.services.activities.queries import kept_activity
from weiduan.systems.services.activities.rules import BRING_FORM, BRINGS

from .members import private
from .reports_form import TellForm, contents_of
from .viewing import me, staff

MOST_PLACES = 300


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write a matter down; sent twice, the one form makes one report."""
    at = timezone.now()
    found = kept_activity(me(request), key, at=at)
    if found.kind not in BRINGS:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(found.area_id, on=local_day(at)).code
    rows = [
        row
        for row in places(code, on=local_day(at), levels=[Level.VILLAGE, Level.UNIT])
        if row.level in (Level.VILLAGE, Level.UNIT)
    ]
    sent = (request.POST, request.FILES) if request.method == "POST" else (None,)
    form = TellForm(*sent, places=[(row.code, row.name) for row in rows[:MOST_PLACES]])
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            return _told(request, key, form.cleaned_data, at)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {
        "form": form,
        "refusal": refusal,
        "activity": found,
        "draft": request.POST.get("draft") or new_draft(BRING_FORM),
    }
    return private(render(request, "desk/activities/report.html", context, status=status))


def _told(request: HttpRequest, key: UUID, said: dict[str, Any], at: Any) -> HttpResponse:
    receipt = receipt_of(request.POST.get("draft", ""), BRING_FORM)
    telling = Telling(
        category=said["category"], text=said["text"], area=said["unit"], place=said["place"], contact=said["contact"],
        wish=Wish(said["wish"]), photos=contents_of(said["photos"]), in_confidence=said["in_confidence"],
    )  # fmt: skip
    brought = bring_report(key, telling, receipt, by=me(request), at=at)
    address = request.build_absolute_uri(reverse("portal:report", args=[receipt]))
    return private(render(request, "desk/reports/told.html", {"report": brought.report, "address": address}))
