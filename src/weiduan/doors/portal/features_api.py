"""The OGC API defined as OpenAPI 3.0: made of the collections themselves, so that it can't say anything else than they do."""

from typing import Any

from weiduan.outlook.insight.opened.features import COLLECTIONS, Collection

from .features_asked import FEW, MOST

GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "oas30", "html", "geojson")
)
TEXT = {"type": "string"}
FORM = {
    "name": "f", "in": "query", "required": False, "description": "The form of the answer; without it, as Accept says.",
    "schema": {"type": "string", "enum": ["json", "html"]},
}  # fmt: skip
LIMIT = {
    "name": "limit", "in": "query", "required": False, "style": "form", "explode": False,
    "description": f"How many features at most; more than {MOST} are taken for {MOST}.",
    "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": FEW},
}  # fmt: skip
OFFSET = {
    "name": "offset", "in": "query", "required": False, "style": "form", "explode": False,
    "description": "How many features to leave out before.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
}  # fmt: skip
BBOX = {
    "name": "bbox", "in": "query", "required": False, "style": "form", "explode": False,
    "description": "West, south, east, north in degrees (CRS84); with six numbers the third and the sixth are heights and not looked "
    "at. West of east it runs over the antimeridian. What lies nobody knows where is in every box.",
    "schema": {
        "type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"},
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    },
}  # fmt: skip
DATETIME = {
    "name": "datetime", "in": "query", "required": False, "style": "form", "explode": False,
    "description": "What held at a moment or within an interval, RFC 3339; “..” or nothing is an open end. Whole days in China "
    "count. Without it: what holds today.",
    "schema": TEXT,
}  # fmt: skip


def definition(server: str, title: str) -> dict[str, Any]:
    """Return the definition of the interface at an address."""
    paths: dict[str, Any] = {
        "/": _get("getLandingPage", "What is here", "LandingPage"),
        "/conformance": _get("getConformance", "Which parts of the standard hold here", "Conformance"),
        "/api": _get("getApi", "This definition", "Any", kind=OPENAPI),
        "/collections": _get("getCollections", "The collections", "Collections"),
    }
    for one in COLLECTIONS.values():
        paths |= _paths_of(one)
    return {
        "openapi": "3.0.3", "info": {"title": title, "version": "1.0.0", "description": "OGC API – Features, Part 1: Core (17-069r4)."},
        "servers": [{"url": server}], "paths": paths,
        "components": {"schemas": _schemas(), "responses": _responses()},
    }  # fmt: skip


def _paths_of(one: Collection) -> dict[str, Any]:
    base, name = f"/collections/{one.name}", one.name.capitalize()
    asked = [BBOX, DATETIME, LIMIT, OFFSET, *(_narrowing(one, by) for by in one.narrowed_by)]
    key = {"name": "featureId", "in": "path", "required": True, "schema": TEXT, "description": "Key of the feature."}
    return {
        base: _get(f"describe{name}", str(one.title), "Collection"),
        f"{base}/items": _get(f"get{name}", str(one.about), f"{name}Features", asked, kind=GEOJSON),
        f"{base}/items/{{featureId}}": _get(
            f"get{name}Feature", f"{one.title}: one", f"{name}Feature", [key], kind=GEOJSON, may_be_missing=True
        ),
    }


def _narrowing(one: Collection, by: str) -> dict[str, Any]:
    found = one.named(by)
    return {
        "name": by, "in": "query", "required": False, "style": "form", "explode": False, "description": str(found.meaning),
        "schema": found.schema(),
    }  # fmt: skip


def _get(
    name: str, summary: str, schema: str, asked: list[dict[str, Any]] | None = None, *, kind: str = "application/json",
    may_be_missing: bool = False,
) -> dict[str, Any]:  # fmt: skip
    answer = {
        "description": summary,
        "content": {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}, "text/html": {"schema": TEXT}},
    }
    answers = {"200": answer, "400": {"$ref": "#/components/responses/Refused"}}
    if may_be_missing:
        answers["404"] = {"$ref": "#/components/responses/Missing"}
    return {"get": {"operationId": name, "summary": summary, "parameters": [*(asked or []), FORM], "responses": answers}}  # fmt: skip


def _responses() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Exception"}}}
    return {
        "Refused": {"description": "What was asked can't be so; it is said what.", "content": content},
        "Missing": {"description": "There is no such feature.", "content": content},
    }


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{of}"}}


def _schemas() -> dict[str, Any]:
    texts = {"type": "array", "items": TEXT}
    shapes: dict[str, Any] = {
        "Any": {"type": "object"},
        "Exception": _object(["code"], code=TEXT, description=TEXT),
        "Link": _object(["href", "rel"], href=TEXT, rel=TEXT, type=TEXT, title=TEXT),
        "LandingPage": _object(["links"], title=TEXT, description=TEXT, links=_list("Link")),
        "Conformance": _object(["conformsTo"], conformsTo=texts),
        "Collection": _object(
            ["id", "links"], id=TEXT, title=TEXT, description=TEXT, links=_list("Link"), extent={"type": "object"}, itemType=TEXT,
            crs=texts,
        ),
        "Collections": _object(["links", "collections"], links=_list("Link"), collections=_list("Collection")),
        "Geometry": _object(["type", "coordinates"], type=TEXT, coordinates={"type": "array", "items": {}}) | {"nullable": True},
    }  # fmt: skip
    for one in COLLECTIONS.values():
        shapes |= _feature_shapes(one)
    return shapes


def _feature_shapes(one: Collection) -> dict[str, Any]:
    name = one.name.capitalize()
    properties = {"type": "object", "properties": {field.name: field.schema() for field in one.fields}}
    whole = {"type": "integer", "minimum": 0}
    return {
        f"{name}Feature": _object(
            ["type", "id", "geometry", "properties"], type={"type": "string", "enum": ["Feature"]}, id=TEXT,
            geometry={"$ref": "#/components/schemas/Geometry"}, properties=properties, links=_list("Link"),
        ),
        f"{name}Features": _object(
            ["type", "features"], type={"type": "string", "enum": ["FeatureCollection"]}, features=_list(f"{name}Feature"),
            links=_list("Link"), timeStamp={"type": "string", "format": "date-time"}, numberMatched=whole, numberReturned=whole,
        ),
    }  # fmt: skip
