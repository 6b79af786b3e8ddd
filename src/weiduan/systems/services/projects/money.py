"""Move a project's money: set aside, release for what was accepted, pay back, give back. Each move is added, none is changed.

Whoever moves money holds the project's lock, so that a pot never gives what it doesn't hold.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound

from .keeping import By, NotNow, checked, locked, moved, note, only
from .models import MilestoneAcceptance, MoneyMove, Project
from .queries import balances_of, owed_to_partner, unpaid_acceptances
from .rules import LONGEST_REMARK, MOST_FEN, WAYS, Account, Deed, MoveKind, State, yuan_of


class SamePerson(NotAllowed):
    """Whoever accepted a milestone doesn't release the money for it."""


class NotInThePot(NotNow):
    """The account doesn't hold as much."""


@transaction.atomic
def set_aside(key: UUID, fen: int, words: str, *, after: int | None = None, by: By, at: datetime) -> MoneyMove:
    """Set money aside for a project; `words` say for everyone where it comes from.

    after  the number of the last move its author saw, so that the same form sent twice moves money once; None: whatever there is

    :raises NotFound: there is no project `by` may look at
    :raises NotNow: its state doesn't allow it, or money has moved since `after`
    :raises BadInput: nothing, more than the budget, or no words
    """
    project = locked(key, by, at)
    only(project, Deed.SET_ASIDE)
    _check_seen(project, after)
    _check_amount(fen)
    there = -balances_of(project)[Account.SOURCE]
    if there + fen > project.budget_fen:
        raise BadInput(
            _("The budget is %(budget)s yuan, and %(there)s are set aside already: set aside at most %(rest)s more."),
            budget=yuan_of(project.budget_fen), there=yuan_of(there), rest=yuan_of(project.budget_fen - there),
        )  # fmt: skip
    return _move(project, MoveKind.FUND, fen, words, by, at)


@transaction.atomic
def release(acceptance: int, *, by: By, at: datetime) -> MoneyMove:
    """Pay the partner for one accepted milestone, exactly its amount, once; another person than who accepted it does.

    :raises NotFound: there is no such acceptance of a project `by` may look at
    :raises SamePerson: `by` accepted the milestone
    :raises NotNow: it is paid already, costs nothing, or the project's state doesn't allow it
    :raises NotInThePot: too little is set aside
    """
    known = MilestoneAcceptance.objects.filter(pk=acceptance).values_list("milestone__agreement__project", flat=True)
    project_key = known.first()
    if project_key is None:
        raise NotFound(_("There is nothing here that you may see."))
    project = locked(project_key, by, at)
    only(project, Deed.RELEASE)
    found = MilestoneAcceptance.objects.select_related("milestone").get(pk=acceptance)
    if isinstance(by, User) and found.by_id == by.pk:
        raise SamePerson(
            _("You accepted this milestone: somebody else who keeps services here has to release the money.")
        )
    if MoneyMove.objects.filter(acceptance=found).exists():
        raise NotNow(_("The money for this milestone is released already."))
    amount = found.milestone.amount_fen
    if not amount:
        raise NotNow(_("This milestone costs nothing: there is no money to release."))
    if amount > (pot := balances_of(project)[Account.POT]):
        raise NotInThePot(
            _("This milestone costs %(amount)s yuan, but only %(pot)s are set aside. Set the rest aside first."),
            amount=yuan_of(amount), pot=yuan_of(pot),
        )  # fmt: skip
    return _move(project, MoveKind.RELEASE, amount, found.milestone.what[:LONGEST_REMARK], by, at, acceptance=found)


@transaction.atomic
def pay_back(key: UUID, fen: int, words: str, *, after: int | None = None, by: By, at: datetime) -> MoneyMove:
    """Write down that the partner paid something back; `words` say for everyone why; `after` as in `set_aside`.

    :raises NotFound: there is no project `by` may look at
    :raises NotNow: its state doesn't allow it, or money has moved since `after`
    :raises NotInThePot: more than the partner got
    :raises BadInput: nothing, or no words
    """
    project = locked(key, by, at)
    only(project, Deed.PAY_BACK)
    _check_seen(project, after)
    _check_amount(fen)
    if fen > (has := balances_of(project)[Account.PARTNER]):
        raise NotInThePot(_("The partner has %(has)s yuan of this project and can't pay more back."), has=yuan_of(has))
    return _move(project, MoveKind.REPAY, fen, words, by, at)


@transaction.atomic
def give_back(key: UUID, fen: int, words: str, *, after: int | None = None, by: By, at: datetime) -> MoneyMove:
    """Give money that isn't promised back to where it came from; `words` say for everyone why; `after` as in `set_aside`.

    :raises NotFound: there is no project `by` may look at
    :raises NotNow: its state doesn't allow it, or money has moved since `after`
    :raises NotInThePot: more than is in the pot beyond what the agreement promises
    :raises BadInput: nothing, or no words
    """
    project = locked(key, by, at)
    only(project, Deed.GIVE_BACK)
    _check_seen(project, after)
    _check_amount(fen)
    if fen > (free := free_in_pot(project)):
        raise NotInThePot(
            _("%(free)s yuan can be given back: the rest is promised for milestones, or isn't there."), free=yuan_of(free)
        )  # fmt: skip
    return _move(project, MoveKind.RETURN, fen, words, by, at)


@transaction.atomic
def close_project(key: UUID, words: str, *, by: By, at: datetime) -> Project:
    """Close a project that is done: what is left goes back, and its account is complete.

    :raises NotFound: there is none `by` may look at
    :raises NotNow: it isn't done, or an accepted milestone isn't paid
    :raises BadInput: no words
    """
    project = locked(key, by, at)
    only(project, Deed.CLOSE)
    if unpaid_acceptances(project).exists():
        raise NotNow(_("A milestone that was accepted isn't paid yet. Release its money first."))
    said = _remark(words)
    moved(project, State.CLOSED, by, at)
    return_what_is_left(project, said, by=by, at=at)
    return project


def return_what_is_left(project: Project, words: str, *, by: By, at: datetime) -> None:
    """Give back whatever in the pot isn't owed any more, for an action that ends a project and holds its lock."""
    if free := free_in_pot(project):
        _move(project, MoveKind.RETURN, free, words[:LONGEST_REMARK], by, at)


def free_in_pot(project: Project) -> int:
    """Return how much of the pot isn't promised, in fen."""
    return max(balances_of(project)[Account.POT] - owed_to_partner(project), 0)


def _move(
    project: Project, kind: MoveKind, fen: int, words: str, by: By, at: datetime, *,
    acceptance: MilestoneAcceptance | None = None,
) -> MoneyMove:  # fmt: skip
    said = _remark(words)
    last = last_number(project)
    way = WAYS[kind]
    made = MoneyMove.objects.create(
        project=project, number=last + 1, kind=kind.value, debit=way.debit.value, credit=way.credit.value, amount_fen=fen,
        acceptance=acceptance, words=said, on=local_day(at), by=by if isinstance(by, User) else None, at=at,
    )  # fmt: skip
    note("money.moved", made, project, by, at, kind=kind.value, amount_fen=fen, number=made.number)
    return made


def last_number(project: Project) -> int:
    """Return the number of the last move; 0 before the first."""
    return project.moves.aggregate(last=Max("number"))["last"] or 0


def _check_seen(project: Project, after: int | None) -> None:
    if after is not None and after != last_number(project):
        raise NotNow(
            _("Money has moved since this page was opened. Look at the account; if it is still right, send it again.")
        )


def _remark(words: str) -> str:
    return checked(
        words, LONGEST_REMARK, _("Say for everyone what the money is or why it moves, in at most %(n)s characters.")
    )


def _check_amount(fen: int) -> None:
    if not 0 < fen <= MOST_FEN:
        raise BadInput(_("Write an amount of more than nothing."))
