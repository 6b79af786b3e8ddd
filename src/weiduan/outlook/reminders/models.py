"""Where messages go, and which went."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from weiduan.ground.base.sealedfield import SealedField

from .rules import ChannelKind, State


class Channel(models.Model):
    """提醒方式 Channel: where an account wants to be told what is due, from its own wish until it is taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in ChannelKind])
    address = SealedField()  # whoever has it can write there
    since = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)  # the code sent there was typed in
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_channel_is_confirmed_after_it_is_made",
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_at__gte=F("since")),
            ),
            models.CheckConstraint(
                name="a_channel_that_ended_keeps_no_address", condition=Q(until__isnull=True) | Q(address=b"")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"


class Sent(models.Model):
    """提醒记录 Sent: one thing due that was told over one channel, once for each stage.

    It is written before the message goes, so that two runs at once never tell the same; `state` says how it went.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminded")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sent")
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=60)  # what it is about: an organisation, an area, a member by number
    stage = models.CharField(max_length=20)  # how near, and which due day: “3 2026-05-01”
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in State])
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_stage_is_told_once_a_channel", fields=["kind", "number", "stage", "user", "channel"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {self.stage}"
