"""Projects as everyone, their keepers and partners see them; how their money stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import ancestors_of, area_ids, area_of, within
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.queries import SHOWN as SHOWN_TOPICS
from weiduan.systems.governance.partners.models import Need, Partner
from weiduan.systems.governance.partners.queries import offers_for, open_needs_in

from ..brands.models import Brand
from .models import (
    Evidence,
    EvidencePicture,
    Milestone,
    MilestoneAcceptance,
    MoneyMove,
    PartnerAccount,
    Project,
    ProjectProposal,
)
from .rules import PROPOSING, Account, MilestoneState, MoveKind, ProposalState, State, yuan_of

PUBLIC = Q(call_until__isnull=False)  # it was called
OUT_IN_THE_OPEN = (ProposalState.HANDED_IN.value, ProposalState.CHOSEN.value, ProposalState.NOT_CHOSEN.value)


def projects_in(codes: Iterable[str], *, at: datetime) -> QuerySet[Project]:
    """Return the projects of areas and those below them that everyone may see: those that were called; the newest first."""
    return Project.objects.filter(PUBLIC, within(codes, on=local_day(at))).order_by("-at", "pk")


def projects_for(code: str, *, at: datetime) -> QuerySet[Project]:
    """Return the public projects of an area and below, and those for a unit in it that an area above leads; the newest first."""
    on = local_day(at)
    here = Q(pk__in=Project.objects.filter(within([code], on=on, path="units__area")).values("pk"))
    return Project.objects.filter(PUBLIC).filter(here | within([code], on=on)).order_by("-at", "pk")


def public_project(key: UUID) -> Project:
    """Return a project everyone may see.

    :raises NotFound: there is none that was called
    """
    found = Project.objects.filter(PUBLIC, pk=key).select_related("ballot", "topic", "brand").first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def projects_kept_by(viewer: User, *, at: datetime) -> QuerySet[Project]:
    """Return the projects where somebody keeps services, the newest first."""
    own = areas_of(viewer, Duty.KEEP_SERVICES, at=at)
    return Project.objects.filter(within(own, on=local_day(at))).order_by("-at", "pk")


def kept_project(viewer: User, key: UUID, *, at: datetime) -> Project:
    """Return a project somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = projects_kept_by(viewer, at=at).filter(pk=key).select_related("ballot", "topic", "brand").first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def is_call_over(project: Project, *, at: datetime) -> bool:
    """Tell whether the call is over, so that everyone may read what was proposed; a call that was stopped keeps it closed."""
    if project.state == State.STOPPED.value:
        return project.ballot_id is not None or project.topic_id is not None
    return project.call_until is not None and at >= project.call_until


def handed_in(project: Project) -> list[ProjectProposal]:
    """Return what was handed in, by name, for whoever may see it: an action, or a query that asks whether the call is over."""
    rows = project.proposals.filter(state__in=OUT_IN_THE_OPEN).select_related("partner").prefetch_related("steps")
    return list(rows.order_by("partner__name", "pk"))


@dataclass(frozen=True)
class ProposalShown:
    """A proposal with its milestones and what they cost together, in fen."""

    proposal: ProjectProposal
    steps: list
    total_fen: int

    @property
    def total(self) -> Decimal:
        """What it costs, in yuan."""
        return yuan_of(self.total_fen)


def proposals_shown(project: Project, *, at: datetime) -> list[ProposalShown]:
    """Return what partners proposed, by name; nothing before the call is over, not even to the keeper."""
    return [shown(one) for one in handed_in(project)] if is_call_over(project, at=at) else []


def shown(proposal: ProjectProposal) -> ProposalShown:
    """Return a proposal with its milestones in order."""
    steps = sorted(proposal.steps.all(), key=lambda step: step.number)
    return ProposalShown(proposal, steps, sum(step.amount_fen for step in steps))


def handed_in_count(project: Project) -> int:
    """Count what was handed in; how many there are may be known before the call is over."""
    return project.proposals.filter(state__in=OUT_IN_THE_OPEN).count()


@dataclass(frozen=True)
class MilestoneShown:
    """A milestone, whether its day is over without it being accepted, what was shown for it in order, and what became of that."""

    milestone: Milestone
    is_late: bool
    shown: list[Evidence]
    acceptance: MilestoneAcceptance | None
    release: MoneyMove | None

    @property
    def amount(self) -> Decimal:
        """What is paid for it, in yuan."""
        return yuan_of(self.milestone.amount_fen)

    @property
    def waiting(self) -> Evidence | None:
        """What waits to be looked at."""
        is_reported = self.milestone.state == MilestoneState.REPORTED.value
        return self.shown[-1] if is_reported and self.shown else None

    @property
    def accepted(self) -> Evidence | None:
        """What it was accepted by."""
        return self.acceptance.evidence if self.acceptance else None


def milestones_of(project: Project, *, at: datetime) -> list[MilestoneShown]:
    """Return the milestones of a signed project in order."""
    rows = Milestone.objects.filter(agreement__project=project).order_by("number")
    rows = rows.prefetch_related("shown__pictures").select_related("acceptance__evidence", "acceptance__release")
    return [_milestone(one, is_running=project.state == State.RUNNING.value, on=local_day(at)) for one in rows]


def _milestone(one: Milestone, *, is_running: bool, on: date) -> MilestoneShown:
    acceptance: MilestoneAcceptance | None = getattr(one, "acceptance", None)
    is_late = is_running and acceptance is None and one.due_on < on
    release = getattr(acceptance, "release", None) if acceptance else None
    return MilestoneShown(one, is_late, sorted(one.shown.all(), key=lambda each: each.at), acceptance, release)


def late_milestones(codes: Iterable[str], *, at: datetime) -> QuerySet[Milestone]:
    """Return the milestones of projects going on in these areas whose day is over, the oldest first."""
    on = local_day(at)
    running = Project.objects.filter(within(codes, on=on), state=State.RUNNING.value).values("pk")
    rows = Milestone.objects.filter(agreement__project__in=running, due_on__lt=on)
    rows = rows.exclude(state=MilestoneState.ACCEPTED.value).select_related("agreement__project")
    return rows.order_by("due_on", "pk")


def public_picture(project: UUID, key: UUID) -> EvidencePicture:
    """Return a picture everyone may see: of evidence by which a milestone was accepted.

    :raises NotFound: there is none
    """
    return _picture(EvidencePicture.objects.filter(evidence__acceptance__isnull=False), project, key)


def kept_picture(viewer: User, project: UUID, key: UUID, *, at: datetime) -> EvidencePicture:
    """Return a picture shown for a project somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    kept_project(viewer, project, at=at)
    return _picture(EvidencePicture.objects.all(), project, key)


def partners_picture(partner: Partner, project: UUID, key: UUID) -> EvidencePicture:
    """Return a picture a partner showed itself.

    :raises NotFound: there is none
    """
    own = EvidencePicture.objects.filter(evidence__milestone__agreement__proposal__partner=partner)
    return _picture(own, project, key)


def _picture(rows: QuerySet[EvidencePicture], project: UUID, key: UUID) -> EvidencePicture:
    found = rows.filter(pk=key, evidence__milestone__agreement__project=project).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def balances_of(project: Project) -> dict[Account, int]:
    """Return account → what it holds, in fen; together they are nothing."""
    held = dict.fromkeys(Account, 0)
    rows = project.moves.values("debit", "credit").annotate(fen=Sum("amount_fen"))
    for row in rows.order_by("debit"):
        held[Account(row["debit"])] += row["fen"]
        held[Account(row["credit"])] -= row["fen"]
    return held


def unpaid_acceptances(project: Project) -> QuerySet[MilestoneAcceptance]:
    """Return what was accepted, costs something and isn't paid yet."""
    own = MilestoneAcceptance.objects.filter(milestone__agreement__project=project, release=None)
    return own.filter(milestone__amount_fen__gt=0).select_related("milestone").order_by("milestone__number")


def owed_to_partner(project: Project) -> int:
    """Return what the agreement still promises, in fen: all that isn't paid, and of a stopped project what was accepted."""
    unpaid = Milestone.objects.filter(agreement__project=project).exclude(acceptance__release__isnull=False)
    if project.state == State.STOPPED.value:
        unpaid = unpaid.filter(acceptance__isnull=False)
    return unpaid.aggregate(fen=Sum("amount_fen"))["fen"] or 0


@dataclass(frozen=True)
class Line:
    """One move of money as everyone reads it, and what the pot holds after it."""

    number: int
    on: date
    kind: MoveKind
    credit: Account
    debit: Account
    amount_fen: int
    milestone: int | None
    words: str
    pot_fen: int


@dataclass(frozen=True)
class Books:
    """The published account of a project: every move in order, and what each account holds, in fen."""

    lines: list[Line]
    held: dict[Account, int]


def books_of(project: Project) -> Books:
    """Return the account of a project."""
    held, lines = dict.fromkeys(Account, 0), []
    for row in project.moves.select_related("acceptance__milestone").order_by("number"):
        held[Account(row.debit)] += row.amount_fen
        held[Account(row.credit)] -= row.amount_fen
        number = row.acceptance.milestone.number if row.acceptance else None
        lines.append(Line(
            row.number, row.on, MoveKind(row.kind), Account(row.credit), Account(row.debit), row.amount_fen, number, row.words,
            held[Account.POT],
        ))  # fmt: skip
    return Books(lines, held)


def partner_of(user: User, *, at: datetime) -> Partner:
    """Return the partner an account acts for.

    :raises NotFound: it acts for none, or no more
    """
    on = local_day(at)
    lasting = Q(until=None) | Q(until__gt=on)
    row = PartnerAccount.objects.filter(lasting, user=user, user__is_active=True).select_related("partner").first()
    if row is None or (row.partner.until is not None and row.partner.until <= on):
        raise NotFound(_("There is nothing here that you may see."))
    return row.partner


def is_partners(user: User) -> bool:
    """Tell whether an account is or was one of a partner: nothing of the desk is for it."""
    return hasattr(user, "partner_account")


def accounts_of(partner: Partner) -> list[PartnerAccount]:
    """Return the accounts of a partner, those that hold first."""
    rows = PartnerAccount.objects.filter(partner=partner).select_related("user")
    return sorted(rows, key=lambda one: (one.until is not None, one.since, one.pk))


def may_propose(partner: Partner, project: Project, *, at: datetime) -> bool:
    """Tell whether a call is for a partner: it can sign, and is at home around or in the project's area, or has an offer there."""
    on = local_day(at)
    if partner.kind not in PROPOSING or (partner.until is not None and partner.until <= on):
        return False
    home, here = area_of(partner.area_id, on=on).code, area_of(project.area_id, on=on).code
    return covers(home, here) or covers(here, home) or offers_for(here, on=on).filter(partner=partner).exists()


def calls_for(partner: Partner, *, at: datetime) -> list[Project]:
    """Return the calls a partner can answer now, the one that ends first on top."""
    rows = Project.objects.filter(state=State.CALLED.value, call_until__gt=at).order_by("call_until", "pk")
    return [one for one in rows if may_propose(partner, one, at=at)]


def proposals_of(partner: Partner) -> list[ProjectProposal]:
    """Return what a partner has proposed, the newest project first."""
    return list(partner.proposals.select_related("project").order_by("-project__at", "pk"))


def own_proposal(partner: Partner, project: Project) -> ProjectProposal | None:
    """Return what a partner has proposed for a project, if it has."""
    return project.proposals.filter(partner=partner).prefetch_related("steps").first()


def partners_project(partner: Partner, key: UUID, *, at: datetime) -> Project:
    """Return a project a partner has to do with: a call for it, or one it has proposed for.

    :raises NotFound: there is none
    """
    found = Project.objects.filter(PUBLIC, pk=key).select_related("ballot", "topic").first()
    if found is not None and own_proposal(partner, found) is not None:
        return found
    if found is None or found.state != State.CALLED.value or not may_propose(partner, found, at=at):
        raise NotFound(_("There is nothing here that you may see."))
    return found


def brands_for(code: str, *, on: date) -> list[Brand]:
    """Return the brands a project of an area can belong to: those of it and of the areas above it."""
    around = area_ids([code, *ancestors_of(code)], on=on).values()
    return list(Brand.objects.filter(area__in=list(around), until=None).order_by("name", "pk"))


def needs_for(code: str, *, on: date) -> list[Need]:
    """Return the needs a project of an area can meet: those nobody has met, of it, below it and above it."""
    above = list(area_ids(ancestors_of(code), on=on).values())
    around = Need.objects.filter(Q(until=None) | Q(until__gt=on), area__in=above, met_on=None)
    rows = (open_needs_in(code, on=on) | around).distinct().order_by("-since", "pk")
    return list(rows)


def topics_for(project: Project, *, at: datetime) -> list[Topic]:
    """Return the topics in which the residents of a project's area, or of one above it, can decide; the newest first."""
    on = local_day(at)
    code = area_of(project.area_id, on=on).code
    around = list(area_ids([code, *ancestors_of(code)], on=on).values())
    below = Topic.objects.filter(within([code], on=on)) | Topic.objects.filter(area__in=around)
    return list(below.filter(state__in=SHOWN_TOPICS).distinct().order_by("-at", "pk"))


def partner_served(viewer: User, key: UUID, *, at: datetime) -> Partner:
    """Return a partner whose accounts somebody keeps.

    :raises NotFound: there is none, or others keep them; which isn't told
    """
    own = areas_of(viewer, Duty.KEEP_SERVICES, at=at)
    found = Partner.objects.filter(within(own, on=local_day(at)), pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def projects_meeting(need: UUID) -> list[Project]:
    """Return the projects a need has come to, the newest first."""
    return list(Project.objects.filter(needs__need=need).order_by("-at", "pk"))
