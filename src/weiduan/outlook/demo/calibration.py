"""The few published figures the demo is calibrated on, and the rules of thumb made from them."""

import csv
from functools import cache

from .divisions import DATA


@cache
def figures() -> dict[str, float]:
    """Return metric → value, as data/calibration.csv has them."""
    with (DATA / "calibration.csv").open(encoding="utf-8", newline="") as lines:
        return {row["metric"]: float(row["value"]) for row in csv.DictReader(lines)}


def per_person(metric: str) -> float:
    """How many there are of something for each person of Qingbaijiang."""
    return figures()[metric] / figures()["population"]
