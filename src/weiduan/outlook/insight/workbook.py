"""Coverage as a workbook: the same figures as on the page."""

from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from weiduan.ground.base.workbooks import add_sheet, open_workbook

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
    titles = figure_titles()
    heads = [titles[k] for k in ("code", "name", *FIGURES)] + [str(t) for t in REASON_TITLES.values()]
    note = [
        _("As of %(day)s") % {"day": report.on},
        _("Demo data: all below village level is modelled.") if demo else "",
    ]
    with open_workbook(target) as book:
        sheets = ((_("Total"), [report.total]), (_("Towns"), report.towns), (_("Villages"), report.villages))
        for title, rows in sheets:
            add_sheet(book, title, heads, [_figures(row) for row in rows], note=note)
        gap_heads = [titles["code"], _("Unit"), titles["households"], _("Reason"), _("Why"), _("Next step")]
        keys = ("code", "name", "households", "reason_title", "why", "step")
        add_sheet(book, _("Gaps"), gap_heads, [[gap[k] for k in keys] for gap in report.gaps], note=note)


def _figures(row: dict[str, Any]) -> list[Any]:
    reasons = row["blind_spots_by_reason"]
    return [row["code"], row["name"], *(row[k] for k in FIGURES), *(reasons.get(r, 0) for r in REASON_TITLES)]
