"""Write a matter down without network: a page that the phone keeps, and the one address it sends to once there is network again.

What was written waits on the phone (static/js/later.js). The phone draws the receipt, so that sending again, in whatever order and
however often, does what was asked once. Nothing the phone says of the time counts: a matter is told when it arrives.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.queries import report_by_receipt, steps_of
from weiduan.systems.governance.reports.reporting import NotYet, add
from weiduan.systems.governance.reports.rules import LONGEST_WORDS, MOST_PHOTOS, Channel

from .bookings import unlisted
from .later_form import LaterForm
from .report_form import photos_sent, plain

RECEIPT = re.compile(r"[\w-]{24}", re.ASCII)
KEPT, AGAIN, NOT_YET, REFUSED = "kept", "again", "not_yet", "refused"
# What the phone keeps, beside the page itself, to show it without network.
FILES = (
    "vendor/bootstrap@5.3.9/bootstrap.min.css", "vendor/htmx.org@2.0.11/htmx.min.js", "css/tokens.css", "css/weiduan.css",
    "js/house.js", "js/map.js", "js/drafts.js", "js/later.js", "img/mark.svg", "img/icons.svg",
)  # fmt: skip


# No cookie counts here, neither who is signed in nor anything else, so there is no authority a forged request could borrow, and
# a page that was kept for days has no valid token. Pages of other sites are turned away all the same.
@csrf_exempt
@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def tell_later(request: HttpRequest) -> HttpResponse:
    """Show the page to write on without network; on POST take in one thing that waited on a phone, and answer in JSON."""
    if request.method != "POST":
        return _page(request)
    try:
        _refuse_other_sites(request)
        return _answer(request, **_taken_in(request, plain(request.POST), timezone.now()))
    except Refused as refusal:
        return _answer(request, status=refusal.status, state=REFUSED, message=refusal.message)


def _page(request: HttpRequest) -> HttpResponse:
    """Show the page; it says nothing about whoever asks, not even in messages, for the phone keeps it."""
    form = LaterForm(None, unit=request.GET.get("unit", "")[:18], on=local_day(timezone.now()))
    context = {"form": form, "longest": LONGEST_WORDS, "most_photos": MOST_PHOTOS, "messages": ()}
    return render(request, "portal/reports/later.html", context)


def _refuse_other_sites(request: HttpRequest) -> None:
    """Turn away what a browser says comes from a page that isn't ours.

    :raises NotAllowed: it does
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    is_ours = origin is None or urlsplit(origin).netloc == request.get_host()
    if not is_ours or site not in (None, "same-origin"):
        raise NotAllowed(_("This was sent by a page that isn't ours."))


def _taken_in(request: HttpRequest, said: Mapping[str, str], at: datetime) -> dict[str, Any]:
    receipt = said.get("receipt", "")
    if not RECEIPT.fullmatch(receipt):
        raise BadInput(_("A report needs a receipt."))
    return _added(request, receipt, said, at) if "turn" in said else _told(request, receipt, said, at)


def _told(request: HttpRequest, receipt: str, said: Mapping[str, str], at: datetime) -> dict[str, Any]:
    if _is_known(receipt):  # told already, even if its unit was closed or its category ended since
        report = tell(Telling("", said.get("text", "")), receipt=receipt, channel=Channel.PORTAL, by=None, at=at)
        return {"state": AGAIN, "number": report.number, "receipt": receipt}
    form = LaterForm(said, unit=said.get("area", ""), on=local_day(at))
    if not form.is_valid():
        raise BadInput(form.mistakes())
    report = tell(form.telling(photos_sent(request)), receipt=receipt, channel=Channel.PORTAL, by=None, at=at)
    return {"state": KEPT, "number": report.number, "receipt": receipt}


def _is_known(receipt: str) -> bool:
    try:
        report_by_receipt(receipt)
    except NotFound:
        return False
    return True


def _added(request: HttpRequest, receipt: str, said: Mapping[str, str], at: datetime) -> dict[str, Any]:
    """Add words to a report.

    The turn tells an addition sent again from a new one only as long as all come from one phone; so the words are looked at too,
    and where something else has the turn, the phone is told which one is free.
    """
    turn, words = _turn(said), said.get("words", "")
    before = _additions(receipt)
    try:
        report = add(receipt, words, photos=photos_sent(request), turn=turn, at=at)
    except NotFound as refusal:
        return {"state": NOT_YET, "status": refusal.status, "message": refusal.message}
    except NotYet as refusal:
        return {"state": NOT_YET, "status": refusal.status, "message": refusal.message, "turn": len(before) + 1}
    after = _additions(receipt)
    if after.get(turn) != words.strip():
        return {"state": NOT_YET, "status": NotYet.status, "turn": len(after) + 1}
    return {"state": AGAIN if turn in before else KEPT, "number": report.number, "receipt": receipt}


def _turn(said: Mapping[str, str]) -> int:
    turn = said.get("turn", "")
    if not turn.isdecimal() or len(turn) > 4 or int(turn) == 0:
        raise BadInput(_("An addition has a turn from 1 on."))
    return int(turn)


def _additions(receipt: str) -> dict[int, str]:
    """Return what was added to a report, by turn; nothing where no report has this receipt."""
    try:
        report = report_by_receipt(receipt)
    except NotFound:
        return {}
    return {step.turn: step.words for step in steps_of(report, internal=False) if step.turn is not None}


def _answer(
    request: HttpRequest, *, state: str, status: int = 200, number: str = "", receipt: str = "", message: str = "", turn: int = 0
) -> HttpResponse:  # fmt: skip
    """Answer as the phone understands it; `turn` is the one an addition should be sent with, 0 where that isn't asked."""
    address = request.build_absolute_uri(reverse("portal:report", args=[receipt])) if receipt else ""
    said = {"state": state, "number": number, "address": address, "message": message, "turn": turn}
    return JsonResponse(said, status=status, json_dumps_params={"ensure_ascii": False})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Return the script that keeps the page for when there is no network; it may look after the whole site."""
    context = {"page": reverse("portal:tell_later"), "files": [static(name) for name in FILES]}
    answer = render(request, "portal/reports/sw.js", context, content_type="text/javascript; charset=utf-8")
    answer.headers["Service-Worker-Allowed"] = "/"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Return how a phone names the page when it puts it on its screen."""
    icon = {"src": static("img/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    said = {
        "name": _("Weiduan"), "short_name": _("Weiduan"), "start_url": reverse("portal:tell_later"), "scope": "/", "id": "/",
        "display": "minimal-ui", "icons": [icon], "lang": "zh-Hans",
    }  # fmt: skip
    return JsonResponse(said, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})
