"""What reports.py does within an installation: make it, fill it, count queries."""

from datetime import timedelta
from typing import Any

TEXT, CATEGORY = "3号楼东侧的消防通道从昨天起一直被一辆白色面包车堵着，救护车进不来，请尽快处理。", "09012"
IN_VILLAGE = 100  # of those that lie open, so many in the village whose list is measured


def set_up(units: int, open_: int) -> dict[str, Any]:
    """Load a modelled district, accounts and reports that lie open; return what requests need to know."""
    from pages import set_up as load_district

    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.keys import make_key
    from weiduan.ground.accounts.models import User
    from weiduan.systems.governance.categories.actions import ensure_categories

    load_district(units)
    ensure_categories(by="benchmark", at=now())
    village, codes = _village()
    sessions = {
        name: _session(name, code) for name, code in (("village", village), ("district", village[:6] + "000000"))
    }
    told = [_told(n, code) for n, code in enumerate(codes * (open_ // len(codes) + 1)) if n < open_ - IN_VILLAGE]
    here = [code for code in _units() if code.startswith(village)]
    own = [_told(open_ + n, here[n % len(here)]) for n in range(min(IN_VILLAGE, open_ - len(told)))]
    key = make_key(User.objects.get(username="district"), lasts=timedelta(days=9), by="benchmark", at=now())
    return {
        "sessions": sessions, "report": str(_handled(own[0])), "reports": list(map(str, own)), "units": here, "key": key,
        "unit": here[0], "point": _point(here[0]),
        "text": TEXT, "category": CATEGORY,
        "handlers": {"village": _below(village), "district": _below(village[:6] + "000000")},
    }  # fmt: skip


def _units() -> list[str]:
    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.queries import local_day
    from weiduan.ground.territory.queries import areas_below
    from weiduan.ground.territory.rules import Level

    rows = areas_below("", on=local_day(now())).filter(level=Level.UNIT).order_by("code")
    return list(rows.values_list("code", flat=True))


def _village() -> tuple[str, list[str]]:
    """Return the village with most units, and every so many-th unit of the others."""
    from collections import Counter

    found = _units()
    village = Counter(code[:12] for code in found).most_common(1)[0][0]
    others = [code for code in found if not code.startswith(village)]
    return village, others[:: max(1, len(others) // 900)]


def _below(code: str) -> list[int]:
    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.queries import local_day
    from weiduan.ground.territory.queries import areas_below

    return list(areas_below(code, on=local_day(now())).values_list("area_id", flat=True))


def _point(code: str) -> tuple[str, str]:
    import shapely

    from weiduan.ground.territory.models import AreaVersion

    inside = shapely.from_wkb(bytes(AreaVersion.objects.get(code=code, until=None).shape or b"")).representative_point()
    return str(inside.x), str(inside.y)


def _session(name: str, code: str) -> str:
    """Make an account that handles reports, with a second factor; return the key of its session."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.test import Client

    from weiduan.doors.console.setting_up import now
    from weiduan.ground.accounts.actions import give_mandate, open_account
    from weiduan.ground.accounts.models import User
    from weiduan.ground.accounts.queries import local_day
    from weiduan.ground.accounts.rules import Duty

    user = User.objects.filter(username=name).first() or open_account(
        username=name, password="only for measuring", title="", by="benchmark", at=now(), must_change=False
    )
    give_mandate(user, Duty.HANDLE_REPORTS, area=code, since=local_day(now()), by="benchmark", at=now())
    TOTP.activate(user, "A" * 32)
    client = Client()
    client.force_login(user, backend="weiduan.doors.signed_in.Accounts")
    return client.session.session_key or ""


def _told(number: int, unit: str) -> Any:
    from weiduan.doors.console.setting_up import now
    from weiduan.systems.governance.reports.intake import Telling, tell
    from weiduan.systems.governance.reports.rules import Channel, Wish

    telling = Telling(
        CATEGORY, f"{TEXT}（{number}）", area=unit, place="3号楼", contact="13800000000", wish=Wish.ANSWERABLE
    )
    at = now() - timedelta(minutes=number)
    return tell(telling, receipt=f"{number:024d}", channel=Channel.PORTAL, by=None, at=at).pk


def _handled(key: Any) -> Any:
    from weiduan.doors.console.setting_up import now
    from weiduan.systems.governance.reports import handling

    handling.accept(key, by="benchmark", at=now())
    handling.begin(key, "已联系车主。", by="benchmark", at=now())
    handling.note(key, "车主晚上回来。", by="benchmark", at=now())
    return key


def close_told(open_: int) -> int:
    """Withdraw what was told while measuring, so that as many lie open as before; return how many there were."""
    from weiduan.doors.console.setting_up import now
    from weiduan.systems.governance.reports.models import Report

    here = Report.objects.filter(closed_at=None).order_by("told_at", "pk")
    kept = list(here.values_list("pk", flat=True)[:open_])
    return here.order_by().exclude(pk__in=kept).update(state="withdrawn", closed_at=now())


def tick() -> float:
    """Let the clock tick once, when there is nothing to do; return the milliseconds of CPU of this process."""
    import time

    from weiduan.doors.console import clock
    from weiduan.doors.console.setting_up import now

    clock.tick(at=now())
    began = time.process_time()
    done = clock.tick(at=now())
    assert None not in done.values(), done
    return (time.process_time() - began) * 1000


OLD = """
WITH grounds AS (
  SELECT array_agg(u.area_id ORDER BY u.code) AS units, array_agg(g.area_id ORDER BY u.code) AS grids
  FROM territory_areaversion u JOIN territory_areaversion g ON g.code = substr(u.code, 1, 15) AND g.until IS NULL
  WHERE u.level = %(unit)s AND u.until IS NULL
), kinds AS (SELECT array_agg(id ORDER BY id) AS ids FROM governance_category WHERE parent_id IS NOT NULL), made AS (
  INSERT INTO governance_report (id, number, receipt_hash, category_id, area_id, handler_id, sealed_place, sealed_text,
    words_erased_at, in_confidence, channel, state, told_at, due_at, answered_at, closed_at, reopened, answer, public_text)
  SELECT gen_random_uuid(), to_char(at, 'YYMMDD') || lpad(n::text, 8, '0'), sha256(n::text::bytea),
    kinds.ids[1 + n %% cardinality(kinds.ids)],
    units[1 + (n * 7919) %% cardinality(units)],
    grids[1 + (n * 7919) %% cardinality(units)], '', '',
    at + interval '1100 days', false, 'portal', 'confirmed', at, at + interval '3 days', at + interval '2 days',
    at + interval '4 days', 0, '—', ''
  FROM (SELECT n, now() - interval '1200 days' - (n %% 500000) * interval '1 minute' AS at
        FROM generate_series(%(after)s::bigint + 1, %(to)s) AS n) AS old, grounds, kinds
  RETURNING id, told_at
)
INSERT INTO governance_step (report_id, what, sealed_words, is_internal, at)
SELECT id, what, '', false, told_at + days * interval '1 day' FROM made,
  (VALUES ('accept', 0.1), ('answer', 2), ('confirm', 4), ('words_erased', 1100)) AS steps (what, days)
"""


def grow_to(size: int) -> int:
    """Fill up with reports closed and erased years ago, four steps each; return how many there are."""
    from django.db import connection

    from weiduan.ground.territory.rules import Level
    from weiduan.systems.governance.reports.models import Report

    there = Report.objects.count()
    if there < size:
        with connection.cursor() as cursor:
            cursor.execute(OLD, {"unit": int(Level.UNIT), "after": there, "to": size})
    return Report.objects.count()


def drafts(number: int) -> list[str]:
    """Return drafts of forms to be sent."""
    from weiduan.doors.portal.reports import SALT
    from weiduan.ground.base.drafts import new_draft

    return [new_draft(SALT) for _draft in range(number)]


def queries(world: dict[str, Any]) -> dict[str, int]:
    """Return how many queries each request asks, in a process that has answered one before."""
    import reports as asked
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    own = {name: iter(ask) for name, ask in asked.requests_in(world, drafts(10))}
    counts = {}
    for name, ask in own.items():
        for _time in range(2):
            method, path, body, headers = next(ask)
            cookies = headers.get("Cookie", "")
            with CaptureQueriesContext(connection) as caught:
                answer = Client(HTTP_COOKIE=cookies).generic(
                    method,
                    path,
                    body,
                    headers.get("Content-Type", ""),
                    secure=True,
                    headers={"referer": "https://testserver/"},
                )
            assert answer.status_code in (200, 201, 302), (name, answer.content[:2000])
        counts[name] = len(caught)
    return counts
