"""What people read for kinds, uses, states and days of the venues."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from weiduan.systems.venues.hours.rules import Span, clock

KIND_TITLES = {"centre": _("community service centre"), "micro_venue": _("micro-venue")}
STATE_TITLES = {
    "candidate": _("candidate"), "planned": _("only planned"), "fitting_out": _("fitting out"), "open": _("open"),
    "closed": _("closed"),
}  # fmt: skip
FORM_TITLES = {"one_unit": _("one unit, one micro-venue"), "units": _("several units, one micro-venue")}
USE_TITLES = {
    "office": _("office"), "hall": _("service hall"), "meeting": _("meeting room"), "members_home": _("members' home"),
    "volunteers": _("volunteers' studio"), "police": _("police and neighbours"), "deputies": _("deputies' station"),
    "cinema": _("neighbours' cinema"), "reading": _("neighbours' reading corner"), "tea": _("neighbours' tea garden"),
    "say": _("“I have something to say”"), "partners": _("social organisations' office"), "dance": _("dance room"),
    "training": _("training room"), "after_school": _("half-past-four school"), "elderly": _("elderly people's room"),
    "children": _("children's room"), "sport": _("sport room"), "store": _("store room or corridor"), "other": _("other use"),
}  # fmt: skip
ACCESS_TITLES = {
    "step_free": _("step-free"), "lift": _("lift"), "toilet": _("accessible toilet"), "hearing": _("hearing loop"),
    "large_print": _("large print"), "parking": _("accessible parking"),
}  # fmt: skip
EQUIPMENT_TITLES = {
    "projector": _("projector"), "sound": _("loudspeakers"), "whiteboard": _("whiteboard"), "water": _("drinking water"),
    "wifi": _("Wi-Fi"), "air_conditioning": _("air conditioning"), "kitchen": _("kitchen"),
    "defibrillator": _("defibrillator"),
}  # fmt: skip
BOOKING_STATE_TITLES = {
    "asked": _("waiting for confirmation"), "confirmed": _("confirmed"), "waiting": _("on the waiting list"),
    "refused": _("refused"), "cancelled": _("cancelled"),
}  # fmt: skip
WHO_TITLES = {
    "organisation": _("party organisation"), "body": _("self-governing body"), "group": _("group or social organisation"),
    "resident": _("resident"), "house": _("the place itself"),
}  # fmt: skip
DAY_TITLES = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"), _("holidays"),
)  # fmt: skip


def hours_words(spans: Iterable[Span]) -> str:
    """Say spans of a day like “09:00–12:00、14:00–17:00”; "" where there are none."""
    return "、".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in spans)


def week_words(week: Mapping[int, Sequence[Span]]) -> list[tuple[str, str]]:
    """Say the hours of a week as (days, hours), days on end with the same hours together, holidays by themselves."""
    said = [(day, hours_words(week.get(day, ())) or gettext("not open")) for day in range(len(DAY_TITLES))]
    lines = []
    for hours, days in groupby(said[:-1], key=lambda one: one[1]):
        first, *rest = [str(DAY_TITLES[day]) for day, _hours in days]
        lines.append((gettext("%(first)s to %(last)s") % {"first": first, "last": rest[-1]} if rest else first, hours))
    return [*lines, (str(DAY_TITLES[-1]), said[-1][1])]
