"""Bookings, and their dates."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap, OnlyInScope
from weiduan.ground.base.sealedfield import SealedField
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.venues.facilities.models import Room

from .rules import SlotState, State, Who


class Booking(models.Model):
    """预订 Booking: somebody has a room for something, on one date or on several.

    Residents hold a receipt, of which only the hash is kept. A contact is kept only where one was left, sealed, and is
    erased after the last date. `group` is a blind index of who books, so that nobody hoards; it names nobody.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings")
    who = models.CharField(max_length=12)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="bookings")
    unit = models.ForeignKey("territory.Area", null=True, on_delete=models.PROTECT, related_name="bookings")
    what = models.CharField(max_length=60)  # public: shown on the timetable
    use = models.CharField(max_length=20)
    people = models.PositiveSmallIntegerField(null=True)
    repeat = models.JSONField(null=True)  # frequency, interval, count
    state = models.CharField(max_length=12)
    group = models.BinaryField(max_length=16)
    contact = SealedField(default=b"")
    receipt_hash = models.BinaryField(max_length=32, null=True, unique=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="bookings_made"
    )
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="bookings_decided"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)
    sequence = models.PositiveIntegerField(default=0)  # of changes, as calendars count them
    changed_at = models.DateTimeField()
    key_out_at = models.DateTimeField(null=True)
    key_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            OnlyInScope(
                name="bookings_are_given_out_where_the_room_is_and_who_books",
                areas=["room__facility__area", "organisation__area", "unit"],
            ),
            models.CheckConstraint(
                name="a_booking_is_of_a_known_kind_and_state",
                condition=Q(who__in=[w.value for w in Who], state__in=[s.value for s in State]),
            ),
            models.CheckConstraint(
                name="an_organisations_booking_names_it",
                condition=Q(who=Who.ORGANISATION.value, organisation__isnull=False)
                | (~Q(who=Who.ORGANISATION.value) & Q(organisation__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_refused_booking_says_why", condition=~Q(state=State.REFUSED.value) | ~Q(answer="")
            ),
            models.CheckConstraint(
                name="a_key_comes_back_after_it_went",
                condition=Q(key_back_at__isnull=True) | Q(key_back_at__gte=F("key_out_at")),
            ),
        ]
        indexes = [models.Index(name="bookings_of_a_room", fields=["room", "state", "made_at"])]

    def __str__(self) -> str:
        return self.what


class Slot(models.Model):
    """时段 Slot: one date of a booking; the room is kept free until `blocked_until`, buffer included."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="slots")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="slots")
    since = models.DateTimeField()
    until = models.DateTimeField()
    blocked_until = models.DateTimeField()
    state = models.CharField(max_length=12)

    class Meta:
        constraints = [
            NoOverlap(
                name="a_room_is_never_held_twice_at_once",
                equal=["room"],
                until="blocked_until",
                among={"state": [SlotState.HELD.value]},
            ),
            models.CheckConstraint(
                name="a_slot_ends_after_it_begins",
                condition=Q(until__gt=F("since"), blocked_until__gte=F("until")),
            ),
            models.UniqueConstraint(name="a_booking_begins_once_at_a_time", fields=["booking", "since"]),
        ]
        indexes = [models.Index(name="slots_of_a_room", fields=["room", "state", "since", "blocked_until"])]

    def __str__(self) -> str:
        return f"{self.room_id} {self.since}"
