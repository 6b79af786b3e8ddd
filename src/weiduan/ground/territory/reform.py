"""A reform: a new edition of the divisions over the old one, with a table from old to new.

Each old division is kept, renamed, recoded, merged into its heir, or — where the
table names no certain heir — left standing under its old name as “pending” until a
person decides. Grids, units and buildings go with their village; organisations,
members and premises point to those areas, so they follow by themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.actions import recode_mandates
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.changes import Row
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import Deed, record, record_many

from .actions import BATCH, close, found_divisions, hold_district, successor
from .models import Area, AreaVersion, Succession
from .queries import alive, area_by_code, areas_below
from .rules import Level, level_of, parent_code, prefix_of

PENDING = "pending"


@dataclass
class Plan:
    """What a reform would do, by old code; `heirless` wait for a person."""

    scope: str
    edition: str
    on: date
    new_rows: dict[str, Row]
    old: dict[str, AreaVersion]
    keeps: dict[str, str] = field(default_factory=dict)  # old code → new code, as itself
    merges: dict[str, str] = field(default_factory=dict)  # old code → new code of another
    heirless: list[str] = field(default_factory=list)
    lineage: dict[str, Row] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Count villages and towns by what becomes of them."""
        moved = sum(old != new for old, new in self.keeps.items())
        inherited = {*self.keeps.values(), *self.merges.values()}
        return {
            "kept": len(self.keeps) - moved,
            "recoded": moved,
            "merged": len(self.merges),
            "without_heir": len(self.heirless),
            "founded": sum(code not in inherited for code in self.new_rows),
        }


def plan_reform(rows: Iterable[Row], lineage: Iterable[Row], *, edition: str, on: date) -> Plan:
    """Work out a reform without changing anything.

    rows     the new edition: code, name, kind, lon, lat of every division of the area
    lineage  old_code, new_code (several parted by “;”, a doubtful one ends in “?”), kind, basis

    :raises BadInput: unknown codes, or nothing is known about an old division
    """
    new_rows = {row["code"]: row for row in rows}
    if not new_rows:
        raise BadInput(_("The edition holds no divisions."))
    scope = min(new_rows, key=lambda code: len(prefix_of(code)))
    old = {v.code: v for v in areas_below(scope, on=on).filter(level__lte=Level.VILLAGE)}
    if not old:
        raise BadInput(
            _("Nothing is known of %(code)s on %(day)s, so there is nothing to reform.") % {"code": scope, "day": on}
        )
    plan = Plan(scope, edition, on, new_rows, old, lineage={row["old_code"]: row for row in lineage})
    _refuse_unknown(plan)
    for code in sorted(old):
        _settle(plan, code)
    return plan


def _refuse_unknown(plan: Plan) -> None:
    for code, row in plan.lineage.items():
        if code not in plan.old:
            raise BadInput(_("The table names the old code %(code)s, which is not known on that day.") % {"code": code})
        for new in _certain(row):
            if new not in plan.new_rows:
                raise BadInput(
                    _("The table names the new code %(code)s, which the edition does not hold.") % {"code": new}
                )


def _certain(row: Row) -> list[str]:
    """Return the heirs a row names; none where it doubts any of them."""
    codes = [code for code in (row.get("new_code") or "").split(";") if code]
    return [] if any(code.endswith("?") for code in codes) else codes


def _settle(plan: Plan, code: str) -> None:
    """Decide one old division: its one certain heir, else the same code, else nobody knows."""
    row = plan.lineage.get(code)
    heirs = _certain(row) if row else [code] if code in plan.new_rows else []
    if len(heirs) != 1:
        plan.heirless.append(code)
    elif heirs[0] in plan.keeps.values() or (heirs[0] != code and _is_itself(plan, heirs[0])):
        plan.merges[code] = heirs[0]
    else:
        plan.keeps[code] = heirs[0]


def _is_itself(plan: Plan, code: str) -> bool:
    """Tell whether `code` already names a division that stays."""
    row = plan.lineage.get(code)
    return code in plan.old and (row is None or _certain(row) == [code])


@transaction.atomic
def reform(plan: Plan, *, by: Any, at: datetime) -> list[Succession]:
    """Carry out a plan; return what has no heir."""
    require(by, Duty.KEEP_GROUND, in_area=plan.scope, at=at)
    hold_district(plan.scope, on=plan.on)
    below = _children_by_village(plan)
    areas = {code: version.area_id for code, version in plan.old.items()}
    heirs = {new: areas[old] for old, new in plan.keeps.items()}
    ended = [plan.old[code] for code in plan.merges] + [plan.old[c] for c in plan.keeps if _differs(plan, c)]
    pending = _pending_codes(plan)
    close([*ended, *(plan.old[code] for code in pending)], plan.on)
    _follow(plan, heirs, pending)
    founded = [row for code, row in sorted(plan.new_rows.items()) if code not in heirs]
    found_divisions(founded, edition=plan.edition, on=plan.on, by=by, at=at)
    _adopt_parents(plan, heirs)
    codes = {**plan.keeps, **pending}
    _carry_below(below, {old: new for old, new in codes.items() if old != new}, plan.on)
    for old, new in sorted(plan.merges.items()):
        if level_of(old) == Level.VILLAGE:
            _move_grids(below[old], _area_of(new, plan.on), new, plan.on)
    moved = {old: new for old, new in {**plan.keeps, **plan.merges}.items() if old != new}
    recode_mandates(moved, on=plan.on, by=by, at=at)
    return _remember(plan, by, at)


def _children_by_village(plan: Plan) -> dict[str, list[AreaVersion]]:
    below: dict[str, list[AreaVersion]] = defaultdict(list)
    for version in areas_below(plan.scope, on=plan.on).filter(level__gt=Level.VILLAGE).order_by("code"):
        below[version.code[:12]].append(version)
    return below


def _differs(plan: Plan, code: str) -> bool:
    version, row = plan.old[code], plan.new_rows[plan.keeps[code]]
    return (version.code, version.name, version.kind) != (row["code"], row["name"], row.get("kind") or "")


def _pending_codes(plan: Plan) -> dict[str, str]:
    """Say which code each heirless division waits under.

    Its own, while its town waits too; else a number from 901 up (no statistical code
    is so high) in the town that took its own town over.
    """
    taken = {*plan.new_rows, *plan.keeps.values()}
    serials: dict[str, int] = defaultdict(lambda: 900)
    codes = {}
    for old in plan.heirless:
        town = parent_code(old) or ""
        heir = plan.keeps.get(town) or plan.merges.get(town) or town
        if heir == town and old not in taken:
            codes[old] = old
        else:
            serials[heir] += 1
            codes[old] = f"{prefix_of(heir)}{serials[heir]}"
    return codes


def _follow(plan: Plan, heirs: dict[str, int], pending: Mapping[str, str]) -> None:
    """Open the next version of what stays itself and of what waits."""
    made = [
        successor(plan.old[old], plan.on, **_as_said(plan.new_rows[new]), code=new, edition=plan.edition)
        for old, new in plan.keeps.items()
        if _differs(plan, old)
    ]
    made += [successor(plan.old[old], plan.on, code=new, kind=PENDING) for old, new in pending.items()]
    AreaVersion.objects.bulk_create(made, batch_size=BATCH // 4)


def _as_said(row: Row) -> Row:
    said = {"name": row["name"], "kind": row.get("kind") or ""}
    return said | {key: row[key] for key in ("lon", "lat") if row.get(key)}


def _adopt_parents(plan: Plan, heirs: Mapping[str, int]) -> None:
    """Point every division of the new edition to its parent of the new edition."""
    here = {v.code: v for v in areas_below(plan.scope, on=plan.on).filter(level__lte=Level.VILLAGE)}
    moved = []
    for code, version in here.items():
        parent = here.get(parent_code(code) or "")
        if parent is not None and version.parent_id != parent.area_id:
            version.parent_id = parent.area_id
            moved.append(version)
    AreaVersion.objects.bulk_update([v for v in moved if v.since == plan.on], ["parent"], batch_size=500)


def _carry_below(below: Mapping[str, list[AreaVersion]], codes: Mapping[str, str], on: date) -> None:
    """Give grids, units and buildings the code of their recoded village."""
    moving = [(version, codes[old] + version.code[12:]) for old in codes for version in below.get(old, ())]
    close([version for version, _code in moving], on)
    AreaVersion.objects.bulk_create(
        [successor(version, on, code=code) for version, code in moving], batch_size=BATCH // 4
    )


def _move_grids(versions: list[AreaVersion], village: int, new: str, on: date) -> dict[str, str]:
    """Move grids with all below into another village, numbered on from its last grid; return old → new codes."""
    last = areas_below(new, on=on).filter(level=Level.GRID).order_by("-code").values_list("code", flat=True).first()
    serial = int(last[12:15]) if last else 0
    codes: dict[str, str] = {}
    for version in sorted(versions, key=lambda v: v.code):
        if version.level == Level.GRID:
            serial += 1
            codes[version.code] = f"{new}{serial:03d}"
    if serial > 999:
        raise BadInput(_("%(code)s would have more than 999 grids.") % {"code": new})
    close(versions, on)
    moved = [successor(v, on, code=codes[v.code[:15]] + v.code[15:]) for v in versions]
    for version in moved:
        if version.level == Level.GRID:
            version.parent_id = village
    AreaVersion.objects.bulk_create(moved, batch_size=BATCH // 4)
    return codes


def _area_of(code: str, on: date) -> int:
    return area_by_code(code, on=on).area_id


def _remember(plan: Plan, by: Any, at: datetime) -> list[Succession]:
    """Keep the table itself, and write down what became of each division."""
    rows, deeds = [], []
    for old, version in sorted(plan.old.items()):
        new = plan.keeps.get(old) or plan.merges.get(old)
        said = plan.lineage.get(old, {})
        rows.append(
            Succession(
                old_id=version.area_id, old_code=old, old_name=version.name, kind=said.get("kind") or "kept",
                heir_id=_area_of(new, plan.on) if new else None, basis=said.get("basis") or "", edition=plan.edition,
                on=plan.on, decided_at=at if new else None,
            )
        )  # fmt: skip
        if new != old:
            deeds.append(
                Deed("area.reformed", "territory.area", str(version.area_id), old, {"code": old}, {"code": new})
            )
        elif old in plan.keeps and _differs(plan, old):
            says = plan.new_rows[old]
            was, is_now = (
                {"name": version.name, "kind": version.kind},
                {"name": says["name"], "kind": says.get("kind") or ""},
            )
            deeds.append(Deed("area.changed", "territory.area", str(version.area_id), old, was, is_now))
    Succession.objects.bulk_create(rows, batch_size=500)
    record_many(deeds, by=by, at=at)
    return [row for row in rows if row.heir_id is None]


class AlreadyDecided(Refused):
    """Somebody settled this succession before."""


@transaction.atomic
def settle_succession(succession: Succession, *, into: str, on: date, by: Any, at: datetime) -> Succession:
    """Let a pending division go over into an heir, with its grids and all below.

    :raises AlreadyDecided: it is settled
    :raises BadInput: the heir is of another level, or itself pending
    """
    succession = Succession.objects.select_for_update().get(pk=succession.pk)
    if succession.heir_id is not None:
        raise AlreadyDecided(_("What becomes of %(name)s is decided already.") % {"name": succession.old_name})
    old = AreaVersion.objects.select_for_update().get(alive(on), area_id=succession.old_id)
    require(by, Duty.KEEP_GROUND, in_area=old.code, at=at)
    require(by, Duty.KEEP_GROUND, in_area=into, at=at)
    heir = area_by_code(into, on=on)
    if heir.level != old.level or heir.kind == PENDING:
        raise BadInput(
            _("%(name)s can't take it in: choose a division of the same level that stays.") % {"name": heir.name}
        )
    below = list(areas_below(old.code, on=on).exclude(pk=old.pk).order_by("code"))
    if old.level == Level.VILLAGE:
        _move_grids(below, heir.area_id, into, on)
    elif below:
        raise BadInput(_("First decide what becomes of the villages below %(name)s.") % {"name": old.name})
    close([old], on)
    succession.heir_id, succession.decided_at = heir.area_id, at
    succession.save(update_fields=["heir", "decided_at"])
    recode_mandates({old.code: into}, on=on, by=by, at=at)
    record(what="area.settled", about=Area(pk=old.area_id), by=by, at=at, area=into,
           before={"code": old.code}, after={"code": into})  # fmt: skip
    return succession


def open_successions(code: str) -> list[Succession]:
    """Return what still waits for a decision below a code."""
    prefix = prefix_of(code)
    return list(Succession.objects.filter(heir=None, old_code__startswith=prefix).order_by("old_code"))
