"""A browser's part in telling and following a matter: forms taken out of pages and sent back."""

import html
import re
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.systems.governance.matters import FIRE_LANE, RECEIPT, UNIT, told
from weiduan.systems.governance.reports import handling
from weiduan.systems.governance.reports.models import Report

TEXT, TELEPHONE = "白色面包车堵住消防通道，路灯也不亮", "13800000000"
OTHER_RECEIPT = "receipt-of-a-neighbour-2"
ME_TOO = "receipt-of-a-passer-by-2"
MARKER = "MARKER-OF-A-CAMERA"


def a_picture(kind="JPEG") -> SimpleUploadedFile:
    target, exif = BytesIO(), Image.Exif()
    exif[0x010F] = MARKER
    Image.new("RGB", (30, 20), "red").save(target, kind, exif=exif)
    return SimpleUploadedFile("IMG_1.jpg", target.getvalue(), "image/jpeg")


def text_of(answer) -> str:
    return answer.content.decode()


def hidden(answer) -> dict[str, str]:
    """Return what the largest form of the page carries hidden, as a browser would send it."""
    form = re.search(r'<form class="wd-form" id="tell".*?</form>', text_of(answer), re.S)[0]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


def step_of(answer) -> str:
    return re.search(r'data-step="(\w+)"', text_of(answer))[1]


def wrong(answer) -> set[str]:
    """Return the fields the summary of mistakes leads to."""
    return set(re.findall(r'<li><a href="#id_(\w+?)(?:_0)?">', text_of(answer)))


def go(answer, **said):
    """Send the page's form with what is said; `do` is the button."""
    return Client().post("/report/", hidden(answer) | {"do": "next"} | said)


def at_where(text=TEXT, unit=UNIT):
    return go(Client().get(f"/report/?unit={unit}"), text=text)


def at_send(**said):
    return go(at_where(), **{"guess": FIRE_LANE, "unit": UNIT, "place": "3号楼东侧"} | said)


def send(answer, **said):
    return go(answer, **{"do": "send", "wish": "anonymous", "contact": ""} | said)


def page_of(receipt=RECEIPT) -> str:
    answer = Client().get(f"/r/{receipt}/")
    assert answer.status_code == 200
    return text_of(answer)


def deeds(page: str) -> set[str]:
    return set(re.findall(r'name="do" value="(\w+)"', page))


def state(page: str) -> str:
    return re.search(r'id="state" data-state="(\w+)"', page)[1]


def steps(page: str) -> list[str]:
    return re.findall(r'data-what="(\w+)"', page)


def a_report(receipt=RECEIPT, **said) -> Report:
    return told(receipt, at=timezone.now(), **{"text": TEXT} | said)


def answered(report: Report, by, words="已请车主挪车。", **more) -> None:
    handling.accept(report.pk, by=by, at=timezone.now())
    handling.answer(report.pk, words, by=by, at=timezone.now(), **more)
