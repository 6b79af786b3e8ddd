"""What is new in an area as an Atom feed (RFC 4287)."""

from xml.etree import ElementTree

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import area_by_code
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.opened.data import licence
from weiduan.outlook.insight.opened.news import News, key_of, news_of
from weiduan.outlook.insight.units import day_begins

ATOM = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
CHARACTERS = "".join(chr(n) for n in range(32) if n not in (9, 10, 13))  # that XML can't hold


@require_safe
@conditional_page
def feed(request: HttpRequest, code: str) -> HttpResponse:
    """Return the feed of an area; to a reader that has it already, that nothing changed."""
    at = timezone.now()
    area = area_by_code(code, on=local_day(at))
    news = news_of(code, at=at)
    page = reverse("portal:unit" if area.level >= Level.UNIT else "portal:area", args=[code])
    root = ElementTree.Element("feed", {"xmlns": ATOM, LANG: "en" if get_language() == "en" else "zh-Hans"})
    _add(root, "id", key_of(f"area:{code}").urn)
    _add(root, "title", _("What is new: %(area)s") % {"area": area.name})
    _add(root, "updated", (news[0].updated if news else day_begins(area.since)).isoformat())
    _add(root, "rights", licence())
    _add(ElementTree.SubElement(root, "author"), "name", area.name)
    _link(root, "self", request.build_absolute_uri(request.path), "application/atom+xml")
    _link(root, "alternate", request.build_absolute_uri(page), "text/html")
    for one in news:
        _entry(root, one, request)
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return HttpResponse(content, content_type="application/atom+xml; charset=utf-8", headers=headers)


def _entry(root: ElementTree.Element, one: News, request: HttpRequest) -> None:
    entry = ElementTree.SubElement(root, "entry")
    _add(entry, "id", one.key.urn)
    _add(entry, "title", one.title)
    _add(entry, "updated", one.updated.isoformat())
    _add(entry, "published", one.published.isoformat())
    ElementTree.SubElement(entry, "category", {"term": one.sort})
    _add(entry, "summary", one.words)
    _link(entry, "alternate", request.build_absolute_uri(reverse(f"portal:{one.sort}", args=[one.about])), "text/html")


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text.translate(dict.fromkeys(map(ord, CHARACTERS)))


def _link(parent: ElementTree.Element, rel: str, href: str, kind: str) -> None:
    ElementTree.SubElement(parent, "link", {"rel": rel, "href": href, "type": kind})
