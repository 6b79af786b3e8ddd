"""A refusal becomes an answer: one place, whichever page or operation it happened in."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found

from weiduan.ground.base.errors import Refused


class RefusalMiddleware:
    """Turns a `Refused` that no view has answered into a page, a part of a page, or JSON."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal; leave every other error to Django."""
        return answer(request, error) if isinstance(error, Refused) else None


def answer(request: HttpRequest, error: Refused) -> HttpResponse:
    """The refusal as this reader can use it."""
    if wants_json(request):
        said_as = {"code": type(error).__name__, "message": said(error)}
        return JsonResponse(said_as, status=status_of(error), json_dumps_params={"ensure_ascii": False})
    template = "parts/refuse.html" if request.headers.get("HX-Request") else "refused.html"
    facts = {"title": heading(error), "message": said(error), "layout": layout(request)}
    return render(request, template, facts, status=status_of(error))


def nowhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is no such address: a page for people, for programs the shape of every other refusal."""
    if not request.path.startswith("/api/"):
        return page_not_found(request, exception)
    do = _("Look up number, code or key in a list first.")
    told = {"title": _("There is no such page"), "detail": _("There is no such page here."), "do": do}
    return JsonResponse(
        told, status=404, json_dumps_params={"ensure_ascii": False}, headers={"Cache-Control": "no-store"}
    )


def status_of(error: Refused) -> int:
    """The HTTP status; a thing the reader may not know of is simply not there."""
    return 404 if getattr(error, "hide", False) else error.status


def said(error: Refused) -> str:
    """The sentence; of a hidden thing nothing is said but that there is no such page."""
    return _("There is no such page here.") if getattr(error, "hide", False) else error.message


def heading(error: Refused) -> str:
    """What happened, in a few words."""
    titles = {
        400: _("Something in what you sent is not right"),
        403: _("You may not do this here"),
        404: _("There is no such page"),
    }
    return titles.get(status_of(error), _("This can't be done now"))


def layout(request: HttpRequest) -> str:
    """The frame around the page: the desk's for staff at the desk, the portal's for everyone else."""
    user = getattr(request, "user", None)
    at_desk = request.path.startswith("/desk/") and user is not None and user.is_authenticated
    return "desk/base.html" if at_desk else "portal/base.html"


def wants_json(request: HttpRequest) -> bool:
    """Whether a program is asking."""
    return (
        request.path.startswith("/api/")
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
