"""On PostgreSQL the database itself gives out nothing that lies elsewhere, even where the application forgot to ask."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test import Client
from psycopg_pool import ConnectionPool

from tests.doors.crawling import found_in, said_in
from tests.rights.asking import ways
from tests.rights.matrix import LOGIN, rows
from tests.rights.world import PLACES, VILLAGE, World, a_world
from weiduan.doors import scoping
from weiduan.ground.accounts import queries
from weiduan.ground.base.constraints import OnlyInScope
from weiduan.ground.base.scope import SETTING, beyond_scope, forget, lift, limit_to, scope_now

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="the embedded database has no such lock")
GUARDED = [model for model in apps.get_models() if any(isinstance(one, OnlyInScope) for one in model._meta.constraints)]
# What is told of guarded rows on pages: numbers of reports, mediations and members, and what was written in them.
WRITTEN = ("记号人", "记号事", "记号约", "记号订", "记号名")
FOREIGN = ("sibling", "parent", "elsewhere")


@pytest.fixture
def world(db) -> World:
    return a_world()


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING])
        return cursor.fetchone()[0]


@contextmanager
def nothing_is_asked() -> Iterator[None]:
    """Let the application believe that every account has every duty everywhere, in each module that asks."""
    asks = queries.areas_of
    everywhere = lambda user, *_duty, **_at: [] if isinstance(user, AnonymousUser) else [""]  # noqa: E731
    with ExitStack() as stack:
        for name, module in list(sys.modules.items()):
            if name.startswith("weiduan.") and getattr(module, "areas_of", None) is asks:
                stack.enter_context(mock.patch.object(module, "areas_of", everywhere))
        yield


def told_to_the_village(world: World) -> bytes:
    """Return all that pages and operations with a lock say to the staff of the village, of things of every place and in lists."""
    locked = {way for row in rows() if row.verdicts["nobody"][0] == LOGIN for way in row.ways}
    client = Client(raise_request_exception=False)
    client.force_login(world.users["village"])
    said = [
        client.get(way.address(world.keys[place], has_receipt=False))
        for way in ways()
        if way.method == "GET" and str(way) in locked and way.name != "desk:live_stream"
        for place in (PLACES if way.kinds else ["own"])
    ]
    said += [client.get(path) for path in ("/desk/reports/?state=all", "/desk/reports.xlsx?state=all")]
    said.append(client.post("/desk/members/", {"q": "记号"}))
    assert max(answer.status_code for answer in said) < 500 or {
        a.status_code for a in said if a.status_code >= 500
    } == {503}
    return b"".join(said_in(answer) for answer in said if answer.status_code == 200)


def marks(*places: str) -> list[str]:
    return [f"{word}{place}" for word in WRITTEN for place in places]


def test_with_the_applications_own_lock_open_the_village_is_told_nothing_of_other_places(world):
    with nothing_is_asked():
        said = told_to_the_village(world)
        with mock.patch.object(scoping, "limit_to", lambda _prefixes: None):
            without = told_to_the_village(world)

    assert found_in(said, marks(*FOREIGN)) == set()
    assert found_in(said, marks("own")) == set(marks("own"))
    assert found_in(without, marks(*FOREIGN)) == set(marks(*FOREIGN))  # so it would have been seen


@pytest.mark.parametrize("model", GUARDED, ids=lambda model: model.__name__)
def test_each_guarded_table_gives_out_only_what_lies_in_the_limit(model, world):
    everything = set(model._default_manager.values_list("pk", flat=True))
    limit_to([VILLAGE])
    here = set(model._default_manager.values_list("pk", flat=True))
    limit_to([])
    nowhere = set(model._default_manager.values_list("pk", flat=True))
    limit_to(["510113", ""])
    everywhere = set(model._default_manager.values_list("pk", flat=True))
    lift()

    assert nowhere == set()
    assert len(here) * 5 == len(everything) * 2 > 0  # own and child, of five places with the same in each
    assert here < everything == everywhere == set(model._default_manager.values_list("pk", flat=True))


def test_the_lock_holds_for_the_role_of_the_service_too(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        assert {name for (name,) in cursor.fetchall()} == {model._meta.db_table for model in GUARDED}
    assert len(GUARDED) >= 15


# ---- it leaks from nothing into nothing


@pytest.mark.parametrize(
    "path", ["/desk/reports/", "/desk/reports/no-such-page", "/api/v1/members", "/desk/area/510112000000/"]
)
def test_after_a_request_nothing_is_left_of_its_limit(path, world):
    client = Client(raise_request_exception=False)
    client.force_login(world.users["village"])
    with mock.patch.object(scoping, "limit_to", wraps=limit_to) as asked:
        client.get(path)
    assert (setting(), scope_now()) == ("", None)
    assert asked.called or "no-such" in path


def test_after_a_request_that_broke_nothing_is_left_of_its_limit(world):
    client = Client(raise_request_exception=False)
    client.force_login(world.users["village"])
    with mock.patch("weiduan.doors.desk.reports.render", side_effect=RuntimeError("broken")):
        assert client.get("/desk/reports/").status_code == 500
    assert (setting(), scope_now()) == ("", None)


def test_a_rolled_back_transaction_keeps_the_limit(world):
    limit_to([VILLAGE])
    with pytest.raises(RuntimeError), transaction.atomic():
        with beyond_scope():
            assert setting() == ""
        raise RuntimeError
    assert setting() == VILLAGE
    with pytest.raises(RuntimeError), transaction.atomic(), beyond_scope():
        raise RuntimeError
    assert setting() == VILLAGE
    lift()


@pytest.mark.django_db(transaction=True)
def test_a_connection_opened_anew_within_a_request_has_the_limit_before_its_first_question():
    limit_to([VILLAGE])
    connection.close()
    assert setting() == VILLAGE
    lift()
    assert setting() == ""


@pytest.mark.django_db(transaction=True)
def test_a_connection_comes_back_into_the_pool_without_a_limit():
    known = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name in ("dbname", "user", "host", "port")
    }
    with ConnectionPool(kwargs=known, min_size=1, max_size=1, reset=forget, open=True) as pool:
        with pool.connection() as one:
            one.execute("SELECT set_config(%s, %s, false)", [SETTING, VILLAGE])
        with pool.connection() as again:
            assert again is one
            assert again.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING]).fetchone() == ("",)
    with ConnectionPool(kwargs=known, min_size=1, max_size=1, open=True) as careless:  # without it, it would be seen
        with careless.connection() as one:
            one.execute("SELECT set_config(%s, %s, false)", [SETTING, VILLAGE])
        with careless.connection() as again:
            assert again.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING]).fetchone() == (VILLAGE,)
