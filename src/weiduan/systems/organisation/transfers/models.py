"""Transfers, contact with members who are away, double registration."""

import uuid

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap, OnlyInScope
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.organisations.models import Organisation

from .rules import State


class Transfer(models.Model):
    """转接 Transfer: a member asks to belong to another organisation; the sender stays responsible until it accepts.

    One of sender and receiver may be outside this system: then `outside` names it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="transfers")
    sender = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="transfers_out")
    receiver = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="transfers_in")
    outside = models.CharField(max_length=100, blank=True)  # an organisation that isn't kept here
    reason = models.CharField(max_length=20)
    asked_on = models.DateField()
    state = models.CharField(max_length=12, default=State.ASKED.value)
    decided_on = models.DateField(null=True)
    answer = models.CharField(max_length=200, blank=True)  # why it was returned

    class Meta:
        constraints = [
            OnlyInScope(name="transfers_are_given_out_at_both_ends", areas=["sender__area", "receiver__area"]),
            models.UniqueConstraint(
                name="one_open_transfer_a_member", fields=["person"], condition=Q(state=State.ASKED.value)
            ),
            models.CheckConstraint(
                name="a_transfer_has_a_known_state", condition=Q(state__in=[s.value for s in State])
            ),
            models.CheckConstraint(
                name="a_transfer_leads_to_one_place",
                condition=Q(receiver__isnull=False, outside="") | (Q(receiver__isnull=True) & ~Q(outside="")),
            ),
            models.CheckConstraint(
                name="a_transfer_leads_elsewhere", condition=Q(receiver__isnull=True) | ~Q(receiver=F("sender"))
            ),
            models.CheckConstraint(
                name="an_answered_transfer_says_when",
                condition=Q(state=State.ASKED.value, decided_on__isnull=True)
                | (~Q(state=State.ASKED.value) & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_returned_transfer_says_why", condition=~Q(state=State.RETURNED.value) | ~Q(answer="")
            ),
        ]
        indexes = [models.Index(name="transfers_to_answer", fields=["state", "asked_on"])]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.sender_id} → {self.receiver_id or self.outside}"


class Away(models.Model):
    """流动党员联系 Away: a mobile member, and who of the organisation keeps in touch, from a day until another."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="away")
    keeper = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="keeps_in_touch_with")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="one_keeper_at_a_time", equal=["person"]),
            models.CheckConstraint(
                name="contact_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
            models.CheckConstraint(name="nobody_keeps_in_touch_with_himself", condition=~Q(keeper=F("person"))),
        ]

    def __str__(self) -> str:
        return f"{self.keeper_id} ↔ {self.person_id}"


class Contacted(models.Model):
    """联系记录 Contacted: the keeper spoke to a mobile member on a day; nothing of what was said."""

    away = models.ForeignKey(Away, on_delete=models.PROTECT, related_name="contacts")
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="a_contact_counts_once_a_day", fields=["away", "on"])]

    def __str__(self) -> str:
        return f"{self.away_id} on {self.on}"


class Guest(models.Model):
    """双报到 Guest: a member of an organisation elsewhere registers in the unit he or she lives in."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guest_in")
    unit = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="guests")
    belongs_to = models.CharField(max_length=100, blank=True)  # the organisation, where it isn't kept here
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="a_guest_of_one_unit_at_a_time", equal=["person"]),
            models.CheckConstraint(
                name="a_guest_leaves_after_coming", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.unit_id}"
