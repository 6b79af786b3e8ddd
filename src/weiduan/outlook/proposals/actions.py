"""Ask for a plan, plan it village by village, adopt it whole or in part, withdraw it."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.db.models import Q
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
from weiduan.planning.bodies_checking import broken_rules
from weiduan.planning.executors import Executor, Failed, Lost, Pool
from weiduan.planning.replan import Point
from weiduan.planning.villages import VillageTask

from .adoption import adopt_branches, adopt_village
from .heads import appoint_heads, heads_in, told_head
from .inputs import VillageInput, village_input
from .models import Proposal, VillagePlan
from .planning import PLAN_VILLAGE, Unsound, heads_only, task_of, told
from .queries import duty_over, may_hold, unknown_to, villages_in
from .rules import (
    ADOPTABLE,
    GROUP_LIMITS,
    NO_WISHES,
    SILENT_AFTER,
    UNDER_WAY,
    Ask,
    State,
    Wishes,
    asked_for,
    limits_out_of_range,
    wishes_from,
)
from .venue_levels import UnsoundVenues
from .venues import REACH_M, as_told, plan_venues
from .venues_adoption import adopt_venues

A_MINUTE = 60.0
MOST_REACH_M = 20_000
SECONDS_A_VILLAGE = 20.0
Progress = Callable[[float, str], None]


class Stale(Refused):
    """The ground changed since the plan was made; it must be planned again."""


class OtherRules(Refused):
    """An arrangement keeps to other rules than those in force."""


class NotNow(Refused):
    """The proposal isn't in a state that allows this."""


@transaction.atomic
def ask_for_proposal(
    area: str, *, asks: Iterable[Ask] = (Ask.ORGANISE,), wishes: Wishes = NO_WISHES, after: Proposal | None = None,
    on: date, by: User | str, at: datetime,
) -> Proposal:  # fmt: skip
    """Keep a proposal to be planned; `plan_proposal` or the worker does it.

    wishes  what is fixed or changed beforehand; after  the proposal it is asked again from

    :raises NotFound: no such area, or not for `by`
    :raises BadInput: no unit lies in it, nothing is asked for, or a wish makes no sense
    """
    area_by_code(area, on=on)
    require(by, Duty.LOOK, in_area=area, at=at)
    wanted = [ask.value for ask in Ask if ask in set(asks)]
    villages = len(villages_in(area, on=on))
    if not villages:
        raise BadInput(_("No unit lies in this area yet. Load a survey first."))
    if not wanted:
        raise BadInput(_("Choose what to plan: groups and branches, rooms, or heads."))
    refuse_senseless(wishes, area=area, on=on)
    proposal = Proposal.objects.create(
        area=area, on=on, asks=wanted, wishes=wishes.told(), after=after,
        asked_by=None if isinstance(by, str) else by, asked_at=at, villages=villages,
    )  # fmt: skip
    record(what="proposal.asked", about=proposal, by=by, at=at, area=area, after={"asks": wanted})
    return proposal


def refuse_senseless(wishes: Wishes, *, area: str, on: date) -> None:
    """Refuse wishes nobody can fulfil before anything is planned.

    :raises BadInput: a limit out of range, a group or unit that isn't in the area, a reach or budget below nothing
    """
    for rule in limits_out_of_range(wishes.rules):
        least, most = GROUP_LIMITS[rule][1:] if rule in GROUP_LIMITS else (0, 0)
        raise BadInput(
            _("“%(rule)s” must be from %(least)s to %(most)s.") % {"rule": rule, "least": least, "most": most}
        )
    for name in unknown_to(area, wishes.keep, on=on):
        raise BadInput(_("“%(name)s” is no group and no unit with a group in this area.") % {"name": name})
    if wishes.reach_m is not None and not 0 < wishes.reach_m <= MOST_REACH_M:
        raise BadInput(_("The reach must be more than 0 and at most %(most)s metres.") % {"most": MOST_REACH_M})
    if wishes.budget is not None and wishes.budget < 0:
        raise BadInput(_("The number of new rooms must be 0 or more."))
    for number in sorted(set(wishes.keep_rooms) & set(wishes.drop_rooms)):
        raise BadInput(_("“%(number)s” can't be both chosen and left out.") % {"number": number})


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
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Proposal:
    """Plan village after village, keeping each at once: stopped or killed, it goes on where it was.

    executor  who works through the villages; a pool of child processes unless told otherwise
    seconds   for the groups, and for the branches, of one village; for all rooms together three times as long

    A village already planned is left alone.
    """
    begun = {"state": State.PLANNING.value, "alive_at": timezone.now()}
    if not Proposal.objects.filter(pk=proposal.pk, state__in=UNDER_WAY).update(**begun):
        proposal.refresh_from_db()  # stopped, withdrawn or planned meanwhile
        return proposal
    try:
        done = _plan_villages(proposal, seconds, executor or Pool(), progress) and _plan_venues(proposal, seconds)
    except (Unsound, UnsoundVenues, Failed, Lost) as fault:
        _end(proposal, State.FAILED, note=str(fault))
    except BadInput as refused:
        _end(proposal, State.FAILED, note=str(refused))
    else:
        if done:
            _end(proposal, State.READY)
    proposal.refresh_from_db()
    return proposal


def _plan_villages(proposal: Proposal, seconds: float, executor: Executor, progress: Progress | None) -> bool:
    """Plan the villages that are not yet; return False where somebody stopped it."""
    done = set(proposal.plans.values_list("code", flat=True))
    waiting = [code for code in villages_in(proposal.area, on=proposal.on) if code not in done]
    if asked_for(proposal.asks, Ask.ORGANISE):
        planned = _organised(proposal, waiting, seconds, executor)
    elif asked_for(proposal.asks, Ask.HEADS):
        planned = ((village, heads_only(village)) for village in (village_input(c, on=proposal.on) for c in waiting))
    else:
        return _is_wanted(proposal)
    for number, (village, plan) in enumerate(planned, start=1):
        if asked_for(proposal.asks, Ask.HEADS):
            plan["heads"] = [told_head(head) for head in heads_in(village, on=proposal.on)]
        VillagePlan.objects.get_or_create(
            proposal=proposal,
            code=village.code,
            defaults={"name": village.name, "digest": village.digest, "plan": plan},
        )
        if progress:
            progress(100 * number / len(waiting), village.name)
        if not _is_wanted(proposal):
            planned.close()
            return False
    return _is_wanted(proposal)


def _organised(
    proposal: Proposal, codes: list[str], seconds: float, executor: Executor
) -> Generator[tuple[VillageInput, dict[str, Any]]]:
    """Yield each village with its plan, in the order in which they come back."""
    wishes, sent = wishes_from(proposal.wishes), dict[int, VillageInput]()

    def tasks() -> Iterator[VillageTask]:
        for number, code in enumerate(codes):
            sent[number] = village_input(code, on=proposal.on)
            yield task_of(sent[number], seconds=seconds, wishes=wishes)

    # Groups and branches each keep to their limit; reasons and prices come on top.
    answers = executor.run(PLAN_VILLAGE, tasks(), seconds=4 * seconds + A_MINUTE)
    try:
        for number, answer in answers:
            village = sent.pop(number)
            yield village, told(village, answer, wishes)
    finally:
        answers.close()


def _is_wanted(proposal: Proposal) -> bool:
    """Give a sign of life; tell whether nobody stopped or withdrew it meanwhile."""
    under_way = Proposal.objects.filter(pk=proposal.pk, state=State.PLANNING.value)
    return bool(under_way.update(alive_at=timezone.now()))


def _plan_venues(proposal: Proposal, seconds: float) -> bool:
    if asked_for(proposal.asks, Ask.VENUES) and proposal.venues is None:
        wishes = wishes_from(proposal.wishes)
        plan = plan_venues(
            proposal.area, on=proposal.on, reach_m=wishes.reach_m or REACH_M, budget=wishes.budget,
            keep=wishes.keep_rooms, drop=wishes.drop_rooms, seconds=3 * seconds,
        )  # fmt: skip
        Proposal.objects.filter(pk=proposal.pk).update(venues=as_told(plan))
    return True


def _end(proposal: Proposal, state: State, note: str = "") -> None:
    Proposal.objects.filter(pk=proposal.pk, state=State.PLANNING.value).update(
        state=state.value, note=note, ended_at=timezone.now()
    )


def _require_hold(proposal: Proposal, by: User | str, at: datetime) -> None:
    """Let whoever asked for a proposal, or may adopt it, decide what becomes of it; not everybody who may look at it."""
    require(by, Duty.LOOK, in_area=proposal.area, at=at)
    if not isinstance(by, str) and not may_hold(by, proposal, at=at):
        require(by, duty_over(proposal), in_area=proposal.area, at=at)


def stop(proposal: Proposal, *, by: User | str, at: datetime) -> None:
    """Stop planning after the village at hand; what is planned stays.

    :raises NotAllowed: `by` neither asked for it nor may adopt it
    :raises NotNow: it isn't being planned
    """
    _require_hold(proposal, by, at)
    if not Proposal.objects.filter(pk=proposal.pk, state__in=UNDER_WAY).update(state=State.STOPPED.value, ended_at=at):
        raise NotNow(_("This proposal is not being planned."))


def resume(proposal: Proposal, *, by: User | str, at: datetime) -> None:
    """Go on with a proposal that was stopped, or whose planner was killed and fell silent.

    :raises NotAllowed: `by` neither asked for it nor may adopt it
    :raises NotNow: it is done with, or somebody is at it
    """
    _require_hold(proposal, by, at)
    silent = Q(state=State.PLANNING.value, alive_at__lt=at - SILENT_AFTER)
    may_go_on = Proposal.objects.filter(Q(state=State.STOPPED.value) | silent, pk=proposal.pk)
    if not may_go_on.update(state=State.WAITING.value):
        raise NotNow(_("Only a proposal that was stopped, or that nobody is planning any more, can go on."))


def withdraw(proposal: Proposal, *, by: User | str, at: datetime) -> None:
    """Withdraw a proposal; what was adopted of it stays adopted.

    :raises NotAllowed: `by` neither asked for it nor may adopt it
    """
    _require_hold(proposal, by, at)
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
    :raises OtherRules: an arrangement keeps to other rules than those in force
    :raises NotAllowed: `by` does not keep the organisations of one of the villages
    """
    proposal, wanted = _to_be_adopted(proposal, villages, Duty.KEEP_ORGANISATION, by, at)
    chosen = proposal.plans.select_for_update().filter(adopted_at__isnull=True).order_by("code")
    done = dict.fromkeys(DONE, 0)
    for plan in chosen if wanted is None else chosen.filter(code__in=wanted):
        if plan.plan["points"]:
            counts = _adopt_one(plan, point, on, by, at)
            done = {key: done[key] + counts.get(key, 0) for key in done}
    record(what="proposal.adopted", about=proposal, by=by, at=at, area=proposal.area, after=done)
    return done


DONE = ("villages", "groups_set_up", "groups_dissolved", "members_moved", "leaders", "grids_joined")


def _to_be_adopted(
    proposal: Proposal, villages: Iterable[str] | None, duty: Duty, by: User | str, at: datetime
) -> tuple[Proposal, list[str] | None]:
    """Lock a proposal and let only whoever has the duty act, even where nothing is left to do; return the villages asked for."""
    locked = Proposal.objects.select_for_update().get(pk=proposal.pk)
    wanted = None if villages is None else list(villages)
    for code in [locked.area] if wanted is None else wanted:
        require(by, duty, in_area=code, at=at)
    if locked.state not in ADOPTABLE:
        raise NotNow(_("This proposal can't be adopted now: look at its state."))
    return locked, wanted


def _adopt_one(plan: VillagePlan, point: int, on: date, by: User | str, at: datetime) -> dict[str, int]:
    Area.objects.select_for_update().get(pk=area_by_code(plan.code, on=on).area_id)
    village = village_input(plan.code, on=on)
    if village.digest != plan.digest:
        raise Stale(_("%(village)s has changed since this plan was made. Ask for a new one.") % {"village": plan.name})
    number = min(point, len(plan.plan["points"]) - 1)
    chosen = _point(plan.plan["points"][number])
    _refuse_other_rules(village, chosen, plan)
    due = on + relativedelta(years=5)
    counts = adopt_village(village, chosen, on=on, due=due, by=by, at=at)
    if plan.plan.get("branches", {}).get("points"):
        counts |= adopt_branches(village, _point(plan.plan["branches"]["points"][0]), on=on, by=by, at=at)
    plan.adopted_as, plan.adopted_at = number, at
    plan.save(update_fields=["adopted_as", "adopted_at"])
    return counts | {"villages": 1}


def _refuse_other_rules(village: VillageInput, point: Point, plan: VillagePlan) -> None:
    """Look at an arrangement by the rules in force: one made by looser ones would leave gaps."""
    covered = {place for body in point.bodies for place in body}
    left_out = [place for place in range(len(village.units)) if place not in covered]
    kept = {number for number, _name in _kept(plan)}
    fixed = [body for group, body in zip(village.groups, village.today, strict=True) if group.number in kept]
    broken = broken_rules(point.bodies, left_out, village.places, village.rules, fixed=fixed, today=village.today)
    if broken:
        raise OtherRules(
            _(
                "The plan for %(village)s was made by other rules than those in force. Set the rule first, then ask again."
            )
            % {"village": plan.name}
        )


def _kept(plan: VillagePlan) -> list[tuple[str, str]]:
    """Return (number, name) of the groups that were to stay just as they are."""
    asked = plan.plan.get("wishes", {}).get("keep", ())
    return [(group["number"], group["name"]) for group in plan.plan["today"] if group["number"] in asked]


def _point(told: dict[str, Any]) -> Point:
    bodies = tuple(tuple(body) for body in told["bodies"])
    return Point(bodies, tuple(told["labels"]), told["moves"], 0.0, told["count"], ())


@transaction.atomic
def adopt_rooms(
    proposal: Proposal, *, villages: Iterable[str] | None = None, numbers: Iterable[str] | None = None,
    on: date, by: User | str, at: datetime,
) -> dict[str, int]:  # fmt: skip
    """Plan micro-venues in the rooms a proposal chose, or in some of them.

    :raises NotNow: it is not planned, withdrawn, or chose no rooms
    :raises StaleVenues: units, rooms or venues aren't what they were
    :raises NotAllowed: `by` does not keep the venues there
    """
    picked = None if numbers is None else list(numbers)
    held_in = [room["village"] for room in (proposal.venues or {}).get("rooms", ()) if room["number"] in (picked or ())]
    narrowed = held_in if villages is None and held_in else villages
    proposal, _wanted = _to_be_adopted(proposal, narrowed, Duty.KEEP_VENUES, by, at)
    if not proposal.venues:
        raise NotNow(_("This proposal chose no rooms."))
    done = adopt_venues(proposal.venues, area=proposal.area, on=on, villages=villages, numbers=picked, by=by, at=at)
    proposal.venues_adopted_at = at
    proposal.save(update_fields=["venues_adopted_at"])
    record(what="proposal.venues_adopted", about=proposal, by=by, at=at, area=proposal.area, after=done)
    return done


@transaction.atomic
def adopt_heads(
    proposal: Proposal, *, villages: Iterable[str] | None = None, chosen: Mapping[str, str] | None = None,
    on: date, by: User | str, at: datetime,
) -> int:  # fmt: skip
    """Appoint heads of grids: those proposed, or the members `chosen` (grid code → member's number); return how many.

    :raises NotNow: it is not planned, or withdrawn
    :raises BadInput: somebody chosen can't head that grid, or the grid has a head already
    :raises NotAllowed: `by` does not keep the organisations there
    """
    proposal, wanted = _to_be_adopted(proposal, villages, Duty.KEEP_ORGANISATION, by, at)
    planned = list(proposal.plans.order_by("code").values_list("code", flat=True))
    planned = planned if wanted is None else [code for code in planned if code in wanted]
    for grid in chosen or ():
        if grid[:12] not in planned:
            raise BadInput(_("This person can't head grid %(grid)s, or it has a head already.") % {"grid": grid})
    count = sum(appoint_heads(code, chosen, on=on, by=by, at=at) for code in planned)
    record(what="proposal.heads_adopted", about=proposal, by=by, at=at, area=proposal.area, after={"heads": count})
    return count
