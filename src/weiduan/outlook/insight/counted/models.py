"""Counts kept beforehand. Nothing here is a fact of its own: `weiduan insight rebuild` makes all of it anew."""

from django.db import models
from django.db.models import F, Q


class Folded(models.Model):
    """计数进度 Folded: up to which entry of each chain of the ledger everything is counted, and as of when.

    There is one row; its lock is the lock of all counts.
    """

    heads = models.JSONField(default=dict)  # number of a chain → position
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_state_of_the_counts", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"counted as of {self.at}"


class CountedReport(models.Model):
    """已计问题 CountedReport: what a report was last counted for, so that a change takes out just what it put in."""

    report = models.UUIDField(primary_key=True)
    area = models.IntegerField()
    category = models.IntegerField()
    told = models.DateField()
    answered = models.DateField(null=True)
    in_time = models.BooleanField()
    closed = models.DateField(null=True)
    outcome = models.CharField(max_length=10)
    standing = models.CharField(max_length=10)

    def __str__(self) -> str:
        return str(self.report)


class MonthCount(models.Model):
    """问题月计 MonthCount: reports of one category in one month: of just an area, or of all that lies below it (`is_sum`).

    Those told in confidence are in none of them.
    """

    area = models.ForeignKey("territory.Area", on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    category = models.IntegerField()
    is_sum = models.BooleanField()
    told = models.IntegerField(default=0)
    answered = models.IntegerField(default=0)
    in_time = models.IntegerField(default=0)
    confirmed = models.IntegerField(default=0)
    no_word = models.IntegerField(default=0)
    left_out = models.IntegerField(default=0)
    open = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_month_is_counted_once", fields=["area", "is_sum", "month", "category"]
            ),
            models.CheckConstraint(
                name="no_count_is_below_nothing",
                condition=Q(
                    told__gte=0, answered__gte=0, in_time__gte=0, confirmed__gte=0, no_word__gte=0, left_out__gte=0, open__gte=0,
                    waiting__gte=0,
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.area_id} in {self.month}"


class UnitStanding(models.Model):
    """单元现状 UnitStanding: what a unit lacks of each zero as things stand; empty where it lacks nothing."""

    area = models.OneToOneField("territory.Area", on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=18, db_index=True)
    households = models.PositiveIntegerField(default=0)
    organisation = models.CharField(max_length=20, blank=True)  # the gravest reason
    venues = models.CharField(max_length=20, blank=True)
    governance = models.CharField(max_length=20, blank=True)
    services = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)  # of the third and fourth, all of them

    def __str__(self) -> str:
        return self.code


class PastStanding(models.Model):
    """过往现状 PastStanding: how many units of an area lacked each zero at the end of a day, as it was known at `at`.

    The ends of the last twelve months, for the trend; looked at anew each night, because things are recorded late.
    """

    area = models.ForeignKey("territory.Area", on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    units = models.PositiveIntegerField()
    organisation = models.PositiveIntegerField()
    venues = models.PositiveIntegerField()
    governance = models.PositiveIntegerField()
    services = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="an_area_stood_somehow_once_a_day", fields=["area", "on"]),
            models.CheckConstraint(
                name="no_more_units_lack_a_zero_than_there_are",
                condition=Q(
                    organisation__lte=F("units"), venues__lte=F("units"), governance__lte=F("units"), services__lte=F("units"),
                ),
            ),
        ]  # fmt: skip
        indexes = [models.Index(name="past_standings_by_age", fields=["on", "at"])]

    def __str__(self) -> str:
        return f"{self.area_id} on {self.on}"
