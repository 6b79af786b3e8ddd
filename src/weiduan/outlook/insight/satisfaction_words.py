"""What people read of questionnaires, and the questions that stand ready for each kind."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import names_by_area
from weiduan.systems.services.satisfaction.entitled import asked_in
from weiduan.systems.services.satisfaction.models import Questionnaire
from weiduan.systems.services.satisfaction.queries import results_of
from weiduan.systems.services.satisfaction.rules import State, Way

ABOUT_TITLES = {
    "report": _("reports that were answered"), "activity": _("activities that are over"), "booking": _("rooms that were used"),
    "project": _("a service project"), "unit": _("the unit as a whole, once a year"),
}  # fmt: skip
WAY_TITLES = {
    "after": _("whoever holds a receipt, once it is over"), "sample": _("households drawn by lot, a code each"),
    "open": _("whoever wants to, with a code handed out"),
}  # fmt: skip
STATE_TITLES = {"draft": _("not opened yet"), "open": _("being asked"), "closed": _("evaluated")}
STATE_TAGS = {"draft": "", "open": "go", "closed": "ok"}
ANSWER_TITLES = {
    1: _("very content"), 2: _("content"), 3: _("so-so"), 4: _("not content"), 5: _("not content at all"), 0: _("can't say"),
}  # fmt: skip
QUESTIONS = {
    "report": (_("How content are you with what became of it?"), _("How content are you with how fast it went?"),
               _("Was what you were told plain to you?")),
    "activity": (_("How content are you with the activity?"), _("Were time and place good for you?")),
    "booking": (_("How content are you with the room?"), _("How content are you with how booking it went?")),
    "project": (_("How content are you with what the project brought?"), _("How content are you with those who carried it out?"),
                _("Was the money well spent, as far as you can see?")),
    "unit": (_("How content are you with living here, all in all?"), _("Somebody from the branch is there when needed"),
             _("There is a room near enough to use"), _("What we report is seen to"), _("We decide about our own things"),
             _("There is enough going on for us")),
}  # fmt: skip


def rows_of(questionnaires: Iterable[Questionnaire], *, at: datetime) -> list[dict[str, Any]]:
    """Return what pages show of questionnaires: each with its area, its words, how many were asked, and what came of it."""
    known = list(questionnaires)
    names, results = names_by_area({one.area_id for one in known}, on=local_day(at)), results_of(known)
    return [
        {
            "found": one, "area": names.get(one.area_id), "about": ABOUT_TITLES[one.about], "way": WAY_TITLES[one.way],
            "word": STATE_TITLES[one.state], "tag": STATE_TAGS[one.state], "asked": asked_in(one, at=at), "result": results[one.pk],
            "lines": [(each, [(ANSWER_TITLES[n], count) for n, count in each.counts.items()]) for each in results[one.pk].answers],
            "is_open": one.state == State.OPEN.value, "by_code": one.way != Way.AFTER.value,
        }
        for one in known
    ]  # fmt: skip
