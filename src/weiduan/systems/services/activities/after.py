"""What follows an activity: how many came, what it was like, and what was said there and goes on its way."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.casekeys import open_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.actions import record, written_at_the_end
from weiduan.systems.governance.deliberation.raising import Raising, propose_topic
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.rules import Channel

from .models import Activity, Brought, SignUp
from .planning import By, code_of
from .rules import BRINGS, LONGEST_WORDS, ReadFor, State
from .signing_up import NotNow, locked, recorded

MOST_PEOPLE = 100_000


@transaction.atomic
def count_at_the_door(key: UUID, *, attended: int, walk_ins: int, by: By, at: datetime) -> Activity:
    """Write down how many came, and how many of them had not signed up: numbers, never names.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there
    :raises BadInput: numbers that can't be
    :raises NotNow: it hasn't begun, or was called off
    """
    activity = _begun(key, by, at)
    if not 0 <= walk_ins <= attended <= MOST_PEOPLE:
        raise BadInput(_("Those who came without signing up are among all who came. Count both from 0 on."))
    activity.attended, activity.walk_ins = attended, walk_ins
    activity.save(update_fields=["attended", "walk_ins"])
    told = {"attended": attended, "walk_ins": walk_ins}
    record(what="activity.counted", about=activity, by=by, at=at, area=code_of(activity, at), after=told)
    return activity


@transaction.atomic
def tell_after(key: UUID, words: str, *, by: By, at: datetime) -> Activity:
    """Write what it was like, for everybody to read; with it the activity has been held.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there
    :raises BadInput: no words, or too many
    :raises NotNow: it hasn't begun, or was called off
    """
    activity = _begun(key, by, at)
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Write in at most %(n)s characters what it was like. Name no person."), n=LONGEST_WORDS)
    activity.after_words, activity.state = words.strip(), State.HELD.value
    activity.save(update_fields=["after_words", "state"])
    record(what="activity.held", about=activity, by=by, at=at, area=code_of(activity, at), after={"state": activity.state})  # fmt: skip
    return activity


def bring_report(key: UUID, telling: Telling, receipt: str, *, by: User, at: datetime) -> Brought:
    """Write down something that was said as a report on behalf of who said it; with the same receipt it is there once.

    :raises NotAllowed, NotFound: `by` keeps no services there, or doesn't handle reports where it is
    :raises BadInput: as `tell`
    :raises NotNow: nothing is taken down here, or it hasn't begun
    """
    with transaction.atomic():
        _brings(_begun(key, by, at))
    report = tell(telling, receipt=receipt, channel=Channel.DESK, by=by, at=at)
    with transaction.atomic():
        activity = _begun(key, by, at)
        brought, is_new = Brought.objects.get_or_create(report=report, defaults={"activity": activity})
        if is_new:
            record(what="activity.brought", about=activity, by=by, at=at, area=code_of(activity, at), after={"as": "report"})  # fmt: skip
    return brought


@transaction.atomic
@written_at_the_end()
def bring_topic(key: UUID, raising: Raising, *, by: By, at: datetime) -> Brought:
    """Raise something that was said as a topic.

    :raises NotAllowed, NotFound: `by` keeps no services there, or not what governs itself
    :raises BadInput: as `propose_topic`
    :raises NotNow: nothing is taken down here, or it hasn't begun
    """
    activity = _begun(key, by, at)
    _brings(activity)
    topic = propose_topic(code_of(activity, at), raising, by=by, at=at)
    brought = Brought.objects.create(activity=activity, topic=topic)
    record(what="activity.brought", about=activity, by=by, at=at, area=code_of(activity, at), after={"as": "topic"})
    return brought


def _brings(activity: Activity) -> None:
    if activity.kind not in BRINGS:
        raise NotNow(_("What was said is taken down at a deputies' day or at “I have a say”."))


def _begun(key: UUID, by: By, at: datetime) -> Activity:
    activity = locked(key)
    require(by, Duty.KEEP_SERVICES, in_area=code_of(activity, at), at=at)
    if activity.state == State.CANCELLED.value:
        raise NotNow(_("This activity is cancelled."))
    if at < activity.starts_at:
        raise NotNow(_("It hasn't begun yet."))
    return activity


@transaction.atomic
def read_contact(key: UUID, number: int, reason: ReadFor, *, by: By, at: datetime) -> str:
    """Open the contact of one sign-up for a reason; that it was read, by whom and why stays in the ledger.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there; none was left, or it is erased
    """
    activity = locked(key)
    require(by, Duty.KEEP_SERVICES, in_area=code_of(activity, at), at=at)
    found = SignUp.objects.filter(activity=activity, number=number).first()
    opened = open_for(found.pk, found.sealed_contact) if found is not None and found.sealed_contact else None
    if found is None or opened is None:
        raise NotFound(_("No contact was left with this sign-up, or it is erased."))
    recorded("contact_read", found, by, at, reason=reason.value)
    return opened
