"""Open311 GeoReport v2 in XML and JSON: the same data in both, lists at the top."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse

XML, JSON = "xml", "json"
Row = Mapping[str, Any]


def answer(rows: Sequence[Row], how: str, *, root: str, each: str, status: int = 200) -> HttpResponse:
    """Return rows as a list named `root` of elements named `each`."""
    if how == JSON:
        return HttpResponse(json.dumps(list(rows), ensure_ascii=False), "application/json; charset=utf-8", status)
    top = ElementTree.Element(root)
    for row in rows:
        _add(ElementTree.SubElement(top, each), row)
    return _written(top, status)


def one(row: Row, how: str, *, root: str) -> HttpResponse:
    """Return one thing that is no list: discovery, the definition of a service."""
    if how == JSON:
        return HttpResponse(json.dumps(row, ensure_ascii=False), "application/json; charset=utf-8")
    top = ElementTree.Element(root)
    _add(top, row)
    return _written(top, 200)


def fault(status: int, words: str, how: str) -> HttpResponse:
    """Return an error as the standard has it: a list of code and description."""
    return answer([{"code": status, "description": words}], how, root="errors", each="error", status=status)


def moment(at: datetime | None) -> str | None:
    """Return a moment as UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _add(element: ElementTree.Element, row: Row) -> None:
    for key, value in row.items():
        child = ElementTree.SubElement(element, key)
        if isinstance(value, list):
            for item in value:
                _add(ElementTree.SubElement(child, key.removesuffix("s")), item)
        elif value is not None:
            child.text = str(value).lower() if isinstance(value, bool) else _plain(str(value))


def _plain(text: str) -> str:
    """Leave out signs XML can't hold."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign > "\uffff"
    )


def _written(top: ElementTree.Element, status: int) -> HttpResponse:
    content = ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)
    return HttpResponse(content, "text/xml; charset=utf-8", status)
