"""Production starts whole or says what is missing; nothing runs with half its guards."""

import json
import os
import re
import subprocess
import sys

import pytest

WHOLE = {
    "DJANGO_SETTINGS_MODULE": "weiduan.config.settings.production",
    "WEIDUAN_SECRET_KEY": "x9-" * 20 + "abcdefghij",
    "WEIDUAN_SEALED_KEYS": json.dumps({"k1": "00" * 32}),
    "WEIDUAN_SEALED_KEY_IN_USE": "k1",
    "WEIDUAN_SEALED_INDEX_KEY": "11" * 32,
    "WEIDUAN_HOSTS": "weiduan.example",
    "WEIDUAN_DB_NAME": "weiduan",
    "WEIDUAN_DB_USER": "weiduan",
    "WEIDUAN_DB_PASSWORD": "secret",
    "WEIDUAN_DB_HOST": "127.0.0.1",
}


def _check(tmp_path, *, without: str = "", **changed: str) -> subprocess.CompletedProcess:
    command = ["-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    return _run(command, {"WEIDUAN_HOME": str(tmp_path), **WHOLE, **changed}, without)


def _run(words: list[str], environment: dict[str, str], without: str = "") -> subprocess.CompletedProcess:
    found = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ} | environment
    found.pop(without, None)
    return subprocess.run([sys.executable, *words], env=found, capture_output=True, text=True)


def test_production_passes_the_check_for_deployment(tmp_path):
    done = _check(tmp_path)
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize("name", [*(n for n in WHOLE if n != "DJANGO_SETTINGS_MODULE"), "WEIDUAN_HOME"])
def test_production_names_what_is_missing(tmp_path, name):
    done = _check(tmp_path, without=name)
    assert done.returncode != 0
    assert re.search(rf"{name} is not set", done.stderr)


def test_production_binds_cookies_to_the_host_asks_for_two_factors_and_gives_superusers_nothing(tmp_path):
    names = (
        "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_PATH",
        "SESSION_COOKIE_DOMAIN", "SESSION_COOKIE_SAMESITE", "TWO_FACTORS_REQUIRED", "SUPERUSERS_MAY_ALL",
        "ALLAUTH_TRUSTED_PROXY_COUNT", "SECRET_KEY_FALLBACKS",
    )  # fmt: skip
    program = f"import json; from django.conf import settings as s; print(json.dumps([getattr(s, n) for n in {names}]))"
    done = _run(["-c", program], {"WEIDUAN_HOME": str(tmp_path), "WEIDUAN_SECRET_KEY_BEFORE": "b" * 50, **WHOLE})
    assert json.loads(done.stdout) == [
        "__Host-session", "__Host-csrf", True, True, "/", None, "Lax", True, False, 1, ["b" * 50]
    ]  # fmt: skip


@pytest.mark.parametrize("name, value", [
    ("WEIDUAN_SECRET_KEY", "short"), ("WEIDUAN_SEALED_KEYS", "k1=00"), ("WEIDUAN_SEALED_KEY_IN_USE", "k9"),
    ("WEIDUAN_DB_PORT", "many"),
])  # fmt: skip
def test_production_names_what_is_wrong(tmp_path, name, value):
    done = _check(tmp_path, **{name: value})
    assert done.returncode != 0
    assert name in done.stderr
