"""Opinions at the desk, beside what they are about: taken away by a stated rule only, appeals answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput
from weiduan.outlook.insight.opinion_words import RULE_TITLES
from weiduan.systems.governance.opinions.actions import answer_appeal, remove
from weiduan.systems.governance.opinions.queries import opinions_on
from weiduan.systems.governance.opinions.rules import LONGEST_ANSWER, LONGEST_REASON, About

from .viewing import me, page_of

PAGE = 20
DEEDS = ("remove_opinion", "answer_appeal")  # what `moderate` does


def opinions_shown(request: HttpRequest, kind: About, about: UUID) -> dict[str, Any]:
    """Return what `desk/opinions/_opinions.html` shows: what was said about something, with what can be done."""
    page = page_of(request, opinions_on(kind, about), size=PAGE, name="opinions")
    return {
        "opinions": page, "opinion_rows": [(one, RULE_TITLES.get(one.removed_for, "")) for one in page],
        "opinion_rules": list(RULE_TITLES.items()), "longest_reason": LONGEST_REASON, "longest_answer": LONGEST_ANSWER,
    }  # fmt: skip


def moderate(request: HttpRequest, about: UUID, area: str, at: datetime) -> None:
    """Take an opinion away, or answer an appeal, as the form asks.

    about, area  what the opinion is about, and the code of where that is

    :raises Refused: as the actions do
    """
    said = request.POST
    how: dict[str, Any] = {"about": about, "area": area, "by": me(request), "at": at}
    try:
        key = UUID(said.get("opinion", ""))
    except ValueError as error:
        raise BadInput(_("Choose which opinion is meant.")) from error
    if said.get("do") == "answer_appeal":
        answer_appeal(key, said.get("words", ""), restore=said.get("restore") == "yes", **how)
        messages.success(request, _("The appeal is answered."))
    else:
        remove(key, said.get("rule", ""), said.get("because", ""), **how)
        messages.success(request, _("The opinion is taken away; everyone reads by which rule and why."))
