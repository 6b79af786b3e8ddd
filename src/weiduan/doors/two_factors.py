"""Where two factors are required, whoever has only a password sets up the second before anything else."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

LOCKED = ("/desk/",)


class TwoFactorMiddleware:
    """Sends a signed-in account without a second factor to set one up."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.TWO_FACTORS_REQUIRED and request.path.startswith(LOCKED):
            user = request.user
            if user.is_authenticated and not is_mfa_enabled(user):
                return redirect("mfa_index")
        return self.get_response(request)
