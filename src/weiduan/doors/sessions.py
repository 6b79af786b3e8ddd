"""How long somebody stays signed in, and what a browser keeps of it afterwards: nothing."""

from datetime import datetime
from typing import Any

from allauth.account import views
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.accounts.session_store import SIGNED_IN, USED

NOTED_EVERY_S = 60  # a click within a minute of the last costs no write
OURS_ALONE = ("/desk/", "/accounts/")


class SessionMiddleware:
    """Ends a session that was not used for a while, or is old; both are known to the server alone.

    It keeps no record of anybody's hours: the last use stands in the session and goes with it.
    """

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            _keep_or_end(request, timezone.now())
        answer: HttpResponseBase = self.get_response(request)
        if request.path.startswith(OURS_ALONE) and "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = "no-store"
        return answer


def _keep_or_end(request: HttpRequest, at: datetime) -> None:
    session, now = request.session, at.timestamp()
    since, used = session.get(SIGNED_IN), session.get(USED)
    if since is None or used is None:
        session[SIGNED_IN], session[USED] = since or now, now
    elif now - since >= settings.SESSION_ABSOLUTE.total_seconds():
        _end(request, _("You signed in long ago. Please sign in again."))
    elif now - used >= settings.SESSION_IDLE.total_seconds():
        _end(request, _("You were signed out because nothing was done for a while. Please sign in again."))
    elif _is_used(request) and now - used >= NOTED_EVERY_S:
        session[USED] = now


def _end(request: HttpRequest, why: str) -> None:
    logout(request)
    messages.info(request, why)


def _is_used(request: HttpRequest) -> bool:
    """A page that looks for news by itself is not somebody at work; only the one-screen on a wall is there to stand open."""
    by_itself = "X-Live" in request.headers or request.path.startswith("/desk/live/")
    return not by_itself or request.path.startswith("/desk/screen/")


class LogoutView(views.LogoutView):  # type: ignore[misc]  # untyped
    """Signs out, and has the browser throw away the pages it kept.

    Not its “storage”: there lie the drafts of residents who use the same browser, and the desk keeps nothing there.
    """

    def post(self, *arguments: Any, **named: Any) -> HttpResponse:
        answer: HttpResponse = super().post(*arguments, **named)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer
