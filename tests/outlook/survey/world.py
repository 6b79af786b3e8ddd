"""A small town as a survey sees it: two communities, three grids, five units, and who is there."""

from copy import deepcopy
from datetime import date
from pathlib import Path

from weiduan.outlook.survey.check import Checked, Known, check
from weiduan.outlook.survey.reader import read_workbook
from weiduan.outlook.survey.rows import Row
from weiduan.outlook.survey.sheets import SHEETS
from weiduan.outlook.survey.workbook import write_workbook

TOWN, FIRST, SECOND = "510113002000", "510113002002", "510113002003"
ON, TODAY = date(2018, 8, 1), date(2018, 8, 20)

_VALUES: dict[str, list[tuple]] = {
    "grids": [
        ("510113002002001", "01网格", "general"),
        ("510113002002002", "02网格", "general"),
        ("510113002003001", "01网格", "dedicated"),
    ],
    "units": [
        ("510113002002001001", "凤凰苑", "estate", 412, 1120, "property", "石家碾路 1 号", 104.2512, 30.8834),
        ("510113002002001001001", "1栋", "building", 60, None, None, None, None, None),
        ("510113002002001002", "老院子", "courtyard", 40, None, "self", None, None, None),
        ("510113002002002001", "新村", "settlement", 80, 210, "village", None, None, None),
        ("510113002003001001", "和苑", "new_community", 0, None, None, None, None, None),
    ],
    "organisations": [
        ("W1", "大弯街道党委", "committee", "W0", TOWN, None, date(2001, 7, 1), None, None),
        ("W2", "企业联合党委", "committee", "W1", TOWN, None, date(2005, 7, 1), None, None),
        ("Z1", "石家碾党总支", "general_branch", "W1", FIRST, None, date(2010, 7, 1), None, None),
        ("B1", "01网格党支部", "branch", "Z1", "510113002002001", "510113002002001、510113002002002",
         date(2017, 6, 1), date(2017, 6, 1), date(2020, 6, 1)),
        ("X1", "凤凰苑党小组", "group", "B1", "510113002002001001", "510113002002001001、510113002002001002",
         date(2017, 6, 1), None, None),
        ("B2", "和苑党支部", "branch", "W1", SECOND, "510113002003001", date(2017, 6, 1), None, None),
    ],
    "members": [
        ("P1", "张一", "13800000001", "X1", "510113002002001001", date(2005, 7, 1), date(2006, 7, 1), "active"),
        ("P2", "王二", None, "X1", "510113001001001001", date(2005, 7, 1), None, "mobile"),
        ("P3", "李三", "13800000003", "B2", None, date(1999, 1, 1), date(2000, 1, 1), "active"),
    ],
    "posts": [
        ("P1", None, None, "group_leader", "X1", None, date(2017, 6, 1), date(2020, 6, 1)),
        ("P3", None, None, "secretary", "B2", None, date(2017, 6, 1), None),
        ("N1", "赵四", "13800000004", "grid_worker", None, "510113002002001", date(2016, 1, 1), None),
        ("N1", "赵四", "13800000004", "residents_group_leader", None, FIRST, date(2016, 1, 1), None),
        ("E2", None, None, "venue_keeper", None, "510113002003001001", date(2018, 1, 1), None),
    ],
    "premises": [
        ("F1", "凤凰苑物管用房", "property_room", "510113002002001001", "6 栋旁", 86.5, 104.2513, 30.8835, "yes"),
        ("F2", "旧门市", "state_shop", SECOND, None, 40.0, None, None, "not_asked"),
    ],
}  # fmt: skip


def good_rows() -> dict[str, list[Row]]:
    """Return the town's rows, sheet key -> rows; a fresh copy each time."""
    rows = {}
    for sheet in SHEETS:
        keys = [column.key for column in sheet.columns]
        rows[sheet.key] = [dict(zip(keys, values, strict=True)) for values in _VALUES[sheet.key]]
    return deepcopy(rows)


def known(existing: dict[str, list[Row]] | None = None) -> Known:
    """Return what is known before the survey."""
    return Known(
        divisions={
            "510000000000": "四川省",
            "510100000000": "成都市",
            "510113000000": "青白江区",
            TOWN: "大弯街道",
            FIRST: "石家碾社区",
            SECOND: "和平社区",
        },
        existing=existing or {},
        organisations_elsewhere={"W0": "committee", "B9": "branch"},
        persons_elsewhere={"E1": "B9", "E2": ""},
        areas_elsewhere={"510113001001001001"},
        premises_elsewhere={"F9"},
    )


def write_good(path: Path) -> Path:
    """Write the town's workbook."""
    write_workbook(path, good_rows(), area=TOWN, area_name="大弯街道", on=ON)
    return path


def check_file(path: Path, existing: dict[str, list[Row]] | None = None, **options) -> Checked:
    """Read and check a workbook the way a person's upload is."""
    return check(read_workbook(path), known(existing), today=TODAY, **options)


NOTHING = {"new": 0, "changed": 0, "gone": 0}


def changes(checked: Checked) -> dict[str, int]:
    """Return how many rows loading would add, change and end, over all sheets."""
    assert checked.faults == []
    assert checked.diff is not None
    counts = checked.diff.counts.values()
    return {what: sum(each[what] for each in counts) for what in NOTHING}
