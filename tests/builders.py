"""Small worlds for tests: one village with a grid, units and organisations, made as a survey would."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from weiduan.ground.accounts.actions import give_mandate
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.actions import found_divisions
from weiduan.outlook.survey.actions import load_survey

MONDAY = datetime(2018, 11, 5, 2, 0, tzinfo=UTC)  # 10:00 in China
SURVEYED = date(2018, 10, 31)
DISTRICT, TOWN, VILLAGE, OTHER_VILLAGE = "510113000000", "510113002000", "510113002002", "510113002003"
GRID = VILLAGE + "001"

_numbers = count(1)


def divisions(on: date = SURVEYED) -> None:
    """Lay a district with one town and two villages."""
    rows = [(DISTRICT, "青白江区"), (TOWN, "大弯街道"), (VILLAGE, "石家碾社区"), (OTHER_VILLAGE, "大弯社区")]
    found_divisions([{"code": code, "name": name} for code, name in rows], edition="2018", on=on, by="test", at=MONDAY)


def grid(code: str = GRID, **facts: Any) -> dict[str, Any]:
    return {"code": code, "name": f"{code[12:]}网格", "kind": "general"} | facts


def unit(code: str = GRID + "001", **facts: Any) -> dict[str, Any]:
    empty = {"population": None, "management": None, "address": None, "lon": None, "lat": None}
    return {"code": code, "name": f"单元{code[12:]}", "kind": "estate", "households": 100} | empty | facts


def organisation(number: str, kind: str, **facts: Any) -> dict[str, Any]:
    term = {"term_since": date(2017, 6, 1), "term_due": date(2022, 6, 1)}
    return {
        "number": number, "name": number, "kind": kind, "parent": None, "area": VILLAGE, "covers": None,
        "founded_on": date(2017, 6, 1),
    } | term | facts  # fmt: skip


def member(organisation: str, **facts: Any) -> dict[str, Any]:
    number = f"P{next(_numbers):05d}"
    return {
        "number": number, "name": f"张{number}", "contact": None, "organisation": organisation, "home": None,
        "joined_on": date(2005, 7, 1), "full_on": date(2006, 7, 1), "state": "active",
    } | facts  # fmt: skip


def post(person: str, role: str, **facts: Any) -> dict[str, Any]:
    return {
        "person": person, "name": None, "contact": None, "role": role, "organisation": None, "area": None,
        "since": date(2017, 6, 1), "due": None,
    } | facts  # fmt: skip


def survey(**sheets: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows for every sheet, empty where none are given."""
    keys = ("grids", "units", "organisations", "members", "posts", "premises")
    return {key: sheets.get(key, []) for key in keys}


def load(rows: dict[str, list[dict[str, Any]]], *, area: str = VILLAGE, on: date = SURVEYED):
    return load_survey(rows, area=area, on=on, by="test", at=MONDAY)


def a_village(*, groups: dict[str, list[str]] | None = None, members: int = 3) -> dict[str, list[dict[str, Any]]]:
    """Return one village: a grid of three units, a branch on it, and groups.

    groups   group number → codes it covers (default: one group on the first unit)
    members  full members of each group; the first of them leads it
    """
    groups = {"X1": [GRID + "001"]} if groups is None else groups
    committee = organisation("W1", "committee", parent=None, area=VILLAGE)
    branch = organisation("Z1", "branch", parent="W1", covers=GRID)
    rows = survey(
        grids=[grid()],
        units=[unit(f"{GRID}00{n}") for n in (1, 2, 3)],
        organisations=[committee, branch],
        members=[member("Z1", home=f"{GRID}003") for _ in range(3)],
    )
    rows["posts"].append(post(rows["members"][0]["number"], "secretary", organisation="Z1"))
    for number, codes in groups.items():
        rows["organisations"].append(organisation(number, "group", parent="Z1", covers="、".join(codes)))
        own = [member(number) for _ in range(members)]
        rows["members"] += own
        if own:
            rows["posts"].append(post(own[0]["number"], "group_leader", organisation=number))
    return rows


def a_user(duty: Duty = Duty.LOOK, *, area: str = DISTRICT, name: str | None = None) -> User:
    """Return an account with one duty in an area."""
    user = User.objects.create_user(name or f"user{next(_numbers)}", password="a password for tests")
    give_mandate(user, duty, area=area, since=date(2018, 1, 1), by="test", at=MONDAY)
    return user
