"""Bodies, their terms, who is in office, and what is handed over."""

import uuid

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap

from .rules import Left


class Body(models.Model):
    """自治组织 Body: by which an area governs itself, from a day until it is dissolved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="bodies")
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=40)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_body_ends_after_it_began", condition=Q(until=None) | Q(until__gt=F("since"))
            ),
            NoOverlap(name="an_area_has_one_body_of_a_kind", equal=["area", "kind"], since="since", until="until"),
        ]

    def __str__(self) -> str:
        return self.name


class BodyTerm(models.Model):
    """自治组织届期 BodyTerm: from an election until the day the next is due; `until` where it ended otherwise."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="terms")
    since = models.DateField()
    due = models.DateField()
    until = models.DateField(null=True)
    seats = models.PositiveSmallIntegerField()
    ballot = models.ForeignKey("governance.Ballot", null=True, on_delete=models.PROTECT, related_name="terms")
    words = models.CharField(max_length=200, blank=True)  # how it was elected, where no ballot here tells

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_body_term_is_due_after_it_began", condition=Q(due__gt=F("since"))),
            models.CheckConstraint(name="a_body_term_has_seats", condition=Q(seats__gt=0)),
            NoOverlap(name="a_body_has_one_term_at_a_time", equal=["body"], since="since", until="until"),
        ]

    def __str__(self) -> str:
        return f"term of {self.body_id}"


class Officer(models.Model):
    """自治组织成员 Officer: somebody in an office of a body, for a term or a part of it; public where law says so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    term = models.ForeignKey(BodyTerm, on_delete=models.CASCADE, related_name="officers")
    office = models.CharField(max_length=20)
    name = models.CharField(max_length=30)
    person = models.ForeignKey("organisation.Person", null=True, on_delete=models.SET_NULL, related_name="offices")
    since = models.DateField()
    until = models.DateField(null=True)
    left = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_office_ends_after_it_began", condition=Q(until=None) | Q(until__gte=F("since"))
            ),
            models.CheckConstraint(
                name="an_office_that_ended_says_why",
                condition=Q(until=None, left="") | Q(until__isnull=False, left__in=[left.value for left in Left]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office} of {self.term_id}"


class BodyHandover(models.Model):
    """换届交接 BodyHandover: one thing a body hands over to the next: seal, accounts, contracts, keys."""

    term = models.ForeignKey(BodyTerm, on_delete=models.CASCADE, related_name="handovers")
    what = models.CharField(max_length=60)
    done_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.what
