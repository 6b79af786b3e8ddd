"""Whatever is planned, moved, held, excused and dropped in whatever order: counts add up, and each duty by its own span only."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.systems.services.meeting import a_branch, presence_of, the
from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.services.meetings import actions, holding
from weiduan.systems.services.meetings.actions import FixedDay, Wish
from weiduan.systems.services.meetings.holding import Held
from weiduan.systems.services.meetings.models import OrganisationMeeting
from weiduan.systems.services.meetings.plan import Standing
from weiduan.systems.services.meetings.queries import moment
from weiduan.systems.services.meetings.rules import Kind
from weiduan.systems.services.meetings.years import counts_in, plan_for

pytestmark = pytest.mark.django_db
FIXED = FixedDay(9, time(19), "", {kind: kind.value for kind in Kind})
STEPS = 120


@pytest.mark.parametrize("seed", range(4))
def test_counts_add_up_after_any_sequence(seed):
    chance = random.Random(seed)
    a_branch()
    at = datetime(2026, 1, 3, 4, 0, tzinfo=UTC)
    done: dict[str, int] = {}
    for _step in range(STEPS):
        at += timedelta(days=chance.randint(0, 5), hours=chance.randint(0, 20))
        if at.year > 2026:
            break
        name, deed = chance.choice(DEEDS)
        try:
            deed(chance, at)
            done[name] = done.get(name, 0) + 1
        except Refused:
            pass
        _check(at)
    assert {"plan", "hold", "excuse"} <= set(done), "a sequence in which hardly anything happened shows nothing"
    assert list(breaks()) == []


def _check(at):
    on = min(at.date(), date(2026, 12, 31))
    for counts in counts_in("510113002002", 2026, on=on):
        rows = OrganisationMeeting.objects.filter(organisation__number=counts.number)
        for due, standing in zip(counts.dues, counts.standings, strict=True):
            own = [row.state for row in rows if (row.kind, row.since, row.until) == due.span]
            assert standing.needed == standing.held + standing.excused + standing.missing + standing.open
            assert standing.held + standing.more == own.count("held")
            assert standing.excused <= own.count("excused"), "an excuse waives nothing twice"
            assert min(vars(standing).values()) >= 0
            assert standing.held + standing.excused <= due.needed
        assert sum(counts.standings, Standing()) == counts.total
        known = {due.span for due in counts.dues}
        assert all((row.kind, row.since, row.until) in known for row in rows), "no meeting without its duty"


def _any_due(chance, at):
    organisation = the(chance.choice(["Z1", "X1"]))
    return organisation, chance.choice(plan_for(organisation, 2026, on=at.date()))


def _any_meeting(chance):
    keys = list(OrganisationMeeting.objects.order_by("pk").values_list("pk", flat=True))
    return chance.choice(keys) if keys else None


def _plan(chance, at):
    organisation, due = _any_due(chance, at)
    day = due.since + timedelta(days=chance.randint(0, 100))
    wish = Wish(due.kind, due.since, "会", moment(day, time(9)))
    actions.plan_meeting(organisation, wish, by="test", at=at)


def _lay(chance, at):
    actions.lay_year(the(chance.choice(["Z1", "X1"])), 2026, FIXED, by="test", at=at)


def _move(chance, at):
    key = _any_meeting(chance)
    if key:
        actions.move_meeting(key, at + timedelta(days=chance.randint(-40, 40)), "", by="test", at=at)


def _hold(chance, at):
    rows = (
        OrganisationMeeting.objects.filter(starts_at__lte=at, state="planned")
        .order_by("pk")
        .select_related("organisation")
    )
    row = chance.choice(list(rows) or [None])
    if row is not None:
        said = Held(row.starts_at, "", "", presence_of(row, on=row.starts_at.date()), 0, "记录")
        holding.hold(row.pk, said, by="test", at=at)


def _excuse(chance, at):
    key = _any_meeting(chance)
    if key and chance.random() < 0.5:
        actions.excuse_meeting(key, "防汛", by="test", at=at)
    else:
        organisation, due = _any_due(chance, at)
        actions.excuse_due(organisation, due.kind, due.since, "防汛", title="会", by="test", at=at)


def _cancel(chance, at):
    key = _any_meeting(chance)
    if key:
        actions.cancel_date(key, by="test", at=at)


DEEDS = [
    ("plan", _plan), ("plan", _plan), ("lay", _lay), ("move", _move), ("hold", _hold), ("hold", _hold), ("excuse", _excuse),
    ("cancel", _cancel),
]  # fmt: skip
