"""Ballots, who may vote, and the urns, in which nothing tells who put what in when."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import OnlyInScope

from .rules import State


class Ballot(models.Model):
    """表决 Ballot: one question put to those on a roll, by a procedure with its majorities.

    `text` is what is voted on, and `text_hash` binds every vote to just this text. Without `options` it is a yes or no.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="ballots")
    title = models.CharField(max_length=80)
    text = models.TextField(max_length=20_000)
    text_hash = models.CharField(max_length=64)
    procedure = models.CharField(max_length=30)
    options = models.JSONField(default=list)
    most = models.PositiveSmallIntegerField(default=1)
    is_secret = models.BooleanField(default=False)
    silence_follows = models.CharField(
        max_length=200, blank=True
    )  # where the owners' own rules say so; empty: they don't
    state = models.CharField(max_length=10, default=State.DRAFT.value)
    announced_on = models.DateField(null=True)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    objections_until = models.DateTimeField(null=True)
    roll_hash = models.CharField(max_length=64, blank=True)
    roll_erased_at = models.DateTimeField(null=True)
    annulled_because = models.CharField(max_length=1000, blank=True)
    imported_from = models.CharField(max_length=100, blank=True)  # the platform law demands, where it was counted there
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_ballot_has_a_known_state", condition=Q(state__in=[state.value for state in State])
            ),
            models.CheckConstraint(
                name="an_open_ballot_has_its_roll_and_its_time",
                condition=Q(state__in=[State.DRAFT.value, State.ANNULLED.value]) | ~Q(imported_from="")
                | (~Q(roll_hash="") & Q(opens_at__isnull=False, closes_at__gt=F("opens_at"))),
            ),
            models.CheckConstraint(
                name="a_closed_ballot_says_when",
                condition=Q(state__in=[State.DRAFT.value, State.OPEN.value], closed_at__isnull=True)
                | Q(state__in=[State.CLOSED.value, State.FINAL.value], closed_at__isnull=False)
                | Q(state=State.ANNULLED.value),
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="ballots_of_an_area", fields=["area", "state"])]

    def __str__(self) -> str:
        return self.title


class RightHolder(models.Model):
    """有表决权人 RightHolder: one line of a roll: how many heads and how much area, and who, sealed with a key of this ballot.

    Whether somebody has voted isn't here. `commitment` binds the line without telling it; it stays when the rest is erased.
    """

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="right_holders")
    number = models.PositiveIntegerField()
    heads = models.PositiveIntegerField(default=1)
    area = models.BigIntegerField(default=0)  # hundredths of a square metre
    sealed = models.BinaryField()
    commitment = models.CharField(max_length=64)
    code_hash = models.BinaryField(max_length=32, null=True)
    was_reached = models.BooleanField(default=False)  # the ballot was handed over, and that can be shown

    class Meta:
        constraints = [
            OnlyInScope(name="right_holders_are_given_out_where_they_lie", areas=["ballot__area"]),
            models.UniqueConstraint(name="a_right_holder_has_a_number", fields=["ballot", "number"]),
            models.UniqueConstraint(name="a_code_is_for_one", fields=["ballot", "code_hash"]),
            models.CheckConstraint(name="a_right_holder_counts", condition=Q(heads__gt=0, area__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.ballot_id}"


class Turnout(models.Model):
    """到票 Turnout: who has used the right to vote, as one value for the whole ballot, so that nothing tells in which order.

    Its lock is the lock of the ballot's urns.
    """

    ballot = models.OneToOneField(Ballot, on_delete=models.CASCADE, related_name="turnout")
    marks = models.BinaryField(default=b"")  # bit n - 1 for number n
    papers = models.PositiveIntegerField(default=0)  # secret papers handed out

    def __str__(self) -> str:
        return f"turnout of {self.ballot_id}"


class Urn(models.Model):
    """票箱 Urn: the votes whose hashes begin alike, in order of their hashes: hash → vote, sealed until it is counted."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="urns")
    number = models.PositiveSmallIntegerField()
    votes = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(name="an_urn_has_a_number", fields=["ballot", "number"])]

    def __str__(self) -> str:
        return f"urn {self.number} of {self.ballot_id}"


class PaperSheet(models.Model):
    """纸质票录入 PaperSheet: what one of two people read on a paper; it counts when both read the same."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="sheets")
    sheet = (
        models.PositiveIntegerField()
    )  # by name: the right-holder's number; secret: the number written on the paper at the count
    choice = models.CharField(max_length=60)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            OnlyInScope(name="paper_sheets_are_given_out_where_they_lie", areas=["ballot__area"]),
            models.UniqueConstraint(name="each_reads_a_sheet_once", fields=["ballot", "sheet", "entered_by"]),
        ]

    def __str__(self) -> str:
        return f"sheet {self.sheet} of {self.ballot_id}"


class Count(models.Model):
    """计票 Count: every vote as it was counted, opened, in order of hashes, the root that stands for them, and the sums."""

    ballot = models.OneToOneField(Ballot, on_delete=models.CASCADE, related_name="count")
    leaves = models.JSONField(default=list)
    root = models.CharField(max_length=64)
    sums = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"count of {self.ballot_id}"


class Objection(models.Model):
    """异议 Objection: somebody says that something is wrong; sealed, answered before the result is final."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="objections")
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField()
    answer = models.TextField(max_length=1000, blank=True)
    is_upheld = models.BooleanField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [OnlyInScope(name="objections_are_given_out_where_they_lie", areas=["ballot__area"])]

    def __str__(self) -> str:
        return f"objection to {self.ballot_id}"
