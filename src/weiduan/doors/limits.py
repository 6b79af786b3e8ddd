"""How often somebody without an account may do what costs others work: by device first, by address only for devices not known yet.

A village office sends everything from one address, so an address says little. A browser gets a token with its first form; one that has
had it for an hour has a count of its own, whatever others behind the same address do. Before that, and without a token, the count of the
address holds. Accounts are counted as themselves, by session or by a key that is one: a made-up key is no way around. Which limit
holds where is a table below.
"""

import logging
import secrets
import sqlite3
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.accounts.keys import user_of_key
from weiduan.ground.base.tallies import Full, Taken, give_back, take

from .refusals import layout, wants_json

log = logging.getLogger("weiduan.limits")
DEVICE = "device"
SIGNER = signing.TimestampSigner(salt="weiduan.device")
DEVICE_KEPT = timedelta(days=7)
KNOWN_AFTER = timedelta(hours=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOST_NEW_DEVICES = 1200  # an hour and address; beyond that a browser gets no token and is counted by its address
ACCOUNT_OF_KEY = "_account_of_key"  # kept with the request
SAFE = ("GET", "HEAD", "OPTIONS")


class Counts(StrEnum):
    """Which requests use up a place."""

    ALL = "all"
    SENT = "sent"  # those that came about; steps of a form and mistakes in it are free
    FAILED = "failed"  # those that did not: guesses


@dataclass(frozen=True)
class Limit:
    """So many within a time: of one device, and of all new devices of one address together."""

    name: str
    device: int
    address: int
    within: timedelta
    counts: Counts


ANY = Limit("any", 240, 2400, MINUTE, Counts.ALL)
SENT = Limit("sent", 60, 600, HOUR, Counts.SENT)
MATTER = Limit("matter", 10, 120, HOUR, Counts.SENT)
CODE = Limit("code", 20, 100, HOUR, Counts.FAILED)
SEARCH = Limit("search", 60, 600, MINUTE, Counts.ALL)
EXPORT = Limit("export", 120, 120, HOUR, Counts.ALL)  # at the desk: of one account
FILE = Limit("file", 200, 4000, DAY, Counts.ALL)  # each file that is sent takes a place
KEY = Limit("key", 1200, 1200, MINUTE, Counts.ALL)

# Every unsafe request of somebody without an account has ANY and SENT; these have another instead of SENT.
INSTEAD = {
    "portal:tell": MATTER,
    "portal:tell_later": MATTER,
    "portal:ballot": CODE,
    "portal:answer": CODE,
    "portal:me_enter": CODE,
    "api:vote": CODE,
    "api:say": CODE,
}
SEARCHES = {"portal:find"}
EXPORTS = ("_xlsx", "_pdf", "survey_export", "plan_geojson")


class LimitMiddleware:
    """Counts, and answers 429 with when to come again."""

    def __init__(self, get_response):  # type: ignore[no-untyped-def]
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for limit, taken in getattr(request, "places_taken", ()):
            if not _used(limit, response):
                give_back(taken)
        if request.META.get("CSRF_COOKIE_NEEDS_UPDATE") and not _device(request):
            _know(request, response)
        return response

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:  # type: ignore[no-untyped-def]
        """Take a place in each limit that holds here, or say when there is one."""
        if not settings.RATE_LIMITS:
            return None
        request.places_taken = []  # type: ignore[attr-defined]
        try:
            for limit in limits_of(request):
                got = _take(limit, request)
                if isinstance(got, Full):
                    return _too_many(request, got.wait_s)
                request.places_taken += [(limit, taken) for taken in got]  # type: ignore[attr-defined]
        except sqlite3.Error as error:  # a full disk: better uncounted than shut
            log.error("not counted: %s", type(error).__name__)
        return None


def limits_of(request: HttpRequest) -> list[Limit]:
    """Return the limits that hold for a request."""
    name, files = _name(request), [FILE] * _files_of(request)
    if _account_of_key(request) is not None:
        return [KEY, *files]
    if request.user.is_authenticated:
        return [EXPORT] if name.startswith("desk:") and name.endswith(EXPORTS) else files
    if name.startswith("account_"):
        return []  # allauth counts there
    if request.method in SAFE:
        asks = (name in SEARCHES and request.GET.get("q")) or (name == "portal:here")
        return [SEARCH] if asks else []
    return [ANY, INSTEAD.get(name, SENT), *files]


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match is not None else ""


def _account_of_key(request: HttpRequest) -> int | None:
    """Return the account of the key a program shows where keys are taken, looked up once; None without one that holds."""
    if ACCOUNT_OF_KEY not in request.__dict__:
        key, name = "", _name(request)
        if name.startswith("api:"):
            key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        elif name.startswith("open311:") and request.method == "POST":
            key = request.POST.get("api_key", "")
        user = user_of_key(key, at=timezone.now()) if key else None
        request.__dict__[ACCOUNT_OF_KEY] = user.pk if user is not None else None
    account: int | None = request.__dict__[ACCOUNT_OF_KEY]
    return account


def _files_of(request: HttpRequest) -> int:
    """Count the files a request brings along."""
    if request.method in SAFE or not (request.content_type or "").startswith("multipart/"):
        return 0
    return sum(len(files) for _name, files in request.FILES.lists())


def client_address(request: HttpRequest) -> str:
    """Return where a request comes from, as the last proxy of ours saw it; of IPv6 the network of one connection.

    What stands further left in X-Forwarded-For was written by whoever asks, and isn't believed.
    """
    said = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    count: int = settings.PROXIES
    found = said[-count] if count and len(said) >= count else request.META.get("REMOTE_ADDR", "")
    try:
        address = ip_address(found)
    except ValueError:
        return ""
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))


def _take(limit: Limit, request: HttpRequest) -> list[Taken] | Full:
    """Take the places this asker needs, all or none."""
    taken: list[Taken] = []
    for of, most in _counted(limit, request):
        got = take(limit.name, of, most=most, within=limit.within)
        if isinstance(got, Full):
            for each in taken:
                give_back(each)
            return got
        taken.append(got)
    return taken


def _counted(limit: Limit, request: HttpRequest) -> list[tuple[str, int]]:
    """Say as whom this request counts, and how many each has."""
    program = _account_of_key(request)
    if program is not None:
        return [(f"program {program}", limit.device)]
    if request.user.is_authenticated:
        return [(f"account {request.user.pk}", limit.device)]
    device, address = _device(request), f"address {client_address(request)}"
    if device is None:
        return [(f"no device, {address}", limit.device), (address, limit.address)]
    own = [(f"device {device[0]}", limit.device)]
    return own if device[1] else [*own, (address, limit.address)]


def _device(request: HttpRequest) -> tuple[str, bool] | None:
    """Return the token of this browser and whether it has been known for long enough; None where it has none."""
    cookie = request.COOKIES.get(DEVICE, "")
    try:
        token = SIGNER.unsign(cookie, max_age=DEVICE_KEPT)
    except signing.BadSignature:
        return None
    made_at = signing.b62_decode(cookie.rsplit(":", 2)[1])
    return token, time.time() - made_at >= KNOWN_AFTER.total_seconds()


def _know(request: HttpRequest, response: HttpResponse) -> None:
    """Give a browser that opened a form a token of its own: random, of a week, and written down nowhere."""
    try:
        got = take("new devices", client_address(request), most=MOST_NEW_DEVICES, within=HOUR)
    except sqlite3.Error:
        return
    if isinstance(got, Taken):
        value = SIGNER.sign(secrets.token_urlsafe(16))
        secure = bool(settings.SESSION_COOKIE_SECURE)
        response.set_cookie(DEVICE, value, max_age=DEVICE_KEPT, httponly=True, samesite="Lax", secure=secure)


def _used(limit: Limit, response: HttpResponse) -> bool:
    """Tell whether the request used the place up."""
    if limit.counts is Counts.FAILED:
        return response.status_code >= 400
    in_json = response.headers.get("Content-Type", "").startswith("application/json")
    came_about = response.status_code in (201, 302, 303) or (response.status_code == 200 and in_json)
    return limit.counts is Counts.ALL or came_about


def _too_many(request: HttpRequest, wait_s: int) -> HttpResponse:
    """Say when to come again; what was typed stands in the form one goes back to."""
    minutes = -(-wait_s // 60)
    message = _(
        "That was a lot in a short time. In %(minutes)d minutes it goes on. What you typed is not lost: go back, it stands there."
    )
    said = message % {"minutes": minutes}
    if wants_json(request):
        response: HttpResponse = JsonResponse({"code": "TooMany", "message": said}, status=429)
    else:
        facts = {"title": _("A little later"), "message": said, "layout": layout(request)}
        template = "parts/refuse.html" if request.headers.get("HX-Request") else "refused.html"
        response = render(request, template, facts, status=429)
    response.headers["Retry-After"] = str(wait_s)
    return response
