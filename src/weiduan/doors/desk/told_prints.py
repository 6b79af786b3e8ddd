"""Reports told in sections, as PDF."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from weiduan.ground.base.pdf import pdf_of
from weiduan.outlook.insight.told.sections import Section

from .prints import TEMPLATES, _lang


def sections_pdf(title: str, under: Sequence[str], sections: Sequence[Section], foot: str) -> bytes:
    """Return a report, A4: what its page says, table by table as many rows as there."""
    data = {
        "lang": _lang(), "title": title, "under": [line for line in under if line], "foot": foot,
        "sections": [
            {
                "title": section.title, "sentences": list(section.sentences),
                "tables": [
                    {
                        "title": table.title, "heads": list(table.heads), "rows": table.first, "numbers": table.numbers,
                        "more": _("%(n)s more rows are left out here.") % {"n": f"{table.more:,}"} if table.more else "",
                    }
                    for table in section.tables
                ],
            }
            for section in sections
        ],
    }  # fmt: skip
    return pdf_of(TEMPLATES / "sections.typ", data)
