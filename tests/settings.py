"""Settings of the tests: the embedded database, or PostgreSQL if WEIDUAN_TEST_DATABASE says so."""

import atexit
import os
import shutil
import tempfile

if "WEIDUAN_TEST_HOME" not in os.environ:  # made and cleared away by the process that starts the parallel workers
    os.environ["WEIDUAN_TEST_HOME"] = tempfile.mkdtemp(prefix="weiduan-test-")
    atexit.register(shutil.rmtree, os.environ["WEIDUAN_TEST_HOME"], ignore_errors=True)
# Every worker has a home of its own in it: what one keeps is never met by the test of another.
os.environ["WEIDUAN_HOME"] = os.path.join(os.environ["WEIDUAN_TEST_HOME"], os.environ.get("PYTEST_XDIST_WORKER", ""))
os.makedirs(os.path.join(os.environ["WEIDUAN_HOME"], "static"), exist_ok=True)

from tests import postgresql  # noqa: E402
from weiduan.config.settings.embedded import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False
RATE_LIMITS = False  # tests ask more than people do; tests/doors/test_limits.py switches them on
LIVE_STREAMS = 0  # no thread looks on beside a test

if os.environ.get("WEIDUAN_TEST_DATABASE") == "postgresql":
    DATABASES = {"default": postgresql.database()}
else:
    # A file, not memory: tests with real parallel connections need one.
    DATABASES["default"]["TEST"] = {"NAME": HOME / "test.sqlite3"}  # noqa: F405
    # What a test wrote need not outlive a power cut; that the product's does is shown by tests/faults, with the product's settings.
    options = DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
