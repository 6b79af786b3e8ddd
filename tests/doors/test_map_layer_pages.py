"""Layers of the map at the desk: tiles by area, day and layer, who may have them, when they have changed; and the table beside them."""

import re

import mapbox_vector_tile
import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, OTHER_VILLAGE, VILLAGE, a_user
from tests.outlook.insight.test_tiles import number_of
from tests.systems.governance.matters import FIRE_LANE, NEXT_UNIT, UNIT, a_village, told
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.categories.models import Category

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village(drawn=True)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def tile(layer: str = "zeros", z: int = 14, more: str = "") -> str:
    x, y = number_of(104.2505, 30.8305, z)
    return f"/desk/tiles/{layer}/{z}/{x}/{y}.mvt?{more}"


def test_a_tile_holds_the_units_one_may_look_at_and_is_sent_again_only_when_something_moved():
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    answer = desk.get(tile())
    assert answer.status_code == 200 and answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    codes = [one["properties"]["code"] for one in mapbox_vector_tile.decode(answer.content)["units"]["features"]]
    assert codes == [UNIT, NEXT_UNIT]
    assert desk.get(tile(), headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert "private" in answer["Cache-Control"]

    told(at=timezone.now())
    again = desk.get(tile(), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 200 and again["ETag"] != answer["ETag"]
    assert desk.get(tile(more=f"area={VILLAGE}&on=2018-11-05")).status_code == 200
    assert desk.get(tile(more="on=2018-10-01")).content == b""  # nothing was surveyed yet


def test_nobody_gets_a_tile_of_an_area_one_may_not_look_at():
    stranger = signed_in(a_user(Duty.LOOK, area=OTHER_VILLAGE))
    assert stranger.get(tile(more=f"area={VILLAGE}")).status_code == 404
    assert stranger.get(tile(more=f"area={DISTRICT}")).status_code == 404
    assert stranger.get(tile()).content == b""  # its own village has nothing drawn
    assert signed_in(User.objects.create_user("nobody")).get(tile()).status_code == 404  # without any mandate
    assert Client().get(tile()).status_code == 302


def test_there_is_no_tile_beyond_the_map_and_no_other_layer():
    desk = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    for path in ("zeros/3/8/0", "zeros/17/0/0", "persons/3/0/0"):
        assert desk.get(f"/desk/tiles/{path}.mvt").status_code == 404


def test_the_table_beside_the_map_says_the_same_without_script():
    told(at=timezone.now())
    heading = Category.objects.get(code=FIRE_LANE).parent.code
    desk = signed_in(a_user(Duty.LOOK, area=DISTRICT))

    def rows(path: str) -> list[tuple[str, str]]:
        answer = desk.get(path)
        assert answer.status_code == 200
        return re.findall(r'data-area="(\d+)" data-n="(\d+)"', answer.content.decode())

    assert rows(f"/desk/map/{VILLAGE}/") == [(UNIT, "4"), (NEXT_UNIT, "4")]
    assert rows(f"/desk/map/{DISTRICT}/") == [(VILLAGE, "2")]
    assert rows(f"/desk/map/{VILLAGE}/?category=governance") == [(UNIT, "1"), (NEXT_UNIT, "1")]  # one zero alone
    assert rows(f"/desk/map/{DISTRICT}/?layer=reach") == [(VILLAGE, "2")]
    assert rows(f"/desk/map/{VILLAGE}/?layer=reports") == [(UNIT, "1"), (NEXT_UNIT, "0")]
    assert rows(f"/desk/map/{VILLAGE}/?layer=reports&category={heading}") == [
        (UNIT, "1"),
        (NEXT_UNIT, "0"),
    ]  # with those below
    assert rows(f"/desk/map/{VILLAGE}/?layer=reports&category=C01") == [(UNIT, "0"), (NEXT_UNIT, "0")]
    assert rows(f"/desk/map/{VILLAGE}/?on=2018-10-31") == [(UNIT, "4"), (NEXT_UNIT, "4")]
    assert desk.get(f"/desk/map/{VILLAGE}/?layer=persons").status_code == 404
    assert signed_in(a_user(Duty.LOOK, area=OTHER_VILLAGE)).get(f"/desk/map/{VILLAGE}/").status_code == 404
    page = desk.get(f"/desk/map/{VILLAGE}/").content.decode()
    assert f"/desk/tiles/zeros/0/0/0.mvt?on={timezone.localdate()}&amp;area={VILLAGE}" in page
    (corners,) = re.findall(r'data-box="([-\d.,]+)"', page)
    assert [float(one) for one in corners.split(",")] == pytest.approx([104.250, 30.830, 104.252, 30.831])
