"""Which signs are switched off, where, and until when."""

from django.db import models
from django.db.models import F, Q

from .rules import LONGEST_REASON, Kind


class SignSwitch(models.Model):
    """苗头开关 SignSwitch: one kind of sign isn't told of an area and what lies in it until a day, for a reason.

    Who switched it off is in the ledger.
    """

    area = models.ForeignKey("territory.Area", on_delete=models.CASCADE, related_name="sign_switches")
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in Kind])
    since = models.DateField()
    off_until = models.DateField()  # the first day it is told again
    reason = models.CharField(max_length=LONGEST_REASON)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_kind_of_sign_is_switched_off_once_an_area", fields=["area", "kind"]),
            models.CheckConstraint(name="a_sign_is_switched_off_for_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_sign_is_told_again_after_it_was_switched_off", condition=Q(off_until__gt=F("since"))
            ),
            models.CheckConstraint(name="a_switch_is_of_a_known_kind", condition=Q(kind__in=[k.value for k in Kind])),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.area_id} until {self.off_until}"
