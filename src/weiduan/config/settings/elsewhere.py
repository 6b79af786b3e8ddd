"""Signing in by an OpenID Connect provider, where the environment names one."""

import os
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def providers() -> dict[str, Any]:
    """Return what allauth needs to know of the provider; without WEIDUAN_OIDC_URL there is none, and no way in by it."""
    url = os.environ.get("WEIDUAN_OIDC_URL", "").strip()
    if not url:
        return {}
    origin_of(url)
    names = ("WEIDUAN_OIDC_CLIENT", "WEIDUAN_OIDC_SECRET")
    missing = [name for name in names if not os.environ.get(name, "").strip()]
    if missing:
        raise ImproperlyConfigured(f"{missing[0]} is not set, and WEIDUAN_OIDC_URL needs it.")
    app = {
        "provider_id": "oidc",
        "name": os.environ.get("WEIDUAN_OIDC_NAME", "OpenID Connect"),
        "client_id": os.environ["WEIDUAN_OIDC_CLIENT"],
        "secret": os.environ["WEIDUAN_OIDC_SECRET"],
        "settings": {"server_url": url, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def origin_of(url: str) -> str:
    """Return the origin a browser is sent to; over TLS, or on this very machine."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not (local or (parts.scheme == "https" and parts.hostname)):
        raise ImproperlyConfigured("WEIDUAN_OIDC_URL must begin with https://, or with http://localhost.")
    return f"{parts.scheme}://{parts.netloc}"
