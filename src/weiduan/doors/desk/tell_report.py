"""A matter told by telephone or on a visit, written down for whoever told it; the address to follow it by is shown once."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import NotAllowed, Refused
from weiduan.ground.territory.queries import names_by_code, places, search_places
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.rules import Channel, Wish

from .members import private
from .reports_form import TellForm, contents_of
from .viewing import me, staff

SALT = "weiduan.report.desk"
MOST_FOUND = 300


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def tell_report(request: HttpRequest) -> HttpResponse:
    """Write a matter down; sent twice, the one form makes one report."""
    at = timezone.now()
    own = areas_of(me(request), Duty.HANDLE_REPORTS, at=at)
    if not own:
        raise NotAllowed(_("This needs the duty to handle reports. Ask whoever gives mandates."))
    look = request.GET.get("look", "").strip()[:40]
    sent = (request.POST, request.FILES) if request.method == "POST" else (None,)
    form = TellForm(*sent, places=_places(own, look, at))
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            return _told(request, form.cleaned_data, at)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {
        "form": form, "refusal": refusal, "look": look, "draft": request.POST.get("draft") or new_draft(SALT),
        "found": len(form.fields["unit"].choices) - 1,  # type: ignore[attr-defined]
    }  # fmt: skip
    return private(render(request, "desk/reports/tell.html", context, status=status))


def _told(request: HttpRequest, said: dict[str, Any], at: datetime) -> HttpResponse:
    receipt = receipt_of(request.POST.get("draft", ""), SALT)
    telling = Telling(
        category=said["category"], text=said["text"], area=said["unit"], place=said["place"], contact=said["contact"],
        wish=Wish(said["wish"]), photos=contents_of(said["photos"]), in_confidence=said["in_confidence"],
    )  # fmt: skip
    report = tell(telling, receipt=receipt, channel=Channel.DESK, by=me(request), at=at)
    address = request.build_absolute_uri(reverse("portal:report", args=[receipt]))
    return private(render(request, "desk/reports/told.html", {"report": report, "address": address}))


def _places(own: list[str], look: str, at: datetime) -> list[tuple[str, str]]:
    """Return units and villages to choose from: those found by name, else those of one's own village or grid."""
    on = local_day(at)
    if look:
        rows = [row for row in search_places(look, on=on) if any(covers(code, row.code) for code in own)]
    else:
        small = [code for code in own if len(code) > 12 or (code and code[9:] != "000")]
        rows = [row for code in small for row in places(code, on=on, levels=[Level.UNIT])]
    rows = [row for row in rows if row.level in (Level.VILLAGE, Level.UNIT)][:MOST_FOUND]
    villages = names_by_code({row.code[:12] for row in rows}, on=on)
    return [(row.code, _lies(row, villages)) for row in rows]


def _lies(row: Any, villages: dict[str, str]) -> str:
    return row.name if row.level == Level.VILLAGE else f"{row.name} · {villages.get(row.code[:12], '')}"
