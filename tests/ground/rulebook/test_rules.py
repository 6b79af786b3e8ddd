"""Rules as data: which hold where and when, and what they say."""

from datetime import date

import pytest

from tests.builders import DISTRICT, MONDAY, a_user
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.rulebook.actions import CannotOverride, set_local_value
from weiduan.ground.rulebook.queries import overrides_on
from weiduan.ground.rulebook.rules import Force, Override, Verdict, judge, pack, rules_in_force

ON = date(2019, 1, 1)


def _rule(name, **scope):
    return next(
        r
        for r in rules_in_force(
            area=scope.get("area", "510113"), on=scope.get("on", ON), overrides=scope.get("overrides", ())
        )
        if r.id == name
    )


def test_every_rule_names_its_source_and_day():
    assert [r.id for r in pack() if not (r.act and r.source and r.valid_from)] == []
    assert len({r.id for r in pack()}) == len(pack())


@pytest.mark.parametrize("members, verdict", [(2, Verdict.BROKEN), (3, Verdict.HOLDS), (None, Verdict.DOES_NOT_APPLY)])
def test_a_branch_needs_three_full_members(members, verdict):
    assert judge(_rule("branch-full-members"), "branch", {"full_members": members}).verdict is verdict


def test_a_rule_is_silent_about_other_kinds():
    assert judge(_rule("branch-full-members"), "group", {"full_members": 0}).verdict is Verdict.DOES_NOT_APPLY


@pytest.mark.parametrize(
    "full, posts, verdict", [(6, 0, Verdict.DOES_NOT_APPLY), (7, 2, Verdict.BROKEN), (7, 3, Verdict.HOLDS)]
)
def test_seven_full_members_elect_a_committee(full, posts, verdict):
    figures = {"full_members": full, "committee_posts": posts}
    assert judge(_rule("branch-committee"), "branch", figures).verdict is verdict


def test_a_rule_does_not_hold_before_its_day():
    assert "branch-full-members" not in {r.id for r in rules_in_force(area="510113", on=date(2018, 10, 27))}


def test_the_smallest_area_sets_a_local_value_and_never_a_must():
    overrides = [Override("group-members", "510113002", 5, "镇"), Override("group-members", "510113", 4, "区"),
                 Override("branch-full-members", "510113", 1, "区")]  # fmt: skip
    assert _rule("group-members", overrides=overrides).value == 4
    assert _rule("group-members", area="510113002002", overrides=overrides).value == 5
    assert _rule("branch-full-members", overrides=overrides).value == 3


@pytest.mark.django_db
def test_a_district_sets_a_value_with_its_source():
    keeper = a_user(Duty.SET_RULES)
    set_local_value(
        "group-members", area=DISTRICT, value=4, source="区委组织部〔2018〕1号", since=ON, by=keeper, at=MONDAY
    )
    assert [(o.area, o.value) for o in overrides_on(ON)] == [("510113", 4)]
    set_local_value(
        "group-members", area=DISTRICT, value=5, source="新文件", since=date(2020, 1, 1), by=keeper, at=MONDAY
    )
    assert [o.value for o in overrides_on(ON)] == [4]
    assert [o.value for o in overrides_on(date(2020, 1, 1))] == [5]


@pytest.mark.django_db
def test_a_must_and_a_value_without_a_source_are_refused():
    keeper = a_user(Duty.SET_RULES)
    must = next(r.id for r in pack() if r.force is Force.MUST)
    with pytest.raises(CannotOverride):
        set_local_value(must, area=DISTRICT, value=1, source="x", since=ON, by=keeper, at=MONDAY)
    with pytest.raises(BadInput):
        set_local_value("group-members", area=DISTRICT, value=1, source=" ", since=ON, by=keeper, at=MONDAY)
