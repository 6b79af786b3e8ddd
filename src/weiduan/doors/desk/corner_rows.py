"""Dead corners as rows, each with the page on which its next step is done."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from weiduan.outlook.insight.corner_words import REASON_TITLES, metres_words, step_words, why_sentence
from weiduan.outlook.insight.venues import Corner, Step, venue_reach
from weiduan.systems.venues.facilities.queries import facility_by_key

from .viewing import area_url


def corner_row(corner: Corner, names: Mapping[str, str], on: date) -> dict[str, Any]:
    """Lay a dead corner out: where, why, what to do and where; names is code → name of the areas around it."""
    unit = corner.unit
    around = (names.get(unit.code[:9] + "000", ""), names.get(unit.code[:12], ""), names.get(unit.code[:15], ""))
    return {
        "name": unit.name, "url": area_url(unit.code, on), "around": " › ".join(name for name in around if name),
        "households": unit.households, "reason": REASON_TITLES[corner.reason], "why": why_sentence(corner),
        "step": step_words(corner.step), "step_url": step_url(corner.step, unit.code),
    }  # fmt: skip


def step_url(step: Step, code: str) -> str:
    """Return the page on which the next step is done."""
    if step.key is not None:
        return reverse("desk:venue", args=[step.key])
    if step.number:
        return reverse("desk:premises_record", args=[step.number])
    return reverse("desk:premises", args=[code[:12]]) if step.what == "look" else reverse("desk:survey")


def unit_way(code: str, on: date) -> dict[str, Any]:
    """Return what the page of a unit says of the second zero: how far to the nearest place, else why and what to do."""
    reach = venue_reach(code, on=on)
    unit = reach.units[0]
    return {
        "limit": unit.limit_m, "metres": metres_words(unit.metres), "place": unit.place,
        "name": facility_by_key(unit.place).name if unit.place else "",
        "corner": corner_row(reach.corners[0], reach.names(), on) if reach.corners else None,
    }  # fmt: skip
