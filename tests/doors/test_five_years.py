"""Five years later nothing is left of what residents wrote and of how to reach them: in no row, no file, no key, no copy."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests.doors.telling import a_picture
from tests.systems.governance.matters import RECEIPT, UNIT, a_village, told
from tests.systems.services import active
from tests.systems.venues.places import a_room, a_wish
from weiduan.doors.console import clock
from weiduan.ground.base.erasures import noted
from weiduan.outlook.rights.copies import copy_by_receipt
from weiduan.systems.governance.mediation import actions as mediation
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.grams import grams_of
from weiduan.systems.governance.reports.rules import Wish
from weiduan.systems.services.wishes import actions as wishes
from weiduan.systems.venues.bookings.actions import book

pytestmark = pytest.mark.django_db(transaction=True)
DAY, NAME, TELEPHONE = timedelta(days=1), "欧阳鑫淼", "13812345678"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    return tmp_path


def rows() -> bytes:
    """Return every value of every table."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for row in cursor for v in row]
    return b"\n".join(found)


def traces(home) -> list[str]:
    """Say where something can still be read: in a row, in a file, or through a copy."""
    everything = rows() + b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    words = [NAME, TELEPHONE, *grams_of(NAME).split()[:2]]
    found = [word for word in words if word.encode() in everything]
    for receipt in (RECEIPT, active.a_receipt(1), RECEIPT + "w", RECEIPT + "b", RECEIPT + "m"):
        copy = str(copy_by_receipt(receipt, at=timezone.now()))
        found += [f"copy of {receipt}" for word in (NAME, TELEPHONE) if word in copy]
    return found


def a_world(at) -> None:
    """Leave name and telephone wherever one can, and end each matter."""
    a_village()
    report = told(
        text=f"{NAME}堵了通道",
        place=f"{NAME}家",
        contact=TELEPHONE,
        wish=Wish.ANSWERABLE,
        photos=(a_picture().read(),),
        at=at,
    )
    handling.note(report.pk, f"{NAME}的电话{TELEPHONE}", by="test", at=at)
    handling.accept(report.pk, by="test", at=at)
    handling.answer(report.pk, f"已请{NAME}挪车", by="test", at=at)
    reporting.confirm(RECEIPT, at=at)
    active.signed_up(active.an_activity(), 1, name=NAME, contact=TELEPHONE)
    wishes.tell_wish(UNIT, "想借一套课外书", TELEPHONE, RECEIPT + "w", at=at)
    wishes.withdraw(RECEIPT + "w", at=at)
    book(a_room(), a_wish(contact=TELEPHONE), receipt=RECEIPT + "b", by=None, at=active.MONDAY)
    mediation.ask(UNIT, mediation.Asking(NAME, f"{NAME}与邻居"), RECEIPT + "m", at=at)
    mediation.withdraw(RECEIPT + "m", at=at)


def test_five_years_later_nothing_of_it_is_left_anywhere(home):
    at = timezone.now()
    a_world(at)
    assert any(NAME in trace or "copy" in trace for trace in traces(home))  # the control: before, it can be read
    pictures = len([path for path in (home / "reports").rglob("*") if path.is_file()])
    assert pictures == 1

    done = clock.tick(at=at + 5 * 366 * DAY)
    assert None not in done.values()
    clock.tick(at=at + 5 * 366 * DAY + DAY)
    assert traces(home) == []
    assert not [path for folder in ("reports", "case-keys") for path in (home / folder).rglob("*") if path.is_file()]
    assert len(list(noted())) >= 5


def test_the_clock_calls_all_that_the_privacy_page_promises():
    page = (Path(__file__).parents[2] / "docs/privacy.md").read_text(encoding="utf-8")
    table = page.split("## How long, and what does it")[1].split("## ")[0]
    promised = {
        line.split("|")[3].split("`")[1].split(".")[1]
        for line in table.split("\n")
        if line.startswith("|") and "`" in line
    }
    by_wish = {"erase", "withdraw_card", "close"}
    called = {step.__name__ for step in clock.STEPS.values()}
    assert promised - by_wish - called == set()
