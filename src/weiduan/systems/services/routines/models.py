"""Rounds that come again, the units they go to, and each one done."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .rules import Every


class Routine(models.Model):
    """常态走访 Routine: a round that comes every week, month or quarter: who goes, to which units, what is looked at."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="routines")
    title = models.CharField(max_length=60)
    done_by = models.CharField(max_length=60)  # a post
    every = models.CharField(max_length=8)
    looked_at = models.TextField(max_length=1000)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_routine_comes_at_a_known_pace", condition=Q(every__in=[e.value for e in Every])
            ),
            models.CheckConstraint(
                name="a_routine_ends_after_it_began", condition=Q(until=None) | Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RoutineUnit(models.Model):
    """走访单元 RoutineUnit: a unit a round goes to."""

    routine = models.ForeignKey(Routine, on_delete=models.CASCADE, related_name="units")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="in_routines")

    class Meta:
        constraints = [models.UniqueConstraint(name="a_unit_is_in_a_routine_once", fields=["routine", "area"])]

    def __str__(self) -> str:
        return f"{self.area_id} in {self.routine_id}"


class Round(models.Model):
    """走访记录 Round: a unit was gone to in a span; what was found, never about a person."""

    routine = models.ForeignKey(Routine, on_delete=models.CASCADE, related_name="rounds")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="rounds")
    since = models.DateField()  # the first day of the week, month or quarter it stands for
    found = models.CharField(max_length=1000, blank=True)
    report = models.ForeignKey("governance.Report", null=True, on_delete=models.SET_NULL, related_name="rounds")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_round_is_done_once_in_its_span", fields=["routine", "area", "since"])
        ]

    def __str__(self) -> str:
        return f"{self.routine_id} in {self.area_id} from {self.since}"
