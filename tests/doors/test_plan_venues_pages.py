"""The rooms of a plan at the desk: look, adopt all or some, ask again."""

import re

import pytest

from tests.builders import GRID, MONDAY, SURVEYED, VILLAGE, a_user, divisions, grid, load, survey, unit
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.proposals.models import Proposal
from weiduan.outlook.proposals.rules import Wishes
from weiduan.outlook.proposals.venues import as_told, plan_venues
from weiduan.planning.engines import HIGHS, Here
from weiduan.systems.venues.micro_venues.actions import plan_venue
from weiduan.systems.venues.micro_venues.models import MicroVenue
from weiduan.systems.venues.premises.models import Premises

pytestmark = pytest.mark.django_db
STEP = 400 / 111_320 / 0.8587  # 400 m of longitude at 30.83 degrees north


@pytest.fixture
def ground():
    """Units stand by their number 400 m apart; so do F1, F3 and F6, whose owner said no."""
    divisions()
    units = [unit(f"{GRID}{n:03}", lon=104.25 + n * STEP, lat=30.83) for n in (1, 2, 3, 4, 6, 14)]
    rooms = [
        {
            "number": f"F{n}", "name": f"{n}号旧房", "origin": "vacated_room", "area": VILLAGE, "address": None,
            "area_m2": 60.0, "lon": 104.25 + n * STEP, "lat": 30.83, "consent": consent,
        }
        for n, consent in ((1, "yes"), (3, "yes"), (6, "no"))
    ]  # fmt: skip
    load(survey(grids=[grid()], units=units, premises=rooms))


def _proposed(**wishes):
    told = as_told(plan_venues(VILLAGE, on=SURVEYED, engine=Here(*HIGHS), **wishes))
    return Proposal.objects.create(
        area=VILLAGE, on=SURVEYED, asks=["venues"], asked_at=MONDAY, state="ready", villages=1, venues=told
    )


@pytest.fixture
def keeper(client):
    client.force_login(a_user(Duty.KEEP_VENUES, name="keeper"))
    return client


def _text(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def _url(proposal):
    return f"/desk/plans/{proposal.pk}/venues/"


def test_it_shows_what_is_opened_what_that_brings_and_who_stays_out_of_reach(keeper, ground):
    page = keeper.get(_url(_proposed()))
    text = _text(page)
    assert page.status_code == 200
    assert "4 / 6" in text
    for words in ("1号旧房", "3号旧房", "单元001014", "单元001006", "6号旧房", "1,201"):
        assert words in text, words
    assert page.content.decode().count('name="number"') == 2


def test_both_maps_tell_which_units_are_reached(keeper, ground):
    proposal = _proposed()
    states = {}
    for side in ("today", "plan"):
        drawn = keeper.get(f"{_url(proposal)}map.json?side={side}").json()["features"]
        states[side] = {
            f["properties"]["code"][-3:]: f["properties"]["state"]
            for f in drawn
            if "state" in f["properties"] and "role" not in f["properties"]
        }
        rooms = [f["properties"]["code"] for f in drawn if f["properties"].get("role") == "room"]
        assert rooms == ([] if side == "today" else ["F1", "F3"])
    assert set(states["today"].values()) == {"gap"}
    assert [code for code, state in states["plan"].items() if state == "covered"] == ["001", "002", "003", "004"]


def test_adopting_all_plans_the_rooms_and_the_page_says_so(keeper, ground):
    proposal = _proposed()
    answer = keeper.post(_url(proposal), {"do": "adopt"}, follow=True)
    assert MicroVenue.objects.filter(state="planned").count() == 2
    assert 'value="adopt"' not in answer.content.decode()
    assert answer.content.decode().count('name="number"') == 0
    assert Proposal.objects.get().venues_adopted_at is not None


def test_only_those_ticked_are_adopted_and_the_rest_can_follow(keeper, ground):
    proposal = _proposed()
    keeper.post(_url(proposal), {"do": "adopt_ticked", "number": ["F3"]})
    assert [v.premises.number for v in MicroVenue.objects.all()] == ["F3"]
    page = keeper.get(_url(proposal)).content.decode()
    assert page.count('name="number"') == 1 and 'value="F1"' in page
    keeper.post(_url(proposal), {"do": "adopt"})
    assert MicroVenue.objects.count() == 2


def test_nothing_ticked_and_nonsense_are_refused(keeper, ground):
    proposal = _proposed()
    for sent in ({"do": "adopt_ticked"}, {"do": "nonsense"}, {}, {"do": "adopt_ticked", "number": ["F99"]}):
        assert keeper.post(_url(proposal), sent).status_code == 400
    assert MicroVenue.objects.count() == 0


def test_what_changed_since_is_refused_and_says_so(keeper, ground):
    proposal = _proposed()
    Premises.objects.filter(number="F1").update(consent="no")
    assert keeper.post(_url(proposal), {"do": "adopt"}).status_code == 409
    assert MicroVenue.objects.count() == 0


def test_who_only_looks_sees_no_button_and_is_refused(client, ground):
    proposal = _proposed()
    client.force_login(a_user(Duty.LOOK, name="looker"))
    page = client.get(_url(proposal)).content.decode()
    assert 'value="adopt"' not in page and 'name="number"' not in page
    assert client.post(_url(proposal), {"do": "adopt"}).status_code == 403


def test_elsewhere_there_is_nothing(client, ground):
    proposal = _proposed()
    client.force_login(a_user(Duty.KEEP_VENUES, area="510114000000", name="stranger"))
    assert client.get(_url(proposal)).status_code == 404
    assert client.post(_url(proposal), {"do": "adopt"}).status_code == 404
    assert client.get(f"{_url(proposal)}map.json").status_code == 404


def test_asking_again_keeps_the_wishes_and_changes_one(keeper, ground):
    proposal = _proposed(drop=["F3"])
    Proposal.objects.update(wishes=Wishes({}, drop_rooms=("F3",), keep_rooms=("F1",)).told())
    answer = keeper.post(_url(proposal), {"do": "again", "reach_m": "820", "budget": ""})
    again = Proposal.objects.get(after=proposal)
    assert answer.status_code == 302 and again.state == "waiting" and again.asks == ["venues"]
    assert (again.wishes["reach_m"], again.wishes["drop_rooms"], again.wishes["keep_rooms"]) == (820, ["F3"], ["F1"])
    keeper.post(_url(proposal), {"do": "again", "reach_m": "500", "budget": "1", "let_in": "F3"})
    latest = Proposal.objects.exclude(pk__in=[proposal.pk, again.pk]).get()
    assert (latest.wishes["budget"], latest.wishes["drop_rooms"]) == (1, [])
    assert keeper.post(_url(proposal), {"do": "again", "reach_m": "-5"}).status_code == 400


def test_each_opening_stands_as_a_button_that_asks_for_it(keeper, ground):
    proposal = _proposed()
    [longer] = [o for left in proposal.venues["left_out"] for o in left["openings"] if o["rule"] == "reach_m"]
    assert f'name="reach_m" value="{longer["after"]}"' in keeper.get(_url(proposal)).content.decode()
    assert 'name="budget" value="2"' in keeper.get(_url(_proposed(budget=1))).content.decode()


def test_without_rooms_it_says_so(keeper, ground):
    proposal = Proposal.objects.create(area=VILLAGE, on=SURVEYED, asked_at=MONDAY, state="ready", villages=1)
    assert keeper.get(_url(proposal)).status_code == 200
    assert keeper.get(f"{_url(proposal)}map.json").status_code == 404
    assert keeper.post(_url(proposal), {"do": "adopt"}).status_code == 409


def test_what_is_there_already_stays_and_is_drawn_on_both_maps(keeper, ground):
    premises = Premises.objects.get(number="F1")
    plan_venue(premises, name="x", serves={}, seat=VILLAGE, on=SURVEYED, by="test", at=MONDAY)
    proposal = _proposed()
    today = keeper.get(f"{_url(proposal)}map.json?side=today").json()["features"]
    assert [f["properties"]["state"] for f in today if f["properties"].get("role") == "room"] == ["kept"]
    assert len([f for f in today if f["properties"].get("role") == "link"]) == 2
    assert keeper.get(_url(proposal)).content.decode().count('name="number"') == 1
