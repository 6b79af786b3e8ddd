"""How a plan for micro-venues says what it does, how good that is, and why a unit stays out of reach."""

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Told = Mapping[str, Any]
NAMED = 3  # names told one by one; more than that are counted


def headline(told: Told) -> str:
    """Say in one sentence what the plan comes to."""
    figures = told["figures"]
    if not figures["new"]:
        words = _("No new room: %(within)s of %(units)s units have one within reach")
    elif figures["within"] == figures["within_today"]:
        words = _("Open %(new)s more: %(within)s of %(units)s units have a room within reach, as today")
    else:
        words = _(
            "Open %(new)s more: units with a room within reach go from %(within_today)s to %(within)s of %(units)s"
        )
    return words % {key: f"{figures[key]:,}" for key in ("new", "within", "within_today", "units")}


def proof_sentences(told: Told) -> list[str]:
    """Say level by level whether a better plan is possible, and by how much at most."""
    proof = told["certificate"]
    return [_first_level(told, proof), *_second_level(told, proof["shortest"]), _checked(proof)]


def _first_level(told: Told, proof: Told) -> str:
    facts = {
        "new": told["figures"]["new"], "within": told["figures"]["within"], "budget": told["budget"],
        "bound": f"{proof['bound']:,.0f}", "gap": f"{100 * proof['gap']:.2g}",
    }  # fmt: skip
    proved = proof["status"] == "optimal"
    if told["budget"] is not None:
        if proved:
            return _("Proved: on these terms, %(budget)s new rooms can't bring more households within reach.") % facts
        return (
            _("No plan with %(budget)s new rooms has more than %(bound)s households within reach (gap %(gap)s %%).")
            % facts
        )
    if not told["figures"]["new"]:
        return _("Proved: no room that could be used would bring another unit within reach.")
    if proved:
        return _("Proved: on these terms, fewer than %(new)s new rooms reach fewer than %(within)s units.") % facts
    return _("At least %(bound)s new rooms are needed for these units (gap %(gap)s %%).") % facts


def _second_level(told: Told, shortest: Told | None) -> list[str]:
    if shortest is None:
        return []
    if shortest["status"] == "optimal":
        return [_("Proved: with as many rooms, the way of these units can't be shorter in all.")]
    weight = sum(max(unit["households"], 1) for unit in told["units"] if unit["room"] is not None)
    metres = (shortest["value"] - shortest["bound"]) / max(weight, 1)
    return [_("Not proved: with as many rooms, the mean way could be up to %(m)s m shorter.") % {"m": f"{metres:.0f}"}]


def _checked(proof: Told) -> str:
    if proof["broken"]:
        return _("An independent check found: %(broken)s") % {"broken": "; ".join(proof["broken"])}
    return _("An independent check found no rule broken.")


def room_rows(told: Told, held: Collection[str]) -> list[dict[str, Any]]:
    """Return a row per room: what is done with it, why it, and what that brings; what is to be done comes first.

    held  numbers of the rooms in which there is a micro-venue by now
    """
    rows = [_room_row(room, told, room["number"] in held) for room in told["rooms"]]
    return sorted(rows, key=lambda row: (row["kept"], row["done"], -row["households"], row["number"]))


def _room_row(room: Told, told: Told, held: bool) -> dict[str, Any]:
    units = [told["units"][unit] for unit in room["units"]]
    newly = [unit for unit in units if not _within_today(unit, told)]
    kept = room["state"] == "kept"
    return {
        "number": room["number"], "name": room["name"], "village": room["village"], "origin": room["origin"],
        "area_m2": room["area_m2"], "kept": kept, "done": held and not kept,
        "units": len(units), "households": sum(unit["households"] for unit in newly),
        "why": _why_room(room, told), "brings": _brings(units, newly),
    }  # fmt: skip


def _within_today(unit: Told, told: Told) -> bool:
    return unit["today_m"] is not None and unit["today_m"] <= told["reach_m"]


def _why_room(room: Told, told: Told) -> str:
    if room["state"] == "kept":
        return _("a micro-venue already")
    if room["only"]:
        return _("the only room within reach of %(units)s") % {"units": _named(room["only"], told)}
    if room["number"] in told["keep"]:
        return _("asked for beforehand")
    if room["units"]:
        return _("the nearest of the plan for %(units)s") % {"units": _named(room["units"], told)}
    return _("wanted for as many units as the plan has")


def _named(units: Collection[int], told: Told) -> str:
    names = [told["units"][unit]["name"] for unit in units]
    shown = "、".join(names[:NAMED])
    if len(names) <= NAMED:
        return shown
    return _("%(names)s and others, %(all)s in all") % {"names": shown, "all": len(names)}


def _brings(units: Collection[Told], newly: Collection[Told]) -> str:
    if newly:
        facts = {"units": len(newly), "households": f"{sum(unit['households'] for unit in newly):,}"}
        return (
            ngettext(
                "%(units)s unit, %(households)s households come within reach",
                "%(units)s units, %(households)s households come within reach",
                len(newly),
            )
            % facts
        )
    if units:
        return ngettext("nearest for %(units)s unit", "nearest for %(units)s units", len(units)) % {"units": len(units)}
    return _("nobody new")


def left_out_rows(told: Told) -> list[dict[str, Any]]:
    """Return a row per unit out of reach: why, and what alone would open it; the most households come first."""
    rows = [
        {
            "code": told["units"][left["unit"]]["code"], "name": told["units"][left["unit"]]["name"],
            "households": told["units"][left["unit"]]["households"], "why": _why_left_out(left, told),
            "openings": [opening | {"sentence": opening_sentence(opening)} for opening in left["openings"]],
        }
        for left in told["left_out"]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["households"], row["code"]))


def _why_left_out(left: Told, told: Told) -> str:
    if left["nearest_m"] is None:
        return _("There is no room here that could be used.")
    facts = {
        "room": left["nearest_name"], "metres": f"{left['nearest_m']:,.0f}", "reach": f"{told['reach_m']:,.0f}",
        "budget": told["budget"],
    }  # fmt: skip
    if left["nearest_m"] <= told["reach_m"]:
        return (
            _("A room (%(room)s) is near enough, but with %(budget)s new rooms others bring more households.") % facts
        )
    return _("The nearest room that could be used (%(room)s) is %(metres)s m away; the limit is %(reach)s m.") % facts


def opening_sentence(opening: Told) -> str:
    """Say one change that alone would open a unit."""
    if opening["rule"] in ("reach_m", "budget"):
        words = {
            "reach_m": _("Let the limit be %(after)s m instead of %(before)s m"),
            "budget": _("Allow %(after)s new rooms instead of %(before)s"),
        }[opening["rule"]]
        return words % {key: f"{opening[key]:,g}" for key in ("before", "after")}
    words = {"consent": _("The owner of %(name)s agrees"), "drop": _("Let %(name)s be chosen again")}[opening["rule"]]
    return words % {"name": opening.get("name", opening["room"])}
