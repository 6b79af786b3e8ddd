"""One place on the desk: what it is, what may be done with it now, what is missing, what happened."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.ground.ledger.queries import history_of
from weiduan.outlook.insight.places_kept import PlaceRow, keepers_of, place_rows
from weiduan.outlook.insight.venue_words import (
    ACCESS_TITLES,
    EQUIPMENT_TITLES,
    FORM_TITLES,
    KIND_TITLES,
    STATE_TITLES,
    week_words,
)
from weiduan.outlook.insight.words import judgement_rows
from weiduan.systems.venues.bookings.queries import dates_to_come, moment
from weiduan.systems.venues.centres.actions import close_centre
from weiduan.systems.venues.facilities.queries import photos_of, working_plates
from weiduan.systems.venues.facilities.rules import Kind
from weiduan.systems.venues.facilities.showing import revoke_plates
from weiduan.systems.venues.hours.queries import week_on
from weiduan.systems.venues.micro_venues.actions import give_up_plan, move_on
from weiduan.systems.venues.micro_venues.rules import FOLLOWS, State

from .histories import author, told
from .venue_hours import exceptions_shown
from .venue_rooms import rooms_shown
from .venues import STATE_TAGS, Seen, kept_place
from .venues_form import MoveForm
from .viewing import area_url, me, staff

GIVE_UP = "give_up"
DEEDS = (
    "venue.planned",
    "venue.fitting_out",
    "venue.opened",
    "venue.closed",
    "venue.given_up",
    "centre.founded",
    "centre.closed",
)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def venue(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one place; on POST move it on through its life, or revoke its plates."""
    seen = kept_place(request, key)
    if request.method == "POST" and request.POST.get("do") == "revoke":
        count = revoke_plates(key, by=me(request), at=seen.at)
        messages.success(request, _("Plates that lead nowhere from now on: %(n)s.") % {"n": count})
        return redirect("desk:venue", key=key)
    form = MoveForm(request.POST if request.method == "POST" else None, today=seen.on, moves=_moves(seen.facility))
    lost = 0
    if form.is_bound and form.is_valid():
        lost = _lost(seen, form)
        if (not lost or request.POST.get("known") == str(lost)) and _moved(request, seen, form):
            return redirect("desk:venue", key=key)
    context = _page(seen, named=may(me(request), Duty.KEEP_ORGANISATION, in_area=seen.code[:12], at=seen.at))
    return render(
        request, "desk/venues/record.html", context | {"form": form, "lost": lost}, status=400 if form.errors else 200
    )


def _moves(facility: Any) -> list[tuple[str, str]]:
    """Return what may follow: (state, what it does in words)."""
    if facility.kind == Kind.CENTRE:
        return [] if facility.open_until else [(State.CLOSED.value, _("Close it"))]
    state = State(facility.micro_venue.state)
    words = {State.FITTING_OUT: _("Begin fitting out"), State.OPEN: _("Open it"), State.CLOSED: _("Close it")}
    moves = [(then.value, words[then]) for then in FOLLOWS[state]]
    return [*moves, (GIVE_UP, _("Give the plan up"))] if state is State.PLANNED else moves


def _lost(seen: Seen, form: MoveForm) -> int:
    """Return how many booked dates closing would cost; a place that opens costs none."""
    if form.cleaned_data["to"] != State.CLOSED:
        return 0
    return dates_to_come(seen.facility.pk, since=max(moment(form.cleaned_data["on"], 0), seen.at))


def _moved(request: HttpRequest, seen: Seen, form: MoveForm) -> bool:
    to, when = form.cleaned_data["to"], {"on": form.cleaned_data["on"], "by": me(request), "at": seen.at}
    try:
        if seen.facility.kind == Kind.CENTRE:
            close_centre(seen.facility.pk, **when)
        elif to == GIVE_UP:
            give_up_plan(seen.facility.micro_venue, seat=seen.code, **when)
        else:
            move_on(seen.facility.micro_venue, State(to), seat=seen.code, **when)
    except (NotFound, NotAllowed):
        raise
    except Refused as refusal:
        form.add_error(None, refusal.message)
        return False
    messages.success(request, _("Written down."))
    return True


def _page(seen: Seen, *, named: bool) -> dict[str, Any]:
    facility, on = seen.facility, seen.on
    [row] = place_rows([facility], on=on)
    deeds = _deeds(facility)
    week, keepers = week_on(facility.pk, on=on), keepers_of(seen.code, on=on, named=named)
    plates, photos = working_plates(facility.pk), list(photos_of(facility.pk))
    shown = rooms_shown(facility, on=on)
    return shown | {
        "seen": seen, "here": facility, "on": on, "row": row, "kind": KIND_TITLES[facility.kind], "keeps": seen.keeps,
        "state": STATE_TITLES[row.state.value] if row.state else "", "tag": STATE_TAGS.get(row.state or "", ""),
        "form_title": FORM_TITLES[row.form.value] if row.form else "", "life": _life(facility, deeds, on),
        "serves": [(place.name, area_url(place.code)) for place in row.serves],
        "access": [ACCESS_TITLES[one] for one in facility.access], "plates": plates, "photos": photos,
        "equipment": [EQUIPMENT_TITLES[one] for one in facility.equipment],
        "week": week_words(week) if week else [], "exceptions": exceptions_shown(facility, on=on),
        "keepers": keepers, "rules": judgement_rows(row.centre.judgements) if row.centre else [],
        "missing": _missing(row, week, keepers, plates) if seen.keeps else [],
        "history": told(deeds[:12]), "crumbs": [*seen.crumbs, (facility.name, None)], "village": seen.code[:12],
        "is_public": facility.open_since is not None,
    }  # fmt: skip


def _deeds(facility: Any) -> list[Any]:
    """Return what the ledger tells of a place, newest first: of the place and of the micro-venue that stands in it."""
    deeds = list(history_of("venues.facility", str(facility.pk)))
    if facility.kind == Kind.MICRO_VENUE:
        deeds += history_of("venues.microvenue", str(facility.micro_venue.pk))
    return sorted(deeds, key=lambda deed: (deed.at, deed.pos), reverse=True)


def _life(facility: Any, deeds: list[Any], on: date) -> list[dict[str, Any]]:
    """Return the steps of its life: which day, who decided, and what is still to come until it is open."""
    decided = {deed.what: deed for deed in reversed(deeds)}
    steps = _centre_steps(facility) if facility.kind == Kind.CENTRE else _steps(facility.micro_venue)
    return [
        {"title": title, "note": _note(day, decided.get(what)), "done": day is not None and day <= on}
        for title, day, what in steps
    ]


def _centre_steps(facility: Any) -> list[tuple[str, date | None, str]]:
    closed = [(_("Closed"), facility.open_until, "centre.closed")] if facility.open_until else []
    return [(_("Open"), facility.open_since, "centre.founded"), *closed]


def _steps(own: Any) -> list[tuple[str, date | None, str]]:
    steps = [
        (_("Planned"), own.planned_on, "venue.planned"), (_("Fitting out"), own.fitting_since, "venue.fitting_out"),
        (_("Open"), own.opened_on, "venue.opened"),
    ]  # fmt: skip
    if own.closed_on is None:
        return steps
    last = (
        (_("Closed"), own.closed_on, "venue.closed")
        if own.fitting_since
        else (_("Plan given up"), own.closed_on, "venue.given_up")
    )
    return [*(step for step in steps if step[1] is not None), last]


def _note(day: date | None, deed: Any) -> str:
    if day is None:
        return ""
    said = _("decided on %(day)s by %(who)s") % {
        "day": date_format(timezone.localtime(deed.at), "Y-m-d"), "who": author(deed.by),
    } if deed else ""  # fmt: skip
    return " · ".join(part for part in (date_format(day, "Y-m-d"), said) if part)


def _missing(row: PlaceRow, week: Any, keepers: Any, plates: Any) -> list[tuple[str, str]]:
    """Return (what is missing, where it is put right) of a place that isn't closed."""
    key, is_micro = row.facility.pk, row.facility.kind == Kind.MICRO_VENUE
    if row.state is State.CLOSED:
        return []
    wanted = [
        (week, _("Opening hours are not set."), reverse("desk:venue_hours", args=[key])),
        (row.rooms, _("No room is written down."), reverse("desk:venue_rooms", args=[key])),
        (row.serves or not is_micro, _("It serves no unit yet."), reverse("desk:venue_units", args=[key]) if is_micro else ""),
        (row.facility.lon is not None, _("It is not on the map."), reverse("desk:venue_facts", args=[key])),
        (row.facility.telephone, _("No telephone is given."), reverse("desk:venue_facts", args=[key])),
        (keepers, _("Nobody keeps it yet."), reverse("desk:posts", args=[row.seat.code[:12]]) if row.seat else ""),
        (plates, _("No plate at the door works."), "#plate"),
    ]  # fmt: skip
    return [(words, url) for there, words, url in wanted if not there]
