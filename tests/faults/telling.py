"""What the child processes of the killed reports do; started as `python -m tests.faults.telling JOB …`."""

import json
import sys
import time
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.db import Error, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.systems.governance.matters import a_village  # noqa: E402
from weiduan.ground.base import outbox  # noqa: E402
from weiduan.ground.base.casekeys import open_for  # noqa: E402
from weiduan.ground.base.errors import NotFound, Refused  # noqa: E402
from weiduan.ground.base.worktime import due_after  # noqa: E402
from weiduan.ground.ledger.models import Entry  # noqa: E402
from weiduan.ground.ledger.queries import breaks  # noqa: E402
from weiduan.systems.governance.reports import handling, notices  # noqa: E402
from weiduan.systems.governance.reports.models import Notice, Report, ReportPhoto  # noqa: E402
from weiduan.systems.governance.reports.photos import picture_in  # noqa: E402
from weiduan.systems.governance.reports.rules import State  # noqa: E402
from weiduan.systems.governance.reports.search import index_missing  # noqa: E402


def prepare() -> None:
    """Make a village with units, and the categories."""
    a_village()


def handle() -> None:
    """Accept and answer whatever comes, for ever; print each deed once it is done."""
    while True:
        try:
            waiting = Report.objects.filter(state__in=[State.FILED.value, State.ACCEPTED.value]).order_by("told_at")
            for key, state in list(waiting.values_list("pk", "state")[:10]):
                _handled(key, state)
        except Refused:
            continue
        except Error:  # the database is away
            connection.close()
        time.sleep(0.1)


def _handled(key: Any, state: str) -> None:
    if state == State.FILED.value:
        handling.accept(key, by="test", at=timezone.now())
        print(key, "accept", flush=True)
    else:
        handling.answer(key, "车已挪走。", by="test", at=timezone.now())
        print(key, "answer", flush=True)


def settle() -> None:
    """Send what is left, as the clock does over the next days; print how many are still open."""
    at = timezone.now() + outbox.CUT_OFF_AFTER
    for day in range(outbox.MOST_TRIES + 1):
        notices.deliver(at=at + timedelta(days=day))
    index_missing(at=at)
    print(Notice.objects.filter(state__in=outbox.OPEN).count())


def state() -> None:
    """Print everything that is kept of reports, opened, as one line of JSON."""
    told = set(Entry.objects.filter(what="report.told").values_list("key", flat=True))
    entries = Entry.objects.filter(what="report.told").count()
    rows = Report.objects.select_related("contact", "search_words").prefetch_related("steps__notice", "photos")
    found = [_seen(report) | {"in_ledger": str(report.pk) in told} for report in rows]
    print(json.dumps({"reports": found, "told_in_ledger": entries, "breaks": len(list(breaks()))}))


def _seen(report: Report) -> dict[str, Any]:
    contact = getattr(report, "contact", None)
    return {
        "key": str(report.pk), "number": report.number, "hash": bytes(report.receipt_hash).hex(), "text": report.text,
        "contact": open_for(report.pk, contact.sealed) if contact else "",
        "is_found": bool(getattr(report, "search_words", None) and report.search_words.grams),
        "told_at": report.told_at.isoformat(), "due_is_right": due_after(report.told_at, _hours(report)) == report.due_at,
        "photos": [_is_picture(photo) for photo in report.photos.all()],
        "steps": [[step.what, _told(step)] for step in sorted(report.steps.all(), key=lambda step: step.pk)],
    }  # fmt: skip


def _hours(report: Report) -> timedelta:
    return timedelta(hours=report.category.hours)


def _told(step: Any) -> list[str]:
    return [str(step.notice.pk), step.notice.state] if hasattr(step, "notice") else []


def _is_picture(photo: ReportPhoto) -> bool:
    try:
        return picture_in(photo).startswith(b"\xff\xd8")
    except NotFound:
        return False


def lose(receipt_hash: str) -> None:
    """Lose one report, as a database that forgets would."""
    Report.objects.get(receipt_hash=bytes.fromhex(receipt_hash)).delete()


if __name__ == "__main__":
    {"prepare": prepare, "handle": handle, "settle": settle, "state": state, "lose": lose}[sys.argv[1]](*sys.argv[2:])
