"""What people read of meetings of organisations: kinds, states, headings of the minutes, verdicts in numbers."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.ground.rulebook.rules import Judgement, Verdict
from weiduan.systems.services.meetings.plan import Standing
from weiduan.systems.services.meetings.rules import (
    CAME,
    HEADINGS,
    PASSED_OF_CAME,
    PASSED_OF_DUE,
    Figures,
    Kind,
)

KIND_TITLES = {
    "members": gettext_lazy("members' meeting"), "committee": gettext_lazy("committee meeting"),
    "group": gettext_lazy("party group meeting"), "lecture": gettext_lazy("party lecture"), "theme_day": gettext_lazy("theme party day"),
    "life": gettext_lazy("organisation-life meeting"), "appraisal": gettext_lazy("democratic appraisal"),
}  # fmt: skip
STATE_TITLES = {
    "planned": gettext_lazy("date set"), "held": gettext_lazy("was held"), "excused": gettext_lazy("excused with a reason"),
    "cancelled": gettext_lazy("date fell out"),
}  # fmt: skip
STATE_TAGS = {"planned": "go", "held": "ok", "excused": "", "cancelled": ""}
PRESENCE_TITLES = {
    "came": gettext_lazy("came"), "on_leave": gettext_lazy("on leave"), "absent": gettext_lazy("absent without leave"),
}  # fmt: skip
HEADING_TITLES = {
    "agenda": gettext_lazy("Agenda of the meeting"),
    "reports": gettext_lazy("Reports heard"),
    "discussion": gettext_lazy("What was said at the meeting"),
    "votes": gettext_lazy("What was voted on, and how"),
    "resolved": gettext_lazy("What was resolved"),
    "tasks": gettext_lazy("Who does what until when"),
    "studied": gettext_lazy("What was studied"),
    "topic": gettext_lazy("Topic of the meeting"),
    "lecturer": gettext_lazy("Who gave the lecture"),
    "content": gettext_lazy("What the lecture said"),
    "life": gettext_lazy("Organisation life"),
    "deliberated": gettext_lazy("What was deliberated"),
    "volunteered": gettext_lazy("Volunteer service"),
    "prepared": gettext_lazy("How it was prepared: study, opinions asked for, talks"),
    "committee_checks": gettext_lazy("How the committee looks at itself"),
    "criticism": gettext_lazy("Criticism and self-criticism, in outline"),
    "to_mend": gettext_lazy("What is to be mended"),
    "carried_out": gettext_lazy("How it went: study, own words, one another's words, vote"),
    "committee_says": gettext_lazy("That the committee met and told each member its opinion"),
}


def template_of(kind: str) -> str:
    """Return the headings of the minutes of a kind, to be filled in."""
    return "\n\n".join(f"{number}. {HEADING_TITLES[key]}\n" for number, key in enumerate(HEADINGS[Kind(kind)], start=1))


def period_words(since: date, until: date) -> str:
    """Name a month, a quarter or a year; `until` is the first day after it."""
    days = (until - since).days
    if days > 100:
        return _("the year %(year)s") % {"year": since.year}
    if days > 31:
        return _("quarter %(n)s of %(year)s") % {"n": (since.month + 2) // 3, "year": since.year}
    return _("month %(n)s of %(year)s") % {"n": since.month, "year": since.year}


def last_day(until: date) -> date:
    """Return the last day of a period that ends before `until`."""
    return until - timedelta(days=1)


def standing_tag(standing: Standing) -> tuple[str, str]:
    """Return (state of the tag, words) of a duty for which no meeting stands in the plan."""
    if standing.missing:
        return "late", _("missing")
    return ("soon", _("date not set yet")) if standing.open else ("ok", _("duty fulfilled"))


def judged_rows(judgements: Iterable[Judgement], figures: Figures) -> list[dict[str, Any]]:
    """Lay out what the rules say of a meeting or a vote, with both numbers and the article, for `parts/verdict.html`."""
    return [_row(one, figures) for one in judgements]


def _row(one: Judgement, figures: Figures) -> dict[str, Any]:
    words = {
        CAME: (_("At least half of those with a vote come"), _("%(came)s of %(due)s came")),
        PASSED_OF_DUE: (_("More than half of those due to vote say yes"), _("%(yes)s of %(due)s due said yes; %(least)s are needed")),
        PASSED_OF_CAME: (_("More than half of those who came say yes"), _("%(yes)s of %(came)s who came said yes; %(least)s are needed")),
    }  # fmt: skip
    asked, found = words[one.rule.measure]
    against = figures.voters_due if one.rule.measure == PASSED_OF_DUE else figures.voters_came
    told = {"came": figures.voters_came, "due": figures.voters_due, "yes": figures.yes, "least": against // 2 + 1}
    holds = one.verdict is Verdict.HOLDS
    return {
        "rule": asked, "force": f"{one.rule.act} {one.rule.article}", "found": found % told,
        "state": "ok" if holds else "late",
        "word": (_("passed by vote") if one.rule.measure != CAME else _("enough came"))
        if holds else (_("not passed by vote") if one.rule.measure != CAME else _("too few came")),
    }  # fmt: skip
