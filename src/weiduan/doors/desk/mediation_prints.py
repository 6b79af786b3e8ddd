"""The agreement as a sheet for the parties to sign; only its mediator gets it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.pdf import pdf_of

from .prints import TEMPLATES, _lang


def agreement_pdf(mediation: Any, area: str) -> bytes:
    """Return the agreement of a mediation, A4, with lines to sign on."""
    data = {
        "lang": _lang(), "title": _("Mediation agreement"), "number": mediation.number,
        "known": [
            [_("Number"), mediation.number], [_("Village or unit"), area], [_("Parties"), mediation.parties],
            [_("Agreed on"), f"{timezone.localtime(mediation.ended_at):%Y-%m-%d}"],
        ],
        "matter_title": _("What the quarrel is about"), "matter": mediation.matter, "agreement_title": _("What the parties agree"),
        "agreement": mediation.agreement, "sign": [_("First party"), _("Second party"), _("Mediator"), _("Day")],
        "foot": _("The parties may ask the people's court together, within thirty days, to confirm this agreement "
                  "(People's Mediation Law, article 33)."),
    }  # fmt: skip
    return pdf_of(TEMPLATES / "agreement.typ", data)
