"""Compacts: only what was voted on and filed is in force, each refusal names what is missing, support is for just these words."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.balloting import DAY, owners
from tests.systems.governance.compacting import (
    PUT_TO_VOTE,
    TEXT,
    a_keeper,
    at_vote,
    begun,
    enacted,
    filing,
    open_vote,
    voted,
)
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.ballots.casting import cast
from weiduan.systems.governance.ballots.closing import annul, close, make_final
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import Draft, draft, note_reached, open_ballot, redraft, set_roll
from weiduan.systems.governance.compacts.actions import (
    ChangedMeanwhile,
    Facts,
    Lacking,
    NotNow,
    attach_ballot,
    begin_compact,
    begin_revision,
    edit,
    move_on,
)
from weiduan.systems.governance.compacts.models import Compact, Version
from weiduan.systems.governance.compacts.queries import (
    ballots_offered,
    compacts_for,
    differences,
    in_force,
    is_about,
    missing_for,
    standings,
)
from weiduan.systems.governance.compacts.rules import NEXT, UNDER_WAY, Stage, hash_of, is_way

pytestmark = pytest.mark.django_db(transaction=True)
RECEIPT = "receipt-of-a-supporter-22"
TODAY = local_day(MONDAY)


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def lacking(version: Version, to: Stage, facts: Facts | None = None, *, by, at=MONDAY) -> list[str]:
    """Return what a move is refused for; the version stays where it is."""
    with pytest.raises(Lacking) as refused:
        move_on(version.pk, to, facts, by=by, at=at)
    before = version.stage
    version.refresh_from_db()
    assert version.stage == before and all(what in refused.value.message for what in refused.value.missing)
    return refused.value.missing


@pytest.mark.parametrize("stage", list(Stage))
def test_from_each_stage_one_goes_only_where_the_table_says(stage):
    """Nothing is missing but the way: a version as full of facts as one can be."""
    by = a_keeper()
    version = at_vote(by)
    final = voted(version, by)
    facts = {"reviewed_by": "司法所", "filed_number": "1号", "filed_on": TODAY, "in_force_from": local_day(final)}
    ballot = version.ballot_id if stage not in (Stage.OPINIONS, Stage.DRAFTING, Stage.REVIEW) else None
    for to in Stage:
        Version.objects.filter(pk=version.pk).update(stage=stage.value, ballot=ballot, **facts)
        decided = stage is Stage.VOTE and to in (Stage.DRAFTING, Stage.GIVEN_UP)
        if decided or (to is Stage.REPLACED and is_way(stage, to)):
            lacking(Version.objects.get(), to, by=by, at=final)
        elif is_way(stage, to):
            wish = PUT_TO_VOTE if to is Stage.VOTE else None
            assert move_on(version.pk, to, wish, by=by, at=final).stage == to.value
        else:
            with pytest.raises(NotNow):
                move_on(version.pk, to, PUT_TO_VOTE, by=by, at=final)
            assert Version.objects.get().stage == stage.value


def test_every_stage_but_the_last_two_leads_on_and_only_a_filing_leads_into_force():
    assert {stage for stage, ways in NEXT.items() if not ways} == {Stage.REPLACED, Stage.GIVEN_UP}
    assert [stage for stage, ways in NEXT.items() if Stage.IN_FORCE in ways] == [Stage.FILING]
    assert [stage for stage, ways in NEXT.items() if Stage.FILING in ways] == [Stage.VOTE]


def test_each_thing_missing_on_the_way_is_named_at_its_stage():
    by = a_keeper()
    version = move_on(begun(by, "").pk, Stage.DRAFTING, by=by, at=MONDAY)
    assert len(lacking(version, Stage.REVIEW, by=by)) == 1  # no text
    edit(version.pk, TEXT, by=by, at=MONDAY)
    version = move_on(version.pk, Stage.REVIEW, by=by, at=MONDAY)
    assert len(lacking(version, Stage.VOTE, by=by)) == 2  # nobody has looked at it, no vote
    assert len(lacking(version, Stage.VOTE, Facts(reviewed_by="司法所"), by=by)) == 1
    assert len(lacking(version, Stage.VOTE, Facts(procedure="households_unit"), by=by)) == 1
    assert not Ballot.objects.exists()  # what is refused leaves nothing behind
    version = move_on(version.pk, Stage.VOTE, PUT_TO_VOTE, by=by, at=MONDAY)
    assert version.ballot.text_hash == version.text_hash == hash_of("楼道公约", TEXT)

    assert len(lacking(version, Stage.FILING, by=by)) == 1  # it isn't final
    open_vote(version, by)
    assert len(lacking(version, Stage.FILING, by=by)) == 1
    close(version.ballot_id, by=by, at=MONDAY + 7 * DAY)
    assert len(lacking(version, Stage.FILING, by=by)) == 1
    annul(version.ballot_id, "通知有误", by=by, at=MONDAY + 7 * DAY)
    assert len(lacking(version, Stage.FILING, by=by)) == 1


def test_a_vote_that_did_not_pass_leads_back_to_the_table_and_never_to_the_filing():
    by = a_keeper()
    version = at_vote(by)
    final = voted(version, by, choice="no")
    assert len(lacking(version, Stage.FILING, by=by, at=final)) == 1
    back = move_on(version.pk, Stage.DRAFTING, by=by, at=final)
    assert back.ballot is None and back.reviewed_by == ""  # it was another text they looked at


def test_in_force_needs_the_filing_whole_and_days_that_can_be():
    by = a_keeper()
    version = at_vote(by)
    final = voted(version, by)
    version = move_on(version.pk, Stage.FILING, by=by, at=final)
    day = local_day(final)
    assert len(lacking(version, Stage.IN_FORCE, by=by, at=final)) == 3
    for wrong in (
        {"filed_number": ""}, {"filed_on": None}, {"filed_on": day + DAY}, {"in_force_from": None},
        {"in_force_from": TODAY},  # before the vote was closed
    ):  # fmt: skip
        facts = Facts(**({"filed_number": "1号", "filed_on": day, "in_force_from": day} | wrong))
        assert len(lacking(version, Stage.IN_FORCE, facts, by=by, at=final)) == 1
    with pytest.raises(BadInput):
        move_on(version.pk, Stage.IN_FORCE, Facts(filed_number="字" * 41), by=by, at=final)
    version = move_on(version.pk, Stage.IN_FORCE, filing(final), by=by, at=final)
    assert in_force(UNIT, on=day) == [] and in_force(UNIT, on=day + DAY) == [version]


def test_words_changed_past_us_after_the_vote_are_never_filed():
    by = a_keeper()
    version = at_vote(by)
    final = voted(version, by)
    Version.objects.filter(pk=version.pk).update(text="别的", text_hash=hash_of("楼道公约", "别的"))
    assert len(lacking(Version.objects.get(), Stage.FILING, by=by, at=final)) == 1


def test_a_ballot_is_bound_only_to_just_its_words_in_its_area_and_to_one_version():
    by = a_keeper()
    version = at_vote(by)
    same = Draft(title="楼道公约", text=TEXT.replace("\n", "\r\n"), procedure="households_unit")
    other = draft(UNIT, Draft(title="楼道公约", text="别的", procedure="households_unit"), by=by, at=MONDAY)
    choice = draft(UNIT, Draft("楼道公约", TEXT, "households_unit", options=("甲", "乙")), by=by, at=MONDAY)
    elsewhere = draft(VILLAGE, same, by=a_keeper(VILLAGE), at=MONDAY)
    for wrong in (other, choice, elsewhere):
        with pytest.raises(BadInput):
            attach_ballot(version.pk, wrong.pk, by=by, at=MONDAY)
    right = draft(UNIT, same, by=by, at=MONDAY)
    assert is_about(right, version) and right in ballots_offered(version)
    version = attach_ballot(version.pk, right.pk, by=by, at=MONDAY)
    assert version.ballot_id == right.pk

    second = begin_compact(UNIT, "compact", "楼道公约", TEXT, by=by, at=MONDAY)
    for stage in (Stage.DRAFTING, Stage.REVIEW):
        second = move_on(second.pk, stage, by=by, at=MONDAY)
    assert right not in ballots_offered(second)
    with pytest.raises(BadInput):  # or a text voted down could be carried by the vote on another version
        attach_ballot(second.pk, right.pk, by=by, at=MONDAY)

    open_vote(version, by)
    for deed in (
        lambda: attach_ballot(version.pk, right.pk, by=by, at=MONDAY),
        lambda: move_on(version.pk, Stage.DRAFTING, by=by, at=MONDAY),
        lambda: move_on(version.pk, Stage.GIVEN_UP, by=by, at=MONDAY),
    ):
        with pytest.raises(Lacking):  # a vote is under way
            deed()


def test_a_ballot_whose_words_were_changed_before_it_opened_carries_nothing():
    by = a_keeper()
    version = at_vote(by)
    redraft(version.ballot_id, Draft("楼道公约", "别的", "households_unit"), by=by, at=MONDAY)
    final = voted(version, by)
    assert len(lacking(version, Stage.FILING, by=by, at=final)) == 1


def test_a_text_too_long_to_vote_on_is_named():
    by = a_keeper()
    version = begun(by, "字" * 20_001)
    for stage in (Stage.DRAFTING, Stage.REVIEW):
        version = move_on(version.pk, stage, by=by, at=MONDAY)
    assert any("20000" in what for what in lacking(version, Stage.VOTE, PUT_TO_VOTE, by=by))
    with pytest.raises(BadInput):
        begun(by, "字" * 50_001)


def test_owners_own_rules_may_let_silence_carry_it():
    by = a_keeper()
    version = begun(by)
    for stage in (Stage.DRAFTING, Stage.REVIEW, Stage.VOTE):
        version = move_on(version.pk, stage, Facts(reviewed_by="司法所", procedure="owners_ordinary"), by=by, at=MONDAY)
    opens = MONDAY + 16 * DAY
    wanted = Draft("楼道公约", TEXT, "owners_ordinary", silence_follows="议事规则第十二条", announced_on=TODAY,
                   opens_at=opens, closes_at=opens + DAY)  # fmt: skip
    redraft(version.ballot_id, wanted, by=by, at=MONDAY)
    set_roll(version.ballot_id, owners(10), by=by, at=MONDAY)
    codes = open_ballot(version.ballot_id, by=by, at=opens)
    note_reached(version.ballot_id, range(1, 11), by=by, at=opens)
    for number in range(1, 5):  # by the letter too few take part
        cast(version.ballot_id, codes[number], "yes", at=opens)
    close(version.ballot_id, by=by, at=opens + DAY)
    make_final(at=opens + 8 * DAY)
    assert move_on(version.pk, Stage.FILING, by=by, at=opens + 8 * DAY).stage == "filing"


def test_the_next_version_replaces_the_one_before_on_its_day_and_not_earlier():
    by = a_keeper()
    first = enacted(by)
    assert standings([first.compact], on=first.in_force_from)[0].under_way is None
    second = begin_revision(first.compact_id, by=by, at=MONDAY + 15 * DAY)
    assert (second.number, second.text, second.stage) == (2, TEXT, "opinions")
    with pytest.raises(NotNow):
        begin_revision(first.compact_id, by=by, at=MONDAY + 15 * DAY)
    edit(second.pk, TEXT + "\n第三条 电动车停在棚里。", by=by, at=MONDAY + 15 * DAY)
    second = enacted(by, version=second, at=MONDAY + 15 * DAY)
    first.refresh_from_db()
    assert (first.stage, first.in_force_until) == ("replaced", second.in_force_from)
    for on, holds in (
        (first.in_force_from, first),
        (second.in_force_from - DAY, first),
        (second.in_force_from, second),
    ):
        assert in_force(UNIT, on=on) == [holds]
        assert standings([first.compact], on=on)[0].in_force == holds
    assert Entry.objects.filter(what="compact.replaced").count() == 1


def test_a_version_cannot_begin_before_the_one_it_replaces():
    by = a_keeper()
    first = enacted(by)
    far = first.in_force_from + timedelta(days=300)
    Version.objects.filter(pk=first.pk).update(in_force_from=far)
    second = at_vote(by, version=begin_revision(first.compact_id, by=by, at=MONDAY), at=MONDAY)
    final = voted(second, by)
    second = move_on(second.pk, Stage.FILING, by=by, at=final)
    assert len(lacking(second, Stage.IN_FORCE, filing(final), by=by, at=final)) == 1


def test_given_up_a_compact_may_be_begun_anew_from_its_last_words():
    by = a_keeper()
    version = begun(by)
    move_on(version.pk, Stage.GIVEN_UP, by=by, at=MONDAY)
    again = begin_revision(version.compact_id, by=by, at=MONDAY)
    assert (again.number, again.text) == (2, TEXT)
    answers = at_once(lambda _n: begin_revision(begun(by).compact_id, by=by, at=MONDAY), 1)
    assert isinstance(answers[0], NotNow)


def test_begun_moved_and_revised_at_once_there_is_one_of_it():
    by = a_keeper()
    version = begun(by)
    answers = at_once(lambda _n: move_on(version.pk, Stage.GIVEN_UP, by=by, at=MONDAY), 8)
    assert sum(isinstance(one, Version) for one in answers) == 1
    answers = at_once(lambda _n: begin_revision(version.compact_id, by=by, at=MONDAY), 8)
    assert sum(isinstance(one, Version) for one in answers) == 1
    assert Version.objects.filter(stage__in=[stage.value for stage in UNDER_WAY]).count() == 1


def test_only_who_keeps_governance_there_does_any_of_it_and_the_ledger_holds_no_words():
    by = a_keeper()
    version = begun(by)
    deeds = (
        lambda by: begin_compact(UNIT, "compact", "公约", TEXT, by=by, at=MONDAY),
        lambda by: edit(version.pk, "改", by=by, at=MONDAY),
        lambda by: move_on(version.pk, Stage.DRAFTING, by=by, at=MONDAY),
        lambda by: begin_revision(version.compact_id, by=by, at=MONDAY),
    )
    for deed in deeds:
        with pytest.raises(NotFound):
            deed(a_keeper(OTHER_VILLAGE))
        with pytest.raises(NotAllowed):
            deed(a_user(Duty.LOOK, area=UNIT))
    for kind, title in (("none", "公约"), ("compact", " "), ("compact", "字" * 61)):
        with pytest.raises(BadInput):
            begin_compact(UNIT, kind, title, TEXT, by=by, at=MONDAY)
    assert list(compacts_for(UNIT, on=TODAY)) == [Compact.objects.get()]
    told = " ".join(
        str(row) for row in Entry.objects.filter(what__startswith="compact.").values_list("before", "after")
    )
    assert "楼道" not in told


LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), max_size=6), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=LINES, new=LINES)
def test_from_the_differences_both_texts_can_be_read_again(old, new):
    rows = differences("\n".join(old), "\n".join(new))
    assert [line for tag, line in rows if tag != "in"] == "\n".join(old).splitlines()
    assert [line for tag, line in rows if tag != "out"] == "\n".join(new).splitlines()


def test_missing_for_says_nothing_about_a_stage_that_asks_for_nothing():
    version = begun(a_keeper())
    assert missing_for(version, Stage.OPINIONS, on=date(2018, 11, 5)) == []


def test_of_two_who_change_the_same_words_the_second_is_told_and_nothing_is_written_over():
    keeper = a_keeper()
    version = begun(keeper)
    seen = version.text_hash
    edit(version.pk, TEXT + "\n第三条 甲写的。", seen=seen, by=keeper, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        edit(version.pk, TEXT + "\n第三条 乙写的。", seen=seen, by=keeper, at=MONDAY)
    version.refresh_from_db()
    assert "甲写的" in version.text
