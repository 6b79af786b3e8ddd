"""The second zero: each dead corner with its reason and the shortest way out; the demo's figures worked out another way."""

from datetime import date, timedelta
from itertools import pairwise

import networkx
import pytest
import shapely

from tests.builders import DISTRICT, GRID, MONDAY, SURVEYED, TOWN, VILLAGE
from tests.systems.venues.reaching import GRID_PLANE, a_row, a_venue, at, walked
from weiduan.ground.territory.actions import found_divisions
from weiduan.ground.territory.rules import Level
from weiduan.outlook.demo.divisions import qingbaijiang
from weiduan.outlook.demo.generate import generate
from weiduan.outlook.demo.venues import open_venues
from weiduan.outlook.insight.corner_words import step_words, why_sentence
from weiduan.outlook.insight.organisation import coverage_of
from weiduan.outlook.insight.reach_maps import bands_in, reach_map
from weiduan.outlook.insight.venues import corner_figures, venue_reach
from weiduan.outlook.proposals.venues import as_told, plan_venues
from weiduan.outlook.proposals.venues_adoption import adopt_venues
from weiduan.outlook.survey.actions import load_survey
from weiduan.planning.engines import HIGHS, Here
from weiduan.systems.venues.micro_venues.actions import move_on
from weiduan.systems.venues.micro_venues.models import MicroVenue, Serving
from weiduan.systems.venues.micro_venues.queries import venues_in
from weiduan.systems.venues.micro_venues.rules import State
from weiduan.systems.venues.reach.actions import load_streets
from weiduan.systems.venues.reach.corners import dead_corners

pytestmark = pytest.mark.django_db


def _found(on=SURVEYED):
    """Number of the unit → (reason, next step, name of what the step is about)."""
    corners = venue_reach(VILLAGE, on=on).corners
    return {int(c.unit.code[-3:]): (c.reason, c.step.what, c.step.name or c.step.number) for c in corners}


def test_each_dead_corner_has_its_reason_and_the_shortest_way_out():
    a_row(
        {1: 0, 2: 1, 3: 9, 4: 20, 5: 30, 6: 40, 7: 50, 8: 60, 9: None},
        {"F1": 0, "F2": 19, "F3": 30, "F4": 42, "F5": 61, "F6": 63},
    )
    a_venue("F1", [1, 3])  # serves 3, which is 900 m away; 2 is near and not served
    a_venue("F2", [4], state=State.PLANNED)
    a_venue("F3", [5], state=State.CLOSED)
    a_venue("F4", [], state=State.FITTING_OUT)
    assert _found(SURVEYED + timedelta(days=1)) == {
        2: ("unserved", "serve", "F1微阵地"),
        3: ("too_far", "look", ""),
        4: ("planned", "open", "F2微阵地"),
        5: ("closed", "plan", "F3旧房"),
        6: ("none", "open", "F4微阵地"),
        7: ("none", "look", ""),
        8: ("none", "plan", "F5旧房"),  # the nearer of two
        9: ("off_map", "map", "单元001009"),
    }


def test_no_room_is_named_whose_owner_said_no():
    a_row({1: 0}, {"F1": 1}, consent="no")
    assert _found() == {1: ("none", "look", "")}


def test_a_place_off_the_map_is_to_be_put_there():
    a_row({1: 0}, {"F1": None})
    a_venue("F1", [1])
    assert _found() == {1: ("place_off_map", "map", "F1微阵地")}


def test_sentences_name_the_place_the_way_and_the_limit():
    a_row({1: 0, 2: 9, 3: 30}, {"F1": 0, "F2": 31})
    a_venue("F1", [1, 2])
    a_venue("F2", [3], state=State.FITTING_OUT)
    far, coming = venue_reach(VILLAGE, on=SURVEYED).corners[::-1]
    assert all(part in why_sentence(far) for part in ("F1微阵地", "1170", "650"))
    assert all(part in why_sentence(coming) for part in ("F2微阵地", str(SURVEYED)))
    assert all(part in step_words(coming.step) for part in ("F2微阵地", "130"))


def test_figures_of_parts_add_up_and_each_level_says_the_same():
    a_row({1: 0, 2: 1, 3: 9}, {"F1": 0})
    a_venue("F1", [1, 2, 3])
    district = venue_reach(DISTRICT, on=SURVEYED)
    assert (district.total["units"], district.total["within"], district.total["dead_corners"]) == (3, 2, 1)
    assert (district.total["households_without"], district.total["by_reason"]) == (103, {"too_far": 1})
    for level in (Level.TOWN, Level.VILLAGE):
        assert sum(row["dead_corners"] for row in district.parts(level)) == 1
    for code in (TOWN, VILLAGE, GRID, f"{GRID}003"):
        assert [c.unit.code for c in venue_reach(code, on=SURVEYED).corners] == [f"{GRID}003"]
    assert corner_figures(coverage_of(VILLAGE, on=SURVEYED)) == {"units": 3, "within": 2, "dead_corners": 1}


def test_households_within_each_band_are_those_that_brute_force_finds():
    units, rooms = {n: n * 1.3 for n in range(1, 9)}, {"F1": 0, "F2": 7, "F3": None}
    a_row(units, rooms)
    for number in rooms:
        a_venue(number, [1])
    wanted = {
        f"{f}微阵地": tuple(
            sum(100 + n for n in units if walked(at(units[n]), at(place)) <= 1.3 * band) for band in (250, 500, 750)
        )
        for f, place in rooms.items()
        if place is not None
    }
    assert {b.name: b.households for b in bands_in(VILLAGE, on=SURVEYED)} == wanted | {"F3微阵地": None}
    features = reach_map(venue_reach(VILLAGE, on=SURVEYED))["features"]
    rings = [f for f in features if f["properties"].get("role") == "ring"]
    assert [ring["properties"]["band"] for ring in rings] == [1, 2, 3]
    assert [ring["geometry"]["type"] for ring in rings] == ["MultiLineString", "LineString", "LineString"]


def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries):
    a_row({n: n / 2 for n in range(1, 60)}, {f"F{n}": n * 4 for n in range(1, 9)})
    a_venue("F1", [1, 2])
    a_venue("F2", [60], state=State.PLANNED)
    with django_assert_max_num_queries(14):
        venue_reach(VILLAGE, on=SURVEYED)


@pytest.fixture
def demo():
    """A district of modest size with centres and micro-venues, as of today."""
    made = generate(qingbaijiang(), scale=0.08)
    found_divisions(made.divisions, edition="2018", on=made.on, by="test", at=MONDAY)
    load_survey(made.rows, area=DISTRICT, on=made.on, by="test", at=MONDAY)
    later = made.on + timedelta(days=400)
    open_venues(qingbaijiang(), seed=2018, on=made.on, by="test", at=MONDAY + timedelta(days=400))
    return made, later


def _ground_of(made, on: date):
    """Points of the units by code, and the open venues with their points and the codes they serve, read plainly."""
    points = {row["code"]: (row["lon"], row["lat"]) for row in made.rows["units"] if len(row["code"]) == 18}
    serving = [
        (s.area.versions.get().code, (s.venue.premises.lon, s.venue.premises.lat))
        for s in Serving.objects.select_related("venue__premises", "area")
        if s.venue.opened_on and s.venue.opened_on <= on and not (s.venue.closed_on and s.venue.closed_on <= on)
    ]
    return points, serving


def test_on_the_demo_the_dead_corners_are_those_of_shapely_and_of_networkx_along_streets(demo):
    made, today = demo
    points, serving = _ground_of(made, today)
    near = {code for code, spot in serving if walked(points[code], spot) <= 650}
    assert 5 < len(near) < len(points)
    assert set(dead_corners(DISTRICT, on=today)) == set(points) - near

    lines = _streets(points)
    load_streets(
        [shapely.LineString(line) for line in lines], code=DISTRICT, source="棋盘路网", on=today, by="test", at=MONDAY
    )
    ways = _walked_along(lines, points, serving)
    near = {code for code, metres in ways if metres <= 650}
    unsure = {code for code, metres in ways if abs(metres - 650) < 2}  # the two planes are not the same to the metre
    dead = set(dead_corners(DISTRICT, on=today))
    assert dead - unsure == set(points) - near - unsure
    assert dead > set(points) - {code for code, _metres in ways}


def _streets(points):
    """A chequerboard of streets 400 m apart over the first town; nobody else has one."""
    here = [point for code, point in points.items() if code.startswith("510113001")]
    (west, south), (east, north) = (tuple(f(axis) for axis in zip(*here, strict=True)) for f in (min, max))
    lon, lat = 400 / 95_700, 400 / 110_860
    across, up = int((east - west) / lon) + 2, int((north - south) / lat) + 2
    spots = [[(west + x * lon, south + y * lat) for x in range(across)] for y in range(up)]
    return [*spots, *map(list, zip(*spots, strict=True))]


def _walked_along(lines, points, serving):
    """(unit, metres) for each unit and place that serves it, by NetworkX over the crossings."""
    graph, flat = networkx.Graph(), [[GRID_PLANE.transform(*p) for p in line] for line in lines]
    pieces = [(a, b) for line in flat for a, b in pairwise(line)]
    for a, b in pieces:
        graph.add_edge(_node(a), _node(b), weight=shapely.Point(a).distance(shapely.Point(b)))
    tree = shapely.STRtree([shapely.LineString(piece) for piece in pieces])
    return [(code, _way(graph, tree, pieces, points[code], spot)) for code, spot in serving]


def _node(point):
    return round(point[0], 1), round(point[1], 1)


def _way(graph, tree, pieces, start, end):
    joined = []
    for name, lonlat in (("start", start), ("end", end)):
        dot = shapely.Point(GRID_PLANE.transform(*lonlat))
        piece = tree.nearest(dot)
        line = tree.geometries[piece]
        joined.append((piece, line.project(dot)))
        leg = line.distance(dot)
        for corner, along in zip(pieces[piece], (line.project(dot), line.length - line.project(dot)), strict=True):
            graph.add_edge(name, _node(corner), weight=leg + along)
        joined[-1] += (leg,)
    metres = networkx.dijkstra_path_length(graph, "start", "end")
    if joined[0][0] == joined[1][0]:
        metres = min(metres, joined[0][2] + joined[1][2] + abs(joined[0][1] - joined[1][1]))
    graph.remove_nodes_from(["start", "end"])
    return metres


def test_rooms_of_a_plan_adopted_and_opened_leave_only_the_dead_corners_it_named():
    made = generate(qingbaijiang(), scale=0.1)
    found_divisions(made.divisions, edition="2018", on=made.on, by="test", at=MONDAY)
    load_survey(made.rows, area=DISTRICT, on=made.on, by="test", at=MONDAY)
    told = as_told(plan_venues(TOWN, on=SURVEYED, engine=Here(*HIGHS)))
    adopt_venues(told, area=TOWN, on=SURVEYED, by="test", at=MONDAY)
    assert len(dead_corners(TOWN, on=SURVEYED)) == told["figures"]["units"]
    assert {c.reason for c in venue_reach(TOWN, on=SURVEYED).corners} <= {"planned", "none"}

    for venue in venues_in(TOWN, on=SURVEYED):
        _open(venue)
    named = {told["units"][left["unit"]]["code"] for left in told["left_out"]}
    reach = venue_reach(TOWN, on=SURVEYED)
    assert {corner.unit.code for corner in reach.corners} == named
    assert len(reach.units) - len(named) == told["figures"]["within"] > 0
    assert {corner.step.what for corner in reach.corners} <= {"look", "serve"}


def _open(venue: MicroVenue) -> None:
    for state in (State.FITTING_OUT, State.OPEN):
        venue = move_on(venue, state, seat=TOWN, on=SURVEYED, by="test", at=MONDAY)
