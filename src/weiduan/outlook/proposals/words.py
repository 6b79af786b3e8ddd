"""A plan in words: what moves and why, what stays uncovered and what would open it, what each rule costs, how sure it is."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rules import GROUP_LIMITS, wishes_from

LIMIT_TITLES = {
    "least_members": gettext_lazy("members at least"),
    "least_full_members": gettext_lazy("full members at least"),
    "most_members": gettext_lazy("members at most"),
    "most_places": gettext_lazy("units a group at most"),
    "most_span_m": gettext_lazy("metres apart at most"),
}
LEVEL_TITLES = {
    "households left out": gettext_lazy("households left uncovered"),
    "moves": gettext_lazy("moves"),
    "bodies": gettext_lazy("number of groups"),
}


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
    """Return one point of the curve as a page shows it: figures, each unit with its reason, what stays uncovered and why."""
    number = min(number, len(plan["points"]) - 1)
    point, units, today = plan["points"][number], plan["units"], plan["today"]
    rows = _rows(plan, point, first=number == 0)
    left_out = [{"name": units[l["unit"]]["name"], "why": why_sentence(l["why"], plan)} for l in point["left_out"]]  # noqa: E741
    return {
        "number": number, "groups": point["count"], "moves": point["moves"], "rows": rows,
        "lines": [row for row in rows if row["moves"]], "dissolved": dissolved(plan, point), "left_out": left_out,
        "elections": len(point["elections"]), "leaderless": len(point["leaderless"]), "levels": levels(point),
        "proved": all(level["status"] == "optimal" for level in point["levels"]), "today": len(today),
        "gap": max((level["gap"] for level in point["levels"]), default=0.0),
    }  # fmt: skip


def dissolved(plan: dict[str, Any], point: dict[str, Any]) -> list[str]:
    """Name today's groups that nobody needs any more."""
    return [group["name"] for i, group in enumerate(plan["today"]) if i not in point["labels"]]


def _rows(plan: dict[str, Any], point: dict[str, Any], *, first: bool) -> list[dict[str, Any]]:
    """Return a row per covered unit: where it was, where it goes, why; body after body."""
    units, today = plan["units"], plan["today"]
    before = {unit: i for i, group in enumerate(today) for unit in group["units"]}
    stayed = {said["unit"]: said for said in plan.get("if_stayed", ())} if first else {}
    rows = []
    for body, label in zip(point["bodies"], point["labels"], strict=True):
        for unit in body:
            moves = label < 0 or before.get(unit) != label
            rows.append({
                "code": units[unit]["code"], "unit": units[unit]["name"], "moves": moves, "body": body_sentence(plan, body),
                "from": today[before[unit]]["name"] if unit in before else _("no group"),
                "to": _goes(units[unit]["name"], today, label, body, units) if moves else today[label]["name"],
                "why": _why_there(plan, unit, before.get(unit), moves, stayed.get(unit)),
            })  # fmt: skip
    return rows


def _goes(unit: str, today: list[dict], label: int, body: list[int], units: list[dict]) -> str:
    """Say where a unit goes."""
    others = [units[i]["name"] for i in body if units[i]["name"] != unit]
    if label >= 0:
        return _("joins “%(group)s”") % {"group": today[label]["name"]}
    if others:
        return _("a new group together with %(others)s") % {"others": "、".join(others)}
    return _("a new group of its own")


def body_sentence(plan: dict[str, Any], body: list[int]) -> str:
    """Say what a body gathers."""
    inside = [plan["units"][i] for i in body]
    return _("%(units)s units · %(members)s members, %(full)s of them full") % {
        "units": len(body), "members": sum(u.get("members", 0) for u in inside),
        "full": sum(u.get("full_members", 0) for u in inside),
    }  # fmt: skip


def _why_there(plan: dict[str, Any], unit: int, was: int | None, moves: bool, stayed: dict[str, Any] | None) -> str:
    """Say why a unit is where the plan puts it."""
    if not moves:
        return _("Its group keeps to the rules; nothing is gained by moving it.")
    if was is None:
        return _("It has no group today.")
    if stayed is None:
        return _("With it there, the village needs fewer groups.")
    if not stayed["possible"]:
        return _("No arrangement within the rules leaves it where it is.")
    return _if_it_stayed(stayed)


def _if_it_stayed(said: dict[str, Any]) -> str:
    """Say what it would cost to let a unit stay; the first thing that gets worse decides."""
    if said["left_out_households"] > 0:
        return _("If it stayed, %(n)s households more would be left uncovered.") % {
            "n": f"{said['left_out_households']:g}"
        }
    if said["moves"] > 0:
        return _("If it stayed, %(n)s moves more would be needed elsewhere.") % {"n": said["moves"]}
    if said["bodies"] > 0:
        return _("If it stayed, %(n)s groups more would be needed.") % {"n": said["bodies"]}
    return _("It could as well stay if another moves in its place.")


def levels(point: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the proof of an arrangement, line by line: what was reached, what nothing can beat."""
    return [
        {
            "title": str(LEVEL_TITLES.get(level["name"], level["name"])), "value": f"{level['value']:g}",
            "bound": f"{level['bound']:g}", "proved": level["status"] == "optimal", "gap": f"{level['gap']:.1%}",
        }
        for level in point["levels"]
    ]  # fmt: skip


def price_rows(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what loosening each rule by one step would bring; those that bring something first."""
    rows = [
        {
            "rule": str(LIMIT_TITLES[price["rule"]]), "before": f"{price['before']:g}", "after": f"{price['after']:g}",
            "households": price["left_out"][0] - price["left_out"][1], "groups": price["bodies"][0] - price["bodies"][1],
            "proved": price["is_proved"],
        }
        for price in plan.get("prices", ())
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row["households"], -row["groups"]))


def wish_sentences(told: dict[str, Any]) -> list[str]:
    """Say what was fixed or changed beforehand."""
    wishes = wishes_from(told)
    said = [f"{LIMIT_TITLES[GROUP_LIMITS[rule][0]]}: {value:g}" for rule, value in wishes.rules.items()]
    if wishes.keep:
        said.append(_("%(n)s groups or units stay as they are") % {"n": len(wishes.keep)})
    if wishes.reach_m:
        said.append(_("rooms within %(m)s metres") % {"m": f"{wishes.reach_m:g}"})
    if wishes.budget is not None:
        said.append(_("at most %(n)s new rooms") % {"n": wishes.budget})
    if wishes.keep_rooms or wishes.drop_rooms:
        chosen = {"kept": len(wishes.keep_rooms), "dropped": len(wishes.drop_rooms)}
        said.append(_("%(kept)s rooms chosen beforehand, %(dropped)s left out") % chosen)
    return said


def contradiction_sentence(plan: dict[str, Any]) -> str:
    """Say which wishes can't all be had, if that is why there is no plan."""
    said = plan.get("contradiction")
    if not said:
        return ""
    return _("These can't all stay as they are: %(names)s. Let go of any one of them and ask again.") % {
        "names": "、".join([*said["keep"], *said["stay"]])
    }
