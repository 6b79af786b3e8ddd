"""Bodies: elected for the years of their kind, vacancies and late elections told, the next term ends the one before."""

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta

from tests.builders import GRID, MONDAY, OTHER_VILLAGE, VILLAGE, a_user
from tests.parallel import at_once
from tests.systems.governance.compacting import a_keeper, at_vote, voted
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.bodies.actions import (
    Elected,
    Election,
    NotNow,
    dissolve_body,
    fill_vacancy,
    found_body,
    hand_over,
    hold_election,
    leave_office,
)
from weiduan.systems.governance.bodies.models import Body, BodyHandover, BodyTerm, Officer
from weiduan.systems.governance.bodies.queries import (
    bodies_due,
    bodies_for,
    bodies_in,
    in_term,
    standings,
    terms_of,
)
from weiduan.systems.governance.bodies.rules import HANDED_OVER, Left, kinds

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = local_day(MONDAY)
FOUNDED = date(2015, 3, 1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def village(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def a_body(by, kind: str = "owners_committee", area: str = UNIT) -> Body:
    return found_body(area, kind, "石家碾小区业主委员会", since=FOUNDED, by=by, at=MONDAY)


def elected(count: int = 5) -> tuple[Elected, ...]:
    offices = ("主任", "副主任", *["委员"] * (count - 2))
    return tuple(Elected(office, f"成员{n}") for n, office in enumerate(offices[:count], start=1))


def election(**more) -> Election:
    told = {"since": date(2016, 6, 1), "seats": 7, "officers": elected(), "words": "2016年5月业主大会选举"} | more
    return Election(**told)


def standing(body: Body, on: date = TODAY):
    return standings([Body.objects.get(pk=body.pk)], on=on)[0]


@pytest.mark.parametrize("kind", list(kinds()))
def test_each_kind_is_elected_for_its_years_with_its_seats_and_offices(kind):
    by, rule = a_keeper(), kinds()[kind]
    body = a_body(by, kind)
    officers = (Elected(rule.offices[0], "甲"),)
    for seats in (rule.least - 1, rule.most + 1):
        with pytest.raises(BadInput):
            hold_election(body.pk, election(seats=seats, officers=officers), by=by, at=MONDAY)
    term = hold_election(body.pk, election(seats=rule.least, officers=officers), by=by, at=MONDAY)
    assert term.due == date(2016 + rule.years, 6, 1)
    assert standing(body).vacancies == rule.least - 1
    assert standing(body).shown == [(rule.offices[0], "甲" if rule.members_public else "")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"officers": ()}, {"officers": elected(5), "seats": 4}, {"officers": (Elected("总经理", "甲"),)},
        {"officers": (Elected("主任", "甲"), Elected("主任", "乙"))}, {"officers": (Elected("主任", " "),)},
        {"officers": (Elected("主任", "字" * 31),)}, {"officers": (Elected("主任", "甲", "no-such-number"),)},
        {"words": " "}, {"words": "字" * 201}, {"since": FOUNDED - DAY}, {"since": TODAY + 400 * DAY},
    ],
)  # fmt: skip
def test_an_election_that_cannot_be_is_refused_and_nothing_is_changed(wrong):
    by = a_keeper()
    body = a_body(by)
    with pytest.raises(BadInput):
        hold_election(body.pk, election(**wrong), by=by, at=MONDAY)
    assert not BodyTerm.objects.exists() and standing(body).term is None


def test_the_next_election_ends_the_term_before_its_offices_and_lists_what_is_handed_over():
    by = a_keeper()
    body = a_body(by)
    first = hold_election(body.pk, election(), by=by, at=MONDAY)
    for too_early in (first.since, first.since - DAY):
        with pytest.raises(BadInput):
            hold_election(body.pk, election(since=too_early), by=by, at=MONDAY)
    second = hold_election(body.pk, election(since=date(2018, 9, 1), seats=5), by=by, at=MONDAY)
    first.refresh_from_db()
    assert first.until == second.since
    assert set(first.officers.values_list("until", "left")) == {(second.since, Left.TERM.value)}
    assert [one.what for one in standing(body).handovers] == list(HANDED_OVER)
    assert standing(body, second.since - DAY).term == first and len(standing(body, second.since - DAY).officers) == 5
    assert [len(officers) for _term, officers, _handovers in terms_of(body)] == [5, 5]

    seal = BodyHandover.objects.get(what="印章")
    for wrong in (second.since - DAY, TODAY + DAY):
        with pytest.raises(BadInput):
            hand_over(body.pk, seal.pk, on=wrong, by=by, at=MONDAY)
    hand_over(body.pk, seal.pk, on=TODAY, by=by, at=MONDAY)
    assert hand_over(body.pk, seal.pk, on=TODAY - DAY, by=by, at=MONDAY).done_on == TODAY
    assert "印章" not in [one.what for one in standing(body).handovers]
    with pytest.raises(NotFound):
        hand_over(body.pk, 0, on=TODAY, by=by, at=MONDAY)


def test_a_vote_here_may_tell_how_it_was_elected_once_it_is_final():
    by = a_keeper()
    body, version = a_body(by), at_vote(by)
    with pytest.raises(BadInput):
        hold_election(body.pk, election(ballot=version.ballot_id, words=""), by=by, at=MONDAY)
    final = voted(version, by)
    term = hold_election(body.pk, election(ballot=version.ballot_id, words=""), by=by, at=final)
    assert term.ballot_id == version.ballot_id


def test_seats_fall_vacant_and_are_filled_but_never_more_than_there_are():
    by = a_keeper()
    body = a_body(by)
    with pytest.raises(NotNow):
        fill_vacancy(body.pk, Elected("委员", "新人"), on=TODAY, by=by, at=MONDAY)
    hold_election(body.pk, election(seats=5), by=by, at=MONDAY)
    with pytest.raises(NotNow):
        fill_vacancy(body.pk, Elected("委员", "新人"), on=TODAY, by=by, at=MONDAY)
    head = Officer.objects.get(office="主任")
    for reason, on in (("term", TODAY), ("bored", TODAY), ("moved", head.since - DAY), ("moved", TODAY + DAY)):
        with pytest.raises(BadInput):
            leave_office(body.pk, head.pk, reason, on=on, by=by, at=MONDAY)
    leave_office(body.pk, head.pk, "moved", on=TODAY, by=by, at=MONDAY)
    with pytest.raises(NotNow):
        leave_office(body.pk, head.pk, "moved", on=TODAY, by=by, at=MONDAY)
    assert standing(body).vacancies == 1
    answers = at_once(lambda n: fill_vacancy(body.pk, Elected("主任", f"新人{n}"), on=TODAY, by=by, at=MONDAY), 8)
    assert sum(isinstance(one, Officer) for one in answers) == 1
    assert standing(body).vacancies == 0 and len(standing(body).officers) == 5
    assert [one.office for one in standing(body).officers][:2] == ["主任", "副主任"]


@pytest.mark.parametrize("reason", [left.value for left in Left if left is not Left.TERM])
def test_an_office_ends_for_each_reason(reason):
    by = a_keeper()
    body = a_body(by)
    hold_election(body.pk, election(), by=by, at=MONDAY)
    one = Officer.objects.filter(office="委员").first()
    assert leave_office(body.pk, one.pk, reason, on=TODAY, by=by, at=MONDAY).left == reason


def test_within_six_months_of_its_end_a_term_is_on_the_list_and_past_it_it_is_overdue_and_not_in_term():
    by = a_keeper()
    body = a_body(by)
    assert [one.term for one in bodies_due([UNIT], on=TODAY)] == [None]  # never elected
    term = hold_election(body.pk, election(), by=by, at=MONDAY)
    assert bodies_due([UNIT], on=term.due - relativedelta(months=6) - DAY) == []
    [soon] = bodies_due([VILLAGE], on=term.due - relativedelta(months=6))
    assert soon.body == body and not soon.is_overdue
    assert in_term(UNIT, on=term.due) == [body] and in_term(UNIT, on=term.due + DAY) == []
    assert in_term(UNIT, on=term.since - DAY) == [] and in_term(NEXT_UNIT, on=TODAY) == []
    assert [one.is_overdue for one in bodies_due([UNIT], on=term.due + DAY)] == [True]
    hold_election(body.pk, election(since=TODAY + 30 * DAY), by=by, at=MONDAY)
    assert standing(body).term == term and len(standing(body).officers) == 5  # till the next one begins


def test_an_area_has_one_body_of_a_kind_also_when_two_found_it_at_once():
    by = a_keeper()
    answers = at_once(lambda _n: a_body(by), 6)
    assert sum(isinstance(one, Body) for one in answers) == 1 and sum(isinstance(one, NotNow) for one in answers) == 5
    body = Body.objects.get()
    assert a_body(by, "council") and list(bodies_in(GRID, on=TODAY)) != []
    for wrong in (FOUNDED, TODAY + DAY):
        with pytest.raises(BadInput):
            dissolve_body(body.pk, on=wrong, by=by, at=MONDAY)
    hold_election(body.pk, election(), by=by, at=MONDAY)
    dissolve_body(body.pk, on=TODAY, by=by, at=MONDAY)
    assert not Officer.objects.filter(until=None).exists() and BodyHandover.objects.count() == len(HANDED_OVER)
    for deed in (
        lambda: dissolve_body(body.pk, on=TODAY, by=by, at=MONDAY),
        lambda: hold_election(body.pk, election(since=TODAY), by=by, at=MONDAY),
    ):
        with pytest.raises(NotNow):
            deed()
    assert in_term(UNIT, on=TODAY) == []
    again = found_body(UNIT, "owners_committee", "新业委会", since=TODAY, by=by, at=MONDAY)
    assert again in bodies_in(UNIT, on=TODAY) and again in bodies_for(UNIT, on=TODAY)


def test_bodies_of_the_areas_above_govern_a_unit_too():
    body = a_body(a_keeper(VILLAGE), "council", VILLAGE)
    assert list(bodies_for(UNIT, on=TODAY)) == [body] and not bodies_in(UNIT, on=TODAY).exists()


def test_only_who_keeps_governance_there_does_any_of_it_and_the_ledger_names_nobody():
    by = a_keeper()
    body = a_body(by)
    hold_election(body.pk, election(), by=by, at=MONDAY)
    officer, stranger = Officer.objects.first(), a_keeper(OTHER_VILLAGE)
    for deed in (
        lambda by: hold_election(body.pk, election(since=TODAY), by=by, at=MONDAY),
        lambda by: dissolve_body(body.pk, on=TODAY, by=by, at=MONDAY),
        lambda by: fill_vacancy(body.pk, Elected("委员", "新人"), on=TODAY, by=by, at=MONDAY),
        lambda by: leave_office(body.pk, officer.pk, "moved", on=TODAY, by=by, at=MONDAY),
    ):
        with pytest.raises(NotFound):
            deed(stranger)
        with pytest.raises(NotAllowed):
            deed(a_user(Duty.LOOK, area=UNIT))
    for wrong in ({"kind": "none"}, {"name": " "}, {"since": TODAY + DAY}):
        with pytest.raises(BadInput):
            found_body(UNIT, **({"kind": "council", "name": "议事会", "since": FOUNDED} | wrong), by=by, at=MONDAY)
    told = " ".join(str(row) for row in Entry.objects.filter(what__startswith="body.").values_list("before", "after"))
    assert "成员" not in told and "业主大会" not in told
