"""What the pages of the three administrators share."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused

from .viewing import me

Deed = Callable[[], str]


def areas_with(request: HttpRequest, duty: Duty, at: datetime) -> list[str]:
    """Return where the reader is this administrator.

    :raises NotFound: nowhere, so these pages aren't there
    """
    areas = areas_of(me(request), duty, at=at)
    if not areas:
        raise NotFound(_("There is nothing here that you may see."))
    return areas


def chosen(request: HttpRequest, deeds: dict[str, Deed]) -> tuple[str, Refused | None]:
    """Do what the pressed button is named for; return what to say of it, or the refusal."""
    deed = deeds.get(request.POST.get("do", ""))
    try:
        if deed is None:
            raise BadInput(_("Choose what to do."))
        return deed(), None
    except Refused as refused:
        return "", refused
