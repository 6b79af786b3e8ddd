"""Who asks: an account by its key, or by the session of its browser."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import APIKeyCookie, HttpBearer

from weiduan.doors.first_steps import WHY, first_step
from weiduan.doors.scoping import limit_to_areas_of
from weiduan.ground.accounts.keys import user_of_key
from weiduan.ground.accounts.models import User
from weiduan.ground.base.errors import NotAllowed


class Key(HttpBearer):
    """`Authorization: Bearer KEY`, a key made with `weiduan user key`."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = user_of_key(token, at=timezone.now())
        if user is not None:
            limit_to_areas_of(user)
        return user


class Session(APIKeyCookie):
    """The session of somebody signed in; the check against forged requests is the base class's."""

    def __init__(self) -> None:
        self.param_name = settings.SESSION_COOKIE_NAME
        super().__init__(csrf=True)

    def __call__(self, request: HttpRequest) -> Any:
        """Check for forgery only where there is a session to misuse."""
        return super().__call__(request) if self.param_name in request.COOKIES else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        user = request.user
        if not user.is_authenticated:
            return None
        step = first_step(request, user, at=timezone.now())
        if step is not None:
            raise NotAllowed(WHY[step])
        limit_to_areas_of(user)
        return user
