"""Open data: what stands in each set, in each form, and what never does."""

import csv
import io
import json
from datetime import timedelta

import pytest

from tests.builders import DISTRICT, MONDAY
from tests.systems.governance.compacting import enacted
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from tests.systems.services import projecting
from tests.systems.services.active import MAIL, NAME, an_activity, signed_up
from tests.systems.services.asking import opened
from weiduan.ground.base.errors import NotFound
from weiduan.outlook.insight.opened.data import SETS, changed_at, dictionary_of, file_of
from weiduan.outlook.insight.opened.news import news_of
from weiduan.outlook.insight.published.quarters import publish_quarters
from weiduan.systems.services.activities.models import Activity
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.answering import answer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path


def rows_of(name: str, code: str = DISTRICT, at=MONDAY) -> list[dict]:
    return json.loads(file_of(code, name, "json", at=at, demo=False).content)["rows"]


def table_of(name: str, at=MONDAY, demo: bool = False) -> list[dict[str, str]]:
    content = file_of(DISTRICT, name, "csv", at=at, demo=demo).content.decode()
    assert content.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(content[1:])))


def answered(many: int) -> None:
    made, codes = opened()
    for code in codes[:many]:
        answer(made.pk, code, [1, 5], at=MONDAY)
    asking.close(made.pk, by="test", at=MONDAY + 30 * DAY)


def test_units_are_the_same_in_a_table_and_on_a_map():
    a_village(drawn=True)
    [first, second] = rows_of("units")
    assert (first["code"], first["zero_venues"], first["households"]) == (UNIT, False, 100)
    lines = table_of("units")
    assert [line["code"] for line in lines] == [UNIT, NEXT_UNIT] and lines[0]["zero_venues"] == "false"
    drawn = json.loads(file_of(DISTRICT, "units", "geojson", at=MONDAY, demo=False).content)
    assert [one["geometry"]["type"] for one in drawn["features"]] == ["Polygon", "Polygon"]
    assert [one["properties"] for one in drawn["features"]] == [first, second]
    assert [row["code"] for row in rows_of("units", NEXT_UNIT)] == [NEXT_UNIT]


def test_zeros_say_of_each_unit_what_is_lacking():
    a_village()
    found = [row for row in rows_of("zeros") if row["code"] == UNIT]
    assert [(row["zero"], row["reached"], row["reasons"]) for row in found] == [
        ("organisation", False, "no_group"), ("venues", False, "off_map"),
        ("governance", False, "no_body;no_compact;not_talked_over"), ("services", False, "no_service;not_asked"),
    ]  # fmt: skip


def test_activities_are_told_without_whoever_signed_up():
    a_village()
    activity = an_activity()
    signed_up(activity, 1, name=NAME, contact=MAIL)
    Activity.objects.filter(pk=activity.pk).update(attended=4)
    [row] = rows_of("activities")
    assert (row["title"], row["state"], row["capacity"], row["area_code"]) == ("剪纸体验课", "open", 2, UNIT)
    assert "attended" not in row
    Activity.objects.filter(pk=activity.pk).update(attended=5)
    assert rows_of("activities")[0]["attended"] == 5 and rows_of("activities", at=MONDAY + 400 * DAY) == []


def test_projects_are_not_told_before_they_are_called():
    a_village()
    projecting.drafted()
    assert rows_of("projects") == []


def test_a_project_that_runs_says_what_was_set_aside():
    a_village()
    projecting.running()
    [row] = rows_of("projects", at=projecting.SIGNED)
    assert (row["state"], row["budget"], row["funded"]) == ("running", "50000.00", "50000.00")
    assert row["partner"] in projecting.NAMES and row["area_code"] == "510113002002"
    assert (row["repaid"], row["returned"]) == ("0.00", "0.00")


@pytest.mark.parametrize(("many", "lines"), [(4, 0), (5, 2)])
def test_satisfaction_is_told_only_of_five_answers_or_more_and_only_when_asking_is_over(many, lines):
    a_village()
    answered(many)
    found = rows_of("satisfaction", at=MONDAY + 30 * DAY)
    assert len(found) == lines
    if found:
        assert [(row["very_content"], row["not_content_at_all"], row["share_content"]) for row in found] == [
            (5, 0, 100.0), (0, 5, 0.0),
        ]  # fmt: skip


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t"])
def test_no_program_for_tables_takes_a_word_for_a_formula(begins):
    a_village()
    an_activity(title=f"{begins}1+1")
    Activity.objects.update(title=f"{begins}1+1")
    assert table_of("activities")[0]["title"] == f"'{begins}1+1"


def test_every_row_has_just_the_fields_of_the_dictionary_and_everything_says_where_it_comes_from():
    a_village(drawn=True)
    answered(5)
    an_activity()
    told_ = dictionary_of(DISTRICT, at=MONDAY, demo=False)
    assert [one["name"] for one in told_["sets"]] == [one.name for one in SETS]
    for one in told_["sets"]:
        names = {field["name"] for field in one["fields"]}
        assert all(field["meaning"] and field["source"] and field["type"] for field in one["fields"])
        for row in rows_of(one["name"], at=MONDAY + 30 * DAY):
            assert set(row) <= names
            for field in one["fields"]:
                if field.get("values") and field["name"] in row:
                    assert row[field["name"]] in field["values"]


def test_a_demo_says_so_in_its_name_and_in_each_line():
    a_village()
    found = file_of(DISTRICT, "units", "json", at=MONDAY, demo=True)
    assert found.name == f"units-{DISTRICT}-demo.json" and "demo" in json.loads(found.content)
    assert all(line["demo"] for line in table_of("units", demo=True)) and "demo" not in table_of("units")[0]


def test_it_changes_with_the_last_deed_and_with_the_day():
    a_village()
    assert changed_at(at=MONDAY + timedelta(hours=1)) == MONDAY
    assert changed_at(at=MONDAY + 3 * DAY).isoformat() == "2018-11-08T00:00:00+08:00"
    an_activity()
    assert changed_at(at=MONDAY + timedelta(hours=1)) == MONDAY


@pytest.mark.parametrize(("name", "form"), [("people", "csv"), ("zeros", "geojson"), ("units", "xml")])
def test_what_is_not_there_is_not_found(name, form):
    a_village()
    with pytest.raises(NotFound):
        file_of(DISTRICT, name, form, at=MONDAY, demo=False)


def test_nobody_who_told_or_signed_up_is_in_any_file_or_in_the_news():
    a_village()
    signed_up(an_activity(), 1, name=NAME, contact=MAIL)
    everything = b"".join(
        file_of(DISTRICT, one.name, form, at=MONDAY, demo=False).content for one in SETS for form in one.forms
    ).decode() + str(news_of(DISTRICT, at=MONDAY))
    assert NAME not in everything and MAIL not in everything


def test_news_are_activities_votes_projects_and_compacts_each_with_a_key_that_stays():
    a_village()
    an_activity()
    enacted("test")
    found = {one.sort: one for one in news_of(DISTRICT, at=MONDAY + 60 * DAY)}
    assert set(found) == {"activity", "ballot", "compact"}
    assert found["activity"].title == "剪纸体验课" and found["compact"].title == "楼道公约"
    before = {one.key for one in news_of(UNIT, at=MONDAY + 60 * DAY)}
    Activity.objects.update(title="剪纸课", changed_at=MONDAY + DAY)
    after = news_of(UNIT, at=MONDAY + 60 * DAY)
    assert {one.key for one in after} == before and news_of(NEXT_UNIT, at=MONDAY + 60 * DAY) == []
    assert [one.updated for one in after] == sorted((one.updated for one in after), reverse=True)


def test_a_project_is_news_when_it_is_called_and_when_a_milestone_is_accepted():
    a_village()
    world = projecting.running()
    [called] = [one for one in news_of(DISTRICT, at=projecting.SIGNED) if one.sort == "project"]
    assert called.published == MONDAY
    projecting.accepted(world)
    found = [one for one in news_of(DISTRICT, at=projecting.SIGNED) if one.sort == "project"]
    assert len(found) == 2 and "助浴入户二十次" in found[0].title


def test_reports_are_told_as_they_were_published_and_no_cell_is_small():
    a_village()
    for n in range(9):
        told(f"{n:032x}", area=UNIT if n < 7 else NEXT_UNIT)
    later = MONDAY + 100 * DAY
    publish_quarters(at=later)
    rows = rows_of("reports", at=later)
    assert rows and all(row["count"] == 0 or row["count"] >= 5 for row in rows)
    assert {row["table"] for row in rows} == {"category", "outcome", "word", "month"}
    assert {row["areas"] for row in rows if UNIT in row["areas"]} == {f"{UNIT};{NEXT_UNIT}"}
    assert {row["total"] for row in rows} == {9}
