"""Metres on foot, against an independent computation: Shapely on a national plane, and NetworkX along streets."""

from datetime import timedelta

import networkx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from tests.builders import DISTRICT, MONDAY, SURVEYED, VILLAGE, a_user, divisions
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed
from weiduan.systems.venues.reach.actions import load_streets
from weiduan.systems.venues.reach.models import Street
from weiduan.systems.venues.reach.queries import streets_around, walks_between
from weiduan.systems.venues.reach.rules import straight_walks, streets_of

# Gauss-Krüger about 105° east, the national grid of this district; metres.
GRID = Transformer.from_crs("EPSG:4326", "EPSG:4544", always_xy=True)
points = st.tuples(st.floats(104.20, 104.30), st.floats(30.80, 30.90))


def _metres(one, other):
    return shapely.Point(GRID.transform(*one)).distance(shapely.Point(GRID.transform(*other)))


@settings(max_examples=50, deadline=None)
@given(starts=st.lists(points, min_size=1, max_size=4), ends=st.lists(points, min_size=1, max_size=4))
def test_straight_walks_are_the_distance_of_the_national_grid_times_the_detour(starts, ends):
    found = straight_walks(starts, ends)
    wanted = [[1.3 * _metres(one, other) for other in ends] for one in starts]
    assert np.allclose(found, wanted, rtol=4e-3, atol=0.5)


LON, LAT, STEP = 104.25, 30.85, 0.001


def _town(gaps=()):
    """Streets around four times four blocks, without those whose number stands in `gaps`."""
    lines = [
        [(LON + STEP * x, LAT + STEP * y), (LON + STEP * (x + 1), LAT + STEP * y)] for y in range(5) for x in range(4)
    ]
    lines += [
        [(LON + STEP * x, LAT + STEP * y), (LON + STEP * x, LAT + STEP * (y + 1))] for x in range(5) for y in range(4)
    ]
    return [line for number, line in enumerate(lines) if number not in gaps]


def _by_networkx(lines, starts, ends):
    """Cut the nearest street where each point meets it, and let NetworkX find the way."""
    graph = networkx.Graph()
    flat = [[GRID.transform(*point) for point in line] for line in lines]
    pieces = [shapely.LineString(line) for line in flat]
    cuts = {n: [0.0, piece.length] for n, piece in enumerate(pieces)}
    joined = {}
    for place in {*starts, *ends}:
        dot = shapely.Point(GRID.transform(*place))
        nearest = min(range(len(pieces)), key=lambda n: pieces[n].distance(dot))
        along = pieces[nearest].project(dot)
        cuts[nearest].append(along)
        joined[place] = (nearest, along, pieces[nearest].distance(dot))

    def node(number, along):
        point = pieces[number].interpolate(along)
        return round(point.x, 2), round(point.y, 2)

    for number, marks in cuts.items():
        for one, other in zip(sorted(marks), sorted(marks)[1:], strict=False):
            graph.add_edge(node(number, one), node(number, other), weight=other - one)

    def way(start, end):
        try:
            path = networkx.dijkstra_path_length(graph, node(*joined[start][:2]), node(*joined[end][:2]))
        except networkx.NetworkXNoPath:
            return np.inf
        return joined[start][2] + path + joined[end][2]

    return [[way(start, end) for end in ends] for start in starts]


inside = st.tuples(st.floats(LON - 0.0005, LON + 0.0045), st.floats(LAT - 0.0005, LAT + 0.0045))


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.sets(st.integers(0, 39), max_size=20),
    starts=st.lists(inside, min_size=1, max_size=4), ends=st.lists(inside, min_size=1, max_size=3),
)  # fmt: skip
def test_walks_along_streets_are_those_networkx_finds(gaps, starts, ends):
    lines = _town(gaps)
    found = streets_of(lines).walks(starts, ends)
    wanted = np.array(_by_networkx(lines, starts, ends))
    assert (np.isinf(found) == np.isinf(wanted)).all()
    reached = ~np.isinf(wanted)
    assert np.allclose(found[reached], wanted[reached], rtol=4e-3, atol=1.0)


def test_streets_that_only_cross_do_not_meet_and_without_a_way_there_is_none():
    bridge = [[(LON, LAT), (LON + STEP, LAT)], [(LON + STEP / 2, LAT - STEP), (LON + STEP / 2, LAT + STEP)]]
    walk = streets_of(bridge).walks([(LON, LAT)], [(LON + STEP / 2, LAT + STEP)])
    assert np.isinf(walk).all()
    assert streets_of([]) is None and streets_of([[(LON, LAT), (LON, LAT)]]) is None
    assert streets_of(bridge).walks([], [(LON, LAT)]).shape == (0, 1)


@pytest.mark.django_db
def test_loaded_streets_of_the_smallest_area_around_count_from_their_day():
    divisions()
    lines = [shapely.LineString(line) for line in _town()]
    by = a_user(Duty.KEEP_GROUND)
    later = SURVEYED + timedelta(days=30)
    assert load_streets(lines[:20], code=DISTRICT, source="测绘院 2018", on=SURVEYED, by=by, at=MONDAY) == 20
    load_streets([shapely.MultiLineString(lines)], code=VILLAGE, source="社区自绘", on=later, by=by, at=MONDAY)

    assert len(streets_around(VILLAGE, on=SURVEYED).segments) == 20
    assert len(streets_around(VILLAGE, on=later).segments) == 40
    assert len(streets_around(DISTRICT, on=later).segments) == 20
    assert streets_around(VILLAGE, on=SURVEYED - timedelta(days=1)) is None
    walks = walks_between({"u": (LON, LAT)}, {1: (LON + STEP, LAT + STEP)}, code=VILLAGE, on=later)
    assert walks.along and walks.between("u", 1) == pytest.approx(
        _metres((LON, LAT), (LON + STEP, LAT)) + 111.2, rel=0.01
    )
    assert walks.between("v", 1) is None


@pytest.mark.django_db
def test_a_file_without_lines_a_missing_source_and_a_stranger_change_nothing():
    divisions()
    square = [shapely.box(LON, LAT, LON + STEP, LAT + STEP)]
    for shapes, source in ((square, "x"), ([], "x"), ([shapely.LineString(_town()[0])], " ")):
        with pytest.raises(BadInput):
            load_streets(shapes, code=VILLAGE, source=source, on=SURVEYED, by="test", at=MONDAY)
    with pytest.raises(NotAllowed):
        load_streets(square, code=VILLAGE, source="x", on=SURVEYED, by=a_user(Duty.LOOK), at=MONDAY)
    assert Street.objects.count() == 0
