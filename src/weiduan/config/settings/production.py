"""PostgreSQL, all of it from the environment; a missing value stops the start."""

import json
import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from weiduan.ground.base.scope import forget

from .common import *  # noqa: F403


def need(name: str) -> str:
    """Return the environment's value, or say which one is missing."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set; docs/deploy.md lists what production needs.")
    return value


def number(name: str, default: str) -> int:
    """Return a whole number from the environment, or say what is wrong with it."""
    value = os.environ.get(name, default)
    if not value.isdigit():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def ports(name: str, default: str) -> str:
    """Return one port for all database servers, or one for each, parted by commas."""
    value = os.environ.get(name, default)
    if not all(port.isdigit() for port in value.split(",")):
        raise ImproperlyConfigured(f"{name} must be a port, or one for each host, not {value!r}.")
    return value


HOME = Path(need("WEIDUAN_HOME")).resolve()
PROXIES = number("WEIDUAN_PROXIES", "1")
SECRET_KEY = need("WEIDUAN_SECRET_KEY")
if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("WEIDUAN_SECRET_KEY is too short: at least 50 characters.")
# Opens what the key before it sealed and signed: second factors, sessions, drafts.
SECRET_KEY_FALLBACKS = [key for key in [os.environ.get("WEIDUAN_SECRET_KEY_BEFORE", "").strip()] if key]
try:
    SEALED_KEYS = json.loads(need("WEIDUAN_SEALED_KEYS"))  # {"k1": "64 hex digits", …}
except json.JSONDecodeError as error:
    raise ImproperlyConfigured('WEIDUAN_SEALED_KEYS must be JSON like {"k1": "<64 hex digits>"}.') from error
SEALED_KEY_IN_USE = need("WEIDUAN_SEALED_KEY_IN_USE")
if SEALED_KEY_IN_USE not in SEALED_KEYS:
    raise ImproperlyConfigured("WEIDUAN_SEALED_KEY_IN_USE names no key of WEIDUAN_SEALED_KEYS.")
SEALED_INDEX_KEY = need("WEIDUAN_SEALED_INDEX_KEY")
SEALED_CIPHER = os.environ.get("WEIDUAN_SEALED_CIPHER", "AES-256-GCM")
DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in need("WEIDUAN_HOSTS").split(",")]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": need("WEIDUAN_DB_NAME"),
        "USER": need("WEIDUAN_DB_USER"),
        "PASSWORD": need("WEIDUAN_DB_PASSWORD"),
        "HOST": need("WEIDUAN_DB_HOST"),
        "PORT": ports("WEIDUAN_DB_PORT", "5432"),
        "CONN_HEALTH_CHECKS": True,  # a connection that died in the pool is found before it is handed out
        "OPTIONS": {
            # Whoever gets none within four seconds is told so (503); after ten it begins anew, or it would wait ever longer.
            "pool": {
                "min_size": 2,
                "max_size": number("WEIDUAN_DB_POOL", "16"),
                "timeout": 4,
                "reconnect_timeout": 10,
                "reset": forget,
            },
            # Of several hosts the one that takes writes; one that doesn't answer is passed over soon.
            "target_session_attrs": "read-write",
            "connect_timeout": 3,
            "tcp_user_timeout": 10_000,
        },
    }
}
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "files"
METRICS_FOLDER = HOME / "metrics"  # shared by the processes of one server

TWO_FACTORS_REQUIRED = True
SUPERUSERS_MAY_ALL = False
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked by monitors beside the server
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
