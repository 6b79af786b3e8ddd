"""The office share of a centre, exactly: office floor in per cent of function-room floor, and what must change use."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from weiduan.systems.venues.facilities.rules import Use

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Floors:
    """Square metres of a centre by what rooms are for; store rooms and corridors count as neither."""

    office_m2: Decimal
    function_m2: Decimal

    @property
    def share(self) -> Decimal | None:
        """Office in per cent of function rooms, to the hundredth, never rounded down; None without function rooms."""
        if not self.function_m2:
            return None
        return up_to_hundredth(100 * Fraction(self.office_m2) / Fraction(self.function_m2))

    def to_change(self, most_percent: int) -> Decimal:
        """Return how many m² of office must become function room for the share to be at most `most_percent`; 0 if it is."""
        office, function = Fraction(self.office_m2), Fraction(self.function_m2)
        return up_to_hundredth(max((100 * office - most_percent * function) / (100 + most_percent), Fraction(0)))


def floors_of(rooms: Iterable[tuple[str, Decimal]]) -> Floors:
    """Add up rooms given as (use, m²)."""
    listed = list(rooms)
    office = sum((area for use, area in listed if use == Use.OFFICE), Decimal(0))
    function = sum((area for use, area in listed if use not in (Use.OFFICE, Use.STORE)), Decimal(0))
    return Floors(office, function)


def up_to_hundredth(value: Fraction) -> Decimal:
    """Return a number to the hundredth, rounded up, so that what is over a limit never looks as if it held."""
    whole = -((-value * 100).__floor__())
    return (Decimal(whole) / 100).quantize(HUNDREDTH, rounding=ROUND_CEILING)
