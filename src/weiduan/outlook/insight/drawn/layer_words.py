"""What people read of the layers of a map: their titles, what the colours mean, and the sentence of one area."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from weiduan.outlook.insight.drawn.layers import Layer

TITLES: dict[Layer, Any] = {
    Layer.ZEROS: _("The four zeros"), Layer.REACH: _("Reach of the places"), Layer.REPORTS: _("Matters told in twelve months"),
}  # fmt: skip
# What each colour means where units are drawn, and where villages are.
UNIT_STATES: dict[Layer, dict[str, Any]] = {
    Layer.ZEROS: {
        "ok": _("lacks none of the four zeros"), "some": _("lacks one or two of them"), "most": _("lacks three or four of them"),
    },
    Layer.REACH: {"ok": _("a place within reach"), "most": _("no place within reach")},
    Layer.REPORTS: {
        "ok": _("no matter told"), "some": _("fewer than one a month told"), "most": _("one a month or more told"),
    },
}  # fmt: skip
VILLAGE_STATES: dict[Layer, dict[str, Any]] = {
    Layer.ZEROS: {
        "ok": _("no unit lacks anything"), "some": _("up to half of the units lack something"),
        "most": _("more than half lack something"),
    },
    Layer.REACH: {
        "ok": _("all units within reach of a place"), "some": _("up to half of the units out of reach"),
        "most": _("more than half out of reach"),
    },
    Layer.REPORTS: {
        "ok": _("no matter told"), "some": _("fewer than one a month for each unit"), "most": _("one a month or more for each unit"),
    },
}  # fmt: skip
# The sentence of one area; {name}, {n} and {of} are filled in on the map.
UNIT_SAYS: dict[Layer, Any] = {
    Layer.ZEROS: _("{name}: lacks {n} of the {of} zeros"), Layer.REACH: _("{name}: units out of reach of a place: {n} of {of}"),
    Layer.REPORTS: _("{name}: matters told in twelve months: {n}"),
}  # fmt: skip
VILLAGE_SAYS: dict[Layer, Any] = {
    Layer.ZEROS: _("{name}: units that lack something: {n} of {of}"), Layer.REACH: UNIT_SAYS[Layer.REACH],
    Layer.REPORTS: UNIT_SAYS[Layer.REPORTS],
}  # fmt: skip
# Of one zero alone.
ONE_ZERO_STATES = (
    {"ok": _("lacks nothing of it"), "most": _("lacks it")},
    {
        "ok": _("no unit lacks it"),
        "some": _("up to half of the units lack it"),
        "most": _("more than half of the units lack it"),
    },
)
ONE_ZERO_SAYS = _("{name}: units that lack it: {n} of {of}")


def key_of(layer: Layer, *, one_zero: bool, by_unit: bool) -> dict[str, Any]:
    """Return what each colour means: state → words."""
    if one_zero:
        return ONE_ZERO_STATES[0 if by_unit else 1]
    return (UNIT_STATES if by_unit else VILLAGE_STATES)[layer]


def says_of(layer: Layer, *, one_zero: bool) -> dict[str, Any]:
    """Return the sentence of a unit and that of a village."""
    if one_zero:
        return {"unit": ONE_ZERO_SAYS, "village": ONE_ZERO_SAYS}
    return {"unit": UNIT_SAYS[layer], "village": VILLAGE_SAYS[layer]}
