"""Reports in any order of deeds, by whoever tells them and by staff of every level, with time going on between, against plain Python.

The model knows the law by itself, written down anew. What it says can't be done must be refused and leave nothing behind.
WEIDUAN_DEEDS says how many deeds (800 without it).
"""

import os
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest import mock
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.any_order import HeldToAModel, run, run_until_each_was_done
from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.systems.governance.matters import a_village, told
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_ids
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Report, Step
from weiduan.systems.governance.reports.rules import LAW, Law, Move, State, Who

pytestmark = pytest.mark.django_db
DEEDS = int(os.environ.get("WEIDUAN_DEEDS", "800"))
UP = {GRID: VILLAGE, VILLAGE: TOWN, OTHER_VILLAGE: TOWN, TOWN: DISTRICT}
SEES = {  # who → the areas whose reports are in their hands
    "grid": {GRID}, "village": {GRID, VILLAGE}, "town": {GRID, VILLAGE, TOWN, OTHER_VILLAGE},
    "district": {GRID, VILLAGE, TOWN, OTHER_VILLAGE, DISTRICT}, "other": {OTHER_VILLAGE},
}  # fmt: skip
AREAS = {"grid": GRID, "village": VILLAGE, "town": TOWN, "district": DISTRICT, "other": OTHER_VILLAGE}
DONE: Counter[str] = Counter()
MOVES = (
    "accept", "begin", "answer", "hand_up", "hand_over", "join", "not_ours", "pause", "resume", "confirm", "dispute", "withdraw",
    "add", "erase_words",
)  # fmt: skip
BEGUN, TO_DO = {"accepted", "in_hand", "disputed"}, {"filed", "accepted", "in_hand", "disputed"}
REPORTS = 6
words = st.sampled_from(["说明原因"] * 5 + [" "])
# Mostly whoever has it in hand, or the deeds would all be refused.
staff, some = st.sampled_from(["right"] * 5 + sorted(SEES)), st.integers(0, REPORTS)


@dataclass
class Row:
    """What is known of one report."""

    handler: str
    state: str = "filed"
    answered: datetime | None = None
    closed: datetime | None = None
    is_paused: bool = False
    is_erased: bool = False
    reopened: int = 0
    added: int = 0

    def become(self, state: str, at: datetime) -> None:
        self.state = state
        self.closed = at if state in {"confirmed", "no_word", "joined", "not_ours", "withdrawn"} else None


class AnyOrder(HeldToAModel):
    """Seven receipts, five members of staff."""

    done = DONE

    @initialize()
    def begin(self):
        self.begin_world()
        self.now, self.rows, self.keys = MONDAY, {}, {}
        self.by = {who: a_user(Duty.HANDLE_REPORTS, area=area) for who, area in AREAS.items()}
        for n in range(REPORTS // 2):
            self.tell(n)

    def tell(self, n):
        """Told again it is the same report; told again after its words were erased, it can't be known for the same."""
        is_erased = n in self.rows and self.rows[n].is_erased
        report = self.tried(not is_erased, told, f"{n:032x}")
        if report is not None and n not in self.rows:
            self.rows[n], self.keys[n] = Row(GRID), report.pk
        assert report is None or report.pk == self.keys[n]

    @rule(n=some, who=staff, said=words, other=some, to=st.sampled_from([GRID, VILLAGE, OTHER_VILLAGE, "510114000000"]),
          deed=st.sampled_from(["accept", "start", "answer", "hand_up", "hand_over", "join", "not_ours", "pause", "resume"]))  # fmt: skip
    def staff_do(self, n, who, said, other, to, deed):
        if who == "right":
            before = {"accept": {"filed"}, "start": {"filed", "accepted"}, "not_ours": {"filed"}, "join": TO_DO}.get(
                deed, BEGUN
            )
            wants = {"pause": False, "resume": True}.get(deed)
            fitting = [
                key for key, row in sorted(self.rows.items()) if row.state in before and wants in (None, row.is_paused)
            ]
            n = fitting[n % len(fitting)] if fitting else n
            other = next((key for key in fitting if key != n and deed == "join"), other)
            who = "district" if deed == "join" else self.right(n)
        words = {"answer", "hand_up", "hand_over", "not_ours", "pause"}
        more = {"to": to} if deed == "hand_over" else {"other": other} if deed == "join" else {}
        getattr(self, deed)(who, n, **more, **({"said": said} if deed in words else {}))

    @rule(n=some, said=words, deed=st.sampled_from(["confirm", "dispute", "withdraw", "add", "erase", "tell"]))
    def resident_does(self, n, said, deed):
        getattr(self, deed)(n, **({"said": said} if deed in ("dispute", "add") else {}))

    @rule(n=some, m=some, back=st.booleans())
    def go_on(self, n, m, back):
        """Do what comes next to two reports, so that not all of them stay at the beginning."""
        for one in (n, m):
            state = self.rows[one].state if one in self.rows else ""
            if state in ("filed", "accepted", "disputed"):
                self.start(self.right(one), one)
            elif state == "in_hand":
                self.answer(self.right(one), one, "已处理")
            elif state == "answered" and not back:
                self.confirm(one)
            else:
                self.dispute(one, "又坏了")

    @rule(n=some, said=words)
    def stop_or_start_the_clock(self, n, said):
        begun = [key for key, row in sorted(self.rows.items()) if row.state in BEGUN]
        if begun:
            n = begun[n % len(begun)]
            self.resume(self.right(n), n) if self.rows[n].is_paused else self.pause(self.right(n), n, said)

    def right(self, n):
        """Return who has a report in hand."""
        return next((who for who, area in AREAS.items() if n in self.rows and area == self.rows[n].handler), "grid")

    def handled(self, who, n, before):
        row = self.rows.get(n)
        return row if row is not None and row.handler in SEES[who] and row.state in before else None

    def key(self, n):
        return self.keys.get(n, UUID(int=0))

    def accept(self, who, n):
        row = self.handled(who, n, {"filed"})
        if self.tried(row, handling.accept, self.key(n), by=self.by[who]):
            row.become("accepted", self.now)

    def start(self, who, n):
        row = self.handled(who, n, {"filed", "accepted", "disputed"})
        if self.tried(row, handling.begin, self.key(n), by=self.by[who]):
            row.become("in_hand", self.now)

    def answer(self, who, n, said):
        row = self.handled(who, n, BEGUN)
        if self.tried(row and said.strip(), handling.answer, self.key(n), said, by=self.by[who]):
            row.become("answered", self.now)
            row.answered, row.is_paused = self.now, False

    def hand_up(self, who, n, said):
        row = self.handled(who, n, TO_DO)
        if self.tried(row and said.strip() and row.handler in UP, handling.hand_up, self.key(n), said, by=self.by[who]):
            row.handler = UP[row.handler]
            row.become("filed", self.now)

    def hand_over(self, who, n, to, said):
        row = self.handled(who, n, TO_DO)
        may = row and said.strip() and to != row.handler and to != "510114000000"
        if self.tried(may, handling.hand_over, self.key(n), to, said, by=self.by[who]):
            row.handler = to
            row.become("filed", self.now)

    def join(self, who, n, other):
        row, target = self.handled(who, n, TO_DO), self.handled(who, other, TO_DO | {"answered"})
        if self.tried(row and target and n != other, handling.join, self.key(n), self.key(other), by=self.by[who]):
            row.become("joined", self.now)

    def not_ours(self, who, n, said):
        row = self.handled(who, n, {"filed", "accepted"})
        if self.tried(row and said.strip(), handling.not_ours, self.key(n), said, by=self.by[who]):
            row.become("not_ours", self.now)

    def pause(self, who, n, said):
        row = self.handled(who, n, BEGUN)
        if self.tried(row and said.strip() and not row.is_paused, handling.pause, self.key(n), said, by=self.by[who]):
            row.is_paused = True

    def resume(self, who, n):
        row = self.handled(who, n, BEGUN)
        if self.tried(row and row.is_paused, handling.resume, self.key(n), by=self.by[who]):
            row.is_paused = False

    def told_before(self, n, before):
        row = self.rows.get(n)
        return row if row is not None and row.state in before else None

    def confirm(self, n):
        row = self.told_before(n, {"answered"})
        if self.tried(row, reporting.confirm, f"{n:032x}"):
            row.become("confirmed", self.now)

    def dispute(self, n, said):
        row = self.told_before(n, {"answered", "confirmed", "no_word"})
        late = row and row.closed is not None and self.now - row.closed > timedelta(days=30)
        if self.tried(row and said.strip() and not late and not row.is_erased, reporting.dispute, f"{n:032x}", said):
            row.reopened += row.state != "answered"
            row.become("disputed", self.now)

    def withdraw(self, n):
        row = self.told_before(n, TO_DO | {"answered"})
        if self.tried(row, reporting.withdraw, f"{n:032x}"):
            row.become("withdrawn", self.now)

    def add(self, n, said):
        row = self.told_before(n, TO_DO | {"answered"})
        if self.tried(row and said.strip(), reporting.add, f"{n:032x}", said):
            row.added += 1

    def erase(self, n):
        row = self.rows.get(n)
        if self.tried(row, reporting.erase_words, f"{n:032x}"):
            row.is_erased = True
            if row.state in TO_DO | {"answered"}:
                row.become("withdrawn", self.now)

    @rule(hours=st.sampled_from([1, 30, 24 * 7, 24 * 31]))
    def wait(self, hours):
        self.now += timedelta(hours=hours)
        late = [
            row
            for row in self.rows.values()
            if row.state == "answered" and self.now - row.answered >= timedelta(days=7)
        ]
        assert reporting.lapse(at=self.now) == len(late)
        for row in late:
            row.become("no_word", self.now)

    @invariant()
    def holds(self):
        if not hasattr(self, "rows"):
            return
        codes = {pk: code for code, pk in area_ids([*AREAS.values()], on=MONDAY.date()).items()}
        kept = {report.pk: report for report in Report.objects.all()}
        assert set(kept) == set(self.keys.values())
        for n, row in self.rows.items():
            report = kept[self.keys[n]]
            found = (report.state, codes[report.handler_id], report.closed_at, report.reopened)
            assert found == (row.state, row.handler, row.closed, row.reopened)
            assert (report.paused_at is not None) == row.is_paused
            assert (report.words_erased_at is not None) == row.is_erased == (report.text == "")
            assert Step.objects.filter(report=report, what="added").count() == row.added


def test_in_any_order_a_report_is_what_the_law_says_and_what_it_forbids_changes_nothing(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()
    run_until_each_was_done(AnyOrder, DEEDS, MOVES)


def test_a_law_that_lets_through_one_thing_too_many_is_noticed(settings, tmp_path):
    """The control: the model sees what it is there to see."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()
    loose = Law(Who.HANDLER, frozenset({State.FILED, State.IN_HAND}), State.ACCEPTED)
    with mock.patch.dict(LAW, {Move.ACCEPT: loose}), pytest.raises(AssertionError):
        run(AnyOrder, DEEDS)
