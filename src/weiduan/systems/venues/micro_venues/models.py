"""Micro-venues, and whom they serve."""

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap
from weiduan.systems.venues.facilities.models import Facility
from weiduan.systems.venues.premises.models import Premises

from .rules import State


class MicroVenue(models.Model):
    """微阵地 MicroVenue: premises on their way to a room for the units around, from the plan until it closes.

    What people find there (name, rooms, hours) stands in its facility.
    """

    premises = models.ForeignKey(Premises, on_delete=models.PROTECT, related_name="micro_venues")
    facility = models.OneToOneField(Facility, on_delete=models.PROTECT, related_name="micro_venue")
    state = models.CharField(max_length=12, default=State.PLANNED.value)
    planned_on = models.DateField()
    fitting_since = models.DateField(null=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(
                name="premises_hold_one_venue_at_a_time", equal=["premises"], since="planned_on", until="closed_on"
            ),
            models.CheckConstraint(
                name="a_venue_has_the_dates_of_its_state",
                condition=Q(state=State.PLANNED.value, fitting_since=None, opened_on=None, closed_on=None)
                | Q(state=State.FITTING_OUT.value, fitting_since__isnull=False, opened_on=None, closed_on=None)
                | Q(state=State.OPEN.value, fitting_since__isnull=False, opened_on__isnull=False, closed_on=None)
                | Q(state=State.CLOSED.value, closed_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_venues_dates_follow_each_other",
                condition=(Q(fitting_since=None) | Q(fitting_since__gte=F("planned_on")))
                & (Q(opened_on=None) | Q(opened_on__gte=F("fitting_since")))
                & (Q(closed_on=None) | Q(closed_on__gte=F("planned_on")))
                & (Q(closed_on=None) | Q(fitting_since=None) | Q(closed_on__gte=F("fitting_since")))
                & (Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gte=F("opened_on"))),
            ),
        ]
        indexes = [models.Index(name="venues_of_premises", fields=["premises", "planned_on", "closed_on"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The facility's name."""
        return self.facility.name


class Serving(models.Model):
    """服务 Serving: a micro-venue serves a unit, from one day until another."""

    venue = models.ForeignKey(MicroVenue, on_delete=models.PROTECT, related_name="servings")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="servings")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="a_venue_serves_a_unit_once", equal=["venue", "area"]),
            models.CheckConstraint(
                name="serving_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]
        indexes = [
            models.Index(name="whom_a_venue_serves", fields=["venue", "area", "since", "until"]),
            models.Index(name="who_serves_a_unit", fields=["area", "since", "until", "venue"]),
        ]

    def __str__(self) -> str:
        return f"{self.venue_id} for {self.area_id}"
