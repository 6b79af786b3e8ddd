"""The first zero: no blind spot. Coverage of any area, with its parts and its gaps."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.ground.ledger.queries import state
from weiduan.ground.territory.queries import top_areas
from weiduan.ground.territory.rules import Level, level_of
from weiduan.systems.organisation.coverage.queries import AreaCoverage, coverage_in
from weiduan.systems.organisation.coverage.rules import Covered

from .words import REASON_TITLES, UNIT_KIND_TITLES, reason_sentence, step_sentence

KEPT = 24  # computed areas held in memory by one process
_held: OrderedDict[tuple[str, date], tuple[str, AreaCoverage]] = OrderedDict()
_lock = Lock()


def coverage_of(code: str, *, on: date) -> AreaCoverage:
    """Return the coverage of an area, computed anew only if anything was written since.

    Every write changes the ledger's heads, so they tell whether what is held still holds.
    """
    whole, written = code[:12], state()
    with _lock:
        held = _held.get((whole, on))
    if held is not None and held[0] == written:
        return _narrowed(held[1], code)
    fresh = coverage_in(whole, on=on)
    with _lock:
        _held[(whole, on)] = (written, fresh)
        while len(_held) > KEPT:
            _held.popitem(last=False)
    return _narrowed(fresh, code)


def _narrowed(coverage: AreaCoverage, code: str) -> AreaCoverage:
    """Return the part of a village's coverage that a grid or unit is.

    Steps look at neighbours and forms at everything covered, so a grid or unit is
    never computed by itself: it would say something else than its village does.
    """
    if code == coverage.code:
        return coverage
    grids = [grid for grid in coverage.grids if grid.code.startswith(code)]
    units = [unit for unit in coverage.units if unit.code.startswith(code)]
    return replace(coverage, code=code, grids=grids, units=units)


@dataclass
class Report:
    """Coverage as the command prints it and the workbook holds it."""

    code: str
    on: date
    total: dict
    towns: list[dict]
    villages: list[dict]
    gaps: list[dict]

    @property
    def parts(self) -> list[dict]:
        """Return the areas one level down."""
        return self.towns or self.villages

    def as_json(self) -> dict:
        """Return the total's figures at the top, the parts and gaps below.

        Units add up over towns and over villages; organisations do once those seated
        higher (the district's own committee, the towns') are added, so their number is told.
        """
        total = self.total["organisations"]
        higher = {
            "organisations_above_towns": total - sum(t["organisations"] for t in self.towns),
            "organisations_above_villages": total - sum(v["organisations"] for v in self.villages),
        }
        lists = {"towns_list": self.towns, "villages_list": self.villages, "gaps": self.gaps}
        return {"on": str(self.on), **self.total, **higher, **lists}


def coverage_report(code: str | None, *, on: date) -> Report:
    """Return the coverage of an area, or of all there is.

    :raises NotFound: nothing is known on that day
    """
    codes = [code] if code else top_areas(on=on)
    if not codes:
        raise NotFound(_("Nothing is known on %(day)s yet. Load the demo or a survey first.") % {"day": on})
    reports = [_one(c, on) for c in codes]
    return reports[0] if len(reports) == 1 else _together(reports, on)


def _one(code: str, on: date) -> Report:
    coverage = _narrowed(coverage_in(code[:12], on=on), code)
    if not any(place.code == code for place in coverage.places):
        raise NotFound(_("No area has the code %(code)s on %(day)s.") % {"code": code, "day": on})
    return report_of(coverage)


def report_of(coverage: AreaCoverage) -> Report:
    """Lay coverage out as a report."""
    code = coverage.code
    towns = list(coverage.figures(Level.TOWN).values()) if level_of(code) < Level.TOWN else []
    villages = list(coverage.figures(Level.VILLAGE).values()) if level_of(code) < Level.VILLAGE else []
    return Report(code, coverage.on, coverage.total, towns, villages, [gap_row(gap) for gap in coverage.gaps])


def gap_row(gap: Covered) -> dict:
    """Return a gap as a row: which unit, why, and what to do."""
    return {
        "code": gap.code, "name": gap.name, "kind": gap.kind,
        "kind_title": str(UNIT_KIND_TITLES.get(gap.kind, "")), "households": gap.households, "reason": gap.reason,
        "reason_title": str(REASON_TITLES[gap.reason]), "why": reason_sentence(gap), "step": step_sentence(gap.step),
        "days": gap.days,
    }  # fmt: skip


def _together(reports: list[Report], on: date) -> Report:
    """Add up several districts."""
    total = add_up([r.total for r in reports]) | {"code": "", "name": _("All areas")}
    return Report(
        "", on, total, [t for r in reports for t in r.towns], [v for r in reports for v in r.villages],
        [g for r in reports for g in r.gaps],
    )  # fmt: skip


def add_up(figures: list[dict]) -> dict:
    """Add figures key by key, those by reason and form within."""
    total: dict = {}
    for one in figures:
        for key, value in one.items():
            if isinstance(value, dict):
                total[key] = add_up([total.get(key, {}), value])
            elif isinstance(value, int):
                total[key] = total.get(key, 0) + value
    return total
