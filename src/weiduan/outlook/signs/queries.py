"""Signs of an area, without those that are switched off; and what is switched off."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers
from weiduan.ground.territory.queries import Place, names_by_area, within
from weiduan.outlook.insight.counted.folding import catch_up

from .growth import Growing, growing_in
from .models import SignSwitch
from .promises import Promised, promised_in
from .rules import Kind
from .silence import Silent, silent_in


@dataclass(frozen=True)
class Sign:
    """One sign: of which kind, of which place, and what it is made of; never of a person or of one report."""

    kind: Kind
    place: Place
    about: Promised | Growing | Silent


@dataclass(frozen=True)
class Off:
    """A kind that is not told of a place until a day."""

    key: int
    kind: Kind
    place: Place
    until: date
    reason: str


def signs_in(codes: Sequence[str], *, at: datetime) -> list[Sign]:
    """Return the signs of some areas, by kind, the most urgent kind first; the caller has checked that they may be looked at.

    codes  none of them in another
    """
    if not codes:
        return []
    catch_up(at=at)
    on = local_day(at)
    promised = promised_in(codes, at=at)
    places = names_by_area({one.area for one in promised}, on=on)
    found = [Sign(one.kind, places[one.area], one) for one in promised if one.area in places]
    for code in codes:
        found += [Sign(Kind.GROWTH, grown.unit, grown) for grown in growing_in(code, on=on)]
        found += [Sign(Kind.SILENT, silent.unit, silent) for silent in silent_in(code, on=on)]
    off = _off_by_kind(on)
    told = [one for one in found if not any(covers(code, one.place.code) for code in off.get(one.kind, ()))]
    order = {kind: turn for turn, kind in enumerate(Kind)}
    return sorted(told, key=lambda one: order[one.kind])


def counts_of(signs: Iterable[Sign]) -> dict[Kind, int]:
    """Return kind → how many, in order of kinds, without those of which there are none."""
    counted = Counter(one.kind for one in signs)
    return {kind: counted[kind] for kind in Kind if counted[kind]}


def switched_off_in(codes: Sequence[str], *, on: date) -> list[Off]:
    """Return what is switched off in some areas on a day, by the code of the place."""
    rows = SignSwitch.objects.filter(within(codes, on=on), off_until__gt=on).order_by("pk")
    places = names_by_area({row.area_id for row in rows}, on=on)
    found = [
        Off(row.pk, Kind(row.kind), places[row.area_id], row.off_until, row.reason)
        for row in rows
        if row.area_id in places
    ]
    return sorted(found, key=lambda one: (one.place.code, one.kind))


def _off_by_kind(on: date) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for one in switched_off_in([""], on=on):
        found.setdefault(one.kind, []).append(one.place.code)
    return found
