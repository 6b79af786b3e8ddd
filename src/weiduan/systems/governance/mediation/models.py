"""Mediations: everything about the parties is sealed with keys of the case."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from weiduan.ground.base.casekeys import Key
from weiduan.ground.base.casewords import case_words
from weiduan.ground.base.constraints import OnlyInScope

from .rules import State


class Mediation(models.Model):
    """矛盾调解 Mediation: a quarrel somebody lays between the parties. Seen by its mediator alone; others see that there is one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="mediations")
    number = models.CharField(max_length=14, unique=True)
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    mediator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="mediations"
    )
    state = models.CharField(max_length=12, default=State.ASKED.value)
    sealed_parties = models.BinaryField(default=b"")
    sealed_matter = models.BinaryField(default=b"")
    sealed_agreement = models.BinaryField(default=b"")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    follow_up_on = models.DateField(null=True)
    followed_up_on = models.DateField(null=True)
    was_kept = models.BooleanField(null=True)  # the agreement, at the follow-up
    erased_at = models.DateTimeField(null=True)

    parties = case_words("sealed_parties", lambda one: one.pk, lambda _one: Key.PERSON)
    matter = case_words("sealed_matter", lambda one: one.pk)
    agreement = case_words("sealed_agreement", lambda one: one.pk)

    class Meta:
        constraints = [
            OnlyInScope(name="mediations_are_given_out_where_they_lie", areas=["area"]),
            models.CheckConstraint(
                name="a_mediation_has_a_known_state", condition=Q(state__in=[s.value for s in State])
            ),
            models.CheckConstraint(
                name="a_mediation_taken_has_a_mediator",
                condition=~Q(state=State.TAKEN.value) | Q(mediator__isnull=False),
            ),
            models.CheckConstraint(
                name="a_mediation_that_ended_says_when",
                condition=Q(state__in=[State.ASKED.value, State.TAKEN.value], ended_at=None)
                | (~Q(state__in=[State.ASKED.value, State.TAKEN.value]) & Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(name="mediations_of_an_area", fields=["area", "state"])]

    def __str__(self) -> str:
        return self.number


class Session(models.Model):
    """调解会 Session: when and where the parties sat together, and what was said, sealed."""

    mediation = models.ForeignKey(Mediation, on_delete=models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField()
    place = models.CharField(max_length=100)
    booking = models.ForeignKey("venues.Booking", null=True, on_delete=models.SET_NULL, related_name="+")
    sealed_words = models.BinaryField(default=b"")

    words = case_words("sealed_words", lambda session: session.mediation_id)

    class Meta:
        constraints = [OnlyInScope(name="sessions_are_given_out_with_the_mediation", through=["mediation"])]

    def __str__(self) -> str:
        return f"session of {self.mediation_id}"
