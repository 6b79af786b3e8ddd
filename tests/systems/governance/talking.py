"""A unit that talks things over: a topic raised, taken up, and brought to any of its stages."""

from datetime import timedelta

from tests.builders import MONDAY
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import UNIT
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day
from weiduan.systems.governance.deliberation import carrying
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.deliberation.queries import stage_of
from weiduan.systems.governance.deliberation.raising import Raising, TakingUp, raise_topic, take_up
from weiduan.systems.governance.deliberation.rules import Need

DAY = timedelta(days=1)
RAISED, FOLLOWING, SAYING = "receipt-of-who-raised-it", "receipt-of-who-follows-it", "receipt-of-who-has-a-word"
BENCHES = Raising("架空层放长椅", "老人下棋没有地方坐，想在架空层放几张长椅。")


def raised(receipt: str = RAISED, area: str = UNIT) -> Topic:
    return raise_topic(area, BENCHES, receipt, at=MONDAY)


def taken_up(procedure: str = "standard", *, by: User | None = None) -> tuple[Topic, User]:
    by = by or a_keeper()
    return take_up(raised().pk, TakingUp(procedure), by=by, at=MONDAY), by


def fulfil(topic: Topic, by: User) -> None:
    """Give the stage a topic is in what it needs."""
    how = {"by": by, "at": MONDAY}
    stage = stage_of(topic)
    assert stage is not None
    if stage.need is Need.MEETING:
        call = carrying.Call(starts_at=MONDAY, place="社区议事厅", agenda="放在哪里、放几张", invited=20)
        meeting = carrying.call_meeting(topic.pk, call, **how)
        carrying.write_minutes(topic.pk, meeting.pk, "多数人赞成放在东侧。", 12, **how)
    elif stage.need is Need.DECISION:
        carrying.decide(topic.pk, "东侧放四张长椅。", **how)
    elif stage.need is Need.TASKS:
        task = carrying.give_task(topic.pk, "采购长椅", "物业服务中心", local_day(MONDAY) + DAY, **how)
        carrying.task_done(topic.pk, task.pk, "长椅已到货，已安放。", **how)
    elif stage.need is Need.RESULT:
        carrying.publish_result(topic.pk, "四张长椅已放好。", **how)
    topic.refresh_from_db()


def at_stage(need: Need | None, procedure: str = "standard") -> tuple[Topic, User]:
    """Return a topic in the first stage with this need, or done (None)."""
    topic, by = taken_up(procedure)
    while topic.state == "under_way":
        stage = stage_of(topic)
        if need is not None and stage is not None and stage.need is need:
            break
        fulfil(topic, by)
        topic = carrying.pass_stage(topic.pk, by=by, at=MONDAY)
    return topic, by
