"""Persons and memberships."""

import uuid

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap, OnlyInScope
from weiduan.ground.base.sealedfield import SealedField
from weiduan.systems.organisation.organisations.models import Organisation


class Person(models.Model):
    """人员 Person: somebody with a membership or a post, and nobody else.

    Kept: a number given locally, a name and a contact, both sealed. Never a
    resident as such, never an identity number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=30, unique=True)
    name = SealedField()
    contact = SealedField(default=b"")
    contact_index = models.BinaryField(max_length=16, default=b"", db_index=True)

    class Meta:
        constraints = [
            OnlyInScope(
                name="persons_are_given_out_where_they_belong",
                areas=[
                    "memberships__organisation__area",
                    "posts__organisation__area",
                    "posts__area",
                    "memberships__home",
                    "memberships__organisation__coverage__area",
                    "posts__organisation__coverage__area",
                    "guest_in__unit",
                    "transfers__receiver__area",
                ],
            )
        ]

    def __str__(self) -> str:
        return self.number


class Membership(models.Model):
    """党籍 Membership: a person in exactly one organisation, from one day until another.

    A change of organisation, home or state closes this row and opens the next.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    home = models.ForeignKey("territory.Area", null=True, on_delete=models.PROTECT, related_name="member_homes")
    state = models.CharField(max_length=20)
    joined_on = models.DateField()
    full_on = models.DateField(null=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="a_member_is_in_one_organisation", equal=["person"]),
            models.CheckConstraint(
                name="a_member_is_full_after_joining",
                condition=Q(full_on__isnull=True) | Q(full_on__gte=F("joined_on")),
            ),
            models.CheckConstraint(
                name="a_membership_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]
        indexes = [
            # Everything a head count needs stands in the index itself.
            models.Index(
                name="members_of_an_organisation", fields=["organisation", "since", "until", "full_on", "state"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organisation_id}"
