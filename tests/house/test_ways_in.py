"""Every address is locked, or stands in the matrix of rights as open; tests/rights asks what it really answers."""

from django.test import Client
from django.urls import get_resolver

from tests.rights.asking import patterns, ways
from tests.rights.matrix import LOGIN, rows
from weiduan.doors.api.interface import api

# Those of libraries, each with its own lock: signing in must be open.
LIBRARIES = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_")


def _in_the_matrix() -> dict[str, bool]:
    """Return way → whether it leads to the sign-in for whoever isn't signed in."""
    return {way: row.verdicts["nobody"][0] == LOGIN for row in rows() for way in row.ways}


def test_every_address_is_in_the_matrix_and_what_is_locked_there_is_locked_here():
    told = _in_the_matrix()
    for name, _route, view in patterns(get_resolver()):
        if name.startswith(LIBRARIES) or (name.startswith("api:") and name not in ("api:openapi-json", "api:api-root")):
            continue
        locks = {told[way] for way in (f"GET {name}", f"POST {name}") if way in told}
        assert locks == {getattr(view, "is_locked", False)}, name


def test_every_operation_of_the_interface_asks_who_is_there_or_is_open_in_the_matrix():
    told, client = _in_the_matrix(), Client(enforce_csrf_checks=True)
    locked = {
        f"{method.upper()} {path}": bool(operation.get("security"))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
    }
    assert {way: lock for way, lock in told.items() if " /api/" in way} == locked
    keys = {kind: "510113002002" for way in ways() for kind in way.kinds}
    keys |= {
        kind: "00000000-0000-0000-0000-000000000000" for kind in keys if kind not in ("code", "organisation", "member")
    }

    asked = [way for way in ways() if locked.get(str(way))]
    assert len(asked) >= 20
    assert {client.generic(way.method, way.address(keys, has_receipt=False)).status_code for way in asked} == {401}
