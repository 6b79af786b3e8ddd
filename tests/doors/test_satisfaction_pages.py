"""Satisfaction through its pages: staff ask and print letters; residents answer with a code or a receipt; everybody reads."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import UNIT, a_village, told
from tests.systems.services.asking import a_keeper, opened
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.governance.reports import handling
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.models import AnswerCode, AnswerCount, Questionnaire
from weiduan.systems.services.satisfaction.rules import About, Way

pytestmark = pytest.mark.django_db(transaction=True)
RECEIPT = "receipt-of-a-resident-22"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def test_from_drafting_over_the_letters_to_what_everybody_reads():
    desk, resident = signed_in(a_keeper()), Client()
    ready = text_of(desk.get(f"/desk/satisfaction/new/?area={UNIT}&about=unit"))
    said = dict(re.findall(r'name="(title|opens_on|closes_on|households)"[^>]*value="([^"]*)"', ready))
    assert said["households"] == "100"  # as the ground knows it
    questions = re.search(r"<textarea[^>]*>\s*([^<]+)</textarea>", ready)[1]
    posted = desk.post(
        f"/desk/satisfaction/new/?area={UNIT}", said | {"about": "unit", "way": "open", "codes": "6", "questions": questions}
    )  # fmt: skip
    assert posted.status_code == 302
    found = Questionnaire.objects.get()
    assert len(found.questions) == 6 and found.households is None

    letters = desk.post(posted["Location"], {"do": "open"})
    assert letters["Content-Type"] == "application/pdf" and letters.content.startswith(b"%PDF")
    assert AnswerCode.objects.count() == 6
    more = asking.more_codes(found.pk, 5, by="test", at=timezone.now())  # a test can't read the codes of the letters

    page = f"/answer/{found.pk}/"
    blank = resident.post(page, {"code": more[0]})
    assert blank.status_code == 400 and more[0] in text_of(blank)  # what was typed stays
    choices = {f"q{n}": "1" for n in range(6)}
    for code in more:
        assert resident.post(page, choices | {"code": f"  {code.lower()[:4]} {code[4:]}"}).status_code == 302
    again = resident.post(page, choices | {"code": more[0]})
    assert again.status_code == 409 and 'id="questions"' in text_of(again)  # what was chosen stays

    assert "data-share" not in text_of(resident.get(f"/a/{UNIT}/satisfaction/"))
    assert desk.post(posted["Location"], {"do": "close"}).status_code == 302
    shown = text_of(resident.get(f"/a/{UNIT}/satisfaction/"))
    assert 'data-asked="11" data-answered="5"' in shown and shown.count('data-share="100.0"') == 6
    assert 'id="questions"' not in text_of(resident.get(page))


def test_whoever_holds_a_receipt_is_asked_on_its_page():
    found, _none = opened(Way.AFTER, area=VILLAGE, about=About.REPORT, at=timezone.now(), **_days())
    resident, handler = Client(), a_user(Duty.HANDLE_REPORTS, area=VILLAGE)
    report = told(RECEIPT, at=timezone.now())
    assert 'id="asked"' not in text_of(resident.get(f"/r/{RECEIPT}/"))
    handling.accept(report.pk, by=handler, at=timezone.now())
    handling.answer(report.pk, "已清理", by=handler, at=timezone.now())

    page = text_of(resident.get(f"/r/{RECEIPT}/"))
    address = re.search(r'href="(/answer/[^"]+)"', page)[1]
    asked = resident.get(address)
    assert asked.headers["Referrer-Policy"] == "strict-origin" and asked.headers["X-Robots-Tag"] == "noindex"
    assert resident.post(address, {"q0": "2", "q1": "1"}).status_code == 302
    assert 'id="thanks"' in text_of(resident.get(address))
    assert 'id="asked"' not in text_of(resident.get(f"/r/{RECEIPT}/"))
    assert AnswerCount.objects.filter(questionnaire=found, question=0, answer=2, count=1).exists()
    assert resident.get(f"/answer/{found.pk}/somebody-elses-receipt-xx/").status_code == 404
    assert 'id="questions"' not in text_of(resident.get(f"/answer/{found.pk}/"))  # not by code


def _days() -> dict:
    today = timezone.localdate()
    return {
        "opens_on": today,
        "closes_on": today.replace(year=today.year + 1) if today.month < 12 else today + asking.timedelta(90),
    }


def test_others_neither_see_nor_ask():
    found, _codes = opened()
    other = signed_in(a_keeper(OTHER_VILLAGE))
    assert other.get(f"/desk/satisfaction/{found.pk}/").status_code == 404
    assert str(found.pk) not in text_of(other.get("/desk/satisfaction/"))
    looks = signed_in(a_user(Duty.LOOK, area=VILLAGE))
    assert looks.get("/desk/satisfaction/new/").status_code == 403
    assert Client().get(f"/desk/satisfaction/{found.pk}/").status_code == 302


def test_programs_read_and_answer():
    found, codes = opened(at=timezone.now(), **_days())
    resident = Client()
    ask = f"/api/v1/questionnaires/{found.pk}/answers"
    said = {"code": codes[0], "answers": [1, 0]}

    assert resident.post(ask, said, content_type="application/json").status_code == 204
    assert resident.post(ask, said, content_type="application/json").status_code == 409
    assert resident.post(ask, said | {"answers": [1, 9]}, content_type="application/json").status_code == 422
    [row] = resident.get(f"/api/v1/areas/{UNIT}/satisfaction").json()["items"]
    assert (row["asked"], row["answered"], row["answers"]) == (10, 1, [])
