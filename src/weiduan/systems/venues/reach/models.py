"""Networks of streets."""

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap


class StreetNetwork(models.Model):
    """路网 StreetNetwork: the ways people can walk in an area, as loaded on a day from somewhere."""

    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="street_networks")
    source = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="an_area_has_one_street_network", equal=["area"]),
            models.CheckConstraint(name="a_network_says_where_it_is_from", condition=~Q(source="")),
            models.CheckConstraint(
                name="a_network_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]
        indexes = [models.Index(name="networks_of_an_area", fields=["area", "since", "until"])]

    def __str__(self) -> str:
        return self.source


class Street(models.Model):
    """街道 Street: one line of a network, WGS 84."""

    network = models.ForeignKey(StreetNetwork, on_delete=models.CASCADE, related_name="streets")
    shape = models.BinaryField()  # a WKB linestring

    def __str__(self) -> str:
        return f"street {self.pk}"
