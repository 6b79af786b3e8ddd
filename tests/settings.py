"""Settings of the tests: the embedded database, or PostgreSQL if WEIDUAN_TEST_DATABASE says so."""

import atexit
import os
import shutil
import tempfile

if "WEIDUAN_TEST_HOME" not in os.environ:  # parallel workers share the folder of the process that started them
    os.environ["WEIDUAN_TEST_HOME"] = tempfile.mkdtemp(prefix="weiduan-test-")
    atexit.register(shutil.rmtree, os.environ["WEIDUAN_TEST_HOME"], ignore_errors=True)
os.environ["WEIDUAN_HOME"] = os.environ["WEIDUAN_TEST_HOME"]

from tests import postgresql
from weiduan.config.settings.embedded import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ACCOUNT_RATE_LIMITS = False

if os.environ.get("WEIDUAN_TEST_DATABASE") == "postgresql":
    DATABASES = {"default": postgresql.database()}
else:
    # A file, not memory: tests with real parallel connections need one.
    DATABASES["default"]["TEST"] = {"NAME": HOME / "test.sqlite3"}  # noqa: F405
