"""The law of a report: every move from every state, by everybody, in one matrix."""

import itertools

import pytest

from tests.builders import DISTRICT, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, RECEIPT, UNIT, a_handler, a_village, told
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.handling import NotNow
from weiduan.systems.governance.reports.models import Report, Step
from weiduan.systems.governance.reports.rules import CLOSED, LAW, OPEN, TO_HANDLE, Move, State, Who, may, moves_from

# Written down by hand beside the law: from each state, what its handler and whoever told it may do, and what the clock does.
HANDLERS = {
    State.FILED: "accept begin hand_up hand_over join not_ours",
    State.ACCEPTED: "begin answer hand_up hand_over join not_ours pause resume",
    State.IN_HAND: "answer hand_up hand_over join pause resume", State.DISPUTED: "begin answer hand_up hand_over join pause resume",
}  # fmt: skip
REPORTERS = {
    State.FILED: "withdraw", State.ACCEPTED: "withdraw", State.IN_HAND: "withdraw", State.DISPUTED: "withdraw",
    State.ANSWERED: "confirm dispute withdraw", State.CONFIRMED: "reopen", State.NO_WORD: "reopen",
}  # fmt: skip
CLOCKS = {State.ANSWERED: "lapse"}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize(("who", "table"), [(Who.HANDLER, HANDLERS), (Who.REPORTER, REPORTERS), (Who.CLOCK, CLOCKS)])
def test_the_law_says_just_what_is_written_here(state, who, table):
    assert {move.value for move in moves_from(state, who)} == set(table.get(state, "").split())


def test_every_state_is_open_or_closed_and_only_closed_ones_lead_nowhere_by_themselves():
    assert set(OPEN) | set(CLOSED) == {s.value for s in State} and not set(OPEN) & set(CLOSED)
    assert set(TO_HANDLE) == set(OPEN) - {"answered"}
    for state, who in itertools.product(State, (Who.HANDLER, Who.CLOCK)):
        assert not moves_from(state, who) or state.value in OPEN


@pytest.fixture
def world(db):
    a_village()
    return told(), told("another-receipt-of-22-xx", area=NEXT_UNIT), a_handler()


def _put(report: Report, state: State, other: Report) -> None:
    """Put a report into a state as the database allows it."""
    answered = state in (State.ANSWERED, State.CONFIRMED, State.NO_WORD)
    Report.objects.filter(pk=report.pk).update(
        state=state.value, closed_at=MONDAY if state.value in CLOSED else None, answer="已清理" if answered else "",
        answered_at=MONDAY if answered else None, joined_to=other if state is State.JOINED else None,
    )  # fmt: skip


def _deed(move: Move, report: Report, other: Report, by):
    at = {"at": MONDAY}
    staff = {"by": by, **at}
    return {
        Move.ACCEPT: lambda: handling.accept(report.pk, **staff), Move.BEGIN: lambda: handling.begin(report.pk, **staff),
        Move.ANSWER: lambda: handling.answer(report.pk, "已拖离", **staff),
        Move.HAND_UP: lambda: handling.hand_up(report.pk, "需要镇街", **staff),
        Move.HAND_OVER: lambda: handling.hand_over(report.pk, OTHER_VILLAGE, "在那边", **staff),
        Move.JOIN: lambda: handling.join(report.pk, other.pk, **staff),
        Move.NOT_OURS: lambda: handling.not_ours(report.pk, "请找自来水公司", **staff),
        Move.PAUSE: lambda: handling.pause(report.pk, "等配件", **staff), Move.RESUME: lambda: handling.resume(report.pk, **staff),
        Move.CONFIRM: lambda: reporting.confirm(RECEIPT, **at), Move.DISPUTE: lambda: reporting.dispute(RECEIPT, "还在", **at),
        Move.REOPEN: lambda: reporting.dispute(RECEIPT, "又来了", **at), Move.WITHDRAW: lambda: reporting.withdraw(RECEIPT, **at),
        Move.LAPSE: lambda: reporting.lapse(at=MONDAY + reporting.WORD_WITHIN),
    }[move]  # fmt: skip


@pytest.mark.parametrize("move", [m for m in Move if m is not Move.LAPSE])
@pytest.mark.parametrize("state", State)
def test_each_move_is_made_or_refused_as_the_law_says_and_refused_it_changes_nothing(world, state, move):
    report, other, handler = world
    _put(report, state, other)
    if move is Move.RESUME:
        Report.objects.filter(pk=report.pk).update(paused_at=MONDAY)
    allowed = may(move, state, LAW[move].who)
    if move in (Move.DISPUTE, Move.REOPEN):  # one button: it opens again what is closed
        allowed = may(Move.DISPUTE, state, Who.REPORTER) or may(Move.REOPEN, state, Who.REPORTER)
    steps = Step.objects.count()
    deed = _deed(move, report, other, handler)
    if not allowed:
        with pytest.raises(NotNow):
            deed()
        report.refresh_from_db()
        assert (report.state, Step.objects.count()) == (state.value, steps)
        return
    deed()
    report.refresh_from_db()
    wanted = LAW[move].after
    if move in (Move.DISPUTE, Move.REOPEN):
        wanted = State.DISPUTED
    assert report.state == (state if wanted is None else wanted).value
    assert Step.objects.count() == steps + 1


@pytest.mark.parametrize("move", [m for m in Move if LAW[m].who is Who.HANDLER])
def test_nobody_but_who_has_it_in_hand_can_move_it_and_they_hear_nothing_of_it(world, move):
    report, other, _handler = world
    for stranger in (
        a_user(Duty.LOOK, area=DISTRICT), a_user(Duty.KEEP_ORGANISATION, area=VILLAGE),
        a_user(Duty.HANDLE_REPORTS, area=OTHER_VILLAGE), a_user(Duty.HANDLE_REPORTS, area=VILLAGE + "002"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            _deed(move, report, other, stranger)()
    for able in (a_handler(UNIT[:15]), a_handler(VILLAGE), a_handler(DISTRICT)):
        _put(report, next(iter(sorted(LAW[move].before))), other)
        Report.objects.filter(pk=report.pk).update(paused_at=MONDAY if move is Move.RESUME else None)
        _deed(move, report, other, able)()
        Report.objects.filter(pk=report.pk).update(handler=Report.objects.get(pk=other.pk).handler_id)


@pytest.mark.parametrize("move", [m for m in Move if LAW[m].who is Who.REPORTER])
def test_without_the_receipt_nothing_of_the_reporters_can_be_done(world, move):
    for receipt in ("", "x" * 24, "another-receipt-of-22-xy"):
        with pytest.raises(NotFound):
            deed = {Move.CONFIRM: reporting.confirm, Move.WITHDRAW: reporting.withdraw}.get(move)
            deed(receipt, at=MONDAY) if deed else reporting.dispute(receipt, "还在", at=MONDAY)


@pytest.mark.parametrize("move", [m for m in Move if LAW[m].needs_words])
def test_what_somebody_will_read_needs_words(world, move):
    report, other, by = world
    before = sorted(LAW[move].before)[0]
    _put(report, before, other)
    for words in (" ", "字" * 1001):
        wordless = {
            Move.ANSWER: lambda w=words: handling.answer(report.pk, w, by=by, at=MONDAY),
            Move.HAND_UP: lambda w=words: handling.hand_up(report.pk, w, by=by, at=MONDAY),
            Move.HAND_OVER: lambda w=words: handling.hand_over(report.pk, OTHER_VILLAGE, w, by=by, at=MONDAY),
            Move.NOT_OURS: lambda w=words: handling.not_ours(report.pk, w, by=by, at=MONDAY),
            Move.PAUSE: lambda w=words: handling.pause(report.pk, w, by=by, at=MONDAY),
            Move.DISPUTE: lambda w=words: reporting.dispute(RECEIPT, w, at=MONDAY),
            Move.REOPEN: lambda w=words: reporting.dispute(RECEIPT, w, at=MONDAY),
        }[move]
        with pytest.raises(BadInput):
            wordless()
    assert not Step.objects.filter(report=report).exists()


def test_a_grids_matter_goes_up_to_the_village_the_town_and_the_district_and_no_further(world):
    report, _other, _by = world
    district = a_handler(DISTRICT)
    seats = []
    for _level in range(3):
        handling.hand_up(report.pk, "请上级协调", by=district, at=MONDAY)
        seats.append(handling._code(Report.objects.get(pk=report.pk).handler_id, MONDAY))
    assert seats == [VILLAGE, VILLAGE[:9] + "000", DISTRICT]
    with pytest.raises(Refused):
        handling.hand_up(report.pk, "再往上", by=district, at=MONDAY)
