"""Meetings of organisations as workbooks: counts by kind and by organisation; no person, no minutes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.systems.services.meetings.plan import Standing
from weiduan.systems.services.meetings.rules import Kind
from weiduan.systems.services.meetings.years import OrganisationCounts, YearPlan, sums_of

from .meeting_words import KIND_TITLES, STATE_TITLES, last_day, period_words, standing_tag
from .words import KIND_TITLES as ORGANISATION_TITLES

FIGURES = ("needed", "held", "excused", "missing", "open", "planned", "more")


def figure_titles() -> list[str]:
    """Return the headings of the figures, in their order."""
    return [
        _("Meetings due"), _("Held of them"), _("Excused of them"), _("Missing of them"), _("Still open"),
        _("Dates set for these"), _("Held beyond what is due"),
    ]  # fmt: skip


def cells_of(standing: Standing) -> list[int]:
    """Return the figures in the order of their headings."""
    return [getattr(standing, name) for name in FIGURES]


def write_counts(
    target: BinaryIO, name: str, year: int, rows: Sequence[OrganisationCounts], *, on: date, demo: bool
) -> None:
    """Write the counts of an area: by kind, then organisation by organisation."""
    note = _note(name, year, on, demo)
    with open_workbook(target) as book:
        add_sheet(
            book, _("By kind of meeting"), [_("Kind of meeting"), *figure_titles()], _by_kind(sums_of(rows)), note=note
        )
        heads = [_("Number"), _("Name"), _("Kind"), _("Kind of meeting"), *figure_titles()]
        cells = [
            [row.number, row.name, ORGANISATION_TITLES[row.kind], KIND_TITLES[kind], *cells_of(standing)]
            for row in rows
            for kind, standing in row.sums.items()
        ]
        add_sheet(book, _("By organisation"), heads, cells, note=note)


def write_year(target: BinaryIO, plan: YearPlan, *, on: date, demo: bool) -> None:
    """Write the year of one organisation: counts by kind; for those inside also each duty with its dates."""
    note = _note(plan.organisation.name, plan.year, on, demo)
    with open_workbook(target) as book:
        add_sheet(
            book, _("By kind of meeting"), [_("Kind of meeting"), *figure_titles()], _by_kind(plan.sums), note=note
        )
        if plan.inside:
            heads = [
                _("Kind of meeting"),
                _("Period"),
                _("Last day for it"),
                _("Day of the meeting"),
                _("How the duty stands"),
            ]
            add_sheet(book, _("Plan of the year"), heads, _duties(plan), note=note)


def _duties(plan: YearPlan) -> list[list[Any]]:
    rows = []
    for cell in plan.cells:
        due = cell.due
        duty = [KIND_TITLES[due.kind], period_words(due.since, due.until), last_day(due.until)]
        rows += [
            [*duty, local_day(one.starts_at) if one.starts_at else "", STATE_TITLES[one.state]] for one in cell.meetings
        ]
        if not cell.meetings:
            rows.append([*duty, "", standing_tag(cell.standing)[1]])
    return rows


def _by_kind(sums: Mapping[Kind, Standing]) -> list[list[Any]]:
    return [[KIND_TITLES[kind], *cells_of(standing)] for kind, standing in sums.items()]


def _note(name: str, year: int, on: date, demo: bool) -> list[str]:
    return [
        name, str(year), _("As of %(day)s") % {"day": on}, _("Demo data: all below village level is modelled.") if demo else "",
    ]  # fmt: skip
