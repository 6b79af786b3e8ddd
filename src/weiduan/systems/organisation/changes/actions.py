"""Ask for a change, and decide: approved and carried out in one moment, returned with a reason, or withdrawn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.models import Organisation

from .carrying import CantBe, Outcome, When, carry_out, last_term, named_in, there
from .judging import rehearse
from .models import Change
from .rules import ELECTS, ChangeKind, State, is_against_custom, is_in_the_way, plain_facts

By = User | str


class RuleInTheWay(Refused):
    """A rule that binds everywhere would be broken."""


class Decided(Refused):
    """Somebody decided before."""


def judge_change(
    kind: ChangeKind, organisation: Organisation | None, facts: Mapping[str, Any], *, on: date, by: By, at: datetime
) -> list[dict[str, Any]]:
    """Return what the rules would say of every organisation after a change; nothing of it stays (rehearse).

    :raises NotAllowed: `by` couldn't ask for it
    :raises CantBe: it can't be carried out at all
    """
    said, _about, superior = _prepared(kind, organisation, facts, on=on, by=by, at=at)
    return rehearse(kind.value, organisation, said, seat=_seat(superior, on), on=on, at=at)


@transaction.atomic
def ask(
    kind: ChangeKind, organisation: Organisation | None, facts: Mapping[str, Any], *, on: date, by: By, at: datetime
) -> Change:
    """Ask the superior for a change, with the rules' verdict on it.

    organisation  None where one is to be set up
    facts         what is to be (see rules.MAY_SAY)
    on            the day from which it is to hold; approved later, it holds from that day

    :raises NotAllowed: `by` does not keep the organisations at the seat
    :raises BadInput: the day is past, or the facts say what they may not
    :raises CantBe: it can't be carried out at all, or one of the kind is open already
    """
    if organisation is not None:
        organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    said, seat, superior = _prepared(kind, organisation, facts, on=on, by=by, at=at)
    if on < local_day(at):
        raise BadInput(_("%(day)s is past; a change can hold from today on.") % {"day": on})
    open_ = Change.objects.filter(organisation=organisation, kind=kind.value, state=State.ASKED.value)
    if organisation is not None and open_.exists():
        raise CantBe(gettext_lazy("The same is asked for already; it must be decided or withdrawn first."))
    judged = rehearse(kind.value, organisation, said, seat=_seat(superior, on), on=on, at=at)
    change = Change.objects.create(
        kind=kind.value, organisation=organisation, superior=superior, seat=seat, facts=said, judged=judged, on=on,
        asked_by=None if isinstance(by, str) else by, asked_at=at,
    )  # fmt: skip
    _record("change.asked", change, by, at)
    return change


@transaction.atomic
def approve(change: UUID, *, reason: str = "", by: By, at: datetime) -> Outcome:
    """Approve a change and carry it out; return what came of it.

    reason  why a rule that holds only normally may be broken here

    :raises NotAllowed: `by` does not keep the organisations at the superior's seat, or asked for it
    :raises Decided: it is decided
    :raises RuleInTheWay: a rule that binds everywhere would be broken as things are today
    :raises BadInput: one that holds only normally or locally would be, and no reason is given
    :raises CantBe: the ground or the organisations changed, so that it can't be carried out any more
    """
    locked = _open(change, by, at)
    if not isinstance(by, str) and locked.asked_by_id == by.pk:
        raise NotAllowed(_("Who asked for a change can't approve it; somebody else of the superior's must."))
    on = max(locked.on, local_day(at))
    _lock_named(locked)
    seat = _seat(locked.superior, on)
    judged = rehearse(locked.kind, locked.organisation, locked.facts, seat=seat, on=on, at=at)
    _refuse_broken(judged)
    if any(is_against_custom(row) for row in judged) and not reason.strip():
        raise BadInput(_("A rule that holds normally or locally would be broken; say why it may be here."))
    outcome = carry_out(locked.kind, locked.organisation, locked.facts, When(seat, on, by, at))
    locked.judged = judged
    _decide(locked, State.APPROVED, _short(reason), by, at)
    return outcome


@transaction.atomic
def return_(change: UUID, answer: str, *, by: By, at: datetime) -> None:
    """Return a change with the reason.

    :raises NotAllowed: `by` does not keep the organisations at the superior's seat
    :raises Decided: it is decided
    :raises BadInput: no reason, or one too long
    """
    locked = _open(change, by, at)
    if not answer.strip():
        raise BadInput(_("Say why it is returned, so that it can be put right."))
    _decide(locked, State.RETURNED, _short(answer), by, at)


@transaction.atomic
def withdraw(change: UUID, *, by: By, at: datetime) -> None:
    """Take a change back, by who keeps the organisation that asked.

    :raises NotAllowed: `by` does not keep the organisations at its seat
    :raises Decided: it is decided
    """
    locked = _open(change, by, at, asking=True)
    _decide(locked, State.WITHDRAWN, "", by, at)


def _prepared(
    kind: ChangeKind, organisation: Organisation | None, facts: Mapping[str, Any], *, on: date, by: By, at: datetime
) -> tuple[dict[str, Any], str, Organisation]:
    """Return the facts as kept, the seat it is about and the superior that decides."""
    try:
        said = plain_facts(kind.value, facts)
    except ValueError as error:
        raise BadInput(_("A change of this kind can't say “%(key)s” so.") % {"key": error}) from error
    founds = kind is ChangeKind.SET_UP or (kind is ChangeKind.JOIN and organisation is None)
    if founds != (organisation is None):
        raise BadInput(_("Say which organisation the change is about."))
    if organisation is None:
        superior = there(said.get("parent", ""), on)
        seat = said.get("seat") or _seat(superior, on)
        area_by_code(seat, on=on)
    else:
        if organisation.parent is None:
            raise CantBe(gettext_lazy("%(name)s has no superior here that could decide."), name=organisation.name)
        superior, seat = organisation.parent, _seat(organisation, on)
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    if organisation is not None and kind.value in ELECTS:
        said |= _term_facts(organisation, kind, said, on)
    return said, seat, superior


def _term_facts(organisation: Organisation, kind: ChangeKind, said: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Say when the election is due by rule: before it was moved for the first time in this term."""
    term = last_term(organisation, on)
    try:
        due = date.fromisoformat(said.get("due", ""))
    except ValueError as error:
        raise BadInput(_("Say on which day the election is to be due.")) from error
    moved = Change.objects.filter(
        organisation=organisation, kind__in=ELECTS, state=State.APPROVED.value, facts__term=str(term.since)
    )
    first = moved.order_by("decided_at").first()
    was_due = date.fromisoformat(first.facts["was_due"]) if first else term.due_on
    if (due < was_due) != (kind is ChangeKind.ELECT_EARLY) or due == was_due:
        raise BadInput(_("The election is due on %(day)s; early is before it, late after it.") % {"day": was_due})
    return {"due": str(due), "was_due": str(was_due), "term": str(term.since)}


def _open(key: UUID, by: By, at: datetime, *, asking: bool = False) -> Change:
    """Lock a change, let only the end pass that may act, and see that it is still open."""
    change = (
        Change.objects.select_for_update(of=("self",)).select_related("organisation", "superior").filter(pk=key).first()
    )
    if change is None:
        raise NotFound(_("There is nothing here that you may see."))
    seat = change.seat if asking else _seat(change.superior, local_day(at))
    require(by, Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    if change.state != State.ASKED.value:
        raise Decided(gettext_lazy("It was decided on %(day)s already."), day=local_day(change.decided_at or at))
    return change


def _lock_named(change: Change) -> None:
    """Lock every organisation a change names, and the memberships there, in one order for all."""
    keys = [o.pk for o in named_in(change.facts, change.organisation).select_for_update()]
    list(Membership.objects.select_for_update().filter(organisation__in=keys, until=None).order_by("pk"))
    if change.organisation is not None:
        change.organisation.refresh_from_db()


def _refuse_broken(judged: list[dict[str, Any]]) -> None:
    for row in judged:
        if is_in_the_way(row):
            raise RuleInTheWay(
                gettext_lazy("It can't be approved: %(name)s would have %(found)s%(unit)s, and %(act)s %(article)s asks for "
                "at least %(asked)s. With %(missing)s more it could be.")
                if row["test"] == "min"
                else gettext_lazy("It can't be approved: %(name)s would have %(found)s%(unit)s, and %(act)s %(article)s "
                "allows at most %(asked)s. With %(missing)s fewer it could be."),
                **{key: row[key] for key in ("name", "found", "unit", "act", "article", "asked")},
                missing=abs(row["asked"] - row["found"]),
            )  # fmt: skip


def _seat(organisation: Organisation, on: date) -> str:
    return area_of(organisation.area_id, on=on).code


def _short(answer: str) -> str:
    if len(answer.strip()) > 200:
        raise BadInput(_("Say it in at most 200 characters."))
    return answer.strip()


def _decide(change: Change, state: State, answer: str, by: By, at: datetime) -> None:
    change.state, change.answer, change.decided_at = state.value, answer, at
    change.decided_by = None if isinstance(by, str) else by
    change.save(update_fields=["state", "answer", "decided_at", "decided_by", "judged"])
    _record(f"change.{state.value}", change, by, at)


def _record(what: str, change: Change, by: By, at: datetime) -> None:
    """Keep it with the change, and with the organisation it is about."""
    told = {"change": str(change.pk), "kind": change.kind}
    record(what=what, about=change.organisation or change.superior, by=by, at=at, area=change.seat, after=told)
