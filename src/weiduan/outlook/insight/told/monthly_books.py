"""A report told in sections as a workbook: the sentences on the first sheet, then each table with all its rows."""

from collections.abc import Sequence
from typing import BinaryIO

from django.utils.translation import gettext as _

from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.outlook.insight.told.sections import Section

LONGEST_TITLE = 31  # of a sheet, as the format allows


def write_sections(target: BinaryIO, title: str, as_of: str, sections: Sequence[Section], *, demo: bool) -> None:
    """Write what the page of a report says, whole."""
    note = [title, as_of, _("Demo data: all below village level is modelled.") if demo else ""]
    sentences = [[section.title, sentence] for section in sections for sentence in section.sentences]
    with open_workbook(target) as book:
        add_sheet(book, _("In words"), [_("Section"), _("What the report says")], sentences, note=note, widths=40)
        for number, table in enumerate((table for section in sections for table in section.tables), start=1):
            add_sheet(book, f"{number} {table.title}"[:LONGEST_TITLE], table.heads, table.rows, note=note)
