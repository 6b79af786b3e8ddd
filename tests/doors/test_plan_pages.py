"""Plans at the desk: ask, look, adopt."""

import pytest

from tests.builders import DISTRICT, GRID, MONDAY, SURVEYED, VILLAGE, a_user, a_village, divisions, load
from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.proposals.actions import ask_for_proposal, plan_proposal
from weiduan.outlook.proposals.models import Proposal
from weiduan.planning.engines import HIGHS, Here
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
    return plan_proposal(proposal, engine=Here(*HIGHS))


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
    answer = keeper.post("/desk/plans/", {"area": VILLAGE})
    assert answer.status_code == 302
    assert Proposal.objects.latest("asked_at").state == "waiting"


def test_a_village_is_adopted_and_has_no_gap_then(keeper, planned, settings):
    answer = keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", {"point": "0"})
    assert answer.status_code == 302
    late = {"term_over"}  # the small village's elections of 2022 were never held
    today = coverage_in(VILLAGE, on=Proposal.objects.get(pk=planned.pk).plans.get().adopted_at.date())
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
    assert client.post("/desk/plans/", {"area": DISTRICT}).status_code == 404


def test_withdrawing_and_a_foolish_point_do_no_harm(keeper, planned):
    assert keeper.get(f"/desk/plans/{planned.pk}/{VILLAGE}/?point=-1").status_code == 200
    assert keeper.get(f"/desk/plans/{planned.pk}/{VILLAGE}/?point=999").status_code == 200
    assert keeper.post(f"/desk/plans/{planned.pk}/", {"do": "nonsense"}).status_code == 400
    keeper.post(f"/desk/plans/{planned.pk}/", {"do": "withdraw"})
    assert keeper.post(f"/desk/plans/{planned.pk}/{VILLAGE}/", {"point": "0"}).status_code == 409
