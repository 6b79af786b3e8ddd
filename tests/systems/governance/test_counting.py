"""Counting against plain rational arithmetic, at the exact edges of every majority, and by cases worked out by hand."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weiduan.systems.governance.ballots.counting import Bar, Base, Rule, Tally, Weight, outcome_of, with_silence
from weiduan.systems.governance.ballots.rolls import Line, holders_of, hundredths
from weiduan.systems.governance.ballots.rules import RollKind, is_choice, procedures

ORDINARY, SPECIAL = (procedures()[f"owners_{kind}"].rule for kind in ("ordinary", "special"))


def share(part: int, of: int, bar: Bar) -> bool:
    """The reference: a fraction compared with a fraction."""
    if of == 0:
        return False
    exact, wanted = Fraction(part, of), Fraction(bar.over, bar.under)
    return exact > wanted if bar.strict else exact >= wanted


def reference(tally: Tally, rule: Rule) -> tuple[bool, bool]:
    """(valid, passed), each basis by itself, from fractions alone."""
    valid = passed = True
    for basis in ("heads", "area") if rule.by_area else ("heads",):
        whole, yes, no, abstain, present = (
            getattr(weight, basis) for weight in (tally.whole, tally.yes, tally.no, tally.abstain, tally.present)
        )
        voted = yes + no + abstain
        came = max(present, voted)
        base = {Base.TAKING_PART: voted, Base.PRESENT: came, Base.ALL: whole}[rule.of]
        valid &= share(came if rule.of is Base.PRESENT else voted, whole, rule.part)
        passed &= share(yes, base, rule.yes)
    return valid, valid and passed


def test_a_hundred_thousand_random_rolls_count_as_fractions_do():
    """Small numbers, so that two thirds, three quarters and a half are met exactly again and again."""
    draw = random.Random(20260101)
    rules = [procedure.rule for procedure in procedures().values()]
    edges = 0
    for _each in range(100_000):
        sides = [Weight(draw.randrange(9), draw.randrange(9) * draw.choice((1, 3333, 2500))) for _side in range(5)]
        yes, no, abstain, silent, absent = sides
        voted = yes + no + abstain
        tally = Tally(
            whole=voted + silent + absent, yes=yes, no=no, abstain=abstain, silent=silent,
            present=voted + Weight(draw.randrange(absent.heads + 1), 0),
        )  # fmt: skip
        rule = draw.choice(rules)
        outcome = outcome_of(tally, rule)
        assert (outcome.valid, outcome.passed) == reference(tally, rule), (tally, rule)
        counted = with_silence(tally, by_area=rule.by_area)
        if counted is not None:
            assert counted.whole == tally.whole and counted.voted == tally.voted + silent
            assert (outcome_of(counted, rule).valid, outcome_of(counted, rule).passed) == reference(counted, rule)
        edges += tally.whole.heads * rule.part.over == voted.heads * rule.part.under
    assert edges > 3_000  # the exact edge was met often, not by chance once


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(1, 9), st.booleans())
def test_what_is_needed_is_enough_and_one_less_is_not(of, over, under, strict):
    bar = Bar(min(over, under), max(over, under), strict)
    needed = bar.needed(of)
    if of:
        assert bar.reached(needed, of) and not bar.reached(needed - 1, of)


@pytest.mark.parametrize(
    ("yes", "no", "valid", "passed"),
    [(67, 0, True, True), (66, 0, False, False), (34, 33, True, True), (33, 34, True, False), (50, 50, True, False)],
)
def test_an_ordinary_matter_of_a_hundred_equal_parts(yes, no, valid, passed):
    tally = Tally(whole=Weight(100, 1_000_000), yes=Weight(yes, yes * 10_000), no=Weight(no, no * 10_000))
    outcome = outcome_of(tally, ORDINARY)
    assert (outcome.valid, outcome.passed) == (valid, passed)
    assert outcome.heads.part_needed == 67 and outcome.area is not None and outcome.area.part_needed == 666_667


@pytest.mark.parametrize(("yes", "no", "passed"), [(51, 17, True), (50, 18, False), (75, 25, True), (74, 26, False)])
def test_three_quarters_of_those_who_take_part_are_enough_for_a_great_matter(yes, no, passed):
    tally = Tally(whole=Weight(100, 10_000), yes=Weight(yes, yes * 100), no=Weight(no, no * 100))
    assert outcome_of(tally, SPECIAL).passed == passed


def test_heads_and_area_must_both_be_there():
    many_small = Tally(whole=Weight(100, 10_000), yes=Weight(60, 2_000), no=Weight(10, 5_000))
    few_large = Tally(whole=Weight(100, 10_000), yes=Weight(20, 6_000), no=Weight(50, 1_000))
    assert [outcome_of(tally, ORDINARY).passed for tally in (many_small, few_large)] == [False, False]
    assert outcome_of(many_small, ORDINARY).heads.yes_reached and outcome_of(few_large, ORDINARY).area.yes_reached  # type: ignore[union-attr]


def test_who_abstains_takes_part_and_does_not_agree():
    tally = Tally(whole=Weight(90, 90), yes=Weight(30, 30), no=Weight(0, 0), abstain=Weight(30, 30))
    assert outcome_of(tally, ORDINARY).valid and not outcome_of(tally, ORDINARY).passed


def test_in_a_branch_yes_is_counted_against_all_who_are_due_and_in_an_election_against_those_present():
    resolution, election = procedures()["branch_resolution"].rule, procedures()["branch_election"].rule
    tally = Tally(whole=Weight(20), yes=Weight(10), no=Weight(2), present=Weight(16))
    assert (
        outcome_of(tally, resolution).valid and not outcome_of(tally, resolution).passed
    )  # ten of twenty isn't more than half
    assert outcome_of(replace(tally, yes=Weight(11)), resolution).passed
    assert outcome_of(tally, election).valid and outcome_of(tally, election).passed  # ten of sixteen present
    assert not outcome_of(
        replace(tally, present=Weight(15), no=Weight(0)), election
    ).valid  # fifteen of twenty: under four fifths


def test_silence_follows_the_majority_only_where_heads_and_area_point_the_same_way():
    split = Tally(whole=Weight(10, 100), yes=Weight(4, 10), no=Weight(2, 50), silent=Weight(4, 40))
    assert with_silence(split, by_area=True) is None and with_silence(split, by_area=False) is not None
    assert with_silence(replace(split, no=Weight(4, 10)), by_area=True) is None


def test_a_published_vote_with_too_few_is_invalid_by_the_letter_and_valid_where_silence_follows():
    """An estate in Minhang, Shanghai: 54.5 % took part. Its shares are published, not its roll: a thousand equal parts stand for it."""
    tally = Tally(
        whole=Weight(1000, 10**7), yes=Weight(480, 4_800_000), no=Weight(65, 650_000), silent=Weight(455, 4_550_000)
    )
    literal, counted = outcome_of(tally, ORDINARY), with_silence(tally, by_area=True)
    assert (literal.valid, literal.passed, literal.heads.part_needed - literal.heads.part) == (False, False, 122)
    assert counted is not None and counted.yes == Weight(935, 9_350_000)
    assert outcome_of(counted, ORDINARY).valid and outcome_of(counted, ORDINARY).passed


def line(n: int, names: str, area: str = "100.00", **more) -> Line:
    return Line(part=f"{n}室", area=area, names=names, **({"ids": str(n)} | more))


def test_one_buyer_of_forty_of_a_hundred_parts_makes_sixty_one_heads():
    lines = [line(n, "大业主", ids="1101") for n in range(40)] + [line(n, f"业主{n}") for n in range(40, 100)]
    holders, mistakes = holders_of(lines, RollKind.OWNERS)
    assert mistakes == [] and sum(h.heads for h in holders) == len(holders) == 61
    assert holders[0].area == 40 * 10_000 and sum(h.area for h in holders) == 1_000_000


def test_unsold_parts_count_once_and_joint_owners_have_one_vote_for_their_part():
    lines = [line(n, "", unsold=True, ids="") for n in range(5)] + [
        line(5, "张三、李四", ids="11、22"), line(6, "李四，张三", ids="22、11"), line(7, "张三", ids="11"),
    ]  # fmt: skip
    holders, mistakes = holders_of(lines, RollKind.OWNERS)
    assert mistakes == [] and [(len(h.parts), h.area) for h in holders] == [(5, 50_000), (2, 20_000), (1, 10_000)]


def test_a_list_tells_everything_that_is_wrong_with_it_at_once():
    lines = [
        line(1, "张三"), Line(part="1 室", area="88", names="李四", ids="2"), line(2, "", ids=""), line(3, "王五", area="一百"),
        line(4, "王五", area="0"), line(5, "王五", area="1.234"), line(6, "赵六、钱七", ids="6"), line(7, "张三", ids="", phone=""),
        line(8, "张三", ids="", phone=""), Line(area="5", names="无房号", ids="9"),
    ]  # fmt: skip
    holders, mistakes = holders_of(lines, RollKind.OWNERS)
    assert holders == [] and [m.row for m in mistakes] == [2, 3, 4, 5, 6, 7, 9, 10]
    assert holders_of([], RollKind.MEMBERS)[1][0].row == 0
    assert [
        m.row for m in holders_of([Line(names="张三"), Line(names="张 三"), Line(names="李四")], RollKind.MEMBERS)[1]
    ] == [2]
    assert holders_of([Line(names="张三", ids="1"), Line(names="张三", ids="2")], RollKind.MEMBERS)[1] == []


@pytest.mark.parametrize(
    ("text", "is_"), [("100", 10000), ("99.99", 9999), (" 0.01 ", 1), ("0", None), ("-1", None), ("1.234", None), ("NaN", None),
                      ("1e3", 100000), ("inf", None), ("", None), ("１００", 10000)]
)  # fmt: skip
def test_an_area_is_exact_or_refused(text, is_):
    assert hundredths(text) == is_


@pytest.mark.parametrize(
    ("choice", "options", "most", "may"),
    [("yes", 0, 1, True), ("maybe", 0, 1, False), ("1", 0, 1, False), ("2", 3, 1, True), ("1,3", 3, 2, True), ("3,1", 3, 2, False),
     ("1,1", 3, 2, False), ("1,2,3", 3, 2, False), ("4", 3, 1, False), ("0", 3, 1, False), ("abstain", 3, 1, True), ("yes", 3, 1, False),
     ("01", 3, 1, False), ("１", 3, 1, False), ("", 3, 1, False), ("1,", 3, 2, False)],
)  # fmt: skip
def test_only_what_is_offered_can_be_chosen(choice, options, most, may):
    assert is_choice(choice, options, most) == may
