"""Organisations as a workbook, without a person in it."""

from datetime import date
from typing import Any, BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from weiduan.ground.territory.queries import names_by_area

from .words import KIND_TITLES


def write_organisations(target: BinaryIO, rows: Any, *, on: date, demo: bool) -> None:
    """Write organisations: number, name, kind, superior, seat."""
    found = list(rows)
    seats = names_by_area({o.area_id for o in found}, on=on)
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(_("Organisations"))
        note = [_("As of %(day)s") % {"day": on}, _("Demo data: all below village level is modelled.") if demo else ""]
        sheet.write_row(0, 0, [part for part in note if part])
        heads = [_("Number"), _("Name"), _("Kind"), _("Superior"), _("Seat"), _("Founded on")]
        sheet.write_row(1, 0, heads, book.add_format({"bold": True, "bottom": 1}))
        sheet.set_column(0, 4, 26)
        sheet.freeze_panes(2, 2)
        for number, o in enumerate(found, start=2):
            seat = seats.get(o.area_id)
            cells = (
                o.number,
                o.name,
                KIND_TITLES[o.kind],
                o.parent.name if o.parent else "",
                seat.name if seat else "",
                o.founded_on,
            )
            for column, cell in enumerate(cells):
                sheet.write_string(number, column, str(cell))
