"""One tree of areas, from province to building, through time."""

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap


class Area(models.Model):
    """区域 Area: a division, grid, unit or building as itself, whatever it is called or coded.

    Everything that belongs to a place points here, so it follows the place
    through every renaming and recoding.
    """

    level = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"area {self.pk}"


class AreaVersion(models.Model):
    """区域沿革 What held about an area from one day until another (that day no longer)."""

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="versions")
    parent = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="child_versions")
    level = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=21)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, blank=True)
    households = models.PositiveIntegerField(null=True)
    population = models.PositiveIntegerField(null=True)
    management = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=100, blank=True)
    lon = models.FloatField(null=True)  # a point inside, WGS 84
    lat = models.FloatField(null=True)
    shape = models.BinaryField(null=True)  # polygon as WKB, WGS 84
    min_lon = models.FloatField(null=True)
    min_lat = models.FloatField(null=True)
    max_lon = models.FloatField(null=True)
    max_lat = models.FloatField(null=True)
    edition = models.CharField(max_length=20, blank=True)  # the table of divisions it came with
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="an_area_is_one_thing_at_a_time", equal=["area"]),
            NoOverlap(name="a_code_names_one_area_at_a_time", equal=["code"]),
            models.CheckConstraint(
                name="an_area_version_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            models.CheckConstraint(name="only_units_count_households", condition=Q(households=None) | Q(level__gte=7)),
        ]
        indexes = [
            models.Index(name="areas_below_a_code", fields=["code", "level", "since", "until", "area"]),
            models.Index(name="areas_of_a_level", fields=["level", "code"]),
            models.Index(name="areas_by_parent", fields=["parent", "level"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Succession(models.Model):
    """沿革对照 Succession: what became of an area in a reform.

    Without an heir it waits for a person to decide; nothing below it is dropped.
    """

    old = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="successions")
    old_code = models.CharField(max_length=21)
    old_name = models.CharField(max_length=60)
    heir = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="inheritances")
    kind = models.CharField(max_length=40)
    basis = models.CharField(max_length=200, blank=True)
    edition = models.CharField(max_length=20)
    on = models.DateField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="an_area_goes_over_once_a_reform", fields=["old", "heir", "on"])]

    def __str__(self) -> str:
        return f"{self.old_code} → {self.heir_id or '?'}"
