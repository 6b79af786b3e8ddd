"""What is said when something the system stands on is away: the database, or room on the disk. It is said without either."""

import errno
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy

from weiduan.doors.refusals import wants_json
from weiduan.ground.base.errors import Refused

AGAIN_AFTER_S = {503: 5, 507: 60}


class Away(Refused):
    """The database doesn't answer just now."""

    status = 503


class DiskFull(Refused):
    """There is no room to keep anything more."""

    status = 507


AWAY = gettext_lazy(
    "This mostly passes in a minute. Go back: what you typed still stands in the form: send it again, nothing is kept twice."
)
FULL = gettext_lazy(
    "What you sent was not kept. Go back: it still stands in the form. Send it again when room was made."
)
OURS = gettext_lazy(
    "It was our mistake, not yours. Try again in a while; if it stays so, tell whoever looks after the system."
)
TITLES = {
    503: gettext_lazy("The site can't reach its data just now"),
    507: gettext_lazy("There is no room left here just now"),
    500: gettext_lazy("Something went wrong here"),
}


def meant_by(error: BaseException | None) -> Refused | None:
    """Return which outage an error tells of; None where it is a fault of ours."""
    for one in _causes(error):
        if _is_full(one):
            return DiskFull(FULL)
    return Away(AWAY) if any(_is_away(one) for one in _causes(error)) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_away(error: BaseException) -> bool:
    return isinstance(error, OperationalError | InterfaceError) or type(error).__module__.startswith("psycopg_pool")


def _is_full(error: BaseException) -> bool:
    """SQLite says it in words, PostgreSQL by its class of errors 53100, the system by number."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return True
    return getattr(error, "sqlstate", "") == "53100" or (
        isinstance(error, OperationalError) and "disk is full" in str(error)
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what no view has answered: an outage with a sentence and when to try again, a fault of ours with another."""
    outage = meant_by(sys.exc_info()[1])
    status = outage.status if outage else 500
    with translation.override(getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)):
        answer = _said(
            request, status, type(outage).__name__ if outage else "Fault", outage.message if outage else OURS
        )
    if outage:
        answer.headers["Retry-After"] = str(AGAIN_AFTER_S[status])
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _said(request: HttpRequest, status: int, code: str, sentence: Any) -> HttpResponse:
    """Say it as a page, or to a program; without the request, for whatever the frame asks of it may be away."""
    if wants_json(request):
        said = {"code": code, "message": str(sentence)}
        return JsonResponse(said, status=status, json_dumps_params={"ensure_ascii": False})
    facts = {
        "title": TITLES[status], "message": sentence, "lang": "en" if translation.get_language() == "en" else "zh-Hans",
        "elder": request.COOKIES.get("view") == "elder", "tells": status == 503 and request.path.startswith("/report/"),
    }  # fmt: skip
    return HttpResponse(render_to_string("away.html", facts), status=status)
