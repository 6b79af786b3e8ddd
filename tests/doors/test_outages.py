"""What is said when the database or the disk is away: a sentence and when to try again, without asking either for anything."""

import errno

import psycopg
import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client

from tests.systems.governance.matters import a_village, told
from weiduan.doors import outages
from weiduan.doors.outages import Away, DiskFull, meant_by
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.search import index_all


def caused_by(cause: Exception) -> Exception:
    error = OperationalError("it failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error, wanted",
    [
        (OperationalError("connection refused"), Away), (InterfaceError("closed"), Away), (OSError(errno.ENOSPC, ""), DiskFull),
        (OSError(errno.EDQUOT, ""), DiskFull), (OperationalError("database or disk is full"), DiskFull),
        (caused_by(psycopg.errors.DiskFull()), DiskFull), (IntegrityError("twice"), type(None)), (ValueError(), type(None)),
        (type("PoolTimeout", (Exception,), {"__module__": "psycopg_pool.errors"})(), Away),
        (OSError(errno.EACCES, ""), type(None)), (None, type(None)),
    ],
)  # fmt: skip
def test_what_an_error_means(error, wanted):
    assert type(meant_by(error)) is wanted


FAULTS = [
    (OperationalError("away"), 503, "5"),
    (OSError(errno.ENOSPC, ""), 507, "60"),
    (ValueError(), 500, None),
]


@pytest.mark.parametrize("error, status, after", FAULTS)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_answer_asks_neither_for_anything(monkeypatch, error, status, after, accept):
    def fails(*_arguments, **_more):
        raise error

    monkeypatch.setattr("weiduan.doors.portal.units.top_areas", fails)
    answer = Client(raise_request_exception=False).get("/", headers={"accept": accept})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, after)
    assert answer["Cache-Control"] == "no-store" and answer["Content-Type"].startswith(accept)
    assert "Traceback" not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_keeps_nothing_by_halves_lets_everything_be_read_and_recovers_by_itself(
    settings, tmp_path, on_postgresql
):
    if on_postgresql:
        pytest.skip("tests/faults/test_disk_full.py")
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()
    told("first-receipt-of-somebody", text="第一件")
    with connection.cursor() as cursor:
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
    kept = 1
    with pytest.raises(OperationalError) as full:
        for n in range(1000):
            told(f"{n:030d}", text="字" * 900)
            kept += 1
    assert type(meant_by(full.value)) is DiskFull
    assert Report.objects.count() == kept and index_all() == kept
    assert (
        Client().get("/healthz").status_code == 200 and Client().get("/r/first-receipt-of-somebody/").status_code == 200
    )
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {1_000_000}")
    told("last-receipt-of-somebody0", text="又能写了")
    assert Report.objects.count() == kept + 1


def test_each_outage_says_when_to_try_again():
    assert set(outages.AGAIN_AFTER_S) == {Away.status, DiskFull.status}
