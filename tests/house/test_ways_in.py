"""Every address is locked, or named here as open."""

import re

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from weiduan.doors.api.interface import api

OPEN = {
    "portal:find", "portal:here", "portal:area", "portal:unit", "portal:map",
    "alive", "ready",  # for monitors: which part is there, nothing else
    "metrics",  # by a token
    "portal:me", "portal:me_enter", "portal:me_copy", "portal:copy",  # by a link that works once
    "portal:venue", "portal:venue_map", "portal:venue_calendar", "portal:photo", "portal:plate", "portal:book",
    "portal:booking",  # by a receipt
    "portal:yearly",  # the year of a unit: what is public anyway, in one
    "portal:reports_of", "portal:reports_map",  # figures, and what a handler wrote for everyone
    "portal:tell", "portal:report", "portal:report_photo",  # told without an account, followed by a receipt
    "portal:tell_later", "portal:worker", "portal:manifest",  # the same, written down before there is network
    "portal:ballots", "portal:ballot", "portal:ballot_file",  # votes are by code, results for everyone
    "portal:bodies", "portal:compacts", "portal:compact",  # who governs, and by which texts
    "portal:support", "portal:opinion",  # by a receipt
    "portal:topics", "portal:raise_topic", "portal:topic", "portal:topic_receipt",  # raised and followed by a receipt
    "portal:ask_mediation", "portal:mediation",  # asked for and seen by a receipt
    "portal:activities", "portal:activities_calendar", "portal:activity", "portal:sign_up",  # signed up without an account, by a receipt
    "portal:brands", "portal:brand", "portal:brand_mark",
    "portal:partners",  # posts and office telephones, no person
    "portal:projects", "portal:project", "portal:project_account", "portal:project_csv", "portal:project_json",
    "portal:project_picture",  # what was called, chosen, accepted and paid
    "portal:satisfaction", "portal:answer", "portal:answer_after",  # by a code or a receipt; results for everyone
    "portal:wishes", "portal:tell_wish", "portal:wish", "portal:wish_receipt",  # told and taken up by receipts
    "portal:volunteers", "portal:team", "portal:volunteer", "portal:certificate",  # joined and seen by a receipt
    "open311:discovery", "open311:services", "open311:service", "open311:requests", "open311:request", "open311:token",
    "portal:open_data", "portal:dictionary", "portal:dictionary_file", "portal:open_file", "portal:feed", "portal:embed_zeros",
    "portal:embed_map",  # what everybody may see anyway, for programs and other pages
    "ogc:landing", "ogc:conformance", "ogc:api", "ogc:collections", "ogc:collection", "ogc:items", "ogc:item",
    "switch-view", "switch-language", "api:openapi-json", "api:api-root",
}  # fmt: skip
# Operations for residents: places, what is on, booking, and a booking by its receipt.
OPEN_OPERATIONS = {
    ("get", "/api/v1/areas/{code}/places"), ("get", "/api/v1/places/{key}"), ("get", "/api/v1/places/{key}/timetable"),
    ("get", "/api/v1/rooms/{room}/free"), ("post", "/api/v1/booking-drafts"), ("post", "/api/v1/rooms/{room}/bookings"),
    ("get", "/api/v1/receipts/{receipt}"), ("post", "/api/v1/receipts/{receipt}/cancel"),
    ("get", "/api/v1/areas/{code}/ballots"), ("get", "/api/v1/ballots/{key}"), ("post", "/api/v1/ballots/{key}/votes"),
    ("get", "/api/v1/areas/{code}/bodies"), ("get", "/api/v1/areas/{code}/compacts"), ("get", "/api/v1/compacts/{key}"),
    ("get", "/api/v1/areas/{code}/topics"), ("get", "/api/v1/topics/{key}"), ("get", "/api/v1/areas/{code}/partners"),
    ("get", "/api/v1/areas/{code}/satisfaction"), ("post", "/api/v1/questionnaires/{key}/answers"),
    ("get", "/api/v1/areas/{code}/projects"), ("get", "/api/v1/projects/{key}"), ("get", "/api/v1/projects/{key}/account"),
    ("get", "/api/v1/areas/{code}/activities"), ("get", "/api/v1/activities/{key}"), ("post", "/api/v1/sign-up-drafts"),
    ("post", "/api/v1/activities/{key}/sign-ups"), ("get", "/api/v1/sign-ups/{receipt}"), ("post", "/api/v1/sign-ups/{receipt}/accept"),
    ("post", "/api/v1/sign-ups/{receipt}/give-up"), ("post", "/api/v1/sign-ups/{receipt}/erase"),
    ("get", "/api/v1/places/{key}/functions"),
    ("get", "/api/v1/areas/{code}/teams"), ("get", "/api/v1/teams/{key}"), ("get", "/api/v1/areas/{code}/wishes"),
    ("get", "/api/v1/wishes/{key}"),
    ("get", "/api/v1/ballots/{key}/file"),  # votes: by code, results for everyone
    ("post", "/api/v1/receipts/{receipt}/leave-out"), ("post", "/api/v1/receipts/{receipt}/take-in"),
}  # fmt: skip
# Those of libraries, each with its own lock: signing in must be open.
LIBRARIES = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_")


def _patterns(resolver: URLResolver, space: str = ""):
    for pattern in resolver.url_patterns:
        inner = getattr(pattern, "namespace", None)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, f"{space}{inner}:" if inner else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", pattern.callback


def _is_operation(name: str) -> bool:
    """Tell whether it is an operation of the interface; the test below asks each of them."""
    return name.startswith("api:") and name not in OPEN


def test_every_way_in_is_locked_or_named_as_open():
    unlocked = {
        name
        for name, view in _patterns(get_resolver())
        if not getattr(view, "is_locked", False) and not name.startswith(LIBRARIES) and not _is_operation(name)
    }
    assert unlocked == OPEN


def test_every_operation_of_the_interface_asks_who_is_there():
    client = Client(enforce_csrf_checks=True)
    unlocked = {
        (method, path)
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
        if not operation.get("security")
    }
    assert unlocked == OPEN_OPERATIONS
    asked = [
        (method, re.sub(r"{[^}]+}", "510113002002", path.replace("{key}", "00000000-0000-0000-0000-000000000000")))
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method in operations
        if (method, path) not in OPEN_OPERATIONS
    ]

    assert len(asked) >= 20
    assert {client.generic(method, path).status_code for method, path in asked} == {401}
