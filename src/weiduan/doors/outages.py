"""What is said when something the system stands on is away: the database, or room on the disk. It is said without either."""

import errno
import sys
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
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
    "The system can't reach its data just now. Nothing of what you sent was kept; wait a moment and send it again."
)
FULL = gettext_lazy(
    "There is no room left to keep anything new. Nothing of what you sent was kept; what is there can be read. Try later."
)


def meant_by(error: BaseException | None) -> Refused | None:
    """Return which outage an error tells of; None where it is a fault of ours."""
    for one in _causes(error):
        if _is_full(one):
            return DiskFull(FULL)
    return Away(AWAY) if any(isinstance(one, OperationalError | InterfaceError) for one in _causes(error)) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


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
    sentence = (
        outage.message
        if outage
        else _("Something went wrong here; it is not your doing. Please tell whoever runs this system.")
    )
    if wants_json(request):
        code = type(outage).__name__ if outage else "Fault"
        answer: HttpResponse = JsonResponse(
            {"code": code, "message": sentence}, status=status, json_dumps_params={"ensure_ascii": False}
        )
    else:  # without the request, for whatever the frame asks of it may be away
        answer = HttpResponse(render_to_string("away.html", {"sentence": sentence}), status=status)
    if outage:
        answer.headers["Retry-After"] = str(AGAIN_AFTER_S[status])
    answer.headers["Cache-Control"] = "no-store"
    return answer
