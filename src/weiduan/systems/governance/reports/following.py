"""What a receipt shows: one's own report, or how another of the same matter stands, without what others wrote of it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import areas_below

from .models import AlsoConcerned, Contact, Report, ReportPhoto, Step
from .queries import released, report_by_receipt, steps_of
from .rules import LAW, REOPEN_WITHIN, Move, State, Who, moves_from

# What staff did with a report; the rest was written by, or is for, whoever told it.
_BY_STAFF = {move.value for move, law in LAW.items() if law.who is Who.HANDLER} | {"told", "moved", "recategorised"}


@dataclass(frozen=True)
class Followed:
    """What is shown to whoever holds a receipt.

    own      the report told with it; None where somebody only said “me too”
    shown    the report whose state counts: the one joined to, else the own one
    steps    of the own report, then what staff did with the one joined to
    photos   own ones and those of the result
    contact  None where none was left, or it is erased
    """

    own: Report | None
    shown: Report
    steps: list[Step]
    photos: list[ReportPhoto]
    contact: Contact | None


def followed(receipt: str) -> Followed:
    """Return what a receipt shows.

    :raises NotFound: it is no receipt of a report
    """
    also = AlsoConcerned.objects.select_related("report__category", "report__joined_to__category")
    found = also.filter(receipt_hash=receipt_hash(receipt)).first()
    if found is not None and not Report.objects.filter(receipt_hash=receipt_hash(receipt)).exists():
        shown = found.report.joined_to or found.report
        return Followed(None, shown, _by_staff(shown), _photos(None, shown), None)
    own = report_by_receipt(receipt)
    shown = own.joined_to or own
    steps = steps_of(own, internal=False) + (_by_staff(shown) if shown != own else [])
    return Followed(own, shown, steps, _photos(own, shown), Contact.objects.filter(report=own).first())


def _by_staff(report: Report) -> list[Step]:
    return [step for step in steps_of(report, internal=False) if step.what in _BY_STAFF]


def _photos(own: Report | None, shown: Report) -> list[ReportPhoto]:
    pictures = ReportPhoto.objects.filter(report=own) if own else ReportPhoto.objects.none()
    return list((pictures | ReportPhoto.objects.filter(report=shown, is_result=True)).order_by("at", "pk"))


def photo_by_receipt(receipt: str, key: UUID) -> ReportPhoto:
    """Return a picture that a receipt shows.

    :raises NotFound: it shows none such
    """
    for photo in followed(receipt).photos:
        if photo.pk == key:
            return photo
    raise NotFound(_("There is nothing here that you may see."))


def moves_of_reporter(report: Report, *, at: datetime) -> list[Move]:
    """Return what whoever told a report may do now; reopening only for thirty days."""
    too_late = report.closed_at is not None and report.closed_at < at - REOPEN_WITHIN
    return [m for m in moves_from(State(report.state), Who.REPORTER) if not (m is Move.REOPEN and too_late)]


def released_in(code: str, *, on: date) -> QuerySet[Report]:
    """Return what was shown to everyone of an area, the newest first."""
    here = areas_below(code, on=on).values("area_id")
    return released().filter(area__in=here).select_related("category").order_by("-told_at")
