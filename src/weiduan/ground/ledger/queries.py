"""Read what was done, and check that nobody changed it since."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from pathlib import Path

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import BadInput

from .models import Chain, Entry
from .rules import BEGINNING, CHAINS, GROUND, hash_of, told_time


@dataclass(frozen=True)
class Break:
    """One place where the ledger isn't what was written."""

    chain: int
    pos: int
    why: str


def history_of(kind: str, key: str) -> QuerySet[Entry]:
    """Return what was done to one thing, newest first."""
    return Entry.objects.filter(kind=kind, key=key).order_by("-at", "-pos")


def deeds_since(kind: str, keys: Iterable[str], *, what: Iterable[str], since: datetime) -> list[Entry]:
    """Return what of these sorts was done to a few things of a kind since a moment, newest first."""
    return list(
        Entry.objects.filter(kind=kind, key__in=list(keys), what__in=list(what), at__gte=since).order_by("-at", "-pos")
    )


def heads() -> dict[int, int]:
    """Return number of a chain → how many entries it has: how far the ledger goes."""
    return dict(Chain.objects.filter(pos__gt=0).values_list("number", "pos"))


def entries_between(before: Mapping[int, int], after: Mapping[int, int]) -> QuerySet[Entry]:
    """Return what was written from one state of the heads to another, in no order."""
    wanted = Q(pk__in=[])
    for number, pos in after.items():
        if pos > before.get(number, 0):
            wanted |= Q(chain=number, pos__gt=before.get(number, 0), pos__lte=pos)
    return Entry.objects.filter(wanted)


@dataclass(frozen=True)
class Wanted:
    """Which entries are looked for; what is left out doesn't matter.

    area   how its code begins
    what   how it begins: “mandate” finds “mandate.given”
    by     as the ledger names who did it
    """

    area: str = ""
    what: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entries_wanted(wanted: Wanted, *, within: Sequence[str]) -> QuerySet[Entry]:
    """Return the entries looked for among those of these areas (how their codes begin), newest first."""
    asked = Q(area__startswith=wanted.area) & Q(what__startswith=wanted.what)
    for name, value in {"by": wanted.by, "at__gte": wanted.since, "at__lt": wanted.until}.items():
        asked &= Q(**{name: value}) if value else Q()
    seen = Q() if "" in within else reduce(or_, (Q(area__startswith=area) for area in within), Q(pk__in=[]))
    return Entry.objects.filter(asked & seen).order_by("-pk")


def breaks_at_heads() -> Iterator[Break]:
    """Yield each chain whose last entry is not the one its head says: a quick look, where `breaks` reads everything."""
    last = Entry.objects.filter(chain=OuterRef("number")).order_by("-pos")
    heads = Chain.objects.annotate(
        last_pos=Subquery(last.values("pos")[:1]), last_hash=Subquery(last.values("hash")[:1])
    )
    known = {head.number: head for head in heads}
    for number in range(CHAINS):
        head = known.get(number)
        if head is None:
            yield Break(number, 0, _("the head of the chain is gone"))
        elif (head.pos, head.hash) != (head.last_pos or 0, head.last_hash or BEGINNING):
            yield Break(
                number, head.last_pos or 0, _("the last entries are missing: the head says %(pos)s") % {"pos": head.pos}
            )


def anchor(at: datetime) -> dict:
    """Return every chain's head, to be kept where this machine can't reach it."""
    heads = {str(c.number): [c.pos, c.hash] for c in Chain.objects.order_by("number")}
    return {"at": told_time(at), "chains": heads}


def read_anchor(path: Path) -> dict[int, tuple[int, str]]:
    """Read an anchor file.

    :raises BadInput: the file isn't an anchor
    """
    try:
        chains = json.loads(path.read_text(encoding="utf-8"))["chains"]
        return {int(number): (int(pos), str(head)) for number, (pos, head) in chains.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            _("%(file)s is not an anchor; write one with “weiduan ledger anchor FILE”.") % {"file": path}
        ) from error


def breaks(anchored: dict[int, tuple[int, str]] | None = None) -> Iterator[Break]:
    """Walk all chains and yield each place that doesn't hold."""
    heads = {chain.number: chain for chain in Chain.objects.all()}
    for number in range(CHAINS):
        if number not in heads:
            yield Break(number, 0, _("the head of the chain is gone"))
        else:
            yield from _breaks_of(heads[number], (anchored or {}).get(number))


def _breaks_of(head: Chain, anchored: tuple[int, str] | None) -> Iterator[Break]:
    pos, previous = 0, BEGINNING
    at_anchor = BEGINNING if anchored and anchored[0] == 0 else None
    for entry in Entry.objects.filter(chain=head.number).order_by("pos").iterator(chunk_size=2_000):
        pos += 1
        if entry.pos != pos:
            yield Break(head.number, pos, _("entries are missing before %(pos)s") % {"pos": entry.pos})
            pos = entry.pos
        elif entry.previous != previous:
            yield Break(head.number, pos, _("it does not follow the entry before it"))
        if hash_of(entry.previous, entry.told()) != entry.hash:
            yield Break(head.number, pos, _("the entry was changed"))
        previous = entry.hash
        if anchored and pos == anchored[0]:
            at_anchor = entry.hash
    if (head.pos, head.hash) != (pos, previous):
        yield Break(head.number, pos, _("the last entries are missing: the head says %(pos)s") % {"pos": head.pos})
    if anchored and at_anchor != anchored[1]:
        yield Break(head.number, anchored[0], _("it differs from the anchor: entries were cut off or written anew"))


def count_entries() -> int:
    """Count all entries."""
    return Entry.objects.count()


def state() -> str:
    """Return a text that every write changes and that never comes back: it dates what is held in memory.

    The length would not do: rolled back and written otherwise, the ledger can come to the same length again.
    """
    return _joined("SELECT hash FROM ledger_chain ORDER BY number")


def state_of_ground() -> str:
    """Return a text as `state` does, which only what is done to areas changes.

    It is made of the last entry about an area in each chain, for a chain is added to by one at a time; a newest entry of them all
    would not do, because what was begun first may come to be seen last.
    """
    last = (
        "SELECT entry.hash FROM ledger_entry AS entry WHERE entry.chain = chain.number "
        f"AND entry.kind = '{GROUND}' ORDER BY entry.pos DESC LIMIT 1"
    )
    return _joined(f"SELECT coalesce(({last}), '-') AS hash FROM ledger_chain AS chain ORDER BY chain.number")


def _joined(hashes: str) -> str:
    together = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {together}(hash, '') FROM ({hashes}) AS each")
        return cursor.fetchone()[0]
