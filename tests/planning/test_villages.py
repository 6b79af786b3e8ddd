"""A village whole: the same answer anywhere, heads that may head, and true words on what would be if a unit stayed."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.test_pool import places, small_places
from weiduan.planning.engines import HIGHS, Here
from weiduan.planning.pool import BRANCH_RULES, BodyRules
from weiduan.planning.replan import Curve, Wishes, curve
from weiduan.planning.villages import Ground, Persons, VillageTask, plan_bodies, plan_village

HERE = Here(*HIGHS)
RULES = BodyRules(2, 0, 12, 3, 20.0)
LINE = places([(0, 1), (1, 2), (2, 3)], 4, members=[1, 1, 2, 2])
TODAY = ((0,), (1, 2), (3,))


def persons(place, *, full=None, posts=None, leads=None):
    n = len(place)
    return Persons(
        np.array(place), np.ones(n, bool) if full is None else np.array(full), np.ones(n, bool),
        np.zeros(n, int) if posts is None else np.array(posts), np.full(n, -1) if leads is None else np.array(leads),
    )  # fmt: skip


def test_a_task_and_its_answer_travel_and_the_answer_is_the_same():
    task = VillageTask(
        Ground(LINE, RULES, TODAY, persons([0, 1, 2, 3])), Ground(LINE, replace(BRANCH_RULES, most_span_m=50.0))
    )
    here, sent = plan_village(task, HERE), plan_village(pickle.loads(pickle.dumps(task)), HERE)
    back = pickle.loads(pickle.dumps(sent))
    for one, other in ((here.groups, back.groups), (here.branches, back.branches)):
        assert [a.point.bodies for a in one.arrangements] == [a.point.bodies for a in other.arrangements]
        assert [a.heads.person.tolist() for a in one.arrangements] == [
            a.heads.person.tolist() for a in other.arrangements
        ]
        assert (one.if_stayed, one.prices, one.broken) == (other.if_stayed, other.prices, ())


def test_whoever_leads_a_body_goes_on_leading_it_and_nobody_leads_where_only_others_live():
    first = plan_bodies(
        Ground(LINE, RULES, TODAY, persons([3, 3, 0, 2], leads=[2, -1, -1, -1])), seconds=20, engine=HERE
    )
    one = first.arrangements[0]
    led = dict(zip(one.point.bodies, one.heads.person.tolist(), strict=True))
    assert led[next(body for body in led if 3 in body)] == 0
    assert all(i < 0 or [3, 3, 0, 2][i] in body for body, i in led.items())


def test_without_persons_every_body_is_without_a_head():
    bodies = plan_bodies(Ground(LINE, RULES, TODAY), seconds=20, engine=HERE)
    assert all((one.heads.person == -1).all() for one in bodies.arrangements)


def test_contradicting_wishes_are_an_answer_with_their_names():
    ground = Ground(places([(0, 1)], 2, members=[1, 1]), RULES, ((0,), (1,)), wishes=Wishes(stay=(0, 1)))
    bodies = plan_bodies(ground, seconds=20, engine=HERE)
    assert bodies.arrangements == () and bodies.contradiction == Wishes((), (0, 1)) and not bodies.is_proved


@settings(max_examples=25, deadline=None)
@given(small_places(most=5), st.data())
def test_what_would_be_if_a_unit_stayed_is_true(ground, data):
    labels = [data.draw(st.integers(-1, 2)) for _ in range(len(ground))]
    today = tuple(tuple(i for i, lab in enumerate(labels) if lab == k) for k in (0, 1, 2) if k in labels)
    bodies = plan_bodies(Ground(ground, RULES, today), seconds=20, engine=HERE)
    first = bodies.arrangements[0].point
    for place, said in bodies.if_stayed.items():
        try:
            stayed = curve(ground, RULES, today, wishes=Wishes(stay=(place,)), engine=HERE)[0]
        except ValueError:
            assert not said.possible
            continue
        assert said.possible
        # Nothing is better than the least change: households first, then moves, then bodies.
        worse = (said.left_out_households, said.moves, said.bodies)
        assert worse >= (0, 0, 0)
        assert said.left_out_households == stayed.left_out_households - first.left_out_households


def test_a_plan_that_breaks_a_rule_says_so(monkeypatch):
    monkeypatch.setattr(
        "weiduan.planning.villages.whole_curve",
        lambda *a, **k: Curve((replace(_point(), bodies=((0, 2),), labels=(-1,)),), True),
    )
    assert plan_bodies(Ground(LINE, RULES, TODAY), seconds=20, engine=HERE).broken


def _point():
    return curve(LINE, RULES, TODAY, engine=HERE)[0]


@pytest.mark.parametrize("wrong", [np.array([np.nan] * 4), np.array([-1, 1, 1, 1])])
def test_figures_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="members"):
        plan_bodies(Ground(replace(LINE, members=wrong), RULES), seconds=20, engine=HERE)
