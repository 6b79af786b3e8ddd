"""Coverage."""

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap
from weiduan.systems.organisation.organisations.models import Organisation


class Coverage(models.Model):
    """覆盖 Coverage: an organisation stands on a grid or unit, from one day until another."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="coverage")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="coverage")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="an_organisation_covers_an_area_once", equal=["organisation", "area"]),
            models.CheckConstraint(
                name="coverage_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]
        indexes = [models.Index(name="who_stands_on_an_area", fields=["area", "since", "until", "organisation"])]

    def __str__(self) -> str:
        return f"{self.organisation_id} on {self.area_id}"
