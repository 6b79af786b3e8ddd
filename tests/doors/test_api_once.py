"""Whatever makes something is done once however often it is asked for, and takes no field that isn't described.

Each operation that knows an Idempotency-Key is asked; one that is new must get a line here.
"""

import pytest
from django.apps import apps
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode, openapi

from tests.builders import DISTRICT, GRID, VILLAGE, a_user
from tests.doors.described import a_world, an_account, fillings
from tests.doors.test_api import V1, Program, number_of
from tests.parallel import at_once
from tests.systems.organisation.moving import HERE, leader_of, members_of, two_villages
from weiduan.doors.api.interface import api
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.models import Entry
from weiduan.outlook.insight import organisation as insight
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.own.actions import ask_correction

pytestmark = pytest.mark.django_db
WRITES = ("post", "put", "patch", "delete")
# Made without an account: the draft asked for first, or the code, is what makes it once; tests of their own show it.
ONCE_BY_DRAFT_OR_CODE = {
    "/activities/{key}/sign-ups", "/rooms/{room}/bookings", "/ballots/{key}/votes", "/questionnaires/{key}/answers",
    "/booking-drafts", "/sign-up-drafts",  # nothing is kept of a draft
}  # fmt: skip
# These change or give out what is there: asked for again they change nothing, or are refused because it is so already.
CHANGES = (
    "/accept", "/give-up", "/erase", "/confirm", "/refuse", "/cancel", "/key", "/roster", "/contact", "/link", "/tick",
    "/leave-out", "/take-in", "/return", "/withdraw", "/approve", "/full", "/leave",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_held():
    insight._held.clear()


def _operations():
    return [
        (path.removeprefix(V1), method, operation)
        for path, operations in api.get_openapi_schema()["paths"].items()
        for method, operation in operations.items()
        if method in WRITES
    ]


def _takes_a_key(operation):
    return any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))


def a_member():
    return next(number_of(person) for person in members_of("X1") if person != leader_of("X1"))


def keepers():
    return [number_of(person) for person in members_of("X1") if number_of(person) != a_member()]


def today():
    return str(timezone.localdate())


def a_guest(program):
    return program.post(f"/areas/{HERE}/guests", {"name": "王在职", "belongs_to": "市某局"}).json()["key"]


def a_correction(_program):
    ask_correction(members_of("X1")[1], "电话换了", at=timezone.now())
    return apps.get_model("organisation", "Correction").objects.get().pk


def gone_away(program):
    program.post(f"/members/{a_member()}/away", {"keeper": keepers()[0]})
    return a_member()


# operation → what comes before (its answer fills the address), a body, another one
CASES = {
    "/members": (None, {"organisation": "X1", "name": "李新"}, {"organisation": "X1", "name": "李旧"}),
    "/transfers": (
        None,
        lambda: {"member": a_member(), "receiver": "Y1", "reason": "residence"},
        lambda: {"member": a_member(), "receiver": "Y1", "reason": "work"},
    ),
    "/changes": (
        None,
        lambda: {"kind": "dissolve", "organisation": "X1", "facts": {"members_to": "Z1"}, "on": today()},
        lambda: {"kind": "dissolve", "organisation": "X1", "facts": {"members_to": "W1"}, "on": today()},
    ),
    "/posts": (
        None,
        {"role": "grid_worker", "area": GRID, "name": "李新"},
        {"role": "grid_worker", "area": GRID, "name": "李旧"},
    ),
    "/posts/{key}/end": (lambda p: Post.objects.filter(until=None).first().pk, {}, lambda: {"on": today()}),
    "/areas/{code}/guests": (lambda p: HERE, {"name": "王在职", "belongs_to": "市某局"}, {"name": "李", "belongs_to": "某局"}),
    "/guests/{key}/end": (a_guest, {}, lambda: {"on": today()}),
    "/members/{number}/home": (lambda p: a_member(), {"home": HERE}, {"home": None}),
    "/members/{number}/state": (lambda p: a_member(), {"state": "suspended"}, {"state": "active"}),
    "/members/{number}/away": (lambda p: a_member(), lambda: {"keeper": keepers()[0]}, lambda: {"keeper": keepers()[1]}),
    "/members/{number}/contacted": (gone_away, {}, lambda: {"on": today()}),
    "/members/{number}/back": (gone_away, {}, lambda: {"on": today()}),
    "/corrections/{key}/answer": (a_correction, {"done": True}, {"done": True, "answer": "已改"}),
    "/organisations/{number}/elections": (
        lambda p: "X1",
        lambda: {"voters": 3, "attended": 3, "elected": [{"member": a_member(), "role": "group_leader", "votes": 3}]},
        lambda: {"voters": 3, "attended": 3, "elected": [{"member": a_member(), "role": "group_leader", "votes": 2}]},
    ),
}  # fmt: skip


def _body(said):
    return said() if callable(said) else said


def test_every_operation_that_writes_is_made_once_by_a_key_a_draft_or_a_code_or_only_changes():
    with_key = {path for path, _method, operation in _operations() if _takes_a_key(operation)}
    assert with_key == set(CASES)
    others = {path for path, _method, _operation in _operations()} - with_key - ONCE_BY_DRAFT_OR_CODE
    assert [path for path in others if not path.endswith(CHANGES)] == []


@pytest.mark.parametrize("path", CASES)
def test_the_same_key_and_body_is_done_once_and_another_body_is_refused(path):
    two_villages()
    program = Program(a_user(Duty.KEEP_ORGANISATION, area=DISTRICT))
    before, said, otherwise = CASES[path]
    filled = before(program) if before else ""
    address = path.format(key=filled, code=filled, number=filled)
    body, other = _body(said), _body(otherwise)

    first = program.post(address, body, **{"Idempotency-Key": "one"})
    assert first.status_code in (200, 201), first.json()
    written = Entry.objects.count()
    again = program.post(address, body, **{"Idempotency-Key": "one"})
    refused = program.post(address, other, **{"Idempotency-Key": "one"})

    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert refused.status_code == 409
    assert Entry.objects.count() == written


@pytest.mark.django_db(transaction=True)
def test_the_same_request_ten_times_at_once_is_done_once():
    two_villages()
    program = Program(a_user(Duty.KEEP_ORGANISATION, area=VILLAGE))
    before = Membership.objects.count()
    body, key = {"organisation": "X1", "name": "李新"}, {"Idempotency-Key": "one"}
    answers = at_once(lambda number: Program.post(program, "/members", body, **key), 10)
    assert {(answer.status_code, answer.json()["key"]) for answer in answers} == {(201, answers[0].json()["key"])}
    assert Membership.objects.count() == before + 1


def _schemas_of_bodies():
    schema = api.get_openapi_schema()
    shapes = schema["components"]["schemas"]
    wanted = [
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for _path, _method, operation in _operations()
        if "requestBody" in operation
    ]
    found: dict = {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = shapes[name]
            text = str(shapes[name])
            wanted += [other for other in shapes if f"schemas/{other}'" in text]
    return found


def test_every_body_and_every_thing_in_it_is_closed_to_fields_that_are_not_described():
    objects = {name: shape for name, shape in _schemas_of_bodies().items() if shape.get("type") == "object"}
    assert len(objects) > 20
    assert [name for name, shape in objects.items() if shape.get("additionalProperties") is not False] == []


NOTHING = "00000000-0000-0000-0000-000000000000"
EXTRA = {"id": 1, "pk": 1, "by": 1, "at": "2020-01-01", "user": 1, "is_superuser": True}  # described nowhere


def test_a_body_with_one_field_too_many_is_refused_and_changes_nothing():
    """Made up from the description, so that nothing else is wrong with it."""
    user = a_world()
    program, asked = Program(user), set()
    schema = openapi.from_dict(api.get_openapi_schema())
    for each in schema.get_all_operations():
        operation = each.ok()
        if operation.method not in WRITES or not operation.body:
            continue
        there = fillings(operation.path.removeprefix(V1))
        filled = {name: (values or [NOTHING])[0] for name, values in there.items()}

        @settings(
            max_examples=1, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def ask(case):
            address = case.operation.path.removeprefix(V1).format(**filled)  # noqa: B023  # asked at once
            for name, value in EXTRA.items():
                if isinstance(case.body, dict) and name not in case.body:
                    written = Entry.objects.count()
                    answer = program.post(address, case.body | {name: value})
                    assert answer.status_code == 422, (address, name, answer.content)
                    assert Entry.objects.count() == written
                    asked.add(case.operation.path)

        ask()
    assert len(asked) > 20


@pytest.mark.parametrize(
    "query", ["?page=2&page=1", "?page=1&page=x", "?is_superuser=1&by=1&at=2020-01-01", "?state=&state=asked"]
)
def test_a_parameter_twice_or_unknown_is_no_way_around(query):
    """The last counts, or it is refused; what isn't described is not looked at."""
    two_villages()
    program = Program(an_account())
    answer = program.client.get(f"{V1}/organisations{query}", headers={"Authorization": f"Bearer {program.key}"})
    assert answer.status_code in (200, 422)
