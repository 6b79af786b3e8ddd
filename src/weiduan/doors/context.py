"""What every template knows without being told."""

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from .administration import administered_by
from .health import sentences


def house(request: HttpRequest) -> dict[str, Any]:
    """Whether this is a demo and of which place, how the reader wants to see it, and in which languages."""
    user, at = getattr(request, "user", AnonymousUser()), timezone.now()
    return {
        "demo": is_demo(),
        "place": place(),
        "elder": request.COOKIES.get("view") == "elder",
        "lang": "en" if get_language() == "en" else "zh-Hans",
        "parts_away": sentences(),
        # Asked of the database once, and only by the pages that show it.
        "administered": SimpleLazyObject(partial(administered_by, user, at=at)),
        "other_languages": [(code, _own_name(code)) for code, _ in settings.LANGUAGES if code != get_language()],
    }


def is_demo() -> bool:
    """Whether what is shown is the modelled demo: then every page must say so."""
    return _notice() is not None


def place() -> str:
    """The district's name, where the demo has left one; empty otherwise."""
    return str((_notice() or {}).get("place", ""))


def _own_name(code: str) -> str:
    """A language as those who read it call it."""
    return {"zh-hans": "中文", "en": "English"}.get(code, code)


def _notice() -> dict[str, Any] | None:
    """The note the demo leaves in this installation's folder, or None; asked on every page, so read once a change."""
    path = Path(getattr(settings, "HOME", ".")) / "demo.json"
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        return None
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, Any]:
    """The note as it stood when it was last `changed`; a damaged one still means: a demo."""
    try:
        note = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
