"""本人: a member's own page, in by a link that works once; half an hour, then a new link is needed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.copies import as_file
from weiduan.ground.accounts.queries import accounts_with, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.words import ROLE_TITLES, STATE_TITLES
from weiduan.outlook.rights.copies import copy_of_person
from weiduan.systems.organisation.appointments.held import posts_held_by
from weiduan.systems.organisation.members.lists import memberships_of, rows_of
from weiduan.systems.organisation.own.actions import ask_correction, give_card, note_copy, use_link, withdraw_card
from weiduan.systems.organisation.own.queries import card_of, corrections_of, looks_at, may_be_shown_in
from weiduan.systems.organisation.own.rules import LONGEST_NAME, LONGEST_PLEDGE, LONGEST_WISH, VISIT_LASTS
from weiduan.systems.organisation.transfers.queries import away_of, guest_of, transfers_of_person

WHO, UNTIL = "me", "me_until"  # keys of the session
LOOK_TITLES = {
    "contact.revealed": gettext_lazy("Your telephone number was opened"),
    "link.made": gettext_lazy("A link to this page was made"),
    "link.used": gettext_lazy("This page was opened with a link"),
    "copy.given": gettext_lazy("A copy of all that is kept about you was given to you"),
    "roster.exported": gettext_lazy("A list with you in it was given out"),
    "survey.exported": gettext_lazy("The survey workbook with you in it was given out"),
}
TRANSFER_TITLES = {
    "asked": gettext_lazy("waiting for an answer"),
    "accepted": gettext_lazy("accepted"),
    "returned": gettext_lazy("returned"),
    "withdrawn": gettext_lazy("withdrawn"),
}


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let nobody keep the page, and tell no other page its address.

    “strict-origin” sends the bare origin: with “no-referrer” browsers send no Origin either, and the
    check against forged forms would refuse the member's own.
    """

    def answering(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        answer = view(request, *arguments, **options)
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "strict-origin"
        return answer

    return answering


@private
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for one tap first, so that programs that look at links beforehand don't use them up."""
    if request.method != "POST":
        return render(request, "portal/own/enter.html")
    at = timezone.now()
    try:
        person = use_link(token, at=at)
    except NotFound as refusal:
        return render(request, "portal/own/enter.html", {"refusal": refusal.message}, status=404)
    request.session.cycle_key()
    request.session[WHO] = str(person)
    request.session[UNTIL] = (at + VISIT_LASTS).isoformat()
    return redirect("portal:me")


def _visitor(request: HttpRequest, at: datetime) -> UUID | None:
    """Return who is in, while the half hour lasts."""
    who, until = request.session.get(WHO), request.session.get(UNTIL)
    if who and until and at < datetime.fromisoformat(until):
        return UUID(who)
    _forget(request)
    return None


def _forget(request: HttpRequest) -> None:
    for key in (WHO, UNTIL):
        request.session.pop(key, None)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Show a member everything that is kept about him or her; on POST do what the member may do."""
    at = timezone.now()
    person = _visitor(request, at)
    if person is None:
        return render(request, "portal/own/closed.html", status=403)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _act(request, person, at)
            return redirect("portal:me")
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return render(request, "portal/own/own.html", _page(person, at) | {"refusal": refusal}, status=status)


def _act(request: HttpRequest, person: UUID, at: datetime) -> None:
    post, do = request.POST, request.POST.get("do", "")
    if do == "leave":
        _forget(request)
    elif do == "correct":
        ask_correction(person, post.get("wish", ""), at=at)
        messages.success(
            request, _("Your correction is with whoever keeps your organisation; the answer appears here.")
        )
    elif do == "card":
        if post.get("consent") != "yes":
            raise BadInput(_("Tick that you agree to be shown."))
        give_card(
            person,
            unit=post.get("unit", ""),
            shown_name=post.get("shown_name", ""),
            pledge=post.get("pledge", ""),
            at=at,
        )
        messages.success(request, _("Your card is on the unit's page."))
    elif do == "withdraw":
        withdraw_card(person, at=at)
        messages.success(request, _("Your card is gone."))
    else:
        raise BadInput(_("Choose what to do."))


@private
@require_safe
def copy(request: HttpRequest) -> HttpResponse:
    """Hand a member a copy of everything that is kept about him or her."""
    at = timezone.now()
    person = _visitor(request, at)
    if person is None:
        return render(request, "portal/own/closed.html", status=403)
    note_copy(person, at=at)
    return as_file(copy_of_person(person, at=at))


def _page(person: UUID, at: datetime) -> dict[str, Any]:
    on, held = local_day(at), memberships_of(person)
    last, rows = held[0], rows_of(held, on=on)
    seat = area_of(last.organisation.area_id, on=on).code
    card, guest = card_of(person), guest_of(person, on=on)
    areas = [card["unit"]] if card else []
    names = names_by_area([*areas, *([guest.unit_id] if guest else [])], on=on)
    return {
        "row": rows[0] | {"state_title": STATE_TITLES[rows[0]["state"]]},
        "past": [row | {"state_title": STATE_TITLES[row["state"]]} for row in rows],
        "posts": [p | {"title": ROLE_TITLES[p["role"]]} for p in posts_held_by(person, on=on)],
        "transfers": [(t, TRANSFER_TITLES[t.state]) for t in transfers_of_person(person)], "away": away_of(person, on=on),
        "guest": names[guest.unit_id].name if guest and guest.unit_id in names else "",
        "card": card, "card_unit": names[card["unit"]].name if card and card["unit"] in names else "",
        "units": may_be_shown_in(last, on=on) if last.until is None else [], "corrections": corrections_of(person),
        "keepers": accounts_with(Duty.KEEP_ORGANISATION, in_area=seat, at=at),
        "lookers": accounts_with(Duty.LOOK, in_area=seat, at=at),
        "looks": [
            (LOOK_TITLES[entry.what], entry.at, entry.by.removeprefix("user:") if entry.by.startswith("user:") else "")
            for entry in looks_at(person, last.organisation.area_id, last.organisation_id, on=on)
        ],
        "longest": {"name": LONGEST_NAME, "pledge": LONGEST_PLEDGE, "wish": LONGEST_WISH},
    }  # fmt: skip
