"""Members from day to day: joining, becoming full, moving within the village, leaving."""

from datetime import date

import pytest

from tests.systems.organisation.moving import (
    HERE,
    day,
    history,
    leader_of,
    members_of,
    moment,
    secretaries,
    the,
    two_villages,
)
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.queries import standing_of
from weiduan.systems.organisation.members.daily import (
    Newcomer,
    NotNow,
    change_home,
    change_state,
    join,
    make_full,
    reveal_contact,
)
from weiduan.systems.organisation.members.lists import member_record, probation_due_in
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.rules import LookedAtFor, State, masked
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.rules import Leaving

pytestmark = pytest.mark.django_db


@pytest.fixture
def villages():
    two_villages()


def full_members(number: str, on: date) -> int:
    return standing_of(the(number), on=on)[0].full_members


def test_whoever_joins_is_on_probation_for_a_year_and_then_counts(villages):
    keeper, _other = secretaries()
    joined = join(Newcomer("李新"), the("X1"), home=HERE, on=day(5), by=keeper, at=moment(5))

    assert (joined.number, full_members("X1", day(5))) == ("X1-0001", 3)
    with pytest.raises(NotNow, match="2019-11-05"):
        make_full(joined.pk, on=day(369), by=keeper, at=moment(369))
    make_full(joined.pk, on=day(370), by=keeper, at=moment(370))
    assert (full_members("X1", day(369)), full_members("X1", day(370))) == (3, 4)
    assert history(joined.pk) == [("X1", "active", 5, 370), ("X1", "active", 370, None)]


def test_probation_is_listed_from_thirty_days_before_it_ends_and_as_late_after(villages):
    keeper, _other = secretaries()
    join(Newcomer("李新"), the("X1"), on=day(5), by=keeper, at=moment(5))
    due = [probation_due_in(["510113002002"], on=day(n)) for n in (339, 340, 370, 371)]

    assert [[one.late for one in rows] for rows in due] == [[], [False], [False], [True]]
    assert probation_due_in(["510113002003"], on=day(371)) == []


def test_a_number_given_to_another_name_is_refused_without_telling_whose_it_is(villages):
    keeper, _other = secretaries()
    number = Membership.objects.filter(organisation__number="Y1").first().person.number

    with pytest.raises(NotNow) as refused:
        join(Newcomer("别人", number=number), the("X1"), on=day(5), by=keeper, at=moment(5))
    assert "张" not in str(refused.value)


def test_a_member_can_not_join_twice(villages):
    keeper, _other = secretaries()
    person = Membership.objects.filter(organisation__number="X1").first().person
    name = f"张{person.number}"

    with pytest.raises(NotNow, match=r"转接|transfer"):
        join(Newcomer(name, number=person.number), the("Z1"), on=day(5), by=keeper, at=moment(5))


def test_what_is_said_twice_about_one_day_replaces_itself_and_nothing_is_written_behind_it(villages):
    keeper, _other = secretaries()
    person = members_of("X1")[1]
    change_state(person, State.SUSPENDED, on=day(9), by=keeper, at=moment(9))
    change_state(person, State.ACTIVE, on=day(9), by=keeper, at=moment(9))
    change_home(person, HERE, on=day(9), by=keeper, at=moment(9))

    assert history(person) == [("X1", "active", 0, 9), ("X1", "active", 9, None)]
    with pytest.raises(NotNow, match="2018-11-09"):
        change_home(person, None, on=day(8), by=keeper, at=moment(9))
    with pytest.raises(BadInput):
        change_home(person, None, on=day(11), by=keeper, at=moment(10))


def test_a_home_is_a_unit(villages):
    keeper, _other = secretaries()
    with pytest.raises(BadInput):
        change_home(members_of("X1")[0], "510113002002", on=day(9), by=keeper, at=moment(9))


def test_a_suspended_member_keeps_a_place_and_does_not_count(villages):
    keeper, _other = secretaries()
    change_state(members_of("X1")[1], State.SUSPENDED, on=day(9), by=keeper, at=moment(9))

    assert (full_members("X1", day(8)), full_members("X1", day(9))) == (3, 2)


def test_whoever_leaves_leaves_the_posts_of_the_organisation_too(villages):
    keeper, _other = secretaries()
    leader = leader_of("X1")
    [vacant] = leave(leader, Leaving.DIED, on=day(9), by=keeper, at=moment(9))

    assert (vacant.role, Post.objects.get(pk=vacant.pk).until) == ("group_leader", day(9))
    assert history(leader) == [("X1", "active", 0, 9)]
    with pytest.raises(NotNow, match="2018-11-09"):
        leave(leader, Leaving.DIED, on=day(10), by=keeper, at=moment(10))


def test_others_may_not_change_and_those_outside_are_told_nothing(villages):
    _keeper, other = secretaries()
    with pytest.raises(NotFound):
        change_home(members_of("X1")[0], HERE, on=day(9), by=other, at=moment(9))
    with pytest.raises(NotFound):
        member_record(
            Membership.objects.filter(organisation__number="X1").first().person.number, viewer=other, at=moment(9)
        )


def test_looking_without_the_duty_shows_no_member(villages):
    from tests.builders import a_user

    number = Membership.objects.filter(organisation__number="X1").first().person.number
    with pytest.raises(NotAllowed):
        member_record(number, viewer=a_user(), at=moment(9))


def test_a_telephone_is_masked_and_opening_it_stays_in_the_ledger(villages):
    keeper, _other = secretaries()
    person = join(Newcomer("李新", contact="13812340000"), the("X1"), on=day(5), by=keeper, at=moment(5))

    assert member_record(person.number, viewer=keeper, at=moment(5)).row["contact"] == "138****0000"
    assert reveal_contact(person.pk, LookedAtFor.MEETING, by=keeper, at=moment(5)) == "13812340000"
    entry = Entry.objects.get(what="contact.revealed")
    assert (entry.key, entry.by, entry.after) == (str(person.pk), f"user:{keeper.pk}", {"reason": "meeting"})


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812340000", "138****0000"), ("02886001234", "028****1234"), ("6001234", "******4"), ("", "")],
)
def test_masking_leaves_what_lets_one_recognise_it(number, shown):
    assert masked(number) == shown


def test_the_ledger_holds_no_name_and_no_telephone_and_verifies(villages):
    keeper, _other = secretaries()
    person = join(Newcomer("李新", contact="13812340000"), the("X1"), home=HERE, on=day(5), by=keeper, at=moment(5))
    change_home(person.pk, None, on=day(6), by=keeper, at=moment(6))
    leave(person.pk, Leaving.RESIGNED, on=day(7), by=keeper, at=moment(7))

    told = "".join(f"{e.before}{e.after}" for e in Entry.objects.all())
    assert "李新" not in told and "13812340000" not in told
    assert list(breaks()) == []
