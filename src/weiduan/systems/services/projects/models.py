"""Projects, what partners propose, milestones with what shows them, and every move of money."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from weiduan.ground.base.constraints import AppendOnly

from .rules import WAYS, MilestoneState, MoveKind, ProposalState, State


class Project(models.Model):
    """服务项目 Project: a package of needs of some units, offered to partners, chosen by residents, paid by milestone.

    Money is in fen, whole numbers. `ballot` or `topic` is how residents choose.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="projects")
    title = models.CharField(max_length=80)
    words = models.TextField(max_length=4000)
    budget_fen = models.BigIntegerField()
    call_until = models.DateTimeField(null=True)
    ballot = models.OneToOneField("governance.Ballot", null=True, on_delete=models.PROTECT, related_name="project")
    topic = models.OneToOneField("governance.Topic", null=True, on_delete=models.PROTECT, related_name="project")
    brand = models.ForeignKey("services.Brand", null=True, on_delete=models.PROTECT, related_name="projects")
    state = models.CharField(max_length=10, default=State.DRAFT.value)
    stopped_because = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_project_has_a_known_state", condition=Q(state__in=[s.value for s in State], budget_fen__gt=0)
            ),
            models.CheckConstraint(
                name="a_called_project_says_until_when",
                condition=Q(state__in=[State.DRAFT.value, State.STOPPED.value]) | Q(call_until__isnull=False),
            ),
            models.CheckConstraint(
                name="residents_choose_by_a_ballot_or_a_topic",
                condition=Q(state__in=[State.DRAFT.value, State.CALLED.value, State.STOPPED.value], ballot=None, topic=None)
                | Q(ballot__isnull=False, topic=None) | Q(ballot=None, topic__isnull=False),
            ),
            models.CheckConstraint(
                name="a_stopped_project_says_why", condition=~Q(state=State.STOPPED.value) | ~Q(stopped_because="")
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="projects_of_an_area", fields=["area", "state"])]

    def __str__(self) -> str:
        return self.title


class ProjectUnit(models.Model):
    """项目单元 ProjectUnit: a unit a project is for."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="units")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="in_projects")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_unit_is_in_a_project_once", fields=["project", "area"])]

    def __str__(self) -> str:
        return f"{self.area_id} in {self.project_id}"


class ProjectNeed(models.Model):
    """项目需求 ProjectNeed: a need a project meets."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="needs")
    need = models.ForeignKey("governance.Need", on_delete=models.PROTECT, related_name="in_projects")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_need_is_in_a_project_once", fields=["project", "need"])]

    def __str__(self) -> str:
        return f"{self.need_id} in {self.project_id}"


class PartnerAccount(models.Model):
    """伙伴账号 PartnerAccount: an account with which a partner proposes and reports; it has no duty anywhere."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="partner_account")
    partner = models.ForeignKey("governance.Partner", on_delete=models.CASCADE, related_name="accounts")
    since = models.DateField()
    until = models.DateField(null=True)

    def __str__(self) -> str:
        return f"account of {self.partner_id}"


class ProjectProposal(models.Model):
    """项目方案 ProjectProposal: how a partner would carry a project out, in milestones with amounts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals")
    partner = models.ForeignKey("governance.Partner", on_delete=models.PROTECT, related_name="proposals")
    words = models.TextField(max_length=4000)
    state = models.CharField(max_length=10, default=ProposalState.DRAFT.value)
    handed_in_at = models.DateTimeField(null=True)
    stands_as = models.CharField(max_length=100, blank=True)  # the option it is in the residents' ballot

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_partner_proposes_once", fields=["project", "partner"]),
            models.UniqueConstraint(
                name="an_option_stands_for_one_proposal", fields=["project", "stands_as"], condition=~Q(stands_as="")
            ),
            models.UniqueConstraint(
                name="one_proposal_is_chosen", fields=["project"], condition=Q(state=ProposalState.CHOSEN.value)
            ),
            models.CheckConstraint(
                name="a_partners_proposal_has_a_known_state", condition=Q(state__in=[s.value for s in ProposalState])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} for {self.project_id}"


class ProposedStep(models.Model):
    """方案节点 ProposedStep: one milestone as proposed: what, what will show it, for how much, so many days after signing."""

    proposal = models.ForeignKey(ProjectProposal, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200)
    evidence = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField()
    days = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_proposed_step_has_a_number", fields=["proposal", "number"]),
            models.CheckConstraint(name="a_proposed_step_costs_something_or_nothing", condition=Q(amount_fen__gte=0)),
        ]

    def __str__(self) -> str:
        return self.what


class ProjectAgreement(models.Model):
    """项目协议 ProjectAgreement: the proposal residents chose, signed; its milestones stand fast."""

    project = models.OneToOneField(Project, on_delete=models.PROTECT, related_name="agreement")
    proposal = models.OneToOneField(ProjectProposal, on_delete=models.PROTECT, related_name="agreement")
    signed_on = models.DateField()
    total_fen = models.BigIntegerField()

    def __str__(self) -> str:
        return f"agreement on {self.project_id}"


class Milestone(models.Model):
    """项目节点 Milestone: what is to be shown by a day, and what is paid for it."""

    agreement = models.ForeignKey(ProjectAgreement, on_delete=models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200)
    evidence = models.CharField(max_length=200)  # what will show it
    amount_fen = models.BigIntegerField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, default=MilestoneState.OPEN.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_milestone_has_a_number", fields=["agreement", "number"]),
            models.CheckConstraint(
                name="a_milestone_has_a_known_state",
                condition=Q(state__in=[s.value for s in MilestoneState], amount_fen__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Evidence(models.Model):
    """佐证 Evidence: what a partner shows for a milestone; refused with a reason, it is mended and shown again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="shown")
    words = models.TextField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    refused_because = models.CharField(max_length=500, blank=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="refused_evidence_says_why", condition=Q(refused_at=None) | ~Q(refused_because="")
            )
        ]

    def __str__(self) -> str:
        return f"shown for {self.milestone_id}"


class EvidencePicture(models.Model):
    """佐证图片 EvidencePicture: a picture of what was done, drawn anew without anything the camera wrote into it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="pictures")
    file = models.FileField(upload_to="evidence/")
    words = models.CharField(max_length=100)

    class Meta:
        constraints = [models.CheckConstraint(name="a_picture_says_what_is_seen", condition=~Q(words=""))]

    def __str__(self) -> str:
        return self.words


class MilestoneAcceptance(models.Model):
    """节点验收 MilestoneAcceptance: a milestone is accepted by what was shown; only with it money is released, once."""

    milestone = models.OneToOneField(Milestone, on_delete=models.PROTECT, related_name="acceptance")
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="acceptance")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"acceptance of {self.milestone_id}"


class MoneyMove(models.Model):
    """资金流水 MoneyMove: an amount in fen from one account of a project to another; never changed, never taken out.

    Each move takes from one account what it gives to another, so the accounts of a project always add up to nothing.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="moves")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    debit = models.CharField(max_length=8)  # receives
    credit = models.CharField(max_length=8)  # gives
    amount_fen = models.BigIntegerField()
    acceptance = models.OneToOneField(MilestoneAcceptance, null=True, on_delete=models.PROTECT, related_name="release")
    words = models.CharField(max_length=200)  # public: from which fund, why it went back
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            AppendOnly(name="money_moves_are_only_added"),
            models.UniqueConstraint(name="moves_of_a_project_have_an_order", fields=["project", "number"]),
            models.CheckConstraint(
                name="money_goes_the_way_of_its_kind",
                condition=Q(kind=MoveKind.FUND.value, debit=WAYS[MoveKind.FUND].debit.value, credit=WAYS[MoveKind.FUND].credit.value)
                | Q(kind=MoveKind.RELEASE.value, debit=WAYS[MoveKind.RELEASE].debit.value, credit=WAYS[MoveKind.RELEASE].credit.value)
                | Q(kind=MoveKind.REPAY.value, debit=WAYS[MoveKind.REPAY].debit.value, credit=WAYS[MoveKind.REPAY].credit.value)
                | Q(kind=MoveKind.RETURN.value, debit=WAYS[MoveKind.RETURN].debit.value, credit=WAYS[MoveKind.RETURN].credit.value),
            ),
            models.CheckConstraint(name="a_move_moves_something", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="money_is_released_only_for_what_was_accepted",
                condition=Q(kind=MoveKind.RELEASE.value, acceptance__isnull=False)
                | (~Q(kind=MoveKind.RELEASE.value) & Q(acceptance=None)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_fen} of {self.project_id}"
