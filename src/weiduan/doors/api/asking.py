"""What every operation does first: who asks, when, and whether it was asked before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Header, Query, Router

from weiduan.ground.accounts.keys import once
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, home_area, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.systems.organisation.members.queries import persons_numbered

from .shapes import Asked

# One for all: of two routers that both know an address, only the first would ever be asked.
router = Router()

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=64, pattern=r"^[!-~]+$")]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]


@dataclass(frozen=True)
class Asking:
    """One request: the account, the moment, the day in China."""

    user: User
    at: datetime

    @property
    def today(self) -> date:
        return local_day(self.at)

    @property
    def who(self) -> dict[str, Any]:
        """Say who acts and when, as actions ask it."""
        return {"by": self.user, "at": self.at}


def asking(request: HttpRequest) -> Asking:
    """Return who asks; every operation is locked, so there is somebody."""
    return Asking(request.auth, timezone.now())  # type: ignore[attr-defined]


def keeps_members(ask: Asking) -> None:
    """Let only whoever keeps organisations somewhere go on.

    :raises NotAllowed: `ask.user` looks on only
    """
    if not areas_of(ask.user, Duty.KEEP_ORGANISATION, at=ask.at):
        require(ask.user, Duty.KEEP_ORGANISATION, in_area=home_area(ask.user, at=ask.at) or "", at=ask.at)


def person_numbered(number: str) -> UUID:
    """Return the key of a person; the action asks whether the reader may know of it.

    :raises NotFound: nobody has this number
    """
    found = persons_numbered([number]).get(number)
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def answered_once(
    request: HttpRequest, ask: Asking, key: str | None, body: Asked, deed: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do a deed, but only once for the same Idempotency-Key."""
    if key is None:
        return deed()
    return once(ask.user, key, f"{request.method} {request.path}\n{body.model_dump_json()}", deed, at=ask.at)
