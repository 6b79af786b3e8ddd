"""Several processes at once: surveys of one district follow each other, and nobody is turned away by a lock."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import GRID, SURVEYED, a_village, divisions, load
from tests.faults.conftest import FIRST, SECOND, modelled, with_divisions
from tests.faults.installation import Installation, finish
from weiduan.outlook.survey.actions import Outdated


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, dict[str, Path]]:
    """An installation with two districts, and files of surveys: two of the first district, one of the other."""
    surveys = {
        "one": modelled("519901", 1, FIRST), "another": modelled("519901", 2, FIRST), "elsewhere": modelled("519902", 3, FIRST),
        "elsewhere again": modelled("519902", 4, SECOND),
    }  # fmt: skip
    installation = with_divisions(tmp_path_factory.mktemp("both") / "home", [surveys["one"], surveys["elsewhere"]])
    return installation, {name: installation.keep(name, demo.rows) for name, demo in surveys.items()}


def test_two_surveys_of_one_district_and_one_of_another_all_load_and_the_later_stands_whole(both):
    installation, files = both
    loads = [
        installation.start("load", files[name], area, FIRST)
        for name, area in (("one", "519901000000"), ("elsewhere", "519902000000"), ("another", "519901000000"))
    ]
    ends = {name: finish(load)[-2:] for name, load in zip(("one", "elsewhere", "another"), loads, strict=True)}

    assert all(said[-1] == "changed" for said in ends.values())
    assert installation.run("load", files[_later(ends)], "519901000000", FIRST)[-1] == "untouched"
    assert installation.run("load", files["elsewhere"], "519902000000", FIRST)[-1] == "untouched"


def _later(ends: dict[str, list[str]]) -> str:
    """The survey of the first district that was loaded last: both tell when they wrote their last step."""
    return max(("one", "another"), key=lambda name: float(ends[name][0]))


def test_eight_writers_record_in_the_ledger_while_a_survey_loads(both):
    installation, files = both
    before = installation.count("ledger_entry")
    load = installation.start("load", files["elsewhere again"], "519902000000", SECOND)
    notes = [installation.start("note", 4, 20) for _process in range(2)]

    assert [finish(note)[-1] for note in notes] == ["80", "80"]
    assert finish(load)[-1] == "changed"
    assert installation.count("ledger_entry") >= before + 160
    installation.run("verify")


@pytest.mark.django_db
def test_a_survey_checked_before_another_load_changed_what_it_names_is_refused_in_a_sentence():
    divisions()
    checked_before = a_village(groups={"X1": [f"{GRID}001"], "X2": [f"{GRID}002"]})
    load(checked_before)
    load(a_village(), on=SURVEYED + timedelta(days=1))  # X2 is dissolved, and its number given for ever

    with pytest.raises(Outdated, match="请重新上传检查"):
        load(checked_before, on=SURVEYED + timedelta(days=1))
