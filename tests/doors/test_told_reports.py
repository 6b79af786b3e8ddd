"""The monthly and the yearly report at the desk and for residents: page, PDF and workbook say the same; who may read which."""

import io
import re

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import UNIT, a_village
from weiduan.ground.accounts.rules import Duty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(area: str = VILLAGE) -> Client:
    client = Client()
    client.force_login(a_user(Duty.LOOK, area=area))
    return client


def test_page_pdf_and_workbook_of_a_month_say_the_same():
    desk = signed_in()
    page = desk.get(f"/desk/area/{VILLAGE}/month/2018-11/").content.decode()
    said = [re.sub(r"&#x27;", "'", one) for one in re.findall(r'<p class="wd-said num">([^<]+)</p>', page)]
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"/desk/area/{VILLAGE}/month/2018-11/report.xlsx").content))
    pdf = desk.get(f"/desk/area/{VILLAGE}/month/2018-11/report.pdf")

    assert len(said) > 10
    assert [row[1] for row in book.worksheets[0].iter_rows(min_row=3, values_only=True)] == said
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")


def test_a_month_is_only_for_those_who_may_look_and_only_where_it_has_begun():
    desk = signed_in()
    assert desk.get(f"/desk/area/{VILLAGE}/month/").status_code == 302
    assert desk.get(f"/desk/area/{VILLAGE}/month/?month=2018-11").url == f"/desk/area/{VILLAGE}/month/2018-11/"
    assert desk.get(f"/desk/area/{VILLAGE}/month/2018-13/").status_code == 400
    assert desk.get(f"/desk/area/{VILLAGE}/month/{timezone.localdate().year + 1}-01/").status_code == 400
    for name in ("", "report.pdf", "report.xlsx"):
        assert desk.get(f"/desk/area/{OTHER_VILLAGE}/month/2018-11/{name}").status_code == 404
        assert Client().get(f"/desk/area/{VILLAGE}/month/2018-11/{name}").status_code == 302


def test_the_year_of_a_unit_is_for_everyone_without_figures_of_reports_and_for_staff_with_them():
    desk = signed_in()
    staff = desk.get(f"/desk/area/{UNIT}/year/2018/").content.decode()
    public = Client().get(f"/u/{UNIT}/year/2018/").content.decode()

    said = re.compile(r'<p class="wd-said num">([^<]+)</p>')
    assert set(said.findall(public)) < set(said.findall(staff))
    assert 'id="reports"' in staff and 'id="reports"' not in public and f'href="/a/{UNIT}/reports/"' in public
    assert desk.get(f"/desk/area/{UNIT}/year/2018/report.pdf").content.startswith(b"%PDF")


def test_a_year_is_only_of_a_unit_that_was_there_and_at_the_desk_only_for_those_who_may_look():
    desk, stranger = signed_in(), signed_in(OTHER_VILLAGE)
    for name in ("", "report.pdf"):
        assert desk.get(f"/desk/area/{VILLAGE}/year/2018/{name}").status_code == 404
        assert stranger.get(f"/desk/area/{UNIT}/year/2018/{name}").status_code == 404
        assert Client().get(f"/desk/area/{UNIT}/year/2018/{name}").status_code == 302
    assert Client().get(f"/u/{VILLAGE}/year/2018/").status_code == 404
    assert Client().get(f"/u/{UNIT}/year/1999/").status_code == 400


def test_the_reports_and_the_screen_are_found_from_the_pages_of_their_areas():
    desk = signed_in()
    area = desk.get(f"/desk/area/{VILLAGE}/").content.decode()
    assert f'href="/desk/area/{VILLAGE}/month/"' in area and f'href="/desk/screen/{VILLAGE}/"' in area
    this_year = timezone.localdate().year
    assert f'href="/desk/area/{UNIT}/year/{this_year}/"' in desk.get(f"/desk/area/{UNIT}/").content.decode()
    assert f'href="/u/{UNIT}/year/{this_year}/"' in Client().get(f"/u/{UNIT}/").content.decode()
