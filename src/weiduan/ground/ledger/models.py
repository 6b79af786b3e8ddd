"""What was done: rows that are only ever added."""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from weiduan.ground.base.constraints import AppendOnly

from .rules import BEGINNING, GROUND, told_time


class Chain(models.Model):
    """链 Chain: the last position and hash of one of the 64 chains; its row is the lock."""

    number = models.PositiveSmallIntegerField(primary_key=True)
    pos = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=BEGINNING)

    def __str__(self) -> str:
        return f"{self.number}@{self.pos}"


class Entry(models.Model):
    """台账 Entry: who did what to which thing and when, from what to what.

    Holds no personal data: persons appear as the number of an account or a
    record, and personal fields only as “changed”.
    """

    chain = models.PositiveSmallIntegerField()
    pos = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=40)  # "user:12", "console", "job"
    what = models.CharField(max_length=60)  # "unit.changed"
    kind = models.CharField(max_length=40)  # "territory.area"
    key = models.CharField(max_length=40)
    area = models.CharField(max_length=21, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="a_position_in_a_chain_is_taken_once", fields=["chain", "pos"]),
            AppendOnly(name="ledger_entries_are_only_added"),
        ]
        indexes = [
            models.Index(name="ledger_of_a_thing", fields=["kind", "key", "at"]),
            models.Index(name="ledger_of_the_ground", fields=["chain", "pos"], condition=Q(kind=GROUND)),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.kind} {self.key}"

    def told(self) -> dict[str, Any]:
        """Return what the hash is taken over."""
        return {
            "chain": self.chain, "pos": self.pos, "at": told_time(self.at), "by": self.by, "what": self.what,
            "kind": self.kind, "key": self.key, "area": self.area, "before": self.before, "after": self.after,
        }  # fmt: skip

    def changes(self) -> list[str]:
        """Return "state: open → closed" for each field, and "state: closed" where nothing was before."""
        before, after = self.before or {}, self.after or {}
        return [
            f"{name}: {f'{_word(before[name])} → ' if name in before else ''}{_word(after.get(name))}"
            for name in sorted(before | after)  # PostgreSQL keeps them in an order of its own
        ]


def _word(value: Any) -> str:
    if value in (None, "", [], {}):
        return "—"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
