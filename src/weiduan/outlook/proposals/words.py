"""How a plan says why a unit stays uncovered, and what alone would open it."""

from typing import Any

from django.utils.translation import gettext as _


def why_sentence(why: dict[str, Any], plan: dict[str, Any]) -> str:
    """Say what stands in the way and what single step would open it."""
    if why["competes"]:
        return _("It could be covered only by leaving more households out elsewhere")
    if why["full_members"] < why["needed_full"]:
        says = _("It and what it touches have %(full_members)s full members; a group needs %(needed_full)s") % why
    elif why["members"] < why["needed"]:
        says = _("It and what it touches have %(members)s members; a group needs %(needed)s") % why
    else:
        says = _("There are members enough, but no set of units within the limits gathers them")
    steps = [opening_sentence(opening, plan) for opening in why["openings"]]
    return (
        _("%(why)s. It would open with: %(steps)s") % {"why": says, "steps": _("; or ").join(steps)} if steps else says
    )


def opening_sentence(opening: dict[str, Any], plan: dict[str, Any]) -> str:
    """Say one loosening."""
    if opening["rule"] == "neighbour":
        return _("counting %(unit)s as its neighbour") % {"unit": plan["units"][int(opening["after"])]["name"]}
    values = {"before": f"{opening['before']:g}", "after": f"{opening['after']:g}"}
    return {
        "least_full_members": _("full members %(before)s → %(after)s"),
        "least_members": _("members %(before)s → %(after)s"),
        "most_places": _("units a group %(before)s → %(after)s"),
        "most_span_m": _("metres apart %(before)s → %(after)s"),
        "most_members": _("members at most %(before)s → %(after)s"),
    }[opening["rule"]] % values


def arrangement(plan: dict[str, Any], number: int) -> dict[str, Any]:
    """Return one point of the curve as a page shows it: figures, moves in words, what stays uncovered and why."""
    number = min(number, len(plan["points"]) - 1)
    point, units, today = plan["points"][number], plan["units"], plan["today"]
    before = {unit: i for i, group in enumerate(today) for unit in group["units"]}
    moves = [
        _move(units[unit]["name"], today, before.get(unit), label, body, units)
        for body, label in zip(point["bodies"], point["labels"], strict=True)
        for unit in body
        if label < 0 or before.get(unit) != label
    ]
    dissolved = [group["name"] for i, group in enumerate(today) if i not in point["labels"]]
    left_out = [{"name": units[l["unit"]]["name"], "why": why_sentence(l["why"], plan)} for l in point["left_out"]]  # noqa: E741
    proved = all(level["status"] == "optimal" for level in point["levels"])
    return {
        "number": number, "groups": point["count"], "moves": point["moves"], "lines": moves, "dissolved": dissolved,
        "left_out": left_out, "elections": len(point["elections"]), "leaderless": len(point["leaderless"]), "proved": proved,
        "gap": max((level["gap"] for level in point["levels"]), default=0.0),
    }  # fmt: skip


def _move(
    unit: str, today: list[dict], before: int | None, label: int, body: list[int], units: list[dict]
) -> dict[str, str]:
    """Say from where to where a unit goes."""
    others = [units[i]["name"] for i in body if units[i]["name"] != unit]
    if label >= 0:
        goes = _("joins “%(group)s”") % {"group": today[label]["name"]}
    elif others:
        goes = _("a new group together with %(others)s") % {"others": "、".join(others)}
    else:
        goes = _("a new group of its own")
    return {"unit": unit, "from": today[before]["name"] if before is not None else _("no group"), "to": goes}
