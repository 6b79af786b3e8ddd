"""Many at once, each over a connection of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from weiduan.ground.base.errors import Refused


def at_once(deed: Callable[[int], Any], tries: int) -> list[Any]:
    """Do a deed so many times at once; return what each returned, or the refusal it met."""

    def one(number: int) -> Any:
        try:
            return deed(number)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(tries) as pool:
        return list(pool.map(one, range(tries)))
