"""What may stand in a cell, and what it is taken for."""

from datetime import date, datetime

import pytest

from weiduan.outlook.survey.cells import Wrong, codes_in, plain, reader_of
from weiduan.outlook.survey.sheets import GRIDS, ORGANISATIONS, PREMISES, UNITS

HOUSEHOLDS, LON, KIND = UNITS.column("households"), UNITS.column("lon"), UNITS.column("kind")
CODE, COVERS, FOUNDED = GRIDS.column("code"), ORGANISATIONS.column("covers"), ORGANISATIONS.column("founded_on")
NAME, AREA_M2 = UNITS.column("name"), PREMISES.column("area_m2")


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        (CODE, "５１０１１３００２００２００１", "510113002002001"),
        (CODE, " 510113 002002 001\u3000", "510113002002001"),
        (CODE, "'510113002002001", "510113002002001"),
        (
            COVERS,
            "510113002002001,510113002002002；510113002002001\n510113002002003",
            "510113002002001、510113002002002、510113002002003",
        ),
        (COVERS, " ", None),
        (HOUSEHOLDS, "４１２", 412),
        (HOUSEHOLDS, "1,120", 1120),
        (HOUSEHOLDS, 412.0, 412),
        (LON, "104.2512", 104.2512),
        (AREA_M2, 86, 86.0),
        (KIND, " 物业 小区", "estate"),
        (KIND, "新型社区", "new_community"),
        (NAME, "  凤凰苑\u3000", "凤凰苑"),
        (NAME, 101.0, "101"),
        (NAME, "=1+1", "=1+1"),
        (FOUNDED, date(2017, 6, 1), date(2017, 6, 1)),
        (FOUNDED, datetime(2017, 6, 1, 12, 30), date(2017, 6, 1)),
        (FOUNDED, "2017-06-01", date(2017, 6, 1)),
        (FOUNDED, "2017/6/1", date(2017, 6, 1)),
        (FOUNDED, "2017.6.1", date(2017, 6, 1)),
        (FOUNDED, "２０１７年６月１日", date(2017, 6, 1)),
        (FOUNDED, "20170601", date(2017, 6, 1)),
        (FOUNDED, 20170601.0, date(2017, 6, 1)),
    ],
)
def test_what_people_type_is_taken_for_what_they_mean(column, typed, value):
    assert reader_of(column)(typed) == value


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        (HOUSEHOLDS, float("nan")),
        (HOUSEHOLDS, float("inf")),
        (HOUSEHOLDS, "1e3"),
        (HOUSEHOLDS, "1,12"),
        (LON, False),
        (FOUNDED, "01-06-2017"),
        (FOUNDED, "2017-06/01"),
        (FOUNDED, 42887.0),
        (FOUNDED, True),
        (NAME, "a\x00b"),
        (NAME, "a\u200bb"),
        (KIND, 1.0),
        (CODE, True),
    ],
)
def test_what_could_mean_two_things_is_refused(column, typed):
    with pytest.raises(Wrong):
        reader_of(column)(typed)


def test_titles_are_alike_whatever_the_width_spaces_and_required_mark():
    assert plain("面积（㎡）＊") == plain(" 面积 (m2) *")


def test_a_list_of_codes_comes_apart_again():
    assert codes_in("a、b") == ("a", "b")
    assert codes_in(None) == ()
