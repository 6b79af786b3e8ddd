"""Topics as everyone, their keepers and the holders of a receipt see them; what a stage still lacks; what happened in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import within
from weiduan.systems.governance.ballots.outcomes import has_passed
from weiduan.systems.governance.ballots.rules import State as BallotState

from .models import Acceptance, DecisionTask, Follower, StagePassed, Topic, TopicReport
from .rules import Need, Stage, State, procedures

SHOWN = (State.UNDER_WAY.value, State.DONE.value)


def topics_in(code: str, *, at: datetime) -> QuerySet[Topic]:
    """Return the topics of an area and those below it that everyone may see, the newest first."""
    return Topic.objects.filter(within([code], on=local_day(at)), state__in=SHOWN).order_by("-at", "pk")


def topics_kept_by(viewer: User, *, at: datetime) -> QuerySet[Topic]:
    """Return the topics of the areas where somebody keeps what governs itself, the newest first."""
    own = areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at)
    return Topic.objects.filter(within(own, on=local_day(at))).order_by("-at", "pk")


def kept_topic(viewer: User, key: UUID, *, at: datetime) -> Topic:
    """Return a topic somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = topics_kept_by(viewer, at=at).filter(pk=key).select_related("body", "ballot").first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def public_topic(key: UUID) -> Topic:
    """Return a topic everyone may see: one that was taken up.

    :raises NotFound: there is none
    """
    found = Topic.objects.filter(pk=key, state__in=SHOWN).select_related("body", "ballot").first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


@dataclass(frozen=True)
class Followed:
    """What a receipt shows: a topic, and whether it was raised with it; what was said of the result with it, if anything."""

    topic: Topic
    is_own: bool
    acceptance: Acceptance | None


def topic_by_receipt(receipt: str) -> Followed:
    """Return the topic a receipt stands for: of whoever raised it, or follows it.

    :raises NotFound: nobody has such a receipt
    """
    hashed = receipt_hash(receipt)
    rows = Topic.objects.select_related("body", "ballot")
    own = rows.filter(receipt_hash=hashed).first()
    found = own or rows.filter(followers__receipt_hash=hashed).first()
    if found is None:
        raise NotFound(_("Nobody has such a receipt. Check the address letter by letter."))
    return Followed(found, own is not None, Acceptance.objects.filter(receipt_hash=hashed, topic=found).first())


def topics_of_reports(reports: Iterable[UUID]) -> list[Topic]:
    """Return the topics that some reports have come to, for whoever told them; those that everyone may see."""
    joined = TopicReport.objects.filter(report__in=list(reports)).values("topic")
    return list(Topic.objects.filter(pk__in=joined, state__in=SHOWN).order_by("at", "pk"))


def stages_of(topic: Topic) -> tuple[Stage, ...]:
    """Return the stages of a topic, in order; none before it is taken up."""
    return procedures()[topic.procedure].stages if topic.procedure else ()


def stage_of(topic: Topic) -> Stage | None:
    """Return the stage a topic is in; None where it isn't under way."""
    if topic.state != State.UNDER_WAY.value:
        return None
    return next(stage for stage in stages_of(topic) if stage.code == topic.stage)


@dataclass(frozen=True)
class Missing:
    """What a stage still lacks before it is passed, and how to mend it."""

    code: str
    what: str
    fix: str


def missing_for(topic: Topic) -> list[Missing]:
    """Return what the stage a topic is in still lacks; the last stage isn't passed while a task is open either."""
    stage = stage_of(topic)
    if stage is None:
        return []
    found = _LACKS[stage.need](topic) if stage.need is not None else []
    is_last = procedures()[topic.procedure].after(stage.code) is None
    if is_last and stage.need is not Need.TASKS:
        found = [*found, *_open_tasks(topic)]
    return found


def _lacks_meeting(topic: Topic) -> list[Missing]:
    held = topic.meetings.filter(stage=topic.stage)
    if not held.exists():
        return [Missing("no_meeting", _("No meeting was held in this stage."), _("Call one, and write its minutes."))]
    if not held.exclude(minutes="").exists():
        return [
            Missing("no_minutes", _("The meeting has no minutes."), _("Write down how many came and what was said."))
        ]
    return []


def _lacks_decision(topic: Topic) -> list[Missing]:
    ballot = topic.ballot
    if ballot is None:
        if topic.decision:
            return []
        return [Missing("no_decision", _("Nothing is decided."), _("Write the decision down, or attach the vote."))]
    if ballot.state != BallotState.FINAL.value:
        return [
            Missing(
                "ballot_not_final", _("The vote isn't final."), _("Wait until it is counted and nobody can object.")
            )
        ]
    if ballot.options:
        if topic.decision:
            return []
        return [Missing("no_decision", _("What the vote chose isn't written down."), _("Write the decision down."))]
    if not has_passed(ballot):
        return [
            Missing(
                "ballot_not_passed", _("The vote wasn't passed."), _("Talk it over again, and attach another vote.")
            )
        ]
    return []


def _lacks_tasks(topic: Topic) -> list[Missing]:
    if not topic.tasks.exists():
        return [Missing("no_tasks", _("Nobody has a task yet."), _("Write down who does what, and until which day."))]
    return _open_tasks(topic)


def _open_tasks(topic: Topic) -> list[Missing]:
    count = topic.tasks.filter(done_at=None).count()
    if not count:
        return []
    return [
        Missing("open_tasks", _("%(n)s tasks are open.") % {"n": count}, _("Write down what shows that each is done."))
    ]


def _lacks_result(topic: Topic) -> list[Missing]:
    if topic.result:
        return []
    return [Missing("no_result", _("What came of it isn't published."), _("Publish the result for everyone to read."))]


_LACKS = {
    Need.MEETING: _lacks_meeting, Need.DECISION: _lacks_decision, Need.TASKS: _lacks_tasks, Need.RESULT: _lacks_result,
}  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One thing that happened to a topic.

    what   raised, taken_up, passed, met, decided, task_done, result
    about  the stage's title, the place, the task; empty where there is nothing to add
    """

    at: datetime
    what: str
    about: str = ""
    words: str = ""


def timeline(topic: Topic) -> list[Event]:
    """Return what happened to a topic, in order, as everyone who follows it reads it."""
    events = [Event(topic.at, "raised")]
    titles = {stage.code: stage.title for stage in stages_of(topic)}
    passed = list(topic.passed.order_by("at", "pk"))
    for number, line in enumerate(passed):
        events.append(
            Event(line.at, "passed" if number else "taken_up", titles.get(line.stage, line.stage), line.words)
        )
    events += [Event(m.starts_at, "met", m.place, m.minutes) for m in topic.meetings.exclude(minutes="")]
    events += [
        Event(task.done_at, "task_done", task.what, task.evidence)
        for task in topic.tasks.all() if task.done_at is not None
    ]  # fmt: skip
    if topic.decided_at is not None:
        events.append(Event(topic.decided_at, "decided", "", topic.decision))
    if topic.result_at is not None:
        events.append(Event(topic.result_at, "result", "", topic.result))
    return sorted(events, key=lambda event: (event.at, event.what == "passed"))


@dataclass(frozen=True)
class Contentment:
    """How many said they are content with what came of it, and how many aren't."""

    content: int
    not_content: int


def contentment_of(topic: Topic) -> Contentment:
    """Return how many are content with what came of a topic, and how many aren't."""
    counts = dict(Acceptance.objects.filter(topic=topic).values_list("is_content").annotate(n=Count("pk")))
    return Contentment(counts.get(True, 0), counts.get(False, 0))


def words_on_result(topic: Topic) -> list[Acceptance]:
    """Return what residents wrote about what came of a topic, the newest first; for those who keep it."""
    return list(Acceptance.objects.filter(topic=topic).exclude(words="").order_by("-at", "pk"))


def followers_of(topic: Topic) -> int:
    """Count who follows a topic: with a receipt of their own, or by a report it came from."""
    return Follower.objects.filter(topic=topic).count() + topic.reports.count()


def last_done(areas: Iterable[int]) -> dict[int, datetime]:
    """Return area key → when a topic of just this area was last carried through to the end; without those where none was."""
    wanted = set(areas)
    rows = StagePassed.objects.filter(topic__state=State.DONE.value).values_list("topic__area").annotate(at=Max("at"))
    return {area: at for area, at in rows if area in wanted}


def tasks_late(codes: Iterable[str], *, at: datetime) -> QuerySet[DecisionTask]:
    """Return the tasks of topics under way in these areas whose day is over, the oldest first."""
    topics = Topic.objects.filter(within(codes, on=local_day(at)), state=State.UNDER_WAY.value).values("pk")
    rows = DecisionTask.objects.filter(topic__in=topics, done_at=None, until__lt=local_day(at))
    return rows.select_related("topic").order_by("until", "pk")
