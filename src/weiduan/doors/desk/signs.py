"""苗头: what may need a look soon in the areas one looks at, each with its reason and where to look; and switching a kind off."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.doors.offering import offer
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers, prefix_of
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.queries import ancestors_of, names_by_code
from weiduan.outlook.signs.actions import switch_off, switch_on
from weiduan.outlook.signs.growth import Growing
from weiduan.outlook.signs.queries import Sign, counts_of, signs_in, switched_off_in
from weiduan.outlook.signs.rules import LONGEST_REASON, Kind
from weiduan.outlook.signs.words import heading_of, reason_of, title_of

from .members_form import DAY
from .viewing import area_url, look, me, page_of, staff

PAGE, FEW, MOST_OFF = 30, 5, 50
OFF_DAYS = 30  # offered first
# Where a kind is looked at, and the duty one needs to open that page; without it the page of the area is given.
PAGES = {
    Kind.REPORTS_DUE: ("desk:reports", Duty.HANDLE_REPORTS), Kind.SHIFT: ("desk:teams", Duty.KEEP_SERVICES),
    Kind.DECISION_TASK: ("desk:topics", Duty.KEEP_GOVERNANCE), Kind.MILESTONE: ("desk:projects", Duty.KEEP_SERVICES),
    Kind.AGREEMENT: ("desk:partners", Duty.KEEP_GOVERNANCE), Kind.TERM: ("desk:elections", Duty.KEEP_ORGANISATION),
    Kind.GROWTH: ("desk:reports", Duty.HANDLE_REPORTS),
}  # fmt: skip


class OffForm(forms.Form):
    """In which area, until when, and why."""

    area = forms.ChoiceField(label=gettext_lazy("In which area these signs aren't shown"))
    until = forms.DateField(label=gettext_lazy("Show them again from"), widget=DAY)
    reason = forms.CharField(
        label=gettext_lazy("Why they aren't needed"), max_length=LONGEST_REASON,
        help_text=gettext_lazy("For example: the lifts are being replaced. No person's name."),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def signs(request: HttpRequest) -> HttpResponse:
    """List the signs where one looks, narrowed by ?area= and ?kind=; on POST switch a kind on again."""
    at = timezone.now()
    if request.method == "POST":
        return _on(request, at)
    area = request.GET.get("area", "")[:18]
    if area:
        look(request, area)
    codes = [area] if area else outermost(areas_of(me(request), Duty.LOOK, at=at))
    found = signs_in(codes, at=at)
    counted = counts_of(found)
    kind = Kind(request.GET["kind"]) if request.GET.get("kind") in counted else None
    page = page_of(request, [one for one in found if kind in (None, one.kind)], size=PAGE)
    keeps = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    off = switched_off_in(codes, on=local_day(at))[:MOST_OFF]
    context = {
        "page": page, "rows": sign_rows(request, list(page), keeps, at), "kind": kind, "total": len(found), "area": area,
        "here": names_by_code({area}, on=local_day(at)).get(area, "") if area else "",
        "kinds": [(each, title_of(each), n) for each, n in counted.items()],
        "off": [(one, title_of(one.kind), _may(keeps, one.place.code)) for one in off],
    }  # fmt: skip
    return render(request, "desk/signs/list.html", context)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def off(request: HttpRequest) -> HttpResponse:
    """Ask in which area a kind isn't to be told, until when and why; on POST switch it off."""
    at = timezone.now()
    kind, area = request.GET.get("kind", ""), request.GET.get("area", "")[:18]
    look(request, area)
    names = names_by_code(set(ancestors_of(area)), on=local_day(at))
    keeps = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    first = {"area": area, "until": local_day(at) + timedelta(days=OFF_DAYS)}
    form = OffForm(request.POST if request.method == "POST" else None, initial=first)
    offer(
        form,
        "area",
        [(code, names[code]) for code in reversed(ancestors_of(area)) if code in names and _may(keeps, code)],
    )
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            switch_off(kind, **form.cleaned_data, by=me(request), at=at)
            messages.success(request, _("These signs aren't shown there until that day."))
            return redirect("desk:signs")
        except Refused as refused:
            refusal, status = refused.message, refused.status
    known = kind in {each.value for each in Kind}
    context = {"form": form, "refusal": refusal, "title": title_of(Kind(kind)) if known else ""}
    return render(request, "desk/signs/off.html", context, status=status)


def outermost(codes: Sequence[str]) -> list[str]:
    """Leave out the areas that lie in another of them."""
    kept: list[str] = []
    for code in sorted(set(codes), key=lambda code: len(prefix_of(code)) if code else 0):
        if not any(covers(wide, code) for wide in kept):
            kept.append(code)
    return kept


def sign_rows(request: HttpRequest, found: list[Sign], keeps: Sequence[str], at: datetime) -> list[dict[str, Any]]:
    """Lay signs out: what, where, why, and the page on which it is looked at; `off` where the reader may switch it off."""
    on = local_day(at)
    around = names_by_code({code for one in found for code in _around(one.place.code)}, on=on)
    duties = {duty: areas_of(me(request), duty, at=at) for _page, duty in PAGES.values()} if found else {}
    return [
        {
            "kind": one.kind.value, "title": title_of(one.kind), "heading": heading_of(one), "code": one.place.code,
            "name": one.place.name, "around": " › ".join(around[code] for code in _around(one.place.code) if code in around),
            "why": reason_of(one), "url": _url(one, duties, on),
            "off": f"{reverse('desk:sign_off')}?kind={one.kind}&area={one.place.code}" if _may(keeps, one.place.code) else "",
        }
        for one in found
    ]  # fmt: skip


def _around(code: str) -> list[str]:
    """Return the codes of the village and the grid around a unit, or nothing where it is wider than that."""
    return [c for c in ancestors_of(code)[:-1] if len(prefix_of(c)) >= 9 and len(c) <= 15]


def _url(one: Sign, duties: dict[Duty, list[str]], on: date) -> str:
    code = one.place.code
    if one.kind == Kind.MEETING_TASK:
        return reverse("desk:area_meetings", args=[code[:12]])
    page, duty = PAGES.get(one.kind, ("", Duty.LOOK))
    if not page or not _may(duties.get(duty, []), code):
        return area_url(code, on)
    if one.kind == Kind.TERM:
        return reverse(page)
    more = f"&category={one.about.category}" if isinstance(one.about, Growing) else ""
    return f"{reverse(page)}?area={code}{more}"


def _may(areas: Sequence[str], code: str) -> bool:
    return any(covers(area, code) for area in areas)


def _on(request: HttpRequest, at: datetime) -> HttpResponse:
    key = request.POST.get("on", "")
    switch_on(int(key) if key.isascii() and key.isdigit() else 0, by=me(request), at=at)
    messages.success(request, _("These signs are shown there again."))
    return redirect("desk:signs")
