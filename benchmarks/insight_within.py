"""What insight.py does within an installation: count, count anew, count queries."""

import time
from itertools import count


def district() -> str:
    """Return the code of the district."""
    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.queries import local_day
    from weiduan.ground.territory.queries import top_areas

    return top_areas(on=local_day(now()))[0]


def let_look(code: str) -> str:
    """Give the account of the district the duty to look; return the key of a session that has shown both factors."""
    from reports_within import _session

    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.actions import give_mandate, open_account
    from weiduan.ground.accounts.queries import local_day
    from weiduan.ground.accounts.rules import Duty

    user = open_account(
        username="looks", password="only for measuring", title="", by="benchmark", at=now(), must_change=False
    )
    give_mandate(user, Duty.LOOK, area=code, since=local_day(now()), by="benchmark", at=now())
    return _session("looks", code)


def make_anew() -> float:
    """Make all counts anew; return the milliseconds of CPU of this process."""
    from weiduan.doors.console.setting_up import now
    from weiduan.outlook.insight.counted.folding import rebuild

    began = time.process_time()
    rebuild(at=now())
    return (time.process_time() - began) * 1000


def count_on() -> None:
    """Count what was done since."""
    from weiduan.doors.console.setting_up import now
    from weiduan.outlook.insight.counted.folding import catch_up

    catch_up(at=now())


def count_told(number: int, postmaster: int) -> list[float]:
    """Tell so many reports in as many units, then count them, as a process does that has counted before.

    Return the milliseconds of CPU of this process and of the database server.
    """
    import reports
    from reports_within import _told, _units

    from weiduan.systems.governance.reports.models import Report

    units, fresh = _units(), count(Report.objects.count())
    for n in range(3):
        _told(next(fresh), units[n])
    count_on()
    for n in range(number):
        _told(next(fresh), units[n * 37 % len(units)])
    began = time.process_time(), reports.cpu_ms(postmaster)
    count_on()
    return [(time.process_time() - began[0]) * 1000, reports.cpu_ms(postmaster) - began[1]]


def queries(path: str, session: str) -> int:
    """Return how many queries a page asks, those for who asks with them, in a process that has answered it before."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _time in range(2):
        with CaptureQueriesContext(connection) as caught:
            answer = Client(HTTP_COOKIE=f"__Host-session={session}").get(path, secure=True)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers.get("Location"))
        counts.append(len(caught))
    return counts[-1]
