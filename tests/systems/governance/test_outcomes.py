"""What a choice among options came to: who leads by heads, and where area counts by area too; nothing before it is final."""

import pytest

from tests.builders import MONDAY, SURVEYED
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.territory.queries import area_by_code
from weiduan.systems.governance.ballots.models import Ballot, Count
from weiduan.systems.governance.ballots.outcomes import Chosen, chosen_by

pytestmark = pytest.mark.django_db


def counted(
    choices: dict,
    whole: list[int],
    *,
    procedure: str = "households_unit",
    state: str = "final",
    options=("甲", "乙", "丙"),
):
    """Return a ballot counted so; `choices` is number → [heads, area]."""
    a_village()
    area = area_by_code(UNIT, on=SURVEYED).area_id
    times = {"opens_at": MONDAY, "closes_at": MONDAY.replace(day=9), "closed_at": MONDAY.replace(day=9)}
    ballot = Ballot.objects.create(
        area_id=area, title="选谁", text="选谁", text_hash="0" * 64, procedure=procedure, options=list(options), state=state,
        roll_hash="0" * 64, at=MONDAY, **times,
    )  # fmt: skip
    voted = [sum(weight[base] for weight in choices.values()) for base in (0, 1)]
    sums = {"choices": choices, "voted": voted, "whole": whole, "silent": [0, 0]}
    Count.objects.create(ballot=ballot, leaves=[], root="0" * 64, sums=sums)
    return ballot


@pytest.mark.parametrize(
    ("choices", "whole", "result"),
    [
        ({"1": [3, 0], "2": [2, 0]}, [8, 0], Chosen(True, ("甲",))),
        ({"1": [3, 0], "3": [3, 0]}, [8, 0], Chosen(True, ("甲", "丙"))),
        ({"1": [3, 0], "2": [1, 0]}, [8, 0], Chosen(False, ("甲",))),  # just half isn't more than half
        ({"abstain": [6, 0]}, [8, 0], Chosen(True, ())),
        ({"abstain": [5, 0], "2": [1, 0]}, [8, 0], Chosen(True, ("乙",))),
    ],
)
def test_the_option_with_most_heads_leads_if_enough_take_part(choices, whole, result):
    assert chosen_by(counted(choices, whole)) == result


def test_by_area_both_heads_and_area_count():
    same = counted({"1": [6, 900], "2": [3, 100]}, [10, 1100], procedure="owners_ordinary")
    assert chosen_by(same) == Chosen(True, ("甲",))


def test_where_heads_and_area_differ_both_lead():
    apart = counted({"1": [6, 300], "2": [3, 600]}, [10, 1100], procedure="owners_ordinary")
    assert chosen_by(apart) == Chosen(True, ("甲", "乙"))


def test_enough_by_heads_alone_is_not_enough_where_area_counts():
    few = counted({"1": [8, 300]}, [10, 1100], procedure="owners_ordinary")
    assert chosen_by(few) == Chosen(False, ("甲",))


@pytest.mark.parametrize("state", ["closed", "annulled"])
def test_nothing_is_chosen_before_it_is_final(state):
    assert chosen_by(counted({"1": [8, 0]}, [8, 0], state=state)) is None


def test_a_yes_or_no_chooses_nothing():
    assert chosen_by(counted({"yes": [8, 0]}, [8, 0], options=())) is None
