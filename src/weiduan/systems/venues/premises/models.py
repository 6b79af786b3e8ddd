"""Premises."""

from django.db import models
from django.db.models import Q


class Premises(models.Model):
    """候选用房 Premises: a room found by a survey that could become a micro-venue."""

    number = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    origin = models.CharField(max_length=20)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="premises")
    address = models.CharField(max_length=100, blank=True)
    area_m2 = models.FloatField()
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    consent = models.CharField(max_length=20)
    rent = models.DecimalField(max_digits=9, decimal_places=2, null=True)  # yuan a month; None: not known yet
    condition = models.CharField(max_length=100, blank=True)  # of the room, in words
    found_on = models.DateField()
    gone_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="premises_have_a_floor", condition=Q(area_m2__gt=0)),
            models.CheckConstraint(
                name="premises_cost_nothing_or_more", condition=Q(rent__isnull=True) | Q(rent__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.name
