"""What the child processes of killed counting do; started as `python -m tests.faults.counting JOB …`."""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.db import OperationalError  # noqa: E402

from tests import recount  # noqa: E402
from tests.builders import DISTRICT, MONDAY, VILLAGE, a_user  # noqa: E402
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told  # noqa: E402
from weiduan.ground.accounts.models import User  # noqa: E402
from weiduan.ground.accounts.queries import local_day  # noqa: E402
from weiduan.ground.accounts.rules import Duty  # noqa: E402
from weiduan.outlook.insight.counted.checking import differences  # noqa: E402
from weiduan.outlook.insight.counted.folding import catch_up, rebuild  # noqa: E402
from weiduan.outlook.insight.counted.models import Folded, MonthCount  # noqa: E402
from weiduan.systems.governance.reports import handling, reporting  # noqa: E402

LATEST = MONDAY + timedelta(days=40)


def prepare() -> None:
    """Make a village, and somebody who handles."""
    a_village()
    a_user(Duty.HANDLE_REPORTS, area=VILLAGE, name="handler")


def work(first: str, until: str) -> None:
    """Tell reports and see to them, each a bit further than the one before; print the number of each that is through."""
    by = User.objects.get(username="handler")
    for n in range(int(first), int(until)):
        receipt, at = f"{n:032x}", MONDAY + timedelta(hours=n)
        report = told(receipt, area=UNIT if n % 3 else NEXT_UNIT, at=at)
        if n % 4 > 0:
            handling.begin(report.pk, by=by, at=at)
        if n % 4 > 1:
            handling.answer(report.pk, "已处理", by=by, at=at + timedelta(days=n % 9))
        if n % 4 > 2:
            reporting.confirm(receipt, at=at + timedelta(days=9))
        print(n, flush=True)


def count() -> None:
    """Catch up again and again, now and then from nothing; print each time it is done."""
    n = 0
    while True:
        try:
            (rebuild if n % 7 == 6 else catch_up)(at=LATEST + timedelta(minutes=n))
        except OperationalError:  # SQLite lets only one write
            continue
        n += 1
        print(n, flush=True)


def state() -> None:
    """Print what differs from a recount, how many reports there are, and how many entries are read."""
    at = catch_up(at=LATEST + timedelta(days=1))
    kept = {
        (row.month, row.category, name): n
        for row in MonthCount.objects.filter(area__versions__code=DISTRICT)
        for name in ("told", "answered", "in_time", "confirmed", "open", "waiting")
        if (n := getattr(row, name))
    }
    wrong = differences(at=at) + ([] if kept == dict(recount.months(DISTRICT, local_day(at))) else ["the district"])
    print(json.dumps({
        "wrong": wrong[:5], "reports": sum(n for (_m, _c, name), n in kept.items() if name == "told"),
        "read": sum(Folded.objects.get(pk=1).heads.values()),
    }))  # fmt: skip


def spoil() -> None:
    """Count one too many, as nothing should."""
    row = MonthCount.objects.filter(told__gt=0).first()
    assert row is not None
    MonthCount.objects.filter(pk=row.pk).update(told=row.told + 1)


if __name__ == "__main__":
    {"prepare": prepare, "work": work, "count": count, "state": state, "spoil": spoil}[sys.argv[1]](*sys.argv[2:])
