"""The four zeros of an area: how many units lack each, on any day; and of single units why, with the next best step."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import prefix_of
from weiduan.ground.territory.queries import Place, ancestors_of, area_ids

from .counted.folding import catch_up
from .counted.models import UnitStanding
from .counted.rules import ZEROS
from .counted.standings import standings_in
from .governance import gaps_of
from .services import distances_of
from .units import Units, end_of, units_in
from .zero_words import row_of


@dataclass(frozen=True)
class Zeros:
    """How many units an area has and how many lack each of the zeros, as of a moment."""

    units: int
    missing: Mapping[str, int]
    as_of: datetime


def zeros_of(code: str, *, on: date, at: datetime) -> Zeros:
    """Return the zeros of an area: of today as they are counted beforehand, of another day computed for it."""
    if on == local_day(at):
        as_of = catch_up(at=at)
        counted = _here(code).aggregate(
            units=Count("pk"), **{name: Count("pk", filter=~Q(**{name: ""})) for name in ZEROS}
        )
        return Zeros(counted.pop("units"), counted, as_of)
    rows = standings_on(code, on=on)
    return Zeros(len(rows), {name: sum(bool(getattr(row, name)) for row in rows) for name in ZEROS}, end_of(on))


def standing_in(code: str, *, at: datetime) -> list[UnitStanding]:
    """Return what each unit of an area lacks now, as counted beforehand: its code and the gravest reason of each zero."""
    catch_up(at=at)
    return list(_here(code).only("code", *ZEROS))


def lacking(
    code: str, zero: str, *, on: date, at: datetime, reason: str = ""
) -> QuerySet[UnitStanding] | list[UnitStanding]:
    """Return the units of an area that lack one zero, most households first; for one reason only where it is given."""
    if on == local_day(at):
        catch_up(at=at)
        rows = _here(code).exclude(**{zero: ""})
        return (rows.filter(**{zero: reason}) if reason else rows).order_by("-households", "code")
    found = [row for row in standings_on(code, on=on) if getattr(row, zero) and reason in ("", getattr(row, zero))]
    return sorted(found, key=lambda row: (-row.households, row.code))


def reasons_in(code: str, zero: str, *, on: date, at: datetime) -> dict[str, int]:
    """Return the gravest reason → how many units of an area lack one zero for it."""
    if on == local_day(at):
        rows = _here(code).exclude(**{zero: ""}).values_list(zero).annotate(n=Count("pk"))
        return dict(rows.order_by("-n", zero))
    return dict(Counter(getattr(row, zero) for row in standings_on(code, on=on) if getattr(row, zero)).most_common())


def why(
    standings: Iterable[UnitStanding], zero: str, names: Mapping[int, Place], *, on: date, at: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Return code → every rule of the third or the fourth zero that a unit breaks, in words, for a few units.

    names  area key → place, of these units
    """
    places = [names[row.area_id] for row in standings if row.area_id in names]
    around = {place.code: place.id for place in places}
    around |= area_ids({code for place in places for code in ancestors_of(place.code) if len(code) >= 12}, on=on)
    units = Units(on, places, around)
    judgements = (gaps_of if zero == "governance" else distances_of)(units, at=min(at, end_of(on)))
    return {code: [row_of(one) for one in found] for code, found in judgements.items()}


def why_of(code: str, *, on: date, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return "governance" and "services" → every rule of that zero a unit breaks on a day, in words."""
    units, at = units_in(code, on=on), min(at, end_of(on))
    judged = {"governance": gaps_of(units, at=at), "services": distances_of(units, at=at)}
    return {name: [row_of(one) for one in found.get(code, [])] for name, found in judged.items()}


def standings_on(code: str, *, on: date) -> list[UnitStanding]:
    """Return what each unit of an area lacked at the end of a day."""
    return standings_in(code, at=end_of(on))


def _here(code: str) -> QuerySet[UnitStanding]:
    return UnitStanding.objects.filter(code__startswith=prefix_of(code))
