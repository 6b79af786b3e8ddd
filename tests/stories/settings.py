"""Settings of the server the stories visit: its own folder, and on PostgreSQL its own database."""

import os

from tests.settings import *  # noqa: F403

if os.environ.get("WEIDUAN_TEST_DATABASE") == "postgresql":
    DATABASES["default"]["NAME"] = os.environ["WEIDUAN_STORIES_DATABASE"]  # noqa: F405

LIVE_STREAMS = 12
