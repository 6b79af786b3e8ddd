"""The interface under /api/v1/: its lock, its refusals, its description."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import JSONRenderer

from weiduan.doors.refusals import heading, said, status_of
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.systems.venues.bookings.actions import Busy

from . import (
    activities,
    ballots,
    bookings,
    elections,
    lists,
    meetings,
    members,
    neighbours,
    posts,
    projects,
    reading,
    satisfaction,
    self_government,
    topics,
    venues,
    writing,
)
from .access import Key, Session
from .asking import router
from .shapes import Fault

OPERATIONS = (
    reading,
    writing,
    members,
    lists,
    elections,
    posts,
    venues,
    bookings,
    ballots,
    self_government,
    topics,
    satisfaction,
    projects,
    meetings,
    activities,
    neighbours,
)  # they register themselves with the router
REFUSALS = {400, 401, 403, 404, 409, 422}


class Plain(JSONRenderer):
    """Chinese as it is written, not as codes."""

    json_dumps_params = {"ensure_ascii": False}


class Interface(NinjaAPI):
    """What is answered is for the asker alone, so nothing on the way may keep it."""

    def create_response(self, request: HttpRequest, data: Any, **options: Any) -> HttpResponse:
        answer = super().create_response(request, data, **options)
        answer["Cache-Control"] = "no-store"
        return answer

    def get_openapi_schema(self, *args: Any, **options: Any) -> Any:
        """Describe the refusals, which every operation may answer with."""
        schema = super().get_openapi_schema(*args, **options)
        shape = {"application/json": {"schema": Fault.model_json_schema()}}
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status in REFUSALS:
                    operation["responses"].setdefault(status, {"description": "Refused", "content": shape})
        return schema


api = Interface(
    title="Weiduan", version="1", urls_namespace="api", docs_url=None, auth=[Key(), Session()],
    openapi_url="/openapi.json", renderer=Plain(),
)  # fmt: skip
api.add_router("", router)


def _fault(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    return api.create_response(request, {"title": title, "detail": detail, "do": _what_to_do(status)}, status=status)


def _what_to_do(status: int) -> str:
    """Say what a program, or who runs it, can do."""
    words = {
        401: _("Send “Authorization: Bearer KEY” with a key made by “weiduan user key”."),
        403: _("Ask whoever gives mandates, or sign in anew."),
        404: _("Look up number, code or key in a list first."),
        409: _("Read it anew, then decide whether to ask again."),
    }
    return words.get(status, _("Correct what was sent, as the description at /api/v1/openapi.json says."))


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return _fault(request, status_of(error), heading(error), said(error))


@api.exception_handler(Busy)
def busy(request: HttpRequest, error: Busy) -> HttpResponse:
    """Say beside the refusal which dates are taken, and when the room is free next."""
    words = {"title": heading(error), "detail": said(error), "do": _what_to_do(error.status)}
    facts = {"taken": error.taken, "free": [{"since": since, "until": until} for since, until in error.free]}
    return api.create_response(request, words | facts, status=error.status)


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = _fault(request, 401, _("Nobody is signed in"), _("There is no key, or it does not hold any more."))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(HttpError)
def not_so(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 403:  # the check against forged requests
        refusal = NotAllowed(_("The request does not come from one of our pages: the CSRF token is missing or old."))
        return _fault(request, 403, heading(refusal), refusal.message)
    return _fault(request, error.status_code, _("Something in what you sent is not right"), _("It can't be read."))


@api.exception_handler(Http404)
def nowhere(request: HttpRequest, error: Http404) -> HttpResponse:
    refusal = NotFound(_("There is no such page here."))
    return _fault(request, 404, heading(refusal), refusal.message)


@api.exception_handler(ValidationError)
def misshapen(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = ", ".join(sorted({".".join(str(part) for part in one["loc"]) for one in error.errors}))
    detail = _("Not as described: %(places)s.") % {"places": places[:500]}
    return _fault(request, 422, _("Something in what you sent is not right"), detail)
