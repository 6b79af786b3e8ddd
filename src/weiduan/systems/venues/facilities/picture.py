"""A simple picture of a place's rooms: a rectangle filled with one for each room, to scale, as square as can be.

Squarified treemap, Bruls, Huizing and van Wijk (2000). It shows how large rooms are, not where they lie.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float


def laid_out(sizes: Sequence[float], width: float, height: float) -> list[Rectangle]:
    """Divide a rectangle among sizes, each area in proportion; the result is in the order given.

    sizes  > 0

    Raises ValueError for a size, width or height that is not positive.
    """
    if any(not 0 < size < float("inf") for size in (*sizes, width, height)):
        raise ValueError("sizes, width and height must be more than zero")
    scale = width * height / sum(sizes) if sizes else 0
    order = sorted(range(len(sizes)), key=lambda n: (-sizes[n], n))
    left = Rectangle(0, 0, width, height)
    found: dict[int, Rectangle] = {}
    while order:
        strip = _strip([sizes[n] * scale for n in order], min(left.width, left.height))
        placed, left = _placed([sizes[n] * scale for n in order[:strip]], left)
        found |= dict(zip(order[:strip], placed, strict=True))
        order = order[strip:]
    return [found[n] for n in range(len(sizes))]


def _strip(areas: Sequence[float], side: float) -> int:
    """Return how many of the next areas make the squarest strip along a side."""
    count = 1
    while count < len(areas) and _worst(areas[: count + 1], side) <= _worst(areas[:count], side):
        count += 1
    return count


def _worst(areas: Sequence[float], side: float) -> float:
    """Return the longest shape in a strip, as longer side over shorter one."""
    depth = sum(areas) / side
    return max(max(depth * depth / area, area / (depth * depth)) for area in areas)


def _placed(areas: Sequence[float], left: Rectangle) -> tuple[list[Rectangle], Rectangle]:
    """Place a strip along the shorter side of what is left; return it and what is left then."""
    total = sum(areas)
    placed, done = [], 0.0
    if left.width >= left.height:
        depth = total / left.height
        for area in areas:
            placed.append(Rectangle(left.x, left.y + done, depth, area / depth))
            done += area / depth
        return placed, Rectangle(left.x + depth, left.y, max(left.width - depth, 0), left.height)
    depth = total / left.width
    for area in areas:
        placed.append(Rectangle(left.x + done, left.y, area / depth, depth))
        done += area / depth
    return placed, Rectangle(left.x, left.y + depth, left.width, max(left.height - depth, 0))
