"""Plans at the desk: ask, look, adopt."""

import json
import re

import pytest
from django.utils import timezone

from tests.builders import DISTRICT, GRID, MONDAY, SURVEYED, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.outlook.proposals.actions import ask_for_proposal, plan_proposal
from weiduan.outlook.proposals.models import Proposal
from weiduan.outlook.proposals.rules import Wishes
from weiduan.planning.executors import Here
from weiduan.systems.organisation.coverage.queries import coverage_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned():
    divisions()
    rows = a_village(groups={"X1": [f"{GRID}001"]})
    for row in rows["members"]:
        row["home"] = f"{GRID}002" if row["organisation"] == "Z1" else f"{GRID}001"
    load(rows)
    proposal = ask_for_proposal(VILLAGE, on=SURVEYED, by="test", at=MONDAY)
    return plan_proposal(proposal, executor=Here())


@pytest.fixture
def keeper(client):
    user = a_user(Duty.KEEP_ORGANISATION, name="keeper")
    client.force_login(user)
    return client


def test_the_plan_shows_today_beside_the_proposal_and_what_moves(keeper, planned):
    page = keeper.get(f"/desk/plans/{planned.pk}/").content.decode()
    assert "石家碾社区" in page and "全部采纳" in page
    village = keeper.get(f"/desk/plans/{planned.pk}/{VILLAGE}/").content.decode()
    assert "没有党小组 →" in village and "不可能更好" in village


def test_asking_queues_a_plan(keeper, planned):
    answer = keeper.post("/desk/plans/", {"area": VILLAGE, "asks": ["organise", "heads"]})
    assert answer.status_code == 302
    assert Proposal.objects.latest("asked_at").asks == ["organise", "heads"]
    assert Proposal.objects.latest("asked_at").state == "waiting"


def test_a_village_is_adopted_and_has_no_gap_then(keeper, planned, settings):
    answer = keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", {"point": "0"})
    assert answer.status_code == 302
    late = {"term_over"}  # the small village's elections of 2022 were never held
    adopted_on = timezone.localdate(Proposal.objects.get(pk=planned.pk).plans.get().adopted_at)
    today = coverage_in(VILLAGE, on=adopted_on)
    assert {u.reason for u in today.units} - {""} <= late


def test_who_only_looks_sees_no_button_and_is_refused(client, planned):
    client.force_login(a_user(Duty.LOOK, name="looker"))
    assert "采纳" not in client.get(f"/desk/plans/{planned.pk}/").content.decode().replace("待采纳", "").replace(
        "已采纳", ""
    )
    assert client.post(f"/desk/plans/{planned.pk}/", {"do": "adopt"}).status_code == 403


def test_elsewhere_there_is_no_plan(client, planned):
    stranger = a_user(Duty.LOOK, area="510114000000", name="stranger")
    give_mandate(stranger, Duty.KEEP_ORGANISATION, area="510114000000", since=SURVEYED, by="test", at=MONDAY)
    client.force_login(stranger)
    for where in (f"/desk/plans/{planned.pk}/", f"/desk/plans/{planned.pk}/{VILLAGE}/"):
        assert client.get(where).status_code == 404
        assert client.post(where, {"do": "adopt"}).status_code == 404
    assert client.post("/desk/plans/", {"area": DISTRICT, "asks": ["organise"]}).status_code == 400


def test_withdrawing_and_a_foolish_point_do_no_harm(keeper, planned):
    assert keeper.get(f"/desk/plans/{planned.pk}/{VILLAGE}/?point=-1").status_code == 200
    assert keeper.get(f"/desk/plans/{planned.pk}/{VILLAGE}/?point=999").status_code == 200
    assert keeper.post(f"/desk/plans/{planned.pk}/", {"do": "nonsense"}).status_code == 400
    keeper.post(f"/desk/plans/{planned.pk}/", {"do": "withdraw"})
    assert keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", {"point": "0"}).status_code == 409


def _again(plan, **changes):
    """The form as the page fills it in, with something changed."""
    rules = plan["rules"]
    return {
        "do": "again", "group-members": rules["least_members"], "group-full-members": rules["least_full_members"],
        "group-size": rules["most_members"], "group-units": rules["most_places"], "group-span": rules["most_span_m"],
    } | changes  # fmt: skip


def test_changing_a_limit_and_fixing_a_group_asks_again_for_the_village(keeper, planned):
    plan = planned.plans.get().plan
    answer = keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", _again(plan, **{"group-members": "2", "keep": "X1"}))
    asked = Proposal.objects.latest("asked_at")
    assert (answer.status_code, asked.area, asked.after) == (302, VILLAGE, planned)
    assert (asked.wishes["rules"], asked.wishes["keep"]) == ({"group-members": 2}, ["X1"])
    plan_proposal(asked, executor=Here())
    page = keeper.get(f"/desk/plans/{asked.pk}/").content.decode()
    assert "2" in page and f"a={planned.pk}" in page
    both = keeper.get(f"/desk/plans/compare/?a={planned.pk}&b={asked.pk}").content.decode()
    assert "石家碾社区" in both and "→" in both


def test_each_limit_is_asked_for_by_its_own_name(keeper, planned):
    page = keeper.get(f"/desk/plans/{planned.pk}/{VILLAGE}/").content.decode()
    names = re.findall(r'<label class="form-label" for="id_group-[a-z-]+">([^<]+)', page)
    assert len(names) == len(set(names)) == 5


def test_a_senseless_limit_comes_back_with_its_sentence_and_asks_for_nothing(keeper, planned):
    plan = planned.plans.get().plan
    answer = keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", _again(plan, **{"group-members": "0"}))
    assert answer.status_code == 400 and "wd-error" in answer.content.decode()
    assert Proposal.objects.count() == 1


def test_a_plan_by_looser_rules_is_shown_and_its_adoption_refused_with_what_to_do(keeper):
    divisions()
    rows = a_village(groups={}, members=0)
    for row in rows["members"]:
        row["home"] = f"{GRID}001"
    del rows["members"][2]
    load(rows)
    proposal = ask_for_proposal(VILLAGE, wishes=Wishes({"group-members": 2}), on=SURVEYED, by="test", at=MONDAY)
    plan_proposal(proposal, executor=Here())
    assert keeper.get(f"/desk/plans/{proposal.pk}/{VILLAGE}/").status_code == 200
    answer = keeper.post(f"/desk/plans/{proposal.pk}/{VILLAGE}/", {"point": "0"})
    assert answer.status_code == 409


def test_the_map_shows_todays_groups_and_those_of_the_plan(keeper, planned):
    where = f"/desk/plans/{planned.pk}/{VILLAGE}/map.json"
    today, plan = (keeper.get(f"{where}?{side}").json()["features"] for side in ("side=today", "point=0"))
    assert isinstance(today, list) and isinstance(plan, list)


def test_files_of_a_plan_are_downloads(keeper, planned):
    xlsx = keeper.get(f"/desk/plans/{planned.pk}/plan.xlsx")
    assert xlsx["Content-Disposition"].startswith("attachment") and xlsx.content[:2] == b"PK"
    geojson = keeper.get(f"/desk/plans/{planned.pk}/plan.geojson")
    assert {f["properties"]["code"] for f in json.loads(geojson.content)["features"]} >= {f"{GRID}001", f"{GRID}002"}


def test_only_who_keeps_organisations_sees_the_names_of_possible_heads_and_appoints(client, keeper, planned):
    where = f"/desk/plans/{planned.pk}/{VILLAGE}/heads/"
    page = keeper.get(where).content.decode()
    [number] = re.findall(r'<option value="(P\d+)">张', page)[:1]
    client.force_login(a_user(Duty.LOOK, name="looker"))
    assert number not in client.get(where).content.decode()
    assert client.post(where, {"grid": GRID, "person": number}).status_code == 403
    client.force_login(User.objects.get(username="keeper"))
    assert client.post(where, {"grid": GRID, "person": "P99999"}).status_code == 400
    assert client.post(where, {"grid": GRID, "person": number}).status_code == 302
    assert "每个网格都有人牵头" in client.get(where).content.decode()


def test_comparing_needs_two_plans_one_may_see(keeper, planned):
    assert keeper.get("/desk/plans/compare/?a=1&b=2").status_code == 400
    assert keeper.get(f"/desk/plans/compare/?a={planned.pk}&b=00000000-0000-0000-0000-000000000000").status_code == 404


def test_without_the_duty_nothing_is_adopted_nor_written_down_even_where_nothing_is_left(client, keeper, planned):
    keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", {"point": "0"})
    client.force_login(a_user(Duty.LOOK, name="looker"))
    written = Entry.objects.count()
    assert client.post(f"/desk/plans/{planned.pk}/", {"do": "adopt"}).status_code == 403
    assert client.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", {"point": "0"}).status_code == 403
    heads = f"/desk/plans/{planned.pk}/{VILLAGE}/heads/"
    assert client.post(heads, {"grid": "510113002003001", "person": "P1"}).status_code == 403
    assert Entry.objects.count() == written


def test_a_grid_of_another_village_is_no_grid_of_this_page(keeper, planned):
    answer = keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/heads/", {"grid": "510113002003001", "person": "P1"})
    assert answer.status_code == 400
