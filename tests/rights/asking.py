"""Every way in, from the resolver and the OpenAPI description; its address for a thing in a place; and what it answers there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.rights.world import VILLAGE
from weiduan.doors.api.interface import api

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|{(\w+)}")
# What stands in an address whose last name doesn't say what it is the key of.
KINDS = {
    "desk:routine": "routine", "desk:team": "team", "desk:shift": "shift", "desk:wish": "wish", "desk:questionnaire": "questionnaire",
    "desk:activity": "activity", "desk:bring_report": "activity", "desk:series": "series", "desk:brand": "brand",
    "desk:function": "function", "desk:functions": "facility", "desk:ballot": "ballot", "desk:body": "body",
    "desk:compact": "compact", "desk:meeting": "meeting", "desk:hold_meeting": "planned", "desk:meeting_scans": "meeting",
    "desk:meeting_scan": "meeting", "desk:meeting_minutes": "meeting", "desk:meeting_sheet": "planned", "desk:booking": "booking",
    "desk:book": "facility", "desk:change": "change", "desk:partner": "partner", "desk:partner_accounts": "partner",
    "desk:partner_project": "project", "desk:partner_picture": "project", "desk:project": "project", "desk:project_pdf": "project",
    "desk:project_picture": "project", "desk:need": "need", "desk:mediation": "mediation", "desk:mediation_pdf": "agreed",
    "desk:report": "report", "desk:report_map": "report", "desk:report_photo": "report", "desk:topic": "topic", "desk:post": "post",
    "desk:proposal": "proposal", "desk:plan_xlsx": "proposal", "desk:plan_geojson": "proposal", "desk:village_plan": "proposal",
    "desk:village_plan_map": "proposal", "desk:plan_heads": "proposal", "desk:venues_plan": "proposal",
    "desk:venues_plan_map": "proposal", "desk:survey_run": "survey", "desk:survey_marked": "survey", "desk:venue": "facility",
    "desk:venue_facts": "facility", "desk:venue_hours": "facility", "desk:venue_photos": "facility", "desk:venue_photo": "facility",
    "desk:venue_plate": "facility", "desk:venue_rooms": "facility", "desk:venue_units": "micro",
    "desk:member": "member", "desk:premises_record": "premises",
    "portal:project": "project", "portal:project_account": "project", "portal:project_csv": "project",
    "portal:project_json": "project", "portal:project_picture": "project", "portal:topic": "topic", "portal:answer": "questionnaire",
    "portal:answer_after": "after", "portal:activity": "activity", "portal:brand": "brand", "portal:brand_mark": "brand",
    "portal:wish": "wish", "portal:team": "team", "portal:ballot": "ballot", "portal:ballot_file": "ballot",
    "portal:compact": "compact", "portal:photo": "photo", "portal:venue": "facility", "portal:book": "facility",
    "portal:venue_calendar": "facility", "portal:venue_map": "facility", "portal:report_photo": "report_photo",
    "portal:mediation": "mediation_receipt", "portal:topic_receipt": "topic_receipt", "portal:sign_up": "sign_up_receipt",
    "portal:wish_receipt": "wish_receipt", "portal:volunteer": "volunteer_receipt", "portal:certificate": "volunteer_receipt",
    "portal:support": "support_receipt", "portal:opinion": "opinion_receipt", "portal:booking": "booking_receipt",
    "desk:account": "account", "desk:account_mandates": "account",
    "portal:report": "report_receipt", "portal:copy": "report_receipt", "portal:plate": "plate_token",
    "activities": "activity", "sign-ups": "sign_up_receipt", "places": "facility", "ballots": "ballot", "bookings": "booking",
    "guests": "guest", "corrections": "correction", "teams": "team", "wishes": "wish", "posts": "post", "handover": "handover",
    "projects": "project", "changes": "change", "questionnaires": "questionnaire", "compacts": "compact", "topics": "topic",
    "rooms": "room", "receipts": "booking_receipt", "transfers": "transfer", "members": "member", "organisations": "organisation",
}  # fmt: skip
# Fields of bodies that name a thing.
KNOWN = {
    "organisation": "organisation", "person": "member", "area": "code", "unit": "code", "member": "member",
    "receiver": "organisation", "sender": "organisation", "superior": "organisation", "home": "unit",
}  # fmt: skip
# Parts of an address that no right hangs on.
PLAIN = {
    "year": "2026", "month": "2026-10", "name": "governance", "layer": "zeros", "z": "10", "x": "1", "y": "1", "slug": "x", "form": "csv",
    "view": "elder", "how": "json", "token": "x" * 30, "path": "x", "object_id": "1", "app_label": "accounts", "content_type_id": "1",
    "url": "x",
}  # fmt: skip
NAMED = {
    "desk:ask_change": {"kind": "dissolve"}, "desk:empty_roll": {"kind": "owners"}, "portal:open_file": {"name": "units"},
    "ogc:collection": {"name": "units"}, "ogc:items": {"name": "units"}, "ogc:item": {"name": "units", "key": f"{VILLAGE}002001"},
    "switch-language": {"code": "en"}, "open311:service": {"code": "C01"},
}  # fmt: skip


# Which addresses are asked for an area, and in what they are told it.
BY_AREA = {
    "desk:sign_off", "desk:tile", "desk:survey_template", "desk:survey_export", "desk:proposals", "desk:survey", "desk:tell_report",
    "desk:imported_ballot", "desk:report_templates", "desk:reports_near",
}  # fmt: skip
OF_UNITS = ("portal:yearly", "desk:yearly", "desk:yearly_pdf")

SCHEMAS = api.get_openapi_schema()["components"]["schemas"]


@dataclass(frozen=True)
class Way:
    """One method on one address: `name` is the view's, or the path of an operation."""

    method: str
    name: str
    route: str
    shape: Any = field(default=None, hash=False, compare=False)  # of the body of an operation

    def __str__(self) -> str:
        return f"{self.method} {self.name}"

    @property
    def parameters(self) -> list[str]:
        return [one or other for one, other in PARAMETER.findall(self.route)]

    def kind_of(self, parameter: str) -> str:
        """Return which key of a place fills a part of the address; empty where none does."""
        if parameter in NAMED.get(self.name, {}):
            return ""
        if parameter in ("picture", "photo", "scan"):
            return (
                {"photo": "report_photo"}.get(parameter, parameter) if self.name == "desk:report_photo" else parameter
            )
        if parameter == "receipt" and self.name == "portal:answer_after":
            return "held_receipt"
        if parameter == "receipt" and self.name == "portal:report_photo":
            return "report_receipt"
        if parameter == "code":
            return "unit" if self.name in OF_UNITS else "code"
        if parameter == "number" and self.name == "open311:request":
            return "report_number"
        if parameter == "number" and self.name not in KINDS and not self.name.startswith("/api/"):
            return "organisation"
        before = self.route.split("{" + parameter)[0].rstrip("/").rsplit("/", 1)[-1]
        return KINDS.get(self.name) or (KINDS.get(before, "") if self.name.startswith("/api/") else "")

    @property
    def kinds(self) -> list[str]:
        asked = ["code"] if self.is_by_area else []
        return [kind for kind in map(self.kind_of, self.parameters) if kind] + asked

    @property
    def is_by_area(self) -> bool:
        """Whether it is told of an area beside its address."""
        return self.name in BY_AREA or self.name.startswith("desk:new_")

    def body(self, keys: dict[str, str]) -> dict[str, Any]:
        """Return what is sent: to an operation the least it takes, to a page the area if it asks for one."""
        if self.shape:
            return least_of(self.shape, keys)
        return {"area": keys["code"]} if self.is_by_area else {}

    def address(self, keys: dict[str, str], *, has_receipt: bool) -> str:
        """Return where it is for a thing in a place; whoever has no receipt guesses one."""

        def fill(found: re.Match[str]) -> str:
            parameter = found[1] or found[2]
            kind = self.kind_of(parameter)
            if kind.endswith("_receipt") and not has_receipt:
                return "guess-of-somebody-else-000000"
            return keys[kind] if kind else NAMED.get(self.name, {}).get(parameter) or PLAIN.get(parameter, "1")

        address = PARAMETER.sub(fill, self.route)
        return f"{address}?area={keys['code']}" if self.is_by_area else address


def least_of(shape: dict[str, Any], keys: dict[str, str]) -> Any:
    """Return the least that a shape of the description takes; what names a thing names the one of this place."""
    if "$ref" in shape:
        return least_of(SCHEMAS[shape["$ref"].rsplit("/", 1)[-1]], keys)
    if "anyOf" in shape:
        return least_of(shape["anyOf"][0], keys)
    if "enum" in shape or "const" in shape:
        return shape.get("const", shape.get("enum", [None])[0])
    kind = shape.get("type")
    if kind == "object":
        needed = shape.get("required", [])
        return {
            name: keys[KNOWN[name]] if name in KNOWN else least_of(shape["properties"][name], keys) for name in needed
        }
    if kind == "array":
        return [least_of(shape["items"], keys)] if shape.get("minItems") else []
    if kind in ("integer", "number"):
        return max(shape.get("minimum", 1), 1)
    if kind == "boolean":
        return True
    return {"date": str(timezone.localdate()), "date-time": timezone.now().isoformat(), "uuid": str(UUID(int=1))}.get(
        shape.get("format", ""), "x" * max(shape.get("minLength", 1), 1)
    )


def ways() -> list[Way]:
    """Return every way in: each method of each address that takes it, and each operation."""
    return [*_pages(), *_operations()]


def _pages() -> Iterator[Way]:
    for name, route, _view in patterns(get_resolver()):
        if not name.startswith("api:") or name in ("api:openapi-json", "api:api-root"):
            yield from (Way(method, name, route) for method in ("GET", "POST"))


def _operations() -> Iterator[Way]:
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, told in operations.items():
            content = told.get("requestBody", {}).get("content", {})
            yield Way(method.upper(), path, path, content.get("application/json", {}).get("schema"))


def patterns(resolver: URLResolver, space: str = "", before: str = "/") -> Iterator[tuple[str, str, Any]]:
    """Return name, route and view of every address."""
    for pattern in resolver.url_patterns:
        route = before + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", str(pattern.pattern).lstrip("^")).replace(
            "\\Z", ""
        ).rstrip("$").replace("\\.", ".")
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, route)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}", route, pattern.callback
