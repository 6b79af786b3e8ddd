"""Places open to residents, their rooms, photos and plates."""

import uuid

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import NoOverlap

from .rules import QUOTA_HOURS, Kind


class Facility(models.Model):
    """场所 Facility: a centre or a micro-venue as people find it. It keeps an office's telephone, never a person's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="facilities")
    address = models.CharField(max_length=100, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    telephone = models.CharField(max_length=30, blank=True)
    way = models.CharField(max_length=200, blank=True)  # how to get there, in words
    access = models.JSONField(default=list)
    equipment = models.JSONField(default=list)
    quota_hours = models.PositiveSmallIntegerField(null=True, default=QUOTA_HOURS)  # still to come, of one group
    open_since = models.DateField(null=True)
    open_until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_facility_is_of_a_known_kind", condition=Q(kind__in=[kind.value for kind in Kind])
            ),
            models.CheckConstraint(
                name="a_facility_closes_after_it_opens",
                condition=Q(open_until__isnull=True) | Q(open_until__gte=F("open_since")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """房间 Room: one room of a place, with what it is for; `area_m2` in square metres to the hundredth."""

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    use = models.CharField(max_length=20)
    area_m2 = models.DecimalField(max_digits=8, decimal_places=2)
    seats = models.PositiveSmallIntegerField(null=True)
    bookable = models.BooleanField(default=False)
    confirms = models.BooleanField(default=True)  # a keeper confirms what residents book
    buffer_min = models.PositiveSmallIntegerField(default=0)  # kept free after each booking
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            NoOverlap(name="a_rooms_name_stands_once_in_a_facility", equal=["facility", "name"]),
            models.CheckConstraint(name="a_room_has_a_floor", condition=Q(area_m2__gt=0)),
            models.CheckConstraint(
                name="a_room_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]
        indexes = [models.Index(name="rooms_of_a_facility", fields=["facility", "name", "since", "until"])]

    def __str__(self) -> str:
        return self.name


class Photo(models.Model):
    """照片 Photo: a picture of a place, drawn anew without anything the camera wrote into it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to="facilities/")
    words = models.CharField(max_length=100)  # what is to be seen, for those who can't see it
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="a_photo_says_what_is_seen", condition=~Q(words=""))]

    def __str__(self) -> str:
        return self.words


class Plate(models.Model):
    """门牌 Plate: the QR code at a door leads to the place's page; only its hash is kept, and it can be revoked."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="plates")
    token_hash = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_plate_is_revoked_after_it_is_made",
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
            )
        ]

    def __str__(self) -> str:
        return f"plate of {self.facility_id}"
