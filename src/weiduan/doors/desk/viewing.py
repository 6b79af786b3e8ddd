"""What every desk page does first: who looks, as of which day, which part of a long list."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.doors.scoping import limit_to_areas_of
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput
from weiduan.ground.territory.queries import Place, crumbs

from .partnering import no_partner

View = Callable[..., HttpResponseBase]


def staff(view: View) -> View:
    """Let only people with an account in, none of a partner's; what they may see is asked per area."""

    @wraps(view)
    def limited(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        limit_to_areas_of(me(request))
        return view(request, *arguments, **named)

    locked = login_required(no_partner(limited))
    locked.is_locked = True  # type: ignore[attr-defined]  # read by the test of all ways in
    return wraps(view)(locked)


def me(request: HttpRequest) -> User:
    """Return the account signed in; `staff` lets nobody else in."""
    return cast(User, request.user)


def look(request: HttpRequest, code: str) -> list[str]:
    """Let `request.user` look at an area, or answer that there is nothing; return where else they may look."""
    at = timezone.now()
    seen = areas_of(me(request), Duty.LOOK, at=at)
    if not any(covers(area, code) for area in seen):
        require(me(request), Duty.LOOK, in_area=code, at=at)
    return seen


def day_of(request: HttpRequest) -> date:
    """Return the day asked for with ?on=, else today.

    :raises BadInput: it is no day
    """
    asked = request.GET.get("on", "").strip()
    if not asked:
        return local_day(timezone.now())
    try:
        return date.fromisoformat(asked)
    except ValueError as error:
        raise BadInput(_("“%(day)s” is no day. Write it like 2018-10-31.") % {"day": asked[:20]}) from error


def page_of(request: HttpRequest, rows: Sequence[Any] | QuerySet[Any], size: int = 20, name: str = "page") -> Page:
    """Return the part of a list asked for with ?page= (or `name`); a page past the end is the last."""
    return Paginator(rows, size).get_page(request.GET.get(name))


def crumb_links(code: str, places: list[Place], on: date, seen: list[str]) -> list[tuple[str, str | None]]:
    """Return (name, address) from the widest area down to this one; no address where the reader may not look."""
    way = crumbs(code, places)
    return [(place.name, _url_if_seen(place.code, on, seen)) for place in way]


def here_last(links: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Take the link off the last crumb: that is the page itself."""
    return [*links[:-1], (links[-1][0], None)] if links else []


def _url_if_seen(code: str, on: date, seen: list[str]) -> str | None:
    return area_url(code, on) if any(covers(area, code) for area in seen) else None


def area_url(code: str, on: date | None = None) -> str:
    """Return the address of an area's page, keeping the day if it isn't today."""
    url = reverse("desk:area", args=[code])
    return url if on is None or on == local_day(timezone.now()) else f"{url}?on={on}"
