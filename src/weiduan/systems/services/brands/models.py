"""Brands."""

import uuid

from django.db import models
from django.db.models import F, Q


class Brand(models.Model):
    """服务品牌 Brand: a name, a mark and a page that gather activities, functions and projects of an area."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="brands")
    name = models.CharField(max_length=30)
    words = models.TextField(max_length=1000)
    mark = models.FileField(upload_to="brands/", blank=True)
    mark_words = models.CharField(max_length=100, blank=True)  # what is to be seen, for those who can't see it
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_brand_has_its_own_name", fields=["area", "name"]),
            models.CheckConstraint(
                name="a_brand_ends_after_it_began", condition=Q(until=None) | Q(until__gt=F("since"))
            ),
            models.CheckConstraint(name="a_mark_says_what_is_seen", condition=Q(mark="") | ~Q(mark_words="")),
        ]

    def __str__(self) -> str:
        return self.name
