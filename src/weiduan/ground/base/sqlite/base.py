"""Django's SQLite, except for what it says when somebody else has been writing for too long.

SQLite has one writer at a time, and whoever begins to write waits his turn for `timeout` seconds.
Loading the survey of a whole district can take longer; nothing is wrong then, it is only busy.
"""

from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import Refused


class Busy(Refused):
    """Somebody else has been writing for longer than one can be asked to wait."""

    status = 503


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that refuses where Django's fails."""

    def _start_transaction_under_autocommit(self) -> Any:
        """Begin to write, or refuse: nothing has begun yet, so nothing is left half done."""
        try:
            return super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except OperationalError as error:
            if "locked" in str(error):
                raise Busy(
                    _(
                        "A survey is being loaded, or other long work is written. Nothing of yours was done; try again later."
                    )
                ) from error
            raise
