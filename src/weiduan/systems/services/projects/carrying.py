"""Carry a project out: sign what residents chose, show what was done, accept it or say what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.images import Picture, drawn_anew
from weiduan.systems.governance.partners.actions import meet_needs

from .keeping import By, NotNow, checked, locked, locked_by_anyone, moved, note, only
from .models import (
    Evidence,
    EvidencePicture,
    Milestone,
    MilestoneAcceptance,
    Project,
    ProjectAgreement,
    ProjectProposal,
)
from .queries import balances_of, partner_of
from .rules import (
    LONGEST_EVIDENCE,
    LONGEST_SEEN,
    LONGEST_WHY,
    MOST_PICTURES,
    Account,
    Deed,
    MilestoneState,
    ProposalState,
    State,
    yuan_of,
)


class NoMoneyYet(NotNow):
    """What is signed must be paid: the money isn't set aside."""


@transaction.atomic
def sign(key: UUID, *, on: date, by: By, at: datetime) -> ProjectAgreement:
    """Write down that the agreement was signed: its milestones stand fast from now on.

    :raises NotFound: there is no project `by` may look at
    :raises NotNow: residents haven't chosen, it is signed already, or the partner has ended
    :raises NoMoneyYet: less is set aside than it costs
    :raises BadInput: a day before the call was over, or one that hasn't come
    """
    project = locked(key, by, at)
    only(project, Deed.SIGN)
    proposal = ProjectProposal.objects.select_related("partner").get(project=project, state=ProposalState.CHOSEN.value)
    assert project.call_until is not None
    if not local_day(project.call_until) <= on <= local_day(at):
        raise BadInput(_("It was signed on a day between the end of the call and today."))
    if proposal.partner.until is not None and proposal.partner.until <= on:
        raise NotNow(_("This partner has ended. Stop the project and call it anew."))
    steps = list(proposal.steps.order_by("number"))
    total, pot = sum(step.amount_fen for step in steps), balances_of(project)[Account.POT]
    if pot < total:
        raise NoMoneyYet(
            _("Set the money aside first: the agreement costs %(total)s yuan, and %(pot)s are set aside."),
            total=yuan_of(total), pot=yuan_of(pot),
        )  # fmt: skip
    agreement = ProjectAgreement.objects.create(project=project, proposal=proposal, signed_on=on, total_fen=total)
    Milestone.objects.bulk_create(
        Milestone(agreement=agreement, number=step.number, what=step.what, evidence=step.evidence, amount_fen=step.amount_fen,
                  due_on=on + timedelta(days=step.days))
        for step in steps
    )  # fmt: skip
    moved(project, State.RUNNING, by, at, told={"signed_on": str(on), "total_fen": total, "milestones": len(steps)})
    return agreement


@dataclass(frozen=True)
class Shot:
    """A picture as it was sent, and what is to be seen in it."""

    content: bytes
    words: str


def show_evidence(
    project: UUID, number: int, words: str, shots: Sequence[Shot] = (), *, by: By, at: datetime
) -> Evidence:
    """Show what was done for a milestone, in words and pictures; refused, it is mended and shown again.

    :raises NotFound: `by` isn't the partner who carries the project out, or there is no such milestone
    :raises NotNow: the project isn't going on, or the milestone is being looked at or accepted
    :raises BadInput: no words, too many pictures, one that is none, or that doesn't say what is seen
    """
    if len(shots) > MOST_PICTURES:
        raise BadInput(_("At most %(n)s pictures can be shown."), n=MOST_PICTURES)
    seen = [
        checked(shot.words, LONGEST_SEEN, _("Say of each picture what is to be seen, in at most %(n)s characters."))
        for shot in shots
    ]
    _may_show(Project.objects.filter(pk=project).first(), by, at)  # before anything is drawn
    drawn = [drawn_anew(shot.content) for shot in shots]
    return _show(project, number, words, list(zip(drawn, seen, strict=True)), by, at)


@transaction.atomic
def _show(key: UUID, number: int, words: str, pictures: list[tuple[Picture, str]], by: By, at: datetime) -> Evidence:
    project = locked_by_anyone(key)
    _may_show(project, by, at)
    only(project, Deed.SHOW)
    milestone = Milestone.objects.select_for_update().filter(agreement__project=project, number=number).first()
    if milestone is None:
        raise NotFound(_("There is nothing here that you may see."))
    if milestone.state not in (MilestoneState.OPEN.value, MilestoneState.REFUSED.value):
        raise NotNow(_("What you showed for this milestone is being looked at, or is accepted."))
    said = checked(words, LONGEST_EVIDENCE, _("Say what was done in at most %(n)s characters."))
    made = Evidence.objects.create(milestone=milestone, words=said, by=by if isinstance(by, User) else None, at=at)
    for picture, seen in pictures:
        kept = EvidencePicture(evidence=made, words=seen)
        kept.file.save(f"{uuid4().hex}.jpg", ContentFile(picture.content), save=False)
        kept.save(force_insert=True)
    _stands(milestone, MilestoneState.REPORTED)
    note("milestone.reported", milestone, project, by, at, number=number, pictures=len(pictures))
    return made


@transaction.atomic
def accept(key: UUID, evidence: UUID, *, by: By, at: datetime) -> MilestoneAcceptance:
    """Accept a milestone by what was shown; with the last one the project is done and the needs it came from are met.

    :raises NotFound: there is no such evidence of a project `by` may look at
    :raises NotNow: the project isn't going on, or this isn't what waits to be looked at
    """
    project = locked(key, by, at)
    only(project, Deed.JUDGE)
    shown, milestone = _waiting(project, evidence)
    made = MilestoneAcceptance.objects.create(
        milestone=milestone, evidence=shown, by=by if isinstance(by, User) else None, at=at
    )
    _stands(milestone, MilestoneState.ACCEPTED)
    note("milestone.accepted", milestone, project, by, at, number=milestone.number, evidence=str(shown.pk))
    if (
        not Milestone.objects.filter(agreement=milestone.agreement_id)
        .exclude(state=MilestoneState.ACCEPTED.value)
        .exists()
    ):
        moved(project, State.DONE, by, at)
        meet_needs(project.needs.values_list("need", flat=True), on=local_day(at), by=by, at=at)
    return made


@transaction.atomic
def refuse(key: UUID, evidence: UUID, why: str, *, by: By, at: datetime) -> Evidence:
    """Say what is missing in what was shown; the partner mends it and shows it again.

    :raises NotFound: there is no such evidence of a project `by` may look at
    :raises NotNow: the project isn't going on, or this isn't what waits to be looked at
    :raises BadInput: no reason, or too many words
    """
    project = locked(key, by, at)
    only(project, Deed.JUDGE)
    shown, milestone = _waiting(project, evidence)
    shown.refused_because = checked(why, LONGEST_WHY, _("Say what is missing in at most %(n)s characters."))
    shown.refused_at = at
    shown.save(update_fields=["refused_because", "refused_at"])
    _stands(milestone, MilestoneState.REFUSED)
    note("milestone.refused", milestone, project, by, at, number=milestone.number, evidence=str(shown.pk))
    return shown


def _may_show(project: Project | None, by: By, at: datetime) -> None:
    """Let only the partner pass whose proposal was chosen."""
    if project is not None and isinstance(by, str):
        return
    if project is not None and isinstance(by, User):
        chosen = ProjectProposal.objects.filter(project=project, state=ProposalState.CHOSEN.value)
        if chosen.filter(partner=partner_of(by, at=at)).exists():
            return
    raise NotFound(_("There is nothing here that you may see."))


def _waiting(project: Project, evidence: UUID) -> tuple[Evidence, Milestone]:
    """Lock what waits to be looked at."""
    found = Evidence.objects.filter(pk=evidence, milestone__agreement__project=project).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    milestone = Milestone.objects.select_for_update().get(pk=found.milestone_id)
    if milestone.state != MilestoneState.REPORTED.value or found.refused_at is not None:
        raise NotNow(_("This was looked at already. Look at the milestone again."))
    return found, milestone


def _stands(milestone: Milestone, state: MilestoneState) -> None:
    milestone.state = state.value
    milestone.save(update_fields=["state"])
