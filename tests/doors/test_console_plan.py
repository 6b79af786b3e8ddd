"""weiduan plan: asked, written to files, adopted."""

import json
import re

import click
import openpyxl
import pytest

from tests.builders import GRID, VILLAGE, a_village, divisions, load
from tests.doors.test_console import weiduan
from weiduan.ground.base.errors import BadInput
from weiduan.outlook.proposals.models import Proposal
from weiduan.planning.executors import executor_of
from weiduan.systems.organisation.coverage.queries import coverage_in

pytestmark = pytest.mark.django_db
HERE = ("--area", VILLAGE, "--on", "2018-10-31")


@pytest.fixture
def village():
    divisions()
    rows = a_village(groups={"X1": [f"{GRID}001"]})
    for row in rows["members"]:
        row["home"] = f"{GRID}002" if row["organisation"] == "Z1" else f"{GRID}001"
    load(rows)


def test_groups_are_planned_written_to_a_folder_and_adopted(village, tmp_path):
    said = weiduan("plan", "organise", *HERE, "--engine", "here", "--out", str(tmp_path / "plan"))
    assert "已证明最优 1 / 1 个村；盖不住的单元 0 个" in said
    told = json.loads((tmp_path / "plan/plan.json").read_text(encoding="utf-8"))
    assert told["villages"][0]["points"][0]["moves"] == 2
    assert len(json.loads((tmp_path / "plan/plan.geojson").read_text(encoding="utf-8"))["features"]) == 3
    assert openpyxl.load_workbook(tmp_path / "plan/plan.xlsx").sheetnames[0] == "村（社区）"

    [key] = re.findall(r"方案 ([0-9a-f-]{36})", said)
    assert "✓ 1 个村" in weiduan("plan", "adopt", key, "--on", "2018-10-31")
    assert not any(unit.reason for unit in coverage_in(VILLAGE, on=Proposal.objects.get().on).units)


def test_what_is_to_be_kept_is_kept_and_what_is_not_there_is_refused(village):
    weiduan("plan", "organise", *HERE, "--engine", "here", "--keep", "X1")
    assert Proposal.objects.get().wishes["keep"] == ["X1"]
    with pytest.raises(BadInput, match="X9"):
        weiduan("plan", "organise", *HERE, "--keep", "X9")


def test_a_pool_of_children_says_what_this_process_says(village, tmp_path):
    for engine in ("here", "pool"):
        weiduan("plan", "organise", *HERE, "--engine", engine, "--out", str(tmp_path / engine))
    here, pool = (json.loads((tmp_path / e / "plan.json").read_text(encoding="utf-8")) for e in ("here", "pool"))
    assert here["villages"] == pool["villages"]


def test_heads_are_named_by_number_only(village):
    said = weiduan("plan", "heads", *HERE)
    assert "1 个网格的网格员不是党员，1 个有合适人选" in said
    assert "张" not in said


def test_an_unknown_engine_says_which_there_are():
    with pytest.raises(ValueError, match="pool"):
        executor_of("spark", None, None)


def test_ctrl_c_stops_the_plan_so_that_it_goes_on_at_once(village, monkeypatch):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("weiduan.doors.console.plan.plan_proposal", interrupted)
    with pytest.raises((KeyboardInterrupt, click.Abort)):
        weiduan("plan", "organise", *HERE)
    monkeypatch.undo()
    assert Proposal.objects.get().state == "stopped"
    assert "已证明最优 1 / 1" in weiduan("plan", "resume", str(Proposal.objects.get().pk), "--engine", "here")
