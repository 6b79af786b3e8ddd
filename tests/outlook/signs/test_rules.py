"""When a number is more than chance: false alarms on worlds in which nothing changes, and what is found where something does."""

from datetime import date
from math import comb, isclose

import numpy as np
import pytest

from weiduan.outlook.signs.rules import Grown, chance_of, is_silent, month_before

MONTHS = 12


def signs_in_a_world(
    *, units: int, seed: int, grows: float = 1.0, season: float = 1.0, planted: float | None = None
) -> float:
    """Return the share of unit-months that raise a sign, of a town of alike units each told of six categories, by Poisson.

    planted  the usual number a month of the first category, in every hundredth unit, where it grows `grows` times in the last
             month; the share is then of these units alone
    season   how many times more everything is told everywhere in the last month
    """
    random = np.random.default_rng(seed)
    mean = random.gamma(1.2, 1.0, size=(units, 6))
    households = random.integers(60, 900, size=units)
    chosen = np.arange(0, units, 100) if planted is not None else np.arange(units)
    if planted is not None:
        mean[chosen, 0] = planted
    before = random.poisson(mean[:, :, None], size=(units, 6, MONTHS)).sum(axis=2)
    now_mean = mean * season
    if planted is not None:
        now_mean[chosen, 0] *= grows
    now = random.poisson(now_mean)
    raised = 0
    for unit in chosen:
        asked = int(((before[unit] + now[unit]) > 0).sum())
        raised += any(
            Grown(
                int(now[unit, c]), int(before[unit, c]), MONTHS, int(now[:, c].sum() - now[unit, c]),
                int(before[:, c].sum() - before[unit, c]), int(households[unit]), int(households.sum() - households[unit]), asked,
            ).is_sign
            for c in range(6)
        )  # fmt: skip
    return raised / len(chosen)


def test_where_nothing_changes_fewer_than_two_in_a_hundred_unit_months_raise_a_sign():
    shares = [signs_in_a_world(units=800, seed=seed) for seed in range(8)]
    assert max(shares) < 0.02
    assert np.mean(shares) < 0.01


def test_a_season_that_is_everywhere_raises_no_more_signs_than_chance():
    assert max(signs_in_a_world(units=800, seed=seed, season=3.0) for seed in range(4)) < 0.02


def test_what_is_told_five_times_a_month_and_grows_fourfold_is_found_in_nine_of_ten():
    found = [signs_in_a_world(units=4000, seed=seed, planted=5.0, grows=4.0) for seed in range(5)]
    assert np.mean(found) >= 0.9  # of two hundred


def test_what_is_rare_needs_to_grow_more():
    """Twice a month and fourfold is found less than nine times in ten: eight instead of two is hard to tell from chance."""
    found = np.mean([signs_in_a_world(units=2000, seed=seed, planted=2.0, grows=4.0) for seed in range(3)])
    assert 0.1 < found < 0.9


def test_the_chance_is_the_exact_binomial_one():
    for of, least, share in [(5, 3, 0.3), (34, 9, 1 / 13), (400, 60, 0.1)]:
        exact = sum(comb(of, n) * share**n * (1 - share) ** (of - n) for n in range(least, of + 1))
        assert isclose(chance_of(least, of, share), exact, rel_tol=1e-9)
    assert chance_of(0, 10, 0.2) == pytest.approx(1)


def grown(**said) -> Grown:
    facts = {
        "told": 9, "before": 25, "months": 12, "likes_told": 8, "likes_before": 96, "households": 100, "likes_households": 1000, "asked": 1,
    } | said  # fmt: skip
    return Grown(**facts)


def test_each_condition_is_needed():
    assert grown().is_sign
    assert not grown(told=4).is_sign  # not three more than usual
    assert not grown(likes_told=100).is_sign  # its like was told ten for each hundred households, it only nine
    assert not grown(months=2, before=4).is_sign  # too little is known of the past
    assert not grown(told=8, asked=40).is_sign and grown(told=8).is_sign  # one of forty categories is so high by chance
    assert grown(households=0).is_sign  # nobody knows how many live there: its own past alone counts


def test_a_quarter_without_anything_is_a_sign_only_after_many():
    assert is_silent(21, 0) and not is_silent(20, 0) and not is_silent(50, 1)


def test_months_are_counted_back_over_the_year():
    assert month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert month_before(date(2026, 3, 1), 15) == date(2024, 12, 1)
