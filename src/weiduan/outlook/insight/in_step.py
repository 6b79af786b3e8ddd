"""In step: where a change of the ground broke the cover of organisations, or a change of organisations that of the ground."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from weiduan.ground.territory.changed import Life, heirs_of, lives_in
from weiduan.ground.territory.queries import names_by_code
from weiduan.ground.territory.rules import prefix_of
from weiduan.systems.organisation.coverage.in_step import Cover, Left, covers_in, left_lately
from weiduan.systems.organisation.coverage.queries import AreaCoverage
from weiduan.systems.organisation.coverage.rules import (
    GRID_DIGITS,
    MOST_UNITS_A_GROUP,
    NO_BRANCH,
    NO_GROUP,
    UNIT_DIGITS,
    VILLAGE_DIGITS,
    Covered,
    Standing,
)
from weiduan.systems.organisation.organisations.queries import Seat, unseated_in

from .organisation import coverage_of
from .words import reason_sentence

MOST_CHOICES = 8
LOOK_BACK = timedelta(days=365)  # how far changes are looked for, where nobody says it
# In the order in which they are shown.
KINDS = ("gone", "seat", "moved", "new", "lost")


@dataclass(frozen=True)
class Finding:
    """One place where ground and organisations are out of step.

    kind     gone      what an organisation stands on has ended
             seat      where it is seated has ended
             moved     what it stands on lies in another village or grid than the rest since a day
             new       a grid or unit began, and nothing stands on it yet
             lost      a grid or unit was covered on the earlier day and isn't now
    area     key of the grid, unit or seat it is about; code and name as they are, or were last
    on       the day it came about, None where it isn't one day's
    number   of the organisation whose cover breaks, "" where none is left to name
    about    keys of the organisations that had to do with it
    why      what happened, in sentences
    choices  who could stand there (number, name), or for `seat` where it could sit (code, name)
    """

    kind: str
    area: int
    code: str
    name: str
    on: date | None
    number: str = ""
    organisation: str = ""
    about: tuple[int, ...] = ()
    why: tuple[str, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()


def out_of_step(code: str, coverage: AreaCoverage, *, since: date, compare: bool = True) -> list[Finding]:
    """Return where ground and organisations of an area came apart since a day, as `coverage` (its own) shows it.

    Three queries; with `compare` the coverage of the earlier day is looked at too, for what was covered and isn't any more.
    """
    on = coverage.on
    lives = lives_in(code[:VILLAGE_DIGITS], since=since, on=on)
    found = [
        *_of_covers(covers_in(code, since=since, on=on), prefix_of(code), since),
        *(_unseated(seat) for seat in unseated_in(code, on=on) if seat.ended is not None),
        *_new(lives, coverage, since),
    ]
    if compare:
        found += _lost(code, lives, coverage, since)
    return sorted(found, key=lambda one: (KINDS.index(one.kind), one.code, one.number))


def _of_covers(covers: Iterable[Cover], prefix: str, since: date) -> Iterator[Finding]:
    """Yield what has ended and what moved of that which organisations of an area stand on."""
    by_organisation: dict[int, list[Cover]] = defaultdict(list)
    for cover in covers:
        by_organisation[cover.organisation].append(cover)
    standing = {key: [c for c in own if c.ended is None] for key, own in by_organisation.items()}
    for key, own in by_organisation.items():
        is_of_here = any(cover.code.startswith(prefix) for cover in own)
        yield from (_gone(cover) for cover in own if cover.ended is not None and is_of_here)
        grids = standing.get(own[0].parent or 0, []) if own[0].kind == "group" else []
        moved = {c.area: c for c in [*_beyond_village(standing[key]), *_beyond_grids(standing[key], grids)]}
        yield from (_moved(cover) for cover in moved.values() if cover.moved > since)


def _beyond_village(own: list[Cover]) -> list[Cover]:
    """Return the covers that lie in another village than most, where all lay in one before."""
    before, now = {c.before[:VILLAGE_DIGITS] for c in own if c.before}, Counter(c.code[:VILLAGE_DIGITS] for c in own)
    if len(before) != 1 or len(now) < 2:
        return []
    home = max(now, key=lambda village: (now[village], village in before))
    return [c for c in own if c.code[:VILLAGE_DIGITS] != home]


def _beyond_grids(own: list[Cover], of_branch: list[Cover]) -> list[Cover]:
    """Return the units of a group that lie in no grid its branch stands on, where they did before."""
    now = {c.code for c in of_branch if len(c.code) == GRID_DIGITS}
    before = {c.before for c in of_branch if len(c.code) == GRID_DIGITS}
    units = [c for c in own if len(c.code) == UNIT_DIGITS and now]
    return [c for c in units if c.code[:GRID_DIGITS] not in now and c.before[:GRID_DIGITS] in before]


def _gone(cover: Cover) -> Finding:
    told = {"area": cover.area_name, "day": cover.ended, "organisation": cover.name}
    why = _("%(area)s ended on %(day)s; %(organisation)s is still written down as standing there.") % told
    return _about(cover, "gone", cover.ended, why)


def _moved(cover: Cover) -> Finding:
    told = {"before": cover.before, "code": cover.code, "day": cover.moved, "organisation": cover.name}
    why = _("It went from %(before)s to %(code)s on %(day)s; the rest that %(organisation)s stands on did not.") % told
    return _about(cover, "moved", cover.moved, why)


def _about(cover: Cover, kind: str, on: date | None, why: str) -> Finding:
    return Finding(
        kind, cover.area, cover.code, cover.area_name, on, cover.number, cover.name, (cover.organisation,), (why,)
    )


def _unseated(seat: Seat) -> Finding:
    told = {"area": seat.area_name, "day": seat.ended, "organisation": seat.name}
    why = _("%(area)s, where %(organisation)s is seated, ended on %(day)s.") % told
    return Finding(
        "seat", seat.area, seat.code, seat.area_name, seat.ended, seat.number, seat.name, (seat.organisation,), (why,)
    )


def _new(lives: list[Life], coverage: AreaCoverage, since: date) -> Iterator[Finding]:
    """Yield grids and units that began after a day and stand under nothing; a village's first survey is no change."""
    surveyed: dict[str, date] = {}
    for life in lives:
        village = life.code[:VILLAGE_DIGITS]
        surveyed[village] = min(life.first, surveyed.get(village, life.first))
    first = {life.area: life.first for life in lives if life.first > max(since, surveyed[life.code[:VILLAGE_DIGITS]])}
    for one in [*coverage.grids, *coverage.units]:
        if one.area in first and one.reason in (NO_BRANCH, NO_GROUP):
            why = _("Began on %(day)s. %(reason)s.") % {"day": first[one.area], "reason": reason_sentence(one)}
            yield Finding("new", one.area, one.code, one.name, first[one.area], why=(why,))


def _lost(code: str, lives: list[Life], coverage: AreaCoverage, since: date) -> list[Finding]:
    """Return what was covered on a day and isn't now; what only a term that ran out took is left to the elections."""
    before = [life.before for life in lives if life.before]
    if not before:
        return []
    then = coverage_of(_around(code, before), on=since)
    covered = {one.area for one in [*then.grids, *then.units] if not one.reason}
    lost = [
        one for one in [*coverage.grids, *coverage.units] if one.area in covered and one.reason not in ("", "term_over")
    ]
    left: dict[int, list[Left]] = defaultdict(list)
    for one in left_lately([one.area for one in lost], since=since, on=coverage.on):
        left[one.area].append(one)
    by_area = {life.area: life for life in lives}
    return [_lost_one(one, left[one.area], by_area[one.area], since) for one in lost]


def _around(code: str, before: list[str]) -> str:
    """Return the narrowest of village, town and district that held all that is in an area today."""
    for narrow in (prefix_of(code[:VILLAGE_DIGITS]), code[:9], code[:6]):
        if all(own.startswith(narrow) for own in before):
            return narrow.ljust(VILLAGE_DIGITS, "0")
    return code[:4].ljust(VILLAGE_DIGITS, "0")


def _lost_one(one: Covered, left: list[Left], life: Life, since: date) -> Finding:
    why = [_left_sentence(each) for each in left]
    days = [each.on for each in left]
    if life.moved > since and life.before:
        told = {"before": life.before, "code": life.code, "day": life.moved}
        why.append(_("It went from %(before)s to %(code)s on %(day)s.") % told)
        days.append(life.moved)
    why.append(_("Covered on %(day)s; now: %(reason)s.") % {"day": since, "reason": reason_sentence(one)})
    about = tuple(dict.fromkeys([*(each.organisation for each in left), *one.organisations]))
    return Finding("lost", one.area, one.code, one.name, max(days, default=None), about=about, why=tuple(why))


def _left_sentence(left: Left) -> str:
    told = {"organisation": left.name, "day": left.on}
    if left.dissolved_on is not None and left.dissolved_on <= left.on:
        return _("%(organisation)s was dissolved on %(day)s.") % told
    return _("%(organisation)s has not stood here since %(day)s.") % told


def with_choices(findings: Sequence[Finding], coverage: AreaCoverage) -> list[Finding]:
    """Add to each who could stand there, or where the organisation could sit: two queries."""
    near: dict[str, list[Standing]] = defaultdict(list)
    for standing in coverage.standings.values():
        for village in {area[:VILLAGE_DIGITS] for area in standing.covers}:
            near[village].append(standing)
    seats = _seat_choices([one for one in findings if one.kind == "seat"], coverage)
    return [
        replace(one, choices=seats[one.number] if one.kind == "seat" else _takers(one, near, coverage))
        for one in findings
    ]


def _takers(one: Finding, near: Mapping[str, list[Standing]], coverage: AreaCoverage) -> tuple[tuple[str, str], ...]:
    """Return who of the village could stand there: those of the same grid first, sound ones, with the fewest areas."""
    if one.kind == "gone":
        return ()
    grid = one.code[:GRID_DIGITS]

    def is_able(standing: Standing) -> bool:
        if one.code in standing.covers or standing.number == one.number:
            return False
        if standing.kind == "branch":
            return len(one.code) == GRID_DIGITS or grid in standing.covers
        return len(one.code) == UNIT_DIGITS and standing.kind == "group" and len(standing.covers) < MOST_UNITS_A_GROUP

    def order(standing: Standing) -> tuple:
        is_near = any(area.startswith(grid) for area in standing.covers)
        return (
            standing.kind == "branch",
            not is_near,
            bool(coverage.flaws[standing.id]),
            len(standing.covers),
            standing.number,
        )

    able = sorted(filter(is_able, near[one.code[:VILLAGE_DIGITS]]), key=order)
    return tuple((standing.number, standing.name) for standing in able[:MOST_CHOICES])


def _seat_choices(findings: list[Finding], coverage: AreaCoverage) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return where each could sit: in what took its seat over, in the villages it stands on, in the village of its old seat."""
    heirs = heirs_of([one.area for one in findings], on=coverage.on)
    codes: dict[str, list[str]] = {}
    for one in findings:
        standing = coverage.standings.get(one.about[0])
        own = [heirs[one.area][0]] if one.area in heirs else []
        own += [area[:VILLAGE_DIGITS] for area in (standing.covers if standing else [])]
        codes[one.number] = list(dict.fromkeys([*own, one.code[:VILLAGE_DIGITS]]))
    names = names_by_code({code for own in codes.values() for code in own}, on=coverage.on)
    return {number: tuple((code, names[code]) for code in own if code in names) for number, own in codes.items()}
