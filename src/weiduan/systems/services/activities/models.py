"""Series, activities, and who has a place."""

import uuid

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import OnlyInScope

from .rules import Kind, PlaceState, State


class Series(models.Model):
    """系列活动 Series: an activity that comes again: the fixed party day, deputies' day, the birthday party.

    `every` says when: {"frequency", "interval", "count", "from"} as a booking repeats; its dates are activities of their own.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="series")
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=60)
    every = models.JSONField()
    until = models.DateField(null=True)  # no further dates from this day on

    class Meta:
        constraints = [
            models.CheckConstraint(name="a_series_has_a_known_kind", condition=Q(kind__in=[k.value for k in Kind]))
        ]

    def __str__(self) -> str:
        return self.title


class Activity(models.Model):
    """活动 Activity: something that is on for residents of an area, once.

    `seats_taken` and `waiting` count who has a place or waits for one; the database refuses more than there are. Without
    `capacity` nobody signs up. `walk_ins` and `attended` are numbers counted at the door, never names.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="activities")
    series = models.ForeignKey(Series, null=True, on_delete=models.PROTECT, related_name="activities")
    brand = models.ForeignKey("services.Brand", null=True, on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=60)
    words = models.TextField(max_length=2000, blank=True)
    host = models.CharField(max_length=60)  # a post, a body, a team, an organisation
    organisation = models.ForeignKey(
        "organisation.Organisation", null=True, on_delete=models.PROTECT, related_name="activities"
    )
    partner = models.ForeignKey("governance.Partner", null=True, on_delete=models.PROTECT, related_name="activities")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=100)
    booking = models.ForeignKey("venues.Booking", null=True, on_delete=models.SET_NULL, related_name="activities")
    capacity = models.PositiveIntegerField(null=True)
    waiting_capacity = models.PositiveIntegerField(default=0)
    seats_taken = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    arrivals = models.PositiveIntegerField(default=0)  # the number of the last who signed up
    sign_up_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default=State.PLANNED.value)
    cancelled_because = models.CharField(max_length=200, blank=True)
    walk_ins = models.PositiveIntegerField(null=True)
    attended = models.PositiveIntegerField(null=True)
    after_words = models.TextField(max_length=2000, blank=True)
    sequence = models.PositiveIntegerField(default=0)  # of changes, as calendars count them
    changed_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_activity_has_a_known_kind_and_state",
                condition=Q(kind__in=[k.value for k in Kind], state__in=[s.value for s in State]),
            ),
            models.CheckConstraint(name="an_activity_ends_after_it_begins", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="no_more_have_a_place_than_there_are",
                condition=Q(capacity=None, seats_taken=0) | Q(capacity__isnull=False, seats_taken__lte=F("capacity")),
            ),
            models.CheckConstraint(name="no_more_wait_than_may", condition=Q(waiting__lte=F("waiting_capacity"))),
            models.CheckConstraint(
                name="one_can_sign_up_only_where_there_are_places",
                condition=~Q(state=State.OPEN.value)
                | Q(capacity__isnull=False, capacity__gt=0, sign_up_until__isnull=False),
            ),
            models.CheckConstraint(
                name="a_cancelled_activity_says_why",
                condition=~Q(state=State.CANCELLED.value) | ~Q(cancelled_because=""),
            ),
        ]
        indexes = [
            models.Index(name="activities_of_an_area", fields=["area", "starts_at"]),
            models.Index(name="activities_by_state", fields=["state", "starts_at"]),
        ]

    def __str__(self) -> str:
        return self.title


class SignUp(models.Model):
    """报名 SignUp: one place asked for in an activity, by whoever holds the receipt.

    `number` is the order of arrival. Name and contact are left only if one wishes, sealed with a key of this sign-up alone, which
    is destroyed thirty days after the activity or at once on wish.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="sign_ups")
    number = models.PositiveIntegerField()
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    state = models.CharField(max_length=10)
    sealed_name = models.BinaryField(default=b"")
    sealed_contact = models.BinaryField(default=b"")
    offer_until = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            OnlyInScope(name="sign_ups_are_given_out_where_they_lie", areas=["activity__area"]),
            models.UniqueConstraint(name="who_signs_up_arrives_in_an_order", fields=["activity", "number"]),
            models.CheckConstraint(
                name="a_sign_up_has_a_known_state", condition=Q(state__in=[s.value for s in PlaceState])
            ),
            models.CheckConstraint(
                name="an_offer_of_a_place_expires",
                condition=~Q(state=PlaceState.OFFERED.value) | Q(offer_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="who_waits_in_order", fields=["activity", "state", "number"]),
            models.Index(name="offers_that_expire", fields=["state", "offer_until"]),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.activity_id}"


class Brought(models.Model):
    """活动收集事项 Brought: what was said at a deputies' day or “我有话说” and became a report or a topic."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="brought")
    report = models.OneToOneField("governance.Report", null=True, on_delete=models.CASCADE, related_name="brought_at")
    topic = models.OneToOneField("governance.Topic", null=True, on_delete=models.CASCADE, related_name="brought_at")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="what_was_brought_is_a_report_or_a_topic",
                condition=Q(report__isnull=False, topic=None) | Q(report=None, topic__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"brought at {self.activity_id}"
