"""Votes and the count at once: one vote a right, one count, and nothing lost that was acknowledged."""

import threading
from datetime import timedelta

import pytest

from tests.parallel import at_once
from tests.systems.governance.balloting import CLOSES, OPENS, a_keeper, opened, owners
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.governance.ballots.casting import Cast, cast, enter_paper
from weiduan.systems.governance.ballots.closing import close
from weiduan.systems.governance.ballots.merkle import leaf_hash
from weiduan.systems.governance.ballots.models import Ballot, Count

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def test_two_hundred_casts_of_one_right_are_one_vote_and_every_answer_is_its_receipt():
    ballot, codes, by = opened()
    answers = at_once(lambda n: cast(ballot.pk, codes[1], ("yes", "no", "abstain")[n % 3], at=OPENS), 200)
    assert {type(answer) for answer in answers} == {Cast} and len({answer.receipt for answer in answers}) == 1
    assert sum(not answer.was_in for answer in answers) == 1
    close(ballot.pk, by=by, at=CLOSES)
    assert [leaf_hash(leaf.encode()) for leaf in Count.objects.get().leaves] == [answers[0].receipt]


def test_closed_by_twenty_at_once_it_is_counted_once():
    ballot, codes, by = opened()
    cast(ballot.pk, codes[1], "yes", at=OPENS)
    answers = at_once(lambda _n: close(ballot.pk, by=by, at=CLOSES), 20)
    assert all(isinstance(answer, Ballot) and answer.state == "closed" for answer in answers)
    assert Count.objects.count() == Entry.objects.filter(what="ballot.closed").count() == 1
    assert list(breaks()) == []


def test_votes_that_come_while_it_closes_are_counted_or_refused_and_never_lost():
    ballot, codes, by = opened(owners(60))
    last = CLOSES - timedelta(seconds=1)
    gate = threading.Barrier(40)

    def deed(n: int) -> object:
        gate.wait(timeout=30)
        return close(ballot.pk, by=by, at=CLOSES) if n % 20 == 7 else cast(ballot.pk, codes[n + 1], "yes", at=last)

    answers = at_once(deed, 40)
    acknowledged = {answer.receipt for answer in answers if isinstance(answer, Cast)}
    counted = {leaf_hash(leaf.encode()) for leaf in Count.objects.get().leaves}
    assert counted == acknowledged
    assert all(isinstance(answer, Cast | Ballot) or getattr(answer, "status", 0) == 409 for answer in answers)


def test_paper_and_code_of_one_right_at_once_are_one_vote():
    ballot, codes, by = opened()
    other = a_keeper()
    enter_paper(ballot.pk, 1, "no", by=by, at=OPENS)
    answers = at_once(
        lambda n: (
            enter_paper(ballot.pk, 1, "no", by=other, at=OPENS) if n % 2 else cast(ballot.pk, codes[1], "yes", at=OPENS)
        ),
        20,
    )
    assert len({answer.receipt for answer in answers if isinstance(answer, Cast)}) == 1
    close(ballot.pk, by=by, at=CLOSES)
    assert len(Count.objects.get().leaves) == 1
