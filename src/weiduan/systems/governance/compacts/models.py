"""Compacts and charters: their versions, and who stands behind just which words."""

import uuid

from django.db import models
from django.db.models import Q

from .rules import Kind, Stage


class Compact(models.Model):
    """规约 Compact: a text an area gives itself; what it says stands in its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="compacts")
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_compact_has_a_known_kind", condition=Q(kind__in=[kind.value for kind in Kind])
            )
        ]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """规约版本 Version: one text, on its way through the stages; `text_hash` is what support and votes are bound to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    compact = models.ForeignKey(Compact, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(max_length=50_000, blank=True)
    text_hash = models.CharField(max_length=64)
    stage = models.CharField(max_length=10, default=Stage.OPINIONS.value)
    reviewed_by = models.CharField(
        max_length=60, blank=True
    )  # which office looked at it, and said nothing in law is against it
    ballot = models.ForeignKey(
        "governance.Ballot", null=True, on_delete=models.PROTECT, related_name="compact_versions"
    )
    filed_number = models.CharField(max_length=40, blank=True)
    filed_on = models.DateField(null=True)
    in_force_from = models.DateField(null=True)
    in_force_until = models.DateField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_version_has_a_number", fields=["compact", "number"]),
            models.UniqueConstraint(
                name="one_version_is_in_force", fields=["compact"], condition=Q(stage=Stage.IN_FORCE.value)
            ),
            models.CheckConstraint(
                name="a_version_has_a_known_stage", condition=Q(stage__in=[stage.value for stage in Stage])
            ),
            models.CheckConstraint(
                name="in_force_only_after_a_vote_and_a_filing",
                condition=~Q(stage__in=[Stage.IN_FORCE.value, Stage.REPLACED.value])
                | (Q(ballot__isnull=False, filed_on__isnull=False, in_force_from__isnull=False) & ~Q(filed_number="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.compact_id}"


class Support(models.Model):
    """附议 Support: somebody stands behind a draft as it read then; after an edit it no longer counts."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="supports")
    text_hash = models.CharField(max_length=64)
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"support of {self.version_id}"
