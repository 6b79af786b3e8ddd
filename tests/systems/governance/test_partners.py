"""Offers find the needs they fit, the nearest area first, and never bear more at a time than they can."""

import json
from datetime import date, timedelta
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.balloting import a_keeper
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from tests.systems.governance.talking import taken_up
from weiduan.ground.accounts.models import Mandate, User
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.governance.partners import actions
from weiduan.systems.governance.partners.actions import Facts, Needing, NotNow, Offering, UsedUp
from weiduan.systems.governance.partners.models import Agreement, Need, Offer, Partner
from weiduan.systems.governance.partners.queries import counts_in, matches, offers_for, partners_for
from weiduan.systems.governance.partners.rules import NEXT, Span, State, most_at_once

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
TODAY = local_day(MONDAY)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def facts(name: str = "区第一小学", **more) -> Facts:
    return Facts(
        **{"kind": "institution", "name": name, "post": "办公室主任", "telephone": "028-1", "since": TODAY} | more
    )


def a_partner(by: User, name: str = "区第一小学") -> Partner:
    return actions.keep_partner(VILLAGE, facts(name), by=by, at=MONDAY)


def an_offer(by: User, partner: Partner | None = None, **more) -> Offer:
    wish = {"sort": "room", "what": "周末借用多功能厅", "area": VILLAGE, "since": TODAY} | more
    return actions.offer((partner or a_partner(by)).pk, Offering(**wish), by=by, at=MONDAY)


def a_need(by: User, **more) -> Need:
    wish = {"sort": "room", "what": "议事会没有地方开", "since": TODAY} | more
    return actions.say_need(wish.pop("area", UNIT), Needing(**wish), by=by, at=MONDAY)


def proposed(by: User, need: Need, offer: Offer) -> Agreement:
    return actions.propose(need.pk, offer.pk, by=by, at=MONDAY)


spans = st.builds(
    lambda first, length: Span(TODAY + first * DAY, None if length is None else TODAY + (first + length) * DAY),
    st.integers(0, 20), st.none() | st.integers(1, 10),
)  # fmt: skip


@given(st.lists(spans, max_size=8), spans)
def test_the_fullest_day_is_the_one_counted_day_by_day(several, within):
    def on(day: date) -> int:
        return sum(span.meets(Span(day, day + DAY)) for span in several)

    days = [TODAY + n * DAY for n in range(60)]
    assert most_at_once(several, within) == max(on(day) for day in days if within.meets(Span(day, day + DAY)))


@given(spans, spans)
def test_what_two_spans_share_is_in_both(one, other):
    assert one.meets(other) == other.meets(one)
    if one.meets(other):
        shared = one.shared(other)
        assert shared == other.shared(one) and shared.lies_in(one) and shared.lies_in(other)


def test_offers_that_fit_come_the_nearest_area_first_and_others_not_at_all():
    a_village()
    by = a_keeper(VILLAGE)
    partner, need = a_partner(by), a_need(by, until=TODAY + 10 * DAY)
    district = a_keeper("510113000000")
    wide = actions.offer(
        actions.keep_partner("510113000000", facts("区图书馆"), by=district, at=MONDAY).pk,
        Offering("room", "分馆活动室", "510113000000", TODAY), by=district, at=MONDAY,
    )  # fmt: skip
    village, grid, unit = (an_offer(by, partner, area=area) for area in (VILLAGE, GRID, UNIT))
    for other in ({"sort": "money"}, {"area": NEXT_UNIT}, {"since": TODAY + 10 * DAY}):
        an_offer(by, partner, **other)
    found = matches(need, on=TODAY)
    assert [one.offer for one in found] == [unit, grid, village, wide]
    assert [one.is_own_area for one in found] == [True, False, False, False] and all(one.left == 1 for one in found)
    assert found[0].span == Span(TODAY, TODAY + 10 * DAY)
    assert len({one.depth for one in found}) == 4
    proposed(by, need, unit)
    assert [one.offer for one in matches(need, on=TODAY)] == [grid, village, wide]
    assert matches(need, on=TODAY + 10 * DAY) == []


def test_an_offer_that_is_used_up_fits_only_when_it_is_free_again():
    a_village()
    by = a_keeper(VILLAGE)
    offer = an_offer(by, capacity=1)
    first = a_need(by, until=TODAY + 5 * DAY)
    agreement = proposed(by, first, offer)
    actions.agree(agreement.pk, by=by, at=MONDAY)
    at_once_, later = a_need(by, until=TODAY + 3 * DAY), a_need(by, since=TODAY + 5 * DAY)
    assert matches(at_once_, on=TODAY) == [] and [one.offer for one in matches(later, on=TODAY)] == [offer]
    second = proposed(by, at_once_, offer)
    with pytest.raises(UsedUp):
        actions.agree(second.pk, by=by, at=MONDAY)
    actions.done(agreement.pk, "开了两次会", by=by, at=MONDAY)
    assert actions.agree(second.pk, by=by, at=MONDAY).state == "agreed"
    first.refresh_from_db()
    assert first.met_on == TODAY and matches(first, on=TODAY) == []


def test_agreed_by_twenty_at_once_the_offer_bears_no_more_than_it_can():
    a_village()
    by = a_keeper(VILLAGE)
    offer = an_offer(by, capacity=3)
    waiting = [proposed(by, a_need(by), offer) for _n in range(20)]
    answers = at_once(lambda n: actions.agree(waiting[n].pk, by=by, at=MONDAY), 20)
    assert sum(isinstance(answer, Agreement) for answer in answers) == 3
    assert {type(answer) for answer in answers if not isinstance(answer, Agreement)} == {UsedUp}
    assert Agreement.objects.filter(state="agreed").count() == 3 and list(breaks()) == []


def test_proposed_by_ten_at_once_it_stands_there_once():
    a_village()
    by = a_keeper(VILLAGE)
    offer, need = an_offer(by), a_need(by)
    answers = at_once(lambda _n: proposed(by, need, offer), 10)
    assert {getattr(answer, "pk", answer) for answer in answers} == {Agreement.objects.get().pk}


DEEDS = {
    State.AGREED: lambda key, by: actions.agree(key, by=by, at=MONDAY),
    State.DONE: lambda key, by: actions.done(key, "办成了", by=by, at=MONDAY),
    State.CALLED_OFF: lambda key, by: actions.call_off(key, by=by, at=MONDAY),
}


@pytest.mark.parametrize(("before", "after"), list(product(State, DEEDS)))
def test_each_state_leads_only_where_it_may(before, after):
    a_village()
    by = a_keeper(VILLAGE)
    made = proposed(by, a_need(by), an_offer(by))
    if before is State.DONE:
        DEEDS[State.AGREED](made.pk, by)
    if before is not State.PROPOSED:
        DEEDS[before](made.pk, by)
    if after in NEXT[before]:
        assert DEEDS[after](made.pk, by).state == after.value
    else:
        with pytest.raises(NotNow):
            DEEDS[after](made.pk, by)
        made.refresh_from_db()
        assert made.state == before.value


def test_an_offer_and_a_partner_end_only_once_nothing_agreed_goes_on():
    a_village()
    by = a_keeper(VILLAGE)
    offer = an_offer(by, capacity=2)
    agreement = proposed(by, a_need(by), offer)
    waiting = proposed(by, a_need(by), offer)
    actions.agree(agreement.pk, by=by, at=MONDAY)
    soon = TODAY + 5 * DAY
    for end in (
        lambda: actions.withdraw_offer(offer.pk, on=soon, by=by, at=MONDAY),
        lambda: actions.end_partner(offer.partner_id, on=soon, by=by, at=MONDAY),
    ):
        with pytest.raises(NotNow):
            end()
    actions.call_off(agreement.pk, by=by, at=MONDAY)
    actions.end_partner(offer.partner_id, on=soon, by=by, at=MONDAY)
    offer.refresh_from_db()
    waiting.refresh_from_db()
    assert offer.until == soon and waiting.state == "called_off"
    assert partners_for(UNIT, on=TODAY) != [] and partners_for(UNIT, on=soon) == [] == list(offers_for(UNIT, on=soon))
    for again in (
        lambda: actions.withdraw_offer(offer.pk, on=soon, by=by, at=MONDAY),
        lambda: actions.end_partner(offer.partner_id, on=soon, by=by, at=MONDAY),
    ):
        with pytest.raises(NotNow):
            again()


def test_what_cannot_be_is_refused_and_of_elsewhere_nothing_is_told():
    a_village()
    by = a_keeper(VILLAGE)
    partner, need = a_partner(by), a_need(by)
    with pytest.raises(NotNow):
        a_partner(by)
    for wrong in ({"kind": "x"}, {"post": ""}, {"name": ""}, {"telephone": "1" * 31}):
        with pytest.raises(BadInput):
            actions.keep_partner(
                VILLAGE, facts("另一家", **wrong) if "name" not in wrong else facts(""), by=by, at=MONDAY
            )
    for wrong in ({"sort": "x"}, {"what": " "}, {"capacity": 0}, {"until": TODAY}):
        with pytest.raises(BadInput):
            an_offer(by, partner, **wrong)
    money = an_offer(by, partner, sort="money")
    with pytest.raises(BadInput):
        proposed(by, need, money)
    with pytest.raises(NotNow):
        proposed(by, need, an_offer(by, partner, since=TODAY - 9 * DAY, until=TODAY))
    stranger, looking = a_keeper(OTHER_VILLAGE), a_user(Duty.LOOK, area=VILLAGE)
    for who, refusal in ((stranger, NotFound), (looking, NotAllowed)):
        for deed in (
            lambda who=who: actions.keep_partner(VILLAGE, facts("x"), by=who, at=MONDAY),
            lambda who=who: actions.change_partner(partner.pk, facts("x"), by=who, at=MONDAY),
            lambda who=who: actions.withdraw_offer(money.pk, on=TODAY, by=who, at=MONDAY),
            lambda who=who: actions.propose(need.pk, money.pk, by=who, at=MONDAY),
        ):
            with pytest.raises(refusal):
                deed()
    for nothing in (
        lambda: actions.agree(10**9, by=by, at=MONDAY),
        lambda: actions.propose(need.pk, uuid4(), by=by, at=MONDAY),
    ):
        with pytest.raises(NotFound):
            nothing()


def test_a_need_comes_from_a_topic_or_a_report_of_its_area():
    a_village()
    topic, by = taken_up()
    report = told()
    assert a_need(by, topic=topic.pk).topic == topic
    with pytest.raises(BadInput):
        a_need(by, report=report.number)
    Mandate.objects.create(user=by, duty=Duty.HANDLE_REPORTS.value, area=GRID, since=TODAY)
    assert a_need(by, report=report.number).report == report
    elsewhere = a_keeper(NEXT_UNIT)
    with pytest.raises(Refused):
        a_need(elsewhere, area=NEXT_UNIT, topic=topic.pk)


def test_the_counts_and_a_ledger_without_words():
    a_village()
    by = a_keeper(VILLAGE)
    need, offer = a_need(by), an_offer(by)
    agreement = proposed(by, need, offer)
    actions.agree(agreement.pk, by=by, at=MONDAY)
    counts = counts_in(VILLAGE, on=TODAY)
    assert (counts.partners, counts.offers, counts.needs_open, counts.agreed, counts.done) == (1, 1, 1, 1, 0)
    actions.done(agreement.pk, "MARKER-OUTCOME", by=by, at=MONDAY)
    counts = counts_in(VILLAGE, on=TODAY)
    assert (counts.needs_open, counts.needs_met, counts.agreed, counts.done) == (0, 1, 0, 1)
    written = json.dumps([[e.what, e.before, e.after] for e in Entry.objects.all()], ensure_ascii=False, default=str)
    assert not any(words in written for words in ("MARKER", need.what, offer.what, "办公室主任", "区第一小学"))
