"""Messages to whoever told a report: one a step, under one key, again after a failure, never with anything of the matter."""

import json
import smtplib
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import MONDAY
from tests.parallel import at_once
from tests.systems.governance.matters import FIRE_LANE, RECEIPT, a_handler, a_village, told
from weiduan.config.settings.common import _gateway
from weiduan.ground.base import messages, outbox
from weiduan.ground.base.messages import Target, Way, masked, target_in
from weiduan.ground.ledger.models import Entry
from weiduan.systems.governance.reports import handling, notices, reporting
from weiduan.systems.governance.reports.models import Contact, Notice
from weiduan.systems.governance.reports.rules import Wish

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
MAIL, NUMBER = "zhang.san@example.org", "13812345678"
TEXT, PLACE = "消防通道被车堵了", "3号楼东侧"


def a_report(contact=MAIL, receipt=RECEIPT):
    wish = Wish.ANSWERABLE if contact else Wish.ANONYMOUS
    return told(receipt, text=TEXT, place=PLACE, contact=contact, wish=wish)


def states() -> list[tuple[str, int]]:
    return list(Notice.objects.order_by("step").values_list("state", "tries"))


@pytest.mark.parametrize(
    ("contact", "found"),
    [
        (f"张三 {MAIL}", (Way.MAIL, MAIL)), ("张三１３８１２３４５６７８", (Way.SMS, NUMBER)), ("+86 138-1234-5678", (Way.SMS, NUMBER)),
        (f"{NUMBER} {MAIL}", (Way.MAIL, MAIL)), ("微信号 zhangsan", None), ("83611234", None), ("", None), (f"{NUMBER}9", None),
        (f"a@b.example\r\nBcc: {MAIL}", (Way.MAIL, "a@b.example")),
    ],
)  # fmt: skip
def test_an_address_or_a_number_is_found_in_what_was_left(contact, found):
    assert target_in(contact) == (Target(*found) if found else None)


def test_of_both_the_way_that_is_set_up_is_taken(settings):
    settings.EMAIL_BACKEND, settings.SMS_URL = messages.NO_MAIL, "https://sms.example/"
    assert target_in(f"{NUMBER} {MAIL}") == Target(Way.SMS, NUMBER)


def test_each_step_a_resident_waits_for_is_told_once_and_says_only_the_number_and_what_happened():
    a_village()
    report, by = a_report(), a_handler()
    handling.accept(report.pk, by=by, at=MONDAY)
    handling.begin(report.pk, "开始处理", by=by, at=MONDAY)
    handling.note(report.pk, "车主姓王", by=by, at=MONDAY)
    handling.pause(report.pk, "等拖车", by=by, at=MONDAY)
    handling.resume(report.pk, by=by, at=MONDAY)
    handling.answer(report.pk, "车已挪走", by=by, at=MONDAY + MINUTE)
    reporting.confirm(RECEIPT, at=MONDAY + MINUTE)

    assert list(Notice.objects.order_by("step").values_list("step__what", flat=True)) == ["accept", "pause", "answer"]
    assert notices.deliver(at=MONDAY) == {"sent": 2}
    assert notices.deliver(at=MONDAY + MINUTE) == {"sent": 1} and notices.deliver(at=MONDAY + MINUTE) == {}
    assert [message.to for message in mail.outbox] == [[MAIL]] * 3
    said = "".join(f"{m.subject}{m.body}" for m in mail.outbox)
    assert said.count(report.number) == 6
    assert not any(word in said for word in (TEXT, PLACE, "消防", FIRE_LANE, "车", "zhang", "王"))
    assert Entry.objects.filter(what="notice.sent").count() == 3


def test_passing_on_and_joining_are_told_and_what_whoever_told_it_does_is_not():
    a_village()
    by, reports = a_handler(), [a_report(receipt=f"{n}" * 24) for n in range(3)]
    handling.not_ours(reports[0].pk, "请找物业", by=by, at=MONDAY)
    handling.join(reports[1].pk, reports[2].pk, by=by, at=MONDAY)
    reporting.withdraw("2" * 24, at=MONDAY)
    assert list(Notice.objects.order_by("step").values_list("step__what", flat=True)) == ["not_ours", "join"]


def test_without_a_contact_nothing_is_kept_and_it_costs_no_query():
    a_village()
    counts, by = [], a_handler()
    for contact, receipt in (("", "a" * 24), (MAIL, "b" * 24)):
        report = a_report(contact, receipt)
        with CaptureQueriesContext(connection) as caught:
            handling.accept(report.pk, by=by, at=MONDAY)
        counts.append(len(caught))
    assert counts[1] == counts[0] + 1 and Notice.objects.count() == 1


def test_what_can_not_be_reached_or_was_erased_is_void():
    a_village()
    by, reports = a_handler(), [a_report(contact, f"{n}" * 24) for n, contact in enumerate(("微信号 zhangsan", MAIL))]
    for report in reports:
        handling.accept(report.pk, by=by, at=MONDAY)
    reporting.erase_contact("1" * 24, at=MONDAY)
    assert notices.deliver(at=MONDAY) == {"void": 2} and mail.outbox == []
    assert not Contact.objects.filter(report=reports[1]).exists()


@pytest.fixture
def broken(monkeypatch):
    """A mail server that refuses, naming the address in its error as real ones do."""

    def refuse(*_arguments, **_more):
        raise smtplib.SMTPRecipientsRefused({MAIL: (550, b"no such mailbox zhang.san")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)


def test_a_failure_is_tried_again_after_growing_pauses_and_given_up_after_six(broken, caplog, capfd):
    a_village()
    handling.accept(a_report().pk, by=a_handler(), at=MONDAY)
    at, pauses = MONDAY, []
    for _try in range(5):
        assert notices.deliver(at=at) == {"waiting": 1}
        due = Notice.objects.get().not_before
        assert notices.deliver(at=due - MINUTE / 2) == {}
        pauses.append(round((due - at) / MINUTE))
        at = due
    assert notices.deliver(at=at) == {"failed": 1} and notices.deliver(at=at + timedelta(days=30)) == {}
    assert pauses == [1, 5, 30, 120, 720] and states() == [("failed", 5)]
    assert "zhang" not in f"{caplog.text}{capfd.readouterr()}"


def test_one_whose_sender_was_killed_goes_again_after_ten_minutes_under_the_same_key(monkeypatch):
    a_village()
    handling.accept(a_report().pk, by=a_handler(), at=MONDAY)

    def killed(*_arguments, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as during, pytest.raises(KeyboardInterrupt):
        during.setattr(outbox, "send", killed)
        notices.deliver(at=MONDAY)
    assert states() == [("sending", 0)]
    assert notices.deliver(at=MONDAY + 9 * MINUTE) == {}
    assert notices.deliver(at=MONDAY + 10 * MINUTE + MINUTE) == {"sent": 1}
    [message] = mail.outbox
    key = parseaddr(message.message()["Message-ID"])[1].split("@")[0]
    assert key == str(Notice.objects.get().pk)


@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_send_each_once(monkeypatch):
    a_village()
    by, sent = a_handler(), []
    for n in range(12):
        handling.accept(a_report(receipt=f"{n:024d}").pk, by=by, at=MONDAY)
    monkeypatch.setattr(outbox, "send", lambda target, *, title, text, key: sent.append(key))
    counts = at_once(lambda _n: notices.deliver(at=MONDAY)["sent"], 8)
    assert sum(counts) == 12 and sorted(sent) == sorted(str(pk) for pk in Notice.objects.values_list("pk", flat=True))


@contextmanager
def a_gateway(settings, *answers: int):
    """A gateway on this machine that gives these answers one after the other; yield what it got."""
    got, left = [], list(answers)

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            got.append((self.path, self.headers["Idempotency-Key"], self.headers["Authorization"], body))
            self.send_response(left.pop(0))
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    settings.SMS_URL, settings.SMS_TOKEN = f"http://127.0.0.1:{server.server_port}/sms", "a-token"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield got
    finally:
        server.shutdown()
        server.server_close()


def test_a_gateway_gets_number_text_and_key_and_anything_but_a_yes_is_tried_again(settings, capfd, caplog):
    a_village()
    report = a_report("王某 138 1234 5678")
    handling.accept(report.pk, by=a_handler(), at=MONDAY)
    with a_gateway(settings, 500, 307, 202) as got:
        for minutes, state in ((0, "waiting"), (2, "waiting"), (60, "sent")):
            assert notices.deliver(at=MONDAY + minutes * MINUTE) == {state: 1}
    key = str(Notice.objects.get().pk)
    assert {(path, idempotency, token) for path, idempotency, token, _body in got} == {("/sms", key, "Bearer a-token")}
    assert len(got) == 3 and all((body["to"], body["id"]) == (NUMBER, key) for *_rest, body in got)
    assert report.number in got[0][3]["text"] and not any(word in got[0][3]["text"] for word in (TEXT, PLACE, "王"))
    assert NUMBER not in f"{capfd.readouterr()}{caplog.text}"


def test_where_nothing_is_set_up_a_line_says_what_would_have_gone_without_to_whom(settings, capfd):
    settings.EMAIL_BACKEND = messages.NO_MAIL
    a_village()
    by = a_handler()
    for n, contact in enumerate((MAIL, NUMBER)):
        handling.accept(a_report(contact, f"{n}" * 24).pk, by=by, at=MONDAY)
    assert notices.deliver(at=MONDAY) == {"sent": 2}
    lines = capfd.readouterr().out
    assert "z***@***.org" in lines and "138****" in lines
    assert not any(word in lines for word in (MAIL, "zhang", "example", NUMBER, TEXT))


def test_a_gateway_over_a_network_must_be_asked_over_tls():
    for url in ("console", "https://sms.example/send", "http://localhost:8025/", "http://127.0.0.1:8025/"):
        assert _gateway(url) == url
    for url in ("http://sms.example/", "http://localhost.example/", "ftp://localhost/", "sms", ""):
        with pytest.raises(ImproperlyConfigured):
            _gateway(url)
    assert masked("1") == "1****"
