"""Which places touch."""

import numpy as np
from shapely import box

from weiduan.planning.neighbours import flat, gabriel, touching

DEGREE = 1 / 111_320


def test_outlines_that_share_an_edge_or_a_lane_touch_and_others_do_not():
    step = 100 * DEGREE
    shapes = [
        box(0, 0, step, step),
        box(step, 0, 2 * step, step),
        box(2.1 * step, 0, 3 * step, step),
        box(9 * step, 0, 10 * step, step),
    ]
    near = touching(shapes, np.array([[50, 50], [150, 50], [255, 50], [950, 50]]))
    assert near[0] == (1,) and near[1] == (0, 2)
    assert near[3] == (2,)  # alone in its field, it is joined to whoever is next


def test_places_without_outlines_touch_by_their_points():
    assert touching([None] * 3, np.array([[0, 0], [10, 0], [20, 0]])) == ((1,), (0, 2), (1,))


def test_nobody_nearer_lies_between_gabriel_neighbours():
    points = np.random.default_rng(3).uniform(0, 1000, (40, 2))
    found = set(gabriel(points))
    for a in range(40):
        for b in range(a + 1, 40):
            middle, radius = (points[a] + points[b]) / 2, np.hypot(*(points[a] - points[b])) / 2
            free = sum(np.hypot(*(points - middle).T) < radius - 1e-9) == 0
            assert ((a, b) in found) == free


def test_points_in_one_line_and_in_one_place_are_no_trouble():
    assert gabriel(np.array([[0.0, 0], [1, 0], [2, 0], [3, 0]])) == [(0, 1), (1, 2), (2, 3)]
    assert gabriel(np.zeros((0, 2))) == [] and gabriel(np.zeros((1, 2))) == []


def test_degrees_become_metres():
    metres = flat(np.array([104.25, 104.26]), np.array([30.88, 30.88]))
    assert abs(np.hypot(*(metres[1] - metres[0])) - 955.5) < 3
