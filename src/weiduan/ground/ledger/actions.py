"""Write down what was done, in the transaction that did it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction

from weiduan.ground.base.inserts import at_once, insert_all, inserting, update_all, updating

from .models import Chain, Entry
from .rules import chain_of, hash_of

FEW = 10  # entries that are written in one go with the heads of their chains


@dataclass(frozen=True, slots=True)
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


def record_many(deeds: Iterable[Deed], *, by: Any, at: datetime) -> int:
    """Add many entries; return how many."""
    told = [(deed, author(by), at) for deed in deeds]
    waiting = _waiting.get()
    if waiting is None:
        _write(told)
    else:
        waiting.extend(told)
    return len(told)


Told = tuple[Deed, str, datetime]
_waiting: ContextVar[list[Told] | None] = ContextVar("waiting", default=None)


@contextmanager
def written_at_the_end() -> Iterator[None]:
    """Within a transaction, keep what is recorded and write it when the block ends.

    For long work: the chains are then locked for its last moments only, and all at once. Locked
    from the first deed on, everybody else's deeds would wait for the whole of it, and two such
    works could come to wait for each other.
    """
    if _waiting.get() is not None:  # the outermost block writes
        yield
        return
    told: list[Told] = []
    token = _waiting.set(told)
    try:
        yield
    finally:
        _waiting.reset(token)
    _write(told)


@transaction.atomic(savepoint=False)  # within an action it is part of the action, and costs no savepoint
def _write(told: list[Told]) -> None:
    """Chains are locked in order of their number, so two writers can't block each other."""
    by_chain: dict[int, list[Told]] = defaultdict(list)
    for each in told:
        by_chain[chain_of(each[0].kind, each[0].key)].append(each)
    if not by_chain:
        return
    chains = list(Chain.objects.select_for_update().filter(number__in=by_chain).order_by("number"))
    entries = (entry for chain in chains for entry in _linked(chain, by_chain[chain.number]))
    if len(told) <= FEW:
        written = [inserting(entry) for entry in entries]
        at_once(*written, *(updating(chain, ["pos", "hash"]) for chain in chains))
    else:
        insert_all(Entry, entries)
        update_all(Chain, chains, ["pos", "hash"])


def _linked(chain: Chain, told: list[Told]) -> Iterator[Entry]:
    """Yield the entries of a chain, moving its head along."""
    for deed, by, at in told:
        chain.pos += 1
        entry = Entry(
            chain=chain.number, pos=chain.pos, at=at, by=by, previous=chain.hash, what=deed.what, kind=deed.kind,
            key=deed.key, area=deed.area, before=deed.before, after=deed.after,
        )  # fmt: skip
        entry.hash = chain.hash = hash_of(chain.hash, entry.told())
        yield entry
