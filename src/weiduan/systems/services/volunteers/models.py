"""Teams, volunteers, shifts, and hours."""

import uuid

from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.constraints import OnlyInScope

from .rules import PlaceState, ShiftState, State


class Team(models.Model):
    """志愿服务队 Team: volunteers of an area, reached through a post."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=60)
    words = models.CharField(max_length=1000)
    post = models.CharField(max_length=40)  # who sees to it: a post
    telephone = models.CharField(max_length=30, blank=True)  # of the office
    brand = models.ForeignKey("services.Brand", null=True, on_delete=models.PROTECT, related_name="teams")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_team_has_its_own_name", fields=["area", "name"]),
            models.CheckConstraint(
                name="a_team_ends_after_it_began", condition=Q(until=None) | Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Volunteer(models.Model):
    """志愿者 Volunteer: somebody in a team, by a receipt of one's own; name and contact sealed with a key of this row alone.

    Nothing is added up over volunteers, and everything goes at once on wish.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="volunteers")
    receipt_hash = models.BinaryField(max_length=32, unique=True)
    sealed_name = models.BinaryField()
    sealed_contact = models.BinaryField(default=b"")
    state = models.CharField(max_length=8, default=State.ASKED.value)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            OnlyInScope(name="volunteers_are_given_out_where_they_lie", areas=["team__area"]),
            models.CheckConstraint(
                name="a_volunteer_has_a_known_state", condition=Q(state__in=[s.value for s in State])
            ),
        ]

    def __str__(self) -> str:
        return f"volunteer of {self.team_id}"


class Shift(models.Model):
    """志愿班次 Shift: a time somebody is needed, how many at least and at most."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shifts")
    activity = models.ForeignKey("services.Activity", null=True, on_delete=models.SET_NULL, related_name="shifts")
    what = models.CharField(max_length=100)
    place = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    least = models.PositiveIntegerField()
    most = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, default=ShiftState.PLANNED.value)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_shift_holds_no_more_than_it_may",
                condition=Q(taken__lte=F("most"), least__lte=F("most"), most__gt=0, ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="a_shift_has_a_known_state", condition=Q(state__in=[s.value for s in ShiftState])
            ),
        ]
        indexes = [models.Index(name="shifts_to_come", fields=["state", "starts_at"])]

    def __str__(self) -> str:
        return self.what


class ShiftPlace(models.Model):
    """班次名额 ShiftPlace: a volunteer in a shift; `minutes` are what was given, and belong to whoever gave them."""

    shift = models.ForeignKey(Shift, on_delete=models.CASCADE, related_name="places")
    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="places")
    state = models.CharField(max_length=10, default=PlaceState.TAKEN.value)
    minutes = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_volunteer_is_in_a_shift_once", fields=["shift", "volunteer"]),
            models.CheckConstraint(
                name="minutes_are_of_a_shift_that_was_served",
                condition=Q(state=PlaceState.SERVED.value, minutes__gt=0)
                | Q(state__in=[PlaceState.TAKEN.value, PlaceState.GIVEN_BACK.value], minutes=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer_id} in {self.shift_id}"
