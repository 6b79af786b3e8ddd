"""The default: SQLite in one folder, no configuration at all."""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from .common import *  # noqa: F403

HOME = Path(os.environ.get("WEIDUAN_HOME", "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _secrets() -> dict:
    """Read this installation's own secrets, making them on first use."""
    path = HOME / "secrets.json"
    if not path.exists():
        fresh = {
            "secret_key": secrets.token_urlsafe(48),
            "seal": {"k1": secrets.token_hex(32)},
            "index": secrets.token_hex(32),
        }
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh))
        _sync(draft)
        with suppress(FileExistsError):
            os.link(draft, path)  # two first starts at once: one file wins, whole
        draft.unlink()
        _sync(HOME)  # on the disk before anything is sealed with it
    return json.loads(path.read_text())


# Keys may change while everybody works (ground/base/sealed.py reads the file again when it is another one).
SEALED_KEYS_FILE = HOME / "secrets.json"
_own = _secrets()
SEALED_KEYS_STAMP = SEALED_KEYS_FILE.stat().st_mtime_ns
SECRET_KEY = _own["secret_key"]
SEALED_KEYS = _own["seal"]
SEALED_KEY_IN_USE = next(reversed(SEALED_KEYS))
SEALED_INDEX_KEY = _own["index"]
DEBUG = False
# A fresh machine is reached by whatever name it has; forged Host headers matter
# once there is a public name, and then production settings are used.
ALLOWED_HOSTS = ["*"]
SESSION_COOKIE_HTTPONLY = True

DATABASES = {
    "default": {
        "ENGINE": "weiduan.ground.base.sqlite",
        "NAME": HOME / "weiduan.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;PRAGMA secure_delete=ON;",
        },
    }
}
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "files"
METRICS_FOLDER = HOME / "metrics"  # shared by the processes of one server
