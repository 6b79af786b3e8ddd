"""Categories."""

from django.db import models
from django.db.models import F, Q

from .rules import At


class Category(models.Model):
    """类别 Category: a sort of matter; `level` sees to it first, within `hours` of working time."""

    code = models.CharField(max_length=20, unique=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="below")
    name = models.CharField(max_length=40)
    synonyms = models.JSONField(default=list)
    level = models.CharField(max_length=10)
    hours = models.PositiveSmallIntegerField()
    order = models.PositiveIntegerField(default=0)
    in_confidence = models.BooleanField(default=False)  # what is told under it is in no public figure, list or map
    is_open = models.BooleanField(default=True)  # can be chosen; a closed one stays with what was reported under it

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_category_is_seen_to_at_a_level", condition=Q(level__in=[a.value for a in At])
            ),
            models.CheckConstraint(name="a_category_has_time", condition=Q(hours__gt=0)),
            models.CheckConstraint(name="a_category_is_not_its_own_parent", condition=~Q(parent=F("pk"))),
        ]

    def __str__(self) -> str:
        return self.name
