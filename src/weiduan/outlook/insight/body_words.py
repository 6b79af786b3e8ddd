"""What people read of bodies."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.ground.territory.queries import names_by_area
from weiduan.systems.governance.bodies.models import Body
from weiduan.systems.governance.bodies.queries import Standing, standings
from weiduan.systems.governance.bodies.rules import Left

LEFT_TITLES = {
    Left.RESIGNED.value: gettext_lazy("resigned"), Left.RECALLED.value: gettext_lazy("recalled"),
    Left.MOVED.value: gettext_lazy("moved away"), Left.DIED.value: gettext_lazy("died"),
    Left.TERM.value: gettext_lazy("the term ended"),
}  # fmt: skip
LEAVING_TITLES = {code: title for code, title in LEFT_TITLES.items() if code != Left.TERM.value}


def body_rows(bodies: Iterable[Body], *, on: date) -> list[dict[str, Any]]:
    """Return bodies as lists show them: how each stands, in which area, with a word on its term."""
    found = standings(bodies, on=on)
    areas = names_by_area({one.body.area_id for one in found}, on=on)
    return [
        {"standing": one, "area": areas.get(one.body.area_id), "word": word, "tag": tag}
        for one, (word, tag) in ((one, term_told(one, on)) for one in found)
    ]


def term_told(one: Standing, on: date) -> tuple[str, str]:
    """Say how a body's term stands, and with which state."""
    if one.body.until is not None and one.body.until <= on:
        return _("dissolved"), ""
    if one.term is None:
        return _("never elected"), "late"
    if one.is_overdue:
        return _("election overdue"), "late"
    if one.vacancies:
        return _("seats are vacant"), "soon"
    return _("in term"), "ok"
