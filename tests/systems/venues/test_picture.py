"""The picture of rooms: to scale, within its frame, none over another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weiduan.systems.venues.facilities.picture import laid_out

SIZES = st.lists(st.floats(0.01, 5000), min_size=1, max_size=40)


@given(sizes=SIZES)
def test_each_room_has_its_share_and_they_fill_the_frame_without_overlap(sizes):
    placed = laid_out(sizes, 360, 220)

    scale = 360 * 220 / sum(sizes)
    assert [one.width * one.height for one in placed] == pytest.approx([size * scale for size in sizes], rel=1e-6)
    for one in placed:
        assert (
            one.x >= -1e-6 and one.x + one.width <= 360 + 1e-6 and one.y >= -1e-6 and one.y + one.height <= 220 + 1e-6
        )
    for n, one in enumerate(placed):
        for other in placed[n + 1 :]:
            wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert wide <= 1e-6 or high <= 1e-6


def test_the_worked_example_of_the_paper_comes_out_as_printed_there():
    """Bruls, Huizing and van Wijk (2000): 6, 6, 4, 3, 2, 2, 1 in a frame of six by four."""
    placed = laid_out([6, 6, 4, 3, 2, 2, 1], 6, 4)
    assert [(round(one.width, 2), round(one.height, 2)) for one in placed[:4]] == [
        (3, 2),
        (3, 2),
        (1.71, 2.33),
        (1.29, 2.33),
    ]


def test_no_rooms_are_an_empty_picture_and_a_room_without_floor_is_refused():
    assert laid_out([], 360, 220) == []
    with pytest.raises(ValueError, match="more than zero"):
        laid_out([1, 0], 360, 220)
