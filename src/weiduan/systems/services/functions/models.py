"""Functions of rooms, and the bookings that hold their dates."""

import uuid

from django.db import models
from django.db.models import F, Q

from .rules import Kind


class Function(models.Model):
    """叠加功能 Function: what a room is for, on which days of the week, who runs it and for whom.

    Its dates are bookings of the room (`dates`), laid until `laid_until`, so that nothing else can be there at the same time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey("venues.Room", on_delete=models.PROTECT, related_name="functions")
    kind = models.CharField(max_length=14)
    name = models.CharField(max_length=60)
    run_by = models.CharField(max_length=60)  # a post, a body, a team; no person
    partner = models.ForeignKey("governance.Partner", null=True, on_delete=models.PROTECT, related_name="functions")
    for_whom = models.CharField(max_length=100)
    brand = models.ForeignKey("services.Brand", null=True, on_delete=models.PROTECT, related_name="functions")
    weekdays = models.JSONField()  # 0 Monday … 6 Sunday
    opens = models.PositiveSmallIntegerField()  # minutes of the day
    closes = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField(null=True)
    laid_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_function_has_a_known_kind", condition=Q(kind__in=[kind.value for kind in Kind])
            ),
            models.CheckConstraint(
                name="a_function_ends_after_it_began",
                condition=Q(closes__gt=F("opens"), closes__lte=1440) & (Q(until=None) | Q(until__gt=F("since"))),
            ),
        ]
        indexes = [models.Index(name="functions_of_a_room", fields=["room", "since", "until"])]

    def __str__(self) -> str:
        return self.name


class FunctionDates(models.Model):
    """功能场次 FunctionDates: a booking that holds some dates of a function."""

    function = models.ForeignKey(Function, on_delete=models.CASCADE, related_name="dates")
    booking = models.OneToOneField("venues.Booking", on_delete=models.CASCADE, related_name="function_dates")

    def __str__(self) -> str:
        return f"dates of {self.function_id}"
