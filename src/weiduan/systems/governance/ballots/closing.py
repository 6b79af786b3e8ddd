"""Close a ballot and count it, once; hear objections; make it final; and forget who was on the roll."""

import json
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.casekeys import Key, destroy_key, open_for, seal_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import LEAST_RECEIPT, receipt_hash
from weiduan.ground.holds.queries import held_cases
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT

from .counting import add_up
from .merkle import leaf_hash, root_of
from .models import Ballot, Count, Objection, Turnout
from .preparing import NotNow, _code, frozen_hash, kept
from .rules import OBJECTIONS_WITHIN, State, procedures, roll_kept

LONGEST_WORDS = 1000


class RollWasChanged(Refused):
    """The roll isn't the one that was frozen; nothing is counted before that is cleared up."""


@transaction.atomic
def close(key: UUID, *, by: User | str, at: datetime) -> Ballot:
    """Close a ballot whose time is over, and count it; closed already, it stays as it is.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it was never opened, or its time isn't over
    :raises RollWasChanged: the roll isn't the one frozen at opening
    """
    ballot = kept(key, by, at)  # no vote comes in from here on
    if ballot.state in (State.CLOSED.value, State.FINAL.value):
        return ballot
    if ballot.state != State.OPEN.value or ballot.closes_at is None or at < ballot.closes_at:
        raise NotNow(_("The ballot isn't over yet."))
    if frozen_hash(ballot) != ballot.roll_hash:
        raise RollWasChanged(_("The roll isn't the one frozen when the ballot was opened. Nothing was counted."))
    _count(ballot)
    ballot.state, ballot.closed_at, ballot.objections_until = State.CLOSED.value, at, at + OBJECTIONS_WITHIN
    ballot.save(update_fields=["state", "closed_at", "objections_until"])
    told = {"root": ballot.count.root, "votes": len(ballot.count.leaves)}
    record(what="ballot.closed", about=ballot, by=by, at=at, area=_code(ballot, at), after=told)
    return ballot


def _count(ballot: Ballot) -> None:
    sealed = [bytes.fromhex(vote) for votes in ballot.urns.values_list("votes", flat=True) for vote in votes.values()]
    leaves = [open_for(ballot.pk, each, Key.WORDS) for each in sealed]
    if None in leaves:
        raise RollWasChanged(_("A vote in the urns can't be opened. Nothing was counted."))
    opened = sorted((leaf for leaf in leaves if leaf is not None), key=lambda leaf: leaf_hash(leaf.encode()))
    root = root_of(leaf_hash(leaf.encode()) for leaf in opened)
    Count.objects.create(ballot=ballot, leaves=opened, root=root, sums=_sums(ballot, opened))
    ballot.urns.all().delete()
    ballot.sheets.all().delete()
    Turnout.objects.filter(ballot=ballot).delete()
    transaction.on_commit(partial(destroy_key, ballot.pk, Key.WORDS))


def _sums(ballot: Ballot, leaves: list[str]) -> dict[str, Any]:
    """Return what is added up: the roll, those reached, and each choice, as [heads, area]."""
    roll = list(ballot.right_holders.values_list("number", "heads", "area", "was_reached"))
    votes = [json.loads(leaf) for leaf in leaves]
    voted = {vote.get("number") for vote in votes}
    silent = [row for row in roll if row[3] and row[0] not in voted]
    return add_up(votes) | {
        "whole": [sum(r[1] for r in roll), sum(r[2] for r in roll)],
        "silent": [0, 0] if ballot.is_secret else [sum(r[1] for r in silent), sum(r[2] for r in silent)],
    }


def close_those_over(*, at: datetime) -> int:
    """Close and count every ballot whose time is over; return how many. For the clock.

    Each by itself: one that can't be counted waits for somebody to look at it, and keeps no other from being counted.
    """
    due = Ballot.objects.filter(state=State.OPEN.value, closes_at__lte=at).order_by("pk").values_list("pk", flat=True)
    done = 0
    for key in list(due):
        with suppress(RollWasChanged):  # whoever closes it by hand is told
            close(key, by="clock", at=at)
            done += 1
    return done


@transaction.atomic
def object_to(key: UUID, words: str, receipt: str, *, at: datetime) -> Objection:
    """Say that something is wrong with a result; told again with the same receipt it is there once.

    :raises NotFound: there is no such ballot
    :raises NotNow: nothing was counted yet, or the time for it is over
    :raises BadInput: no words, or too many
    """
    ballot = Ballot.objects.select_for_update().filter(pk=key).first()
    if ballot is None or len(receipt) < LEAST_RECEIPT:
        raise NotFound(_("There is nothing here that you may see."))
    if ballot.state != State.CLOSED.value or ballot.objections_until is None or at >= ballot.objections_until:
        raise NotNow(_("Objections can be raised from the count until the day shown."))
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say what is wrong in at most %(n)s characters."), n=LONGEST_WORDS)
    found, made = Objection.objects.get_or_create(
        receipt_hash=receipt_hash(receipt),
        defaults={"ballot": ballot, "sealed": seal_for(ballot.pk, words.strip()), "at": at},
    )
    if made:
        record(what="ballot.objected", about=ballot, by=RESIDENT, at=at, area=_code(ballot, at))
    return found


@transaction.atomic
def answer_objection(key: UUID, objection: int, words: str, *, upheld: bool, by: User | str, at: datetime) -> Objection:
    """Answer an objection to a ballot; one that is upheld annuls the ballot.

    :raises NotFound: there is none of a ballot `by` keeps
    :raises NotNow: it is answered already
    :raises BadInput: no words, or too many
    """
    ballot = kept(key, by, at)
    found = Objection.objects.select_for_update().filter(pk=objection, ballot=ballot).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.answer:
        raise NotNow(_("This objection is answered already."))
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say why in at most %(n)s characters."), n=LONGEST_WORDS)
    found.answer, found.is_upheld = words.strip(), upheld
    found.save(update_fields=["answer", "is_upheld"])
    record(
        what="ballot.objection_answered", about=ballot, by=by, at=at, area=_code(ballot, at), after={"upheld": upheld}
    )
    if upheld:
        _annulled(ballot, by, at)
    return found


def objections_of(ballot: Ballot) -> list[tuple[Objection, str]]:
    """Return the objections to a ballot with their words, opened; none once they were erased."""
    rows = ballot.objections.order_by("at", "pk")
    return [(one, open_for(ballot.pk, one.sealed) or "" if one.sealed else "") for one in rows]


@transaction.atomic
def annul(key: UUID, words: str, *, by: User | str, at: datetime) -> Ballot:
    """Annul a ballot, with the reason everyone reads: before it is counted, or because a court says so.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is annulled already
    :raises BadInput: no reason
    """
    ballot = kept(key, by, at)
    if ballot.state == State.ANNULLED.value:
        raise NotNow(_("The ballot is annulled already."))
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say why in at most %(n)s characters."), n=LONGEST_WORDS)
    ballot.annulled_because = words.strip()
    ballot.save(update_fields=["annulled_because"])
    return _annulled(ballot, by, at)


def _annulled(ballot: Ballot, by: User | str, at: datetime) -> Ballot:
    ballot.state = State.ANNULLED.value
    ballot.closed_at = ballot.closed_at or at
    ballot.save(update_fields=["state", "closed_at"])
    ballot.urns.all().delete()
    ballot.sheets.all().delete()
    Turnout.objects.filter(ballot=ballot).delete()
    transaction.on_commit(partial(destroy_key, ballot.pk, Key.WORDS))
    record(what="ballot.annulled", about=ballot, by=by, at=at, area=_code(ballot, at))
    return ballot


@transaction.atomic
def make_final(*, at: datetime) -> int:
    """Make final what was counted and heard: the time for objections is over and none is open. For the clock."""
    due = Ballot.objects.select_for_update().filter(state=State.CLOSED.value, objections_until__lte=at).order_by("pk")
    done = [ballot for ballot in due if not ballot.objections.filter(answer="").exists()]
    for ballot in done:
        ballot.state = State.FINAL.value
        ballot.save(update_fields=["state"])
        record(what="ballot.final", about=ballot, by="clock", at=at, area=_code(ballot, at))
    return len(done)


@transaction.atomic
def forget_rolls(*, at: datetime) -> int:
    """Erase who was on a roll once nobody can have the decision annulled any more; only the hashes stay. For the clock."""
    done = 0
    settled = Ballot.objects.select_for_update().filter(state__in=[State.FINAL.value, State.ANNULLED.value])
    settled = settled.exclude(pk__in=held_cases(at))
    for ballot in settled.filter(closed_at__isnull=False, roll_erased_at=None).order_by("pk"):
        if ballot.closed_at is None or ballot.closed_at > at - roll_kept(procedures()[ballot.procedure].roll):
            continue
        ballot.right_holders.update(sealed=b"", code_hash=None)
        ballot.objections.update(sealed=b"")
        ballot.roll_erased_at = at
        ballot.save(update_fields=["roll_erased_at"])
        transaction.on_commit(partial(destroy_key, ballot.pk, Key.PERSON))
        record(what="ballot.roll_erased", about=ballot, by="clock", at=at, area=_code(ballot, at))
        done += 1
    return done
