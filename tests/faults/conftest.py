"""An installation with a district and its first survey, made once; and a second survey to be loaded over it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.faults.installation import Installation, new_installation
from weiduan.outlook.demo.divisions import invented
from weiduan.outlook.demo.generate import Demo, generate

FIRST, SECOND = date(2018, 10, 31), date(2018, 11, 30)
VILLAGES = 5


def modelled(code: str, seed: int, on: date, *, units: int = 50) -> Demo:
    """A small district of some 2,000 rows, with so many units a village; another seed, and nearly every row is another."""
    size = {"units": units * VILLAGES, "members": 4 * units * VILLAGES}
    return generate(invented(VILLAGES, code=code), seed=seed, on=on, **size)


def with_divisions(home: Path, demos: list[Demo]) -> Installation:
    installation = new_installation(home)
    for number, demo in enumerate(demos):
        installation.run("found", installation.keep(f"divisions-{number}", demo.divisions), FIRST)
    return installation


@pytest.fixture(scope="module")
def first() -> Demo:
    return modelled("519901", 1, FIRST)


@pytest.fixture(scope="module")
def second() -> Demo:
    return modelled("519901", 2, SECOND)


@pytest.fixture
def surveyed(tmp_path: Path, first: Demo, second: Demo) -> Callable[[], tuple[Installation, list[Any]]]:
    """Make an installation with the first survey loaded; return it and what loads the second."""
    made = 0

    def make() -> tuple[Installation, list[Any]]:
        nonlocal made
        made += 1
        installation = with_divisions(tmp_path / f"home-{made}", [first])
        installation.run("load", installation.keep("first", first.rows), "519901000000", FIRST)
        return installation, [installation.keep("second", second.rows), "519901000000", SECOND]

    return make
