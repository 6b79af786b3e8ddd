"""Teams, shifts that lack people, and what belongs to a volunteer. Nothing is added up or compared over volunteers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import ancestors_of, area_ids, area_of, within

from .models import Shift, ShiftPlace, Team, Volunteer
from .rules import AT_RISK_WITHIN, PlaceState, ShiftState, State


def teams_for(code: str, *, at: datetime) -> QuerySet[Team]:
    """Return the teams at home in an area, below it, or above it, with how many shifts are to come."""
    on = local_day(at)
    above = area_ids(ancestors_of(code), on=on).values()
    rows = Team.objects.filter(within([code], on=on) | Q(area__in=list(above)), Q(until=None) | Q(until__gt=on))
    coming = Q(shifts__state=ShiftState.PLANNED.value, shifts__starts_at__gt=at)
    return rows.annotate(coming=Count("shifts", filter=coming)).order_by("name", "pk")


def team_for_all(key: UUID) -> Team:
    """Return a team as everybody sees it.

    :raises NotFound: there is none
    """
    found = Team.objects.select_related("brand").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is no such team any more. Look at the list of your area."))
    return found


def shifts_to_come(team: Team, *, at: datetime) -> QuerySet[Shift]:
    """Return the shifts of a team that are still to begin, the next first."""
    return team.shifts.filter(state=ShiftState.PLANNED.value, starts_at__gt=at).order_by("starts_at", "pk")


def teams_kept_by(user: User, *, at: datetime) -> QuerySet[Team]:
    """Return the teams somebody keeps."""
    codes = areas_of(user, Duty.KEEP_SERVICES, at=at)
    return Team.objects.filter(within(codes, on=local_day(at))).order_by("name", "pk")


def kept_team(user: User, key: UUID, *, at: datetime) -> Team:
    """Return a team somebody keeps.

    :raises NotFound: there is none
    """
    found = Team.objects.select_related("brand").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(user, Duty.KEEP_SERVICES, in_area=area_of(found.area_id, on=local_day(at)).code, at=at)
    return found


def kept_shift(user: User, key: UUID, *, at: datetime) -> Shift:
    """Return a shift of a team somebody keeps.

    :raises NotFound: there is none
    """
    found = Shift.objects.select_related("team", "activity").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(user, Duty.KEEP_SERVICES, in_area=area_of(found.team.area_id, on=local_day(at)).code, at=at)
    return found


def at_risk(user: User, *, at: datetime) -> QuerySet[Shift]:
    """Return the shifts that begin within a week with fewer than they need, in the teams somebody keeps, the soonest first."""
    codes = areas_of(user, Duty.KEEP_SERVICES, at=at)
    rows = Shift.objects.filter(
        within(codes, on=local_day(at), path="team__area"), state=ShiftState.PLANNED.value, starts_at__gt=at,
        starts_at__lte=at + AT_RISK_WITHIN, taken__lt=F("least"),
    )  # fmt: skip
    return rows.select_related("team").order_by("starts_at", "pk")


@dataclass(frozen=True)
class Called:
    """A volunteer with the name opened; whether a contact was left."""

    volunteer: Volunteer
    name: str
    contact: str


def called(volunteer: Volunteer) -> Called:
    """Open name and contact of a volunteer: for whoever keeps the team, and for the volunteer."""
    contact = open_for(volunteer.pk, volunteer.sealed_contact) if volunteer.sealed_contact else ""
    return Called(volunteer, open_for(volunteer.pk, volunteer.sealed_name) or "—", contact or "")


def volunteers_of(team: Team) -> list[Called]:
    """Return who asked to join and who is in a team, in the order they came."""
    rows = team.volunteers.exclude(state=State.LEFT.value).order_by("at", "pk")
    return [called(row) for row in rows]


def places_of(shift: Shift) -> list[tuple[ShiftPlace, str]]:
    """Return who has a place in a shift or served in it, with their names, in the order they took it."""
    rows = shift.places.exclude(state=PlaceState.GIVEN_BACK.value).select_related("volunteer").order_by("pk")
    return [(row, called(row.volunteer).name) for row in rows]


def volunteer_by_receipt(receipt: str) -> Volunteer:
    """Return who holds a receipt.

    :raises NotFound: nobody
    """
    found = Volunteer.objects.select_related("team").filter(receipt_hash=receipt_hash(receipt)).first()
    if found is None:
        raise NotFound(_("No volunteer has this receipt. Check that the whole address was copied."))
    return found


def own_places(volunteer: Volunteer) -> QuerySet[ShiftPlace]:
    """Return the shifts a volunteer has or had, the newest first."""
    rows = volunteer.places.exclude(state=PlaceState.GIVEN_BACK.value)
    return rows.select_related("shift").order_by("-shift__starts_at", "pk")
