"""Near the end of the disk words are still taken, and files are not."""

import shutil
from collections import namedtuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.builders import VILLAGE, a_user
from tests.doors.telling import a_picture, at_send, hidden
from tests.systems.governance.matters import RECEIPT, UNIT, a_village
from weiduan.ground.accounts.rules import Duty
from weiduan.outlook.survey.models import SurveyRun
from weiduan.systems.governance.reports.models import Report, ReportPhoto

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def full(monkeypatch):
    disk = namedtuple("disk", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk(1000, 950, 50))


def test_a_report_with_a_photo_is_taken_without_it_and_whoever_tells_it_is_told():
    a_village()
    client = Client()
    said = {"do": "send", "wish": "anonymous", "contact": "", "photos": [a_picture()]}
    answer = client.post("/report/", hidden(at_send()) | said, follow=True)

    assert answer.status_code == 200
    assert "没有空间" in answer.content.decode() or "no room for photos" in answer.content.decode()
    assert (Report.objects.count(), ReportPhoto.objects.count()) == (1, 0)


def test_what_was_written_without_network_is_taken_too():
    a_village()
    said = {
        "receipt": RECEIPT,
        "text": "路灯不亮",
        "area": UNIT,
        "category": "C01",
        "wish": "anonymous",
        "photos": [a_picture()],
    }
    answer = Client().post("/report/later/", said)

    assert answer.status_code == 200, answer.content.decode()
    assert (Report.objects.count(), ReportPhoto.objects.count()) == (1, 0)


def test_a_workbook_is_refused_with_a_sentence_and_nothing_is_begun(monkeypatch):
    a_village()
    client = Client()
    client.force_login(a_user(Duty.SURVEY, area=VILLAGE))

    def hand_in() -> int:
        return client.post(
            "/desk/survey/",
            {"area": VILLAGE, "kind": "workbook", "coordinates": "wgs84", "file": SimpleUploadedFile("x.xlsx", b"PK")},
        ).status_code

    assert (hand_in(), SurveyRun.objects.count()) == (507, 0)
    monkeypatch.undo()
    assert (hand_in(), SurveyRun.objects.count()) == (302, 1)
