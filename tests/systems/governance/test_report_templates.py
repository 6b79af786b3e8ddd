"""Words to begin answers with, and lists saved under a name: who may keep them, where they are offered, who never sees them."""

import pytest

from tests.builders import DISTRICT, GRID, MONDAY, OTHER_VILLAGE, TOWN, VILLAGE, a_user
from tests.systems.governance.matters import FIRE_LANE, LAMP, UNIT, a_handler, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.ledger.models import Entry
from weiduan.ground.territory.queries import ancestors_of
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.reports.filters import MOST_FILTERS, filters_of, keep_filter, query_of, remove_filter
from weiduan.systems.governance.reports.lists import Narrowing
from weiduan.systems.governance.reports.models import AnswerTemplate, SavedFilter
from weiduan.systems.governance.reports.templates import (
    keep_template,
    remove_template,
    templates_for,
    templates_seen_in,
)

pytestmark = pytest.mark.django_db
TODAY = MONDAY.date()


@pytest.fixture(autouse=True)
def village():
    a_village()


def offered(code: str, category: str) -> list[str]:
    key = Category.objects.get(code=category).pk
    return [one.title for one in templates_for(ancestors_of(code), key, on=TODAY)]


def test_a_template_is_offered_where_it_is_kept_and_below_for_its_category_or_for_all():
    by = a_handler(DISTRICT)
    keep_template(TOWN, "1 街道通用", "已处理。", by=by, at=MONDAY)
    keep_template(VILLAGE, "2 社区消防", "已请车主挪车。", FIRE_LANE, by=by, at=MONDAY)
    keep_template(GRID, "3 网格通用", "已查看。", by=by, at=MONDAY)
    keep_template(OTHER_VILLAGE, "4 别处", "已处理。", by=by, at=MONDAY)

    assert offered(GRID, FIRE_LANE) == ["1 街道通用", "2 社区消防", "3 网格通用"]
    assert offered(GRID, LAMP) == ["1 街道通用", "3 网格通用"]
    assert offered(VILLAGE, FIRE_LANE) == ["1 街道通用", "2 社区消防"]
    assert offered(DISTRICT, FIRE_LANE) == []


def test_templates_are_kept_and_taken_away_only_where_one_has_the_duty_and_the_ledger_holds_no_words():
    by = a_handler(VILLAGE)
    made = keep_template(VILLAGE, "已挪车", "已请车主挪车。", FIRE_LANE, by=by, at=MONDAY)
    for area in (OTHER_VILLAGE, TOWN):
        with pytest.raises(NotFound):
            keep_template(area, "x", "x", by=by, at=MONDAY)
    with pytest.raises(NotFound):
        remove_template(made.pk, by=a_handler(OTHER_VILLAGE), at=MONDAY)
    with pytest.raises(NotAllowed):
        remove_template(made.pk, by=a_user(Duty.LOOK), at=MONDAY)
    remove_template(made.pk, by=by, at=MONDAY)
    with pytest.raises(NotFound):
        remove_template(made.pk, by=by, at=MONDAY)

    assert not AnswerTemplate.objects.exists()
    entries = Entry.objects.filter(what__startswith="report_template").order_by("pk")
    assert [(e.what, e.area, e.after) for e in entries] == [
        ("report_template.kept", VILLAGE, {"category": FIRE_LANE}), ("report_template.removed", VILLAGE, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("area", "title", "words", "category"),
    [
        (VILLAGE, " ", "x", ""), (VILLAGE, "字" * 41, "x", ""), (VILLAGE, "x", " ", ""), (VILLAGE, "x", "字" * 1001, ""),
        (VILLAGE, "x", "x", "A"), (VILLAGE, "x", "x", "nothing"), (VILLAGE, "已有", "x", ""), (UNIT, "x", "x", ""),
    ],
)  # fmt: skip
def test_a_template_has_a_title_of_its_own_words_and_a_category_there_is(area, title, words, category):
    by = a_handler(VILLAGE)
    keep_template(VILLAGE, "已有", "原来的话", by=by, at=MONDAY)
    with pytest.raises(BadInput):
        keep_template(area, title, words, category, by=by, at=MONDAY)
    assert AnswerTemplate.objects.get().words == "原来的话"


def test_the_list_of_an_area_shows_what_is_kept_above_and_below_it_and_not_beside():
    for area in (DISTRICT, VILLAGE, GRID, OTHER_VILLAGE):
        keep_template(area, area, "x", by="test", at=MONDAY)
    assert [one.title for one in templates_seen_in([VILLAGE], on=TODAY)] == [DISTRICT, VILLAGE, GRID]


def test_a_saved_list_holds_what_narrows_alone_and_is_replaced_under_its_name():
    by = a_handler()
    keep_filter(" 超期 ", Narrowing(late="late", words="路灯 &x=1"), by=by, at=MONDAY)
    keep_filter("超期", Narrowing(state="all", area=GRID), by=by, at=MONDAY)
    assert [(one.name, one.query) for one in filters_of(by)] == [("超期", f"state=all&area={GRID}")]
    assert (
        query_of(Narrowing(words="a&late=late")) == "q=a%26late%3Dlate"
        and query_of(Narrowing(words="路灯 亮")) == "q=路灯+亮"
        and query_of(Narrowing()) == ""
    )
    assert not Entry.objects.filter(after__icontains="超期").exists()


def test_a_saved_list_needs_a_name_something_narrowed_and_room_among_twelve():
    by, wanted = a_handler(), Narrowing(late="late")
    for name, asked in ((" ", wanted), ("字" * 21, wanted), ("空", Narrowing()), ("长", Narrowing(words="&" * 101))):
        with pytest.raises(BadInput):
            keep_filter(name, asked, by=by, at=MONDAY)
    for n in range(MOST_FILTERS):
        keep_filter(f"第{n}个", wanted, by=by, at=MONDAY)
    with pytest.raises(BadInput):
        keep_filter("再一个", wanted, by=by, at=MONDAY)
    keep_filter("第0个", Narrowing(state="all"), by=by, at=MONDAY)
    assert SavedFilter.objects.count() == MOST_FILTERS == 12


def test_saved_lists_of_others_are_not_there():
    mine, other = a_handler(), a_handler()
    saved = keep_filter("超期", Narrowing(late="late"), by=other, at=MONDAY)
    keep_filter("超期", Narrowing(state="all"), by=mine, at=MONDAY)
    with pytest.raises(NotFound):
        remove_filter(saved.pk, by=mine, at=MONDAY)
    assert [one.query for one in filters_of(other)] == ["late=late"]
    remove_filter(saved.pk, by=other, at=MONDAY)
    assert (filters_of(other), len(filters_of(mine))) == ([], 1)
