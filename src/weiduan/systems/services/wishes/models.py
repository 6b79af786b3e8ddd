"""Wishes."""

import uuid

from django.db import models
from django.db.models import Q

from .rules import State


class Wish(models.Model):
    """微心愿 Wish: a small wish of somebody in an area, public without name and address.

    Both sides hold receipts; how to reach them is sealed with a key of this wish alone, and goes thirty days after it ends.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="wishes")
    text = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default=State.TOLD.value)
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    sealed_contact = models.BinaryField(default=b"")
    declined_because = models.CharField(max_length=300, blank=True)
    claimed_by = models.CharField(max_length=60, blank=True)  # a team, a partner, “一位居民”
    claim_hash = models.BinaryField(max_length=32, null=True, unique=True)
    sealed_claim_contact = models.BinaryField(default=b"")
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    thanks = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_wish_has_a_known_state", condition=Q(state__in=[s.value for s in State])),
            models.CheckConstraint(
                name="a_declined_wish_says_why", condition=~Q(state=State.DECLINED.value) | ~Q(declined_because="")
            ),
            models.CheckConstraint(
                name="a_claimed_wish_says_by_whom",
                condition=~Q(state__in=[State.CLAIMED.value, State.FULFILLED.value, State.THANKED.value])
                | ~Q(claimed_by=""),
            ),
        ]
        indexes = [models.Index(name="wishes_of_an_area", fields=["area", "state"])]

    def __str__(self) -> str:
        return f"wish of {self.area_id}"
