"""Vote: online by code, or on paper read by two people. Each right to vote is used once, and asking again brings the same receipt.

What a vote is hashed with comes from the code itself, which nobody but its holder has: so the same code and choice give the same
receipt again, though nothing that is kept leads from a right-holder to a vote.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.casekeys import Key, open_for, seal_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record

from .merkle import leaf_hash
from .models import Ballot, Count, PaperSheet, RightHolder, Turnout, Urn
from .preparing import NotNow, _code, code_hash, is_marked, kept
from .rules import CODE_LETTERS, URNS, State, is_choice


@dataclass(frozen=True)
class Cast:
    """A vote that is in: its receipt, and whether it was in before."""

    receipt: str
    was_in: bool


@transaction.atomic
def cast(key: UUID, code: str, choice: str, *, at: datetime) -> Cast:
    """Cast a vote with a code. Where the right is used already, the receipt of the vote that counts is returned.

    choice  yes, no or abstain; where there are options their numbers from 1, rising, parted by commas

    :raises NotFound: no such ballot, or no right to vote has this code
    :raises NotNow: it isn't open, or the right was used on paper
    :raises BadInput: no such choice
    """
    code = plain_code(code)
    turnout = Turnout.objects.select_for_update().filter(ballot=key).first()
    ballot = Ballot.objects.filter(pk=key).first()
    holder = RightHolder.objects.filter(ballot=key, code_hash=code_hash(key, code)).first()
    if ballot is None or holder is None:
        raise NotFound(_("This code isn't one of this ballot. Check it letter by letter."))
    if not is_choice(choice, len(ballot.options), ballot.most):
        raise BadInput(_("Choose one of what is offered."))
    if turnout is None or is_marked(turnout.marks, holder.number):
        return _cast_before(ballot, code, at)
    _only_open(ballot, at)
    leaf = leaf_of(ballot, holder, choice, salt_of(ballot.pk, code))
    _put_in(ballot, turnout, holder.number, leaf)
    return Cast(leaf_hash(leaf.encode()), was_in=False)


@transaction.atomic
def enter_paper(key: UUID, sheet: int, choice: str, *, by: User, at: datetime) -> Cast | None:
    """Enter what one reads on a paper; when a second person reads the same it is cast. None: it waits for the other.

    sheet  by name: the number of the right-holder; secret: the number written on the paper when the box was emptied

    :raises NotFound: there is no such ballot `by` keeps, or no such number
    :raises NotNow: it isn't open, the right is used, or both read something else: look at the paper together
    :raises BadInput: no such choice
    """
    ballot = kept(key, by, at)
    turnout = _turnout(ballot, at)
    if not is_choice(choice, len(ballot.options), ballot.most):
        raise BadInput(_("Choose one of what is offered."))
    holder = _of_sheet(ballot, turnout, sheet)
    PaperSheet.objects.update_or_create(ballot=ballot, sheet=sheet, entered_by=by, defaults={"choice": choice})
    read = list(PaperSheet.objects.filter(ballot=ballot, sheet=sheet).values_list("choice", flat=True))
    record(what="ballot.paper_entered", about=ballot, by=by, at=at, area=_code(ballot, at))
    if len(read) < 2:
        return None
    if len(set(read)) > 1:
        raise PaperDiffers(
            _("The two readings of this paper differ. Look at it together; whoever misread enters it again.")
        )
    leaf = leaf_of(ballot, holder, choice, secrets.token_hex(16))
    _put_in(ballot, turnout, holder.number if holder else None, leaf)
    return Cast(leaf_hash(leaf.encode()), was_in=False)


class PaperDiffers(NotNow):
    """Two people read something else on one paper; what the first read is kept, until one of them reads it anew."""


@transaction.atomic
def hand_out_paper(key: UUID, number: int, *, by: User, at: datetime) -> None:
    """Note that somebody takes a secret paper to put into the box: the code works no more. It says nothing of the vote.

    :raises NotFound: there is no such ballot `by` keeps, or no such number
    :raises NotNow: it isn't open, isn't secret, or the right is used
    """
    ballot = kept(key, by, at)
    turnout = _turnout(ballot, at)
    if not ballot.is_secret:
        raise NotNow(_("Papers are handed out in a secret ballot; by name each paper is entered for its right-holder."))
    _holder(ballot, turnout, number)
    turnout.papers += 1
    _mark(turnout, number)
    record(what="ballot.paper_handed_out", about=ballot, by=by, at=at, area=_code(ballot, at))


def leaf_of(ballot: Ballot, holder: RightHolder | None, choice: str, salt: str) -> str:
    """Write a vote down as it is hashed; by name it says whose, and with how much area."""
    told: dict[str, object] = {"ballot": str(ballot.pk), "text": ballot.text_hash, "choice": choice, "salt": salt}
    if not ballot.is_secret and holder is not None:
        told |= {"number": holder.number, "heads": holder.heads, "area": holder.area}
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def salt_of(ballot: UUID, code: str) -> str:
    """Return what a vote is hashed with, out of its code: without the code nobody can tell it."""
    return hmac.new(code.encode(), ballot.bytes + b"salt", hashlib.sha256).hexdigest()[:32]


def plain_code(code: str) -> str:
    """Return a code as it was drawn: capitals, without the gaps it is printed with."""
    return "".join(c for c in code.upper() if c in CODE_LETTERS)


def _cast_before(ballot: Ballot, code: str, at: datetime) -> Cast:
    """Find the vote cast with this code: only the code leads to it."""
    salt = salt_of(ballot.pk, code)
    for leaf in _leaves(ballot):
        if json.loads(leaf)["salt"] == salt:
            return Cast(leaf_hash(leaf.encode()), was_in=True)
    _only_open(ballot, at)
    raise NotNow(_("This right to vote was used on paper."))


def _leaves(ballot: Ballot) -> Iterator[str]:
    count = Count.objects.filter(ballot=ballot).first()
    if count is not None:
        yield from count.leaves
        return
    for votes in ballot.urns.values_list("votes", flat=True):
        for sealed in votes.values():
            yield open_for(ballot.pk, bytes.fromhex(sealed), Key.WORDS) or '{"salt": ""}'


def _put_in(ballot: Ballot, turnout: Turnout, number: int | None, leaf: str) -> None:
    """Put a vote into the urn its hash leads to, among the others in order of their hashes, sealed until it is counted."""
    receipt = leaf_hash(leaf.encode())
    urn = Urn.objects.get(ballot=ballot, number=int(receipt[:2], 16) % URNS)
    urn.votes[receipt] = seal_for(ballot.pk, leaf, Key.WORDS).hex()
    urn.votes = dict(sorted(urn.votes.items()))
    urn.save(update_fields=["votes"])
    if number is not None:
        _mark(turnout, number)


def _mark(turnout: Turnout, number: int) -> None:
    marks = bytearray(turnout.marks)
    marks[(number - 1) // 8] |= 1 << ((number - 1) % 8)
    turnout.marks = bytes(marks)
    turnout.save(update_fields=["marks", "papers"])


def _of_sheet(ballot: Ballot, turnout: Turnout, sheet: int) -> RightHolder | None:
    """Return whose paper it is, by name; secret: nobody's, but there are no more of them than were handed out."""
    if not ballot.is_secret:
        return _holder(ballot, turnout, sheet)
    done = PaperSheet.objects.filter(ballot=ballot).values("sheet").distinct()
    if not 1 <= sheet <= turnout.papers:
        raise NotFound(_("So many papers were not handed out."))
    if done.filter(sheet=sheet).exists() and _is_read(ballot, sheet):
        raise NotNow(_("This paper is counted already."))
    return None


def _is_read(ballot: Ballot, sheet: int) -> bool:
    read = list(PaperSheet.objects.filter(ballot=ballot, sheet=sheet).values_list("choice", flat=True))
    return len(read) == 2 and len(set(read)) == 1


def _holder(ballot: Ballot, turnout: Turnout, number: int) -> RightHolder:
    holder = RightHolder.objects.filter(ballot=ballot, number=number).first()
    if holder is None:
        raise NotFound(_("Nobody on the roll has this number."))
    if is_marked(turnout.marks, number):
        raise NotNow(_("This right to vote is used already."))
    return holder


def _turnout(ballot: Ballot, at: datetime) -> Turnout:
    _only_open(ballot, at)
    return Turnout.objects.get(ballot=ballot)


def _only_open(ballot: Ballot, at: datetime) -> None:
    if ballot.state != State.OPEN.value or ballot.opens_at is None or ballot.closes_at is None:
        raise NotNow(_("The ballot isn't open."))
    if at < ballot.opens_at:
        raise NotNow(_("The ballot isn't open yet."))
    if at >= ballot.closes_at:
        raise NotNow(_("The ballot is closed."))
