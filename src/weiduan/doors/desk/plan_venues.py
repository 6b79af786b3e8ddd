"""阵地方案: rooms for units beside today's on the map, what each brings, who stays out of reach; adopt or ask again."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.queries import names_by_code
from weiduan.outlook.insight.words import ORIGIN_TITLES
from weiduan.outlook.proposals.actions import adopt_rooms, ask_for_proposal, queue
from weiduan.outlook.proposals.maps import MANY, Side, venues_map
from weiduan.outlook.proposals.queries import proposal_seen_by
from weiduan.outlook.proposals.rules import ADOPTABLE, UNDER_WAY, Ask, Wishes, wishes_from
from weiduan.outlook.proposals.venue_words import headline, left_out_rows, proof_sentences, room_rows
from weiduan.outlook.proposals.venues_adoption import rooms_held

from .viewing import area_url, me, staff


class OtherwiseForm(forms.Form):
    """Ask for the rooms again with another reach or budget."""

    reach_m = forms.FloatField(
        label=gettext_lazy("A room serves units within so many metres, as the crow flies"),
        min_value=1,
        max_value=20_000,
    )
    budget = forms.IntegerField(
        label=gettext_lazy("New rooms at most"), required=False, min_value=0, max_value=100_000,
        help_text=gettext_lazy("Left empty: as few as reach every unit that can be reached."),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def venues(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the rooms of a plan beside today's; on POST adopt them, or ask again with something changed."""
    at = timezone.now()
    found = proposal_seen_by(key, me(request), at=at)
    form = OtherwiseForm(request.POST if request.POST.get("do") == "again" else None, initial=_asked(found))
    if form.is_bound and form.is_valid():
        return redirect("desk:proposal", key=_asked_again(request, found, form.cleaned_data, at).pk)
    if request.method == "POST" and not form.is_bound:
        _adopt(request, found, at)
        return redirect("desk:venues_plan", key=key)
    area = names_by_code([found.area], on=found.on).get(found.area, found.area)
    context = {"proposal": found, "area": area, "under_way": found.state in UNDER_WAY, "form": form}
    if found.venues:
        context |= _page(request, found, at)
    return render(request, "desk/plans/venues.html", context, status=400 if form.errors else 200)


def _asked(found: Any) -> dict[str, Any]:
    told = found.venues or {}
    return {"reach_m": f"{told['reach_m']:g}", "budget": told["budget"]} if told else {}


def _asked_again(request: HttpRequest, found: Any, changed: dict[str, Any], at: datetime) -> Any:
    """Ask for the rooms anew: what the form says, a room let in again if one is named, else the wishes of before."""
    before: Wishes = wishes_from(found.wishes)
    drop = tuple(number for number in before.drop_rooms if number != request.POST.get("let_in"))
    wishes = replace(before, reach_m=changed["reach_m"], budget=changed["budget"], drop_rooms=drop)
    asked = ask_for_proposal(
        found.area, asks=[Ask.VENUES], wishes=wishes, after=found, on=local_day(at), by=me(request), at=at
    )
    queue(asked)
    return asked


def _adopt(request: HttpRequest, found: Any, at: datetime) -> None:
    wanted, numbers = request.POST.get("do", ""), request.POST.getlist("number")
    if wanted not in ("adopt", "adopt_ticked"):
        raise BadInput(_("Choose what to do with the proposal."))
    if wanted == "adopt_ticked" and not numbers:
        raise BadInput(_("Tick the rooms to be adopted first."))
    done = adopt_rooms(
        found, numbers=numbers if numbers or wanted == "adopt_ticked" else None, on=local_day(at), by=me(request), at=at
    )
    messages.success(
        request, _("%(venues_planned)s micro-venues are planned; %(units_served)s units have a new room.") % done
    )


def _page(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    told, on = found.venues, local_day(at)
    mine = areas_of(me(request), Duty.KEEP_VENUES, at=at) if found.state in ADOPTABLE else []
    rooms = room_rows(told, rooms_held(told, found.area, on=on))
    for row in rooms:
        row["origin"] = ORIGIN_TITLES.get(row["origin"], "")
        row["may_adopt"] = not row["done"] and any(covers(area, row["village"]) for area in mine)
    to_do = [row for row in rooms if not row["kept"] and not row["done"]]
    map_url = reverse("desk:venues_plan_map", args=[found.pk])
    return {
        "told": told, "figures": _figures(told), "headline": headline(told), "proof": proof_sentences(told),
        "reach": _whole(told["reach_m"]), "drawn_as_points": len(told["units"]) > MANY,
        "map_today": f"{map_url}?side=today", "map_plan": f"{map_url}?side=plan",
        "rooms": _part(request, rooms, "rooms", 40), "left_out": _part(request, left_out_rows(told), "left", 6),
        "units": _part(request, _unit_rows(told), "units", 30), "to_do": len(to_do),
        "may_adopt_all": bool(to_do) and all(row["may_adopt"] for row in to_do),
        "may_adopt": any(row["may_adopt"] for row in rooms),
    }  # fmt: skip


def _figures(told: dict[str, Any]) -> dict[str, Any]:
    figures = told["figures"]
    return figures | {
        "out_today": figures["units"] - figures["within_today"], "out": figures["units"] - figures["within"],
        "rooms": figures["new"] + figures["kept"],
        **{key: _whole(figures[key]) for key in ("mean_m_today", "mean_m", "farthest_m_today", "farthest_m")},
    }  # fmt: skip


def _whole(metres: float | None) -> int | None:
    return None if metres is None else round(metres)


def _part(request: HttpRequest, rows: list[dict[str, Any]], name: str, size: int) -> Page:
    return Paginator(rows, size).get_page(request.GET.get(name))


def _unit_rows(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the facts of both maps: per unit how far today's room is and how far the plan's, and which it is."""
    return [
        {
            "name": unit["name"], "url": area_url(unit["code"]), "households": unit["households"],
            "today_m": _whole(unit["today_m"]), "metres": _whole(unit["metres"]), "within": unit["room"] is not None,
            "within_today": unit["today_m"] is not None and unit["today_m"] <= told["reach_m"],
            "room": told["rooms"][unit["room"]]["name"] if unit["room"] is not None else "",
        }
        for unit in told["units"]
    ]  # fmt: skip


@staff
@require_safe
def map_data(request: HttpRequest, key: UUID) -> JsonResponse:
    """Return today's rooms (?side=today) or the plan's, with the units they reach, as GeoJSON."""
    found = proposal_seen_by(key, me(request), at=timezone.now())
    if not found.venues:
        raise NotFound(_("No rooms are planned here yet."))
    side: Side = "today" if request.GET.get("side") == "today" else "plan"
    drawn = venues_map(found.venues, found.area, found.on, side=side)
    for feature in drawn["features"]:
        facts = feature["properties"]
        if "state" in facts and "role" not in facts:
            facts["url"] = area_url(facts["code"])
    return JsonResponse(drawn)
