"""What a program asks of the features, read strictly: whatever isn't known or can't be so is refused, as OGC 17-069 has it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from math import isfinite

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput
from weiduan.outlook.insight.opened.features import Box, Collection, Time, Wanted, checked

JSON, HTML = "json", "html"
FEW, MOST = 10, 1000
OPEN_END = ("", "..")
LONGEST_NUMBER = 9  # digits


def form_asked(request: HttpRequest) -> str:
    """Return the form to answer in: as the address says, else as the program likes it best.

    :raises BadInput: the address asks for a form there isn't
    """
    said = request.GET.get("f")
    if said is None:
        liked = request.get_preferred_type(["application/json", "application/geo+json", "text/html"])
        return HTML if liked == "text/html" else JSON
    if said not in (JSON, HTML):
        raise BadInput(_("f is json or html."))
    return said


def only(said: QueryDict, names: Iterable[str]) -> None:
    """Refuse what isn't known here, and what is said twice.

    :raises BadInput: there is such a thing
    """
    known = {*names, "f"}
    for name, values in said.lists():
        if name not in known:
            raise BadInput(
                _("There is no parameter %(name)s here. These are known: %(known)s."), name=name, known=", ".join(sorted(known))
            )  # fmt: skip
        if len(values) > 1:
            raise BadInput(_("%(name)s is said more than once."), name=name)


def wanted_of(said: Mapping[str, str], collection: Collection) -> Wanted:
    """Return what is asked for.

    :raises BadInput: a value can't be so
    """
    return Wanted(
        box=_box(said["bbox"]) if "bbox" in said else None, time=_time(said["datetime"]) if "datetime" in said else None,
        where={name: checked(collection, name, said[name]) for name in collection.narrowed_by if name in said},
    )  # fmt: skip


def page_of(said: Mapping[str, str]) -> tuple[int, int]:
    """Return how many at most (never more than MOST) and how many to leave out before.

    :raises BadInput: one of them is no such number
    """
    return min(_whole(said, "limit", FEW, 1), MOST), _whole(said, "offset", 0, 0)


def _whole(said: Mapping[str, str], name: str, otherwise: int, least: int) -> int:
    text = said.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER and int(text) >= least):
        raise BadInput(_("%(name)s is a whole number from %(least)s on."), name=name, least=least)
    return int(text)


def _box(text: str) -> Box:
    wrong = BadInput(
        _(
            "bbox is four or six numbers: west, south, east, north in degrees; with six, the third and the sixth are heights."
        )
    )
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise wrong from error
    if len(numbers) not in (4, 6) or not all(isfinite(number) for number in numbers):
        raise wrong
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    in_the_world = all(-180 <= lon <= 180 for lon in (west, east)) and -90 <= south <= north <= 90
    if not in_the_world or (half == 3 and numbers[2] > numbers[5]):
        raise wrong
    return Box(west, south, east, north)


def _time(text: str) -> Time:
    first, slash, last = text.partition("/")
    if not slash:
        on = _day(first)
        return Time(on, on)
    found = Time(None if first in OPEN_END else _day(first), None if last in OPEN_END else _day(last))
    if found.first is not None and found.last is not None and _moment(first) > _moment(last):
        raise BadInput(_("datetime ends before it begins."))
    return found


def _day(text: str) -> date:
    return local_day(_moment(text))


def _moment(text: str) -> datetime:
    """Read a moment with its zone, or a day: then its beginning in China."""
    found = None
    try:
        if len(text) == len("2026-01-01"):
            text += "T00:00:00+08:00"
        found = parse_datetime(text.replace(" ", "+").upper())  # a plus that wasn't written %2B arrives as a space
        if found is not None and found.tzinfo is not None:
            local_day(found)
            return found
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        _("datetime is a moment like 2026-01-01T00:00:00Z, a day, or two of them parted by a stroke; “..” is an open end.")
    )  # fmt: skip
