"""Who may do what: asked by every action and every page."""

from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.errors import NotAllowed, NotFound

from .models import DUTY_TITLES, Mandate, User
from .rules import IMPLIES_LOOKING, Duty, covers, prefix_of

READ_ONCE = "_mandates_of_this_request"


def local_day(at: datetime) -> date:
    """Return the calendar day in China at this moment."""
    return timezone.localtime(at).date()


def areas_of(user: User | AnonymousUser, duty: Duty, *, at: datetime) -> list[str]:
    """Return the codes in which `user` has `duty`; [''] is everywhere."""
    if not user.is_authenticated or not user.is_active:
        return []
    if user.is_superuser and settings.SUPERUSERS_MAY_ALL:
        return [""]
    duties = IMPLIES_LOOKING if duty is Duty.LOOK else {duty}
    return sorted({area for held, area in _held(user, local_day(at)) if held in duties})


def duties_of(user: User | AnonymousUser, *, at: datetime) -> set[Duty]:
    """Return what `user` may do anywhere."""
    if not user.is_authenticated or not user.is_active:
        return set()
    if user.is_superuser and settings.SUPERUSERS_MAY_ALL:
        return set(Duty)
    return {Duty(duty) for duty, _area in _held(user, local_day(at))}


def _held(user: User, day: date) -> list[tuple[str, str]]:
    """Return duty and area of each mandate on a day; read once for a request in which `prefixes_held` was asked."""
    known = user.__dict__.get(READ_ONCE)
    if known is not None and known[0] == day:
        return known[1]
    held = Mandate.objects.filter(Q(until__isnull=True) | Q(until__gt=day), user=user, since__lte=day)
    return list(held.values_list("duty", "area"))


def prefixes_held(user: User, *, at: datetime) -> list[str]:
    """Return what the codes begin with of all areas in which an account has a duty, for the database's own lock.

    It doesn't go through `areas_of`: a mistake there must not open both locks. [''] is everywhere.
    """
    if user.is_superuser:
        return [""]
    day = local_day(at)
    held = _held(user, day)
    user.__dict__[READ_ONCE] = (day, held)
    return sorted({prefix_of(area) for _duty, area in held})


def may(user: User | AnonymousUser, duty: Duty, *, in_area: str, at: datetime) -> bool:
    """Tell whether `user` has `duty` in the area with this code."""
    return any(covers(area, in_area) for area in areas_of(user, duty, at=at))


def require(user: User | AnonymousUser | str, duty: Duty, *, in_area: str, at: datetime) -> None:
    """Let `user` pass or raise; a text names the machine's own console or a job, which may do everything.

    :raises NotFound: may not even look there, so its existence isn't told
    :raises NotAllowed: may look there, but lacks the duty
    """
    if isinstance(user, str) or may(user, duty, in_area=in_area, at=at):
        return
    if may(user, Duty.LOOK, in_area=in_area, at=at):
        raise NotAllowed(
            _("This needs the duty “%(duty)s” in %(area)s. Ask whoever gives mandates there.")
            % {"duty": DUTY_TITLES[duty], "area": in_area or _("every area")}
        )
    raise NotFound(_("There is nothing here that you may see."))


def home_area(user: User | AnonymousUser, *, at: datetime) -> str | None:
    """Return the widest area `user` works in, or None without a mandate."""
    areas = areas_of(user, Duty.LOOK, at=at)
    return min(areas, key=len) if areas else None


def find_account(username: str) -> User | None:
    """Return the account with this name, if there is one."""
    return User.objects.filter(username=username).first()


def account_named(username: str) -> User:
    """Return the account with this name.

    :raises NotFound: there is none
    """
    user = find_account(username)
    if user is None:
        raise NotFound(_("There is no account named %(name)s.") % {"name": username})
    return user


def accounts_with(duty: Duty, *, in_area: str, at: datetime) -> int:
    """Count the accounts that have a duty in the area with this code: who could look, in number."""
    day = local_day(at)
    duties = [d.value for d in IMPLIES_LOOKING] if duty is Duty.LOOK else [duty.value]
    held = Mandate.objects.filter(
        Q(until__isnull=True) | Q(until__gt=day), duty__in=duties, since__lte=day, user__is_active=True
    )
    able = {user for user, area in held.values_list("user_id", "area") if covers(area, in_area)}
    if settings.SUPERUSERS_MAY_ALL:
        able |= set(User.objects.filter(is_superuser=True, is_active=True).values_list("pk", flat=True))
    return len(able)


def is_own(user: User, by: User | str) -> bool:
    """Tell whether somebody acts on the own account."""
    return not isinstance(by, str) and by.pk == user.pk
