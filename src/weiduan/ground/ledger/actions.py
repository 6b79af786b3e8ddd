"""Write down what was done, in the transaction that did it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from .models import Chain, Entry
from .rules import chain_of, hash_of

BATCH = 2_000


@dataclass(frozen=True)
class Deed:
    """One thing done to one thing: `about` is the model label and key, e.g. ("territory.area", "17")."""

    what: str
    kind: str
    key: str
    area: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


def author(by: Any) -> str:
    """Name an author without naming a person: an account by number, else the word given."""
    return by if isinstance(by, str) else f"user:{by.pk}"


def record(*, what: str, about: models.Model, by: Any, at: datetime, area: str = "", before=None, after=None) -> None:
    """Add one entry. `before` and `after` must hold no personal data."""
    deed = Deed(what, about._meta.label_lower, str(about.pk), area, before, after)
    record_many([deed], by=by, at=at)


@transaction.atomic
def record_many(deeds: Iterable[Deed], *, by: Any, at: datetime) -> int:
    """Add many entries; chains are locked in order of their number, so two writers can't block each other."""
    by_chain: dict[int, list[Deed]] = defaultdict(list)
    for deed in deeds:
        by_chain[chain_of(deed.kind, deed.key)].append(deed)
    if not by_chain:
        return 0
    chains = {c.number: c for c in Chain.objects.select_for_update().filter(number__in=by_chain).order_by("number")}
    entries = [
        entry for number in sorted(by_chain) for entry in _linked(chains[number], by_chain[number], author(by), at)
    ]
    Entry.objects.bulk_create(entries, batch_size=BATCH)
    Chain.objects.bulk_update(chains.values(), ["pos", "hash"])
    return len(entries)


def _linked(chain: Chain, deeds: list[Deed], by: str, at: datetime) -> list[Entry]:
    entries = []
    for deed in deeds:
        chain.pos += 1
        entry = Entry(chain=chain.number, pos=chain.pos, at=at, by=by, previous=chain.hash, **vars(deed))
        entry.hash = chain.hash = hash_of(chain.hash, entry.told())
        entries.append(entry)
    return entries
