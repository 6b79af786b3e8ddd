"""Whoever is signed in is given out nothing that lies elsewhere: the doors tell the database in which areas the reader works."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import prefixes_held
from weiduan.ground.base.scope import lift, limit_to


class ScopeMiddleware:
    """Lifts, at the end of each request, what a door of the desk or of the interface has set."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            lift()


def limit_to_areas_of(user: User) -> None:
    """Let the database give out, for the rest of this request, only what lies where the account works."""
    limit_to(prefixes_held(user, at=timezone.now()))
