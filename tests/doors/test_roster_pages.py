"""Lists of members: who gets one, what is in it, and that it is written down."""

import io

import openpyxl
import pytest
from django.test import Client

from tests.builders import GRID, OTHER_VILLAGE, VILLAGE, a_user, a_village, divisions, load, member
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry

pytestmark = pytest.mark.django_db
OF_X1, OF_UNIT = "/desk/organisations/X1/roster/", f"/desk/area/{GRID}003/roster/"


@pytest.fixture
def village():
    divisions()
    rows = a_village()
    rows["members"].append(member("X1", contact="13800000000", name="赵有话"))
    load(rows)


def keeper(area=VILLAGE) -> Client:
    client = Client()
    client.force_login(a_user(Duty.KEEP_ORGANISATION, area=area))
    return client


def exported():
    return list(Entry.objects.filter(what="roster.exported").values_list("kind", "area", "after"))


def test_a_list_shows_names_but_no_telephone_and_is_not_kept_by_the_browser(village):
    answer = keeper().get(OF_X1)

    assert "赵有话" in answer.content.decode()
    assert "1380" not in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"


def test_a_workbook_has_no_column_for_telephones_unless_asked_for(village):
    answer = keeper().post(OF_X1, {"form": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "赵有话" in cells and not any("1380" in cell for cell in cells)
    assert sheet.max_row == 2 + 4
    assert exported() == [("organisation.organisation", VILLAGE, {"members": 4, "contacts": ""})]


def test_telephones_need_a_reason_and_are_written_down_with_each_member(village):
    client = keeper()
    assert client.post(OF_X1, {"form": "print", "contacts": "on"}).status_code == 400
    assert exported() == []

    page = client.post(OF_X1, {"form": "print", "contacts": "on", "reason": "meeting"}).content.decode()

    assert "13800000000" in page
    assert [after for _kind, _area, after in exported()] == [{"members": 4, "contacts": "meeting"}]
    assert Entry.objects.filter(what="contact.revealed").count() == 4
    assert "赵" not in "".join(
        str(e.after) for e in Entry.objects.filter(what__in=["roster.exported", "contact.revealed"])
    )


def test_a_unit_lists_those_who_live_there(village):
    page = keeper().post(OF_UNIT, {"form": "print"}).content.decode()

    assert page.count('role="rowheader"') == 3
    assert exported() == [("territory.area", f"{GRID}003", {"members": 3, "contacts": ""})]


def test_a_village_is_too_much_for_one_list(village):
    assert keeper().get(f"/desk/area/{VILLAGE}/roster/").status_code == 400


def test_others_find_no_list_and_those_who_look_on_get_none(village):
    looks = Client()
    looks.force_login(a_user(area=VILLAGE))

    for path in (OF_X1, OF_UNIT):
        assert keeper(OTHER_VILLAGE).get(path).status_code == 404
        assert looks.get(path).status_code == 403
    assert exported() == []
