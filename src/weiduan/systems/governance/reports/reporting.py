"""What whoever told a report may do with it: the receipt is the only key."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.casekeys import Key, destroy_key
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import LEAST_RECEIPT, receipt_hash
from weiduan.ground.holds.actions import waits
from weiduan.ground.holds.queries import held_cases

from .handling import NotNow, _check_words, _code, _move, _record, _step
from .models import AlsoConcerned, Contact, Report, ReportPhoto, Step, Task
from .photos import drawn, erase_photos, keep_photos
from .rules import CLOSED, MOST_PHOTOS, OPEN, REOPEN_WITHIN, WORD_WITHIN, Move, State, Who, may
from .search import forget, index

KIND = Report._meta.label_lower
ERASED = "—"  # an answer that was erased: that there was one is still known


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
    if report.words_erased_at is not None:
        raise NotNow(_("What you wrote is erased, so nobody could see to it any more. Please tell it anew."))
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


class NotYet(Refused):
    """What was added before this one hasn't come yet."""


def add(receipt: str, words: str, *, photos: tuple[bytes, ...] = (), turn: int | None = None, at: datetime) -> Report:
    """Add words and photos to an open report.

    turn  the how many-th addition it is, from 1, as whoever sends it counts; sent again it is there once; None: the next

    :raises NotFound: no report has this receipt
    :raises NotNow: it is closed
    :raises NotYet: an earlier one is missing; send that first
    :raises BadInput: no words, too many, too many photos, a picture that is none
    """
    pictures = drawn(photos)
    with transaction.atomic():
        report = _told(receipt)
        added = Step.objects.filter(report=report, turn__isnull=False).count()
        if turn is not None and turn <= added:
            return report
        if turn is not None and turn > added + 1:
            raise NotYet(_("What was added before this one hasn't come yet."))
        if report.state not in OPEN:
            raise NotNow(_("It is closed. If it isn't solved, say so, and it is opened again."))
        _check_words(words)
        own = ReportPhoto.objects.filter(report=report, is_result=False).count()
        if own + len(pictures) > MOST_PHOTOS:
            raise BadInput(_("At most %(n)s photos can be added."), n=MOST_PHOTOS)
        keep_photos(report, pictures, at)
        step = Step(report=report, what="added", turn=added + 1, at=at)
        step.words = words.strip()
        step.save()
        index(report)
        _record("report.added", report, None, at, _code(report.handler_id, at), {})
        return report


@transaction.atomic
def erase_contact(receipt: str, *, at: datetime) -> Report:
    """Erase the contact at once, by destroying its key. Held, it is erased when the hold ends.

    :raises NotFound: no report has this receipt
    """
    report = _told(receipt)
    if not waits(report.pk, KIND, Key.PERSON, at=at):
        _erased(report, None, at)
    return report


@transaction.atomic
def erase_words(receipt: str, *, at: datetime) -> Report:
    """Erase at once everything that was written about a report: text, place, photos, what was added, answered and noted.

    Held, it is erased when the hold ends. What stays is that there was one: its category, its area and what happened when. One still
    open is withdrawn with it, for nobody could see to it any more.

    :raises NotFound: no report has this receipt
    """
    report = _told(receipt)
    if waits(report.pk, KIND, Key.PERSON, Key.WORDS, at=at):
        return report
    if may(Move.WITHDRAW, State(report.state), Who.REPORTER):
        report = _move(report, Move.WITHDRAW, "", None, at, who=Who.REPORTER)
    return _forgotten(report, None, at)


@transaction.atomic
def concern_me_too(report: UUID, receipt: str, *, at: datetime) -> AlsoConcerned:
    """Note that somebody else has the same matter; said twice with one receipt it counts once.

    :raises NotFound: there is no such report
    :raises NotNow: it is closed
    """
    found = Report.objects.select_for_update().filter(pk=report).first()
    if found is None or len(receipt) < LEAST_RECEIPT:
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
    """Erase contacts, and the notes of colleagues, of what was closed long enough ago; return how many reports. For the clock."""
    closed = Report.objects.select_for_update(of=("self",)).filter(closed_at__lte=at - settings.REPORT_CONTACTS_KEPT)
    closed = closed.exclude(pk__in=held_cases(at))
    noted = Step.objects.filter(is_internal=True).exclude(sealed_words=b"").values("report")
    over = list(closed.filter(pk__in=Contact.objects.values("report").union(noted)).order_by("pk"))
    for report in over:
        _erased(report, "clock", at)
    return len(over)


@transaction.atomic
def erase_old_words(*, at: datetime) -> int:
    """Erase the words of what was closed years ago; return how many reports. For the clock."""
    kept_until = at - settings.REPORT_WORDS_KEPT
    over = Report.objects.select_for_update().filter(closed_at__lte=kept_until, words_erased_at=None)
    over = over.exclude(pk__in=held_cases(at)).order_by("pk")
    return len([_forgotten(report, "clock", at) for report in over])


def destroy_keys_left_over(*, at: datetime) -> int:
    """Destroy keys of what was erased lately and are still there, because the machine stopped just then; return how many."""
    lately = at - timedelta(days=30)
    forgotten = Report.objects.filter(words_erased_at__gte=lately).values_list("pk", flat=True)
    erased = Step.objects.filter(what="contact_erased", at__gte=lately).values("report")
    noted = Step.objects.filter(is_internal=True).exclude(sealed_words=b"").values("report")
    silent = Report.objects.filter(pk__in=erased).exclude(pk__in=noted).values_list("pk", flat=True)
    words = sum(destroy_key(key, Key.WORDS) for key in forgotten.iterator())
    return words + sum(destroy_key(key, Key.PERSON) for key in silent.iterator())


@transaction.atomic
def erase_again(case: UUID, key: Key, *, at: datetime) -> bool:
    """Erase what a restored backup brought back: the contact, or all words; tell whether there is such a report."""
    report = Report.objects.select_for_update().filter(pk=case).first()
    if report is None:
        return False
    if key is Key.PERSON:
        _erased(report, "clock", at)
        return True
    if may(Move.WITHDRAW, State(report.state), Who.REPORTER):
        report = _move(report, Move.WITHDRAW, "", None, at, who=Who.REPORTER)
    _forgotten(report, "clock", at)
    return True


def _erased(report: Report, by: str | None, at: datetime) -> bool:
    """Erase the contact and the notes of colleagues, in which it may stand; tell whether a contact was there."""
    gone, _each = Contact.objects.filter(report=report).delete()
    Step.objects.filter(report=report, is_internal=True).update(sealed_words=b"")
    transaction.on_commit(partial(destroy_key, report.pk, Key.PERSON))
    if gone:
        _step(report, "contact_erased", "", None, at)
        _record("report.contact_erased", report, by, at, _code(report.handler_id, at), {})
    return bool(gone)


def _forgotten(report: Report, by: str | None, at: datetime) -> Report:
    _erased(report, by, at)
    if report.words_erased_at is not None:
        return report
    report.words_erased_at, report.text, report.place, report.public_text = at, "", "", ""
    report.lon = report.lat = None
    report.answer = ERASED if report.answer else ""
    report.save()
    Step.objects.filter(report=report).update(sealed_words=b"")
    Task.objects.filter(report=report).update(sealed_what=b"", sealed_outcome=b"")
    forget(report)
    erase_photos(report)
    transaction.on_commit(partial(destroy_key, report.pk, Key.WORDS))
    _step(report, "words_erased", "", None, at)
    _record("report.words_erased", report, by, at, _code(report.handler_id, at), {})
    return report


def _told(receipt: str) -> Report:
    found = Report.objects.select_for_update().filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("No report has this receipt. Check that the whole address was copied."))
    return found
