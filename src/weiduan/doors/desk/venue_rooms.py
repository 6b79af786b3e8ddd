"""房间: the rooms of a place as a list and a picture; add one, change one, end one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.outlook.insight.venue_words import USE_TITLES
from weiduan.systems.venues.facilities.actions import add_room, change_room, end_room
from weiduan.systems.venues.facilities.picture import laid_out
from weiduan.systems.venues.facilities.queries import rooms_of
from weiduan.systems.venues.facilities.rules import Use

from .venues import Seen, is_done, seen_place
from .venues_form import EndForm, RoomForm
from .viewing import me, staff

WIDTH, HEIGHT = 360, 220  # of the picture; a letter of a name takes 13
LETTER = 13
FACTS = ("name", "use", "area_m2", "seats", "bookable", "confirms", "buffer_min")


def rooms_shown(facility: Any, *, on: Any) -> dict[str, Any]:
    """Return the rooms of a place on a day, numbered, and the picture of them, to scale."""
    rooms = list(rooms_of(facility.pk, on=on))
    rows: list[dict[str, Any]] = [
        {"n": n, "room": room, "use": USE_TITLES[room.use]} for n, room in enumerate(rooms, 1)
    ]
    rectangles = laid_out([float(room.area_m2) for room in rooms], WIDTH, HEIGHT)
    picture = [
        row | {
            "at": where, "kind": {Use.OFFICE: "office", Use.STORE: "store"}.get(row["room"].use, "function"),
            "named": where.width >= LETTER * (len(row["room"].name) + 2) and where.height >= 2 * LETTER,
            "sized": where.width >= 5 * LETTER and where.height >= 4 * LETTER,
        }
        for row, where in zip(rows, rectangles, strict=True)
    ]  # fmt: skip
    total = sum(room.area_m2 for room in rooms)
    return {"rooms": rows, "picture": picture, "floor": total, "width": WIDTH, "height": HEIGHT}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def rooms(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the rooms of a place and a form for one: a new one, or with ?room= the one to change or end."""
    seen = seen_place(request, key)
    require(me(request), Duty.KEEP_VENUES, in_area=seen.code, at=seen.at)
    chosen = _chosen(request, seen)
    ends = request.method == "POST" and request.POST.get("do") == "end"
    form = RoomForm(request.POST if request.method == "POST" and not ends else None, initial=_facts(chosen, seen))
    end_form = EndForm(request.POST if ends else None, initial={"on": seen.on}, auto_id="id_end_%s")
    if ends and chosen is not None and end_form.is_valid():
        if is_done(end_form, lambda: _end(request, seen, chosen, end_form)):
            return redirect("desk:venue_rooms", key=key)
    elif form.is_bound and form.is_valid() and is_done(form, lambda: _keep(request, seen, chosen, form)):
        return redirect("desk:venue_rooms", key=key)
    bad = bool(form.errors or end_form.errors)
    context = rooms_shown(seen.facility, on=seen.on) | {
        "seen": seen, "here": seen.facility, "form": form, "end_form": end_form, "chosen": chosen,
        "crumbs": seen.below(_("Rooms")), "back": reverse("desk:venue", args=[key]),
    }  # fmt: skip
    return render(request, "desk/venues/rooms.html", context, status=400 if bad else 200)


def _chosen(request: HttpRequest, seen: Seen) -> Any:
    """Return the room asked for with ?room=, None where a new one is to be added."""
    asked = request.GET.get("room", "")
    if not asked:
        return None
    found = {str(room.pk): room for room in rooms_of(seen.facility.pk, on=seen.on)}
    if asked not in found:
        raise NotFound(_("There is no such room here."))
    return found[asked]


def _facts(room: Any, seen: Seen) -> dict[str, Any]:
    facts = {name: getattr(room, name) for name in FACTS} if room is not None else {}
    return facts | {"on": seen.on}


def _keep(request: HttpRequest, seen: Seen, room: Any, form: RoomForm) -> None:
    when: dict[str, Any] = {"on": form.cleaned_data["on"], "by": me(request), "at": seen.at}
    if room is None:
        made = add_room(seen.facility.pk, form.facts(), **when)
    else:
        made = change_room(seen.facility.pk, room.pk, form.facts(), **when)
    messages.success(request, _("%(room)s is written down.") % {"room": made.name})


def _end(request: HttpRequest, seen: Seen, room: Any, form: EndForm) -> None:
    end_room(seen.facility.pk, room.pk, on=form.cleaned_data["on"], by=me(request), at=seen.at)
    messages.success(request, _("%(room)s has ended.") % {"room": room.name})
