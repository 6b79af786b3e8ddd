"""What people read of the third and the fourth zero: why a unit lacks something, and what to do next."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.ground.rulebook.rules import Judgement

ZERO_TITLES = {
    "organisation": gettext_lazy("No blind spot"), "venues": gettext_lazy("No dead corner"),
    "governance": gettext_lazy("No gap"), "services": gettext_lazy("No distance"),
}  # fmt: skip
SYSTEM_TITLES = {
    "organisation": gettext_lazy("organisation"), "venues": gettext_lazy("venues"), "governance": gettext_lazy("governance"),
    "services": gettext_lazy("services"),
}  # fmt: skip
REASON_TITLES = {
    "no_body": gettext_lazy("no body of its own"), "body_over": gettext_lazy("body out of term"),
    "no_compact": gettext_lazy("no compact in force"), "not_talked_over": gettext_lazy("nothing decided in a year"),
    "reports_overdue": gettext_lazy("reports overdue"), "no_service": gettext_lazy("no service in 90 days"),
    "answered_late": gettext_lazy("answered late"), "not_asked": gettext_lazy("residents not asked"),
    "not_content": gettext_lazy("residents not content"),
}  # fmt: skip
WHY = {
    "no_body": gettext_lazy("The unit has no body by which it governs itself."),
    "body_over": gettext_lazy("Its body has no term that runs: the election is overdue or was never held."),
    "no_compact": gettext_lazy("No compact or charter is in force here."),
    "not_talked_over": gettext_lazy("Nothing was decided by deliberation within twelve months."),
    "reports_overdue": gettext_lazy("%(found)s reports are open beyond their time."),
    "no_service": gettext_lazy("No activity, no date of a function and no part of a project reached it within ninety days."),
    "answered_late": gettext_lazy("%(found)s %% of what was answered within ninety days was answered in time; %(asked)s %% are wanted."),
    "not_asked": gettext_lazy("Residents were not asked within a year whether they are content."),
    "not_content": gettext_lazy("%(found)s %% of those who could say are content; %(asked)s %% are wanted."),
}  # fmt: skip
STEPS = {
    "no_body": gettext_lazy("Found a body and hold its election"), "body_over": gettext_lazy("Hold the election"),
    "no_compact": gettext_lazy("Begin a compact with the residents"), "not_talked_over": gettext_lazy("Raise a topic"),
    "reports_overdue": gettext_lazy("Answer the late reports"), "no_service": gettext_lazy("Plan an activity"),
    "answered_late": gettext_lazy("Look at what is about to be late"), "not_asked": gettext_lazy("Ask the residents"),
    "not_content": gettext_lazy("Talk over with residents what they miss"),
}  # fmt: skip


def why_of(judgement: Judgement) -> str:
    """Say why a unit breaks a rule, with the numbers compared."""
    found = "—" if judgement.found is None else judgement.found
    return str(WHY[judgement.rule.reason]) % {"found": found, "asked": judgement.rule.value}


def step_of(judgement: Judgement) -> str:
    """Say what to do next about it."""
    return str(STEPS[judgement.rule.reason])


def source_of(judgement: Judgement) -> str:
    """Say where the rule comes from."""
    rule = judgement.rule
    return _("%(act)s %(article)s") % {"act": rule.act, "article": rule.article}


def row_of(judgement: Judgement) -> dict[str, Any]:
    """Lay a broken rule out: reason, why, what to do, and by which rule."""
    reason = judgement.rule.reason
    return {
        "reason": reason, "title": REASON_TITLES[reason], "why": why_of(judgement), "step": step_of(judgement),
        "rule": judgement.rule.id, "source": source_of(judgement),
    }  # fmt: skip
