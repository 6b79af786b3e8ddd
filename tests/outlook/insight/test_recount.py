"""Any order of deeds, and whatever changes by itself between them: figures kept beforehand equal a recount of everything, on pages too.

WEIDUAN_DEEDS says how many deeds (600 without it).
"""

import os
from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests import recount
from tests.builders import DISTRICT, GRID, MONDAY, TOWN, VILLAGE, a_user
from tests.systems.governance.matters import LAMP, NEXT_UNIT, UNIT, a_village, told
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.queries import area_ids
from weiduan.outlook.insight.counted.checking import differences
from weiduan.outlook.insight.counted.folding import catch_up
from weiduan.outlook.insight.counted.models import MonthCount, UnitStanding
from weiduan.outlook.insight.counted.rules import MEASURES
from weiduan.systems.governance.bodies.actions import Elected, Election, dissolve_body, found_body, hold_election
from weiduan.systems.governance.bodies.models import Body
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.services.activities import changing, planning
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DEEDS = int(os.environ.get("WEIDUAN_DEEDS", "600"))
STEPS = 50
AREAS = (UNIT, NEXT_UNIT, GRID, VILLAGE, TOWN, DISTRICT)
places = st.sampled_from([UNIT, NEXT_UNIT])
some = st.integers(0, 10**6)
HANDLED = ("accept", "begin", "answer", "hand_up", "not_ours", "pause", "resume")
SAID = ("confirm", "dispute", "withdraw", "erase_words")
done: list[str] = []


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


class AnyOrder(RuleBasedStateMachine):
    """Reports, bodies, activities and questionnaires of two units, in any order; time goes on between them."""

    @initialize()
    def begin(self):
        self.world = transaction.atomic()
        self.world.__enter__()
        self.at, self.numbers, self.receipts = MONDAY, count(), {}
        self.by = a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
        self.deeds = 0

    def tried(self, name, deed, *arguments, **options):
        self.deeds += 1
        try:
            found = deed(*arguments, at=self.at, **options)
        except Refused:
            return None
        done.append(name)
        return found

    def report(self, n):
        rows = sorted(self.receipts)
        return self.receipts[rows[n % len(rows)]] if rows else None

    @rule(unit=places, is_lamp=st.booleans(), in_confidence=st.sampled_from([False, False, False, True]))
    def tell(self, unit, is_lamp, in_confidence):
        receipt = f"{next(self.numbers):032x}"
        category = LAMP if is_lamp else "09012"
        found = self.tried(
            "told", lambda at: told(receipt, area=unit, category=category, in_confidence=in_confidence, at=at)
        )
        if found is not None:
            self.receipts[receipt] = (receipt, found.pk)

    @rule(n=some, deed=st.sampled_from(HANDLED))
    def handle(self, n, deed):
        if one := self.report(n):
            words = () if deed in ("accept", "resume") else ("为此说明原因",)
            self.tried(deed, getattr(handling, deed), one[1], *words, by=self.by)

    @rule(n=some)
    def go_on(self, n):
        """Do what comes next to a report."""
        if one := self.report(n):
            state = Report.objects.get(pk=one[1]).state
            if state in ("filed", "accepted", "disputed"):
                self.tried("begin", handling.begin, one[1], by=self.by)
            elif state == "in_hand":
                self.tried("answer", handling.answer, one[1], "已处理", by=self.by)
            elif state == "answered":
                self.tried("confirm", reporting.confirm, one[0])
            else:
                self.tried("dispute", reporting.dispute, one[0], "又坏了")

    @rule(n=some, m=some)
    def go_on_with_two(self, n, m):
        self.go_on(n)
        self.go_on(m)

    @rule(n=some, deed=st.sampled_from(SAID))
    def say(self, n, deed):
        if one := self.report(n):
            words = ("还没有解决",) if deed == "dispute" else ()
            self.tried(deed, getattr(reporting, deed), one[0], *words)

    @rule(n=some, m=some)
    def join(self, n, m):
        one, other = self.report(n), self.report(m)
        if one and other:
            self.tried("join", handling.join, one[1], other[1], by=self.by)

    @rule(n=some, category=st.sampled_from(["F01", "C01", "09012"]))
    def put_right(self, n, category):
        if one := self.report(n):
            self.tried("recategorise", handling.recategorise, one[1], category, by=self.by)

    @rule(area=st.sampled_from([UNIT, GRID]))
    def found(self, area):
        self.tried("found", lambda at: found_body(area, "council", "议事会", since=local_day(at), by="test", at=at))

    @rule(n=some)
    def elect(self, n):
        bodies = list(Body.objects.order_by("since", "pk"))
        if bodies:
            since = local_day(self.at)
            election = Election(since, 5, (Elected("召集人", "张三"),), words="居民会议选举产生")
            self.tried("elect", hold_election, bodies[n % len(bodies)].pk, election, by="test")

    @rule(n=some)
    def dissolve(self, n):
        bodies = list(Body.objects.order_by("since", "pk"))
        if bodies:
            self.tried(
                "dissolve",
                lambda at: dissolve_body(bodies[n % len(bodies)].pk, on=local_day(at) + DAY, by="test", at=at),
            )

    @rule(area=st.sampled_from([UNIT, NEXT_UNIT, GRID]), hours=st.integers(1, 200))
    def call(self, area, hours):
        begins = self.at + hours * HOUR
        wanted = planning.Plan(
            kind="culture", title="读书会", host="居委会", starts_at=begins, ends_at=begins + HOUR, place="活动室"
        )
        self.tried("call", planning.plan, area, wanted, by="test")

    @rule(n=some)
    def call_off(self, n):
        rows = list(Activity.objects.order_by("starts_at", "pk"))
        if rows:
            self.tried("call off", changing.cancel, rows[n % len(rows)].pk, "下雨", by="test")

    @rule(unit=places, value=st.integers(1, 5), answers=st.integers(0, 8))
    def ask(self, unit, value, answers):
        on = local_day(self.at)
        wanted = asking.Wanted(
            about=asking.About.UNIT, way=asking.Way.OPEN, title="满意吗？", questions=("总体",), opens_on=on, closes_on=on + 7 * DAY,
            codes=10, households=None,
        )  # fmt: skip
        made = self.tried("ask", asking.draft, unit, wanted, by="test")
        codes = self.tried("open", asking.open_it, made.pk, by="test") if made else None
        for code in (codes or [])[:answers]:
            self.tried("answer asked", answer, made.pk, code, [value])

    @rule(hours=st.sampled_from([1, 7, 30, 24 * 8, 24 * 40]))
    def wait(self, hours):
        self.at += hours * HOUR
        self.tried("lapse", reporting.lapse)
        self.tried("close asked", asking.close_those_over)

    @rule()
    def catch_up(self):
        catch_up(at=self.at)

    @precondition(lambda self: self.deeds % 20 == 19)
    @rule()
    def look(self):
        assert_right(self.at)

    def teardown(self):
        if hasattr(self, "world"):
            try:
                assert_right(self.at)
            finally:
                transaction.set_rollback(True)
                self.world.__exit__(None, None, None)


def assert_right(at):
    at = catch_up(at=at)
    on = local_day(at)
    keys = area_ids(AREAS, on=on)
    for code in AREAS:
        rows = MonthCount.objects.filter(area=keys[code])
        kept = [(r.month, r.category, m, getattr(r, m)) for r in rows for m in MEASURES if getattr(r, m)]
        found: dict = {}
        for month, category, measure, n in kept:
            found[month, category, measure] = found.get((month, category, measure), 0) + n
        assert found == dict(recount.months(code, on)), code
    governance, services = recount.governance(on, at), recount.services(on, at)
    for one in UnitStanding.objects.all():
        assert one.reasons == [*governance[one.code], *services[one.code]], one.code
    assert differences(at=at) == []


def test_figures_equal_a_recount_after_any_order_of_deeds():
    done.clear()
    examples = max(DEEDS // STEPS, 1)
    run_state_machine_as_test(AnyOrder, settings=settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate], derandomize=DEEDS == 600,
    ))  # fmt: skip
    print(f"{len(done)} deeds done")
    assert len(set(done)) >= 12, sorted(set(done))  # most sorts of deeds came about
