"""Prepare a ballot, see what still keeps it from opening, and open it: from then on neither text nor roll can change."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import seal_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of

from .models import Ballot, RightHolder, Turnout, Urn
from .rolls import Line, Mistake, commitment_of, entry_of, hash_of_roll, holders_of
from .rules import (
    CODE_LENGTH,
    CODE_LETTERS,
    LONGEST_OPTION,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_OPTIONS,
    URNS,
    Procedure,
    RollKind,
    State,
    procedures,
)


class NotReady(Refused):
    """Something still keeps the ballot from this; what and how to mend it is told."""


class NotNow(Refused):
    """The ballot is in a state that doesn't allow this."""


class RollIsWrong(BadInput):
    """Rows of the list can't be; `mistakes` says which and why."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(_("%(n)s rows of the list can't be taken. Nothing was changed."), n=len(mistakes))
        self.mistakes = list(mistakes)


@dataclass(frozen=True)
class Draft:
    """What a ballot asks, of whom, and how.

    procedure        code of one of `procedures.csv`
    options          what to choose from; none: it is a yes or no
    most             how many of them may be chosen
    silence_follows  where the owners' own rules let silence follow the majority: the place in them, which everyone reads
    """

    title: str
    text: str
    procedure: str
    options: tuple[str, ...] = ()
    most: int = 1
    is_secret: bool = False
    silence_follows: str = ""
    announced_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    more: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def draft(area: str, wanted: Draft, *, by: User | str, at: datetime) -> Ballot:
    """Begin a ballot for an area.

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: something can't be
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    check_draft(wanted)
    where = area_by_code(area, on=local_day(at))
    ballot = Ballot(area_id=where.area_id, made_by=by if isinstance(by, User) else None, at=at)
    write_draft(ballot, wanted)
    ballot.save(force_insert=True)
    record(what="ballot.drafted", about=ballot, by=by, at=at, area=area, after={"procedure": wanted.procedure})
    return ballot


@transaction.atomic
def redraft(key: UUID, wanted: Draft, *, by: User | str, at: datetime) -> Ballot:
    """Change a ballot that isn't open yet.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is open, or was
    :raises BadInput: something can't be; another sort of roll than the one taken in
    """
    ballot = kept(key, by, at)
    _only_draft(ballot)
    check_draft(wanted)
    if procedures()[wanted.procedure].roll != procedures()[ballot.procedure].roll and ballot.right_holders.exists():
        raise BadInput(_("This procedure needs another sort of roll. Take the roll out first."))
    write_draft(ballot, wanted)
    ballot.save()
    record(
        what="ballot.redrafted", about=ballot, by=by, at=at, area=_code(ballot, at), after={"text": ballot.text_hash}
    )
    return ballot


@transaction.atomic
def set_roll(key: UUID, lines: Sequence[Line], *, by: User | str, at: datetime) -> int:
    """Take in who may vote, instead of whatever was taken in before; return how many right-holders there are.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is open, or was
    :raises RollIsWrong: rows that can't be; nothing is changed
    """
    ballot = kept(key, by, at)
    _only_draft(ballot)
    holders, mistakes = holders_of(lines, procedures()[ballot.procedure].roll)
    if mistakes:
        raise RollIsWrong(mistakes)
    ballot.right_holders.all().delete()
    entries = [entry_of(holder) for holder in holders]
    RightHolder.objects.bulk_create(
        RightHolder(ballot=ballot, number=number, heads=holder.heads, area=holder.area, sealed=seal_for(ballot.pk, entry),
                    commitment=commitment_of(entry))
        for number, (holder, entry) in enumerate(zip(holders, entries, strict=True), start=1)
    )  # fmt: skip
    record(
        what="ballot.roll_set",
        about=ballot,
        by=by,
        at=at,
        area=_code(ballot, at),
        after={"right_holders": len(holders)},
    )
    return len(holders)


@dataclass(frozen=True)
class Blocker:
    """What keeps a ballot from opening, and how to mend it."""

    code: str
    what: str
    fix: str


def blockers(ballot: Ballot, *, at: datetime) -> list[Blocker]:
    """Return everything that still keeps a ballot from opening, in the order in which one would mend it."""
    procedure = procedures()[ballot.procedure]
    roll = list(ballot.right_holders.values_list("heads", "area"))
    return [
        Blocker(code, what, fix) for code, stands_in_the_way, what, fix in (
            ("no_text", not ballot.text.strip(), _("What is voted on isn't written down."),
             _("Write the text everyone votes on.")),
            ("one_option", len(ballot.options) == 1, _("There is only one to choose."),
             _("Add a second one, or ask for yes or no.")),
            ("too_many_chosen", bool(ballot.options) and not 1 <= ballot.most < len(ballot.options),
             _("As many may be chosen as there are."), _("Let fewer be chosen than there are.")),
            ("no_roll", not roll, _("Nobody may vote yet."), _("Take in the list of who may vote.")),
            ("no_area", procedure.rule.by_area and any(area == 0 for _heads, area in roll),
             _("A right-holder has no area."), _("Put the area of each part into the list and take it in again.")),
            ("secret_by_area", ballot.is_secret and procedure.rule.by_area,
             _("By area it can't be secret: the area tells who voted what."), _("Hold it by name.")),
            ("not_secret", ballot.is_secret and not procedure.may_be_secret,
             _("This procedure is held by name."), _("Hold it by name, or choose another procedure.")),
            ("silence", bool(ballot.silence_follows) and procedure.roll is not RollKind.OWNERS,
             _("Only owners' own rules can let silence follow the majority."), _("Take that out.")),
            *_of_time(ballot, procedure, at),
        ) if stands_in_the_way
    ]  # fmt: skip


def _of_time(ballot: Ballot, procedure: Procedure, at: datetime) -> list[tuple[str, bool, str, str]]:
    opens, closes, said = ballot.opens_at, ballot.closes_at, ballot.announced_on
    days = timedelta(days=procedure.notice_days)
    return [
        ("no_time", opens is None or closes is None, _("It isn't said when it opens and closes."), _("Set both times.")),
        ("backwards", bool(opens and closes and closes <= opens), _("It closes before it opens."), _("Set a later end.")),
        ("is_over", bool(closes and closes <= at), _("The time it closes is over."), _("Set a later end.")),
        ("not_announced", bool(procedure.notice_days) and said is None,
         _("It isn't announced."), _("Announce it in the unit and write down the day.")),
        ("too_soon", bool(said and opens and local_day(opens) < said + days),
         _("It opens less than %(n)s days after it was announced.") % {"n": procedure.notice_days}, _("Let it open later.")),
    ]  # fmt: skip


@transaction.atomic
def open_ballot(key: UUID, *, by: User | str, at: datetime) -> dict[int, str]:
    """Open a ballot: freeze text and roll, and draw everybody's code; return number → code, this once.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is open, or was
    :raises NotReady: something still keeps it from opening
    """
    ballot = kept(key, by, at)
    _only_draft(ballot)
    if in_the_way := blockers(ballot, at=at):
        raise NotReady(" ".join(f"{one.what}{one.fix}" for one in in_the_way))
    holders = list(ballot.right_holders.order_by("number"))
    codes = {holder.number: new_code() for holder in holders}
    for holder in holders:
        holder.code_hash = code_hash(ballot.pk, codes[holder.number])
    RightHolder.objects.bulk_update(holders, ["code_hash"], batch_size=500)
    ballot.state, ballot.roll_hash = State.OPEN.value, frozen_hash(ballot)
    ballot.save(update_fields=["state", "roll_hash"])
    Turnout.objects.create(ballot=ballot, marks=bytes((len(holders) + 7) // 8))
    Urn.objects.bulk_create(Urn(ballot=ballot, number=n) for n in range(URNS))
    frozen = {"roll": ballot.roll_hash, "text": ballot.text_hash}
    record(what="ballot.opened", about=ballot, by=by, at=at, area=_code(ballot, at), after=frozen)
    return codes


@transaction.atomic
def new_code_for(key: UUID, number: int, *, by: User | str, at: datetime) -> str:
    """Draw another code for somebody who lost it; the one before works no more. Return it, this once.

    :raises NotFound: there is no such ballot or number
    :raises NotNow: it isn't open, or the right is used already
    """
    ballot = kept(key, by, at)
    turnout = Turnout.objects.filter(ballot=ballot).first()
    holder = ballot.right_holders.filter(number=number).first()
    if holder is None:
        raise NotFound(_("There is nothing here that you may see."))
    if ballot.state != State.OPEN.value or turnout is None or is_marked(turnout.marks, number):
        raise NotNow(_("The ballot isn't open, or this right to vote is used already."))
    code = new_code()
    holder.code_hash = code_hash(ballot.pk, code)
    holder.save(update_fields=["code_hash"])
    record(what="ballot.code_renewed", about=ballot, by=by, at=at, area=_code(ballot, at), after={"number": number})
    return code


@transaction.atomic
def note_reached(key: UUID, numbers: Sequence[int], *, by: User | str, at: datetime) -> int:
    """Note to whom the ballot was handed over in a way that can be shown; return how many are new.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't open
    """
    ballot = kept(key, by, at)
    if ballot.state != State.OPEN.value:
        raise NotNow(_("The ballot isn't open."))
    new = ballot.right_holders.filter(number__in=list(numbers), was_reached=False).update(was_reached=True)
    record(what="ballot.reached", about=ballot, by=by, at=at, area=_code(ballot, at), after={"new": new})
    return new


def frozen_hash(ballot: Ballot) -> str:
    """Return the hash of a roll as it lies in the database now."""
    rows = list(ballot.right_holders.order_by("number").values_list("commitment", "heads", "area"))
    return hash_of_roll((row[0] for row in rows), heads=sum(row[1] for row in rows), area=sum(row[2] for row in rows))


def new_code() -> str:
    """Draw a code; what is kept of it is its hash."""
    return "".join(secrets.choice(CODE_LETTERS) for _each in range(CODE_LENGTH))


def code_hash(ballot: UUID, code: str) -> bytes:
    """Return what is kept of a code: it has 80 bits, so one round is enough."""
    return hashlib.sha256(ballot.bytes + b"code" + code.encode()).digest()


def is_marked(marks: bytes | memoryview, number: int) -> bool:
    """Tell whether the right with this number is used."""
    return bool(bytes(marks)[(number - 1) // 8] >> ((number - 1) % 8) & 1)


def kept(key: UUID, by: User | str, at: datetime) -> Ballot:
    """Lock a ballot that somebody keeps; of others not even their existence is told.

    :raises NotFound: there is none `by` keeps
    """
    Turnout.objects.select_for_update().filter(ballot=key).first()  # first, as whoever votes does
    found = Ballot.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at)
    return found


def _code(ballot: Ballot, at: datetime) -> str:
    return area_of(ballot.area_id, on=local_day(at)).code


def _only_draft(ballot: Ballot) -> None:
    if ballot.state != State.DRAFT.value:
        raise NotNow(_("The ballot was opened: text and roll can't be changed any more. Annul it and begin anew."))


def check_draft(wanted: Draft) -> None:
    """Refuse what can't be, whether it opens later or not.

    :raises BadInput: says what
    """
    problems: list[tuple[Callable[[], bool], str]] = [
        (lambda: not 0 < len(wanted.title.strip()) <= LONGEST_TITLE, _("Give it a title of at most 80 characters.")),
        (lambda: len(wanted.text) > LONGEST_TEXT, _("The text has at most 20,000 characters.")),
        (lambda: wanted.procedure not in procedures(), _("Choose how it is decided.")),
        (lambda: len(wanted.options) > MOST_OPTIONS, _("There can be at most 20 to choose from.")),
        (
            lambda: any(not 0 < len(o.strip()) <= LONGEST_OPTION for o in wanted.options),
            _("Each option has 1 to 100 characters."),
        ),
        (lambda: len(set(wanted.options)) != len(wanted.options), _("Two options are the same.")),
    ]
    for is_so, sentence in problems:
        if is_so():
            raise BadInput(sentence)


def write_draft(ballot: Ballot, wanted: Draft) -> None:
    """Write down what a ballot asks; the hash of its text binds every vote to it."""
    for name in ("procedure", "most", "is_secret", "announced_on", "opens_at", "closes_at"):
        setattr(ballot, name, getattr(wanted, name))
    ballot.title, ballot.text, ballot.options = (
        wanted.title.strip(),
        wanted.text.replace("\r\n", "\n").strip(),
        list(wanted.options),
    )
    ballot.silence_follows = wanted.silence_follows.strip()
    ballot.text_hash = hashlib.sha256("\n".join([ballot.title, ballot.text, *ballot.options]).encode()).hexdigest()
