"""Rights change at the next request, with the same cookie; and looking changes nothing."""

import hashlib

import pytest
from django.test import Client
from django.utils import timezone

from tests.doors.crawling import dump
from tests.rights.asking import ways
from tests.rights.matrix import LOGIN, rows
from tests.rights.world import DISTRICT, OTHER_VILLAGE, PLACES, TOWN, VILLAGE, World, a_world
from weiduan.ground.accounts.models import Mandate
from weiduan.ground.territory.reform import plan_reform, reform
from weiduan.outlook.insight.counted.folding import rebuild

NEW_TOWN, NEW_VILLAGE = "510113003000", "510113003001"
# Who is signed in may be written down by looking; nothing else.
# What programs and a phone's queue send: by receipt, code or key in what is sent, and never by the session.
PROGRAMS = (" /api/", " open311:", " portal:tell_later")
BY_LOOKING = {"django_session", "sessions, opened"}


@pytest.fixture
def world(db) -> World:
    return a_world()


def signed_in(world: World, role: str) -> Client:
    client = Client()
    client.force_login(world.users[role])
    return client


def of_own(world: World) -> list[str]:
    """Return the addresses of things in the village: a report, an organisation, a project, a member, the area itself."""
    keys = world.keys["own"]
    return [
        f"/desk/reports/{keys['report']}/", f"/desk/organisations/{keys['organisation']}/", f"/desk/projects/{keys['project']}/",
        f"/desk/members/of/{keys['member']}/", f"/api/v1/organisations/{keys['organisation']}", f"/desk/bookings/{keys['booking']}/",
    ]  # fmt: skip


def answers(client: Client, paths: list[str]) -> set[int]:
    return {client.get(path).status_code for path in paths}


@pytest.mark.parametrize("role", ["village", "town", "district"])
def test_a_mandate_that_ends_is_over_at_the_next_request(role, world):
    client, paths = signed_in(world, role), of_own(world)
    assert answers(client, paths) == {200}

    Mandate.objects.filter(user=world.users[role]).update(until=timezone.localdate())

    assert answers(client, paths) == {404}
    assert client.get("/desk/").status_code == 200  # the session goes on; it leads nowhere


def test_a_village_that_moves_into_another_town_is_gone_for_the_old_town_and_stays_its_own(world):
    town, village, paths = signed_in(world, "town"), signed_in(world, "village"), of_own(world)
    assert answers(town, paths) == answers(village, paths) == {200}
    rows = [
        (DISTRICT, "青白江区"),
        (TOWN, "大弯街道"),
        (OTHER_VILLAGE, "大弯社区"),
        (NEW_TOWN, "大同街道"),
        (NEW_VILLAGE, "石家碾社区"),
    ]
    edition = [{"code": code, "name": name, "kind": ""} for code, name in rows]
    lineage = [{"old_code": VILLAGE, "new_code": NEW_VILLAGE, "kind": "moved", "basis": ""}]
    plan = plan_reform(edition, lineage, edition="2026", on=timezone.localdate())

    reform(plan, by="test", at=timezone.now())

    assert answers(town, [*paths, f"/desk/area/{NEW_VILLAGE}/"]) == {404}
    assert answers(village, [*paths, f"/desk/area/{NEW_VILLAGE}/"]) == {200}


def test_an_account_that_ends_is_out_at_the_next_request_on_every_device(world):
    devices, paths = [signed_in(world, "village") for _device in range(2)], of_own(world)
    world.users["village"].is_active = False
    world.users["village"].save()

    for client in devices:
        assert answers(client, [path for path in paths if "/api/" not in path]) == {302}
        assert answers(client, [path for path in paths if "/api/" in path]) == {401}


def hashes() -> dict[str, str]:
    return {table: hashlib.sha256(content).hexdigest() for table, content in dump().items()}


def test_looking_at_everything_changes_nothing(world):
    client = signed_in(world, "district")
    asked = [way for way in ways() if way.method == "GET" and way.name not in ("desk:live_stream", "account_logout")]
    client.get("/desk/")
    rebuild(at=timezone.now())  # what is counted beforehand is brought up to date by whoever looks first
    before = hashes()
    reached = 0

    for way in asked:
        for place in PLACES if way.kinds else ["own"]:
            answer = client.get(way.address(world.keys[place], has_receipt=True))
            reached += answer.status_code == 200
    after = hashes()

    assert reached > 500
    assert {table for table in after if after[table] != before.get(table)} <= BY_LOOKING
    world.users["district"].mandates.first().delete()  # it would be seen
    assert hashes()["accounts_mandate"] != after["accounts_mandate"]


def test_no_unsafe_method_is_taken_without_the_token_of_its_page_even_with_a_session(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.users["superuser"])
    asks_nobody = {
        way
        for row in rows()
        if row.verdicts["nobody"][0] != LOGIN
        for way in row.ways
        if any(part in way for part in PROGRAMS)
    }
    taken = set()

    for way in ways():
        if way.method != "GET":
            answer = client.generic(way.method, way.address(world.keys["own"], has_receipt=True))
            taken |= {str(way)} if answer.status_code not in (403, 405) else set()

    assert taken <= asks_nobody
