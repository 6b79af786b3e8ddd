"""Load a checked survey, and give an area out as one."""

from collections.abc import Callable, Set
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.changes import Changes
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.base.inserts import make_room
from weiduan.ground.ledger.actions import Deed, record_many, written_at_the_end
from weiduan.ground.territory.actions import draw_shapes, hold_district, revise_areas
from weiduan.ground.territory.queries import area_by_code, areas_below
from weiduan.systems.organisation.appointments.actions import revise_posts
from weiduan.systems.organisation.coverage.actions import revise_coverage
from weiduan.systems.organisation.members.actions import revise_members
from weiduan.systems.organisation.members.queries import persons_numbered
from weiduan.systems.organisation.organisations.actions import revise_organisations
from weiduan.systems.organisation.organisations.queries import keys_of
from weiduan.systems.organisation.transfers.ending import withdraw_overtaken
from weiduan.systems.venues.premises.actions import revise_premises

from .diff import Diff, SheetDiff, compare
from .queries import Rows, codes_elsewhere, members_elsewhere, newest_day_in, rows_of
from .workbook import write_workbook

Progress = Callable[[float, str], None]


class Outdated(Refused):
    """The check was right when it was made, and isn't any more."""


@transaction.atomic
def load_survey(
    rows: Rows, *, area: str, on: date, by: Any, at: datetime, sha256: str = "", progress: Progress | None = None
) -> Diff:
    """Load a survey that was checked without a fault; all of it or nothing.

    What changes is worked out anew inside the transaction, so loading the same
    rows twice changes nothing the second time, and a second survey of the same
    district waits for the first.

    :raises NotFound: no such area
    :raises BadInput: newer figures are kept already
    :raises Outdated: what it was checked against holds no longer
    """
    tell = progress or (lambda share, what: None)
    top = area_by_code(area, on=on)
    hold_district(area, on=on)
    require(by, Duty.SURVEY, in_area=area, at=at)
    _refuse_older(area, on)
    make_room()
    tell(2, _("comparing with what is kept"))
    diff = compare(rows_of(area, on=on), rows, _members_elsewhere(rows, area, on))
    counts = {key: sheet.counts for key, sheet in diff.sheets.items()}
    loaded = {"on": str(on), "sha256": sha256, "counts": counts}
    try:
        with written_at_the_end():
            _apply(diff, rows, area, on, by, at, tell)
            record_many([Deed("survey.loaded", "territory.area", str(top.area_id), area, None, loaded)], by=by, at=at)
            tell(97, _("ledger"))
    except IntegrityError as error:  # checked against what another load has changed meanwhile
        raise Outdated(_("Something it refers to has changed since the check. Hand it in again.")) from error
    tell(100, _("loaded"))
    return diff


def _members_elsewhere(rows: Rows, area: str, on: date) -> Set[str]:
    """Return holders of posts who are members outside the area: their names are kept there."""
    return members_elsewhere(area, {row["person"] for row in rows["posts"]}, on).keys()


def _refuse_older(area: str, on: date) -> None:
    newest = newest_day_in(area)
    if newest is not None and on < newest:
        raise BadInput(
            _("Figures of %(newest)s are kept for this area already; a survey of %(day)s would be older. "
              "Put a later day on the cover sheet.") % {"newest": newest, "day": on}
        )  # fmt: skip


def _apply(diff: Diff, rows: Rows, area: str, on: date, by: Any, at: datetime, tell: Progress) -> None:
    """Change what differs, from the ground up."""
    when: dict[str, Any] = {"on": on, "by": by, "at": at}
    changes = {key: _changes(sheet) for key, sheet in diff.sheets.items()}
    before = _keys_below(area, on)
    tell(10, _("grids and units"))
    ground = Changes(
        [*changes["grids"].new, *changes["units"].new],
        [*changes["grids"].changed, *changes["units"].changed],
        [*changes["grids"].gone, *changes["units"].gone],
    )
    revise_areas(ground, within=area, **when)
    areas = before | _keys_below(area, on) | codes_elsewhere(area, _codes_named(changes), on=on)
    tell(25, _("organisations"))
    fresh = revise_organisations(changes["organisations"], areas=areas, **when)
    organisations = keys_of(_numbers_named(changes)) | fresh
    revise_coverage(changes["organisations"], organisations=organisations, areas=areas, **when)
    tell(40, _("members"))
    revise_members(changes["members"], organisations=organisations, areas=areas, **when)
    members = changes["members"]
    moved = [row["number"] for row in [*members.gone, *(after for _before, after in members.changed)]]
    withdraw_overtaken(moved, area=area, **when)
    tell(75, _("posts"))
    numbers = {row["number"] for row in rows["members"]}
    posts = changes["posts"]
    held = {r["person"] for r in [*posts.new, *posts.gone, *(after for _before, after in posts.changed)]}
    revise_posts(
        posts, persons=persons_numbered(held & numbers), others=persons_numbered(held - numbers),
        organisations=organisations, areas=areas, **when,
    )  # fmt: skip
    tell(95, _("premises"))
    revise_premises(changes["premises"], areas=areas, **when)


def _changes(sheet: SheetDiff) -> Changes:
    return Changes(sheet.new, [(change.before, change.after) for change in sheet.changed], sheet.gone)


def _keys_below(area: str, on: date) -> dict[str, int]:
    return dict(areas_below(area, on=on).values_list("code", "area_id"))


def _rows_in(changes: Changes) -> list[dict[str, Any]]:
    pairs = [row for pair in changes.changed for row in pair]
    return [*changes.new, *pairs, *changes.gone]


def _codes_named(changes: dict[str, Changes]) -> set[str]:
    named = {row["home"] for row in _rows_in(changes["members"])}
    named |= {row["area"] for key in ("organisations", "posts", "premises") for row in _rows_in(changes[key])}
    return {code for code in named if code}


def _numbers_named(changes: dict[str, Changes]) -> set[str]:
    named = {row["organisation"] for key in ("members", "posts") for row in _rows_in(changes[key])}
    named |= {row[key] for row in _rows_in(changes["organisations"]) for key in ("number", "parent")}
    return {number for number in named if number}


@transaction.atomic
def load_shapes(shapes: dict[str, Any], *, area: str, on: date, by: Any, at: datetime) -> int:
    """Give areas their checked shapes (code → polygon, WGS 84); return how many changed."""
    require(by, Duty.SURVEY, in_area=area, at=at)
    return draw_shapes(shapes, within=area, on=on, by=by, at=at)


def export_survey(path: Path, *, area: str, on: date, by: Any, at: datetime, demo: bool) -> None:
    """Write an area as the workbook a survey of it would be; the ledger keeps who did.

    :raises NotAllowed: `by` does not keep the organisations of this area
    """
    require(by, Duty.KEEP_ORGANISATION, in_area=area, at=at)
    top = area_by_code(area, on=on)
    write_workbook(path, rows_of(area, on=on), area=area, area_name=top.name, on=on, demo=demo)
    record_many(
        [Deed("survey.exported", "territory.area", str(top.area_id), area, None, {"on": str(on)})], by=by, at=at
    )
