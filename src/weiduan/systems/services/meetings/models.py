"""Meetings of organisations, who came, what was voted on and what is to be done."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.casewords import case_words
from weiduan.ground.base.constraints import OnlyInScope

from .rules import Kind, Presence, State


class OrganisationMeeting(models.Model):
    """组织生活 OrganisationMeeting: one meeting of an organisation, or the excuse why there was none.

    `since` and `until` bound the month, quarter or year whose duty it fulfils. Who was due is counted when it is held. Minutes
    may name persons, so they lie sealed with a key of this meeting; whoever is above sees the counts only.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("organisation.Organisation", on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=10)
    since = models.DateField()
    until = models.DateField()
    title = models.CharField(max_length=60)
    agenda = models.TextField(max_length=2000, blank=True)
    chair = models.CharField(max_length=60, blank=True)  # a post
    starts_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=100, blank=True)
    booking = models.ForeignKey("venues.Booking", null=True, on_delete=models.SET_NULL, related_name="org_meetings")
    state = models.CharField(max_length=10, default=State.PLANNED.value)
    excused_because = models.CharField(max_length=300, blank=True)
    members_due = models.PositiveIntegerField(null=True)
    voters_due = models.PositiveIntegerField(null=True)
    members_came = models.PositiveIntegerField(null=True)
    voters_came = models.PositiveIntegerField(null=True)
    guests = models.PositiveIntegerField(default=0)
    sealed_minutes = models.BinaryField(default=b"")
    minutes = case_words("sealed_minutes", lambda row: row.id)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_meeting_has_a_known_kind_and_state",
                condition=Q(kind__in=[k.value for k in Kind], state__in=[s.value for s in State]),
            ),
            models.CheckConstraint(name="a_meetings_span_ends_after_it_begins", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(
                name="a_meeting_that_was_held_counts_who_came",
                condition=~Q(state=State.HELD.value)
                | Q(members_came__lte=F("members_due"), voters_came__lte=F("voters_due"), starts_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_excused_meeting_says_why", condition=~Q(state=State.EXCUSED.value) | ~Q(excused_because="")
            ),
        ]
        indexes = [models.Index(name="meetings_of_an_organisation", fields=["organisation", "kind", "since", "state"])]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """到会 Attendance: who came, as the keeper of the minutes wrote it down; gone a year after, only counts stay."""

    meeting = models.ForeignKey(OrganisationMeeting, on_delete=models.CASCADE, related_name="attendance")
    person = models.ForeignKey("organisation.Person", on_delete=models.CASCADE, related_name="attendance")
    has_vote = models.BooleanField()
    presence = models.CharField(max_length=8)

    class Meta:
        constraints = [
            OnlyInScope(name="attendance_is_given_out_where_it_lies", areas=["meeting__organisation__area"]),
            models.UniqueConstraint(name="somebody_is_at_a_meeting_once", fields=["meeting", "person"]),
            models.CheckConstraint(
                name="attendance_has_a_known_presence", condition=Q(presence__in=[p.value for p in Presence])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.meeting_id}"


class MeetingVote(models.Model):
    """会议表决 MeetingVote: one question of a meeting and how it was answered, in numbers."""

    meeting = models.ForeignKey(OrganisationMeeting, on_delete=models.CASCADE, related_name="votes")
    what = models.CharField(max_length=300)
    yes = models.PositiveIntegerField()
    no = models.PositiveIntegerField()
    abstained = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.what


class MeetingTask(models.Model):
    """会议任务 MeetingTask: what a meeting resolved, who does it until when, and what shows that it is done."""

    meeting = models.ForeignKey(OrganisationMeeting, on_delete=models.CASCADE, related_name="tasks")
    what = models.CharField(max_length=300)
    owner = models.CharField(max_length=60)  # a post
    until = models.DateField()
    evidence = models.CharField(max_length=500, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_meetings_task_done_shows_evidence", condition=Q(done_at=None) | ~Q(evidence="")
            )
        ]

    def __str__(self) -> str:
        return self.what


class MeetingScan(models.Model):
    """记录扫描件 MeetingScan: a page of the written minutes, as a picture drawn anew, sealed with the meeting's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(OrganisationMeeting, on_delete=models.CASCADE, related_name="scans")
    number = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="minutes/")

    class Meta:
        constraints = [
            OnlyInScope(name="scans_are_given_out_where_they_lie", areas=["meeting__organisation__area"]),
            models.UniqueConstraint(name="a_scan_has_a_number", fields=["meeting", "number"]),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of {self.meeting_id}"
