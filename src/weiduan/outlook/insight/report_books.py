"""A list of reports as a workbook: what, where, in whose hands and until when; never what was written, which may name people."""

from datetime import date, datetime
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.ground.territory.queries import names_by_area
from weiduan.systems.governance.reports.rules import TO_HANDLE

from .report_words import CHANNEL_TITLES, STATE_TITLES


def write_reports(target: BinaryIO, rows: Any, *, on: date, at: datetime, demo: bool) -> None:
    """Write reports, one a row."""
    found = list(rows.select_related("category"))
    names = names_by_area({key for r in found for key in (r.area_id, r.handler_id)}, on=on)
    note = [
        _("As of %(day)s") % {"day": on}, _("Demo data: all below village level is modelled.") if demo else "",
        _("What was written stands on each report's page alone."),
    ]  # fmt: skip
    heads = [_("Number"), _("What about"), _("Area"), _("Area code"), _("Where exactly"), _("In the hands of"), _("State"), _("Told"),
             _("Due by"), _("Late"), _("Reopened"), _("Told by way of")]  # fmt: skip
    with open_workbook(target) as book:
        add_sheet(book, _("Matters"), heads, [_cells(r, names, at) for r in found], note=note)


def _cells(report: Any, names: dict[int, Any], at: datetime) -> tuple[Any, ...]:
    area, handler = names.get(report.area_id), names.get(report.handler_id)
    late = report.state in TO_HANDLE and report.paused_at is None and report.due_at < at
    return (
        report.number, report.category.name, area.name if area else "", area.code if area else "", report.place,
        handler.name if handler else "", str(STATE_TITLES[report.state]), _clock(report.told_at), _clock(report.due_at),
        _("late") if late else "", report.reopened, str(CHANNEL_TITLES[report.channel]),
    )  # fmt: skip


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
