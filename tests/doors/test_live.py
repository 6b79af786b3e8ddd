"""Who looks on is told of changes in the area, of none elsewhere, and gives the place back; with too many of them the rest ask."""

import threading
import time

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import GRID, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import UNIT, a_village
from weiduan.doors import live
from weiduan.doors.desk import live as pages
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.actions import Deed, record_many

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def watch(settings, tmp_path, monkeypatch):
    """A watch that looks only when it is told to, so that no thread is left behind."""
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    settings.LIVE_STREAMS = 1
    a_village()
    fresh = live.Watch()
    fresh._is_watched = True
    for module in (live, pages):
        monkeypatch.setattr(module, "WATCH", fresh)
        monkeypatch.setattr(module, "PLACES", places := threading.BoundedSemaphore(1))
    monkeypatch.setattr(live, "PLACES", places)
    fresh.look()
    return fresh


def touched(area: str, watch) -> None:
    record_many([Deed("thing.changed", "thing", "1", area, None, None)], by="test", at=timezone.now())
    watch.look()


def desk(area: str = VILLAGE):
    client = Client()
    client.force_login(a_user(Duty.LOOK, area=area))
    live.WATCH.look()
    return client


def asked(client, code: str, since) -> dict:
    return client.get(f"/desk/live/{code}/?since={since}").json()


def test_a_change_in_the_area_around_it_or_in_it_is_told_and_none_elsewhere(watch):
    client = desk()
    since = asked(client, GRID, "")["version"]
    assert asked(client, GRID, since) == {"version": since, "changed": False}
    touched(OTHER_VILLAGE, watch)
    assert asked(client, GRID, since) == {"version": since + 1, "changed": False}
    for area in (UNIT, GRID, VILLAGE):
        before = asked(client, GRID, since)["version"]
        touched(area, watch)
        assert asked(client, GRID, before) == {"version": before + 1, "changed": True}


def test_who_comes_with_a_version_nobody_knows_is_told_to_look_anew(watch):
    client = desk()
    assert asked(client, VILLAGE, 10**9)["changed"] is True
    assert asked(client, VILLAGE, "x")["changed"] is False and asked(client, VILLAGE, "9" * 40)["changed"] is False


def test_an_open_page_is_sent_an_event_and_gives_its_place_back(watch, monkeypatch):
    monkeypatch.setattr(live, "PING_S", 0.05)
    client = desk()
    answer = client.get(f"/desk/live/{VILLAGE}/stream/")
    assert answer.headers["Content-Type"] == "text/event-stream" and answer.headers["Cache-Control"] == "no-store"
    sent = iter(answer.streaming_content)
    assert next(sent) == b"retry: 1000\n\n" and next(sent) == b": still here\n\n"
    assert client.get(f"/desk/live/{VILLAGE}/stream/").status_code == 503
    touched(UNIT, watch)
    assert next(sent) == f"event: changed\ndata: {watch.version()}\n\n".encode() and next(sent) == b": still here\n\n"
    answer.close()
    answer.close()
    again = client.get(f"/desk/live/{VILLAGE}/stream/")
    assert again.status_code == 200
    again.close()  # never read from


def test_a_waiting_page_is_woken_by_the_change(watch):
    woken = []
    waiting = threading.Thread(target=lambda: woken.append(watch.wait(VILLAGE, watch.version(), 20)))
    waiting.start()
    time.sleep(0.2)
    begun = time.monotonic()
    touched(UNIT, watch)
    waiting.join(5)
    assert woken == [True] and time.monotonic() - begun < 2


def test_only_who_may_look_there_is_told(watch):
    assert desk(OTHER_VILLAGE).get(f"/desk/live/{VILLAGE}/").status_code == 404
    assert Client().get(f"/desk/live/{VILLAGE}/stream/").status_code == 302


def test_where_it_is_switched_off_pages_do_not_listen_and_nobody_is_answered(settings):
    settings.LIVE_STREAMS = 0
    assert desk().get(f"/desk/live/{VILLAGE}/").status_code == 503
    assert 'name="live"' not in desk().get(f"/desk/area/{VILLAGE}/").content.decode()
