"""In step: what changes of ground and organisations broke, and the decisions that put it right, on one page."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.queries import deeds_since
from weiduan.ground.territory.reform import open_successions
from weiduan.outlook.insight.in_step import KINDS, LOOK_BACK, Finding, out_of_step, with_choices
from weiduan.outlook.insight.organisation import coverage_of
from weiduan.systems.organisation.coverage.actions import hand_over, leave, take_in
from weiduan.systems.organisation.organisations.actions import move_seat
from weiduan.systems.organisation.organisations.queries import organisation_numbered, unseated_in

from .histories import told
from .viewing import area_url, crumb_links, look, me, page_of, staff

PER_PAGE = 20
TITLES = {
    "gone": gettext_lazy("stands on what has ended"),
    "seat": gettext_lazy("seat has ended"),
    "moved": gettext_lazy("moved over a boundary"),
    "new": gettext_lazy("new, nothing stands on it"),
    "lost": gettext_lazy("was covered, is no more"),
}
TOLD = ("coverage.changed", "organisation.dissolved", "organisation.changed")


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def in_step(request: HttpRequest, code: str) -> HttpResponse:
    """List what is out of step in an area since a day; on POST decide one thing as of today."""
    seen = look(request, code)
    at = timezone.now()
    on = local_day(at)
    since = _since(request, on)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _decide(request, on, at)
        except (NotFound, NotAllowed):
            raise
        except Refused as refused:
            refusal, status = refused.message, refused.status
    coverage = coverage_of(code, on=on)
    here = next((place for place in coverage.places if place.code == code), None)
    if here is None:
        raise NotFound(_("No area has the code %(code)s on %(day)s.") % {"code": code, "day": on})
    findings = out_of_step(code, coverage, since=since)
    counts = Counter(one.kind for one in findings)
    kind = request.GET.get("kind", "")
    page = page_of(request, [one for one in findings if kind not in counts or one.kind == kind], PER_PAGE)
    keeps = areas_of(me(request), Duty.KEEP_ORGANISATION, at=at)
    context = {
        "here": here, "since": since, "today": on, "page": page, "count": len(findings), "refusal": refusal,
        "kind": kind if kind in counts else "", "kinds": [(key, TITLES[key], counts[key]) for key in KINDS if counts[key]],
        "rows": _rows(with_choices(list(page), coverage), keeps, seen, since), "pending": _pending(code, on),
        "crumbs": [*crumb_links(code, coverage.places, on, seen), (_("In step"), None)],
        "may_decide": any(covers(area, code) for area in keeps), "can_plan": len(code) == 12,
    }  # fmt: skip
    return render(request, "desk/in_step/list.html", context, status=status)


def _since(request: HttpRequest, on: date) -> date:
    """Return the day asked for with ?since=, else a year ago.

    :raises BadInput: it is no day, or not before today
    """
    asked = request.GET.get("since", "").strip()
    if not asked:
        return on - LOOK_BACK
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise BadInput(_("“%(day)s” is no day. Write it like 2018-10-31.") % {"day": asked[:20]}) from error
    if day >= on:
        raise BadInput(_("Choose a day before today: what changed since then is shown."))
    return day


def _pending(code: str, on: date) -> list[tuple[Any, list[str]]]:
    """Return what waits for a decision after a reform, each with the organisations that wait with it."""
    waiting = open_successions(code)
    if not waiting:
        return []
    seated: dict[int, list[str]] = defaultdict(list)
    for seat in unseated_in(code, on=on):
        seated[seat.area].append(seat.name)
    return [(one, seated[one.old_id]) for one in waiting]


def _rows(findings: list[Finding], keeps: list[str], seen: list[str], since: date) -> list[dict[str, Any]]:
    deeds = _deeds({key for one in findings if one.kind == "lost" for key in one.about}, since)
    return [
        {
            "it": one, "title": TITLES[one.kind], "url": _url(one, seen),
            "may_decide": any(covers(area, code) for area in keeps for code in (one.code, *_seats(one))),
            "deeds": told(deeds[key] for key in one.about if key in deeds and one.kind == "lost"),
        }
        for one in findings
    ]  # fmt: skip


def _url(one: Finding, seen: list[str]) -> str:
    """Return where the grid or unit has its page, "" where it has ended or the reader may not look."""
    is_there = one.kind not in ("gone", "seat") and any(covers(area, one.code) for area in seen)
    return area_url(one.code) if is_there else ""


def _seats(one: Finding) -> list[str]:
    return [code for code, _name in one.choices] if one.kind == "seat" else []


def _deeds(keys: Iterable[int], since: date) -> dict[int, Any]:
    """Return organisation → the last thing the ledger tells of its cover since a day."""
    midnight = timezone.make_aware(datetime.combine(since, time()))
    entries = deeds_since("organisation.organisation", map(str, keys), what=TOLD, since=midnight)
    return {int(entry.key): entry for entry in reversed(entries)}


def _decide(request: HttpRequest, on: date, at: datetime) -> HttpResponse:
    do, to, code = (request.POST.get(key, "") for key in ("do", "to", "code"))
    if do not in ("cover", "hand_over", "leave", "seat"):
        raise BadInput(_("Choose what to do."))
    if do != "leave" and not to:
        raise BadInput(_("Choose from the list first."))
    when: dict[str, Any] = {"on": on, "by": me(request), "at": at}
    if do == "cover":
        taker = organisation_numbered(to, on=on)
        take_in(taker, code, **when)
        messages.success(request, _("From today %(name)s stands on it.") % {"name": taker.name})
        return redirect(request.get_full_path())
    organisation = organisation_numbered(request.POST.get("organisation", ""), on=on)
    if do == "hand_over":
        taker = organisation_numbered(to, on=on)
        hand_over(organisation, taker, code, **when)
        messages.success(request, _("From today %(name)s stands on it.") % {"name": taker.name})
    elif do == "leave":
        leave(organisation, _area(request), **when)
        messages.success(request, _("From today %(name)s no longer stands on it.") % {"name": organisation.name})
    else:
        move_seat(organisation, to, **when)
        messages.success(request, _("From today %(name)s is seated there.") % {"name": organisation.name})
    return redirect(request.get_full_path())


def _area(request: HttpRequest) -> int:
    asked = request.POST.get("area", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise NotFound(_("There is nothing here that you may see."))
    return int(asked)
