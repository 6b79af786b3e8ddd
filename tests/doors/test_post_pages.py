"""Pages, operations and commands about posts: vacancies, giving, ending, handing over."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, GRID, OTHER_VILLAGE, VILLAGE, a_user
from tests.doors.test_console import weiduan
from tests.systems.organisation.moving import leader_of, members_of, secretaries, the, two_villages
from weiduan.ground.accounts.keys import make_key
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.organisation.appointments.models import HandoverItem, Post
from weiduan.systems.organisation.members.models import Membership, Person
from weiduan.systems.organisation.organisations.models import Term

pytestmark = pytest.mark.django_db
AREA = f"/desk/area/{VILLAGE}/posts/"
GIVE = f"/desk/area/{GRID}/posts/give/?role="
LEAD = "/desk/organisations/X1/posts/give/"


@pytest.fixture
def today():
    """Today, in a world whose terms are still running."""
    two_villages()
    Term.objects.update(due_on=timezone.localdate() + timedelta(days=400))
    return timezone.localdate()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def keeper(today):
    return signed_in(secretaries()[0])


def number_of(person) -> str:
    return Person.objects.get(pk=person).number


def name_of(person) -> str:
    return f"张{number_of(person)}"


def test_the_page_of_a_village_shows_what_is_vacant_and_leads_to_filling_it(keeper):
    page = keeper.get(AREA)

    text = page.content.decode()
    assert {(v["one"].number, v["one"].role) for v in page.context["vacancies"]} == {
        ("W1", "secretary"), (GRID, "grid_worker"),
    }  # fmt: skip
    assert 'href="/desk/organisations/W1/posts/give/?role=secretary"' in text
    assert f'href="/desk/area/{GRID}/posts/give/?role=grid_worker"' in text
    assert page.headers["Cache-Control"] == "no-store"


def test_a_term_that_is_over_leads_to_the_election(keeper, today):
    Term.objects.filter(organisation=the("X1")).update(due_on=today - timedelta(days=2))

    page = keeper.get(AREA)

    [row] = [v for v in page.context["vacancies"] if v["one"].number == "X1"]
    assert (row["fill"], row["one"].since) == ("/desk/organisations/X1/election/", today - timedelta(days=2))


def test_names_are_shown_only_to_who_keeps_the_organisations(keeper):
    looker, name = signed_in(a_user(area=VILLAGE)), name_of(leader_of("X1"))

    assert name in keeper.get(AREA).content.decode()
    page = looker.get(AREA)
    assert (page.status_code, name in page.content.decode()) == (200, False)
    assert "/posts/give/" not in page.content.decode()
    key = Post.objects.get(organisation=the("X1")).pk
    assert looker.get(f"/desk/posts/{key}/").status_code == 403
    assert looker.get(LEAD).status_code == 403
    assert signed_in(secretaries()[1]).get(f"/desk/posts/{key}/").status_code == 404
    assert signed_in(secretaries()[1]).get(AREA).status_code == 404


def test_the_day_before_anything_was_known_has_no_buttons(keeper):
    page = keeper.get(AREA, {"on": "2018-11-01"})

    assert page.status_code == 200 and "/posts/give/" not in page.content.decode()
    assert keeper.get(f"/desk/area/{DISTRICT}/posts/").status_code == 404


def test_a_leader_is_given_and_the_old_one_hands_over(keeper, today):
    old, new = leader_of("X1"), members_of("X1")[1]
    form = keeper.get(LEAD).context["form"]
    assert sorted(number for number, _name in form.fields["person"].choices[1:]) == sorted(
        number_of(m) for m in members_of("X1")
    )
    assert "number" not in form.fields and "due" not in form.fields

    answer = keeper.post(LEAD, {"person": number_of(new), "since": today, "handover": "名册\n\n印章"})

    assert (answer.status_code, answer["Location"]) == (302, "/desk/organisations/X1/")
    assert leader_of("X1") == new
    assert list(HandoverItem.objects.order_by("pk").values_list("what", "post__person")) == [
        ("名册", old), ("印章", old),
    ]  # fmt: skip
    item = HandoverItem.objects.get(what="名册")
    assert "名册" in keeper.get(AREA).content.decode()
    assert keeper.post(AREA, {"item": item.pk}).status_code == 302
    page = keeper.get(f"/desk/posts/{item.post_id}/")
    assert [i.what for i in page.context["found"].items] == ["印章", "名册"] and page.context["left"] == 1
    assert keeper.post(f"/desk/posts/{item.post_id}/", {"do": "tick", "item": item.pk}).status_code == 409
    assert keeper.post(AREA, {"item": "²"}).status_code == 400


def test_a_neighbour_who_is_no_member_works_the_grid(keeper, today):
    said = {"name": "王五", "contact": "13900000000", "since": today}
    assert keeper.post(f"{GIVE}grid_worker", said).status_code == 302

    page = keeper.get(AREA)
    assert [v["one"].role for v in page.context["vacancies"] if v["one"].number == GRID] == ["grid_head"]
    assert "王五" in page.content.decode() and "13900000000" not in page.content.decode()


def test_what_is_refused_is_said_in_the_form_and_what_was_typed_stays(keeper, today):
    elsewhere = number_of(members_of("Y1")[0])
    for said in ({"number": elsewhere}, {"name": ""}, {"name": "王五", "since": today + timedelta(days=1)}):
        page = keeper.post(f"{GIVE}grid_worker", {"since": today} | said)
        assert page.status_code == 400 and page.context["form"].errors
    assert name_of(members_of("Y1")[0]) not in page.content.decode()
    assert not Post.objects.filter(role="grid_worker").exists()


def test_first_the_post_is_chosen_out_of_those_held_there(keeper):
    page = keeper.get(f"{GIVE}nonsense")

    assert "form" not in page.context
    assert {key for key, _word in page.context["roles"]} == {
        "grid_worker", "grid_head", "residents_group_leader", "venue_keeper",
    }  # fmt: skip


def test_the_head_of_a_grid_is_chosen_from_those_living_in_it(keeper, today):
    living = members_of("X1")[1]
    Membership.objects.filter(person=living).update(home=Membership.objects.exclude(home=None)[0].home)

    choices = keeper.get(f"{GIVE}grid_head").context["form"].fields["person"].choices

    assert number_of(living) in dict(choices) and number_of(members_of("X1")[2]) not in dict(choices)
    assert keeper.post(f"{GIVE}grid_head", {"person": number_of(living), "since": today}).status_code == 302


def test_a_post_is_ended_from_its_page(keeper, today):
    post = Post.objects.get(organisation=the("X1"))
    url = f"/desk/posts/{post.pk}/"
    assert "3" in keeper.get(url).context["form"]["handover"].value()  # three members are on the list

    assert keeper.post(url, {"on": today + timedelta(days=3), "handover": ""}).status_code == 400
    answer = keeper.post(url, {"on": today, "handover": "名册"})

    post.refresh_from_db()
    assert (answer["Location"], post.until) == (url, today)
    assert keeper.get(url).context["form"] is None
    assert keeper.get("/desk/posts/9999999999999999999999/").status_code == 404


def program(user):
    key = make_key(user, lasts=timedelta(days=1), by="test", at=timezone.now())
    client, head = Client(enforce_csrf_checks=True), {"Authorization": f"Bearer {key}"}

    def ask(path, body=None, **headers):
        address = f"/api/v1{path}"
        if body is None:
            return client.get(address, headers=head)
        return client.post(address, json.dumps(body), content_type="application/json", headers=head | headers)

    return ask


def test_a_program_gives_and_ends_once_however_often_it_asks(today):
    ask, new = program(secretaries()[0]), number_of(members_of("X1")[1])
    body = {"role": "group_leader", "organisation": "X1", "person": new, "handover": ["印章"]}

    given = [ask("/posts", body, **{"Idempotency-Key": "one"}).json() for _ in range(2)]

    assert given[0] == given[1] and given[0]["state"] == "given"
    [item] = ask(f"/areas/{VILLAGE}/handover").json()["items"]
    assert (item["what"], item["number"]) == ("印章", "X1")
    assert ask(f"/handover/{item['key']}/tick", {}).json()["state"] == "handed over"
    assert ask(f"/areas/{VILLAGE}/handover").json()["count"] == 0
    ended = ask(f"/posts/{given[0]['key']}/end", {})
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert "X1" in {row["number"] for row in ask(f"/areas/{VILLAGE}/vacancies").json()["items"]}


def test_a_program_reads_names_only_with_the_duty_and_must_say_where(today):
    keeps, looks = program(secretaries()[0]), program(a_user(area=VILLAGE))

    assert {row["name"] for row in looks(f"/areas/{VILLAGE}/posts").json()["items"]} == {None}
    assert name_of(leader_of("X1")) in {row["name"] for row in keeps(f"/areas/{VILLAGE}/posts").json()["items"]}
    assert looks(f"/areas/{VILLAGE}/handover").status_code == 403
    assert looks("/posts", {"role": "grid_worker", "area": GRID, "name": "王五"}).status_code == 403
    assert keeps(f"/areas/{OTHER_VILLAGE}/posts").status_code == 404
    for where in ({}, {"area": GRID, "organisation": "X1"}):
        assert keeps("/posts", {"role": "grid_worker", "name": "王五"} | where).status_code == 400
    state = keeps("/posts", {"role": "grid_worker", "area": GRID, "person": number_of(leader_of("X1"))}).json()["state"]
    more = keeps("/posts", {"role": "venue_keeper", "area": GRID, "person": number_of(leader_of("X1"))}).json()["state"]
    assert (state, more) == ("given", "given, more than usual")


def test_the_command_lists_gives_and_ends(today):
    assert "X1" in weiduan("post", "list", "--area", VILLAGE)
    assert GRID in weiduan("post", "vacancies", "--area", VILLAGE)

    key = weiduan("post", "give", "grid_worker", "--area", GRID, "--name", "王五").split()[1]

    assert Post.objects.get(pk=key).role == "grid_worker"
    Post.objects.filter(pk=key).update(since=today - timedelta(days=1))
    weiduan("post", "end", key, "--handover", "网格图")
    assert (Post.objects.get(pk=key).until, HandoverItem.objects.get().what) == (today, "网格图")
    leader = number_of(members_of("X1")[1])
    weiduan("post", "give", "group_leader", "--organisation", "X1", "--person", leader)
    assert number_of(leader_of("X1")) == leader


def test_who_keeps_a_district_sees_every_village(today):
    boss = signed_in(a_user(Duty.KEEP_ORGANISATION))

    page = boss.get(f"/desk/area/{DISTRICT}/posts/")

    assert {v["one"].number for v in page.context["vacancies"]} == {"W1", "W2", GRID, f"{OTHER_VILLAGE}001"}
    assert page.context["grids"] is None and boss.get(f"/desk/area/{GRID}/posts/").status_code == 200
