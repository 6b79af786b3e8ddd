"""Centres of an area on a day: their floors, and what the rules say of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.rulebook.rules import Judgement, Verdict, judge
from weiduan.ground.territory.queries import alive, areas_below
from weiduan.systems.venues.facilities.models import Facility, Room
from weiduan.systems.venues.facilities.queries import facilities_in
from weiduan.systems.venues.facilities.rules import Kind, Use

from .rules import Floors, floors_of

KIND = "centre"  # as the rules call it


@dataclass(frozen=True)
class Centre:
    """A centre with its floors, its rooms by use, and the rules' verdicts."""

    facility: Facility
    code: str
    floors: Floors
    uses: Mapping[str, int]  # use → how many rooms
    judgements: tuple[Judgement, ...]

    @property
    def to_change(self) -> Decimal:
        """Square metres of office that must change use; 0 where the share holds or isn't limited."""
        limits = [j.rule.value for j in self.judgements if j.rule.measure == "office_percent"]
        return self.floors.to_change(min(limits)) if limits else Decimal(0)


def centres_in(code: str, *, on: date) -> list[Centre]:
    """Return the centres open in an area on a day, in order of name."""
    found = list(facilities_in(code, on=on).filter(kind=Kind.CENTRE.value))
    codes = dict(areas_below(code, on=on).filter(area__in={f.area_id for f in found}).values_list("area_id", "code"))
    return centres_among(found, codes, on=on)


def centres_among(found: Sequence[Facility], codes: Mapping[int, str], *, on: date) -> list[Centre]:
    """Return these centres as the rules see them; codes is area key → code of where they lie."""
    rooms: dict[UUID, list[tuple[str, Decimal]]] = defaultdict(list)
    rows = Room.objects.filter(alive(on), facility__in=[f.pk for f in found])
    for facility, use, area in rows.values_list("facility_id", "use", "area_m2"):
        rooms[facility].append((use, area))
    return [_centre(facility, codes[facility.area_id], rooms[facility.pk], on) for facility in found]


def _centre(facility: Facility, code: str, rooms: list[tuple[str, Decimal]], on: date) -> Centre:
    floors = floors_of(rooms)
    uses = {use.value: sum(one == use.value for one, _area in rooms) for use in Use}
    return Centre(facility, code, floors, uses, tuple(judge_centre(floors, uses, area=code, on=on)))


def judge_centre(floors: Floors, uses: Mapping[str, int], *, area: str, on: date) -> list[Judgement]:
    """Say which rules for centres hold with these floors and rooms; a room nobody asks for is not looked at."""
    figures = {f"{use}_rooms": count for use, count in uses.items()} | {"office_percent": floors.share}
    rules = [rule for rule in rules_of(area, on=on) if rule.applies_to == KIND and (rule.test == "max" or rule.value)]
    return [judge(rule, KIND, figures) for rule in rules]


def broken_by_centres_in(code: str, *, on: date) -> Counter[str]:
    """Return rule → how many centres of an area break it on a day."""
    judged = (judgement for centre in centres_in(code, on=on) for judgement in centre.judgements)
    return Counter(judgement.rule.id for judgement in judged if judgement.verdict is Verdict.BROKEN)
