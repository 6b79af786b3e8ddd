"""Tell a matter without an account, in three short steps, and follow it by its receipt.

Between the steps everything stands in the form itself: nothing is kept before it is sent.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.erased import say_erased
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.base.worktime import working_between
from weiduan.ground.territory.locate import unit_at
from weiduan.ground.territory.queries import area_of, names_by_area, names_by_code, places
from weiduan.outlook.insight.report_words import NEXT_WORDS, STATE_TAGS, STATE_TITLES, STEP_TITLES
from weiduan.systems.governance.categories.queries import choosable
from weiduan.systems.governance.deliberation.queries import topics_of_reports
from weiduan.systems.governance.reports import reporting
from weiduan.systems.governance.reports.following import followed, moves_of_reporter, photo_by_receipt
from weiduan.systems.governance.reports.intake import tell
from weiduan.systems.governance.reports.photos import picture_in
from weiduan.systems.governance.reports.queries import perhaps_the_same
from weiduan.systems.governance.reports.rules import (
    LONGEST_TEXT,
    LONGEST_WORDS,
    MOST_PHOTOS,
    OPEN,
    TO_HANDLE,
    Channel,
    Move,
)
from weiduan.systems.services.satisfaction.answering import still_asked
from weiduan.systems.services.satisfaction.rules import About
from weiduan.systems.venues.facilities.queries import facilities_in

from .bookings import unlisted
from .report_form import ContactForm, WhatForm, WhereForm, photos_sent, plain, telling
from .units import crumb_links

SALT = "weiduan.report"
VILLAGE_DIGITS = 12
WHAT, WHERE, SEND = "what", "where", "send"
STEPS = {WHAT: 1, WHERE: 2, SEND: 3}
AN_HOUR = timedelta(hours=1)
Said = dict[str, str]


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def tell_matter(request: HttpRequest) -> HttpResponse:
    """Ask what, where and whom to answer, one step a page; when sent, go to the receipt."""
    at = timezone.now()
    if request.method != "POST":
        asked = plain(request.GET)
        said = {"unit": asked.get("unit", "")[:18], "text": asked.get("q", "")[:LONGEST_TEXT]}
        return _step(request, WHAT, said, at, form=WhatForm(initial={"text": said["text"]}))
    said = plain(request.POST)
    try:
        return _asked(request, said, at)
    except Refused as refusal:
        where = WhereForm(said, text=said.get("text", ""), on=local_day(at))
        if not where.is_valid():
            return _step(request, WHERE, said, at, form=where)
        return _step(request, SEND, said, at, form=ContactForm(said), refusal=refusal)


def _asked(request: HttpRequest, said: Said, at: datetime) -> HttpResponse:
    """Go one step on, back, or to the end."""
    step, do, on = said.get("step", WHAT), said.get("do", "next"), local_day(at)
    if do == "locate":
        said["unit"] = _unit_here(said, on)
    what = WhatForm(said)
    if not what.is_valid() or (step == WHERE and do == "back"):
        return _step(request, WHAT, said, at, form=what)
    if step == SEND and do not in ("back", "search", "locate"):
        return _sent(request, said, at)
    where = WhereForm(said, text=said["text"], on=on)
    if step == WHAT or do in ("search", "locate") or (step == SEND and do == "back"):
        return _step(request, WHERE, said, at, form=WhereForm(None, text=said["text"], on=on, initial=said))
    if not where.is_valid():
        return _step(request, WHERE, said, at, form=where)
    for name in ("unit", "category", "place", "lon", "lat"):
        value = where.cleaned_data[name]
        said[name] = "" if value is None else str(value)
    return _step(request, SEND, said, at, form=ContactForm())


def _sent(request: HttpRequest, said: Said, at: datetime) -> HttpResponse:
    """Take in what the steps before have kept in the form; whether it is still so, the action finds out."""
    receipt = receipt_of(said.get("draft", ""), SALT)
    if same := said.get("same", ""):
        reporting.concern_me_too(_key(same), receipt, at=at)
        return redirect("portal:report", receipt=receipt)
    contact = ContactForm(said)
    if not contact.is_valid():
        return _step(request, SEND, said, at, form=contact)
    told = telling(said, contact.cleaned_data, photos_sent(request))
    tell(told, receipt=receipt, channel=Channel.PORTAL, by=None, at=at)
    return redirect("portal:report", receipt=receipt)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput(_("Choose what to do.")) from error


def _unit_here(said: Said, on: date) -> str:
    """Return the unit where the phone is; without one, what was chosen before."""
    try:
        lon, lat = float(said.get("lon", "")), float(said.get("lat", ""))
    except ValueError:
        return said.get("unit", "")
    return (unit_at(lon, lat, on=on) or said.get("unit", ""))[:18]


def _step(
    request: HttpRequest, step: str, said: Said, at: datetime, *, form: Any, refusal: Refused | None = None
) -> HttpResponse:  # fmt: skip
    """Show a step, with what was said in the others kept in the form."""
    kept = [name for name in ("text", "category", "unit", "place", "lon", "lat") if name not in form.fields]
    on = local_day(at)
    context = {
        "step": step, "number": STEPS[step], "form": form, "draft": _draft(said, refusal),
        "kept": [(name, said.get(name, "")) for name in kept], "most_photos": MOST_PHOTOS,
        "refusal": refusal.message if refusal else "", "unit": said.get("unit", ""),
        "unit_name": names_by_code([said.get("unit", "")], on=on).get(said.get("unit", ""), ""),
    }  # fmt: skip
    if step == SEND:
        context |= {"same": _same(said, at), "category": choosable(said["category"]).name}
    status = refusal.status if refusal else 400 if form.errors else 200
    return render(request, "portal/reports/tell.html", context, status=status)


def _draft(said: Said, refusal: Refused | None) -> str:
    """Keep the draft of the form, unless it was too old or nothing could be taken in with it."""
    if isinstance(refusal, BadInput):
        return new_draft(SALT)
    return said.get("draft") or new_draft(SALT)


def _same(said: Said, at: datetime) -> list[Any]:
    if not said.get("lon") or not said.get("lat"):
        return []
    return perhaps_the_same(said["category"], float(said["lon"]), float(said["lat"]), at=at)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a report to whoever holds its receipt; on POST do what the holder may do."""
    at = timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _act(request, receipt, at)
            return redirect("portal:report", receipt=receipt)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = _page(request, receipt, at) | {"refusal": refusal}
    context |= {"did": request.POST.get("do", ""), "typed": request.POST.get("words", "")}
    return render(request, "portal/reports/report.html", context, status=status)


def _act(request: HttpRequest, receipt: str, at: datetime) -> None:
    sent = plain(request.POST)
    do, words = sent.get("do", ""), sent.get("words", "")
    if do == "confirm":
        reporting.confirm(receipt, at=at)
        messages.success(request, _("Thank you. It is closed."))
    elif do == "dispute":
        reporting.dispute(receipt, words, at=at)
        messages.success(request, _("It is taken up again, with the same number and the same clock."))
    elif do == "withdraw":
        reporting.withdraw(receipt, at=at)
        messages.success(request, _("It is withdrawn."))
    elif do == "add":
        reporting.add(receipt, words, photos=photos_sent(request), at=at)
        messages.success(request, _("Added. Whoever has it in hand sees it."))
    elif do == "erase":
        found = reporting.erase_contact(receipt, at=at)
        say_erased(request, found.pk, _("Your contact is erased."), at=at)
    elif do == "forget":
        found = reporting.erase_words(receipt, at=at)
        say_erased(request, found.pk, _("What was written is erased, for everybody and for good."), at=at)
    else:
        raise BadInput(_("Choose what to do."))


def _page(request: HttpRequest, receipt: str, at: datetime) -> dict[str, Any]:
    seen, on = followed(receipt), local_day(at)
    shown, own = seen.shown, seen.own
    names = names_by_area([shown.area_id, shown.handler_id], on=on)
    is_erased = own is not None and own.words_erased_at is not None
    moves = moves_of_reporter(own, at=at) if own and not is_erased else []
    code, hand = area_of(shown.area_id, on=on).code, area_of(shown.handler_id, on=on).code
    call = hand if len(hand) <= VILLAGE_DIGITS else hand[:VILLAGE_DIGITS]  # a grid has no telephone, its village has
    return {
        "asked": still_asked(About.REPORT, code, receipt, at=at) if own and own.answered_at else None,
        "own": own, "is_erased": is_erased, "shown": shown, "receipt": receipt,
        "address": request.build_absolute_uri(reverse("portal:report", args=[receipt])),
        "word": STATE_TITLES[shown.state], "tag": STATE_TAGS[shown.state], "next": NEXT_WORDS[shown.state],
        "area": names.get(shown.area_id), "handler": names.get(shown.handler_id),
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), leads_here=True), (shown.number, None)],
        "ask_at": names_by_code([call], on=on).get(call, ""),
        "centres": [one for one in facilities_in(call, on=on)[:20] if one.telephone][:1] if call[9:] != "000" else [],
        "to_handle": shown.state in TO_HANDLE, "hours_left": _hours_left(shown, at), "is_late": shown.due_at < at,
        "steps": [(step, STEP_TITLES.get(step.what, step.what)) for step in seen.steps],
        "pictures": [p for p in seen.photos if not p.is_result], "results": [p for p in seen.photos if p.is_result],
        "topics": topics_of_reports({shown.pk, own.pk if own else shown.pk}),
        "contact": seen.contact, "moves": moves, "may_dispute": Move.DISPUTE in moves or Move.REOPEN in moves,
        "may_add": own is not None and own.state in OPEN, "longest": LONGEST_WORDS, "most_photos": MOST_PHOTOS,
    }  # fmt: skip


def _hours_left(shown: Any, at: datetime) -> int:
    """Return whole working hours until it is due, counted up; none once it is late."""
    return -(-working_between(at, shown.due_at) // AN_HOUR)


@require_safe
def photo(request: HttpRequest, receipt: str, key: UUID) -> HttpResponse:
    """Return a picture to whoever holds the receipt: always a JPEG drawn anew, kept by nobody."""
    found = photo_by_receipt(receipt, key)
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    return HttpResponse(picture_in(found), content_type="image/jpeg", headers=headers)
