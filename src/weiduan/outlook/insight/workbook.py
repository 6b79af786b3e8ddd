"""Coverage as a workbook: the same figures as on the page."""

from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from .organisation import Report
from .words import REASON_TITLES

FIGURES = ("villages", "grids", "grids_without_branch", "units", "households", "organisations", "branches", "groups",
           "covered", "blind_spots")  # fmt: skip


def figure_titles() -> dict[str, str]:
    """Name the figures for people."""
    return {
        "code": _("Area code"), "name": _("Area"), "villages": _("Villages and communities"), "grids": _("Grids"),
        "grids_without_branch": _("Grids without a sound branch"), "units": _("Basic units"),
        "households": _("Households"), "organisations": _("Organisations"), "branches": _("Branches"),
        "groups": _("Groups"), "covered": _("Covered units"), "blind_spots": _("Blind spots"),
    }  # fmt: skip


def write_coverage(target: Path | BinaryIO, report: Report, *, demo: bool = False) -> None:
    """Write a report: one sheet a level, one for the gaps."""
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        titles = figure_titles()
        heads = [titles[k] for k in ("code", "name", *FIGURES)] + [str(t) for t in REASON_TITLES.values()]
        note = [
            _("As of %(day)s") % {"day": report.on},
            _("Demo data: all below village level is modelled.") if demo else "",
        ]
        sheets = ((_("Total"), [report.total]), (_("Towns"), report.towns), (_("Villages"), report.villages))
        for title, rows in sheets:
            _sheet(book, title, note, heads, [_figures(row) for row in rows], bold)
        gap_heads = [titles["code"], _("Unit"), titles["households"], _("Reason"), _("Why"), _("Next step")]
        keys = ("code", "name", "households", "reason_title", "why", "step")
        _sheet(book, _("Gaps"), note, gap_heads, [[gap[k] for k in keys] for gap in report.gaps], bold)


def _figures(row: dict[str, Any]) -> list[Any]:
    reasons = row["blind_spots_by_reason"]
    return [row["code"], row["name"], *(row[k] for k in FIGURES), *(reasons.get(r, 0) for r in REASON_TITLES)]


def _sheet(book, title: str, note: list[str], heads: list[str], rows: list[list[Any]], bold) -> None:
    sheet = book.add_worksheet(title)
    sheet.write_row(0, 0, [part for part in note if part])
    sheet.write_row(1, 0, heads, bold)
    sheet.freeze_panes(2, 2)
    sheet.set_column(0, 1, 22)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, str(value))
