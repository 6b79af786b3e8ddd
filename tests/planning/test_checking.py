"""The checker knows the rules only: it passes a right plan and names what is wrong with each planted one."""

import numpy as np
import pytest
from scipy import sparse

from weiduan.planning.checking import check_capacitated, check_center, check_cover, check_max_cover, check_median

REACHES = sparse.csr_array([[1, 0, 1], [0, 1, 1], [0, 0, 0], [1, 1, 0]])
COST = np.array([2.0, 3.0, 7.0])
WEIGHT = np.array([5.0, 1.0, 4.0, 2.0])
METRES = np.array([[10.0, np.inf, 30], [40, 20, 60], [np.inf, np.inf, np.inf], [50, 50, np.inf]])


def places(*sites: int) -> np.ndarray:
    return np.array(sites, dtype=np.int64)


def test_right_plans_pass():
    assert check_cover(REACHES, COST, places(0, 1), places(2), 5.0) == ()
    assert check_max_cover(REACHES, WEIGHT, COST, 3.0, 1, places(0), 7.0) == ()
    assert check_median(METRES, WEIGHT, 2, places(0, 1), places(0, 1, -1, 0), places(2), 170.0) == ()
    assert check_center(METRES, 2, places(0, 1), places(0, 1, -1, 1), places(2), 50.0) == ()


@pytest.mark.parametrize(
    ("chosen", "uncoverable", "objective", "wrong"),
    [
        (places(0), places(2), 2.0, "unit 1 is neither reached nor named"),
        (places(0, 1), places(), 5.0, "unit 2 is neither reached nor named"),
        (places(0), places(1, 2), 2.0, "can be reached"),
        (places(0, 1), places(2), 4.0, "worth 5.0, not 4.0"),
        (places(0, 0, 1), places(2), 7.0, "chosen twice"),
    ],
)
def test_planted_wrong_covers_are_rejected(chosen, uncoverable, objective, wrong):
    assert wrong in "; ".join(check_cover(REACHES, COST, chosen, uncoverable, objective))


@pytest.mark.parametrize(
    ("chosen", "objective", "wrong"),
    [
        (places(0, 1), 8.0, "2 sites are chosen, 1 are allowed"),
        (places(2), 6.0, "7.0 is spent, the budget is 3.0"),
        (places(0), 12.0, "worth 7.0, not 12.0"),
    ],
)
def test_planted_wrong_plans_for_a_budget_are_rejected(chosen, objective, wrong):
    assert wrong in "; ".join(check_max_cover(REACHES, WEIGHT, COST, 3.0, 1, chosen, objective))


@pytest.mark.parametrize(
    ("chosen", "assigned", "uncoverable", "objective", "wrong"),
    [
        (places(0), places(0, 0, -1, 0), places(2), 190.0, "1 sites are chosen, not 2"),
        (places(0, 1), places(0, 0, -1, 0), places(2), 190.0, "past a nearer chosen site"),
        (places(0, 1), places(2, 1, -1, 0), places(2), 270.0, "not chosen"),
        (places(0, 1), places(1, 1, -1, 0), places(2), 170.0, "can't reach"),
        (places(0, 1), places(0, -1, -1, 0), places(2), 150.0, "not those named"),
        (places(0, 1), places(0, 1, -1, 0), places(2), 169.0, "worth 170.0"),
    ],
)
def test_planted_wrong_medians_are_rejected(chosen, assigned, uncoverable, objective, wrong):
    assert wrong in "; ".join(check_median(METRES, WEIGHT, 2, chosen, assigned, uncoverable, objective))


@pytest.mark.parametrize(
    ("chosen", "assigned", "objective", "wrong"),
    [
        (places(0, 1, 2), places(0, 1, -1, 0), 50.0, "3 sites are chosen"),
        (places(0, 1), places(0, 1, -1, 0), 40.0, "worth 50.0"),
        (places(0, 1), places(0, 1, -1, 2), 50.0, "not chosen"),
    ],
)
def test_planted_wrong_centers_are_rejected(chosen, assigned, objective, wrong):
    assert wrong in "; ".join(check_center(METRES, 2, chosen, assigned, places(2), objective))


@pytest.mark.parametrize(
    ("chosen", "assigned", "objective", "wrong"),
    [
        (places(0, 1), places(0, 1, -1, 0), 3.0, ""),
        (places(0, 1), places(0, 1, -1, 1), 3.0, "site 1 holds 3.0, it can hold 2.0"),
        (places(1), places(0, 1, -1, 0), 3.0, "not chosen"),
        (places(1, 2), places(2, 1, -1, 1), 10.0, "must stay open is closed"),
        (places(0, 1), places(0, 0, -1, 0), 3.0, "can't reach"),
        (places(0, 1), places(0, 1, -1, 0), 5.0, "worth 3.0, not 5.0"),
        (places(0, 1, 2), places(0, 1, -1, 0), 3.0, "worth 10.0"),
    ],
)
def test_planted_wrong_uses_of_rooms_are_rejected(chosen, assigned, objective, wrong):
    broken = check_capacitated(
        REACHES, WEIGHT, np.array([8.0, 2, 9]), COST, places(0), None, chosen, assigned, places(2), objective
    )

    assert wrong in "; ".join(broken) and bool(broken) == bool(wrong)
