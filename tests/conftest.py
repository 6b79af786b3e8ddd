"""What every test may use."""

import os

import pytest
from django.db import connection
from django.utils import translation

from tests.emptying import emptied_after_tests
from tests.stories.together import LOOKS, pytest_xdist_make_scheduler  # noqa: F401  # a hook: stories share one worker


@pytest.fixture(autouse=True)
def chinese():
    """People read Chinese by default, so tests see what they see."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture(scope="session", autouse=True)
def emptied_after_transactions():
    """Let tests with transactions of their own be emptied after them, which the ledger itself refuses."""
    with emptied_after_tests():
        yield


@pytest.fixture
def on_postgresql() -> bool:
    """Whether this run is on PostgreSQL."""
    return connection.vendor == "postgresql"


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL run what touches a database; the rest ran on the embedded one and would say the same again."""
    if os.environ.get("WEIDUAN_TEST_DATABASE") != "postgresql":
        return
    touching = [item for item in items if _touches_a_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(touching)])
    items[:] = touching


def _touches_a_database(item) -> bool:
    if item.nodeid.startswith(
        LOOKS
    ):  # how a page looks doesn't hang on the database; what it says is tested by doors on both
        return False
    fixtures = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    whole = {"stories", "faults"} & set(item.path.parts)  # these start servers and processes of their own
    return bool(fixtures or whole or item.get_closest_marker("django_db"))
