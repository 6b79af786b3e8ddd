"""Coverage of an area on a day: computed from what is kept, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.db.models import Count, DateField, FilteredRelation, Q, QuerySet, Value

from weiduan.ground.base.batches import among
from weiduan.ground.rulebook.queries import overrides_on, rules_of
from weiduan.ground.rulebook.rules import Judgement, Override, Rule, Verdict, judge, rules_in_force
from weiduan.ground.territory.queries import Place, alive, area_of, areas_below, below, places
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.appointments.rules import COMMITTEE_ROLES, LEADS
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import COUNTED
from weiduan.systems.organisation.organisations.models import Organisation, Term
from weiduan.systems.organisation.organisations.queries import existing

from .models import Coverage
from .rules import Covered, Flaw, Form, Standing, flaws_of, form_of, judge_cover
from .steps import add_steps


@dataclass
class AreaCoverage:
    """Everything the coverage of an area on one day says; lists are in order of code."""

    code: str
    on: date
    places: list[Place]  # the area, those above and all below down to units
    grids: list[Covered]
    units: list[Covered]
    standings: dict[int, Standing] = field(repr=False)
    flaws: dict[int, tuple[Flaw, ...]] = field(repr=False)
    overrides: list[Override] = field(repr=False)  # local values of rules, for whoever judges the same area by others
    _counted: dict[Level | None, dict[str, dict]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def gaps(self) -> list[Covered]:
        """Return the units no organisation covers as it should."""
        return [unit for unit in self.units if unit.reason]

    def figures(self, level: Level | None = None) -> dict[str, dict]:
        """Count per area of a level (per `self.code`, if None); `weiduan coverage` prints just this."""
        if level not in self._counted:
            self._counted[level] = self._count(level)
        return self._counted[level]

    def _count(self, level: Level | None) -> dict[str, dict]:
        """Count in one pass over everything: a unit counts for the one area whose digits its code begins with."""
        areas = (
            [p for p in self.places if p.level == level] if level else [p for p in self.places if p.code == self.code]
        )
        tallies = {prefix_of(p.code): _empty(p) for p in areas}
        width = len(next(iter(tallies), ""))
        for place in self.places:
            if place.level in (Level.TOWN, Level.VILLAGE):
                _count_place(tallies.get(place.code[:width]), place)
        for grid in self.grids:
            tally = tallies[grid.code[:width]]
            tally["grids"] += 1
            tally["grids_without_branch"] += bool(grid.reason)
        if width > VILLAGE_DIGITS:
            for unit in self.units:
                _count_unit(tallies[unit.code[:width]], unit)
        else:
            for village, counted in self._units_by_village.items():
                _add_units(tallies[village[:width]], counted)
        for standing in self.standings.values():
            _count_standing(tallies.get(standing.seat[:width]), standing)
        return {tally["code"]: tally for tally in tallies.values()}

    @cached_property
    def _units_by_village(self) -> dict[str, dict]:
        """Count units once for all the areas above them, village by village."""
        tallies: dict[str, dict] = defaultdict(_no_units)
        for unit in self.units:
            _count_unit(tallies[unit.code[:VILLAGE_DIGITS]], unit)
        return tallies

    @property
    def total(self) -> dict:
        """Count the whole."""
        return self.figures()[self.code]


VILLAGE_DIGITS = 12


def _no_units() -> dict:
    return {"units": 0, "households": 0, "covered": 0, "blind_spots": 0, "blind_spots_by_reason": {}}


def _add_units(tally: dict, counted: dict) -> None:
    for key in ("units", "households", "covered", "blind_spots"):
        tally[key] += counted[key]
    reasons = tally["blind_spots_by_reason"]
    for reason, count in counted["blind_spots_by_reason"].items():
        reasons[reason] = reasons.get(reason, 0) + count


def _empty(place: Place) -> dict:
    zeros = ("towns", "villages", "villages_pending", "grids", "grids_without_branch", "units", "households",
             "organisations", "branches", "groups", "covered", "blind_spots")  # fmt: skip
    return {
        "code": place.code, "name": place.name, **dict.fromkeys(zeros, 0), "blind_spots_by_reason": {},
        "forms": dict.fromkeys((form.value for form in Form), 0),
    }  # fmt: skip


def _count_place(tally: dict | None, place: Place) -> None:
    """Divisions waiting for a decision after a reform are counted apart."""
    if tally is None:
        return
    if place.level == Level.VILLAGE:
        tally["villages_pending" if place.kind == "pending" else "villages"] += 1
    elif place.kind != "pending":
        tally["towns"] += 1


def _count_unit(tally: dict, unit: Covered) -> None:
    tally["units"] += 1
    tally["households"] += unit.households
    tally["covered"] += not unit.reason
    if unit.reason:
        tally["blind_spots"] += 1
        tally["blind_spots_by_reason"][unit.reason] = tally["blind_spots_by_reason"].get(unit.reason, 0) + 1


def _count_standing(tally: dict | None, standing: Standing) -> None:
    if tally is None:
        return
    tally["organisations"] += 1
    tally["branches"] += standing.kind == "branch"
    tally["groups"] += standing.kind == "group"
    form = form_of(standing)
    if form:
        tally["forms"][form.value] += 1


def coverage_in(code: str, *, on: date) -> AreaCoverage:
    """Compute the coverage of everything below `code` on a day."""
    known = places(code, on=on, levels=_levels_in(code))
    prefix = prefix_of(code)
    standings, coverers = _standings(code, known, on)
    overrides = overrides_on(on)
    rules = rules_in_force(area=prefix, on=on, overrides=overrides)
    flaws = _flaws(standings, rules)
    inside = [p for p in known if p.code.startswith(prefix)]
    grids = [_covered(p, coverers) for p in inside if p.level == Level.GRID]
    units = [_covered(p, coverers) for p in inside if p.level == Level.UNIT]
    for grid in grids:
        judge_cover(grid, standings, flaws, kinds=("branch",))
    for unit in units:
        judge_cover(unit, standings, flaws, kinds=("group", "branch"))
    result = AreaCoverage(code, on, known, grids, units, standings, flaws, overrides)
    gaps = [*result.gaps, *(grid for grid in grids if grid.reason)]
    add_steps(gaps, units=units, standings=standings, flaws=flaws, living=_living(gaps, on))
    return result


def _flaws(standings: dict[int, Standing], rules: tuple[Rule, ...]) -> dict[int, tuple[Flaw, ...]]:
    """Judge every organisation; of the many with the same figures only the first is really judged."""
    by_kind = {kind: [rule for rule in rules if rule.applies_to == kind] for kind in _UPWARDS}
    judged: dict[tuple, tuple[Flaw, ...]] = {}
    flaws = {}
    for standing in standings.values():
        same = (standing.kind, *standing.figures().values())
        if same not in judged:
            judged[same] = flaws_of(standing, by_kind[standing.kind])
        flaws[standing.id] = judged[same]
    return flaws


def _levels_in(code: str) -> list[Level]:
    """Return the levels to read: buildings only in a village, where they are few, districts only above one."""
    levels = [Level.TOWN, Level.VILLAGE, Level.GRID, Level.UNIT]
    if len(prefix_of(code)) < 6:
        return [Level.CITY, Level.DISTRICT, *levels]
    return [*levels, Level.BUILDING] if len(prefix_of(code)) >= 12 else levels


def _standings(code: str, known: list[Place], on: date) -> tuple[dict[int, Standing], dict[int, list[int]]]:
    """Read the organisations in sight with their figures, and who stands on which area."""
    seats = {p.id: p.code for p in known}
    standings: dict[int, Standing] = {}
    coverers: dict[int, list[int]] = defaultdict(list)
    # One row for each area an organisation stands on, at least one for each organisation, what it was on that day first.
    standing_on = FilteredRelation("coverage", condition=alive(on, "coverage__"))
    former = FilteredRelation("formers", condition=Q(formers__until__gt=on))
    rows = _in_sight(code, on).annotate(standing_on=standing_on, former=former).order_by("former__until")
    for key, number, area, until, *both in rows.values_list(
        "id", "number", "standing_on__area_id", "former__until", "name", "kind", "parent_id", "area_id",
        "former__name", "former__kind", "former__parent_id", "former__area_id",
    ):  # fmt: skip
        if key not in standings:
            name, kind, parent, seat = both[:4] if until is None else both[4:]
            standings[key] = Standing(key, number, name, kind, parent, seats.get(seat, ""))
        if area in seats and seats[area] not in standings[key].covers:
            standings[key].covers.append(seats[area])
            coverers[area].append(key)
    for several in coverers.values():
        several.sort(key=lambda key: standings[key].number)
    _add_members(standings, on)
    _add_terms(standings, on)
    return standings, coverers


_UPWARDS = ("group", "branch", "general_branch", "committee")


def _add_members(standings: dict[int, Standing], on: date) -> None:
    """Count members; those of a group count for its branch too, and so on upwards."""
    counted = Membership.objects.filter(alive(on), organisation__in=among(standings), state__in=COUNTED)
    rows = counted.values_list("organisation_id").annotate(n=Count("id"), full=Count("id", filter=Q(full_on__lte=on)))
    for organisation, n, full in rows.order_by():
        standings[organisation].members, standings[organisation].full_members = n, full
    for standing in sorted(standings.values(), key=lambda s: (_UPWARDS.index(s.kind), -len(prefix_of(s.seat)))):
        above = standings.get(standing.parent or 0)
        if above is not None:
            above.members += standing.members
            above.full_members += standing.full_members


def _add_terms(standings: dict[int, Standing], on: date) -> None:
    """Read terms, the last of which counts, and leaders.

    Where an organisation keeps no term of its own, its leader's post tells when one is due.
    """
    here = among(standings)
    terms = Term.objects.filter(organisation__in=here, since__lte=on).order_by()
    leaders = Post.objects.filter(alive(on), organisation__in=here, role__in=LEADS).order_by()
    nothing = Value(None, DateField())
    both = terms.values_list("organisation_id", "since", "due_on").union(
        leaders.annotate(no_since=nothing).values_list("organisation_id", "no_since", "due_on"), all=True
    )
    last: dict[int, tuple[date, date]] = {}
    for organisation, since, due in both:
        if since is None:
            _add_leader(standings[organisation], due, on)
        elif organisation not in last or last[organisation][0] < since:
            last[organisation] = (since, due)
    for organisation, (since, due) in last.items():
        standings[organisation].days_overdue = (on - due).days
        standings[organisation].term_years = round((due - since).days / 365.25)


def _add_leader(standing: Standing, due: date | None, on: date) -> None:
    standing.leaders += 1
    if due is not None:
        standing.days_overdue = max((on - due).days, standing.days_overdue or (on - due).days)


def _covered(place: Place, coverers: dict[int, list[int]]) -> Covered:
    return Covered(
        place.id, place.code, place.name, place.kind, place.households or 0, tuple(coverers.get(place.id, ()))
    )


def _in_sight(code: str, on: date) -> QuerySet[Organisation]:
    """Organisations seated in the area or standing on something in it, and the groups below those."""
    here = Q(area__in=areas_below(code, on=on).values("area_id")) | Q(id__in=_cover(code, on).values("organisation_id"))
    wide = Organisation.objects.filter(here).values("id")
    return Organisation.objects.filter(here | Q(parent__in=wide), existing(on))


def _cover(code: str, on: date) -> QuerySet[Coverage]:
    return Coverage.objects.filter(alive(on), alive(on, "area__versions__"), below(code, "area__versions__"))


def _living(gaps: list[Covered], on: date) -> dict[str, tuple[int, int]]:
    """Count, per home in which there is a gap, the members living there and the full ones among them."""
    if not gaps:
        return {}
    codes = {gap.area: gap.code for gap in gaps}
    homes = Membership.objects.filter(alive(on), home__in=among(codes), state__in=COUNTED)
    rows = homes.values_list("home_id").annotate(n=Count("id"), full=Count("id", filter=Q(full_on__lte=on)))
    return {codes[home]: (n, full) for home, n, full in rows.order_by()}


def standing_of(organisation: Organisation, *, on: date) -> tuple[Standing, list[Judgement]]:
    """Return one organisation with its figures, and what every rule says of it."""
    standing = _standing(organisation, on)
    return standing, _judged(standing, on, {})


def judgements_of(
    organisation: Organisation, *, on: date, instead: Mapping[str, int | None] | None = None
) -> list[Judgement]:
    """Return what every rule says of an organisation; `instead` takes the place of figures of the same name."""
    return _judged(_standing(organisation, on), on, instead or {})


def _standing(organisation: Organisation, on: date) -> Standing:
    seat = area_of(organisation.area_id, on=on)
    known = places(seat.code, on=on, levels=[Level.VILLAGE, Level.GRID, Level.UNIT])
    standings, _coverers = _standings(seat.code, known, on)
    if organisation.pk not in standings:  # its seat has ended, so it is seen from nowhere
        alone = Standing(
            organisation.pk,
            organisation.number,
            organisation.name,
            organisation.kind,
            organisation.parent_id,
            seat.code,
        )
        standings = {organisation.pk: alone}
        _add_members(standings, on)
        _add_terms(standings, on)
    standing = standings[organisation.pk]
    posts = Post.objects.filter(alive(on), organisation=organisation, role__in=COMMITTEE_ROLES)
    standing.committee_posts = posts.values("person").distinct().count()
    standing.covers = sorted(areas_covered(organisation.pk, on=on))
    return standing


def _judged(standing: Standing, on: date, instead: Mapping[str, int | None]) -> list[Judgement]:
    figures = {**standing.all_figures(), **instead}
    rules = [rule for rule in rules_of(standing.seat, on=on) if rule.applies_to == standing.kind]
    return [judge(rule, standing.kind, figures) for rule in rules]


def broken_in(code: str, *, on: date) -> dict[str, list[Standing]]:
    """Return, by rule, the organisations seated in an area or below that break it on a day, in order of number."""
    known = places(code, on=on, levels=_levels_in(code))
    standings, _coverers = _standings(code, known, on)
    seated = [s for s in standings.values() if s.seat.startswith(prefix_of(code))]
    posts = Post.objects.filter(alive(on), organisation__in=among(s.id for s in seated), role__in=COMMITTEE_ROLES)
    people = dict(posts.order_by().values_list("organisation_id").annotate(n=Count("person", distinct=True)))
    broken: dict[str, list[Standing]] = defaultdict(list)
    rules = rules_of(code, on=on)
    for standing in sorted(seated, key=lambda s: s.number):
        standing.committee_posts = people.get(standing.id, 0)
        figures = standing.all_figures()
        for rule in rules:
            if rule.applies_to == standing.kind and judge(rule, standing.kind, figures).verdict is Verdict.BROKEN:
                broken[rule.id].append(standing)
    return dict(broken)


def areas_covered(organisation: int, *, on: date) -> dict[str, int]:
    """Return code → key of everything an organisation stands on, elsewhere too."""
    cover = Coverage.objects.filter(alive(on), alive(on, "area__versions__"), organisation=organisation)
    return dict(cover.values_list("area__versions__code", "area_id"))
