"""How the reader wants to see the pages: larger for elders, in which language. Kept in a cookie, nowhere else."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

VIEWS = ("elder", "plain")
A_YEAR = 365 * 24 * 60 * 60


@require_safe
def switch_view(request: HttpRequest, view: str) -> HttpResponseRedirect:
    """Go back to `next`, in the elder view or the plain one."""
    if view not in VIEWS:
        raise Http404
    return _back_with(request, "view", view)


@require_safe
def switch_language(request: HttpRequest, code: str) -> HttpResponseRedirect:
    """Go back to `next`, in the language `code`."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    return _back_with(request, settings.LANGUAGE_COOKIE_NAME, code)


def _back_with(request: HttpRequest, name: str, value: str) -> HttpResponseRedirect:
    answer = HttpResponseRedirect(_safe_next(request))
    secure = bool(settings.SESSION_COOKIE_SECURE)
    answer.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)
    return answer


def _safe_next(request: HttpRequest) -> str:
    """The page of ours to go back to; anything else leads home."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if ours else "/"
