"""Let residents choose among proposals: by a ballot, or by a topic they decided. There is no other way."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.systems.governance.ballots import preparing
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.outcomes import chosen_by
from weiduan.systems.governance.ballots.rules import LONGEST_TITLE as LONGEST_BALLOT_TITLE
from weiduan.systems.governance.ballots.rules import MOST_OPTIONS, procedures
from weiduan.systems.governance.ballots.rules import State as BallotState
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.queries import SHOWN as SHOWN_TOPICS

from .keeping import By, NotNow, code_of, locked, moved, note, only
from .models import Project, ProjectProposal
from .queries import handed_in
from .rules import CHOOSING_ROLLS, Deed, ProposalState, State, yuan_of


@dataclass(frozen=True)
class Asking:
    """How residents are asked: by a procedure of residents, in secret or by name, when."""

    procedure: str
    is_secret: bool = False
    announced_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@transaction.atomic
def let_residents_vote(key: UUID, asking: Asking, *, by: By, at: datetime) -> Ballot:
    """Prepare the ballot in which residents choose among the proposals, or among the first of a ballot that was even.

    :raises NotFound: there is no project `by` may look at
    :raises NotAllowed: `by` keeps no ballots there
    :raises NotNow: the call isn't over, fewer than two were handed in, or another choice is going on
    :raises BadInput: this procedure isn't one of residents
    """
    project = locked(key, by, at)
    proposals = _to_choose_from(project, at)
    procedure = procedures().get(asking.procedure)
    if procedure is None or procedure.roll not in CHOOSING_ROLLS:
        raise BadInput(_("Choose a procedure in which residents, households or owners vote."))
    if not 2 <= len(proposals) <= MOST_OPTIONS:
        raise NotNow(
            _(
                "A ballot needs at least two and at most %(n)s proposals. Let residents talk it over as a topic instead."
            ),
            n=MOST_OPTIONS,
        )
    _name_options(proposals, at)
    ballot = preparing.draft(code_of(project, at), _ballot_of(project, proposals, asking), by=by, at=at)
    project.ballot, project.topic = ballot, None
    _begun(project, by, at, ballot=str(ballot.pk), options={one.stands_as: str(one.pk) for one in proposals})
    return ballot


@transaction.atomic
def let_topic_decide(key: UUID, topic: UUID, *, by: By, at: datetime) -> Project:
    """Say in which topic residents decide among the proposals.

    :raises NotFound: there is no project `by` may look at
    :raises NotNow: the call isn't over, nothing was handed in, or another choice is going on
    :raises BadInput: the topic isn't one of all its units, is another project's, or was decided before the call was over
    """
    project = locked(key, by, at)
    _to_choose_from(project, at)
    found = Topic.objects.filter(pk=topic, state__in=SHOWN_TOPICS).first()
    if found is None or not _is_for_all_units(project, found, at):
        raise BadInput(_("Choose a topic that is taken up in an area in which all units of the project lie."))
    if Project.objects.filter(topic=found).exclude(pk=key).exists():
        raise BadInput(_("Another project is chosen in this topic."))
    assert project.call_until is not None
    if found.decided_at is not None and found.decided_at < project.call_until:
        raise BadInput(_("This topic was decided before the proposals were known. Choose another one."))
    project.ballot, project.topic = None, found
    return _begun(project, by, at, topic=str(found.pk))


@transaction.atomic
def choose(key: UUID, *, proposal: UUID | None = None, by: By, at: datetime) -> ProjectProposal:
    """Write down which proposal residents chose: as the final count says, or as the topic was decided.

    proposal  which one the topic decided for; of a ballot the count says it

    :raises NotFound: there is no project `by` may look at
    :raises NotNow: the ballot isn't final, too few took part, two are even, or the topic isn't decided
    :raises BadInput: no such proposal, or another than the ballot chose
    """
    project = locked(key, by, at)
    only(project, Deed.CHOOSE)
    proposals = handed_in(project)
    if project.ballot is not None:
        found = _won(project.ballot, proposals)
        if proposal is not None and proposal != found.pk:
            raise BadInput(_("Residents chose another proposal in the ballot."))
    else:
        if project.topic is None or project.topic.decided_at is None:
            raise NotNow(_("The topic isn't decided yet. Bring it past the stage of its decision."))
        named = next((one for one in proposals if one.pk == proposal), None)
        if named is None:
            raise BadInput(_("Say which of the proposals the topic decided for."))
        found = named
    for one in proposals:
        state = ProposalState.CHOSEN if one.pk == found.pk else ProposalState.NOT_CHOSEN
        ProjectProposal.objects.filter(pk=one.pk).update(state=state.value)
    moved(project, State.CHOSEN, by, at, told={"proposal": str(found.pk)})
    found.refresh_from_db()
    return found


def may_begin_choice(project: Project, *, at: datetime) -> bool:
    """Tell whether a ballot or a topic can be begun for a project now."""
    try:
        return bool(_to_choose_from(project, at))
    except NotNow:
        return False


def _to_choose_from(project: Project, at: datetime) -> list[ProjectProposal]:
    """Return what residents can choose among now."""
    only(project, Deed.LET_CHOOSE)
    if project.call_until is None or at < project.call_until:
        raise NotNow(_("Partners can still propose. Residents choose once the call is over."))
    proposals = handed_in(project)
    if not proposals:
        raise NotNow(_("Nobody proposed anything. Make the call longer, or stop the project."))
    if project.state == State.CALLED.value:
        return proposals
    if project.ballot is None:
        raise NotNow(_("Residents decide in a topic already. Bring that to its end."))
    if project.ballot.state == BallotState.ANNULLED.value:
        return proposals
    result = chosen_by(project.ballot)
    if result is not None and not result.enough:
        return proposals
    if result is not None and len(result.leading) != 1:
        return [one for one in proposals if one.stands_as in result.leading] or proposals
    raise NotNow(
        _("A ballot is going on or has chosen already. Another can follow only if it is annulled or comes out even.")
    )


def _won(ballot: Ballot, proposals: list[ProjectProposal]) -> ProjectProposal:
    result = chosen_by(ballot)
    if result is None:
        raise NotNow(_("The ballot isn't final yet: it must be counted, and the time for objections over."))
    if not result.enough:
        raise NotNow(_("Too few took part in the ballot. Hold another one, or let residents decide in a topic."))
    if len(result.leading) != 1:
        raise NotNow(
            _(
                "No proposal alone has the most votes. Hold another ballot among those in front, or let residents decide in a topic."
            )
        )
    found = next((one for one in proposals if one.stands_as == result.leading[0]), None)
    if found is None:
        raise NotNow(
            _("What the ballot chose isn't one of the proposals: its options were changed. Hold another ballot.")
        )
    return found


def _begun(project: Project, by: By, at: datetime, **told: object) -> Project:
    if project.state == State.CALLED.value:
        return moved(project, State.CHOOSING, by, at, told=told)
    project.save(update_fields=["ballot", "topic"])
    note("project.choice_renewed", project, project, by, at, **told)
    return project


def _name_options(proposals: list[ProjectProposal], at: datetime) -> None:
    """Name each proposal by its partner; where two are named alike, by its area too, so that each option means one."""
    names = [one.partner.name for one in proposals]
    areas = names_by_area({one.partner.area_id for one in proposals}, on=local_day(at))
    for one in proposals:
        if not one.stands_as:
            is_alone = names.count(one.partner.name) == 1
            one.stands_as = (
                one.partner.name if is_alone else f"{one.partner.name} · {areas[one.partner.area_id].name[:30]}"
            )
            one.save(update_fields=["stands_as"])


def _ballot_of(project: Project, proposals: list[ProjectProposal], asking: Asking) -> preparing.Draft:
    lines = [
        _("%(name)s: %(total)s yuan")
        % {"name": one.stands_as, "total": yuan_of(sum(step.amount_fen for step in one.steps.all()))}
        for one in proposals
    ]
    text = "\n".join([_("Who carries out “%(title)s”?") % {"title": project.title}, "", project.words, "", *lines])
    return preparing.Draft(
        project.title[:LONGEST_BALLOT_TITLE], text, asking.procedure, options=tuple(one.stands_as for one in proposals), most=1,
        is_secret=asking.is_secret, announced_on=asking.announced_on, opens_at=asking.opens_at, closes_at=asking.closes_at,
    )  # fmt: skip


def _is_for_all_units(project: Project, topic: Topic, at: datetime) -> bool:
    on = local_day(at)
    around = area_of(topic.area_id, on=on).code
    return all(covers(around, area_of(unit.area_id, on=on).code) for unit in project.units.all())
