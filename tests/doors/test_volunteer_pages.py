"""Volunteers through their pages: a team is founded, somebody joins, takes a shift, gets the hours and the certificate."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.builders import OTHER_VILLAGE, VILLAGE
from tests.systems.governance.matters import UNIT, a_village
from tests.systems.services.asking import a_keeper
from weiduan.systems.services.volunteers.models import Shift, ShiftPlace, Team, Volunteer

pytestmark = pytest.mark.django_db(transaction=True)
TEAM = {"name": "红马甲志愿服务队", "words": "看望老人", "post": "志愿服务专干", "telephone": "028-83600000"}


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


def times(hours: int) -> dict[str, str]:
    starts = timezone.localtime() + timedelta(hours=hours)
    return {"starts_at": f"{starts:%Y-%m-%dT%H:%M}", "ends_at": f"{starts + timedelta(hours=2):%Y-%m-%dT%H:%M}"}


def a_team(desk) -> str:
    answer = desk.post(f"/desk/teams/new/?area={VILLAGE}", TEAM)
    assert answer.status_code == 302
    return answer["Location"]


def joined(client, team: Team, name: str = "老王") -> str:
    page = f"/team/{team.pk}/"
    draft = re.search(r'name="draft" value="([^"]+)"', text_of(client.get(page)))[1]
    answer = client.post(page, {"name": name, "contact": "13800000001", "draft": draft})
    assert answer.status_code == 302
    return answer["Location"]


def test_from_founding_a_team_to_the_certificate():
    desk, helper = signed_in(a_keeper()), Client()
    page = a_team(desk)
    team = Team.objects.get()
    shift = {"do": "shift", "what": "文明劝导", "place": "小区东门", "least": 2, "most": 3} | times(24)
    assert desk.post(page, shift).status_code == 302
    risk = text_of(desk.get("/desk/teams/"))
    assert 'id="at-risk"' in risk and "文明劝导" in risk
    assert "文明劝导" in text_of(Client().get(f"/team/{team.pk}/")) and team.name in text_of(
        Client().get(f"/a/{UNIT}/volunteers/")
    )

    own = joined(helper, team)
    assert 'value="take"' not in text_of(helper.get(own))
    volunteer = Volunteer.objects.get()
    assert "老王" in text_of(desk.get(page)) and "老王" not in text_of(Client().get(f"/team/{team.pk}/"))
    assert desk.post(page, {"do": "admit", "volunteer": str(volunteer.pk)}).status_code == 302
    made = Shift.objects.get()
    assert helper.post(own, {"do": "take", "shift": str(made.pk)}).status_code == 302
    assert 'id="coming"' in text_of(helper.get(own))

    Shift.objects.update(starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1))
    place = ShiftPlace.objects.get()
    form = text_of(desk.get(f"/desk/shifts/{made.pk}/"))
    assert f'name="minutes-{place.pk}"' in form and 'value="120"' in form
    assert desk.post(f"/desk/shifts/{made.pk}/", {"do": "hours", f"minutes-{place.pk}": "x"}).status_code == 400
    assert desk.post(f"/desk/shifts/{made.pk}/", {"do": "hours", f"minutes-{place.pk}": "90"}).status_code == 302
    assert '<span class="wd-count num">1.5</span>' in text_of(helper.get(own))
    pdf = helper.get(own + "certificate.pdf")
    assert (
        pdf["Content-Type"] == "application/pdf"
        and pdf.content.startswith(b"%PDF")
        and pdf["Cache-Control"] == "no-store"
    )

    assert helper.post(own, {"do": "erase"}).status_code == 302
    assert helper.get(own).status_code == 404 and helper.get(own + "certificate.pdf").status_code == 404
    assert not Volunteer.objects.exists() and not ShiftPlace.objects.exists()


def test_no_page_adds_up_or_orders_volunteers():
    """Two served; nobody but each sees how long, and the team's page names them in the order they came."""
    desk = signed_in(a_keeper())
    page = a_team(desk)
    team = Team.objects.get()
    pages = [joined(Client(), team, name) for name in ("甲一", "乙二")]
    for volunteer in Volunteer.objects.all():
        desk.post(page, {"do": "admit", "volunteer": str(volunteer.pk)})
    desk.post(page, {"do": "shift", "what": "巡楼", "place": "3号楼", "least": 1, "most": 3} | times(24))
    shift = Shift.objects.get()
    for own in pages:
        Client().post(own, {"do": "take", "shift": str(shift.pk)})
    Shift.objects.update(starts_at=timezone.now() - timedelta(hours=3), ends_at=timezone.now() - timedelta(hours=1))
    first, second = ShiftPlace.objects.order_by("pk")
    desk.post(f"/desk/shifts/{shift.pk}/", {"do": "hours", f"minutes-{first.pk}": "31", f"minutes-{second.pk}": "113"})

    shown = re.search(r'id="people".*?</section>', text_of(desk.get(page)), re.S)[0]
    assert not re.search(r"\b(31|113|144)\b", re.sub(r'value="[^"]*"', "", shown)) and shown.index(
        "甲一"
    ) < shown.index("乙二")
    assert "113" not in text_of(Client().get(pages[0])) and "113" in text_of(Client().get(pages[1]))


def test_others_see_neither_team_nor_people():
    page = a_team(signed_in(a_keeper()))
    joined(Client(), Team.objects.get())
    other = signed_in(a_keeper(OTHER_VILLAGE))
    assert other.get(page).status_code == 404 and other.post(page, {"do": "end"}).status_code == 404
    assert TEAM["name"] not in text_of(other.get("/desk/teams/"))
