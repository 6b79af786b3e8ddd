"""A reform: what stays, moves, merges and waits; organisations and members follow their unit."""

from datetime import date

import pytest

from tests.builders import (
    DISTRICT,
    GRID,
    MONDAY,
    OTHER_VILLAGE,
    TOWN,
    VILLAGE,
    a_user,
    a_village,
    divisions,
    load,
)
from weiduan.ground.accounts.queries import may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput
from weiduan.ground.ledger.queries import breaks
from weiduan.ground.territory.models import AreaVersion, Succession
from weiduan.ground.territory.queries import area_by_code
from weiduan.ground.territory.reform import AlreadyDecided, open_successions, plan_reform, reform, settle_succession
from weiduan.systems.organisation.coverage.queries import coverage_in
from weiduan.systems.organisation.members.models import Membership

pytestmark = pytest.mark.django_db
ON = date(2020, 1, 1)
BEFORE, AFTER = date(2018, 12, 31), date(2021, 12, 31)
NEW_TOWN, NEW_VILLAGE = "510113003000", "510113003001"


def _edition(*rows):
    return [{"code": code, "name": name, "kind": ""} for code, name in ((DISTRICT, "青白江区"), *rows)]


def _carried_out(edition, lineage):
    plan = plan_reform(edition, lineage, edition="2020", on=ON)
    return reform(plan, by="test", at=MONDAY)


@pytest.fixture
def world():
    divisions()
    load(a_village(groups={"X1": [GRID + "001"]}))


def test_a_recoded_village_takes_grids_organisations_and_members_with_it(world):
    edition = _edition(
        (TOWN, "大弯街道"), (NEW_TOWN, "大同街道"), (NEW_VILLAGE, "石家碾社区"), (OTHER_VILLAGE, "大弯社区")
    )
    waiting = _carried_out(
        edition, [{"old_code": VILLAGE, "new_code": NEW_VILLAGE, "kind": "moved", "basis": "same name"}]
    )

    assert waiting == []
    before, after = coverage_in(DISTRICT, on=BEFORE), coverage_in(DISTRICT, on=AFTER)
    assert [u.code for u in before.units] == [f"{GRID}00{n}" for n in (1, 2, 3)]
    assert [u.code for u in after.units] == [f"{NEW_VILLAGE}00100{n}" for n in (1, 2, 3)]
    assert [u.reason for u in after.units] == [u.reason for u in before.units] == ["", "no_group", "no_group"]
    assert before.total["organisations"] == after.total["organisations"] == 3
    home = Membership.objects.exclude(home=None).first().home
    assert {v.code for v in AreaVersion.objects.filter(area=home)} == {f"{GRID}003", f"{NEW_VILLAGE}001003"}
    assert list(breaks()) == []


def test_a_merged_village_hands_its_grids_over_numbered_on(world):
    load(
        {"grids": [{"code": OTHER_VILLAGE + "001", "name": "01网格", "kind": "general"}], "units": [], "organisations": [],
         "members": [], "posts": [], "premises": []},
        area=OTHER_VILLAGE,
    )  # fmt: skip
    _carried_out(_edition((TOWN, "大弯街道"), (VILLAGE, "石家碾社区")), [
        {"old_code": VILLAGE, "new_code": VILLAGE, "kind": "kept", "basis": ""},
        {"old_code": OTHER_VILLAGE, "new_code": VILLAGE, "kind": "merged", "basis": ""},
    ])  # fmt: skip
    grids = [g.code for g in coverage_in(DISTRICT, on=AFTER).grids]
    assert grids == [VILLAGE + "001", VILLAGE + "002"]
    moved = AreaVersion.objects.get(code=VILLAGE + "002", until=None)
    assert moved.parent_id == area_by_code(VILLAGE, on=AFTER).area_id


def test_a_village_without_an_heir_waits_and_nothing_is_dropped(world):
    lineage = [{"old_code": VILLAGE, "new_code": "", "kind": "dissolved", "basis": "no heir"}]
    waiting = _carried_out(_edition((TOWN, "大弯街道"), (OTHER_VILLAGE, "大弯社区")), lineage)

    assert [w.old_code for w in waiting] == [VILLAGE]
    total = coverage_in(DISTRICT, on=AFTER).total
    assert (total["villages"], total["villages_pending"], total["units"], total["organisations"]) == (1, 1, 3, 3)


def test_a_doubtful_heir_is_no_heir(world):
    lineage = [{"old_code": VILLAGE, "new_code": f"{OTHER_VILLAGE}?", "kind": "", "basis": ""}]
    assert len(_carried_out(_edition((TOWN, "大弯街道"), (OTHER_VILLAGE, "大弯社区")), lineage)) == 1


def test_what_waits_in_a_town_that_went_over_waits_under_its_heir(world):
    edition = _edition((NEW_TOWN, "大同街道"))
    lineage = [{"old_code": TOWN, "new_code": NEW_TOWN, "kind": "moved", "basis": ""}]
    waiting = _carried_out(edition, lineage)
    assert [w.old_code for w in waiting] == [VILLAGE, OTHER_VILLAGE]
    codes = set(AreaVersion.objects.filter(kind="pending", until=None).values_list("code", flat=True))
    assert codes == {"510113003901", "510113003902"}
    assert [u.code for u in coverage_in(NEW_TOWN, on=AFTER).units] == [f"51011300390100100{n}" for n in (1, 2, 3)]


def test_a_person_decides_and_the_units_follow(world):
    _carried_out(_edition((TOWN, "大弯街道"), (OTHER_VILLAGE, "大弯社区")), [])
    [waiting] = open_successions(DISTRICT)
    settle_succession(waiting, into=OTHER_VILLAGE, on=date(2020, 3, 1), by="test", at=MONDAY)

    assert open_successions(DISTRICT) == []
    total = coverage_in(DISTRICT, on=AFTER).total
    assert (total["villages"], total["villages_pending"], total["units"]) == (1, 0, 3)
    assert {u.code[:12] for u in coverage_in(DISTRICT, on=AFTER).units} == {OTHER_VILLAGE}
    with pytest.raises(AlreadyDecided):
        settle_succession(Succession.objects.get(pk=waiting.pk), into=OTHER_VILLAGE, on=AFTER, by="test", at=MONDAY)


def test_it_can_only_go_over_into_something_of_its_own_level(world):
    _carried_out(_edition((TOWN, "大弯街道"), (OTHER_VILLAGE, "大弯社区")), [])
    [waiting] = open_successions(DISTRICT)
    with pytest.raises(BadInput):
        settle_succession(waiting, into=TOWN, on=AFTER, by="test", at=MONDAY)


def test_mandates_follow_their_village(world):
    secretary = a_user(Duty.KEEP_ORGANISATION, area=VILLAGE)
    edition = _edition(
        (TOWN, "大弯街道"), (NEW_TOWN, "大同街道"), (NEW_VILLAGE, "石家碾社区"), (OTHER_VILLAGE, "大弯社区")
    )
    _carried_out(edition, [{"old_code": VILLAGE, "new_code": NEW_VILLAGE, "kind": "moved", "basis": ""}])
    later = MONDAY.replace(year=2021)
    assert may(secretary, Duty.KEEP_ORGANISATION, in_area=NEW_VILLAGE, at=later)
    assert not may(secretary, Duty.KEEP_ORGANISATION, in_area=VILLAGE, at=later)


@pytest.mark.parametrize("lineage", [
    [{"old_code": "510113009001", "new_code": "", "kind": "", "basis": ""}],
    [{"old_code": VILLAGE, "new_code": "510113009001", "kind": "", "basis": ""}],
])  # fmt: skip
def test_a_table_that_names_unknown_codes_is_refused_and_nothing_changes(world, lineage):
    with pytest.raises(BadInput, match="510113009001"):
        plan_reform(_edition((TOWN, "大弯街道"), (VILLAGE, "石家碾社区")), lineage, edition="2020", on=ON)
    assert Succession.objects.count() == 0


def test_planning_a_reform_changes_nothing(world):
    versions = list(AreaVersion.objects.order_by("id").values())
    plan = plan_reform(_edition((TOWN, "大弯街道"), (OTHER_VILLAGE, "大弯社区")), [], edition="2020", on=ON)
    assert plan.counts() == {"kept": 3, "recoded": 0, "merged": 0, "without_heir": 1, "founded": 0}
    assert list(AreaVersion.objects.order_by("id").values()) == versions
