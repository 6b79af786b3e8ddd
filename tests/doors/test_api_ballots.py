"""Votes through the interface: read by everyone, voted by code, counted again from the file."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.doors.test_api_bookings import Anybody
from tests.systems.governance.balloting import a_keeper, asked, owners
from tests.systems.governance.matters import UNIT, a_village
from weiduan.systems.governance.ballots.closing import close
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import draft, open_ballot, set_roll
from weiduan.systems.governance.ballots.verifying import faults_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_vote_is_read_cast_once_and_counted_again(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()
    by, now, day = a_keeper(), timezone.now(), timedelta(days=1)
    times = {"announced_on": (now - 30 * day).date(), "opens_at": now - day, "closes_at": now + day}
    ballot = draft(UNIT, asked(**times), by=by, at=now)
    set_roll(ballot.pk, owners(3), by=by, at=now)
    program, address = Anybody(), f"/ballots/{ballot.pk}"
    assert program.get(address).status_code == 404 and program.get(f"/areas/{UNIT}/ballots").json()["count"] == 0

    codes = open_ballot(ballot.pk, by=by, at=now)
    [listed] = program.get(f"/areas/{UNIT}/ballots").json()["items"]
    assert listed["key"] == str(ballot.pk)
    first = program.post(f"{address}/votes", {"code": codes[1], "choice": "yes"})
    again = program.post(f"{address}/votes", {"code": codes[1], "choice": "no"})
    assert (first.status_code, again.json()) == (201, first.json() | {"was_in": True})
    assert program.post(f"{address}/votes", {"code": "2" * 16, "choice": "yes"}).status_code == 404
    assert program.post(f"{address}/votes", {"code": codes[2], "choice": "x"}).status_code == 400
    assert program.post(f"{address}/votes", {"code": codes[2], "choice": "yes", "more": 1}).status_code == 422
    told = program.get(address).json()
    assert told["heads"] == {"part": 1, "needed": 2, "reached": False} and told["area"]["needed"] == 20_000
    assert program.get(f"{address}/file").status_code == 404

    Ballot.objects.update(closes_at=now)
    close(ballot.pk, by=by, at=now)
    assert faults_of(program.get(f"{address}/file").json(), receipt=first.json()["receipt"]) == []
    assert program.get(address).json()["heads"] is None
