"""What an account does before anything else: choose a password of its own, and set up the second factor where one is required."""

from datetime import datetime, timedelta

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User

LOCKED = ("/desk/",)
PASSWORD, FACTOR = "account_change_password", "mfa_index"
WHY = {
    PASSWORD: _("First choose a password that only you know."),
    FACTOR: _("First set up the second step: an authenticator app or a passkey."),
}


class FirstStepsMiddleware:
    """Sends a signed-in account to what it has to do first."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(LOCKED) and isinstance(request.user, User):
            step = first_step(request, request.user, at=timezone.now())
            if step is not None:
                messages.info(request, WHY[step])
                return redirect(step)
        answer: HttpResponse = self.get_response(request)
        return answer


def first_step(request: HttpRequest, user: User, *, at: datetime) -> str | None:
    """Return the page of what is to be done first, or None; whoever came in without the password need not know it."""
    if (user.must_change_password or _is_too_old(user, at)) and _used_a_password(request, user):
        return PASSWORD
    return FACTOR if settings.TWO_FACTORS_REQUIRED and not is_mfa_enabled(user) else None


def _used_a_password(request: HttpRequest, user: User) -> bool:
    used = {record["method"] for record in get_authentication_records(request, user)}
    return not used or "password" in used


def _is_too_old(user: User, at: datetime) -> bool:
    set_at = user.password_set_at or user.date_joined
    return bool(settings.PASSWORD_DAYS) and at - set_at >= timedelta(days=settings.PASSWORD_DAYS)
