"""What is written into logs: one line an event, as text or JSON, without anything about a person.

Addresses hold receipts, and errors of the database hold values, so a line names the page's pattern instead of its address and an error by
its kind and place. Signs that could forge a line or turn its reading direction are written out.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from django.http import HttpRequest

# C0 and C1 controls (CR, LF, ESC among them), line and paragraph separators, and signs that turn the direction.
FORGING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
NO_ADDRESS = "(no such address)"
EXTRA = ("view", "method", "status", "ms", "request_id")


def one_line(text: str) -> str:
    """Return a text with every sign written out that could break or forge a line of a log."""
    return FORGING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def view_of(request: HttpRequest) -> str:
    """Return the name of the page that was asked for; its address may hold a receipt."""
    match = getattr(request, "resolver_match", None)
    return match.view_name if match is not None else NO_ADDRESS


class WithoutAddresses(logging.Filter):
    """Puts the page's name where Django writes the address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; let every one through."""
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(view_of(request) if arg == request.path else arg for arg in record.args)
        return True


class Plain(logging.Formatter):
    """A line of text; an error is told by its kind and where it happened, not by its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the one line."""
        line = f"{self.formatTime(record)} {record.levelname} {record.name} {record.getMessage()}"
        return one_line(f"{line} {_failed(record)}" if record.exc_info else line)


class AsJson(logging.Formatter):
    """A JSON object a line, for whatever collects them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the one line."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), "level": record.levelname.lower(),
            "logger": record.name, "message": one_line(record.getMessage()),
        }  # fmt: skip
        said |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info:
            said["error"] = one_line(_failed(record))
        return json.dumps(said, ensure_ascii=False)


def _failed(record: logging.LogRecord) -> str:
    kind, _error, where = record.exc_info or (None, None, None)
    return f"{kind.__name__ if kind else ''} {_places(where)}".strip()


def _places(where: TracebackType | None) -> str:
    """Return the innermost places an error came through: file, line and function, nothing of what was in them."""
    frames = traceback.extract_tb(where)[-8:]
    return " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
