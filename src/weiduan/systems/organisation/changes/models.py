"""Changes asked for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from weiduan.systems.organisation.organisations.models import Organisation

from .rules import ChangeKind, State


class Change(models.Model):
    """组织变动请示 Change: what one organisation asks its superior for, with the rules' verdict as it was when asked.

    `facts` says what is to be, by numbers and codes; `judged` what the rules said of it. Neither holds a person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="changes")
    superior = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="changes_to_decide")
    seat = models.CharField(max_length=21)  # code of the area it is about
    facts = models.JSONField()
    judged = models.JSONField()
    on = models.DateField()  # from which day it is to hold
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="changes_asked"
    )
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=State.ASKED.value)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="changes_decided"
    )
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_change_of_a_kind", fields=["organisation", "kind"],
                condition=Q(state=State.ASKED.value, organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="a_change_has_a_known_kind_and_state",
                condition=Q(kind__in=[k.value for k in ChangeKind], state__in=[s.value for s in State]),
            ),
            models.CheckConstraint(
                name="a_decided_change_says_when",
                condition=Q(state=State.ASKED.value, decided_at__isnull=True)
                | (~Q(state=State.ASKED.value) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_returned_change_says_why", condition=~Q(state=State.RETURNED.value) | ~Q(answer="")
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.organisation_id or self.seat}"
