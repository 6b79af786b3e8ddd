"""Opinions."""

import uuid

from django.db import models
from django.db.models import Q

from .rules import About, Removed


class Opinion(models.Model):
    """意见 Opinion: what somebody said about a topic or a draft; who isn't kept.

    Taken away only by one of the stated rules, with a reason and the right to appeal; the words are then shown to nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10)
    about = models.UUIDField()  # key of the topic, or of the version of a compact
    words = models.TextField(max_length=1000)
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()
    removed_for = models.CharField(max_length=12, blank=True)
    removed_because = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True)
    appeal = models.CharField(max_length=500, blank=True)
    appeal_answer = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_opinion_is_about_something", condition=Q(kind__in=[a.value for a in About])
            ),
            models.CheckConstraint(
                name="an_opinion_is_removed_by_a_stated_rule_with_a_reason",
                condition=Q(removed_at=None) | (Q(removed_for__in=[r.value for r in Removed]) & ~Q(removed_because="")),
            ),
        ]
        indexes = [models.Index(name="opinions_about", fields=["kind", "about", "at"])]

    def __str__(self) -> str:
        return f"about {self.about}"
