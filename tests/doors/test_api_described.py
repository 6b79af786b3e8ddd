"""Everything under /api/v1/ answers as its description says, whoever asks and whatever is sent: what fits, and what doesn't.

WEIDUAN_DEEDS says how many requests an operation gets (10 without it, in all ways of asking together).
"""

import os
from contextlib import suppress

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.doors.described import a_world, fillings
from tests.doors.test_api import V1, Program
from weiduan.config.wsgi import application
from weiduan.outlook.insight import organisation as insight

pytestmark = pytest.mark.django_db
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REQUESTS = int(os.environ.get("WEIDUAN_DEEDS", "10"))


@pytest.fixture
def one_connection():
    """Let requests through the WSGI application use the test's own transaction, as Django's client does."""
    insight._held.clear()
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def _asked(operation, mode, headers, answered):
    """Ask an operation with made-up requests, most of them about something that is there."""
    there = fillings(operation.path.removeprefix(V1))

    @settings(
        max_examples=max(1, REQUESTS // 3), deadline=None, database=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=st.data(), case=operation.as_strategy(generation_mode=mode))
    def ask(data, case):
        for name in case.path_parameters if mode is GenerationMode.POSITIVE else ():
            if there.get(name) and data.draw(st.integers(0, 3)):
                case.path_parameters[name] = data.draw(st.sampled_from(there[name]))
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        answered.setdefault((operation.method, operation.path), set()).add(answer.status_code)

    with suppress(Unsatisfiable):  # nothing can be sent that isn't as described
        ask()


@pytest.mark.parametrize("way", ["by a key", "by nobody", "not as described"])
def test_whatever_is_sent_is_answered_as_described(way, one_connection):
    headers = {} if way == "by nobody" else {"Authorization": f"Bearer {Program(a_world()).key}"}
    if way == "by nobody":
        a_world()
    mode = GenerationMode.NEGATIVE if way == "not as described" else GenerationMode.POSITIVE
    answered = {}
    schema = schemathesis.openapi.from_wsgi(f"{V1}/openapi.json", application)
    for each in schema.get_all_operations():
        _asked(each.ok(), mode, headers, answered)
    asked = {"by a key": 80, "by nobody": 80, "not as described": 50}
    assert len(answered) >= asked[way]
    if way == "by a key":  # most of them found something, so that it isn't the lock and the missing alone that is shown
        assert sum(1 for codes in answered.values() if codes & {200, 201}) > len(answered) / 2
