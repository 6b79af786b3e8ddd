"""From what stands in a cell to the value of its column, or one plain sentence about what is wrong.

A cell comes as None, text, number, true/false, date, datetime, or NoValue.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.utils.translation import gettext as _

from .sheets import CHOICE, CODE, CODES, DATE, NUMBER, TEXT, WHOLE, Column


@dataclass(frozen=True, slots=True)
class NoValue:
    """A cell Excel shows something in, but that holds no value: an error, a formula never worked out, a time."""

    kind: str
    text: str


Value = str | int | float | date | None
Raw = str | int | float | bool | date | datetime | NoValue | None

FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(2100, 12, 31)
EXACT = 10**15  # Excel keeps fifteen digits of a number


class Wrong(Exception):
    """The cell can't be taken; the argument is the sentence."""


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Return a title as it is compared: no spaces, no required mark, full-width forms made narrow."""
    return re.sub(r"[\s*]+", "", unicodedata.normalize("NFKC", text)).casefold()


def codes_in(value: Value) -> tuple[str, ...]:
    """Return the codes a CODES cell lists, in order."""
    return tuple(value.split("、")) if isinstance(value, str) and value else ()


def reader_of(column: Column) -> Callable[[Raw], Value]:
    """Return the function that reads this column's cells; it raises Wrong."""
    read = _READERS[column.kind](column)

    def read_cell(raw: Raw) -> Value:
        value = None if raw is None else read(raw)
        if value is None and column.required:
            raise Wrong(_("“%(title)s” must be filled in.") % {"title": column.title})
        return value

    return read_cell


def _text_reader(column: Column) -> Callable[[Raw], Value]:
    longest = column.length

    def read(raw: Raw) -> Value:
        text = _as_text(raw).strip()
        if not text:
            return None
        if not text.isprintable():
            _refuse_unseen(text)
        if len(text) > longest:
            raise Wrong(
                _("Too long: at most %(most)d characters, here are %(here)d.") % {"most": longest, "here": len(text)}
            )
        return text

    return read


def _as_text(raw: Raw) -> str:
    """Return a cell of a text column as text, if nothing was lost on the way."""
    if isinstance(raw, str):
        return raw
    _refuse_no_value(raw)
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, date):
        raise Wrong(_("Excel turned this into a date. Set the cell's format to Text and type it again."))
    if isinstance(raw, float | int):
        if not abs(raw) < EXACT:
            raise Wrong(
                _("Excel turned this into a number and lost digits. Set the cell's format to Text and type it again.")
            )
        return str(int(raw)) if raw == int(raw) else repr(raw)
    return ""


def _refuse_no_value(raw: Raw) -> None:
    if not isinstance(raw, NoValue):
        return
    if raw.kind == "error":
        raise Wrong(_("The formula gives an error (%(text)s). Type the value itself.") % {"text": raw.text})
    if raw.kind == "formula":
        raise Wrong(_("The formula has no value yet. Open the file in Excel, save it, or type the value itself."))
    raise Wrong(_("This is a time of day or a span of time; it doesn't belong here."))


def _refuse_unseen(text: str) -> None:
    """Refuse line breaks and letters that can't be seen; letters Python merely doesn't know may pass."""
    if re.search(r"[\r\n\t\v\f\u2028\u2029\x85]", text):
        raise Wrong(_("Line breaks and tabs are not allowed here. Write it on one line."))
    for letter in text:
        kind = unicodedata.category(letter)
        if kind in ("Cc", "Cf", "Cs") or ord(letter) & 0xFFFE == 0xFFFE:
            raise Wrong(
                _("There is a character here that can't be seen (U+%(code)04X). Delete the cell and type it again.")
                % {"code": ord(letter)}
            )


def _narrow(text: str) -> str:
    """Return text with full-width letters made narrow and without any spaces."""
    if text.isascii() and text.isalnum():
        return text
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\u200b\ufeff]+", "", text).removeprefix("'")


def _code_reader(column: Column) -> Callable[[Raw], Value]:
    def read(raw: Raw) -> Value:
        return _code(raw, column) or None

    return read


def _code(raw: Raw, column: Column) -> str:
    """Return one code; digits only where the column says how many."""
    _refuse_no_value(raw)
    code = _narrow(raw) if isinstance(raw, str) else ""
    if (isinstance(raw, float | int) and not isinstance(raw, bool)) or re.fullmatch(r"\d[.\d]*[eE]\+?\d+", code):
        raise Wrong(
            _("Excel made the code a number and may have lost digits. Set the format to Text and type it again.")
        )
    if not isinstance(raw, str):
        raise Wrong(_("Excel made the code something else. Set the format to Text and type it again."))
    if not code:
        return ""
    if column.digits:
        _refuse_digits(code, column)
    strange = re.search(r"[^0-9A-Za-z-]", code)
    if strange:
        raise Wrong(_("A code has only letters, digits and hyphens, not “%(letter)s”.") % {"letter": strange[0]})
    if len(code) > column.length and not column.digits and column.kind == CODE:
        raise Wrong(
            _("Too long: at most %(most)d characters, here are %(here)d.") % {"most": column.length, "here": len(code)}
        )
    return code


def _refuse_digits(code: str, column: Column) -> None:
    if not (code.isascii() and code.isdigit()):
        raise Wrong(
            _("“%(title)s” has only digits: “%(code)s” can't be one.") % {"title": column.title, "code": code[:30]}
        )
    if len(code) not in column.digits:
        allowed = " / ".join(str(count) for count in column.digits)
        raise Wrong(
            _("“%(title)s” has %(allowed)s digits; “%(code)s” has %(here)d.")
            % {"title": column.title, "allowed": allowed, "code": code[:30], "here": len(code)}
        )


def _codes_reader(column: Column) -> Callable[[Raw], Value]:
    def read(raw: Raw) -> Value:
        if not isinstance(raw, str):
            return _code(raw, column) or None
        parts = re.split(r"[、,，;；\s]+", raw.strip())
        codes = dict.fromkeys(code for code in (_code(part, column) for part in parts) if code)
        text = "、".join(codes)
        if len(text) > column.length:
            raise Wrong(
                _("Too long: at most %(most)d characters, here are %(here)d.")
                % {"most": column.length, "here": len(text)}
            )
        return text or None

    return read


def _number_reader(column: Column) -> Callable[[Raw], Value]:
    def read(raw: Raw) -> Value:
        number = _number(raw)
        if number is None:
            return None
        _refuse_range(number, column)
        return float(number)

    return read


def _whole_reader(column: Column) -> Callable[[Raw], Value]:
    def read(raw: Raw) -> Value:
        number = _number(raw)
        if number is None:
            return None
        _refuse_range(number, column)
        if number != int(number):
            raise Wrong(
                _("“%(title)s” is a whole number, not %(here)s.") % {"title": column.title, "here": _shown(number)}
            )
        return int(number)

    return read


def _number(raw: Raw) -> float | None:
    _refuse_no_value(raw)
    if isinstance(raw, bool | date):
        raise Wrong(_("This must be a number. Set the cell's format to General and type the number."))
    if isinstance(raw, float | int):
        return raw
    text = _narrow(raw) if isinstance(raw, str) else ""
    if not text:
        return None
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if not re.fullmatch(r"[+-]?\d{1,30}(\.\d{1,30})?", text):
        raise Wrong(_("This must be a number, without words or units; “%(text)s” is none.") % {"text": text[:30]})
    return float(text)


def _refuse_range(number: float, column: Column) -> None:
    low, high = column.low, column.high
    if (low is None or number >= low) and (high is None or number <= high):
        return
    raise Wrong(
        _("“%(title)s” lies between %(low)s and %(high)s, not at %(here)s.")
        % {"title": column.title, "low": _shown(low), "high": _shown(high), "here": _shown(number)}
    )


def _shown(number: float | None) -> str:
    """Return a number as people write it."""
    return "" if number is None else f"{number:.15g}"


def _date_reader(column: Column) -> Callable[[Raw], Value]:
    known: dict[str, date] = {}

    def read(raw: Raw) -> Value:
        if isinstance(raw, str) and raw in known:
            return known[raw]
        day = _date(raw)
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise Wrong(_("The year %(year)d can't be right.") % {"year": day.year})
        if isinstance(raw, str) and day is not None and len(known) < 50_000:
            known[raw] = day
        return day

    return read


def _date(raw: Raw) -> date | None:
    _refuse_no_value(raw)
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = _narrow(raw) if isinstance(raw, str) else _shown(raw) if not isinstance(raw, bool | NoValue) else "?"
    if not text:
        return None
    match = re.fullmatch(r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日?|(\d{2})(\d{2}))", text)
    if not match:
        raise Wrong(_("“%(text)s” is not a date. Write it like 2017-06-01, to the day.") % {"text": text[:30]})
    year, _mark, *month_day = match.groups()
    month, day = (int(part) for part in month_day if part is not None)
    try:
        return date(int(year), month, day)
    except ValueError:
        raise Wrong(_("There is no such day: “%(text)s”.") % {"text": text[:30]}) from None


def _choice_reader(column: Column) -> Callable[[Raw], Value]:
    by_title = {plain(title): key for key, title in column.choices.items()}

    def read(raw: Raw) -> Value:
        _refuse_no_value(raw)
        text = plain(raw) if isinstance(raw, str) else plain(str(raw))
        if not text:
            return None
        if text in by_title:
            return by_title[text]
        allowed = "、".join(column.choices.values())
        shown = str(raw).strip()[:30]
        raise Wrong(
            _("“%(text)s” can't be chosen here. Choose one of: %(allowed)s.") % {"text": shown, "allowed": allowed}
        )

    return read


_READERS = {
    TEXT: _text_reader,
    CODE: _code_reader,
    CODES: _codes_reader,
    WHOLE: _whole_reader,
    NUMBER: _number_reader,
    DATE: _date_reader,
    CHOICE: _choice_reader,
}
