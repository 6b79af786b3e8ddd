"""The second lock: which rows of guarded tables the database itself gives out, on PostgreSQL.

A door that knows who is signed in says with `limit_to` in which areas that account works. From then on, until `lift`, the database
leaves out every row of a table with `OnlyInScope` that lies elsewhere, whatever the query asks. Without a limit (the worker, the
console, pages for everyone) nothing is left out. `beyond_scope` is for the few actions that by law reach over: it is asked inside
them, after they have asked whether somebody may. On SQLite all of it does nothing.

The limit is a setting of the session of the connection. It is kept beside the connection too, so that one opened anew within a
request has it before its first question; and it is lifted at the end of each request, and by the pool when a connection comes back.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from psycopg.pq import TransactionStatus

SETTING = "weiduan.scope"
# What no code of an area begins with: whoever works nowhere is given nothing.
NOWHERE = "-"


def limit_to(prefixes: Iterable[str]) -> None:
    """Give out, until `lift`, only rows of areas whose codes begin so; an empty prefix is everywhere."""
    if connection.vendor != "postgresql":
        return
    wanted = sorted(set(prefixes))
    lift()
    if "" not in wanted:
        limit = _Limit(",".join(wanted) or NOWHERE)
        connection.execute_wrappers.append(limit)
        limit.hold()


def lift() -> None:
    """Give out everything again."""
    limit = _limit()
    if limit is not None:
        connection.execute_wrappers.remove(limit)
        limit.let_go()


def scope_now() -> str | None:
    """Return the limit as it holds, its prefixes parted by commas; None without one."""
    limit = _limit()
    return limit.said if limit is not None else None


@contextmanager
def beyond_scope() -> Iterator[None]:
    """Give out everything within the block: for what reaches over the borders of an area by law, or counts for everybody."""
    limit = _limit()
    if limit is None:
        yield
        return
    _set("")
    try:
        yield
    finally:
        _set(limit.said)


def forget(raw: Any) -> None:
    """Take the limit off a connection that goes back into the pool, whatever became of the request."""
    raw.execute(f"RESET {SETTING}")
    raw.commit()


class _Limit:
    """Holds the setting on whichever connection is asked."""

    def __init__(self, said: str):
        self.said, self.on = said, None

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if connection.connection is not self.on:
            self.hold()
        return execute(sql, params, many, context)

    def hold(self) -> None:
        connection.ensure_connection()
        self.on = connection.connection
        _set(self.said)

    def let_go(self) -> None:
        if connection.connection is not None and connection.connection is self.on:
            _set("")


def _set(said: str) -> None:
    """Set it, unless the transaction has failed: then it goes back, as everything in it, when that is rolled back."""
    if connection.connection.info.transaction_status == TransactionStatus.INERROR:
        return
    with connection.connection.cursor() as cursor:  # the driver's own, so that no wrapper asks again
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, said])


def _limit() -> _Limit | None:
    return next((one for one in connection.execute_wrappers if isinstance(one, _Limit)), None)
