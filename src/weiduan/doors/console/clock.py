"""weiduan tick, and the clock in the worker: what falls due by itself."""

import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import click
from django.conf import settings
from django.db import Error, close_old_connections, connection

from weiduan.ground.accounts import keys, sessions
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.past import look_back
from weiduan.outlook.insight.published.quarters import publish_quarters
from weiduan.systems.governance.ballots import closing
from weiduan.systems.governance.mediation import actions as mediation
from weiduan.systems.governance.reports import notices, reporting, search
from weiduan.systems.organisation.own import actions as own
from weiduan.systems.services.activities import signing_up
from weiduan.systems.services.functions import actions as functions
from weiduan.systems.services.meetings import holding
from weiduan.systems.services.messages import actions as messages
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.wishes import actions as wishes
from weiduan.systems.venues.bookings import deciding

from .erasing_again import erase_again, erase_what_waited
from .setting_up import now, ready_database

log = logging.getLogger("weiduan.clock")
LOCK = 0x7765_6964  # any number that nobody else locks in the database

# In this order: what is closed, or erased, a moment ago is told at once.
STEPS: dict[str, Callable[..., Any]] = {
    "恢复备份后再次删除": erase_again,
    "答复满 7 天无回音而结案": reporting.lapse,
    "保全期间待删除的": erase_what_waited,
    "到期删除的问题联系方式": reporting.erase_contacts,
    "到期删除的问题内容": reporting.erase_old_words,
    "补销毁的密钥": reporting.destroy_keys_left_over,
    "到期删除的预约联系方式": deciding.erase_contacts,
    "截止并计票的表决": closing.close_those_over,
    "生效的表决结果": closing.make_final,
    "到期删除的表决名册": closing.forget_rolls,
    "到期删除的调解内容": mediation.forget_mediations,
    "补销毁的调解密钥": mediation.destroy_keys_left_over,
    "到期删除的心愿联系方式": wishes.erase_those_over,
    "满一月未办的心愿重新公开": wishes.give_back_those_late,
    "到期的满意度调查": asking.close_those_over,
    "到期删除的答卷码": asking.forget_codes,
    "过期未接受的活动名额": signing_up.expire_offers,
    "到期删除的报名信息": signing_up.erase_those_over,
    "补销毁的报名密钥": signing_up.destroy_keys_left_over,
    "到期删除的更正申请和链接": own.forget_old,
    "到期删除的接口应答": keys.forget_answers,
    "续排的功能叠加": functions.lay_ahead,
    "到期删除的到会名单": holding.forget_attendance,
    "过期的登录": sessions.forget_sessions,
    "补建的检索": search.index_missing,
    "告知反映人": notices.deliver,
    "告知报名人": messages.deliver,
    "公布的季度数据": publish_quarters,
    "计数": lambda at: int(catch_up(at=at) == at),
    "待回看的月末": look_back,
}


def tick(*, at: datetime) -> dict[str, Any]:
    """Do everything that is due; return what each step says it did, None where it failed. Empty where another is at it."""
    with _alone() as is_ours:
        return {name: _done(name, step, at) for name, step in STEPS.items()} if is_ours else {}


def _done(name: str, step: Callable[..., Any], at: datetime) -> Any:
    """Do one step; one that fails is told in the log, without what it was about, and keeps no other from being done."""
    try:
        return step(at=at)
    except Exception as error:
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s: %s\n%s", name, type(error).__name__, where)
        if not connection.in_atomic_block:  # the database may have gone away under it
            close_old_connections()
        return None


@contextmanager
def _alone() -> Iterator[bool]:
    """Tell whether nobody else does this now; SQLite lets only one write anyway.

    The lock hangs on a transaction of a connection of its own: however this ends, it ends with it.
    """
    if connection.vendor != "postgresql":
        yield True
        return
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            [is_ours] = cursor.fetchone()
        yield is_ours
    finally:
        with suppress(Error):
            own.rollback()
        own.close()


def run_for_ever(every_s: float, stopped: threading.Event) -> None:
    """Tick, wait, and tick again, until stopped; nothing that fails ends it."""
    while not stopped.is_set():
        try:
            tick(at=now())
        except Exception as error:  # the database is away
            log.error("%s", type(error).__name__)
        close_old_connections()
        stopped.wait(every_s)


def start() -> None:
    """Let the clock run beside whatever this process does, unless it is switched off."""
    if settings.CLOCK_EVERY_S > 0:
        threading.Thread(
            target=run_for_ever, args=(settings.CLOCK_EVERY_S, threading.Event()), name="clock", daemon=True
        ).start()


@click.command("tick")
def tick_once() -> None:
    """做到期该做的事：结案、到期删除、告知反映人（worker 每分钟自动做）/ do what is due; the worker does it each minute."""
    ready_database()
    done = tick(at=now())
    if not done:
        click.echo("另一个进程正在做。")
    for name, what in done.items():
        click.echo(f"{'✗' if what is None else '✓'} {name}：{_said(what)}")
    if None in done.values():
        raise click.ClickException("有的没有做成，见上；下次会再做。 Something failed and is tried again next time.")


def _said(what: Any) -> str:
    if what is None:
        return "没有做成"
    if isinstance(what, int):
        return str(what)
    return "，".join(f"{state} {count}" for state, count in sorted(what.items())) or "0"


COMMANDS = [tick_once]
