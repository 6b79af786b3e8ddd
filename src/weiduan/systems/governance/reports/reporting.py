"""What whoever told a report may do with it: the receipt is the only key."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.casekeys import destroy_key
from weiduan.ground.base.errors import BadInput, NotFound

from .handling import NotNow, _check_words, _code, _move, _record, _step
from .models import AlsoConcerned, Contact, Report, ReportPhoto
from .photos import drawn, keep_photos
from .queries import receipt_hash
from .rules import CLOSED, CONTACT_KEPT, MOST_PHOTOS, OPEN, REOPEN_WITHIN, WORD_WITHIN, Move, State, Who


@transaction.atomic
def confirm(receipt: str, *, at: datetime) -> Report:
    """Say that it is solved.

    :raises NotFound: no report has this receipt
    :raises NotNow: it isn't answered, or has been closed
    """
    return _move(_told(receipt), Move.CONFIRM, "", None, at, who=Who.REPORTER)


@transaction.atomic
def dispute(receipt: str, words: str, *, at: datetime) -> Report:
    """Say that it isn't solved, and what is still wrong; number and clock stay.

    Closed a while ago, it is opened again: within thirty days.

    :raises NotFound: no report has this receipt
    :raises NotNow: it isn't answered, or has been closed too long
    :raises BadInput: no words
    """
    report = _told(receipt)
    if report.state == State.ANSWERED.value:
        return _move(report, Move.DISPUTE, words, None, at, who=Who.REPORTER)
    if report.closed_at is not None and report.closed_at < at - REOPEN_WITHIN:
        raise NotNow(_("It has been closed for more than thirty days. Please tell it anew."))
    report.reopened += 1
    return _move(report, Move.REOPEN, words, None, at, who=Who.REPORTER)


@transaction.atomic
def withdraw(receipt: str, *, at: datetime) -> Report:
    """Withdraw it.

    :raises NotFound: no report has this receipt
    :raises NotNow: it is closed
    """
    return _move(_told(receipt), Move.WITHDRAW, "", None, at, who=Who.REPORTER)


def add(receipt: str, words: str, *, photos: tuple[bytes, ...] = (), at: datetime) -> Report:
    """Add words and photos to an open report.

    :raises NotFound: no report has this receipt
    :raises NotNow: it is closed
    :raises BadInput: no words, too many, too many photos, a picture that is none
    """
    pictures = drawn(photos)
    with transaction.atomic():
        report = _told(receipt)
        if report.state not in OPEN:
            raise NotNow(_("It is closed. If it isn't solved, say so, and it is opened again."))
        _check_words(words)
        own = ReportPhoto.objects.filter(report=report, is_result=False).count()
        if own + len(pictures) > MOST_PHOTOS:
            raise BadInput(_("At most %(n)s photos can be added."), n=MOST_PHOTOS)
        keep_photos(report, pictures, at)
        _step(report, "added", words, None, at)
        _record("report.added", report, None, at, _code(report.handler_id, at), {})
        return report


@transaction.atomic
def erase_contact(receipt: str, *, at: datetime) -> bool:
    """Erase the contact at once, by destroying its key; tell whether there was one.

    :raises NotFound: no report has this receipt
    """
    return _erased(_told(receipt), None, at)


@transaction.atomic
def concern_me_too(report: UUID, receipt: str, *, at: datetime) -> AlsoConcerned:
    """Note that somebody else has the same matter; said twice with one receipt it counts once.

    :raises NotFound: there is no such report
    :raises NotNow: it is closed
    """
    found = Report.objects.select_for_update().filter(pk=report).first()
    if found is None or len(receipt) < 22:
        raise NotFound(_("There is nothing here that you may see."))
    if found.state in CLOSED and found.state != State.JOINED.value:
        raise NotNow(_("It is closed. If it is there again, please tell it anew."))
    also, made = AlsoConcerned.objects.get_or_create(
        receipt_hash=receipt_hash(receipt), defaults={"report": found.joined_to or found, "at": at}
    )
    if made:
        _record("report.also", found, None, at, _code(found.handler_id, at), {})
    return also


@transaction.atomic
def lapse(*, at: datetime) -> int:
    """Close what was answered a week ago without a word from whoever told it; return how many. For the clock."""
    waiting = Report.objects.select_for_update().filter(state=State.ANSWERED.value, answered_at__lte=at - WORD_WITHIN)
    due = list(waiting.order_by("pk"))
    for report in due:
        _move(report, Move.LAPSE, "", "clock", at, who=Who.CLOCK)
    return len(due)


@transaction.atomic
def erase_contacts(*, at: datetime) -> int:
    """Erase the contacts of what was closed ninety days ago; return how many. For the clock."""
    over = Report.objects.select_for_update().filter(contact__isnull=False, closed_at__lte=at - CONTACT_KEPT)
    return sum(_erased(report, "clock", at) for report in over.order_by("pk"))


def _erased(report: Report, by: str | None, at: datetime) -> bool:
    gone, _each = Contact.objects.filter(report=report).delete()
    if gone:
        transaction.on_commit(lambda: destroy_key(report.pk))
        _step(report, "contact_erased", "", None, at)
        _record("report.contact_erased", report, by, at, _code(report.handler_id, at), {})
    return bool(gone)


def _told(receipt: str) -> Report:
    found = Report.objects.select_for_update().filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("No report has this receipt. Check that the whole address was copied."))
    return found
