"""Every address is locked, or named here as open."""

from django.urls import URLPattern, URLResolver, get_resolver

OPEN = {
    "portal:find", "portal:here", "portal:area", "portal:unit", "portal:map", "portal:health",
    "switch-view", "switch-language",
}  # fmt: skip
# Those of libraries, each with its own lock: signing in must be open, the admin asks for a superuser.
LIBRARIES = ("account_", "mfa_", "admin:")


def _patterns(resolver: URLResolver, space: str = ""):
    for pattern in resolver.url_patterns:
        inner = getattr(pattern, "namespace", None)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern, f"{space}{inner}:" if inner else space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", pattern.callback


def test_every_way_in_is_locked_or_named_as_open():
    unlocked = {
        name
        for name, view in _patterns(get_resolver())
        if not getattr(view, "is_locked", False) and not name.startswith(LIBRARIES)
    }
    assert unlocked - {"admin:None"} == OPEN
