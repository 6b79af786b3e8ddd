"""Reports, what happened to them, who else is concerned, and the sealed contact."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.systems.governance.categories.models import Category

from .rules import CLOSED, Channel, State, Wish


class Report(models.Model):
    """问题上报 Report: one matter, from being told to the word of whoever told it.

    Who told it is not here: a contact, if one was left, is in `Contact` alone, and of the receipt only the hash is kept. No address of
    a computer and no device is kept. `area` is the unit (or where none is drawn, the village) it lies in; `handler` the area whose staff
    have it in hand.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=14, unique=True)
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="reports")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="reports")
    handler = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="reports_in_hand")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    place = models.CharField(max_length=100, blank=True)
    text = models.TextField(max_length=4000)
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=12, default=State.FILED.value)
    told_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(max_length=1000, blank=True)
    joined_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="joined")
    public_text = models.TextField(max_length=1000, blank=True)  # released by a handler; empty: not public

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_report_has_a_known_state_and_channel",
                condition=Q(state__in=[s.value for s in State], channel__in=[c.value for c in Channel]),
            ),
            models.CheckConstraint(
                name="an_answered_report_says_what_and_when",
                condition=~Q(state__in=[State.ANSWERED.value, State.CONFIRMED.value, State.NO_WORD.value])
                | (~Q(answer="") & Q(answered_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_closed_report_says_when",
                condition=Q(state__in=CLOSED, closed_at__isnull=False)
                | (~Q(state__in=CLOSED) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_joined_report_says_to_which",
                condition=Q(state=State.JOINED.value, joined_to__isnull=False)
                | (~Q(state=State.JOINED.value) & Q(joined_to__isnull=True)),
            ),
            models.CheckConstraint(name="a_report_is_not_joined_to_itself", condition=~Q(joined_to=F("pk"))),
            models.CheckConstraint(
                name="a_place_on_the_map_has_both_degrees",
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="reports_in_hand", fields=["handler", "state", "due_at"]),
            models.Index(name="reports_of_an_area", fields=["area", "state", "told_at"]),
            models.Index(name="reports_by_time", fields=["told_at"]),
        ]

    def __str__(self) -> str:
        return self.number


class Step(models.Model):
    """经过 Step: one thing that happened to a report, in words; internal ones are for staff alone."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=20)
    words = models.TextField(max_length=1000, blank=True)
    is_internal = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="report_steps")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(name="steps_of_a_report", fields=["report", "at"])]

    def __str__(self) -> str:
        return f"{self.what} {self.report_id}"


class AlsoConcerned(models.Model):
    """我也遇到 AlsoConcerned: somebody else has the same matter; a receipt of its own, nothing about who."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="also")
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"also {self.report_id}"


class ReportPhoto(models.Model):
    """问题照片 ReportPhoto: a picture of the matter, drawn anew without anything the camera wrote into it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to="reports/")
    is_result = models.BooleanField(default=False)  # what it looks like now, by whoever handled it
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"photo of {self.report_id}"


class Contact(models.Model):
    """联系方式 Contact: how to reach whoever told a report, sealed with a key of this case alone, which lies outside the database.

    When the key is destroyed, nothing can be read any more, here or in a backup.
    """

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="contact")
    sealed = models.BinaryField()
    wish = models.CharField(max_length=12)
    read_at = models.DateTimeField(null=True)  # by staff, the last time; whoever told it sees that

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_contact_has_a_wish", condition=Q(wish__in=[Wish.HANDLER_ONLY.value, Wish.ANSWERABLE.value])
            )
        ]

    def __str__(self) -> str:
        return f"contact of {self.report_id}"
