"""Who comes as a partner: its own pages and nothing else of the desk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotFound
from weiduan.systems.services.projects.queries import is_partners, partner_of

View = Callable[..., HttpResponseBase]


def partner(view: View) -> View:
    """Let only accounts of partners in, and give the view which partner it is; for everybody else there is nothing."""

    @wraps(view)
    def asked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        assert request.user.is_authenticated
        return view(request, partner_of(request.user, at=timezone.now()), *arguments, **named)

    locked = login_required(asked)
    locked.is_locked = True  # type: ignore[attr-defined]  # read by the test of all ways in
    return wraps(view)(locked)


def no_partner(view: View) -> View:
    """Keep accounts of partners out of a page of the desk; from its door they are led to their own."""

    @wraps(view)
    def asked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if request.user.is_authenticated and is_partners(request.user):
            if request.path == reverse("desk:today"):
                return redirect("desk:partner_home")
            raise NotFound(_("There is nothing here that you may see."))
        return view(request, *arguments, **named)

    return asked
