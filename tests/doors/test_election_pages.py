"""Pages on which an election is written down, and what the record of an organisation says of it."""

from uuid import UUID

import pytest
from django.utils import timezone

from tests.builders import GRID, VILLAGE, a_user, a_village, divisions, load
from tests.doors.test_change_pages import signed_in, text_of
from tests.systems.organisation.moving import leader_of, members_of, the
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import alive
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.queries import coverage_in

pytestmark = pytest.mark.django_db
PAGE = "/desk/organisations/X1/election/"


@pytest.fixture
def village():
    divisions()
    load(a_village(groups={"X1": [GRID + "001"]}, members=5))


@pytest.fixture
def keeper(village):
    return signed_in(a_user(Duty.KEEP_ORGANISATION, area=VILLAGE))


def said(person, *, votes="4", **figures) -> dict:
    head = {"on": str(timezone.localdate()), "voters": "5", "attended": "5", "role_0": "group_leader"}
    return head | {"who_0": str(person), "votes_0": votes} | figures


def in_office(number: str) -> list:
    posts = Post.objects.filter(alive(timezone.localdate()), organisation__number=number)
    return list(posts.values_list("person", flat=True))


def test_the_full_members_are_offered_by_name_and_whoever_is_elected_leads_from_that_day(keeper):
    page = keeper.get(PAGE)
    [(who, _role, _votes)] = page.context["form"].rows()
    assert [key for key, _name in who.field.choices] == ["", *(str(key) for key in members_of("X1"))]
    assert 'value="5"' in page.content.decode(), "as many are due to vote as there are full members"
    chosen = next(key for key in members_of("X1") if key != leader_of("X1"))

    assert keeper.post(PAGE, said(chosen))["Location"] == "/desk/organisations/X1/"
    assert in_office("X1") == [chosen]
    record = keeper.get("/desk/organisations/X1/")
    today = timezone.localdate()
    assert (record.context["term"].since, record.context["term"].past) == (today, [(the("X1").founded_on, today)])


def test_what_elects_nobody_says_which_rules_with_the_figures_and_keeps_what_was_typed(keeper):
    chosen = members_of("X1")[1]

    page = keeper.post(PAGE, said(chosen, votes="1", attended="3"))

    assert page.status_code == 409
    assert len(page.context["broken"]) == 2, "too few came, and one of three votes is no majority"
    assert all(figure in text_of(page) for figure in ("3", "4", "2"))
    assert all(words in page.content.decode() for words in ('name="votes_0" value="1"', f'value="{chosen}" selected'))
    assert in_office("X1") == [leader_of("X1")]


@pytest.mark.parametrize(
    "change",
    [
        {"votes": ""},
        {"voters": "0"},
        {"on": "x"},
        {"attended": "9"},
        {"who_0": ""},
        {"role_0": ""},
        {"who_0": str(UUID(int=1))},
    ],
)
def test_a_form_that_is_not_whole_is_returned(keeper, change):
    assert keeper.post(PAGE, said(members_of("X1")[1], **change)).status_code == 400
    assert the("X1").terms.count() == 1


def test_where_there_are_too_many_to_list_the_elected_are_named_by_number(keeper, monkeypatch):
    monkeypatch.setattr("weiduan.doors.desk.elections.MOST_LISTED", 4)
    chosen = Post.objects.get(organisation__number="X1").person
    head = {"on": str(timezone.localdate()), "voters": "5", "attended": "5", "role_0": "group_leader", "votes_0": "5"}

    assert keeper.post(PAGE, head | {"who_0": "P99999"}).status_code == 400
    assert keeper.post(PAGE, head | {"who_0": chosen.number}).status_code == 302
    assert in_office("X1") == [chosen.pk]


def test_a_branch_with_seven_full_members_elects_a_committee_of_three_at_least(keeper):
    page, people = "/desk/organisations/Z1/election/", [*members_of("Z1"), *members_of("X1")]
    head = {"on": str(timezone.localdate()), "voters": "8", "attended": "8"}
    for row, role in enumerate(("secretary", "deputy_secretary", "committee_member")):
        head |= {f"who_{row}": str(people[row]), f"role_{row}": role, f"votes_{row}": "7"}
    two = {key: value for key, value in head.items() if not key.endswith("_2")}
    assert len(list(keeper.get(page).context["form"].rows())) == 9

    refused = keeper.post(page, two)
    assert (refused.status_code, [row["found"] for row in refused.context["broken"]]) == (409, ["现有 2 名"])
    assert keeper.post(page, head | {"votes_5": "3"}).status_code == 400, "votes for nobody"
    assert keeper.post(page, head).status_code == 302
    assert in_office("Z1") == people[:3]


def test_only_who_keeps_the_organisation_sees_its_form(village):
    assert signed_in(a_user(area=VILLAGE)).get(PAGE).status_code == 403
    assert signed_in(a_user(Duty.KEEP_ORGANISATION, area="510113002003")).get(PAGE).status_code == 404


def test_the_list_leads_to_the_form_for_whoever_may_write_it_down(keeper):
    assert PAGE in keeper.get("/desk/elections/").content.decode(), "the term ended in 2022"
    assert PAGE not in signed_in(a_user()).get("/desk/elections/").content.decode()


def test_a_group_set_up_by_a_change_elects_its_leader_and_the_blind_spot_is_gone(keeper):
    superior = signed_in(a_user(Duty.KEEP_ORGANISATION, area=VILLAGE))
    unit, on = GRID + "002", timezone.localdate()
    gap = next(u for u in coverage_in(VILLAGE, on=on).units if u.code == unit)
    assert gap.reason == "no_group"

    asked = keeper.post("/desk/organisations/Z1/ask/set_up/", {
        "name": "新组", "kind": "group", "seat": unit, "covers": [unit], "members_of": ["Z1"], "do": "ask",
    })  # fmt: skip
    assert superior.post(asked["Location"], {"do": "approve", "answer": "先易后难"}).status_code == 302
    new = f"X{unit}"
    unled = next(u for u in coverage_in(VILLAGE, on=on).units if u.code == unit)
    assert unled.reason == "no_leader"

    chosen = members_of(new)[0]
    head = {
        "on": str(on),
        "voters": "3",
        "attended": "3",
        "who_0": str(chosen),
        "role_0": "group_leader",
        "votes_0": "3",
    }
    assert keeper.post(f"/desk/organisations/{new}/election/", head).status_code == 302
    assert next(u for u in coverage_in(VILLAGE, on=on).units if u.code == unit).reason == ""
