"""Carry a topic through its stages: options, meetings, the decision, who does what until when, and what came of it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.rules import State as BallotState
from weiduan.systems.venues.bookings.models import Booking

from .models import DecisionTask, Meeting, Topic, TopicOption
from .queries import missing_for, stage_of
from .raising import By, NotNow, kept, note_stage, tell
from .rules import (
    LONGEST_OPTION,
    LONGEST_OWNER,
    LONGEST_PLACE,
    LONGEST_TEXT,
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_OPTIONS,
    MOST_PEOPLE,
    MOST_TASKS,
    Need,
    Stage,
    State,
    procedures,
)


class NotReady(NotNow):
    """The stage still lacks something; what, and how to mend it, is told."""


@transaction.atomic
def pass_stage(key: UUID, words: str = "", *, expected: str = "", by: By, at: datetime) -> Topic:
    """Pass the stage a topic is in; after the last it is done. Everyone who follows reads the words.

    expected  the stage that is meant; where the topic has gone on by now, nothing is passed

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't under way, or not in the stage that is meant
    :raises NotReady: the stage lacks something
    :raises BadInput: too many words
    """
    topic, stage = _under_way(key, by, at)
    if expected and expected != stage.code:
        raise NotNow(_("The topic has gone on to another stage. Look at it again."))
    if len(words.strip()) > LONGEST_WORDS:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_WORDS)
    if lacking := missing_for(topic):
        raise NotReady(" ".join(f"{one.what}{one.fix}" for one in lacking))
    if stage.need is Need.DECISION:
        topic.decision, topic.decided_at = topic.decision or (topic.ballot.title if topic.ballot else ""), at
    following = procedures()[topic.procedure].after(stage.code)
    topic.stage = following.code if following else stage.code
    topic.state = State.UNDER_WAY.value if following else State.DONE.value
    topic.save(update_fields=["stage", "state", "decision", "decided_at"])
    note_stage(topic, stage.code, words.strip(), by, at)
    tell(topic, "stage_passed", by, at, {"stage": stage.code})
    return topic


@transaction.atomic
def add_option(key: UUID, text: str, *, by: By, at: datetime) -> TopicOption:
    """Add one way to go about it, until it is decided; the same words stand there once.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't under way, is decided, or has enough of them
    :raises BadInput: no words, or too many
    """
    topic, _stage = _under_way(key, by, at)
    if not 0 < len(text.strip()) <= LONGEST_OPTION:
        raise BadInput(_("Each option has 1 to 100 characters."))
    if topic.decided_at is not None:
        raise NotNow(_("It is decided: no option is added any more."))
    option = topic.options.filter(text=text.strip()).first()
    if option is not None:
        return option
    if topic.options.count() >= MOST_OPTIONS:
        raise NotNow(_("There are %(n)s options already. Put some of them together.") % {"n": MOST_OPTIONS})
    option = TopicOption.objects.create(topic=topic, text=text.strip())
    tell(topic, "option_added", by, at, {})
    return option


@dataclass(frozen=True)
class Call:
    """A meeting that is called: when, where, about what, how many are invited; and the booking of the room, if there is one."""

    starts_at: datetime
    place: str
    agenda: str
    invited: int | None = None
    booking: UUID | None = None


@transaction.atomic
def call_meeting(key: UUID, call: Call, *, by: By, at: datetime) -> Meeting:
    """Call a meeting of the stage a topic is in; everyone sees when and where.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't under way
    :raises BadInput: no place or agenda, too many words, or no such booking
    """
    topic, stage = _under_way(key, by, at)
    if not 0 < len(call.place.strip()) <= LONGEST_PLACE:
        raise BadInput(_("Say where in at most %(n)s characters."), n=LONGEST_PLACE)
    if not 0 < len(call.agenda.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say what is talked over in at most %(n)s characters."), n=LONGEST_WORDS)
    _check_people(call.invited)
    if call.booking is not None and not Booking.objects.filter(pk=call.booking).exists():
        raise BadInput(_("There is no such booking."))
    meeting = Meeting.objects.create(
        topic=topic, stage=stage.code, starts_at=call.starts_at, place=call.place.strip(), booking_id=call.booking,
        agenda=call.agenda.strip(), invited=call.invited,
    )  # fmt: skip
    tell(topic, "meeting_called", by, at, {"stage": stage.code})
    return meeting


@transaction.atomic
def write_minutes(key: UUID, meeting: UUID, minutes: str, attended: int, *, by: By, at: datetime) -> Meeting:
    """Write the minutes of a meeting that has begun, and how many came; they can be mended while its stage lasts.

    :raises NotFound: there is no such meeting `by` keeps
    :raises NotNow: it hasn't begun, or its stage is passed
    :raises BadInput: no minutes, too many words, or no such number of people
    """
    topic, stage = _under_way(key, by, at)
    found = topic.meetings.filter(pk=meeting).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.stage != stage.code:
        raise NotNow(_("The stage of this meeting is passed: its minutes stand."))
    if found.starts_at > at:
        raise NotNow(_("The meeting hasn't begun yet."))
    if not 0 < len(minutes.strip()) <= LONGEST_TEXT:
        raise BadInput(_("Say what was said in at most %(n)s characters."), n=LONGEST_TEXT)
    _check_people(attended)
    found.minutes, found.attended = minutes.strip(), attended
    found.save(update_fields=["minutes", "attended"])
    tell(topic, "minutes_written", by, at, {"attended": attended})
    return found


@transaction.atomic
def decide(key: UUID, text: str, *, ballot: UUID | None = None, by: By, at: datetime) -> Topic:
    """Write down what is decided, or by which vote, or both; it holds once the stage is passed.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't in the stage of its decision
    :raises BadInput: neither words nor a vote, too many words, or a vote that isn't one of this area
    """
    topic, stage = _under_way(key, by, at)
    if stage.need is not Need.DECISION:
        raise NotNow(_("It is decided in the stage for that; see the line of stages."))
    if len(text.strip()) > LONGEST_TEXT:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_TEXT)
    if not text.strip() and ballot is None:
        raise BadInput(_("Write the decision down, or attach the vote."))
    if ballot is not None and not ballots_for(topic).filter(pk=ballot).exists():
        raise BadInput(_("Choose a vote of this area."))
    topic.decision, topic.ballot_id = text.strip(), ballot
    topic.save(update_fields=["decision", "ballot"])
    tell(topic, "decision_written", by, at, {"ballot": str(ballot) if ballot else ""})
    return topic


def ballots_for(topic: Topic) -> QuerySet[Ballot]:
    """Return the votes of a topic's area that can decide it, the newest first."""
    return Ballot.objects.filter(area=topic.area_id).exclude(state=BallotState.ANNULLED.value).order_by("-at", "pk")


@transaction.atomic
def give_task(key: UUID, what: str, owner: str, until: date, *, by: By, at: datetime) -> DecisionTask:
    """Say who does what to carry the decision out, and until which day.

    owner  a post, a body or a partner; no person

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't under way or isn't decided, or there are enough tasks
    :raises BadInput: nothing to do, nobody to do it, too many words, or a day that is over
    """
    topic, _stage = _under_way(key, by, at)
    if topic.decided_at is None:
        raise NotNow(_("Tasks carry out a decision: decide first."))
    if not 0 < len(what.strip()) <= LONGEST_WHAT:
        raise BadInput(_("Say what is to be done in at most %(n)s characters."), n=LONGEST_WHAT)
    if not 0 < len(owner.strip()) <= LONGEST_OWNER:
        raise BadInput(_("Say which post, body or partner does it, in at most %(n)s characters."), n=LONGEST_OWNER)
    if until < local_day(at):
        raise BadInput(_("This day is over. Choose today or a later one."))
    if topic.tasks.count() >= MOST_TASKS:
        raise NotNow(_("There are %(n)s tasks already.") % {"n": MOST_TASKS})
    task = DecisionTask.objects.create(topic=topic, what=what.strip(), owner=owner.strip(), until=until)
    tell(topic, "task_given", by, at, {"until": str(until)})
    return task


@transaction.atomic
def task_done(key: UUID, task: int, evidence: str, *, by: By, at: datetime) -> DecisionTask:
    """Say that a task is done, with what shows it; done already, it stays as it is.

    :raises NotFound: there is no such task `by` keeps
    :raises NotNow: the topic isn't under way
    :raises BadInput: nothing shows it, or too many words
    """
    topic, _stage = _under_way(key, by, at)
    found = topic.tasks.filter(pk=task).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.done_at is not None:
        return found
    if not 0 < len(evidence.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say in at most %(n)s characters what shows that it is done."), n=LONGEST_WORDS)
    found.evidence, found.done_at = evidence.strip(), at
    found.save(update_fields=["evidence", "done_at"])
    tell(topic, "task_done", by, at, {})
    return found


@transaction.atomic
def publish_result(key: UUID, text: str, *, by: By, at: datetime) -> Topic:
    """Publish what came of it, in the stage for that; it can be mended while that stage lasts.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't in that stage, or a task is open
    :raises BadInput: no words, or too many
    """
    topic, stage = _under_way(key, by, at)
    if stage.need is not Need.RESULT:
        raise NotNow(_("The result is published in the stage for that; see the line of stages."))
    if topic.tasks.filter(done_at=None).exists():
        raise NotNow(_("A task is open: the result is what came of all of them."))
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise BadInput(_("Say what came of it in at most %(n)s characters."), n=LONGEST_TEXT)
    topic.result, topic.result_at = text.strip(), topic.result_at or at
    topic.save(update_fields=["result", "result_at"])
    tell(topic, "result_published", by, at, {})
    return topic


def _under_way(key: UUID, by: By, at: datetime) -> tuple[Topic, Stage]:
    topic = kept(key, by, at)
    stage = stage_of(topic)
    if stage is None:
        raise NotNow(_("The topic isn't under way."))
    return topic, stage


def _check_people(count: int | None) -> None:
    if count is not None and not 0 <= count <= MOST_PEOPLE:
        raise BadInput(_("A number of people is between 0 and %(n)s."), n=MOST_PEOPLE)
