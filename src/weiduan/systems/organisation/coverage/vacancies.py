"""Posts that should be filled and aren't, or whose term is over: each with who is to see to it.

Which posts there must be, the rules say: who leads an organisation, how many sit on its committee, who works a grid.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Max, Q

from weiduan.ground.base.batches import among
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.rulebook.rules import Rule, Verdict, judge
from weiduan.ground.territory.queries import Place, alive, below, places
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import Role, roles_in_organisation
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.models import Organisation

from .queries import broken_in
from .rules import Standing


class Lack(StrEnum):
    """Why a post is to be filled."""

    NOBODY = "nobody"
    TERM_OVER = "term_over"
    TOO_FEW = "too_few"
    NO_MEMBER = "no_member"  # the grid worker is no member, and nobody who is heads the grid


@dataclass(frozen=True)
class Vacancy:
    """One post to be filled, or several of one role in one place; no person is named.

    place, number  of the organisation, or the area's name and code; code  of the area, or of the seat
    since   the day its last holder left, or the term ended; None where nobody ever held it
    filler, filler_number  who is to see to it: the superior organisation, else village or town by name and code
    """

    lack: Lack
    role: str
    place: str
    number: str
    code: str
    in_organisation: bool
    since: date | None
    filler: str
    filler_number: str


# What of an organisation the rules look at, gravest first: the first that is broken is told.
MEASURES = {"leaders": Lack.NOBODY, "days_overdue": Lack.TERM_OVER, "committee_posts": Lack.TOO_FEW}


def vacancies_in(code: str, *, on: date) -> list[Vacancy]:
    """Return the vacancies of an area on a day, organisations first, in order of number: a fixed number of queries."""
    rules = rules_of(code, on=on)
    known = places(code, on=on, levels=[Level.TOWN, Level.VILLAGE, Level.GRID, Level.UNIT, Level.BUILDING])
    by_code = {place.code: place for place in known}
    inside = [place for place in known if place.code.startswith(prefix_of(code))]
    open_ = [*_of_organisations(code, rules, on), *_of_areas(code, inside, rules, on)]
    left = _last_holders(open_, on)
    superiors = Organisation.objects.filter(pk__in=among(one.parent for one in open_ if one.parent))
    names = {key: (name, number) for key, name, number in superiors.values_list("pk", "name", "number")}
    return [_told(one, left, names.get(one.parent or 0), by_code) for one in open_]


@dataclass(frozen=True)
class _Open:
    """A vacancy before it is told: `key` is the organisation's or the area's."""

    lack: Lack
    role: str
    key: int
    place: str
    number: str
    code: str
    in_organisation: bool
    parent: int | None = None
    over: date | None = None  # when the term ended


def _of_organisations(code: str, rules: Iterable[Rule], on: date) -> list[_Open]:
    measures = {rule.id: rule.measure for rule in rules if rule.measure != "committee_posts" or rule.test == "min"}
    lacks: dict[int, list[Lack]] = defaultdict(list)
    standings: dict[int, Standing] = {}
    for rule, broken in broken_in(code, on=on).items():
        lack = MEASURES.get(measures.get(rule, ""))
        if lack is None:
            continue
        for standing in broken:
            standings[standing.id] = standing
            lacks[standing.id].append(lack)
    gravest = {key: min(found, key=list(MEASURES.values()).index) for key, found in lacks.items()}
    return [
        _of(standings[key], lack, on) for key, lack in sorted(gravest.items(), key=lambda i: standings[i[0]].number)
    ]


def _of(standing: Standing, lack: Lack, on: date) -> _Open:
    roles = roles_in_organisation(standing.kind)
    over = date.fromordinal(on.toordinal() - (standing.days_overdue or 0)) if lack is Lack.TERM_OVER else None
    return _Open(
        lack, roles[-1 if lack is Lack.TOO_FEW else 0].value, standing.id, standing.name, standing.number, standing.seat,
        True, standing.parent, over,
    )  # fmt: skip


def _of_areas(code: str, inside: list[Place], rules: Iterable[Rule], on: date) -> list[_Open]:
    """Find grids without a worker, or whose worker is no member; committees too small; what is over in any area."""
    held = Post.objects.filter(alive(on), alive(on, "area__versions__"), below(code, "area__versions__"))
    holders: dict[tuple[int, str], list[tuple]] = defaultdict(list)
    for area, role, person, due in held.values_list("area_id", "role", "person_id", "due_on"):
        holders[area or 0, role].append((person, due))
    people = {
        person
        for (_a, role), rows in holders.items()
        if role in (Role.GRID_WORKER, Role.GRID_HEAD)
        for person, _d in rows
    }
    members = _members(people, on)
    found = []
    for place in inside:
        lacks = _lacks_of(place, holders, members, rules)
        ends: dict[str, date] = {}
        for role in Role:
            dues = [due for _person, due in holders.get((place.id, role.value), ()) if due is not None and due < on]
            if dues and role.value not in lacks:
                lacks[role.value], ends[role.value] = Lack.TERM_OVER, min(dues)
        found += [
            _Open(lack, role, place.id, place.name, place.code, place.code, False, None, ends.get(role))
            for role, lack in lacks.items()
        ]
    return found


def _members(people: set, on: date) -> set:
    """Return which of these persons are counted members; one statement, whoever many they are."""
    rows = Membership.objects.filter(alive(on), state__in=COUNTED).values_list("person_id", flat=True)
    return people & set(rows.filter(person__in=people) if len(people) <= 500 else rows.iterator())


def _lacks_of(
    place: Place, holders: Mapping[tuple[int, str], list[tuple]], members: set, rules: Iterable[Rule]
) -> dict[str, Lack]:
    if place.level == Level.GRID:
        workers = [person for person, _due in holders.get((place.id, Role.GRID_WORKER.value), ())]
        heads = [person for person, _due in holders.get((place.id, Role.GRID_HEAD.value), ())]
        if _is_broken("grid", {"workers": len(set(workers))}, rules):
            return {Role.GRID_WORKER.value: Lack.NOBODY}
        if workers and not members.intersection([*workers, *heads]):
            return {Role.GRID_HEAD.value: Lack.NO_MEMBER}
    elif place.level == Level.VILLAGE and place.kind == "community":
        people = {person for person, _due in holders.get((place.id, Role.VILLAGE_COMMITTEE.value), ())}
        if people and _is_broken("residents_committee", {"committee_people": len(people)}, rules):
            return {Role.VILLAGE_COMMITTEE.value: Lack.TOO_FEW}
    return {}


def _is_broken(kind: str, figures: dict[str, int | None], rules: Iterable[Rule]) -> bool:
    """Tell whether there are too few by a rule; too many is no vacancy."""
    least = (rule for rule in rules if rule.applies_to == kind and rule.test == "min" and rule.measure in figures)
    return any(judge(rule, kind, figures).verdict is Verdict.BROKEN for rule in least)


def _last_holders(open_: list[_Open], on: date) -> dict[tuple[bool, int, str], date]:
    """Return, by place and role, the day the last holder left."""
    here = Q(organisation__in=among(one.key for one in open_ if one.in_organisation))
    here |= Q(area__in=among(one.key for one in open_ if not one.in_organisation))
    rows = Post.objects.filter(here, until__lte=on).order_by()
    last = rows.values_list("organisation_id", "area_id", "role").annotate(last=Max("until"))
    return {(key is not None, key or area or 0, role): day for key, area, role, day in last if day is not None}


def _told(
    one: _Open, left: Mapping[tuple[bool, int, str], date], superior: tuple[str, str] | None, by_code: Mapping[str, Place]
) -> Vacancy:  # fmt: skip
    above = by_code.get(_above(one.code) if not one.in_organisation else one.code[:12])
    filler = superior or ((above.name, above.code) if above else ("", ""))
    since = one.over or (left.get((one.in_organisation, one.key, one.role)) if one.lack is not Lack.TERM_OVER else None)
    return Vacancy(one.lack, one.role, one.place, one.number, one.code, one.in_organisation, since, *filler)


def _above(code: str) -> str:
    """Return the code of the village a grid, unit or building lies in, of the town for a village."""
    return code[:12] if len(code) > 12 else code[:9] + "000"
