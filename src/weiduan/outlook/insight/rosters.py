"""Organisations as a workbook, without a person in it."""

from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.ground.territory.queries import names_by_area

from .words import KIND_TITLES


def write_organisations(target: BinaryIO, rows: Any, *, on: date, demo: bool) -> None:
    """Write organisations: number, name, kind, superior, seat."""
    found = list(rows)
    seats = names_by_area({o.area_id for o in found}, on=on)
    note = [_("As of %(day)s") % {"day": on}, _("Demo data: all below village level is modelled.") if demo else ""]
    heads = [_("Number"), _("Name"), _("Kind"), _("Superior"), _("Seat"), _("Founded on")]
    with open_workbook(target) as book:
        add_sheet(
            book, _("Organisations"), heads, [_cells(o, seats.get(o.area_id)) for o in found], note=note, widths=26
        )


def _cells(o: Any, seat: Any) -> tuple[Any, ...]:
    return (
        o.number, o.name, KIND_TITLES[o.kind], o.parent.name if o.parent else "", seat.name if seat else "", o.founded_on,
    )  # fmt: skip
