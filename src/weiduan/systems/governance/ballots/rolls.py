"""Make a roll out of what a list says: who has one vote, with how many heads and how much area.

One exclusive part counts one head; whoever bought several counts once, and so do the developer's parts not sold or not handed over
yet, together (法释〔2020〕17号, 8 and 9). Several who own a part together have one vote for it.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from .rules import MOST_ON_A_ROLL, RollKind

DEVELOPER = "developer"


@dataclass(frozen=True)
class Line:
    """One row of a list.

    part   the exclusive part (owners), the household, or nothing
    area   square metres with at most two decimals, as text; owners only
    names  the right-holder, or several who hold together, parted by “、”
    ids    what tells namesakes apart (the end of an identity number, a telephone); as many as names, or none
    phone  to hand the code over
    unsold belongs to the developer still
    row    where it stands in the list, for whoever mends it; 0: its turn, from 1
    """

    part: str = ""
    area: str = ""
    names: str = ""
    ids: str = ""
    phone: str = ""
    unsold: bool = False
    row: int = field(default=0, compare=False)


@dataclass
class Holder:
    """One right-holder of a roll; area in hundredths of a square metre."""

    names: str
    parts: list[str] = field(default_factory=list)
    area: int = 0
    heads: int = 1
    phone: str = ""


@dataclass(frozen=True)
class Mistake:
    """What is wrong in which row of a list; 0: in all of it."""

    row: int
    what: str


def holders_of(lines: Sequence[Line], kind: RollKind) -> tuple[list[Holder], list[Mistake]]:
    """Return the right-holders in order of their first row, or everything that is wrong in the list.

    :param kind: of owners, parts are put together by who owns them; elsewhere each row is one right-holder
    """
    numbered = [(line.row or turn, line) for turn, line in enumerate(lines, start=1)]
    mistakes = [Mistake(row, what) for row, line in numbered for what in _wrong(line, kind)]
    mistakes += [Mistake(row, what) for row, what in _twice(numbered, kind)]
    if not lines:
        mistakes.append(Mistake(0, _("The list is empty.")))
    if len(lines) > MOST_ON_A_ROLL:
        mistakes.append(Mistake(0, _("A roll has at most %(n)s lines.") % {"n": MOST_ON_A_ROLL}))
    if mistakes:
        return [], sorted(mistakes, key=lambda m: m.row)
    found: dict[object, Holder] = {}
    for turn, line in enumerate(lines):
        key = _who(line) if kind is RollKind.OWNERS else turn
        holder = found.setdefault(
            key, Holder(_("the developer") if line.unsold else line.names.strip(), phone=line.phone.strip())
        )
        holder.parts += [line.part.strip()] if line.part.strip() else []
        holder.area += hundredths(line.area) or 0 if kind is RollKind.OWNERS else 0
    return list(found.values()), []


def hundredths(area: str) -> int | None:
    """Return square metres as hundredths; None where it is no such number."""
    try:
        exact = Decimal(area.strip()) * 100
    except InvalidOperation:
        return None
    return int(exact) if exact.is_finite() and exact == exact.to_integral_value() and 0 < exact < 10**10 else None


def commitment_of(entry: str) -> str:
    """Return what binds a line of a roll; the entry holds a salt, so it can't be guessed from a name."""
    return hashlib.sha256(entry.encode()).hexdigest()


def entry_of(holder: Holder) -> str:
    """Return a line of a roll as it is sealed, with a salt of its own."""
    told = {
        "names": holder.names,
        "parts": holder.parts,
        "phone": holder.phone,
        "heads": holder.heads,
        "area": holder.area,
    }
    return json.dumps(told | {"salt": secrets.token_hex(16)}, ensure_ascii=False, sort_keys=True)


def hash_of_roll(commitments: Iterable[str], *, heads: int, area: int) -> str:
    """Return the hash of a whole roll: its lines in order of their numbers, and its sums."""
    told = "\n".join([*commitments, f"{heads} {area}"])
    return hashlib.sha256(told.encode()).hexdigest()


def _who(line: Line) -> object:
    if line.unsold:
        return DEVELOPER
    names, ids = _split(line.names), _split(line.ids)
    return frozenset(zip(names, ids, strict=False)) if ids else (frozenset(names), line.phone.strip())


def _split(text: str) -> list[str]:
    plain = text.replace(",", "、").replace("，", "、")
    return ["".join(part.split()) for part in plain.split("、") if part.strip()]


def _wrong(line: Line, kind: RollKind) -> list[str]:
    wrong = []
    if not line.unsold and not _split(line.names):
        wrong.append(_("There is no name."))
    if line.ids.strip() and len(_split(line.ids)) != len(_split(line.names)):
        wrong.append(_("There are not as many numbers as names."))
    if kind is RollKind.OWNERS and hundredths(line.area) is None:
        wrong.append(_("The area is a number of square metres with at most two decimals, more than nothing."))
    if kind in (RollKind.OWNERS, RollKind.HOUSEHOLDS) and not line.part.strip():
        wrong.append(_("Say which part or household it is."))
    return wrong


def _twice(numbered: Sequence[tuple[int, Line]], kind: RollKind) -> list[tuple[int, str]]:
    """Find rows that say again what an earlier one said: a part, or a person where nothing tells namesakes apart."""
    parts: dict[str, int] = {}
    persons: dict[object, int] = {}
    again = []
    for row, line in numbered:
        if part := "".join(line.part.split()):
            if part in parts:
                again.append((row, _("The same part stands in row %(row)s.") % {"row": parts[part]}))
            parts.setdefault(part, row)
        if line.unsold or not _split(line.names) or kind is RollKind.HOUSEHOLDS:
            continue
        who, is_clear = _who(line), bool(_split(line.ids) or line.phone.strip())
        if who in persons and not (kind is RollKind.OWNERS and is_clear):
            told = {"row": persons[who]}
            again.append((row, _("The same name stands in row %(row)s: write down what tells whether it is the same person, such as "
                                 "the end of the identity number.") % told))  # fmt: skip
        persons.setdefault(who, row)
    return again
