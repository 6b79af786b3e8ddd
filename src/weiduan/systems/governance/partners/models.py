"""Partners, what they offer, what is needed, and what came of it."""

import uuid

from django.db import models
from django.db.models import F, Q

from .rules import PartnerKind, Sort, State


class Partner(models.Model):
    """共建伙伴 Partner: an organisation at home in an area, reached through a post, not a person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="partners")
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    post = models.CharField(max_length=40)  # “办公室主任”
    telephone = models.CharField(max_length=30, blank=True)  # of the office
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_partner_has_a_known_kind", condition=Q(kind__in=[k.value for k in PartnerKind])
            ),
            models.CheckConstraint(
                name="a_partner_ends_after_it_began", condition=Q(until=None) | Q(until__gt=F("since"))
            ),
            models.UniqueConstraint(name="a_partner_is_known_by_its_name", fields=["area", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """可用资源 Offer: what a partner gives, where, from when until when, and how much of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="offers")
    sort = models.CharField(max_length=8)
    what = models.CharField(max_length=200)
    area = models.ForeignKey(
        "territory.Area", on_delete=models.PROTECT, related_name="offers"
    )  # for whom: this and all below
    since = models.DateField()
    until = models.DateField(null=True)
    capacity = models.PositiveIntegerField(default=1)  # how many agreements it can bear at a time

    class Meta:
        constraints = [
            models.CheckConstraint(name="an_offer_has_a_known_sort", condition=Q(sort__in=[s.value for s in Sort])),
            models.CheckConstraint(
                name="an_offer_ends_after_it_began_and_bears_something",
                condition=(Q(until=None) | Q(until__gt=F("since"))) & Q(capacity__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Need(models.Model):
    """资源需求 Need: what an area needs, from when until when; where it comes from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="needs")
    sort = models.CharField(max_length=8)
    what = models.CharField(max_length=200)
    topic = models.ForeignKey("governance.Topic", null=True, on_delete=models.SET_NULL, related_name="needs")
    report = models.ForeignKey("governance.Report", null=True, on_delete=models.SET_NULL, related_name="needs")
    since = models.DateField()
    until = models.DateField(null=True)
    met_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_need_has_a_known_sort", condition=Q(sort__in=[s.value for s in Sort])),
            models.CheckConstraint(
                name="a_need_ends_after_it_began", condition=Q(until=None) | Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return self.what


class Agreement(models.Model):
    """共建约定 Agreement: an offer meets a need, from a day until another; what came of it."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="agreements")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="agreements")
    state = models.CharField(max_length=10, default=State.PROPOSED.value)
    since = models.DateField()
    until = models.DateField(null=True)
    outcome = models.TextField(max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="an_agreement_has_a_known_state", condition=Q(state__in=[s.value for s in State])),
            models.CheckConstraint(
                name="what_is_done_says_what_came_of_it", condition=~Q(state=State.DONE.value) | ~Q(outcome="")
            ),
            models.UniqueConstraint(
                name="an_offer_meets_a_need_once", fields=["offer", "need"],
                condition=Q(state__in=[State.PROPOSED.value, State.AGREED.value]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.offer_id} for {self.need_id}"
