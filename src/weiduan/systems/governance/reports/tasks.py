"""What a department or a partner is to do about a report: given with a day, done with what came of it."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound

from .handling import NotNow, _check_words, _code, _record, _step, in_hand
from .models import Report, Task
from .rules import TO_HANDLE

LONGEST_TO = 60


@transaction.atomic
def give(key: UUID, to: str, what: str, until: date, *, by: User | str, at: datetime) -> Task:
    """Give a department or a partner something to do about a report.

    to     whom: the department or partner, 1 to 60 characters
    what   1 to 1000 characters; sealed as the words of the report
    until  the last day for it, not one that is over

    :raises NotFound: there is no report `by` has in hand
    :raises NotNow: it is answered or closed
    :raises BadInput: no words, too many, or a day that is over
    """
    report = in_hand(key, by, at)
    if report.state not in TO_HANDLE:
        raise NotNow(_("This report is answered or closed; nothing more is given out about it."))
    whom = to.strip()
    if not 0 < len(whom) <= LONGEST_TO:
        raise BadInput(_("Say whom it is for, in at most %(n)s characters."), n=LONGEST_TO)
    _check_words(what)
    if until < local_day(at):
        raise BadInput(_("This day is over. Choose today or a later one."))
    task = Task(report=report, to=whom, until=until, at=at)
    task.what = what.strip()
    task.save()
    _step(report, "task_given", f"{whom}：{what}", by, at, is_internal=True)
    _record("report.task_given", report, by, at, _code(report.handler_id, at), {"task": task.pk, "until": str(until)})
    return task


@transaction.atomic
def done(task: int, outcome: str, *, by: User | str, at: datetime) -> Task:
    """Note what came of a task; also once the report is answered or closed.

    outcome  1 to 1000 characters; sealed as the words of the report

    :raises NotFound: there is no such task of a report `by` has in hand
    :raises NotNow: it is done already, or what was written about the report is erased
    :raises BadInput: no words, or too many
    """
    about = Task.objects.filter(pk=task).values_list("report", flat=True).first()
    if about is None:
        raise NotFound(_("There is nothing here that you may see."))
    report = in_hand(about, by, at)
    found = Task.objects.get(pk=task)  # only now: who holds the report holds its tasks
    if found.done_at is not None or report.words_erased_at is not None:
        raise NotNow(_("This task is done already, or was erased with the report. Load the page anew."))
    _check_words(outcome)
    found.outcome, found.done_at = outcome.strip(), at
    found.save(update_fields=["sealed_outcome", "done_at"])
    _step(report, "task_done", f"{found.to}：{outcome}", by, at, is_internal=True)
    _record("report.task_done", report, by, at, _code(report.handler_id, at), {"task": found.pk})
    return found


def tasks_of(report: Report) -> list[Task]:
    """Return the tasks of a report: those still open first, the most pressing before the others."""
    return list(Task.objects.filter(report=report).order_by(F("done_at").asc(nulls_first=True), "until", "pk"))


def tasks_late(*, on: date) -> QuerySet[Task]:
    """Return tasks that are still open after their last day, the latest ones last."""
    return Task.objects.filter(done_at__isnull=True, until__lt=on).order_by("until", "pk")
