"""Proposals and their villages."""

import uuid

from django.conf import settings
from django.db import models

from .rules import State


class Proposal(models.Model):
    """方案 Proposal: how every unit of an area could be covered, as planned on a day; people adopt it.

    `asks` names what is planned (see rules), `wishes` is what was fixed or changed beforehand, `after` the proposal it was
    asked again from, `venues` the rooms chosen in the whole area.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.CharField(max_length=21)
    on = models.DateField()
    asks = models.JSONField(default=list)
    wishes = models.JSONField(default=dict)
    after = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="asked_again")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="proposals"
    )
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=State.WAITING.value)
    villages = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)  # why planning failed
    alive_at = models.DateTimeField(null=True)  # when planning last got on; a planner that was killed falls silent
    ended_at = models.DateTimeField(null=True)
    venues = models.JSONField(null=True)
    venues_adopted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_proposal_has_a_known_state", condition=models.Q(state__in=[s.value for s in State])
            )
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.on}"


class VillagePlan(models.Model):
    """村级方案 VillagePlan: one village of a proposal: the curve of arrangements, and which of them was adopted.

    `plan` holds units, groups and numbers; persons only as how many.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="plans")
    code = models.CharField(max_length=21)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64)  # of everything it was planned from
    plan = models.JSONField()
    adopted_as = models.PositiveSmallIntegerField(null=True)
    adopted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_village_is_planned_once_a_proposal", fields=["proposal", "code"]),
            models.CheckConstraint(
                name="an_adopted_plan_says_which_and_when",
                condition=models.Q(adopted_as__isnull=True, adopted_at__isnull=True)
                | models.Q(adopted_as__isnull=False, adopted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
