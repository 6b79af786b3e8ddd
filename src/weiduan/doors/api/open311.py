"""Open311 GeoReport v2 at /open311/v2/: other cities' programs tell matters here and read what was released to everyone.

Reading shows only what a handler has released in words of its own, and to a program, by its key, what it told itself. A program may
send a name, a telephone and an e-mail address; they go where every contact goes and nowhere else. Device numbers are not read.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from weiduan.ground.accounts.keys import user_of_key
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.images import MOST_BYTES
from weiduan.ground.territory.queries import names_by_area, search_places, top_areas
from weiduan.systems.governance.categories.queries import NoSuchCategory, choosable, offered
from weiduan.systems.governance.reports.intake import Telling, tell
from weiduan.systems.governance.reports.queries import released, told_through
from weiduan.systems.governance.reports.rules import CLOSED, MOST_PHOTOS, Channel, Wish

from .open311_words import JSON, XML, answer, fault, moment, one

SPAN, MOST, PAGE = timedelta(days=90), 1000, 100
RECEIPT_BYTES = 18
View = Callable[..., HttpResponse]


class WrongKey(Refused):
    """There is no such api_key, or it has ended."""

    status = 403


def georeport(*methods: str) -> Callable[[View], View]:
    """Let an endpoint answer by the standard: errors as lists, in the form that was asked for; no cookie, so no forgery."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answering(request: HttpRequest, how: str, **arguments: Any) -> HttpResponse:
            if how not in (XML, JSON):
                return fault(404, "The format is xml or json.", JSON)
            if request.method not in (*methods, "HEAD"):
                return fault(400, f"This address takes {' and '.join(methods)}.", how)
            try:
                return view(request, how, **arguments)
            except NotFound as refusal:
                return fault(404, refusal.message, how)
            except NoSuchCategory:
                return fault(404, _("There is no service with this code."), how)
            except WrongKey as refusal:
                return fault(403, refusal.message, how)
            except Refused as refusal:
                return fault(400, refusal.message, how)

        return answering

    return decorate


@georeport("GET")
def discovery(request: HttpRequest, how: str) -> HttpResponse:
    """Say where the endpoint is and which formats it speaks."""
    here = request.build_absolute_uri(reverse("open311:services", args=[JSON])).removesuffix("/services.json")
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2", "url": here, "changeset": "2026-11-24T00:00:00Z",
        "type": "test" if settings.DEBUG else "production", "formats": [{"format": "text/xml"}, {"format": "application/json"}],
    }  # fmt: skip
    told = {
        "changeset": "2026-11-24T00:00:00Z", "contact": _("See the page of your unit for whom to call."),
        "key_service": _("Keys are made by whoever runs this installation."), "endpoints": [endpoint],
    }  # fmt: skip
    if how == JSON:
        plain = endpoint | {"formats": ["text/xml", "application/json"]}
        return one(told | {"endpoints": [plain]}, how, root="discovery")
    return one(told, how, root="discovery")


@georeport("GET")
def services(request: HttpRequest, how: str) -> HttpResponse:
    """List what can be reported."""
    rows = [
        {
            "service_code": one_.code, "service_name": one_.name, "description": "；".join(one_.synonyms) or one_.name,
            "metadata": False, "type": "realtime", "keywords": ",".join(one_.synonyms), "group": group.heading.name,
        }
        for group in offered()
        for one_ in group.choices
    ]  # fmt: skip
    return answer(rows, how, root="services", each="service")


@georeport("GET")
def service(request: HttpRequest, how: str, code: str) -> HttpResponse:
    """Define one service; none asks for more than the standard fields."""
    return one({"service_code": choosable(code).code, "attributes": []}, how, root="service_definition")


@georeport("GET", "POST")
def requests(request: HttpRequest, how: str) -> HttpResponse:
    """Tell a matter, or list those released."""
    if request.method == "POST":
        return _told(request, how)
    at = timezone.now()
    wanted = _narrowed(_visible(request.GET, at), request.GET, at)
    size = min(_whole(request.GET, "page_size", PAGE), MOST)
    first = (_whole(request.GET, "page", 1) - 1) * size
    rows = list(wanted.order_by("-told_at", "number")[first : min(first + size, MOST)])
    return answer(_rows(rows, request.GET, at), how, root="service_requests", each="request")


@georeport("GET")
def single(request: HttpRequest, how: str, number: str) -> HttpResponse:
    """Return one matter, or several whose numbers are parted by commas."""
    at = timezone.now()
    rows = list(_visible(request.GET, at).filter(number__in=number.split(",")[:MOST]).order_by("-told_at", "number"))
    if not rows:
        raise NotFound(_("There is no request with this number."))
    return answer(_rows(rows, request.GET, at), how, root="service_requests", each="request")


@georeport("GET")
def token(request: HttpRequest, how: str, token: str) -> HttpResponse:
    """Every request has its number at once, so there are no tokens."""
    raise NotFound(_("There is no such token: every request has its number at once."))


def _account(said: Mapping[str, str], at: datetime, *, needed: bool) -> Any:
    key = said.get("api_key", "")
    account = user_of_key(key, at=at) if key else None
    if account is None and (needed or key):
        raise WrongKey(_("This needs an api_key that holds. Ask whoever runs this installation for one."))
    return account


def _told(request: HttpRequest, how: str) -> HttpResponse:
    at, said = timezone.now(), request.POST
    account = _account(said, at, needed=True)
    code = said.get("service_code", "")
    if not code:
        raise BadInput(_("A service_code is needed."))
    lon, lat, area = _place(said, at)
    who = [said.get(field, "").strip() for field in ("last_name", "first_name", "phone", "email")]
    contact = " ".join(part for part in who if part)[:100]
    wish = Telling(
        category=code, text=said.get("description", "")[:4001], area=area, lon=lon, lat=lat,
        place=said.get("address_string", "")[:100], photos=_photos(request),
        contact=contact, wish=Wish.ANSWERABLE if contact else Wish.ANONYMOUS,
    )  # fmt: skip
    receipt = secrets.token_urlsafe(RECEIPT_BYTES)
    report = tell(wish, receipt=receipt, channel=Channel.OPEN311, by=account, at=at)
    notice = _("It is followed at %(address)s; whoever has this address may answer and close it.")
    address = request.build_absolute_uri(reverse("portal:report", args=[receipt]))
    row = {
        "service_request_id": report.number, "service_notice": notice % {"address": address}, "account_id": None,
    }  # fmt: skip
    return answer([row], how, root="service_requests", each="request", status=201)


def _photos(request: HttpRequest) -> tuple[bytes, ...]:
    """Return the picture sent along; one that merely has an address elsewhere is not fetched."""
    sent = request.FILES.getlist("media")[:MOST_PHOTOS]
    if any((file.size or 0) > MOST_BYTES for file in sent):
        raise BadInput(_("A picture can have at most 12 MB. Choose a smaller one."))
    return tuple(file.read() for file in sent)


def _place(said: Mapping[str, str], at: datetime) -> tuple[float | None, float | None, str]:
    """Return (lon, lat, code): a point, an address_id that is an area's code, or an address that names one unit."""
    on = local_day(at)
    if said.get("lat") or said.get("long"):
        try:
            lon, lat = float(said.get("long", "")), float(said.get("lat", ""))
        except ValueError as error:
            raise BadInput(_("lat and long are degrees, like 30.88 and 104.25.")) from error
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise BadInput(_("lat and long are degrees, like 30.88 and 104.25."))
        return lon, lat, said.get("address_id", "") or _top(on)
    if said.get("address_id"):
        return None, None, said["address_id"]
    if said.get("address_string"):
        found = search_places(said["address_string"][:40], on=on, most=2)
        return None, None, found[0].code if len(found) == 1 else _top(on)
    raise BadInput(_("Say where: lat and long, an address_string, or an address_id."))


def _top(on: date) -> str:
    """Return the area around all others, where there is just one."""
    tops = top_areas(on=on)
    return tops[0] if len(tops) == 1 else ""


def _visible(said: Mapping[str, str], at: datetime) -> Any:
    """Return what may be seen: what was released, and by a program's key what it told."""
    account = _account(said, at, needed=False)
    rows = released() if account is None else (released() | told_through(account)).distinct()
    return rows.select_related("category")


def _narrowed(rows: Any, said: Mapping[str, str], at: datetime) -> Any:
    if said.get("service_request_id"):
        return rows.filter(number__in=said["service_request_id"].split(","))
    end = _moment(said, "end_date") or at
    start = _moment(said, "start_date") or end - SPAN
    if not start <= end <= start + SPAN:
        end = start + SPAN
    rows = rows.filter(told_at__gte=start, told_at__lte=end)
    if said.get("service_code"):
        rows = rows.filter(category__code__in=said["service_code"].split(","))
    wanted = {word.strip() for word in said.get("status", "open,closed").split(",")}
    if not wanted or wanted - {"open", "closed"}:
        raise BadInput(_("status is open, closed, or both parted by a comma."))
    if wanted == {"closed"}:
        return rows.filter(state__in=CLOSED)
    return rows.exclude(state__in=CLOSED) if wanted == {"open"} else rows


def _moment(said: Mapping[str, str], name: str) -> datetime | None:
    text = said.get(name, "").strip().replace(" ", "+")
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(_("%(name)s is a moment with its zone, like 2026-01-01T00:00:00Z."), name=name)
    return found


def _whole(said: Mapping[str, str], name: str, otherwise: int) -> int:
    text = said.get(name, "")
    if not text:
        return otherwise
    if not text.isdecimal() or not 0 < int(text) <= 1_000_000:
        raise BadInput(_("%(name)s is a whole number from 1 on."), name=name)
    return int(text)


def _rows(reports: list[Any], said: Mapping[str, str], at: datetime) -> list[dict[str, Any]]:
    account = _account(said, at, needed=False)
    own = set(told_through(account).values_list("pk", flat=True)) if account else set()
    handlers = names_by_area([report.handler_id for report in reports], on=local_day(at))
    return [_row(report, report.pk in own, handlers) for report in reports]


def _row(report: Any, is_own: bool, handlers: Mapping[int, Any]) -> dict[str, Any]:
    """Of what was released the handler's words, and the place only to whoever told it."""
    last = max(m for m in (report.told_at, report.answered_at, report.closed_at) if m)
    return {
        "service_request_id": report.number, "status": "closed" if report.state in CLOSED else "open",
        "status_notes": report.answer if is_own else None, "service_name": report.category.name,
        "service_code": report.category.code, "description": report.text if is_own else report.public_text,
        "agency_responsible": handlers[report.handler_id].name if report.handler_id in handlers else None, "service_notice": None,
        "requested_datetime": moment(report.told_at), "updated_datetime": moment(last), "expected_datetime": moment(report.due_at),
        "address": report.place if is_own else None, "address_id": None, "zipcode": None,
        "lat": report.lat if is_own else None, "long": report.lon if is_own else None, "media_url": None,
    }  # fmt: skip


app_name = "open311"
urlpatterns = [
    path("discovery.<str:how>", discovery, name="discovery"),
    path("services.<str:how>", services, name="services"),
    path("services/<str:code>.<str:how>", service, name="service"),
    path("requests.<str:how>", requests, name="requests"),
    path("requests/<str:number>.<str:how>", single, name="request"),
    path("tokens/<str:token>.<str:how>", token, name="token"),
]
