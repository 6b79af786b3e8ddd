"""The clock: each step for itself, one process at a time, again and again whatever fails."""

import threading
from contextlib import closing
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.core import mail
from django.db import OperationalError, connection
from django.utils import timezone

from tests.systems.governance.matters import RECEIPT, a_village, told
from weiduan.doors.console import clock, main
from weiduan.systems.governance.reports import handling, reporting
from weiduan.systems.governance.reports.models import Contact, Report
from weiduan.systems.governance.reports.rules import Wish

pytestmark = pytest.mark.django_db
MARKER = "13800000000"
main._register()


def run():
    return CliRunner().invoke(main.weiduan, ["tick"], standalone_mode=False)


def fails(*, at):
    raise RuntimeError(f"could not reach {MARKER}")


def test_it_closes_erases_and_tells_all_at_once():
    a_village()
    at = timezone.now()
    reports = [told(f"{n}{RECEIPT}", contact="a@example.org", wish=Wish.ANSWERABLE, at=at) for n in range(3)]
    handling.accept(reports[0].pk, by="test", at=at)
    handling.answer(reports[0].pk, "已清理", by="test", at=at - timedelta(days=8))
    reporting.withdraw(f"1{RECEIPT}", at=at - timedelta(days=91))

    done = run()
    assert done.exception is None and done.output.count("✓") == len(clock.STEPS) and "sent 2" in done.output
    assert [Report.objects.get(pk=r.pk).state for r in reports] == ["no_word", "withdrawn", "filed"]
    assert Contact.objects.filter(report=reports[1]).count() == 0
    assert len(mail.outbox) == 2


def test_a_step_that_fails_is_told_without_what_it_was_about_and_the_others_are_done(monkeypatch, caplog):
    monkeypatch.setitem(clock.STEPS, next(iter(clock.STEPS)), fails)
    at = timezone.now()
    done = clock.tick(at=at)
    assert [what is None for what in done.values()] == [True] + [False] * (len(done) - 1)
    assert "RuntimeError" in caplog.text and "in fails" in caplog.text and MARKER not in caplog.text
    again = run()
    assert again.output.count("✗") == 1 and "没有做成" in str(again.exception)


def test_it_goes_on_though_the_database_was_away_and_ends_when_it_is_stopped(monkeypatch):
    stopped, times = threading.Event(), []

    def tick(*, at):
        times.append(at)
        if len(times) == 3:
            stopped.set()
        raise OperationalError("the database is away")

    monkeypatch.setattr(clock, "tick", tick)
    monkeypatch.setattr(clock, "close_old_connections", lambda: None)
    clock.run_for_ever(0.01, stopped)
    assert len(times) == 3


def test_it_is_not_begun_where_it_is_switched_off(settings, monkeypatch):
    begun = []
    monkeypatch.setattr(threading.Thread, "start", lambda self: begun.append(self.name))
    for every in (0, 60):
        settings.CLOCK_EVERY_S = every
        clock.start()
    assert begun == ["clock"]


@pytest.mark.django_db(transaction=True)
def test_while_one_process_does_it_another_leaves_it_be(on_postgresql):
    if not on_postgresql:
        pytest.skip("SQLite lets one write at a time")
    with closing(connection.copy()) as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [clock.LOCK])
        assert clock.tick(at=timezone.now()) == {} and "另一个" in run().output
        other.rollback()
    for _time in range(2):
        assert len(clock.tick(at=timezone.now())) == len(clock.STEPS)
