"""The units of an area on a day, with the grids around them: what the zeros are asked of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from weiduan.ground.rulebook.queries import overrides_on
from weiduan.ground.rulebook.rules import Judgement, Verdict, judge, rules_in_force
from weiduan.ground.territory.queries import Place, ancestors_of, area_ids, places
from weiduan.ground.territory.rules import Level

GRID_DIGITS, VILLAGE_DIGITS = 15, 12
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class Units:
    """Units of an area on a day, and the keys of the areas around them: code → key of unit, grid and village."""

    on: date
    places: list[Place]
    around: Mapping[str, int]

    @property
    def keys(self) -> list[int]:
        """The keys of the units themselves."""
        return [place.id for place in self.places]

    def key(self, code: str) -> int:
        """Return the key of a unit."""
        return self.around[code]

    def and_their_grids(self) -> list[int]:
        """Return the keys of the units and of the grids around them."""
        return [key for code, key in self.around.items() if len(code) >= GRID_DIGITS]

    def with_their_grids(self) -> Iterator[tuple[str, list[int]]]:
        """Give each unit's code with its own key and that of its grid."""
        for place in self.places:
            yield place.code, [place.id, *self._key(place.code[:GRID_DIGITS])]

    def with_all_around(self) -> Iterator[tuple[str, list[int]]]:
        """Give each unit's code with its own key, that of its grid and that of its village."""
        for code, keys in self.with_their_grids():
            yield code, [*keys, *self._key(code[:VILLAGE_DIGITS])]

    def _key(self, code: str) -> list[int]:
        return [self.around[code]] if code in self.around else []


def units_in(code: str, *, on: date) -> Units:
    """Return the units of an area on a day: one query, two where it is smaller than a village."""
    rows = places(code, on=on, levels=[Level.VILLAGE, Level.GRID, Level.UNIT])
    around = {place.code: place.id for place in rows if len(place.code) <= 18}
    if len(code) > VILLAGE_DIGITS:
        around |= area_ids(ancestors_of(code), on=on)
    return Units(on, [p for p in rows if p.level == Level.UNIT and p.code.startswith(_prefix(code))], around)


def day_begins(on: date) -> datetime:
    """Return the moment a day begins in China: windows of the zeros are whole days, so that they move once a day."""
    return timezone.make_aware(datetime.combine(on, time.min))


def _prefix(code: str) -> str:
    return code.rstrip("0") if len(code) == VILLAGE_DIGITS and code.endswith("000") else code


def end_of(on: date) -> datetime:
    """Return the last moment of a day in China."""
    return day_begins(on + DAY) - MOMENT


def judged(
    units: Units, kind: str, figures: Mapping[str, Mapping[str, int | Decimal | None]]
) -> dict[str, list[Judgement]]:
    """Return code → the rules of a kind that a unit breaks, in the order of the pack; a district's own values count."""
    overrides = overrides_on(units.on)
    broken: dict[str, list[Judgement]] = {}
    known: dict[str, list] = {}
    for place in units.places:
        village = place.code[:VILLAGE_DIGITS]
        if village not in known:
            rules = rules_in_force(area=village, on=units.on, overrides=overrides)
            known[village] = [rule for rule in rules if rule.applies_to == kind]
        verdicts = [judge(rule, kind, figures[place.code]) for rule in known[village]]
        found = [one for one in verdicts if one.verdict is Verdict.BROKEN]
        if found:
            broken[place.code] = found
    return broken
