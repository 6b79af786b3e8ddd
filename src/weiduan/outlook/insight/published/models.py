"""Quarters as they were published."""

from django.db import models
from django.db.models import Q


class PublishedQuarter(models.Model):
    """已公布季度 PublishedQuarter: the reports told in a district in one quarter were published; it isn't done a second time.

    Published anew with what changed since, it could be subtracted from what was published before.
    """

    district = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")
    begins = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_quarter_is_published_once", fields=["district", "begins"]),
            models.CheckConstraint(name="a_quarter_begins_with_its_month", condition=Q(begins__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.district_id} from {self.begins}"


class PublishedCount(models.Model):
    """公布数 PublishedCount: what is told of one area, or of several together, in one table of a quarter.

    inside  code of the area whose parts these are; the district itself lies in none
    code    of the area; empty: of several together, which stand in `codes`; the same as `inside`: what lies in none of its parts
    cells   [[columns told as one sum], count] …
    """

    quarter = models.ForeignKey(PublishedQuarter, on_delete=models.CASCADE, related_name="counts")
    table = models.CharField(max_length=10)
    inside = models.CharField(max_length=18, blank=True)
    code = models.CharField(max_length=18, blank=True)
    codes = models.JSONField()
    total = models.IntegerField()
    cells = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="an_area_is_told_once_in_a_table", fields=["quarter", "table", "inside", "code"]
            ),
            models.CheckConstraint(name="no_published_total_is_small", condition=Q(total__gte=5)),
        ]
        indexes = [models.Index(name="published_counts_of_an_area", fields=["code", "inside"])]

    def __str__(self) -> str:
        return f"{self.table} {self.code or self.codes}"
