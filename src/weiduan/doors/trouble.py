"""What people are told when something the site needs is away: a sentence, and when to try again, never a bare error."""

import logging
import sys
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from .refusals import wants_json

log = logging.getLogger("weiduan.trouble")
AGAIN_AFTER_S = 10
DISK_FULL = ("database or disk is full", "disk I/O error", "No space left on device", "could not extend file")


@dataclass(frozen=True)
class Trouble:
    """What is the matter, as a page says it."""

    code: str
    status: int
    title: str
    message: str


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error nobody expected; where a part is away, say so and when to come again."""
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    with translation.override(language):
        trouble = trouble_of(sys.exc_info()[1])
        response = _said(request, trouble)
    if trouble.status != 500:
        response.headers["Retry-After"] = str(AGAIN_AFTER_S)
    response.headers["Cache-Control"] = "no-store"
    return response


def trouble_of(error: BaseException | None) -> Trouble:
    """Return what an error means for whoever reads the page."""
    if _is_full(error):
        return Trouble(
            "NoRoom", 507, _("There is no room left here just now"),
            _("What you sent was not kept. Go back: it still stands in the form. Send it again when room was made."),
        )  # fmt: skip
    if isinstance(error, OperationalError | InterfaceError) or _is_timeout(error):
        return Trouble(
            "Away", 503, _("The site can't reach its data just now"),
            _("This mostly passes in a minute. Go back: what you typed still stands in the form: send it again, nothing is kept twice."),
        )  # fmt: skip
    return Trouble(
        "Error", 500, _("Something went wrong here"),
        _("It was our mistake, not yours. Try again in a while; if it stays so, tell whoever looks after the system."),
    )  # fmt: skip


def _is_full(error: BaseException | None) -> bool:
    full_disk = isinstance(error, OSError) and error.errno == 28
    return full_disk or (isinstance(error, Error) and any(words in str(error) for words in DISK_FULL))


def _is_timeout(error: BaseException | None) -> bool:
    return type(error).__name__ in ("PoolTimeout", "TooManyRequests") and type(error).__module__.startswith(
        "psycopg_pool"
    )


def _said(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """Render without asking the database anything: it may be what is away."""
    if wants_json(request):
        said = {"code": trouble.code, "message": trouble.message}
        return JsonResponse(said, status=trouble.status, json_dumps_params={"ensure_ascii": False})
    facts = {
        "title": trouble.title, "message": trouble.message, "lang": "en" if translation.get_language() == "en" else "zh-Hans",
        "elder": request.COOKIES.get("view") == "elder", "tells": trouble.status == 503 and request.path.startswith("/report/"),
    }  # fmt: skip
    return HttpResponse(render_to_string("trouble.html", facts), status=trouble.status)
