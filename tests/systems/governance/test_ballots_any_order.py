"""A ballot in any order of deeds, by voters, by two who read papers, by whoever keeps it and by the clock, against plain Python.

The model knows by itself who may still vote, what is counted and what follows. What it says can't be done must be refused and leave
nothing behind; whoever votes again gets the same receipt. WEIDUAN_DEEDS says how many deeds (800 without it).
"""

import os
from collections import Counter
from datetime import timedelta
from unittest import mock

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from tests.any_order import HeldToAModel, run, run_until_each_was_done
from tests.builders import MONDAY, OTHER_VILLAGE
from tests.systems.governance.balloting import CLOSES, OPENS, a_ballot, a_keeper, owners
from tests.systems.governance.matters import a_village
from weiduan.systems.governance.ballots import casting, closing, preparing
from weiduan.systems.governance.ballots.models import Ballot, Count, Objection, Turnout

pytestmark = pytest.mark.django_db
DEEDS = int(os.environ.get("WEIDUAN_DEEDS", "800"))
VOTERS, WEEK = 4, timedelta(days=7)
DONE: Counter[str] = Counter()
MOVES = (
    "open_ballot", "cast", "enter_paper", "new_code_for", "close", "object_to", "answer_objection", "annul", "cast again",
    "read twice", "made final",
)  # fmt: skip
voters = st.integers(1, VOTERS + 1)  # nobody has the last number
choices = st.sampled_from(["yes", "yes", "no", "abstain", "perhaps"])
keepers = st.sampled_from(["keeper", "keeper", "keeper", "colleague", "elsewhere"])
words = st.sampled_from(["名册有误", "名册有误", "名册有误", " "])


class AnyOrder(HeldToAModel):
    """One ballot by name with four right-holders, kept by two people."""

    done = DONE

    @initialize(late=st.booleans())
    def begin(self, late):
        self.begin_world()
        self.by = {"keeper": a_keeper(), "colleague": a_keeper(), "elsewhere": a_keeper(OTHER_VILLAGE)}
        self.now, self.state, self.codes, self.old = MONDAY, "draft", {}, {}
        self.votes: dict[int, str] = {}  # right → choice
        self.receipts: dict[int, str] = {}
        self.read: dict[int, dict[str, str]] = {}  # right → who reads the paper → choice
        self.by_code: set[int] = set()
        self.objections: dict[int, bool] = {}  # receipt → answered
        self.closed = self.is_counted = None
        self.ballot = a_ballot(owners(VOTERS), by=self.by["keeper"]).pk
        if late:
            self.open("keeper")
            self.now = OPENS

    @rule(who=keepers)
    def open(self, who):
        may = who != "elsewhere" and self.state == "draft" and self.now < CLOSES
        codes = self.tried(may, preparing.open_ballot, self.ballot, by=self.by[who])
        if codes:
            self.codes, self.state = dict(codes), "open"

    def is_open(self):
        return self.state == "open" and OPENS <= self.now < CLOSES

    @rule(n=voters, choice=choices, old=st.sampled_from([False, False, False, True]))
    def vote(self, n, choice, old):
        """With the code one has, or one that was given up for another."""
        code = self.old.get(n, "A" * 16) if old else self.codes.get(n, "A" * 16)
        has_right = not old and n in self.codes
        before = n in self.by_code and (self.state == "open" or self.is_counted)
        may = has_right and choice != "perhaps" and (before or (self.is_open() and n not in self.votes))
        found = self.tried(may, casting.cast, self.ballot, code, choice)
        if found is None:
            return
        assert found.was_in == bool(before)
        if before:
            DONE["cast again"] += 1
            assert found.receipt == self.receipts[n]
        else:
            self.votes[n], self.receipts[n] = choice, found.receipt
            self.by_code.add(n)

    @rule(n=voters, who=keepers, choice=choices, twice=st.booleans())
    def read_paper(self, n, who, choice, twice):
        """One reads a paper; at times the other reads it too, and the same."""
        self.read_by(n, who, choice)
        if twice:
            self.read_by(n, "colleague" if who == "keeper" else "keeper", choice)

    def read_by(self, n, who, choice):
        read = self.read.get(n, {}) | {who: choice}
        may = who != "elsewhere" and self.is_open() and choice != "perhaps"
        may = may and n in self.codes and n not in self.votes and len(set(read.values())) == 1
        found = self.tried(may, casting.enter_paper, self.ballot, n, choice, by=self.by[who])
        if found is None:
            return
        self.read[n] = read
        assert (found is not True) == (len(read) == 2)
        if found is not True:
            self.votes[n] = choice
            DONE["read twice"] += 1

    @rule(n=voters, who=keepers)
    def lose_code(self, n, who):
        may = who != "elsewhere" and self.state == "open" and n in self.codes and n not in self.votes
        code = self.tried(may, preparing.new_code_for, self.ballot, n, by=self.by[who])
        if code:
            self.old[n], self.codes[n] = self.codes[n], code

    def end(self, state):
        self.state, self.closed = state, self.closed or self.now

    @rule(who=keepers)
    def close(self, who):
        is_done = self.state in ("closed", "final")
        may = who != "elsewhere" and (is_done or (self.state == "open" and self.now >= CLOSES))
        if self.tried(may, closing.close, self.ballot, by=self.by[who]) and not is_done:
            self.end("closed")
            self.is_counted = self.now

    @rule(n=st.integers(0, 2), said=words)
    def object(self, n, said):
        may = self.state == "closed" and self.now < self.is_counted + WEEK and said.strip()
        if self.tried(may, closing.object_to, self.ballot, said, f"{n:032x}"):
            self.objections.setdefault(n, False)

    @rule(n=st.integers(0, 2), who=keepers, said=words, upheld=st.sampled_from([False, False, True]))
    def answer(self, n, who, said, upheld):
        rows = list(Objection.objects.order_by("pk").values_list("pk", flat=True))
        order = list(self.objections)
        known = n < len(order)
        may = who != "elsewhere" and known and not self.objections[order[n]] and said.strip()
        pk = rows[n] if known else 0
        if self.tried(may, closing.answer_objection, self.ballot, pk, said, upheld=upheld, by=self.by[who]):
            self.objections[order[n]] = True
            if upheld:
                self.end("annulled")

    @rule(who=keepers, said=st.sampled_from([" ", " ", "程序有误"]))
    def annul(self, who, said):
        may = who != "elsewhere" and self.state != "annulled" and said.strip()
        if self.tried(may, closing.annul, self.ballot, said, by=self.by[who]):
            self.end("annulled")

    @rule(days=st.sampled_from([1, 3, 8]), whole=st.booleans())
    def wait(self, days, whole):
        """Time goes on, and the clock does what is due; sometimes to the very end of voting."""
        self.now = CLOSES if whole and self.is_open() else self.now + timedelta(days=days)
        due = self.state == "open" and self.now >= CLOSES
        if due and days == 3:  # somebody may close it by hand before
            return
        assert closing.close_those_over(at=self.now) == due
        if due:
            self.end("closed")
            self.is_counted = self.now
        final = self.state == "closed" and self.now >= self.is_counted + WEEK and all(self.objections.values())
        assert closing.make_final(at=self.now) == final
        if final:
            self.state = "final"
            DONE["made final"] += 1

    @rule(n=voters, choice=st.sampled_from(["yes", "no"]))
    def go_on(self, n, choice):
        """Do what comes next, so that not all ballots stay at the beginning."""
        if self.state == "draft":
            self.open("keeper")
            self.now = max(self.now, OPENS)
        elif self.is_open():
            self.vote(n, choice, False)
        elif (self.state == "open" and self.now >= CLOSES) or choice == "no":
            self.close("keeper")
        else:
            self.wait(8, False)

    @invariant()
    def holds(self):
        if not hasattr(self, "ballot"):
            return
        ballot = Ballot.objects.get(pk=self.ballot)
        assert (ballot.state, ballot.closed_at) == (self.state, self.closed)
        assert Objection.objects.filter(answer="").count() == list(self.objections.values()).count(False)
        turnout = Turnout.objects.filter(ballot=ballot).first()
        assert (turnout is not None) == (self.state == "open")
        if turnout is not None:
            marked = {n for n in range(1, VOTERS + 1) if preparing.is_marked(turnout.marks, n)}
            assert marked == set(self.votes)
            assert sum(len(urn.votes) for urn in ballot.urns.all()) == len(self.votes)
        count = Count.objects.filter(ballot=ballot).first()
        assert (count is not None) == (self.is_counted is not None)
        if count is not None:
            found = {choice: count.sums["choices"].get(choice, [0, 0])[0] for choice in ("yes", "no", "abstain")}
            assert found == {choice: list(self.votes.values()).count(choice) for choice in found}
            assert count.sums["whole"][0] == VOTERS


@pytest.fixture
def village(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def test_in_any_order_each_right_votes_once_and_what_is_refused_changes_nothing(village):
    run_until_each_was_done(AnyOrder, DEEDS, MOVES)


def test_a_right_that_is_not_marked_is_noticed(village):
    """The control: the model sees what it is there to see."""
    with mock.patch.object(casting, "_mark"), pytest.raises(AssertionError):
        run(AnyOrder, DEEDS)
