"""What people read of projects: states, accounts, moves of money, and the line of stages."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.systems.services.projects.models import Project
from weiduan.systems.services.projects.queries import is_call_over
from weiduan.systems.services.projects.rules import State

from .topic_words import StageShown

STATE_TITLES = {
    "draft": gettext_lazy("package being written"), "called": gettext_lazy("called: partners propose"),
    "choosing": gettext_lazy("residents choose"), "chosen": gettext_lazy("chosen by residents"),
    "running": gettext_lazy("being carried out"), "done": gettext_lazy("every milestone accepted"),
    "closed": gettext_lazy("closed, account complete"), "stopped": gettext_lazy("stopped"),
}  # fmt: skip
STATE_TAGS = {
    "draft": "", "called": "soon", "choosing": "soon", "chosen": "go", "running": "go", "done": "ok", "closed": "ok", "stopped": "late",
}  # fmt: skip
PROPOSAL_TITLES = {
    "draft": gettext_lazy("draft, only you see it"), "handed_in": gettext_lazy("handed in"), "withdrawn": gettext_lazy("withdrawn"),
    "chosen": gettext_lazy("chosen by residents"), "not_chosen": gettext_lazy("not chosen"),
}  # fmt: skip
PROPOSAL_TAGS = {"draft": "soon", "handed_in": "go", "withdrawn": "", "chosen": "ok", "not_chosen": ""}
MILESTONE_TITLES = {
    "open": gettext_lazy("nothing shown yet"), "reported": gettext_lazy("shown, being looked at"),
    "refused": gettext_lazy("to be mended"), "accepted": gettext_lazy("milestone accepted"),
}  # fmt: skip
MILESTONE_TAGS = {"open": "", "reported": "soon", "refused": "late", "accepted": "ok"}
ACCOUNT_TITLES = {
    "source": gettext_lazy("where the money comes from"), "pot": gettext_lazy("set aside for the project"),
    "partner": gettext_lazy("the partner's"),
}  # fmt: skip
MOVE_TITLES = {
    "fund": gettext_lazy("money set aside"), "release": gettext_lazy("paid for a milestone"),
    "repay": gettext_lazy("paid back by the partner"), "return": gettext_lazy("given back"),
}  # fmt: skip
_PLACES = {State.DRAFT: 0, State.CHOOSING: 3, State.CHOSEN: 4, State.RUNNING: 5, State.DONE: 6, State.CLOSED: 7}


def stage_line(project: Project, *, at: datetime) -> list[StageShown]:
    """Return the stages of a project in order, each with how it stands; of a stopped one none is going on."""
    stages = [
        ("package", _("Package")), ("call", _("Call")), ("proposals", _("Proposals")), ("choice", _("Choice of the residents")),
        ("agreement", _("Agreement signed")), ("milestones", _("Milestones of the project")), ("account", _("Account complete")),
    ]  # fmt: skip
    place = _place(project, at)
    now = -1 if project.state == State.STOPPED.value else place
    return [
        StageShown(code, title, "", "done" if n < place else "now" if n == now else "later")
        for n, (code, title) in enumerate(stages)
    ]


def _place(project: Project, at: datetime) -> int:
    state = State(project.state)
    if state is State.STOPPED:
        if getattr(project, "agreement", None) is not None:
            return 5
        return 3 if project.ballot_id or project.topic_id else 1
    if state is State.CALLED:
        return 2 if is_call_over(project, at=at) else 1
    return _PLACES[state]
