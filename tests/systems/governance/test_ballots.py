"""A ballot from its draft to its last day: what keeps it from opening, each right used once, one count that anyone can check."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import MONDAY, OTHER_VILLAGE, a_user
from tests.systems.governance.balloting import CLOSES, DAY, OPENS, a_ballot, a_keeper, asked, opened, owners
from tests.systems.governance.matters import UNIT, a_village
from tests.systems.governance.test_erasing import everything
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.governance.ballots.casting import PaperDiffers, cast, enter_paper, hand_out_paper
from weiduan.systems.governance.ballots.closing import (
    RollWasChanged,
    annul,
    answer_objection,
    close,
    close_those_over,
    forget_rolls,
    make_final,
    object_to,
)
from weiduan.systems.governance.ballots.counting import Weight, add_up
from weiduan.systems.governance.ballots.importing import Sums, import_result
from weiduan.systems.governance.ballots.merkle import leaf_hash, root_of
from weiduan.systems.governance.ballots.models import Ballot, Objection, RightHolder, Urn
from weiduan.systems.governance.ballots.preparing import (
    NotNow,
    NotReady,
    RollIsWrong,
    blockers,
    draft,
    new_code_for,
    note_reached,
    open_ballot,
    redraft,
    set_roll,
)
from weiduan.systems.governance.ballots.publishing import published
from weiduan.systems.governance.ballots.queries import public_ballots, turnout_of
from weiduan.systems.governance.ballots.rolls import Line
from weiduan.systems.governance.ballots.verifying import faults_of

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = {"procedure": "households_unit", "is_secret": True}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def households(count: int) -> list[Line]:
    return [Line(part=f"{n}户", names=f"户主{n}") for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"text": ""}, "no_text"), ({"options": ("甲",)}, "one_option"), ({"options": ("甲", "乙"), "most": 2}, "too_many_chosen"),
        ({"is_secret": True}, "secret_by_area"), ({"procedure": "owners_committee", "is_secret": True}, "not_secret"),
        ({"procedure": "owners_committee", "silence_follows": "第九条"}, "silence"), ({"opens_at": None}, "no_time"),
        ({"closes_at": OPENS - DAY}, "backwards"), ({"closes_at": MONDAY, "opens_at": MONDAY - DAY}, "is_over"),
        ({"announced_on": None}, "not_announced"), ({"opens_at": MONDAY + 14 * DAY}, "too_soon"),
    ],
)  # fmt: skip
def test_each_thing_that_keeps_a_ballot_from_opening_is_named_with_its_fix(wanted, code):
    a_village()
    by = a_keeper()
    ballot = draft(UNIT, asked(**wanted), by=by, at=MONDAY)
    found = blockers(ballot, at=MONDAY)
    assert {"no_roll", code} <= {one.code for one in found} and all(one.what and one.fix for one in found)
    with pytest.raises(NotReady) as refused:
        open_ballot(ballot.pk, by=by, at=MONDAY)
    assert all(one.what in refused.value.message for one in found)
    ballot.refresh_from_db()
    assert ballot.state == "draft"


def test_nothing_stands_in_the_way_of_one_that_is_ready_and_an_area_that_is_missing_does():
    a_village()
    ballot = a_ballot()
    assert blockers(ballot, at=OPENS) == []
    RightHolder.objects.filter(ballot=ballot, number=1).update(area=0)
    assert [one.code for one in blockers(ballot, at=OPENS)] == ["no_area"]


def test_only_who_keeps_governance_there_prepares_and_a_wrong_list_changes_nothing():
    a_village()
    for stranger, refusal in ((a_user(Duty.LOOK, area=UNIT), NotAllowed), (a_keeper(OTHER_VILLAGE), NotFound)):
        with pytest.raises(refusal):
            draft(UNIT, asked(), by=stranger, at=MONDAY)
    by = a_keeper()
    ballot = a_ballot(by=by)
    with pytest.raises(RollIsWrong) as wrong:
        set_roll(ballot.pk, [Line(part="1", area="x", names="张三")], by=by, at=MONDAY)
    assert [m.row for m in wrong.value.mistakes] == [1] and ballot.right_holders.count() == 3
    for bad in (
        {"title": " "},
        {"procedure": "none"},
        {"options": ("甲", "甲")},
        {"options": tuple(map(str, range(21)))},
    ):
        with pytest.raises(BadInput):
            redraft(ballot.pk, asked(**bad), by=by, at=MONDAY)
    with pytest.raises(BadInput):
        redraft(ballot.pk, asked("households_unit"), by=by, at=MONDAY)


def test_opened_neither_text_nor_roll_can_change_and_a_roll_changed_past_us_is_not_counted():
    ballot, codes, by = opened()
    for change in (
        lambda: redraft(ballot.pk, asked(text="另一个"), by=by, at=OPENS),
        lambda: set_roll(ballot.pk, owners(5), by=by, at=OPENS),
        lambda: open_ballot(ballot.pk, by=by, at=OPENS),
    ):
        with pytest.raises(NotNow):
            change()
    cast(ballot.pk, codes[1], "yes", at=OPENS)
    RightHolder.objects.filter(ballot=ballot, number=2).update(area=1)
    with pytest.raises(RollWasChanged):
        close(ballot.pk, by=by, at=CLOSES)
    ballot.refresh_from_db()
    assert ballot.state == "open" and Urn.objects.filter(ballot=ballot).exists()


def test_a_right_is_used_once_and_asking_again_brings_the_receipt_of_the_vote_that_counts():
    ballot, codes, by = opened()
    first = cast(ballot.pk, codes[1], "yes", at=OPENS)
    gaps = "-".join(codes[1].lower()[i : i + 4] for i in range(0, 16, 4))
    for again in (cast(ballot.pk, gaps, "yes", at=OPENS), cast(ballot.pk, codes[1], "no", at=OPENS + DAY)):
        assert again.was_in and again.receipt == first.receipt
    with pytest.raises(NotFound):
        cast(ballot.pk, "2" * 16, "yes", at=OPENS)
    with pytest.raises(BadInput):
        cast(ballot.pk, codes[2], "maybe", at=OPENS)
    for at in (OPENS - timedelta(seconds=1), CLOSES, CLOSES + DAY):
        with pytest.raises(NotNow):
            cast(ballot.pk, codes[2], "yes", at=at)
    close(ballot.pk, by=by, at=CLOSES)
    assert cast(ballot.pk, codes[1], "no", at=CLOSES + DAY).receipt == first.receipt
    with pytest.raises(NotNow):
        cast(ballot.pk, codes[2], "yes", at=CLOSES + DAY)
    assert ballot.count.sums["choices"] == {"yes": [1, 10_000]}


def test_another_code_makes_the_lost_one_useless_and_a_used_right_gets_none():
    ballot, codes, by = opened()
    fresh = new_code_for(ballot.pk, 1, by=by, at=OPENS)
    with pytest.raises(NotFound):
        cast(ballot.pk, codes[1], "yes", at=OPENS)
    assert not cast(ballot.pk, fresh, "yes", at=OPENS).was_in
    with pytest.raises(NotNow):
        new_code_for(ballot.pk, 1, by=by, at=OPENS)
    with pytest.raises(NotFound):
        new_code_for(ballot.pk, 99, by=by, at=OPENS)


def test_a_paper_counts_when_two_people_read_the_same_and_can_be_put_right_before():
    ballot, _codes, by = opened()
    other = a_keeper()
    assert enter_paper(ballot.pk, 2, "yes", by=by, at=OPENS) is None
    assert enter_paper(ballot.pk, 2, "no", by=by, at=OPENS) is None  # one person alone never makes a vote
    with pytest.raises(PaperDiffers):
        enter_paper(ballot.pk, 2, "yes", by=other, at=OPENS)


def test_papers_that_agree_are_cast_once_by_name():
    ballot, codes, by = opened()
    other = a_keeper()
    enter_paper(ballot.pk, 2, "no", by=by, at=OPENS)
    done = enter_paper(ballot.pk, 2, "no", by=other, at=OPENS)
    assert done is not None
    for by_whom in (by, other):
        with pytest.raises(NotNow):
            enter_paper(ballot.pk, 2, "yes", by=by_whom, at=OPENS)
    with pytest.raises(NotNow):
        cast(ballot.pk, codes[2], "yes", at=OPENS)
    with pytest.raises(NotFound):
        enter_paper(ballot.pk, 9, "no", by=by, at=OPENS)
    cast(ballot.pk, codes[1], "yes", at=OPENS)
    close(ballot.pk, by=by, at=CLOSES)
    assert ballot.count.sums["choices"] == {"yes": [1, 10_000], "no": [1, 10_000]}
    assert done.receipt in {leaf_hash(leaf.encode()) for leaf in ballot.count.leaves}


def test_secret_papers_are_no_more_than_were_handed_out_and_take_the_code_away():
    ballot, codes, by = opened(households(4), **SECRET)
    other = a_keeper()
    hand_out_paper(ballot.pk, 1, by=by, at=OPENS)
    with pytest.raises(NotNow):
        cast(ballot.pk, codes[1], "yes", at=OPENS)
    with pytest.raises(NotNow):
        hand_out_paper(ballot.pk, 1, by=by, at=OPENS)
    for by_whom in (by, other):
        enter_paper(ballot.pk, 1, "yes", by=by_whom, at=OPENS)
    with pytest.raises(NotNow):
        enter_paper(ballot.pk, 1, "yes", by=by, at=OPENS)
    with pytest.raises(NotFound):
        enter_paper(ballot.pk, 2, "yes", by=by, at=OPENS)
    cast(ballot.pk, codes[2], "no", at=OPENS)
    close(ballot.pk, by=by, at=CLOSES)
    assert ballot.count.sums["choices"] == {"yes": [1, 0], "no": [1, 0]}


def test_while_it_is_open_everyone_sees_how_many_are_missing_on_both_bases_and_nothing_of_the_votes():
    ballot, codes, _by = opened(owners(9))
    for number in range(1, 6):
        cast(ballot.pk, codes[number], "yes", at=OPENS)
    standing = turnout_of(ballot)
    assert (standing.heads.part, standing.heads.part_needed, standing.area.part_needed) == (5, 6, 60_000)
    kept = everything()
    assert b'"choice"' not in kept and b"abstain" not in kept
    assert list(public_ballots(UNIT, at=OPENS)) == [ballot]


def test_the_whole_way_to_the_last_day_with_silence_an_objection_and_a_roll_that_is_forgotten():
    ballot, codes, by = opened(owners(10), silence_follows="议事规则第十二条")
    note_reached(ballot.pk, range(1, 10), by=by, at=OPENS)
    for number in range(1, 6):
        cast(ballot.pk, codes[number], "yes" if number < 5 else "no", at=OPENS)
    assert close_those_over(at=CLOSES) == 1 and close_those_over(at=CLOSES) == 0
    ballot.refresh_from_db()
    told = published(ballot)
    assert told["outcome"]["literal"]["valid"] is False and told["outcome"]["silence_counted"]["passed"] is True
    assert told["sums"]["silent"] == [4, 40_000]

    receipt = "receipt-of-one-who-objects"
    objection = object_to(ballot.pk, "我没有收到通知", receipt, at=CLOSES + DAY)
    assert object_to(ballot.pk, "我没有收到通知", receipt, at=CLOSES + DAY).pk == objection.pk
    assert "我没有".encode() not in everything()
    assert make_final(at=CLOSES + 8 * DAY) == 0  # it isn't answered
    answer_objection(ballot.pk, objection.pk, "通知已张贴并有照片", upheld=False, by=by, at=CLOSES + 2 * DAY)
    with pytest.raises(NotNow):
        answer_objection(ballot.pk, objection.pk, "再答", upheld=True, by=by, at=CLOSES + 2 * DAY)
    assert make_final(at=CLOSES + 8 * DAY) == 1
    with pytest.raises(NotNow):
        object_to(ballot.pk, "太晚了", "receipt-of-one-who-is-late", at=CLOSES + 8 * DAY)

    assert forget_rolls(at=CLOSES + 364 * DAY) == 0 and forget_rolls(at=CLOSES + 365 * DAY) == 1
    assert forget_rolls(at=CLOSES + 366 * DAY) == 0
    assert not any(bytes(sealed) for sealed in RightHolder.objects.values_list("sealed", flat=True))
    ballot.refresh_from_db()
    assert published(ballot) == told and faults_of(json.loads(json.dumps(told))) == []
    assert list(breaks()) == [] and Entry.objects.filter(what="ballot.closed").count() == 1


def test_an_objection_that_is_upheld_annuls_it():
    ballot, _codes, by = opened()
    close(ballot.pk, by=by, at=CLOSES)
    objection = object_to(ballot.pk, "名册漏了人", "receipt-of-one-who-objects", at=CLOSES)
    answer_objection(ballot.pk, objection.pk, "属实", upheld=True, by=by, at=CLOSES)
    ballot.refresh_from_db()
    assert ballot.state == "annulled" and Objection.objects.get().is_upheld
    with pytest.raises(NotNow):
        annul(ballot.pk, "又一次", by=by, at=CLOSES)


def test_an_open_one_is_annulled_with_a_reason_and_its_votes_are_gone():
    ballot, codes, by = opened()
    cast(ballot.pk, codes[1], "yes", at=OPENS)
    with pytest.raises(BadInput):
        annul(ballot.pk, " ", by=by, at=OPENS)
    annul(ballot.pk, "通知有误，重新来过", by=by, at=OPENS)
    assert not Urn.objects.exists()
    with pytest.raises(NotNow):
        cast(ballot.pk, codes[2], "yes", at=OPENS)


def test_one_that_is_still_a_draft_can_be_annulled_too():
    a_village()
    ballot = a_ballot()
    annul(ballot.pk, "改为议事决定", by="test", at=OPENS)
    ballot.refresh_from_db()
    assert (ballot.state, ballot.annulled_because) == ("annulled", "改为议事决定")


def a_published(**more) -> tuple[dict, str]:
    """Return a published ballot, as it comes out of the file, and one receipt."""
    ballot, codes, by = opened(owners(9), **more)
    receipt = cast(ballot.pk, codes[1], "yes", at=OPENS).receipt
    for number in range(2, 8):
        cast(ballot.pk, codes[number], ("yes", "no", "abstain")[number % 3], at=OPENS)
    close(ballot.pk, by=by, at=CLOSES)
    return json.loads(json.dumps(published(Ballot.objects.get(pk=ballot.pk)))), receipt


def rooted(told: dict) -> dict:
    """Whoever forges votes will make the root anew, too."""
    return told | {"root": root_of(leaf_hash(vote.encode()) for vote in told["votes"])}


def test_with_the_file_anyone_checks_root_count_outcome_and_the_own_receipt():
    told, receipt = a_published()
    assert faults_of(told, receipt=receipt, root=told["root"]) == []
    assert len(faults_of(told, receipt="0" * 64)) == len(faults_of(told, root="0" * 64)) == 1


def test_whatever_is_changed_added_or_taken_out_is_found():
    told, _receipt = a_published()
    forged = []
    for n in range(len(told["votes"])):
        turned = deepcopy(told)
        vote = json.loads(turned["votes"][n])
        turned["votes"][n] = json.dumps(vote | {"choice": "no" if vote["choice"] != "no" else "yes"}, sort_keys=True)
        forged += [turned, told | {"votes": told["votes"][:n] + told["votes"][n + 1 :]}]
    extra = json.dumps(json.loads(told["votes"][0]) | {"number": 9, "salt": "00"}, sort_keys=True)
    forged += [told | {"votes": [*told["votes"], extra]}, told | {"votes": [*told["votes"], told["votes"][0]]}]
    for each in forged:
        assert faults_of(each) and faults_of(rooted(each)), "the root made anew hides it"
        assert faults_of(rooted(each), root=told["root"])
    for key, value in (
        ("text", "另一个问题"), ("title", "x"), ("root", "0" * 64), ("outcome", {}), ("is_secret", "x"), ("format", "other"),
        ("sums", told["sums"] | {"voted": [9, 90_000]}), ("roll", told["roll"] | {"heads": 8}), ("votes", "x"), ("procedure", {}),
    ):  # fmt: skip
        assert faults_of(told | {key: value})
    lowered = replace_rule(told)
    assert faults_of(lowered)
    for nothing in ({}, [], None, "x", 7):
        assert faults_of(nothing)


def replace_rule(told: dict) -> dict:
    """Say that less was needed."""
    return told | {"procedure": told["procedure"] | {"part": {"over": 1, "under": 9, "strict": False}}}


def test_a_choice_among_options_is_added_up_for_each():
    options = ("图书角", "儿童乐园", "健身区")
    ballot, codes, by = opened(households(5), procedure="households_unit", is_secret=True, options=options, most=2)
    for number, choice in enumerate(("1,2", "2", "2,3", "abstain"), start=1):
        cast(ballot.pk, codes[number], choice, at=OPENS)
    close(ballot.pk, by=by, at=CLOSES)
    assert ballot.count.sums["choices"] == {"1": [1, 0], "2": [3, 0], "3": [1, 0], "abstain": [1, 0]}
    assert faults_of(json.loads(json.dumps(published(ballot)))) == []


def test_a_result_counted_elsewhere_is_taken_over_marked_judged_and_open_to_objections():
    a_village()
    by = a_keeper()
    wanted = replace(asked(silence_follows="议事规则第九条"), opens_at=None, closes_at=None)
    sums = Sums(Weight(100, 10_000), Weight(48, 4_800), Weight(6, 600), silent=Weight(46, 4_600))
    how = {"platform": "市业主决策平台", "closed_at": MONDAY, "by": by, "at": MONDAY + DAY}
    ballot = import_result(UNIT, wanted, sums, **how)
    told = json.loads(json.dumps(published(ballot)))
    assert (ballot.state, ballot.imported_from) == ("closed", "市业主决策平台")
    assert not told["outcome"]["literal"]["valid"] and told["outcome"]["silence_counted"]["passed"]
    assert faults_of(told) == [] and faults_of(told | {"sums": told["sums"] | {"choices": {}}})
    object_to(ballot.pk, "数字不对", "receipt-of-one-who-objects", at=MONDAY + 2 * DAY)
    for wrong, more in (
        (replace(sums, yes=Weight(95, 4_800)), {}), (replace(sums, whole=Weight(0, 0)), {}), (replace(sums, whole=Weight(100, 0)), {}),
        (sums, {"platform": " "}), (sums, {"closed_at": MONDAY + 9 * DAY}),
    ):  # fmt: skip
        with pytest.raises(BadInput):
            import_result(UNIT, wanted, wrong, **(how | more))
    with pytest.raises(BadInput):
        import_result(UNIT, replace(wanted, options=("甲", "乙")), sums, **how)


def test_votes_that_could_not_be_cast_are_found_even_where_root_and_sums_were_made_to_fit():
    told, _receipt = a_published()
    votes = [json.loads(vote) for vote in told["votes"]]
    votes[0]["choice"] = "yes,yes"
    forged = [json.dumps(vote, sort_keys=True, separators=(",", ":")) for vote in votes]
    fitted = rooted(told | {"votes": forged}) | {"sums": told["sums"] | add_up(votes)}
    assert any("couldn't be chosen" in fault for fault in faults_of(fitted))


def test_one_that_can_not_be_counted_keeps_no_other_from_being_counted():
    ballot, _codes, by = opened()
    other = a_ballot(by=by, title="另一个")
    open_ballot(other.pk, by=by, at=OPENS)
    RightHolder.objects.filter(ballot=min(ballot.pk, other.pk), number=1).update(area=1)
    assert close_those_over(at=CLOSES) == 1
    assert sorted(Ballot.objects.values_list("state", flat=True)) == ["closed", "open"]
