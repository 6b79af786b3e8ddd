"""Keep stories in few workers: they share an installation, and each page is opened once for all its tests.

xdist's own groups do nothing under pytest 9.2, which no longer lets a test's name be changed.
Taken in by tests/conftest.py, for xdist asks before this folder is read.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

# These ask what was seen of every page; what a page looks like doesn't hang on the database.
PAGES = ("tests/stories/test_pages.py", "tests/stories/test_without_script.py", "tests/stories/test_hostile_scripts.py")
# Not run a second time on PostgreSQL.
LOOKS = (*PAGES, "tests/stories/test_keyboard.py", "tests/stories/test_first_load.py")


class StoriesTogether(LoadScopeScheduling):
    """Every test by itself but the looks at all pages, which are one scope, and the other stories, which are another."""

    def _split_scope(self, nodeid: str) -> str:
        if not nodeid.startswith("tests/stories/"):
            return nodeid
        return "pages" if nodeid.startswith(PAGES) else "stories"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return StoriesTogether(config, log) if config.getvalue("dist") == "loadgroup" else None
