"""Know when something changed in an area: each process looks at the ledger twice a second while somebody has a page open.

What changed is not said; the page asks for itself anew.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator

from django.conf import settings
from django.db import Error, connection

from weiduan.ground.accounts.rules import covers
from weiduan.ground.ledger.queries import entries_between, heads

LOOKED_EVERY_S = 0.5
REMEMBERED = 2_000  # changes; who was away for longer is told that something changed
UNWATCHED_AFTER_S = 30.0
PING_S = 5.0  # so often it is seen that nobody is at the other end any more
LONGEST_S = 300.0  # then the browser connects anew, and whoever waited for a place may get one


class Watch:
    """The changes of the ledger as this process has seen them: how far it goes, and which areas were touched lately."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._heads: dict[int, int] | None = None
        self._recent: deque[tuple[int, frozenset[str]]] = deque(maxlen=REMEMBERED)
        self._wanted_until = 0.0
        self._is_watched = False

    def version(self) -> int:
        """Return how many entries the ledger has, as seen last."""
        self._want()
        with self._changed:
            return sum((self._heads or {}).values())

    def has_changed(self, code: str, since: int) -> bool:
        """Tell whether an area, one around it or one in it was touched since a version."""
        with self._changed:
            known = self._recent[0][0] if len(self._recent) == REMEMBERED else 0
            if since < known or since > sum((self._heads or {}).values()):
                return True
            return any(version > since and _concerns(code, areas) for version, areas in self._recent)

    def wait(self, code: str, since: int, seconds: float) -> bool:
        """Wait until an area is touched, at most so long; tell whether it was."""
        self._want()
        until = time.monotonic() + seconds
        while not self.has_changed(code, since):
            with self._changed:
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return False
        return True

    def look(self) -> None:
        """Look at the ledger once."""
        now = heads()
        with self._changed:
            before = self._heads
        if before is None or now == before:
            with self._changed:
                self._heads = now
            return
        areas = frozenset(entries_between(before, now).values_list("area", flat=True))
        with self._changed:
            self._heads = now
            self._recent.append((sum(now.values()), areas))
            self._changed.notify_all()

    def _want(self) -> None:
        with self._changed:
            self._wanted_until = time.monotonic() + UNWATCHED_AFTER_S
            if self._is_watched:
                return
            self._is_watched = True
            self._recent.clear()
            self._heads = None
        self.look()
        threading.Thread(target=self._keep_looking, name="live", daemon=True).start()

    def _keep_looking(self) -> None:
        try:
            while time.monotonic() < self._wanted_until:
                time.sleep(LOOKED_EVERY_S)
                try:
                    self.look()
                except Error:  # the database is away; it comes back
                    connection.close()
        finally:
            connection.close()
            with self._changed:
                self._is_watched = False


def _concerns(code: str, areas: frozenset[str]) -> bool:
    return any(covers(code, area) or covers(area, code) for area in areas)


WATCH = Watch()
PLACES = threading.BoundedSemaphore(settings.LIVE_STREAMS)


class Stream:
    """What is sent to one open page; its place is given back when it ends, however it ends."""

    def __init__(self, code: str, since: int) -> None:
        self._code, self._since, self._is_open = code, since, True
        self._ends = time.monotonic() + LONGEST_S

    def __iter__(self) -> Iterator[bytes]:
        yield b"retry: 1000\n\n"
        while self._is_open and time.monotonic() < self._ends:
            if WATCH.wait(self._code, self._since, PING_S):
                self._since = WATCH.version()
                yield f"event: changed\ndata: {self._since}\n\n".encode()
            else:
                yield b": still here\n\n"

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            PLACES.release()
