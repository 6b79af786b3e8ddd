"""Members move between organisations; the sender stays responsible until the receiver accepts."""

import pytest
from django.db import IntegrityError, transaction

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user, load
from tests.systems.organisation.moving import (
    HERE,
    THERE,
    day,
    history,
    leader_of,
    members_of,
    moment,
    secretaries,
    the,
    two_villages,
)
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.ledger.queries import breaks
from weiduan.outlook.survey.queries import rows_of
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.queries import coverage_in, standing_of
from weiduan.systems.organisation.members.daily import Newcomer, NotNow, change_state
from weiduan.systems.organisation.members.models import Membership, Person
from weiduan.systems.organisation.members.rules import State as MemberState
from weiduan.systems.organisation.transfers.actions import accept, ask, return_, withdraw
from weiduan.systems.organisation.transfers.away import come_back, contacted, go_away, resume
from weiduan.systems.organisation.transfers.guests import guest_leaves, register_guest
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.models import Contacted, Guest, Transfer
from weiduan.systems.organisation.transfers.queries import (
    away_of,
    contact_due_in,
    due_in,
    guest_rows,
    guests_in,
    transfer_rows,
    transfers_in,
    transfers_of,
    waiting_for,
)
from weiduan.systems.organisation.transfers.rules import Leaving, Reason

pytestmark = pytest.mark.django_db


@pytest.fixture
def both():
    two_villages()
    return secretaries()


def members(number: str, on) -> int:
    return standing_of(the(number), on=on)[0].members


def asked(person, keeper, n=5, **more):
    to = more or {"receiver": the("Y1")}
    return ask(person, **to, reason=Reason.RESIDENCE, on=day(n), by=keeper, at=moment(n))


def test_until_it_is_accepted_the_member_counts_at_the_sender_and_from_that_day_on_at_the_receiver(both):
    here, there = both
    person = members_of("X1")[1]
    transfer = asked(person, here)
    assert (members("X1", day(9)), members("Y1", day(9))) == (3, 3)

    accept(transfer.pk, on=day(10), by=there, at=moment(10))
    assert [(members("X1", day(n)), members("Y1", day(n))) for n in (9, 10)] == [(3, 3), (2, 4)]
    assert history(person) == [("X1", "active", 0, 5), ("X1", "transferring", 5, 10), ("Y1", "active", 10, None)]


def test_the_unit_of_a_group_that_falls_below_three_is_a_blind_spot_with_a_way_out(both):
    here, there = both
    transfer = asked(members_of("X1")[1], here)
    accept(transfer.pk, on=day(10), by=there, at=moment(10))

    before, after = (next(u for u in coverage_in(VILLAGE, on=day(n)).units if u.code == HERE) for n in (9, 10))
    assert (before.reason, after.reason) == ("", "few_members")
    assert after.step is not None


def test_accepting_ends_the_posts_in_the_organisation_left_and_says_which(both):
    here, there = both
    leader = leader_of("X1")
    transfer = asked(leader, here)
    assert Post.objects.filter(person=leader, until=None).count() == 1

    [vacant] = accept(transfer.pk, on=day(10), by=there, at=moment(10))
    assert (vacant.role, vacant.organisation.number) == ("group_leader", "X1")
    assert Post.objects.get(pk=vacant.pk).until == day(10)


def test_the_home_stays_unless_another_is_given(both):
    here, there = both
    first, second = members_of("Z1")[:2]
    home = Membership.objects.get(person=first, until=None).home_id
    accept(asked(first, here).pk, on=day(10), by=there, at=moment(10))
    accept(asked(second, here).pk, home=THERE, on=day(10), by=there, at=moment(10))

    homes = [Membership.objects.get(person=p, until=None).home_id for p in (first, second)]
    assert homes[0] == home and homes[1] != home


def test_one_that_is_returned_or_withdrawn_leaves_the_member_as_before(both):
    here, there = both
    person = members_of("X1")[1]
    return_(asked(person, here).pk, "不在本村居住", on=day(7), by=there, at=moment(7))
    withdraw(asked(person, here, 8).pk, on=day(9), by=here, at=moment(9))

    assert [state for _number, state, _since, _until in history(person)] == [
        "active", "transferring", "active", "transferring", "active",
    ]  # fmt: skip
    assert [t.state for t in Transfer.objects.order_by("asked_on")] == ["returned", "withdrawn"]


def test_returning_needs_a_reason(both):
    here, there = both
    with pytest.raises(BadInput):
        return_(asked(members_of("X1")[1], here).pk, " ", on=day(7), by=there, at=moment(7))


def test_each_end_does_its_own_part_only(both):
    here, there = both
    person = members_of("X1")[1]
    with pytest.raises(NotFound):
        asked(person, there)
    transfer = asked(person, here)
    with pytest.raises(NotFound):
        accept(transfer.pk, on=day(10), by=here, at=moment(10))
    with pytest.raises(NotFound):
        withdraw(transfer.pk, on=day(10), by=there, at=moment(10))
    with pytest.raises(NotAllowed):
        accept(transfer.pk, on=day(10), by=a_user(), at=moment(10))


def test_a_second_answer_is_refused_with_the_day_of_the_first(both):
    here, there = both
    transfer = asked(members_of("X1")[1], here)
    accept(transfer.pk, on=day(10), by=there, at=moment(10))
    with pytest.raises(NotNow, match="2018-11-10"):
        return_(transfer.pk, "不收", on=day(11), by=there, at=moment(11))


def test_one_member_has_one_open_transfer_and_even_the_database_says_so(both):
    here, _there = both
    person = members_of("X1")[1]
    transfer = asked(person, here)
    with pytest.raises(NotNow):
        asked(person, here, 6)
    with pytest.raises(IntegrityError), transaction.atomic():
        Transfer.objects.create(
            person_id=person, sender=transfer.sender, receiver=transfer.receiver, reason="work", asked_on=day(6)
        )


def test_a_suspended_member_is_not_transferred(both):
    here, _there = both
    person = members_of("X1")[1]
    change_state(person, MemberState.SUSPENDED, on=day(3), by=here, at=moment(3))
    with pytest.raises(NotNow):
        asked(person, here)


def test_to_an_organisation_outside_the_sender_closes_it_with_the_receipt_and_the_membership_ends(both):
    here, _there = both
    person = members_of("X1")[1]
    transfer = asked(person, here, outside="成都市某街道某支部")
    assert members("X1", day(6)) == 3

    accept(transfer.pk, on=day(8), by=here, at=moment(8))
    assert (members("X1", day(7)), members("X1", day(8))) == (3, 2)
    assert history(person)[-1] == ("X1", "transferring", 5, 8)


def test_a_transfer_leads_to_one_place_that_takes_members(both):
    here, _there = both
    person = members_of("X1")[1]
    for place in (
        {"receiver": the("Y1"), "outside": "别处"},
        {"outside": " "},
        {"receiver": the("X1")},
        {"receiver": the("W2")},
    ):
        with pytest.raises(BadInput):
            asked(person, here, **place)


def test_it_shows_as_late_at_both_ends_after_thirty_days(both):
    here, there = both
    asked(members_of("X1")[1], here)
    sides = [
        [(row.side, row.late) for row in due_in([code], on=day(n))]
        for n in (35, 36)
        for code in (VILLAGE, OTHER_VILLAGE)
    ]

    assert sides == [[], [("in", False)], [("out", True)], [("in", True)]]
    seen = [transfer_rows(transfers_of(who, on=day(36), at=moment(36)), on=day(36)) for who in (here, there)]
    assert [(row.late, row.days_late, row.to_answer, row.may_withdraw) for [row] in seen] == [
        (True, 1, False, True),
        (True, 1, True, False),
    ]
    assert not transfers_of(a_user(), on=day(36), at=moment(36)).exists()


def test_open_transfers_come_first_the_longest_waiting_first_then_the_last_answered(both):
    here, _there = both
    one, two, three, four = [*members_of("X1"), *members_of("Z1")][:4]
    for n, person in enumerate((one, two, three, four), 1):
        transfer = asked(person, here, n)
        if n > 2:
            withdraw(transfer.pk, on=day(n + 2), by=here, at=moment(n + 2))
    rows = transfers_in([VILLAGE], on=day(9))

    assert [(row.state, row.asked_on) for row in rows] == [
        ("asked", day(1)), ("asked", day(2)), ("withdrawn", day(4)), ("withdrawn", day(3)),
    ]  # fmt: skip


def test_everything_that_waits_takes_one_query_each(both, django_assert_num_queries):
    here, there = both
    asked(members_of("X1")[1], here)
    with django_assert_num_queries(3):  # whose areas, transfers, contacts
        assert [one.side for one in waiting_for(there, at=moment(9))] == ["in"]


def test_a_member_who_is_away_is_spoken_to_half_yearly(both):
    here, _there = both
    keeper, person = members_of("X1")[:2]
    go_away(person, keeper, on=day(5), by=here, at=moment(5))  # 5 November; due on 5 May
    assert [[c.late for c in contact_due_in([VILLAGE], on=day(n))] for n in (155, 156, 186, 187)] == [
        [], [False], [False], [True],
    ]  # fmt: skip

    contacted(person, on=day(160), by=here, at=moment(187))
    contacted(person, on=day(160), by=here, at=moment(187))
    assert Contacted.objects.count() == 1
    assert contact_due_in([VILLAGE], on=day(187)) == []
    assert (members("X1", day(187)), away_of(person, on=day(187)).last) == (3, day(160))

    come_back(person, on=day(190), by=here, at=moment(190))
    assert [state for _number, state, _since, _until in history(person)] == ["active", "mobile", "active"]


def test_where_the_keeper_left_somebody_else_must_be_named(both):
    here, _there = both
    keeper, person, another = members_of("X1")
    go_away(person, keeper, on=day(5), by=here, at=moment(5))
    leave(keeper, Leaving.DIED, on=day(8), by=here, at=moment(8))

    assert [one.keeper_gone for one in contact_due_in([VILLAGE], on=day(8))] == [True]
    go_away(person, another, on=day(9), by=here, at=moment(9))
    assert contact_due_in([VILLAGE], on=day(9)) == []


def test_nobody_keeps_in_touch_with_himself_or_from_another_organisation(both):
    here, _there = both
    person = members_of("X1")[1]
    for keeper in (person, members_of("Y1")[0]):
        with pytest.raises(BadInput):
            go_away(person, keeper, on=day(5), by=here, at=moment(5))


def test_a_suspension_lifted_gives_the_state_back_that_holds(both):
    here, _there = both
    keeper, person = members_of("X1")[:2]
    go_away(person, keeper, on=day(5), by=here, at=moment(5))
    change_state(person, MemberState.SUSPENDED, on=day(6), by=here, at=moment(6))
    resume(person, on=day(7), by=here, at=moment(7))

    assert history(person)[-1][1] == "mobile"


def test_whoever_was_away_and_is_transferred_is_active_in_the_new_place(both):
    here, there = both
    keeper, person = members_of("X1")[:2]
    go_away(person, keeper, on=day(5), by=here, at=moment(5))
    transfer = asked(person, here, 6)
    accept(transfer.pk, on=day(8), by=there, at=moment(8))

    assert (history(person)[-1][:2], away_of(person, on=day(8))) == (("Y1", "active"), None)


def test_a_guest_is_seen_in_the_unit_and_counts_for_no_rule(both):
    here, _there = both
    person = Person.objects.get(pk=members_of("Y1")[1])
    before = [(u.code, u.reason) for u in coverage_in(VILLAGE, on=day(5)).units]
    register_guest(Newcomer(f"张{person.number}", number=person.number), HERE, on=day(5), by=here, at=moment(5))
    register_guest(Newcomer("王在职"), HERE, belongs_to="市某局机关支部", on=day(5), by=here, at=moment(5))

    assert [(g["name"], g["belongs_to"]) for g in guest_rows(guests_in([VILLAGE], on=day(5)), on=day(5))] == [
        ("王在职", "市某局机关支部"),
        (f"张{person.number}", ""),
    ]
    assert [(u.code, u.reason) for u in coverage_in(VILLAGE, on=day(5)).units] == before
    assert members("X1", day(5)) == 3


def test_a_guest_is_registered_in_one_unit_at_a_time_and_may_leave(both):
    here, there = both
    newcomer = Newcomer("王在职", number="G-1")
    first = register_guest(newcomer, HERE, belongs_to="某机关", on=day(5), by=here, at=moment(5))
    second = register_guest(newcomer, THERE, belongs_to="某机关", on=day(7), by=there, at=moment(7))
    first.refresh_from_db()
    assert first.until == day(7)

    guest_leaves(second.pk, on=day(9), by=there, at=moment(9))
    assert Guest.objects.filter(until=None).count() == 0


def test_a_member_of_the_village_needs_no_registration_and_a_stranger_says_where_from(both):
    here, _there = both
    person = Person.objects.get(pk=members_of("X1")[1])
    with pytest.raises(NotNow):
        register_guest(Newcomer(f"张{person.number}", number=person.number), HERE, on=day(5), by=here, at=moment(5))
    with pytest.raises(BadInput):
        register_guest(Newcomer("王在职"), HERE, on=day(5), by=here, at=moment(5))


def test_guests_are_the_duty_of_whoever_keeps_the_unit(both):
    _here, there = both
    with pytest.raises(NotFound):
        register_guest(Newcomer("王在职"), HERE, belongs_to="某机关", on=day(5), by=there, at=moment(5))
    assert there.mandates.get().duty == Duty.KEEP_ORGANISATION.value


def test_a_survey_that_drops_a_member_closes_the_open_transfer(both):
    here, _there = both
    dropped, kept = [person for person in members_of("X1") if person != leader_of("X1")]
    transfers = [asked(person, here, 5) for person in (dropped, kept)]
    rows = rows_of(VILLAGE, on=day(9))
    gone = Person.objects.get(pk=dropped).number
    rows["members"] = [row for row in rows["members"] if row["number"] != gone]

    load(rows, on=day(9))

    found = {t.pk: (t.state, t.decided_on) for t in Transfer.objects.all()}
    assert [found[t.pk] for t in transfers] == [("withdrawn", day(9)), ("asked", None)]
    assert Entry.objects.filter(what="transfer.withdrawn", key=str(dropped)).count() == 1
    assert list(breaks()) == []
