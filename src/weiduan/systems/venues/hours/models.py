"""Opening hours of a week, and other hours on a date."""

from django.db import models
from django.db.models import F, Q

from weiduan.systems.venues.facilities.models import Facility, Room

from .rules import DAY_MIN, HOLIDAY


class WeeklyHours(models.Model):
    """每周开放时间 WeeklyHours: open on a day of the week (0 Monday … 6 Sunday, 7 holidays), minutes from midnight."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="weekly_hours")
    day = models.PositiveSmallIntegerField()
    opens = models.PositiveSmallIntegerField()
    closes = models.PositiveSmallIntegerField()
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="weekly_hours_lie_in_a_day",
                condition=Q(day__lte=HOLIDAY, closes__lte=DAY_MIN, closes__gt=F("opens")),
            ),
            models.CheckConstraint(
                name="weekly_hours_end_after_they_begin", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]
        indexes = [models.Index(name="hours_of_a_facility", fields=["facility", "day", "since"])]

    def __str__(self) -> str:
        return f"{self.facility_id} day {self.day}"


class HoursException(models.Model):
    """开放例外 HoursException: other hours on one date, or closed; of the whole place or of one room."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="hours_exceptions")
    room = models.ForeignKey(Room, null=True, on_delete=models.CASCADE, related_name="hours_exceptions")
    on = models.DateField()
    opens = models.PositiveSmallIntegerField(null=True)
    closes = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_exception_has_hours_or_none",
                condition=Q(opens__isnull=True, closes__isnull=True)
                | Q(opens__isnull=False, closes__isnull=False, closes__lte=DAY_MIN, closes__gt=F("opens")),
            ),
            models.CheckConstraint(name="an_exception_says_why", condition=~Q(reason="")),
        ]
        indexes = [models.Index(name="exceptions_of_a_facility", fields=["facility", "on"])]

    def __str__(self) -> str:
        return f"{self.facility_id} on {self.on}"
