"""Whatever is done with members, in whatever order: nobody is in two organisations, and no history has a gap."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.systems.organisation.moving import HERE, THERE, day, members_of, moment, the, two_villages
from weiduan.ground.base.errors import Refused
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.members.daily import Newcomer, change_home, change_state, join, make_full
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import State
from weiduan.systems.organisation.transfers.actions import accept, ask, return_, withdraw
from weiduan.systems.organisation.transfers.away import come_back, go_away, resume
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.models import Away, Transfer
from weiduan.systems.organisation.transfers.rules import Leaving, Reason

ORGANISATIONS = ("Z1", "X1", "Y1")
whom, where, homes = st.integers(0, 5), st.sampled_from(ORGANISATIONS), st.sampled_from([HERE, THERE, None])
steps = st.integers(0, 40)


class Moves(RuleBasedStateMachine):
    """Every action is tried by anybody's number at days that go forwards, at times by nothing; refusals are fine."""

    @initialize()
    def begin(self):
        Away.objects.all().delete()
        Transfer.objects.all().delete()
        Membership.objects.all().delete()
        self.now = 1
        self.people = [
            join(Newcomer(f"人{n}"), the(ORGANISATIONS[n % 3]), on=day(1), by="test", at=moment(1)).pk for n in range(6)
        ]
        self.left = {}

    def _try(self, act, *arguments, **options):
        try:
            return act(*arguments, **options, on=day(self.now), by="test", at=moment(self.now))
        except Refused:
            return None

    @rule(days=steps)
    def wait(self, days):
        self.now += days

    @rule(who=whom, to=where)
    def asks(self, who, to):
        self._try(ask, self.people[who], receiver=the(to), reason=Reason.WORK)

    @rule(who=whom)
    def asks_outside(self, who):
        self._try(ask, self.people[who], outside="外地支部", reason=Reason.WORK)

    @rule(who=whom, how=st.sampled_from([accept, withdraw, return_]), home=homes)
    def answers(self, who, how, home):
        for transfer in Transfer.objects.filter(person=self.people[who], state="asked"):
            more = {"home": home} if how is accept else {"answer": "不收"} if how is return_ else {}
            self._try(how, transfer.pk, **more)

    @rule(who=whom, home=homes)
    def moves(self, who, home):
        self._try(change_home, self.people[who], home)

    @rule(who=whom)
    def becomes_full(self, who):
        self._try(make_full, self.people[who])

    @rule(who=whom)
    def is_suspended(self, who):
        self._try(change_state, self.people[who], State.SUSPENDED)

    @rule(who=whom)
    def is_no_longer_suspended(self, who):
        self._try(resume, self.people[who])

    @rule(who=whom, keeper=whom)
    def goes_away(self, who, keeper):
        self._try(go_away, self.people[who], self.people[keeper])

    @rule(who=whom)
    def comes_back(self, who):
        self._try(come_back, self.people[who])

    @rule(who=whom)
    def leaves(self, who):
        self._try(leave, self.people[who], Leaving.RESIGNED)

    @rule(who=whom, to=where)
    def joins_again(self, who, to):
        number = (
            Membership.objects.model._meta.get_field("person").related_model.objects.get(pk=self.people[who]).number
        )
        self._try(join, Newcomer(f"人{who}", number=number), the(to))

    @invariant()
    def nobody_is_twice_and_no_history_has_a_gap(self):
        for person in self.people:
            rows = list(Membership.objects.filter(person=person).order_by("since"))
            for before, after in pairwise(rows):
                assert before.until is not None and before.until <= after.since
                # Between two rows there is a gap only where somebody left and joined anew.
                assert before.until == after.since or after.joined_on == after.since
            assert sum(row.until is None for row in rows) <= 1

    @invariant()
    def an_open_transfer_and_the_state_say_the_same(self):
        open_ = set(Transfer.objects.filter(state="asked").values_list("person", flat=True))
        held = Membership.objects.filter(until=None)
        assert open_ == set(held.filter(state="transferring").values_list("person", flat=True))

    @invariant()
    def whoever_is_mobile_is_kept_in_touch_with(self):
        mobile = Membership.objects.filter(until=None, state="mobile").values_list("person", flat=True)
        assert set(mobile) <= set(Away.objects.filter(until=None).values_list("person", flat=True))
        gone = Away.objects.filter(until=None).exclude(person__memberships__until=None)
        assert not gone.exists()


@pytest.mark.django_db
def test_no_sequence_of_moves_leaves_somebody_twice_or_with_a_gap():
    two_villages()
    Post.objects.all().delete()
    run_state_machine_as_test(
        Moves,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=timedelta(minutes=1),
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert members_of("W1") == []
    assert list(breaks()) == []
