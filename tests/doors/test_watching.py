"""What is written into logs and metrics: pages, states and times, and nothing about a person."""

import json
import logging
import sys
import uuid
from unittest import mock

import pytest
from django.test import Client
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from weiduan.doors import watching
from weiduan.doors.logs import AsJson, Plain, WithoutAddresses, one_line

RECEIPT = "a-receipt-nobody-may-read-in-a-log"


def _record(message, *args):
    return logging.LogRecord("weiduan.x", logging.WARNING, __file__, 1, message, args, None)


def _failed_with(error):
    try:
        raise error
    except type(error):
        return logging.LogRecord("weiduan.x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())


@pytest.mark.parametrize("sign", ["\r\n2026 ERROR forged", "\x1b[31m", "\u202egnp.exe", "\u2028", "\x00", "\x9b2J"])
@pytest.mark.parametrize("formatter", [Plain(), AsJson()])
def test_no_sign_forges_a_line_or_turns_its_direction(sign, formatter):
    line = formatter.format(_record("said %s", f"before{sign}after"))
    assert "\n" not in line and not any(s in line for s in sign if ord(s) < 32 or ord(s) > 126)
    assert "before" in line and "after" in line


def test_words_people_write_stay_as_they_are():
    assert one_line("路灯不亮 · ok") == "路灯不亮 · ok"


@pytest.mark.parametrize("formatter", [Plain(), AsJson()])
def test_an_error_is_told_by_kind_and_place_without_its_words(formatter):
    line = formatter.format(_failed_with(ValueError("telephone 13800000000")))
    assert "ValueError" in line and "test_watching.py" in line and "13800000000" not in line


def test_json_is_one_object_with_what_is_known():
    record = _record("GET portal:find 200")
    record.view, record.status, record.ms = "portal:find", 200, 3.2
    said = json.loads(AsJson().format(record))
    assert (said["view"], said["status"], said["ms"], said["level"]) == ("portal:find", 200, 3.2, "warning")


@pytest.mark.django_db
def test_a_receipt_in_an_address_is_in_no_log(client, caplog, settings):
    settings.LOG_REQUESTS = True
    caplog.handler.addFilter(WithoutAddresses())
    caplog.handler.setFormatter(AsJson())
    with caplog.at_level(logging.INFO):
        client.get(f"/r/{RECEIPT}/")
        client.get(f"/no/such/page/{RECEIPT}/")
        client.post(f"/r/{RECEIPT}/", {"do": "nothing known"})
    assert "portal:report" in caplog.text and "(no such address)" in caplog.text
    assert RECEIPT not in caplog.text


@pytest.mark.django_db
def test_a_request_keeps_the_id_of_its_proxy_and_no_forged_one(client):
    assert client.get("/", headers={"x-request-id": "abcdef-0123456789"})["X-Request-ID"] == "abcdef-0123456789"
    made = client.get("/", headers={"x-request-id": "short"})["X-Request-ID"]
    assert len(made) == 16 and made != "short"


@pytest.mark.django_db
def test_metrics_are_for_whoever_has_the_token(client, settings):
    assert client.get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "token-for-tests"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer token-for-tests"}).status_code == 200


@pytest.mark.django_db
def test_metrics_count_by_page_and_name_nobody(settings):
    settings.METRICS_TOKEN, client = "token-for-tests", Client()
    key = {"authorization": "Bearer token-for-tests"}
    before = _figure(client.get("/metrics", headers=key), 'view="portal:report"')
    client.get(f"/r/{RECEIPT}/")
    client.get(f"/r/{uuid.uuid4()}/")
    answer = client.get("/metrics", headers=key)
    text = answer.content.decode()
    assert _figure(answer, 'view="portal:report"') == before + 2
    for name in (
        "weiduan_part_ok",
        "weiduan_disk_used_ratio",
        "weiduan_messages_waiting",
        "weiduan_tasks_waiting",
        "weiduan_request_seconds_bucket",
    ):
        assert name in text
    assert RECEIPT not in text


def _figure(answer, label):
    lines = [
        one for one in answer.content.decode().split("\n") if one.startswith("weiduan_requests_total") and label in one
    ]
    return sum(float(one.rsplit(" ", 1)[1]) for one in lines)


@pytest.mark.django_db
def test_tracing_is_off_and_switched_on_tells_pages_and_times_only(client, settings):
    assert not settings.TRACING
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    settings.TRACING = True
    with mock.patch.object(watching, "_tracer", lambda: provider.get_tracer("tests")):
        client.get(f"/r/{RECEIPT}/")
    [span] = kept.get_finished_spans()
    assert (span.name, set(span.attributes)) == ("request", {"view", "method", "status", "ms", "request_id"})
    assert RECEIPT not in span.to_json()
