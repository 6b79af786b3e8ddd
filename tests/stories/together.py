"""Keep the stories in one worker: they share one installation, and each page is opened once for all its tests.

xdist's own groups do nothing under pytest 9.2, which no longer lets a test's name be changed.
Taken in by tests/conftest.py, for xdist asks before this folder is read.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling


class StoriesTogether(LoadScopeScheduling):
    """Every test by itself but the stories, which are one scope."""

    def _split_scope(self, nodeid: str) -> str:
        return "stories" if nodeid.startswith("tests/stories/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return StoriesTogether(config, log) if config.getvalue("dist") == "loadgroup" else None
