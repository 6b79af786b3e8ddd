"""What staff do with a report. Each move is made as the law says (rules.LAW), by whoever has it in hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.queries import may as has_duty
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.scope import beyond_scope
from weiduan.ground.base.worktime import due_after, working_between
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.locate import unit_at
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.governance.categories.queries import choosable
from weiduan.systems.governance.categories.rules import At

from .intake import REPORTER, handler_code
from .models import Contact, Report, Step
from .notices import note as note_for_reporter
from .photos import drawn, keep_photos
from .rules import CLOSED, LAW, LONGEST_WORDS, TO_HANDLE, Move, State, Who, Wish, may

By = User | str | None


class NotNow(Refused):
    """The report is in a state that doesn't allow this."""


@transaction.atomic
def accept(key: UUID, *, by: User | str, at: datetime) -> Report:
    """Accept a report: whoever told it sees that somebody has it.

    :raises NotFound: there is none `by` has in hand
    :raises NotNow: the law doesn't allow it now
    """
    return _move(in_hand(key, by, at), Move.ACCEPT, "", by, at)


@transaction.atomic
def begin(key: UUID, words: str = "", *, by: User | str, at: datetime) -> Report:
    """Say that work began, and if wanted what is being done.

    :raises NotFound, NotNow: as `accept`
    """
    return _move(in_hand(key, by, at), Move.BEGIN, words, by, at)


def answer(key: UUID, words: str, *, photos: Sequence[bytes] = (), by: User | str, at: datetime) -> Report:
    """Answer a report with what was done; whoever told it says whether that solves it.

    :raises NotFound, NotNow: as `accept`
    :raises BadInput: no words, too many, a picture that is none
    """
    pictures = drawn(photos)
    with transaction.atomic():
        report = in_hand(key, by, at)
        _check(report, Move.ANSWER, words, Who.HANDLER)
        report.answer, report.answered_at, report.paused_at = words.strip(), at, None
        keep_photos(report, pictures, at, is_result=True)
        return _move(report, Move.ANSWER, words, by, at)


@transaction.atomic
def hand_up(key: UUID, words: str, *, by: User | str, at: datetime) -> Report:
    """Hand a report up one level, with why: grid to village, village to town, town to district.

    :raises NotFound, NotNow: as `accept`
    :raises BadInput: no words, or nobody is above
    """
    report = in_hand(key, by, at)
    above = _above(_code(report.handler_id, at))
    if above is None:
        raise BadInput(_("There is no level above this one here."))
    report.handler_id = area_by_code(above, on=local_day(at)).area_id
    return _move(report, Move.HAND_UP, words, by, at, to=above)


@transaction.atomic
def hand_over(key: UUID, to: str, words: str, *, by: User | str, at: datetime) -> Report:
    """Hand a report over to another area, over a boundary too; number and clock go along.

    :raises NotFound, NotNow: as `accept`
    :raises BadInput: no words, no such area, or it is there already
    """
    report, on = in_hand(key, by, at), local_day(at)
    area = area_by_code(to, on=on)
    if len(to) > 15 or area.area_id == report.handler_id:
        raise BadInput(_("Choose another grid, village, town or district."))
    report.handler_id = area.area_id
    return _move(report, Move.HAND_OVER, words, by, at, to=to)


@transaction.atomic
def join(key: UUID, other: UUID, *, by: User | str, at: datetime) -> Report:
    """Join a report to another of the same matter; whoever told it follows that one.

    :raises NotFound: there is none `by` has in hand, of either
    :raises NotNow: one of them is closed, or they are the same
    """
    first, second = sorted((key, other))
    both = {pk: in_hand(pk, by, at) for pk in dict.fromkeys((first, second))}
    report, target = both[key], both[other]
    if key == other or target.state in CLOSED:
        raise NotNow(_("Choose another report that is still open."))
    report.joined_to = target
    Report.objects.filter(joined_to=report).update(joined_to=target)
    return _move(report, Move.JOIN, target.number, by, at)


@transaction.atomic
def not_ours(key: UUID, words: str, *, by: User | str, at: datetime) -> Report:
    """Say that it is for somebody else to see to, and for whom: it is passed on there.

    :raises NotFound, NotNow: as `accept`
    :raises BadInput: it doesn't say where to go
    """
    return _move(in_hand(key, by, at), Move.NOT_OURS, words, by, at)


@transaction.atomic
def pause(key: UUID, words: str, *, by: User | str, at: datetime) -> Report:
    """Stop the clock, with the reason whoever told it reads.

    :raises NotFound, NotNow: as `accept`; it is stopped already
    :raises BadInput: no reason
    """
    report = in_hand(key, by, at)
    if report.paused_at is not None:
        raise NotNow(_("The clock is stopped already."))
    report.paused_at = at
    return _move(report, Move.PAUSE, words, by, at)


@transaction.atomic
def resume(key: UUID, *, by: User | str, at: datetime) -> Report:
    """Let the clock go on, with just the working time that was left.

    :raises NotFound, NotNow: as `accept`; it isn't stopped
    """
    report = in_hand(key, by, at)
    if report.paused_at is None:
        raise NotNow(_("The clock isn't stopped."))
    if report.due_at > report.paused_at:
        report.due_at = due_after(at, working_between(report.paused_at, report.due_at))
    report.paused_at = None
    return _move(report, Move.RESUME, "", by, at)


@transaction.atomic
def move_pin(key: UUID, lon: float, lat: float, *, by: User | str, at: datetime) -> Report:
    """Say where the matter really lies; who sees to it is found anew, number and clock stay.

    :raises NotFound: there is none `by` has in hand
    :raises NotNow: it is closed
    :raises BadInput: no unit is drawn there
    """
    report, on = in_hand(key, by, at), local_day(at)
    if report.state not in TO_HANDLE:
        raise NotNow(_("This report is closed or answered; it isn't moved any more."))
    code = unit_at(lon, lat, on=on)
    if code is None:
        raise BadInput(_("No unit is drawn at this place. Choose the unit, or the village, from the list."))
    before = _code(report.handler_id, at)
    report.lon, report.lat = lon, lat
    report.area_id = area_by_code(code[:18], on=on).area_id
    to = handler_code(code[:18], At(report.category.level))
    report.handler_id = area_by_code(to, on=on).area_id
    with beyond_scope():  # it goes where `by` may not look
        report.save(update_fields=["lon", "lat", "area", "handler"])
        _step(report, "moved", "", by, at)
    _record("report.moved", report, by, at, before, {"to": to})
    return report


@transaction.atomic
def recategorise(key: UUID, category: str, *, by: User | str, at: datetime) -> Report:
    """Say what it is really about; the clock stays as it began. Who has it in hand keeps it.

    :raises NotFound: there is none `by` has in hand
    :raises NotNow: it is closed
    :raises BadInput: no such category
    """
    report = in_hand(key, by, at)
    if report.state not in TO_HANDLE:
        raise NotNow(_("This report is closed or answered; it isn't moved any more."))
    before, report.category = report.category.code, choosable(category)
    report.in_confidence = report.in_confidence or report.category.in_confidence
    report.public_text = "" if report.in_confidence else report.public_text
    report.save(update_fields=["category", "in_confidence", "public_text"])
    _step(report, "recategorised", report.category.name, by, at)
    _record("report.recategorised", report, by, at, _code(report.handler_id, at), {"from": before, "to": category})
    return report


@transaction.atomic
def note(key: UUID, words: str, *, by: User | str, at: datetime) -> Step:
    """Note something for colleagues; whoever told it never sees it.

    :raises NotFound: there is none `by` has in hand
    :raises BadInput: no words, or too many
    """
    report = in_hand(key, by, at)
    _check_words(words)
    _record("report.noted", report, by, at, _code(report.handler_id, at), {})
    return _step(report, "noted", words, by, at, is_internal=True)


@transaction.atomic
def release(key: UUID, public_text: str, *, by: User | str, at: datetime) -> Report:
    """Show a report to everyone in words a handler wrote, without anybody; empty words take it back.

    :raises NotFound: there is none `by` has in hand
    :raises NotNow: it was told in confidence, or its words were erased
    :raises BadInput: too many words
    """
    report = in_hand(key, by, at)
    if public_text.strip() and (report.in_confidence or report.words_erased_at is not None):
        raise NotNow(_("This was told in confidence, or erased: it can't be shown to everyone."))
    if len(public_text.strip()) > LONGEST_WORDS:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_WORDS)
    report.public_text = public_text.strip()
    report.save(update_fields=["public_text"])
    _record("report.released", report, by, at, _code(report.handler_id, at), {"public": bool(report.public_text)})
    return report


@transaction.atomic
def read_contact(key: UUID, reason: str, *, by: User | str, at: datetime) -> str | None:
    """Open the contact, with a reason; whoever told it sees that it was read. None where none was left or it is erased.

    :raises NotFound: there is no report `by` has in hand, or the contact is for another's eyes only
    :raises BadInput: no reason
    """
    report = in_hand(key, by, at)
    _check_words(reason)
    contact = Contact.objects.select_for_update().filter(report=report).first()
    if contact is None:
        return None
    code = _code(report.handler_id, at)
    if contact.wish == Wish.HANDLER_ONLY.value and not _handles_itself(by, code, at):
        raise NotFound(_("Whoever told this wants only the one who has it in hand to see the contact."))
    contact.read_at = at
    contact.save(update_fields=["read_at"])
    _step(report, "contact_read", reason, by, at)
    _record("report.contact_read", report, by, at, code, {})
    return open_for(report.pk, contact.sealed)


def _handles_itself(by: User | str, code: str, at: datetime) -> bool:
    """Tell whether somebody has the duty for just this area, not only for one around it."""
    return not isinstance(by, str) and code in areas_of(by, Duty.HANDLE_REPORTS, at=at)


def in_hand(key: UUID, by: User | str, at: datetime) -> Report:
    """Lock a report that `by` has in hand; of others not even their existence is told."""
    rows = Report.objects.select_for_update(of=("self",)).select_related("category", "contact")
    found = rows.filter(pk=key).first()
    if found is None or not handles(by, _code(found.handler_id, at), at):
        raise NotFound(_("There is nothing here that you may see."))
    return found


def handles(by: User | str, code: str, at: datetime) -> bool:
    """Tell whether somebody has the duty for reports in an area, or around it."""
    return isinstance(by, str) or has_duty(by, Duty.HANDLE_REPORTS, in_area=code, at=at)


def _code(area: int, at: datetime) -> str:
    return area_of(area, on=local_day(at)).code


def _above(code: str) -> str | None:
    if len(code) > 12:
        return code[:12]
    if code[9:] != "000":
        return code[:9] + "000"
    return code[:6] + "000000" if code[6:] != "000000" else None


def _check_words(words: str) -> None:
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Write why, or what was done, in at most %(n)s characters."), n=LONGEST_WORDS)


def _check(report: Report, move: Move, words: str, who: Who) -> None:
    if not may(move, State(report.state), who):
        raise NotNow(_("This can't be done with the report as it is now. Load the page anew to see what happened."))
    if LAW[move].needs_words:
        _check_words(words)
    if len(words) > LONGEST_WORDS:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_WORDS)


def _move(
    report: Report, move: Move, words: str, by: By, at: datetime, *, to: str = "", who: Who = Who.HANDLER
) -> Report:
    """Make a move as the law says, keep the step and the entry in the ledger."""
    _check(report, move, words, who)
    after = LAW[move].after
    if after is not None:
        report.state = after.value
        report.closed_at = at if after.value in CLOSED else None
    report.save()
    step = _step(report, move.value, words, by, at)
    if who is Who.HANDLER:
        note_for_reporter(report, step)
    _record(f"report.{move.value}", report, by, at, _code(report.handler_id, at), {"to": to} if to else {})
    return report


def _step(report: Report, what: str, words: str, by: By, at: datetime, *, is_internal: bool = False) -> Step:
    who = by if isinstance(by, User) else None
    step = Step(report=report, what=what, is_internal=is_internal, by=who, at=at)
    step.words = words.strip()
    step.save()
    return step


def _record(what: str, report: Report, by: By, at: datetime, code: str, told: dict[str, Any]) -> None:
    """Write down what was done, never the words: they may name people."""
    author = by if by is not None else REPORTER
    record(what=what, about=report, by=author, at=at, area=code, after=told | {"state": report.state})
