"""Lists as workbooks: organisations without a person in it, and members by name for those who keep them."""

from datetime import date
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.ground.territory.queries import names_by_area

from .words import KIND_TITLES, STATE_TITLES


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


def write_roster(target: BinaryIO, name: str, rows: list[dict[str, Any]], *, on: date, demo: bool) -> None:
    """Write members by name; the telephone is a column only where the rows hold it."""
    heads = [
        _("Number"),
        _("Name of the person"),
        _("Organisation"),
        _("Home unit"),
        _("Joined"),
        _("Full since"),
        _("State"),
    ]
    with_contact = any("contact" in row for row in rows)
    note = [
        name, _("As of %(day)s") % {"day": on}, _("Demo data: all below village level is modelled.") if demo else "",
        _("It names persons: keep it closed and destroy it when it is used."),
    ]  # fmt: skip
    with open_workbook(target) as book:
        cells = [_member_cells(row, with_contact) for row in rows]
        add_sheet(book, _("Members"), heads + ([_("Telephone")] if with_contact else []), cells, note=note)


def _member_cells(row: dict[str, Any], with_contact: bool) -> tuple[Any, ...]:
    full = row["full_on"] if row["full"] else _("probationary")
    state = str(STATE_TITLES[row["state"]])
    cells = (row["number"], row["name"], row["organisation"].name, row["home"], row["joined_on"], full, state)
    return (*cells, row["contact"]) if with_contact else cells
