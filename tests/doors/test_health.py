"""What monitors and people are told about the parts the site needs."""

import json
import os
import time
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from weiduan.doors import health
from weiduan.doors.health import AWAY_AFTER_S, State

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    settings.HOME = tmp_path
    health._held["at"] = 0.0
    yield
    health._held["at"] = 0.0


def _beat(seconds_ago: float) -> None:
    health.beat()
    at = time.time() - seconds_ago
    os.utime(health._beat_path(), (at, at))


def _ready(client):
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.content)


def test_with_every_part_there_it_is_ready(client):
    _beat(1)
    said = {"state": "ok", "parts": {"database": "ok", "migrations": "ok", "worker": "ok", "disk": "ok"}}
    assert _ready(client) == (200, said)
    assert client.get("/healthz").content == b"ok\n"


def test_without_the_worker_it_is_degraded_and_pages_say_so(client):
    _beat(AWAY_AFTER_S + 5)
    status, said = _ready(client)
    assert (status, said["state"], said["parts"]["worker"]) == (200, "degraded", "degraded")
    assert "wd-missing" in client.get("/").content.decode()


def test_with_the_worker_there_pages_say_nothing(client):
    _beat(5)
    assert "wd-missing" not in client.get("/").content.decode()


def test_a_disk_nearly_full_is_told(client, settings):
    settings.FILES_UNTIL_FULL = 0.0
    _beat(1)
    assert _ready(client)[1]["parts"]["disk"] == "degraded"
    assert "照片" in client.get("/").content.decode()


def test_where_a_migration_was_not_run_it_is_not_ready(client):
    with mock.patch("weiduan.doors.health.MigrationExecutor") as executor:
        executor.return_value.migration_plan.return_value = ["one"]
        status, said = _ready(client)
    assert (status, said["state"]) == (503, "down")


def test_where_the_database_is_away_it_is_not_ready_and_not_alive(client):
    with mock.patch.object(health.connection, "cursor", side_effect=OperationalError):
        assert client.get("/healthz").status_code == 503
        assert _ready(client)[0] == 503
    assert health.worst({"a": State.OK, "b": State.DOWN, "c": State.DEGRADED}) is State.DOWN


@pytest.mark.parametrize("error, status, words", [
    (OperationalError("server closed the connection unexpectedly"), 503, "暂时"),
    (OperationalError("database or disk is full"), 507, "没有空间"),
    (ValueError("13800000000"), 500, "系统出错了"),
])  # fmt: skip
def test_an_error_nobody_caught_is_told_in_a_sentence_without_its_words(error, status, words):
    client = Client(raise_request_exception=False)
    with mock.patch("weiduan.doors.portal.units.search_places", side_effect=error):
        page = client.get("/?q=院")
        told = client.get("/?q=院", headers={"accept": "application/json"})
    assert page.status_code == told.status_code == status
    assert words in page.content.decode() and str(error) not in page.content.decode()
    assert json.loads(told.content)["message"] in page.content.decode()


def test_the_page_of_an_outage_asks_the_database_nothing(client, django_assert_num_queries):
    with mock.patch("django.contrib.sessions.backends.db.SessionStore.load", side_effect=OperationalError):
        client.cookies["sessionid"] = "x" * 32
        client.raise_request_exception = False
        with django_assert_num_queries(0):
            answer = client.get("/desk/")
    assert answer.status_code == 503


def test_whoever_was_telling_a_matter_may_write_it_down_on_the_phone():
    client = Client(raise_request_exception=False)
    with mock.patch("weiduan.doors.portal.reports._asked", side_effect=OperationalError):
        page = client.post("/report/", {"step": "what", "text": "路灯不亮"}).content.decode()
    assert 'href="/report/later/"' in page
