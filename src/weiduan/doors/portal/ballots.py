"""A vote for everyone: what is asked, how it stands, voting by code, the result with its file, objections."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_of, places
from weiduan.outlook.insight.ballot_words import (
    STATE_TAGS,
    STATE_TITLES,
    basis_rows,
    choices_of,
    rule_sentences,
    sums_rows,
)
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import LONGEST_WORDS, object_to
from weiduan.systems.governance.ballots.publishing import published
from weiduan.systems.governance.ballots.queries import public_ballot, public_ballots, turnout_of
from weiduan.systems.governance.ballots.rules import ABSTAIN, State

from .bookings import unlisted
from .units import crumb_links, here_among

OBJECTION = "weiduan.ballot.objection"


@require_safe
def ballots(request: HttpRequest, code: str) -> HttpResponse:
    """List the votes of an area."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    rows = [(one, STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in public_ballots(code, at=at)[:100]]
    context = {
        "here": here_among(known, code), "rows": rows, "crumbs": [*crumb_links(code, known, leads_here=True), (_("Ballots"), None)],
    }  # fmt: skip
    return render(request, "portal/ballots/list.html", context)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a vote; on POST vote by code, or object to the result."""
    at = timezone.now()
    found = public_ballot(key)
    done: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if request.POST.get("do") == "object":
                object_to(
                    key, request.POST.get("words", ""), receipt_of(request.POST.get("draft", ""), OBJECTION), at=at
                )
                messages.success(
                    request, _("Your objection is written down. It is answered before the result is final.")
                )
                return redirect("portal:ballot", key=key)
            done = {"cast": _cast(request, found, at)}
        except Refused as refusal:
            done = {"refusal": refusal.message, "status": refusal.status}
    return render(
        request, "portal/ballots/ballot.html", _page(found, request, at) | done, status=done.get("status", 200)
    )


def _cast(request: HttpRequest, found: Any, at: datetime) -> Any:
    chosen = [value for value in request.POST.getlist("choice") if value]
    if not chosen:
        raise BadInput(_("Choose one of what is offered."))
    if ABSTAIN in chosen and len(chosen) > 1:
        raise BadInput(_("Whoever abstains chooses nothing else."))
    numbers = found.options and ABSTAIN not in chosen and all(value.isdecimal() for value in chosen)
    choice = ",".join(sorted(set(chosen), key=int) if numbers else chosen)
    return cast(found.pk, request.POST.get("code", ""), choice, at=at)


def _page(found: Any, request: HttpRequest, at: datetime) -> dict[str, Any]:
    code = area_of(found.area_id, on=local_day(at)).code
    known = places(code, on=local_day(at), levels=[])
    is_open = found.state == State.OPEN.value and found.opens_at <= at < found.closes_at
    context: dict[str, Any] = {
        "ballot": found, "crumbs": [*crumb_links(code, known, leads_here=True), (found.title, None)], "code": code,
        "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state], "rules": rule_sentences(found), "is_open": is_open,
        "choices": choices_of(found), "several": found.most > 1 and bool(found.options), "longest": LONGEST_WORDS,
        "typed": request.POST.get("code", "") if request.method == "POST" else "", "draft": new_draft(OBJECTION),
        "may_object": found.state == State.CLOSED.value and at < found.objections_until, "refusal": "",
        "answered": [one for one in found.objections.order_by("at") if one.answer],
    }  # fmt: skip
    if found.state == State.OPEN.value:
        standing = turnout_of(found)
        context["turnout"] = basis_rows({"heads": standing.heads, "area": standing.area})
    elif found.state in (State.CLOSED.value, State.FINAL.value):
        context |= _result(found)
    return context


def _result(found: Any) -> dict[str, Any]:
    told = published(found)
    outcome = told["outcome"]
    return {
        "sums": sums_rows(found, told["sums"]), "root": told["root"], "votes": len(told["votes"]),
        "literal": outcome.get("literal"), "literal_rows": basis_rows(outcome.get("literal")),
        "counted": outcome.get("silence_counted"), "counted_rows": basis_rows(outcome.get("silence_counted")),
        "has_silence": bool(found.silence_follows) and bool(outcome),
    }  # fmt: skip


@require_safe
def file(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return a counted vote as the file that anyone can count again."""
    told = published(public_ballot(key, counted=True))
    answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="ballot-{key}.json"'
    return answer
