"""Posts given and ended by hand: who may hold what where, one leader at a time, what is handed over, what is vacant."""

import importlib
from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from tests.builders import GRID, OTHER_VILLAGE, SURVEYED, VILLAGE, a_user, load, post
from tests.systems.organisation.moving import day, leader_of, members_of, moment, secretaries, the, two_villages
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import places
from weiduan.outlook.insight.handover import proposed_handover
from weiduan.outlook.survey.queries import rows_of
from weiduan.systems.organisation.appointments.giving import (
    end_post,
    give_post,
    in_area,
    in_organisation,
    person_meant,
)
from weiduan.systems.organisation.appointments.handover import tick_handover
from weiduan.systems.organisation.appointments.listed import grid_posts, posts_in, told
from weiduan.systems.organisation.appointments.models import HandoverItem, Post
from weiduan.systems.organisation.appointments.queries import open_handover_in, posts_due_in
from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.coverage.vacancies import Lack, vacancies_in
from weiduan.systems.organisation.members.daily import Newcomer, NotNow, change_home, join
from weiduan.systems.organisation.members.models import Person
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.rules import Leaving

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper():
    two_villages()
    return secretaries()[0]


def x1(n: int = 3):
    return in_organisation(the("X1"), on=day(n))


def the_grid(n: int = 3):
    return in_area(GRID, on=day(n))


def give(person, role, where, by, n: int = 3, **facts):
    return give_post(person, role, where, since=day(n), by=by, at=moment(n), **facts)


def spans(role: str, **place) -> list[tuple]:
    """(person, since, until) of a role's posts somewhere, oldest first; days counted from the survey."""
    rows = Post.objects.filter(role=role, **place).order_by("since", "pk")
    return [(p.person_id, (p.since - SURVEYED).days, p.until and (p.until - SURVEYED).days) for p in rows]


def a_neighbour(by, n: int = 2):
    """Somebody who is no member, named by whoever keeps the village."""
    return person_meant("", name="王五", contact="13900000000", where=the_grid(n), by=by, at=moment(n))


def lives_in_the_grid(person, by):
    change_home(person, f"{GRID}002", on=day(1), by=by, at=moment(1))
    return person


def test_a_new_leader_follows_the_old_one_on_the_same_day(keeper):
    old, new = leader_of("X1"), members_of("X1")[1]

    given = give(new, Role.GROUP_LEADER, x1(), keeper, handover=["名册", "", "名册", "印章"])

    begun = (date(2017, 6, 1) - SURVEYED).days
    assert spans("group_leader", organisation=the("X1")) == [(old, begun, 3), (new, 3, None)]
    assert (given.held, [p.person_id for p in given.ended]) == (1, [old])
    assert given.post.due_on == date(2022, 6, 1)  # the term the group is in
    assert list(HandoverItem.objects.order_by("pk").values_list("post__person", "what")) == [
        (old, "名册"),
        (old, "印章"),
    ]
    where = {"role": "group_leader", "organisation": "X1"}
    entries = {e.what: (e.key, e.before, e.after) for e in Entry.objects.filter(at=moment(3))}
    assert entries == {"post.ended": (str(old), where, None), "post.given": (str(new), None, where)}


def test_the_database_itself_keeps_two_from_leading_at_once(keeper):
    new, facts = members_of("X1")[1], {"role": "group_leader", "organisation": the("X1")}
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(person_id=new, since=day(3), **facts)
    Post.objects.create(person_id=new, since=day(3), role="committee_member", organisation=the("Z1"))
    head = {"role": "grid_head", "area_id": the_grid().area}
    Post.objects.create(person_id=new, since=day(3), **head)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(person_id=leader_of("X1"), since=day(9), **head)


def test_only_full_members_lead_and_only_members_sit_on_a_committee(keeper):
    probationer = join(Newcomer("新人"), the("X1"), on=day(1), by=keeper, at=moment(1)).pk
    stranger = members_of("Y1")[0]
    for person in (probationer, stranger, a_neighbour(keeper)):
        with pytest.raises(BadInput):
            give(person, Role.GROUP_LEADER, x1(), keeper)
    z1 = in_organisation(the("Z1"), on=day(3))
    with pytest.raises(BadInput):
        give(stranger, Role.COMMITTEE_MEMBER, z1, keeper)

    assert give(probationer, Role.COMMITTEE_MEMBER, z1, keeper).held == 1  # a member of a group below it


def test_a_role_is_held_where_it_belongs(keeper):
    person = members_of("X1")[1]
    wrong = [
        (Role.SECRETARY, x1()), (Role.GROUP_LEADER, in_organisation(the("Z1"), on=day(3))), (Role.GRID_WORKER, x1()),
        (Role.GRID_WORKER, in_area(f"{GRID}001", on=day(3))), (Role.SECRETARY, the_grid()),
        (Role.VILLAGE_COMMITTEE, in_area("510113002000", on=day(3))),
    ]  # fmt: skip
    boss = a_user(Duty.KEEP_ORGANISATION)
    for role, where in wrong:
        with pytest.raises(BadInput):
            give(person, role, where, boss)


def test_the_head_of_a_grid_is_a_full_member_living_in_it(keeper):
    person = members_of("X1")[1]
    with pytest.raises(BadInput):
        give(person, Role.GRID_HEAD, the_grid(), keeper)

    assert give(lives_in_the_grid(person, keeper), Role.GRID_HEAD, the_grid(), keeper).post.area_id == the_grid().area


def test_a_grid_worker_may_be_no_member_and_two_work_one_grid(keeper):
    one, other = a_neighbour(keeper), members_of("X1")[1]
    give(one, Role.GRID_WORKER, the_grid(), keeper, due=day(400))
    give(other, Role.GRID_WORKER, the_grid(), keeper)

    assert Person.objects.get(pk=one).number == f"{GRID}-0001"
    assert Post.objects.filter(role="grid_worker", until=None).count() == 2
    with pytest.raises(NotNow):
        give(one, Role.GRID_WORKER, the_grid(4), keeper, 4)


def test_more_posts_than_usual_are_told_not_refused(keeper):
    person = leader_of("X1")
    give(person, Role.GRID_WORKER, the_grid(), keeper)

    assert give(person, Role.VENUE_KEEPER, the_grid(), keeper).held == 3


def test_days_that_can_not_be_are_refused(keeper):
    person = members_of("X1")[1]
    give(person, Role.GROUP_LEADER, x1(), keeper)
    other = members_of("X1")[2]
    with pytest.raises(NotNow):  # somebody took it up later than that day
        give_post(other, Role.GROUP_LEADER, x1(), since=day(2), by=keeper, at=moment(3))
    with pytest.raises(BadInput):  # still to come
        give_post(other, Role.GROUP_LEADER, x1(), since=day(9), by=keeper, at=moment(3))
    with pytest.raises(BadInput):  # before the group was founded
        give_post(other, Role.GROUP_LEADER, x1(), since=date(2016, 1, 1), by=keeper, at=moment(3))
    with pytest.raises(BadInput):  # before the grid was known
        give_post(other, Role.GRID_WORKER, the_grid(), since=date(2016, 1, 1), by=keeper, at=moment(3))
    with pytest.raises(BadInput):  # due before it begins
        give(other, Role.GRID_WORKER, the_grid(), keeper, due=day(3))
    with pytest.raises(NotNow):  # after the term an election is held
        give_post(other, Role.GROUP_LEADER, x1(), since=date(2022, 6, 1), by=keeper, at=moment(2000))


def test_the_same_day_again_replaces_and_leaves_nothing_to_hand_over(keeper):
    give(members_of("X1")[1], Role.GROUP_LEADER, x1(), keeper)
    give(members_of("X1")[2], Role.GROUP_LEADER, x1(), keeper, handover=["印章"])

    assert [until for _p, _s, until in spans("group_leader", organisation=the("X1"))] == [3, None]
    assert not HandoverItem.objects.exists()


def test_only_who_keeps_the_organisations_there_gives_ends_and_ticks(keeper):
    other, looker = secretaries()[1], a_user(area=VILLAGE)
    kept = Post.objects.get(organisation=the("X1"))
    for by, refusal in ((other, NotFound), (looker, NotAllowed)):
        with pytest.raises(refusal):
            give(members_of("X1")[1], Role.GROUP_LEADER, x1(), by)
        with pytest.raises(refusal):
            end_post(kept.pk, on=day(3), by=by, at=moment(3))
    end_post(kept.pk, on=day(3), handover=["印章"], by=keeper, at=moment(3))
    for by, refusal in ((other, NotFound), (looker, NotAllowed)):
        with pytest.raises(refusal):
            tick_handover(HandoverItem.objects.get().pk, on=day(4), by=by, at=moment(4))


def test_a_post_ends_and_what_is_handed_over_is_ticked_one_by_one(keeper):
    kept = Post.objects.get(organisation=the("X1"))
    with pytest.raises(BadInput):
        end_post(kept.pk, on=day(3), handover=["字" * 201], by=keeper, at=moment(3))
    end_post(kept.pk, on=day(3), handover=["名册", "印章"], by=keeper, at=moment(3))

    [first, second] = open_handover_in([VILLAGE], on=day(5))
    assert (first.what, first.name, first.number, first.role, first.due, first.late) == (
        "名册", "X1", "X1", "group_leader", day(3), True,
    )  # fmt: skip
    tick_handover(first.key, on=day(5), by=keeper, at=moment(5))
    assert [one.what for one in open_handover_in([""], on=day(5))] == ["印章"]
    assert open_handover_in([OTHER_VILLAGE], on=day(5)) == []
    with pytest.raises(NotNow):
        tick_handover(first.key, on=day(6), by=keeper, at=moment(6))
    with pytest.raises(NotNow):
        end_post(kept.pk, on=day(6), by=keeper, at=moment(6))
    last = Entry.objects.order_by("-pk").first()
    assert (last.what, last.after) == ("post.handed_over", {"role": "group_leader", "left": 1})
    assert second.due == day(3)


def test_a_post_written_by_mistake_ends_on_its_first_day_and_never_was(keeper):
    given = give(members_of("X1")[1], Role.VENUE_KEEPER, the_grid(), keeper).post
    end_post(given.pk, on=day(3), handover=["钥匙"], by=keeper, at=moment(3))

    assert not Post.objects.filter(role="venue_keeper").exists() and not HandoverItem.objects.exists()


def test_a_number_alone_means_only_somebody_one_keeps(keeper):
    mine, theirs = (Person.objects.get(pk=members_of(o)[0]) for o in ("X1", "Y1"))
    when = {"where": the_grid(), "by": keeper, "at": moment(3)}

    assert person_meant(mine.number, **when) == mine.pk
    with pytest.raises(NotFound):
        person_meant(theirs.number, **when)
    with pytest.raises(NotNow):  # the name is not told, so it must be known
        person_meant(theirs.number, name="别人", **when)
    assert person_meant(theirs.number, name=f"张{theirs.number}", **when) == theirs.pk
    with pytest.raises(BadInput):
        person_meant(" ", **when)
    before = Person.objects.count()
    with pytest.raises(NotFound):
        person_meant("", name="王五", where=the_grid(), by=secretaries()[1], at=moment(3))
    assert Person.objects.count() == before


def surveyed(village: str = VILLAGE, n: int = 5, **changes):
    """The village as a survey of that day would say it, with other posts."""
    rows = rows_of(village, on=day(n))
    return {**rows, **changes}


def test_a_survey_that_names_a_new_leader_ends_the_old_one_where_the_new_one_begins(keeper):
    old, new = leader_of("X1"), members_of("X1")[1]
    number = Person.objects.get(pk=new).number
    posts = [row for row in surveyed()["posts"] if row["organisation"] != "X1"]

    load(surveyed(posts=[*posts, post(number, "group_leader", organisation="X1", since=day(-30))]), on=day(5))

    begun = (date(2017, 6, 1) - SURVEYED).days
    assert spans("group_leader", organisation=the("X1")) == [(old, begun, -30), (new, -30, None)]


def test_a_survey_of_an_earlier_day_leaves_who_came_after_it(keeper):
    new, newest = members_of("X1")[1:3]
    give(newest, Role.GROUP_LEADER, x1(8), keeper, 8)
    posts = [row for row in surveyed()["posts"] if row["organisation"] != "X1"]
    number = Person.objects.get(pk=new).number

    load(surveyed(posts=[*posts, post(number, "group_leader", organisation="X1", since=day(2))]), on=day(5))

    assert spans("group_leader", organisation=the("X1"))[1:] == [(new, 2, 8), (newest, 8, None)]


def before_the_rule(rule, editor):
    """Take a rule away as if it had not come yet; the test's own transaction brings it back."""
    if connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        editor.execute(rule.remove_sql(Post, editor))
        return
    for event in rule.trigger_names:
        editor.execute(f'DROP TRIGGER "{rule.name}_{event}"')


def test_what_was_held_twice_before_the_rule_came_ends_where_the_next_began(keeper):
    migration = importlib.import_module("weiduan.systems.organisation.migrations.0003_one_at_a_time")
    [rule] = [c for c in Post._meta.constraints if c.name == "an_organisation_has_one_leader_at_a_time"]
    editor = connection.SchemaEditorClass(connection, atomic=False)
    before_the_rule(rule, editor)
    old, one, two = members_of("X1")
    facts = {"role": "group_leader", "organisation": the("X1")}
    Post.objects.create(person_id=one, since=day(-5), **facts)
    same_day = Post.objects.create(person_id=members_of("Y1")[0], since=day(0), **facts)
    HandoverItem.objects.create(post=same_day, what="印章")
    Post.objects.create(person_id=two, since=day(0), **facts)

    migration.end_older_holders(apps, editor)

    if connection.vendor == "postgresql":  # the rule can be laid down now
        editor.execute(rule.create_sql(Post, editor))
    begun = (date(2017, 6, 1) - SURVEYED).days
    assert spans("group_leader", organisation=the("X1")) == [(old, begun, -5), (one, -5, 0), (two, 0, None)]


LATER = 1000  # by then every rule about posts is in force


def lacks(code: str = VILLAGE, n: int = LATER) -> set[tuple]:
    return {(v.lack, v.role, v.number, v.since and (v.since - SURVEYED).days) for v in vacancies_in(code, on=day(n))}


def test_what_is_vacant_says_since_when_and_who_sees_to_it(keeper):
    end_post(Post.objects.get(organisation=the("X1")).pk, on=day(2), by=keeper, at=moment(2))

    found = {v.number: v for v in vacancies_in(VILLAGE, on=day(LATER))}
    assert lacks() == {
        (Lack.NOBODY, "secretary", "W1", None), (Lack.NOBODY, "group_leader", "X1", 2), (Lack.NOBODY, "grid_worker", GRID, None),
    }  # fmt: skip
    assert (found["X1"].filler, found["X1"].filler_number) == ("Z1", "Z1")
    assert (found["W1"].filler_number, found[GRID].filler_number) == (VILLAGE, VILLAGE)
    assert {v.number for v in vacancies_in("510113000000", on=day(LATER))} == {
        "W1",
        "X1",
        GRID,
        "W2",
        f"{OTHER_VILLAGE}001",
    }


def test_a_grid_wants_a_head_while_its_worker_is_no_member(keeper):
    worker, head = a_neighbour(keeper), lives_in_the_grid(members_of("X1")[1], keeper)
    give(worker, Role.GRID_WORKER, the_grid(), keeper)
    assert (Lack.NO_MEMBER, "grid_head", GRID, None) in lacks()

    give(head, Role.GRID_HEAD, the_grid(), keeper)
    assert GRID not in {number for _l, _r, number, _s in lacks()}
    leave(head, Leaving.RESIGNED, on=day(LATER + 1), by=keeper, at=moment(LATER + 1))
    assert (Lack.NO_MEMBER, "grid_head", GRID, None) in lacks(n=LATER + 1)


def test_a_term_that_is_over_is_one_vacancy_for_an_organisation_and_for_each_role_of_an_area(keeper):
    give(a_neighbour(keeper), Role.VENUE_KEEPER, the_grid(), keeper, due=day(9))
    over = date(2022, 6, 1)
    n = (over - SURVEYED).days + 3

    found = lacks(n=n)
    assert (Lack.TERM_OVER, "group_leader", "X1", n - 3) in found
    assert (Lack.TERM_OVER, "venue_keeper", GRID, 9) in found
    assert len([row for row in found if row[2] == "Z1"]) == 1


def test_a_committee_that_is_too_small_is_told_only_where_one_is_known(keeper):
    AreaVersion.objects.filter(code=VILLAGE).update(kind="community")
    assert "village_committee" not in {role for _lack, role, _number, _since in lacks()}
    rows = surveyed(n=0)
    people = [post(f"V{i}", "village_committee", name=f"李{i}", area=VILLAGE) for i in range(4)]
    load({**rows, "posts": [*rows["posts"], *people]})

    assert (Lack.TOO_FEW, "village_committee", VILLAGE, None) in lacks()
    [one] = [v for v in vacancies_in(VILLAGE, on=day(LATER)) if v.lack == Lack.TOO_FEW]
    assert one.filler == "大弯街道"


def test_vacancies_take_the_same_number_of_queries_however_much_there_is(keeper, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as few:
        vacancies_in(VILLAGE, on=day(LATER))
    with django_assert_max_num_queries(len(few)):
        vacancies_in("510113000000", on=day(LATER))


def test_posts_that_are_due_within_ninety_days_or_late_are_told_once_a_role(keeper):
    for person in members_of("X1")[:2]:
        give(person, Role.GRID_WORKER, the_grid(), keeper, due=day(50))
    give(members_of("X1")[2], Role.VENUE_KEEPER, the_grid(), keeper, due=day(200))

    [one] = posts_due_in([VILLAGE], on=day(10))
    assert (one.name, one.number, one.role, one.due, one.late, one.in_organisation) == (
        "001网格", GRID, "grid_worker", day(50), False, False,
    )  # fmt: skip
    assert [one.late for one in posts_due_in([""], on=day(60))] == [True]
    assert posts_due_in([OTHER_VILLAGE], on=day(10)) == []


def test_who_holds_what_in_an_area_names_persons_only_where_asked_to(keeper):
    give(a_neighbour(keeper), Role.GRID_WORKER, the_grid(), keeper)

    rows = told(posts_in(VILLAGE, on=day(3)), on=day(3), named=False)
    assert {(r.role, r.place_number, r.member, r.name, r.number) for r in rows} == {
        ("secretary", "Z1", True, None, None), ("group_leader", "X1", True, None, None), ("grid_worker", GRID, False, None, None),
    }  # fmt: skip
    [grid] = grid_posts(VILLAGE, places(VILLAGE, on=day(3)), on=day(3), named=True)
    assert ([w.name for w in grid.workers], grid.heads, grid.keepers) == (["王五"], [], [])


def test_the_list_proposed_for_handing_over_carries_todays_figures(keeper):
    z1, x1_ = the("Z1"), the("X1")
    for group, members in ((z1, 6), (x1_, 3)):
        role = "secretary" if group == z1 else "group_leader"
        assert any(str(members) in thing for thing in proposed_handover(role, group, on=day(3)))
    assert any("2022-06-01" in thing for thing in proposed_handover("secretary", z1, on=day(3)))
    assert len(proposed_handover("venue_keeper", None, on=day(3))) == 3
