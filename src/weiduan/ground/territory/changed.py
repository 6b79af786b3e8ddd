"""What became of grids, units and divisions between two days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from weiduan.ground.base.batches import among

from .models import AreaVersion, Succession
from .queries import alive, below
from .rules import Level, prefix_of


@dataclass(slots=True)
class Life:
    """A grid or unit as two days see it.

    code   what it is called on the later day, or was called last
    first  the day it began; moved  the day it came to its code
    ended  the first day it no longer was, None while it is
    before its code on the earlier day, "" where it wasn't there
    """

    area: int
    level: Level
    code: str
    name: str
    first: date
    moved: date
    ended: date | None
    before: str = ""


def lives_in(code: str, *, since: date, on: date) -> list[Life]:
    """Return the grids and units of an area that are there on a day or were since another, in order of code: one query."""
    lately = Q(until__isnull=True) | Q(until__gt=since)
    here = AreaVersion.objects.filter(lately, below(code), level__in=[Level.GRID, Level.UNIT], since__lte=on)
    rows = AreaVersion.objects.filter(area__in=here.values("area_id"), since__lte=on).order_by("area_id", "since")
    lives: dict[int, Life] = {}
    for area, level, own, name, begins, until in rows.values_list("area_id", "level", "code", "name", "since", "until"):
        ended = until if until is not None and until <= on else None
        life = lives.setdefault(area, Life(area, Level(level), own, name, begins, begins, ended))
        if life.code != own:
            life.moved = begins
        life.code, life.name, life.ended = own, name, ended
        if begins <= since and (until is None or until > since):
            life.before = own
    prefix = prefix_of(code)
    return sorted((life for life in lives.values() if life.code.startswith(prefix)), key=lambda life: life.code)


def heirs_of(areas: Iterable[int], *, on: date) -> dict[int, tuple[str, str]]:
    """Return area → (code, name) of what took it over in a reform, where that is settled and still there."""
    settled = Succession.objects.filter(alive(on, "heir__versions__"), old__in=among(areas)).exclude(heir=F("old"))
    rows = settled.order_by("on").values_list("old_id", "heir__versions__code", "heir__versions__name")
    return {old: (code, name) for old, code, name in rows}
