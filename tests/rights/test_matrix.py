"""Every way in × thirteen roles × five places is asked, and answers as the matrix says."""

import json
import os
from collections.abc import Iterator
from unittest import mock
from urllib.parse import urlencode

import pytest
import typst
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client

from tests.rights.asking import Way, ways
from tests.rights.matrix import FORBIDDEN, HIDDEN, LOGIN, OPEN, Row, rows
from tests.rights.world import PLACES, ROLES, World, a_world

# Each cell that refuses is asked; of those alike in being open, or in leading to the sign-in, one of a role, unless all are wanted.
WHOLE = os.environ.get("WEIDUAN_WHOLE_MATRIX") == "1"
# Whose codes an account covers; nobody else may look there, so what lies elsewhere isn't there for it.
SCOPE = {
    "grid": {"child"}, "keeper": {"own", "child"}, "village": {"own", "child"}, "looker": {"own", "child"},
    "town": {"own", "sibling", "parent", "child"}, "district": {"own", "sibling", "parent", "child"}, "superuser": set(PLACES),
    "system": set(), "security": set(), "audit": set(),
}  # fmt: skip
pytestmark = pytest.mark.django_db
ROWS = {row.name: row for row in rows()}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """One world for all; what a request does is taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def plain() -> Iterator[None]:
    """Who may is asked here, not how it looks: nothing is drawn."""
    with (
        mock.patch.object(Template, "render", lambda *_each: ""),
        mock.patch.object(typst, "compile", lambda *_e, **_k: b"%PDF"),
    ):
        yield


@pytest.fixture(scope="module")
def known() -> dict[str, Way]:
    return {str(way): way for way in ways()}


class Askers:
    """Asks as somebody, and takes back what was done."""

    def __init__(self, world: World):
        self.world, self.clients = world, {role: Client(raise_request_exception=False) for role in ROLES}
        for role, user in world.users.items():
            self.clients[role].force_login(user)
        self.cookies = {role: dict(client.cookies) for role, client in self.clients.items()}

    def ask(self, way: Way, role: str, place: str) -> int:
        """Return the status a way answers with to somebody, for a thing in a place; 302 to the sign-in counts as 401."""
        keys, client = self.world.keys[place], self.clients[role]
        sent = way.body(keys)
        body = (
            {"data": json.dumps(sent), "content_type": "application/json"}
            if way.shape
            else {"data": urlencode(sent), "content_type": "application/x-www-form-urlencoded"}
        )
        address = way.address(keys, has_receipt=role == "resident")
        if way.method == "GET":  # changes nothing, as another test shows
            answer = client.get(address)
        else:
            with transaction.atomic():
                answer = client.generic(way.method, address, **body)
                transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(self.cookies[role])
        signs_in = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
        return 401 if signs_in else answer.status_code


@pytest.fixture(scope="module")
def askers(world, plain) -> Askers:
    return Askers(world)


def verdict_of(status: int) -> str:
    """Return what a status says: forms with mistakes in them, and what can't be done now, were reached."""
    if status >= 500 and status != 503:  # 503: pages that wait for news are switched off here
        return f"broken ({status})"
    return {401: LOGIN, 403: FORBIDDEN, 404: HIDDEN}.get(status, OPEN)


def cells(row: Row, way: Way) -> Iterator[tuple[str, str]]:
    """Return role and place of each cell to ask."""
    for role in ROLES:
        asked = set()
        alike = not WHOLE and len({row.verdict(role, place) for place in PLACES}) == 1
        for place in PLACES if way.kinds and not alike else ["own"]:
            letter = row.verdict(role, place)
            if not WHOLE and role == "resident" and letter == LOGIN:  # without an account there is no other request
                continue
            if WHOLE or letter in (HIDDEN, FORBIDDEN) or letter not in asked:
                yield role, place
            asked.add(letter)


@pytest.mark.parametrize("name", ROWS)
def test_every_cell_answers_as_the_matrix_says(name, askers, known):
    row = ROWS[name]
    wrong = [
        f"{way} as {role} ({place}): {found}, not {row.verdict(role, place)}"
        for way in (known[each] for each in row.ways)
        for role, place in cells(row, way)
        if (found := verdict_of(askers.ask(way, role, place))) != row.verdict(role, place)
    ]
    assert not wrong, "\n".join(wrong)


def test_what_takes_no_such_method_is_no_way_in_and_all_else_is_in_the_matrix(askers, known):
    listed = {way for row in ROWS.values() for way in row.ways}
    untold = [way for name, way in known.items() if name not in listed]
    # A partner's page is no page for staff, and the other way round: either must be told that there is no such method.
    taken = [
        str(way) for way in untold if 405 not in {askers.ask(way, role, "own") for role in ("superuser", "partner")}
    ]

    assert not taken
    assert listed <= set(known)


def test_no_way_in_is_told_twice():
    told = [way for row in ROWS.values() for way in row.ways]
    assert len(told) == len(set(told))
    assert len(told) > 350


def test_outside_ones_area_nothing_is_forbidden_for_it_is_not_there():
    for row in ROWS.values():
        for role, scope in SCOPE.items():
            said = {place: row.verdict(role, place) for place in PLACES}
            if len(set(said.values())) > 1:  # else it is the same wherever, and tells nothing of a place
                assert not [place for place, letter in said.items() if letter == FORBIDDEN and place not in scope], (
                    row.name
                )


def test_what_is_locked_for_nobody_is_locked_for_a_resident_too():
    assert all(
        row.verdicts["resident"] == row.verdicts["nobody"] for row in ROWS.values() if LOGIN in row.verdicts["nobody"]
    )
