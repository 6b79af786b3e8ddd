"""Organisations and their terms."""

from django.db import models
from django.db.models import F, Q

from .rules import Kind


class Organisation(models.Model):
    """党组织 Organisation: a committee, general branch, branch or group, seated in an area."""

    number = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in Kind])
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="organisations")
    founded_on = models.DateField()
    dissolved_on = models.DateField(null=True)  # the first day it no longer exists

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_group_stands_under_a_branch",
                condition=~Q(kind=Kind.GROUP.value) | Q(parent__isnull=False),
            ),
            models.CheckConstraint(name="no_organisation_is_its_own_parent", condition=~Q(parent=F("id"))),
            models.CheckConstraint(
                name="an_organisation_ends_after_it_begins",
                condition=Q(dissolved_on__isnull=True) | Q(dissolved_on__gt=F("founded_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Former(models.Model):
    """组织沿革 Former: what an organisation was called, its kind, superior and seat, until a day.

    Kept when one of these changes; what it is now stands with the organisation itself. So there can be no gap.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="formers")
    until = models.DateField()  # the first day on which it was otherwise
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    parent = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="an_organisation_changes_once_a_day", fields=["organisation", "until"])
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} until {self.until}: {self.name}"


class Term(models.Model):
    """届 Term: from an election to the day the next one is due."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="terms")
    since = models.DateField()
    due_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_term_begins_once", fields=["organisation", "since"]),
            models.CheckConstraint(name="a_term_is_due_after_it_begins", condition=Q(due_on__gt=F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.since}–{self.due_on}"
