"""Categories: the shipped list, a district's own, and suggestions with their reasons."""

import pytest

from tests.builders import MONDAY, a_user
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.systems.governance.categories.actions import ensure_categories, load_categories, read_csv
from weiduan.systems.governance.categories.models import Category
from weiduan.systems.governance.categories.queries import choosable, offered, suggested

pytestmark = pytest.mark.django_db
HOW = {"close_others": False, "by": "test", "at": MONDAY}


def _load(text, **how):
    return load_categories(read_csv(text), **(HOW | how))


def test_the_shipped_list_names_the_four_nuisances_and_everyday_needs_below_headings():
    ensure_categories(by="test", at=MONDAY)
    ensure_categories(by="test", at=MONDAY)
    groups = offered()
    assert [c.name for c in groups[0].choices] == ["私搭乱建", "机动车乱停放", "占用消防通道", "非法占绿毁绿"]
    assert sum(len(group.choices) for group in groups) == 29
    with pytest.raises(BadInput):
        choosable("A")
    assert choosable("Z").name == "其他"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("楼下消防通道又被车堵了", ["09012"]), ("有人在绿地上种菜", ["06045"]), ("路灯坏了，井盖也没了", ["C01", "C03"]),
        ("电 动 车飞线充电", ["D01"]), ("ｗｉｆｉ", []), ("", []),
    ],
)  # fmt: skip
def test_a_text_suggests_by_its_own_words(text, codes):
    ensure_categories(by="test", at=MONDAY)
    found = suggested(text)
    assert [s.code for s in found] == codes
    assert all(word in "".join(text.split()) for s in found for word in s.because)


def test_a_list_with_majors_comes_in_under_headings_and_again_changes_nothing():
    text = "\ufeffkind,code,major,name\n管理事项,06001,市容环境,私搭乱建\n管理事项,06002,市容环境,暴露垃圾\n"
    text += "管理部件,01001,市政设施,供水井盖\n"
    assert _load(text) == {"new": 5, "changed": 0, "closed": 0}
    assert _load(text) == {"new": 0, "changed": 0, "closed": 0}
    assert [(g.heading.name, len(g.choices)) for g in offered()] == [("市容环境", 2), ("市政设施", 1)]
    assert Category.objects.get(code="01001").code == "01001"  # a text: its zero stays


def test_what_is_no_more_in_the_list_can_not_be_chosen_but_stays():
    ensure_categories(by="test", at=MONDAY)
    counts = _load("code,name,level,hours\nX1,新类别,town,8\n", close_others=True)
    assert counts["new"] == 1 and counts["closed"] == 35
    assert [g.heading.code for g in offered()] == ["X1"]
    with pytest.raises(BadInput):
        choosable("09012")


@pytest.mark.parametrize(
    "text",
    [
        "", "name\nx\n", "code,name\n", "code,name\n,x\n", "code,name\nA,\n", "code,name\nA,x\nA,y\n", "code,name,level\nA,x,moon\n",
        "code,name,hours\nA,x,0\n", "code,name,hours\nA,x,3.5\n", "code,name,parent\nA,x,B\n", f"code,name\n{'c' * 21},x\n",
        "code,name,parent\nA,x,\nB,y,A\nC,z,B\n",
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_is_refused_whole(text):
    with pytest.raises(BadInput):
        _load(text)
    assert Category.objects.count() == 0


def test_only_who_sets_rules_everywhere_loads_a_list():
    with pytest.raises((NotAllowed, NotFound)):
        _load("code,name\nA,x\n", by=a_user(Duty.SET_RULES))
