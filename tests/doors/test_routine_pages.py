"""Rounds through their pages: set up for units, due to whoever goes, written down; above that only counts."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import DISTRICT, GRID, OTHER_VILLAGE, VILLAGE, a_user
from tests.systems.governance.matters import NEXT_UNIT, UNIT, a_village, told
from tests.systems.services.asking import a_keeper
from weiduan.ground.accounts.rules import Duty
from weiduan.systems.services.routines import actions
from weiduan.systems.services.routines.models import Round, Routine
from weiduan.systems.services.routines.rules import Every

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HOME = settings.MEDIA_ROOT = tmp_path
    a_village()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(answer) -> str:
    return answer.content.decode()


def test_set_up_due_and_done_with_a_report_that_came_of_it():
    desk, worker = signed_in(a_keeper()), signed_in(a_user(Duty.HANDLE_REPORTS, area=GRID))
    said = {
        "title": "消防通道巡查", "done_by": "网格员", "every": "week", "looked_at": "通道、楼道", "since": str(timezone.localdate()),
        "units": [UNIT, NEXT_UNIT],
    }  # fmt: skip
    assert desk.post(f"/desk/rounds/new/?area={VILLAGE}", said | {"units": []}).status_code == 400
    page = desk.post(f"/desk/rounds/new/?area={VILLAGE}", said)["Location"]

    due = text_of(worker.get("/desk/rounds/"))
    assert f'data-unit="{UNIT}"' in due and f'data-unit="{NEXT_UNIT}"' in due and "data-late" not in due
    report = told(at=timezone.now())
    form = {"do": "done", "on": str(timezone.localdate()), "found": "通道堵了", "report": report.number}
    assert worker.post(f"{page}?unit={UNIT}", form | {"report": "no-such"}).status_code == 400
    assert worker.post(f"{page}?unit={UNIT}", form).status_code == 302
    assert f'data-unit="{UNIT}"' not in text_of(worker.get("/desk/rounds/"))
    assert "通道堵了" in text_of(desk.get(page)) and Round.objects.get().report == report
    assert worker.post(page, {"do": "end"}).status_code in (403, 404)
    assert desk.post(page, {"do": "end"}).status_code in (302, 400)


def test_above_the_village_only_counts_by_village():
    at = timezone.now()
    long_ago = timezone.localdate().replace(year=timezone.localdate().year - 1)
    plan = actions.Plan("走访", "网格员", Every.MONTH, "楼道", [UNIT], long_ago)
    actions.set_up(VILLAGE, plan, by="test", at=at)
    district = signed_in(a_keeper(DISTRICT))

    shown = text_of(district.get("/desk/rounds/"))

    assert 'id="late"' in shown and "data-unit" not in shown and "石家碾社区" in shown
    assert text_of(signed_in(a_keeper(OTHER_VILLAGE)).get("/desk/rounds/")).count("data-unit") == 0
    assert signed_in(a_keeper(OTHER_VILLAGE)).get(f"/desk/rounds/{Routine.objects.get().pk}/").status_code == 404
