"""Choose where something new is to be: search by name within the areas in which one has the duty."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import DUTY_TITLES
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import NotAllowed
from weiduan.ground.territory.queries import search_places

from .viewing import me

SHOWN = 50


def where_asked(request: HttpRequest, at: datetime, duty: Duty = Duty.KEEP_GOVERNANCE) -> dict[str, Any]:
    """Return the area chosen with ?area=, what was looked for with ?look=, and what was found, for `parts/where.html`.

    :raises NotAllowed: the reader has the duty nowhere
    """
    own = areas_of(me(request), duty, at=at)
    if not own:
        raise NotAllowed(_("This needs the duty “%(duty)s”. Ask whoever gives mandates."), duty=DUTY_TITLES[duty])
    look = request.GET.get("look", "").strip()[:40]
    rows = search_places(look, on=local_day(at)) if look else []
    found = [place for place in rows if any(covers(code, place.code) for code in own)]
    return {"area": request.GET.get("area", "")[:18], "look": look, "found": found[:SHOWN]}
