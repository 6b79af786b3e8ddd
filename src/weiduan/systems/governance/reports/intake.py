"""Take a report in: once for every form, routed to who sees to it first, its clock running from that moment."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import Key, destroy_key, seal_for
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.base.images import Picture
from weiduan.ground.base.inserts import at_once, inserting
from weiduan.ground.base.receipts import LEAST_RECEIPT, receipt_hash
from weiduan.ground.base.worktime import due_after
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.locate import unit_at
from weiduan.ground.territory.queries import area_ids
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.categories.queries import choosable
from weiduan.systems.governance.categories.rules import At

from .models import Contact, Report, ReportPhoto
from .photos import drawn, keep_photos
from .rules import LONGEST_PLACE, LONGEST_TEXT, Channel, Wish
from .search import words_of_new

REPORTER = "reporter"  # how the ledger names whoever told it
By = User | str | None  # None: a resident without an account


class ToldOtherwise(Refused):
    """The same form came before with something else in it."""


@dataclass(frozen=True)
class Telling:
    """What is told.

    area           code of the unit, or of the village where no unit is known; not needed with a point in a drawn unit
    lon, lat       WGS 84
    in_confidence  in no public figure, list or map, as all of a category may be
    """

    category: str
    text: str
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    photos: tuple[bytes, ...] = ()
    contact: str = ""
    wish: Wish = Wish.ANONYMOUS
    in_confidence: bool = False


def tell(telling: Telling, *, receipt: str, channel: Channel, by: By, at: datetime) -> Report:
    """Take a report in; told again with the same receipt, the report made before is returned.

    receipt  random, at least 128 bits; whoever holds it follows the report, and only they
    by       who writes it down for somebody, or the account of the program it came through; None: a resident

    :raises BadInput: no words, too many, no place, a picture that is none
    :raises NotAllowed: `by` writes it down for somebody and has no duty for reports there
    :raises ToldOtherwise: the same receipt came with other words
    """
    _check(telling, receipt)
    pictures = drawn(telling.photos)
    hashed = receipt_hash(receipt)
    beside = _Beside()
    try:
        return _taken_in(telling, pictures, hashed, channel, by, at, beside)
    except (IntegrityError, Refused):  # the receipt is unique; and what was told once may not be told anew by now
        beside.undo()
        before = _told_before(telling, hashed)
        if before is None:
            raise
        return before


@dataclass
class _Beside:
    """What is made outside the database for a report that is being taken in.

    It is undone only when the database has said that nothing is kept: where the answer is lost, the report may be there.
    """

    case: UUID = field(default_factory=uuid4)
    photos: list[ReportPhoto] = field(default_factory=list)

    def undo(self) -> None:
        for key in Key:
            destroy_key(self.case, key)
        for photo in self.photos:
            photo.file.delete(save=False)


def _told_before(telling: Telling, hashed: bytes) -> Report | None:
    before = Report.objects.filter(receipt_hash=hashed).first()
    if before is not None and before.text != telling.text.strip():
        raise ToldOtherwise(_("This form was sent before with other words. Open a new one."))
    return before


def _check(telling: Telling, receipt: str) -> None:
    if len(receipt) < LEAST_RECEIPT:
        raise BadInput(_("A report needs a receipt."))
    if not telling.text.strip():
        raise BadInput(_("Say what it is about in a few words."))
    if len(telling.text) > LONGEST_TEXT:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_TEXT)
    if len(telling.place) > LONGEST_PLACE or len(telling.contact) > LONGEST_PLACE:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_PLACE)
    if (telling.lon is None) != (telling.lat is None):
        raise BadInput(_("Mark the place on the map, or choose the unit."))


@transaction.atomic
def _taken_in(
    telling: Telling, pictures: list[Picture], hashed: bytes, channel: Channel, by: By, at: datetime, beside: _Beside
) -> Report:  # fmt: skip
    category, on = choosable(telling.category), local_day(at)
    code = area_told(telling, on)
    handler = handler_code(code, At(category.level))
    if by is not None and channel is Channel.DESK:
        require(by, Duty.HANDLE_REPORTS, in_area=code, at=at)
    keys = area_ids([code, handler], on=on)
    if code not in keys or handler not in keys:
        raise BadInput(_("Mark the place on the map, or choose the unit."))
    report = _report(telling, category, keys[code], keys[handler], hashed, channel, by, at, beside.case)
    at_once(*map(inserting, [report, words_of_new(report), *_contact(report, telling)]))
    beside.photos += keep_photos(report, pictures, at)
    told = {"category": category.code, "channel": channel.value}
    record(what="report.told", about=report, by=by if by is not None else REPORTER, at=at, area=handler, after=told)
    return report


def area_told(telling: Telling, on: date) -> str:
    """Return the code a matter lies in: the unit the point is in, else the one chosen."""
    if telling.lon is not None and telling.lat is not None:
        found = unit_at(telling.lon, telling.lat, on=on)
        if found is not None:
            return found[:18]
    if not telling.area:
        raise BadInput(_("No unit is drawn at this place. Choose the unit, or the village, from the list."))
    return telling.area[:18]


def handler_code(code: str, level: At) -> str:
    """Return the code of the area whose staff see to a matter first: of the level asked for, around where it lies."""
    if level is At.GRID:
        return code[:15] if len(code) >= 15 else code[:12]
    return {At.VILLAGE: code[:12], At.TOWN: code[:9] + "000", At.DISTRICT: code[:6] + "000000"}[level]


def _report(
    telling: Telling, category: Category, area: int, handler: int, hashed: bytes, channel: Channel, by: By, at: datetime, key: UUID
) -> Report:  # fmt: skip
    report = Report(
        pk=key, number=f"{local_day(at):%y%m%d}{secrets.randbelow(10**8):08d}", receipt_hash=hashed, category=category, area_id=area,
        handler_id=handler, lon=telling.lon, lat=telling.lat, channel=channel.value,
        told_by=by if isinstance(by, User) else None, told_at=at, due_at=due_after(at, timedelta(hours=category.hours)),
        in_confidence=telling.in_confidence or category.in_confidence,
    )  # fmt: skip
    report.text, report.place = telling.text.strip(), telling.place.strip()
    return report


def _contact(report: Report, telling: Telling) -> list[Contact]:
    """Return the contact, sealed; none where none was left."""
    if not telling.contact.strip() or telling.wish is Wish.ANONYMOUS:
        return []
    return [Contact(report=report, sealed=seal_for(report.pk, telling.contact.strip()), wish=telling.wish.value)]
