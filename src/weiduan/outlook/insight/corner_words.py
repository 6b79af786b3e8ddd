"""What people read of dead corners: why, and what to do next."""

from math import isfinite

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.systems.venues.micro_venues.rules import State

from .venues import Corner, Step

REASON_TITLES = {
    "none": gettext_lazy("no place near"),
    "unserved": gettext_lazy("none near serves it"),
    "too_far": gettext_lazy("too far"),
    "planned": gettext_lazy("not open yet"),
    "closed": gettext_lazy("closed"),
    "off_map": gettext_lazy("not on the map"),
    "place_off_map": gettext_lazy("place not on the map"),
}


def metres_words(metres: float | None) -> str:
    """Say a way on foot in whole metres."""
    if metres is None:
        return ""
    return _("%(n)s m") % {"n": round(metres)} if isfinite(metres) else _("no street leads there")


def why_sentence(corner: Corner) -> str:
    """Say why a unit is a dead corner, with the figures compared."""
    values = {
        "name": corner.name, "way": metres_words(corner.metres), "limit": corner.unit.limit_m, "day": corner.since,
    }  # fmt: skip
    if corner.reason == "planned" and corner.state is State.FITTING_OUT:
        return _("%(name)s shall serve it and has been fitted out since %(day)s") % values
    return {
        "none": _("No open place lies within %(limit)s m on foot"),
        "unserved": _("%(name)s is %(way)s away on foot, but doesn't serve it"),
        "too_far": _("%(name)s serves it: %(way)s on foot, at most %(limit)s m"),
        "planned": _("%(name)s shall serve it and has been planned since %(day)s"),
        "closed": _("%(name)s served it and closed on %(day)s"),
        "off_map": _("Nobody said yet where the unit lies"),
        "place_off_map": _("%(name)s serves it, but isn't on the map"),
    }[corner.reason] % values


def step_words(step: Step) -> str:
    """Say what to do next about a dead corner."""
    values = {"name": step.name, "way": metres_words(step.metres)}
    return {
        "serve": _("Let %(name)s serve it: %(way)s on foot"),
        "open": _("Open %(name)s and let it serve the unit: %(way)s on foot"),
        "plan": _("Make a micro-venue of %(name)s: %(way)s on foot"),
        "look": _("Look for a room near; none is known"),
        "map": _("Put %(name)s on the map"),
    }[step.what] % values
