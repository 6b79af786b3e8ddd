"""Ask for a plan, plan it village by village, adopt it, withdraw it."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.models import Area
from weiduan.ground.territory.queries import area_by_code
from weiduan.planning.engines import Engine
from weiduan.planning.replan import Point

from .adoption import adopt_village
from .inputs import village_input
from .models import Proposal, VillagePlan
from .planning import Unsound, plan_village
from .queries import villages_in
from .rules import ADOPTABLE, UNDER_WAY, State

SECONDS_A_VILLAGE = 20.0
Progress = Callable[[float, str], None]


class Stale(Refused):
    """The ground changed since the plan was made; it must be planned again."""


class NotNow(Refused):
    """The proposal isn't in a state that allows this."""


@transaction.atomic
def ask_for_proposal(area: str, *, on: date, by: User | str, at: datetime) -> Proposal:
    """Keep a proposal to be planned; `plan_proposal` or the worker does it.

    :raises NotFound: no such area, or not for `by`
    :raises BadInput: no unit lies in it
    """
    area_by_code(area, on=on)
    require(by, Duty.LOOK, in_area=area, at=at)
    villages = len(villages_in(area, on=on))
    if not villages:
        raise BadInput(_("No unit lies in this area yet. Load a survey first."))
    proposal = Proposal.objects.create(
        area=area, on=on, asked_by=None if isinstance(by, str) else by, asked_at=at, villages=villages
    )
    record(what="proposal.asked", about=proposal, by=by, at=at, area=area)
    return proposal


def queue(proposal: Proposal) -> None:
    """Let the worker plan a proposal."""
    plan_in_worker.enqueue(str(proposal.pk))


@task()
def plan_in_worker(key: str) -> None:
    """Plan a proposal; the worker calls this."""
    plan_proposal(Proposal.objects.get(pk=UUID(key)))


def plan_proposal(
    proposal: Proposal,
    *,
    seconds: float = SECONDS_A_VILLAGE,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Proposal:
    """Plan village after village, keeping each at once: stopped or killed, it goes on where it was.

    `engine` and `seconds` a village are planning's own; a village already planned is left alone.
    """
    if not Proposal.objects.filter(pk=proposal.pk, state__in=UNDER_WAY).update(state=State.PLANNING.value):
        proposal.refresh_from_db()  # stopped, withdrawn or planned meanwhile
        return proposal
    done = set(proposal.plans.values_list("code", flat=True))
    waiting = [code for code in villages_in(proposal.area, on=proposal.on) if code not in done]
    for number, code in enumerate(waiting):
        if not Proposal.objects.filter(pk=proposal.pk, state=State.PLANNING.value).exists():
            break  # somebody stopped or withdrew it
        try:
            _plan_one(proposal, code, seconds, engine)
        except Unsound as fault:
            _end(proposal, State.FAILED, note=str(fault))
            break
        if progress:
            progress(100 * (number + 1) / len(waiting), code)
    else:
        _end(proposal, State.READY)
    proposal.refresh_from_db()
    return proposal


def _plan_one(proposal: Proposal, code: str, seconds: float, engine: Engine | None) -> None:
    village = village_input(code, on=proposal.on)
    plan = plan_village(village, seconds=seconds, engine=engine)
    VillagePlan.objects.create(proposal=proposal, code=code, name=village.name, digest=village.digest, plan=plan)


def _end(proposal: Proposal, state: State, note: str = "") -> None:
    Proposal.objects.filter(pk=proposal.pk, state=State.PLANNING.value).update(
        state=state.value, note=note, ended_at=timezone.now()
    )


def stop(proposal: Proposal, *, by: User | str, at: datetime) -> None:
    """Stop planning after the village at hand; what is planned stays.

    :raises NotNow: it isn't being planned
    """
    require(by, Duty.LOOK, in_area=proposal.area, at=at)
    if not Proposal.objects.filter(pk=proposal.pk, state__in=UNDER_WAY).update(state=State.STOPPED.value, ended_at=at):
        raise NotNow(_("This proposal is not being planned."))


def resume(proposal: Proposal, *, by: User | str, at: datetime) -> None:
    """Go on with a stopped proposal.

    :raises NotNow: it wasn't stopped
    """
    require(by, Duty.LOOK, in_area=proposal.area, at=at)
    if not Proposal.objects.filter(pk=proposal.pk, state=State.STOPPED.value).update(state=State.WAITING.value):
        raise NotNow(_("Only a stopped proposal can go on."))


def withdraw(proposal: Proposal, *, by: User | str, at: datetime) -> None:
    """Withdraw a proposal; what was adopted of it stays adopted."""
    require(by, Duty.LOOK, in_area=proposal.area, at=at)
    Proposal.objects.filter(pk=proposal.pk).update(state=State.WITHDRAWN.value, ended_at=at)
    record(what="proposal.withdrawn", about=proposal, by=by, at=at, area=proposal.area)


@transaction.atomic
def adopt(
    proposal: Proposal, *, villages: Iterable[str] | None = None, point: int = 0, on: date, by: User | str, at: datetime
) -> dict[str, int]:
    """Adopt a proposal, or some of its villages; each move is an action of the organisation room.

    point  which arrangement of the curve, 0 the least change; villages with a shorter curve take their last

    :raises NotNow: it is not planned, or withdrawn
    :raises Stale: a village isn't what it was planned from any more
    :raises NotAllowed: `by` does not keep the organisations of one of the villages
    """
    proposal = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if proposal.state not in ADOPTABLE:
        raise NotNow(_("This proposal can't be adopted now: look at its state."))
    chosen = proposal.plans.select_for_update().filter(adopted_at__isnull=True).order_by("code")
    done = {"villages": 0, "groups_set_up": 0, "groups_dissolved": 0, "members_moved": 0, "leaders": 0}
    for plan in chosen.filter(code__in=list(villages)) if villages is not None else chosen:
        counts = _adopt_one(plan, point, on, by, at)
        done = {key: done[key] + counts.get(key, 0) for key in done}
    record(what="proposal.adopted", about=proposal, by=by, at=at, area=proposal.area, after=done)
    return done


def _adopt_one(plan: VillagePlan, point: int, on: date, by: User | str, at: datetime) -> dict[str, int]:
    Area.objects.select_for_update().get(pk=area_by_code(plan.code, on=on).area_id)
    village = village_input(plan.code, on=on)
    if village.digest != plan.digest:
        raise Stale(_("%(village)s has changed since this plan was made. Ask for a new one.") % {"village": plan.name})
    told = plan.plan["points"][min(point, len(plan.plan["points"]) - 1)]
    counts = adopt_village(village, _point(told), on=on, due=on + relativedelta(years=5), by=by, at=at)
    plan.adopted_as, plan.adopted_at = min(point, len(plan.plan["points"]) - 1), at
    plan.save(update_fields=["adopted_as", "adopted_at"])
    return counts | {"villages": 1}


def _point(told: dict[str, Any]) -> Point:
    bodies = tuple(tuple(body) for body in told["bodies"])
    return Point(bodies, tuple(told["labels"]), told["moves"], 0.0, told["count"], ())
