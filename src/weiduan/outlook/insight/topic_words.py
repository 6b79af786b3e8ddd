"""What people read of topics."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.queries import stages_of
from weiduan.systems.governance.deliberation.rules import Need, State

STATE_TITLES = {
    "proposed": gettext_lazy("raised, not looked at yet"), "under_way": gettext_lazy("under way"), "done": gettext_lazy("done"),
    "declined": gettext_lazy("not taken up"),
}  # fmt: skip
STATE_TAGS = {"proposed": "soon", "under_way": "go", "done": "ok", "declined": "late"}
ORIGIN_TITLES = {
    "resident": gettext_lazy("raised by a resident"), "reports": gettext_lazy("out of reports"),
    "body": gettext_lazy("raised by those who keep self-government"),
}  # fmt: skip
NEED_WORDS = {
    Need.MEETING: gettext_lazy("needs a meeting with minutes"), Need.DECISION: gettext_lazy("needs a decision, or a vote that is passed"),
    Need.TASKS: gettext_lazy("needs tasks, each done with evidence"), Need.RESULT: gettext_lazy("needs the result for everyone to read"),
}  # fmt: skip
EVENT_TITLES = {
    "raised": gettext_lazy("Raised"), "taken_up": gettext_lazy("Taken up"), "passed": gettext_lazy("Passed"),
    "met": gettext_lazy("Met"), "decided": gettext_lazy("A decision was made"), "task_done": gettext_lazy("A task is done"),
    "result": gettext_lazy("The result is published"),
}  # fmt: skip


@dataclass(frozen=True)
class StageShown:
    """One stage of the line: how it stands is done, now or later."""

    code: str
    title: str
    need: str
    standing: str


def stage_line(topic: Topic) -> list[StageShown]:
    """Return the stages of a topic, in order, each with how it stands; none before it is taken up."""
    stages = stages_of(topic)
    codes = [stage.code for stage in stages]
    is_done = topic.state == State.DONE.value
    here = len(codes) if is_done else codes.index(topic.stage) if topic.stage in codes else 0
    return [
        StageShown(
            stage.code, stage.title, str(NEED_WORDS[stage.need]) if stage.need else "",
            "done" if place < here else "now" if place == here else "later",
        )
        for place, stage in enumerate(stages)
    ]  # fmt: skip
