"""What every action on a project does first: lock it, ask who may, ask its state; and how its moves are written down."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_of

from .models import PartnerAccount, Project
from .rules import Deed, State, may_become, may_do

By = User | str


class NotNow(Refused):
    """The project, proposal or milestone is in a state that doesn't allow this."""


WHY_NOT = {
    Deed.CHANGE: _("Only a project that isn't called yet can be changed."),
    Deed.CALL: _("This project was called already."),
    Deed.EXTEND: _("Only a call that is open to partners can be made longer."),
    Deed.PROPOSE: _("Proposals can be written, handed in and withdrawn only while the project is called."),
    Deed.LET_CHOOSE: _("Residents choose once the call is over and nothing is chosen yet."),
    Deed.CHOOSE: _("A proposal can be chosen only after a ballot or a topic of the residents was begun for it."),
    Deed.SIGN: _("Only what residents chose can be signed, and only once."),
    Deed.SHOW: _(
        "Evidence is shown while the project is carried out: the agreement must be signed, and it must be going on."
    ),
    Deed.JUDGE: _("Evidence is judged while the project is carried out."),
    Deed.SET_ASIDE: _("Money is set aside for a project between its call and the last milestone."),
    Deed.RELEASE: _("Money is released only for a project whose agreement is signed, and not after it is closed."),
    Deed.PAY_BACK: _("A partner can pay back only while the project is carried out, or after it was done or stopped."),
    Deed.GIVE_BACK: _("There is no money to give back: the project isn't called yet, or it is closed."),
    Deed.CLOSE: _("Only a project whose milestones are all accepted can be closed."),
    Deed.STOP: _("This project is over; it can't be stopped any more."),
}


def locked(key: UUID, by: By, at: datetime) -> Project:
    """Lock a project somebody keeps; of others not even their existence is told.

    :raises NotFound: there is none `by` may look at
    :raises NotAllowed: `by` doesn't keep services there, or is a partner
    """
    found = locked_by_anyone(key)
    require(by, Duty.KEEP_SERVICES, in_area=code_of(found, at), at=at)
    if isinstance(by, User) and PartnerAccount.objects.filter(user=by).exists():
        raise NotAllowed(_("An account of a partner proposes and reports; it keeps no project."))
    return found


def locked_by_anyone(key: UUID) -> Project:
    """Lock a project, whoever asks; the action asks by itself who may.

    :raises NotFound: there is none
    """
    found = Project.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def only(project: Project, deed: Deed) -> None:
    """Let what can be done in its state pass.

    :raises NotNow: says why not
    """
    if not may_do(State(project.state), deed):
        raise NotNow(WHY_NOT[deed])


def moved(project: Project, state: State, by: By, at: datetime, *, told: dict[str, Any] | None = None) -> Project:
    """Bring a project to another state and write that down."""
    if not may_become(State(project.state), state):
        raise NotNow(_("The project is in a state that doesn't allow this. Look at it again."))
    before, project.state = project.state, state.value
    project.save()
    after = {"state": state.value} | (told or {})
    record(
        what=f"project.{state.value}",
        about=project,
        by=by,
        at=at,
        area=code_of(project, at),
        before={"state": before},
        after=after,
    )
    return project


def note(what: str, about: models.Model, project: Project, by: By, at: datetime, **told: Any) -> None:
    """Write down what was done to something of a project: keys, states and amounts, never words."""
    record(what=what, about=about, by=by, at=at, area=code_of(project, at), after=told)


def code_of(project: Project, at: datetime) -> str:
    """Return the code of the area a project is of."""
    return area_of(project.area_id, on=local_day(at)).code


def checked(words: str, longest: int, sentence: Any) -> str:
    """Return words without the blanks around them.

    :raises BadInput: none, or too many
    """
    stripped = words.replace("\0", "").replace("\r\n", "\n").strip()
    if not 0 < len(stripped) <= longest:
        raise BadInput(sentence, n=longest)
    return stripped
