"""Hostile words in what is taken away or read by programs stay words: tables, PDFs, feeds, calendars, JSON, heads of answers."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable

import icalendar
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.crawling import unpacked
from tests.hostile.poison import Words, poison
from tests.rights.asking import ways
from tests.rights.world import PLACES, a_world
from weiduan.ground.base.workbooks import add_sheet, open_workbook
from weiduan.outlook.insight.project_account import as_text

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
# What a PDF can do beside showing a page.
DEEDS = (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/EmbeddedFile", b"/SubmitForm", b"/RichMedia")


def workbook(content: bytes) -> None:
    """No formula, no link, nothing from outside, no macro."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        names = book.namelist()
        assert not [name for name in names if "external" in name.lower() or "vba" in name.lower()]
        for name in names:
            text = book.read(name).decode("utf-8", "replace")
            ElementTree.fromstring(text)
            if name.startswith("xl/worksheets/"):
                assert not re.search(r"<f[ >]|<hyperlink", text), name
                assert "Target=" not in text or "xss.example" not in text


def table(content: bytes) -> None:
    """No cell that a program for tables takes for a formula."""
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert not [cell for cell in row if cell.startswith(BEGINS_A_FORMULA) and not NUMBER.fullmatch(cell)], row


def pdf(content: bytes) -> None:
    """Pages with words, and nothing that does something."""
    assert content.startswith(b"%PDF") and not [deed for deed in DEEDS if deed in content + unpacked(content)]
    assert b"root:" not in content + unpacked(content)  # of a file named in a word


def xml(content: bytes) -> None:
    """Well-formed, and no element but those of the format."""
    assert not [one for one in ElementTree.fromstring(content).iter() if "xss" in one.tag or "data-xss" in one.attrib]


def calendar(content: bytes) -> None:
    """Only the lines of a calendar."""
    icalendar.Calendar.from_ical(content)
    lines = content.decode().replace("\r\n ", "").split("\r\n")
    assert not [line for line in lines if line and not re.match(r"[A-Z-]+[;:]", line)]
    assert not re.search(r"(?<!\r)\n|\r(?!\n)", content.decode())


def plain_json(content: bytes) -> None:
    json.loads(content)


READ: dict[str, Callable[[bytes], None]] = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": workbook, "text/csv": table, "application/pdf": pdf,
    "application/atom+xml": xml, "text/xml": xml, "application/xml": xml, "text/calendar": calendar, "application/json": plain_json,
    "application/geo+json": plain_json, "application/manifest+json": plain_json, "application/vnd.oai.openapi+json": plain_json,
}  # fmt: skip
NOT_READ = {
    "image/jpeg",
    "text/javascript",
    "text/event-stream",
    "application/vnd.mapbox-vector-tile",
    "text/plain",
    "application/schema+json",
}


@pytest.mark.django_db
@pytest.mark.parametrize("start", [0, 90])
def test_hostile_words_in_files_stay_words(start):
    world = a_world()
    poison(Words(start))
    client, resident, kinds = Client(), Client(), {}
    client.force_login(world.users["superuser"])
    for way in ways():
        if way.name in ("desk:live_stream", "api:api-root") or (way.method == "POST" and way.name not in EXPORTS):
            continue
        for form in ("csv", "json", "geojson") if way.name == "portal:open_file" else ("",):
            address = (
                way.address(world.keys["own"], has_receipt=True).replace(".csv", f".{form}")
                if form
                else way.address(world.keys["own"], has_receipt=True)
            )
            asks = resident if way.name.startswith("portal:") else client
            answer = asks.get(address) if way.method == "GET" else asks.post(address, EXPORTS[way.name])
            kind = answer["Content-Type"].split("; charset")[0].split(";")[0] if answer.status_code == 200 else ""
            if kind and kind != "text/html":
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                kinds[kind] = kinds.get(kind, 0) + 1
                assert answer["X-Content-Type-Options"] == "nosniff"
                assert kind in READ or kind in NOT_READ, (kind, address)
                READ.get(kind, len)(body)

    assert kinds["text/csv"] >= 2 and kinds["application/pdf"] >= 3 and kinds["text/calendar"] >= 2, kinds
    assert (
        kinds["application/json"] > 40
        and kinds["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] >= 8
    ), kinds


EXPORTS = {
    "desk:survey_export": {"area": PLACES["own"]}, "desk:meeting_minutes": {}, "desk:meeting_sheet": {}, "desk:venue_plate": {},
    "desk:roster": {"do": "take", "form": "xlsx"},
}  # fmt: skip


@given(st.text(max_size=30), st.sampled_from(["", *BEGINS_A_FORMULA, "=cmd|'/C calc'!A0", "＝1", " =1", "\n=1"]))
def test_any_text_in_a_cell_stays_text(text, begin):
    said = begin + text
    target = io.BytesIO()
    with open_workbook(target) as book:
        add_sheet(book, "页", ["列"], [[said]], note=[said])
    workbook(target.getvalue())
    assert not as_text(said).startswith(BEGINS_A_FORMULA)


def test_a_table_that_forgot_would_be_seen():
    with pytest.raises(AssertionError):
        table("名称\r\n=cmd|'/C calc'!A0\r\n".encode())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", "<sheetData><row><c><f>1+1</f></c></row></sheetData>")
    with pytest.raises(AssertionError):
        workbook(target.getvalue())
    with pytest.raises(AssertionError):
        pdf(b"%PDF-1.7 << /OpenAction << /S /JavaScript >> >>")
