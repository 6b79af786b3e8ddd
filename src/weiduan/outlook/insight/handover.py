"""What somebody who leaves a post hands over, in words and with today's figures: proposed, to be changed freely."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format

from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.rules import HANDED_OVER, Thing
from weiduan.systems.organisation.changes.models import Change
from weiduan.systems.organisation.changes.rules import State as ChangeState
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation, Term
from weiduan.systems.organisation.organisations.queries import keys_below
from weiduan.systems.organisation.transfers.models import Transfer
from weiduan.systems.organisation.transfers.rules import State as TransferState

from .words import THING_TITLES


def proposed_handover(role: str, organisation: Organisation | None, *, on: date) -> list[str]:
    """Return the things whoever leaves a role hands over; those of which there are none now are left out."""
    figures = _figures(organisation, on) if organisation else {}
    told = {thing: str(THING_TITLES[thing.value]) for thing in HANDED_OVER.get(role, ())}
    return [words % figures.get(thing, {}) for thing, words in told.items() if figures.get(thing, {}) is not None]


def _figures(organisation: Organisation, on: date) -> Mapping[Thing, dict[str, Any] | None]:
    """Return what fills the words of a thing; None where there is no such thing now."""
    below = keys_below(organisation.pk, on=on)
    members = Membership.objects.filter(alive(on), organisation__in=below).count()
    ends = Q(sender=organisation) | Q(receiver=organisation)
    transfers = Transfer.objects.filter(ends, state=TransferState.ASKED.value).count()
    ends = Q(organisation=organisation) | Q(superior=organisation)
    changes = Change.objects.filter(ends, state=ChangeState.ASKED.value).count()
    term = Term.objects.filter(organisation=organisation, since__lte=on).order_by("-since").first()
    return {
        Thing.MEMBERS: {"n": members}, Thing.TRANSFERS: {"n": transfers} if transfers else None,
        Thing.CHANGES: {"n": changes} if changes else None,
        Thing.ELECTION: {"day": date_format(term.due_on, "Y-m-d")} if term else None,
    }  # fmt: skip
