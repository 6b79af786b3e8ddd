"""Holds on cases, and what is to be erased once they end."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Hold(models.Model):
    """保全 Hold: nothing of a case is erased until a day, for a reason of an office; the holder of its receipt is told.

    A case is known by its key alone; of what kind it is, the ledger says.
    """

    case = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=40)  # "governance.report"
    area = models.CharField(max_length=21)
    reason = models.CharField(max_length=200)
    until = models.DateField()  # the first day it holds no longer
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="holds")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_case_is_held_once", fields=["case"], condition=Q(lifted_at__isnull=True)),
            models.CheckConstraint(name="a_hold_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="a_hold_is_lifted_after_it_is_laid",
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case}"


class WaitingToErase(models.Model):
    """待删除 WaitingToErase: somebody wished it erased while it was held; it is done when the hold ends.

    `key` names which key of the case is to be destroyed, as its file ends; `kind` what else is erased.
    """

    case = models.UUIDField()
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="an_erasure_waits_once", fields=["case", "kind", "key"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.case}"
