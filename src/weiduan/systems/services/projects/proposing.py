"""What a partner does about a call: write a proposal, hand it in, withdraw it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.systems.governance.partners.models import Partner

from .keeping import By, NotNow, checked, locked_by_anyone, note, only
from .models import Project, ProjectProposal, ProposedStep
from .queries import may_propose, partner_of
from .rules import (
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_DAYS,
    MOST_FEN,
    MOST_MILESTONES,
    Deed,
    ProposalState,
    yuan_of,
)


@dataclass(frozen=True)
class Step:
    """One milestone: what is done, what will show it, for how much, and how many days after signing."""

    what: str
    evidence: str
    amount_fen: int
    days: int


@dataclass(frozen=True)
class Proposing:
    """How a partner would carry a project out."""

    words: str
    steps: tuple[Step, ...] = ()


@transaction.atomic
def save_proposal(project: UUID, partner: UUID, proposing: Proposing, *, by: By, at: datetime) -> ProjectProposal:
    """Keep a proposal as a draft nobody else sees; a withdrawn one is a draft again.

    :raises NotFound: there is no such call for a partner `by` acts for
    :raises NotNow: the call is over, or the proposal is handed in
    :raises BadInput: something can't be; together more than the budget
    """
    found, who = _call(project, partner, by, at)
    words = checked(proposing.words, LONGEST_WORDS, _("Say how you would do it in at most %(n)s characters."))
    _check_steps(found, proposing.steps)
    proposal = _own(found, who) or ProjectProposal(project=found, partner=who)
    if proposal.state == ProposalState.HANDED_IN.value:
        raise NotNow(_("Your proposal is handed in. Withdraw it first if you want to change it."))
    proposal.words, proposal.state, proposal.handed_in_at = words, ProposalState.DRAFT.value, None
    proposal.save()
    proposal.steps.all().delete()
    ProposedStep.objects.bulk_create(
        ProposedStep(proposal=proposal, number=number, what=step.what.strip(), evidence=step.evidence.strip(),
                     amount_fen=step.amount_fen, days=step.days)
        for number, step in enumerate(proposing.steps, start=1)
    )  # fmt: skip
    note("proposal.saved", proposal, found, by, at, steps=len(proposing.steps))
    return proposal


@transaction.atomic
def hand_in(project: UUID, partner: UUID, *, by: By, at: datetime) -> ProjectProposal:
    """Hand a proposal in; until the call is over nobody but its partner can read it.

    :raises NotFound: there is no such call for a partner `by` acts for
    :raises NotNow: the call is over, nothing is written, or it is handed in
    :raises BadInput: it has no milestone that costs something
    """
    found, who = _call(project, partner, by, at)
    proposal = _own(found, who)
    if proposal is None or proposal.state != ProposalState.DRAFT.value:
        raise NotNow(_("There is no draft of yours to hand in."))
    if not proposal.steps.filter(amount_fen__gt=0).exists():
        raise BadInput(_("Write at least one milestone that costs something."))
    proposal.state, proposal.handed_in_at = ProposalState.HANDED_IN.value, at
    return _moved(proposal, found, by, at)


@transaction.atomic
def withdraw_proposal(project: UUID, partner: UUID, *, by: By, at: datetime) -> ProjectProposal:
    """Withdraw a proposal before the call is over.

    :raises NotFound: there is no such call for a partner `by` acts for
    :raises NotNow: the call is over, or nothing is handed in
    """
    found, who = _call(project, partner, by, at)
    proposal = _own(found, who)
    if proposal is None or proposal.state != ProposalState.HANDED_IN.value:
        raise NotNow(_("Nothing of yours is handed in."))
    proposal.state, proposal.handed_in_at = ProposalState.WITHDRAWN.value, None
    return _moved(proposal, found, by, at)


def _moved(proposal: ProjectProposal, project: Project, by: By, at: datetime) -> ProjectProposal:
    proposal.save(update_fields=["state", "handed_in_at"])
    note(f"proposal.{proposal.state}", proposal, project, by, at, state=proposal.state)
    return proposal


def _call(key: UUID, partner: UUID, by: By, at: datetime) -> tuple[Project, Partner]:
    """Lock a project that a partner may propose for, and whose call is open."""
    project = locked_by_anyone(key)
    if isinstance(by, User):
        who = partner_of(by, at=at)
        if who.pk != partner:
            raise NotFound(_("There is nothing here that you may see."))
    else:
        who = Partner.objects.get(pk=partner)
    if not may_propose(who, project, at=at):
        raise NotFound(_("There is nothing here that you may see."))
    only(project, Deed.PROPOSE)
    if project.call_until is None or at >= project.call_until:
        raise NotNow(_("The call is over. What was handed in stands as it is."))
    return project, who


def _own(project: Project, partner: Partner) -> ProjectProposal | None:
    return ProjectProposal.objects.select_for_update().filter(project=project, partner=partner).first()


def _check_steps(project: Project, steps: tuple[Step, ...]) -> None:
    if len(steps) > MOST_MILESTONES:
        raise BadInput(_("A proposal has at most %(n)s milestones."), n=MOST_MILESTONES)
    for step in steps:
        checked(step.what, LONGEST_WHAT, _("Say of each milestone what is done, in at most %(n)s characters."))
        checked(step.evidence, LONGEST_WHAT, _("Say of each milestone what will show it, in at most %(n)s characters."))
        if not 0 <= step.amount_fen <= MOST_FEN:
            raise BadInput(_("The amount of a milestone is nothing or more."))
        if not 0 < step.days <= MOST_DAYS:
            raise BadInput(_("A milestone is due between 1 and %(n)s days after signing."), n=MOST_DAYS)
    total = sum(step.amount_fen for step in steps)
    if total > project.budget_fen:
        raise BadInput(
            _("Together the milestones cost %(total)s yuan: more than the budget of %(budget)s."),
            total=yuan_of(total), budget=yuan_of(project.budget_fen),
        )  # fmt: skip
