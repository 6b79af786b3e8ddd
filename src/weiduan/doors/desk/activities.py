"""活动 at the desk: activities and series one keeps, planning them, who signed up, how many came, what was said there."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.queries import area_by_code, area_of, names_by_area
from weiduan.outlook.insight.activity_words import (
    KIND_TITLES,
    PLACE_TAGS,
    PLACE_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    standing_words,
)
from weiduan.systems.governance.deliberation.raising import Raising
from weiduan.systems.governance.partners.queries import partners_for
from weiduan.systems.organisation.organisations.queries import organisations_in
from weiduan.systems.services.activities import after, changing
from weiduan.systems.services.activities.planning import plan, plan_series
from weiduan.systems.services.activities.queries import (
    activities_kept_by,
    brought_at,
    dates_in,
    kept_activity,
    kept_series,
    left_in,
    rooms_for,
    series_kept_by,
    who_signed_up,
)
from weiduan.systems.services.activities.rules import BRINGS, ReadFor, State
from weiduan.systems.services.brands.queries import brands_for

from .activities_form import (
    AfterForm,
    CountForm,
    EndSeriesForm,
    NewForm,
    NothingForm,
    PlanForm,
    ReadForm,
    ReasonForm,
    TopicForm,
    told_of,
)
from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .viewing import me, page_of, staff
from .where import where_asked

PAGE, MOST_CHOICES = 30, 100


@staff
@require_safe
def activities(request: HttpRequest) -> HttpResponse:
    """List the activities one keeps: those to come, or with ?over=1 those over; and the series."""
    at = timezone.now()
    is_over = request.GET.get("over") == "1"
    rows = activities_kept_by(me(request), at=at)
    rows = rows.filter(ends_at__lte=at) if is_over else rows.filter(ends_at__gt=at)
    rows = rows.order_by("-starts_at" if is_over else "starts_at", "pk")
    page = page_of(request, rows, size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    context = {
        "page": page, "is_over": is_over, "keeps": bool(areas_of(me(request), Duty.KEEP_SERVICES, at=at)),
        "rows": [(one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in page],
        "series": list(series_kept_by(me(request), at=at).filter(until=None)[:PAGE]),
    }  # fmt: skip
    return private(render(request, "desk/activities/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_activity(request: HttpRequest) -> HttpResponse:
    """Plan an activity, or a series: choose where, then what, when and for how many."""
    at = timezone.now()
    where = where_asked(request, at, Duty.KEEP_SERVICES)
    if not where["area"]:
        return private(render(request, "desk/activities/new.html", where))
    area_by_code(where["area"], on=local_day(at))
    form = NewForm(request.POST if request.method == "POST" else None, choices=_choices(where["area"], at))
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            return _planned(request, where["area"], form, at)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return private(
        render(request, "desk/activities/new.html", {"form": form, "refusal": refusal} | where, status=status)
    )


def _planned(request: HttpRequest, area: str, form: NewForm, at: datetime) -> HttpResponse:
    repeat = form.repeating()
    how: dict[str, Any] = {"opens": form.cleaned_data["opens"], "by": me(request), "at": at}
    if repeat is None:
        made = plan(area, form.wanted(), **how)
        return redirect("desk:activity", key=made.pk)
    series = plan_series(area, form.wanted(), repeat, **how)
    return redirect("desk:series", key=series.pk)


def _choices(code: str, at: datetime) -> dict[str, list[Any]]:
    """Return what can be chosen for an activity of an area."""
    on = local_day(at)
    return {
        "room": [
            (place, [(str(room.pk), f"{room.name} · {place}") for room in rooms]) for place, rooms in rooms_for(code, at=at)
        ][:MOST_CHOICES],
        "brand": [(str(one.pk), one.name) for one in brands_for(code, on=on)],
        "organisation": [(one.number, one.name) for one in organisations_in(code, on=on)[:MOST_CHOICES]],
        "partner": [(str(one.pk), one.name) for one in partners_for(code, on=on)[:MOST_CHOICES]],
    }  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show an activity one keeps with who signed up; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_activity(me(request), key, at=at)
    tried: dict[str, Any] = {}
    shown: dict[
        str, Any
    ] = {}  # a contact that was read: on this page alone, never in a message, which waits in a cookie
    if request.method == "POST":
        tried = do_deed(request, _deeds(request, found, at, shown))
        if not tried and not shown:
            return redirect("desk:activity", key=key)
        found = kept_activity(me(request), key, at=at)
    rows = who_signed_up(me(request), found, at=at)
    area = area_of(found.area_id, on=local_day(at))
    context = {
        "activity": found, "area": area, "kind": KIND_TITLES[found.kind], "word": STATE_TITLES[found.state],
        "tag": STATE_TAGS[found.state], "refusal": "", "left": left_in(found),
        "rows": [(one, PLACE_TITLES[one.state], PLACE_TAGS[one.state]) for one in rows],
        "venue": found.booking.room.facility if found.booking else None, "has_begun": found.starts_at <= at,
        "brought": brought_at(found) if found.kind in BRINGS else None, "brings": _brings(found, at),
        "read": shown, "deeds": offered_deeds(_deeds(request, found, at, shown), _offered(found, rows, at), tried),
    }  # fmt: skip
    return private(render(request, "desk/activities/activity.html", context | tried, status=tried.get("status", 200)))


def _brings(found: Any, at: datetime) -> bool:
    return found.kind in BRINGS and found.starts_at <= at and found.state != State.CANCELLED.value


def _offered(found: Any, rows: list[Any], at: datetime) -> list[str]:
    """Return which deeds the page offers now, what comes next first."""
    stands = found.state in (State.PLANNED.value, State.OPEN.value) and found.ends_at > at
    has_begun = found.starts_at <= at and found.state != State.CANCELLED.value
    wanted = {
        "open": stands and found.state == State.PLANNED.value and bool(found.capacity), "count": has_begun, "after": has_begun,
        "topic": _brings(found, at), "read": any(one.has_contact for one in rows), "change": stands and found.starts_at > at,
        "cancel": stands,
    }  # fmt: skip
    return [name for name, is_so in wanted.items() if is_so]


def _deeds(request: HttpRequest, found: Any, at: datetime, shown: dict[str, Any]) -> dict[str, Deed]:
    """Return what may be done with an activity; a contact that is read is put into `shown`."""
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    code = area_of(found.area_id, on=local_day(at)).code
    rows = who_signed_up(me(request), found, at=at)
    left = [(str(one.number), f"{one.number} {one.name}".strip()) for one in rows if one.has_contact]

    def read(said: dict[str, Any]) -> None:
        number = said["number"]
        shown.update(number=number, contact=after.read_contact(key, number, ReadFor(said["reason"]), **how))

    return {
        "open": Deed(
            _("Open it for sign-up"), NothingForm, lambda _form, _said: changing.open_sign_up(key, **how), _("Residents can sign up now."),
        ),
        "count": Deed(
            _("Write down how many came"), partial(CountForm, initial={"attended": found.attended, "walk_ins": found.walk_ins or 0}),
            lambda _form, said: after.count_at_the_door(key, **said, **how), _("Written down."),
        ),
        "after": Deed(
            _("Write what it was like"), partial(AfterForm, initial={"words": found.after_words}),
            lambda _form, said: after.tell_after(key, said["words"], **how), _("Everybody can read it now."),
        ),
        "topic": Deed(
            _("Raise what was said as a topic"), TopicForm, lambda _form, said: after.bring_topic(key, Raising(**said), **how),
            _("Raised."),
        ),
        "read": Deed(
            _("Read a contact"), partial(ReadForm, numbers=left), lambda _form, said: read(said),
            _("That it was read, and why, stays in the ledger."),
        ),
        "change": Deed(
            _("Change the activity"), partial(PlanForm, choices=_choices(code, at), initial=told_of(found)),
            lambda form, _said: changing.change(key, form.wanted(), **how), _("Changed. At another time or place, who signed up is told."),
        ),
        "cancel": Deed(
            _("Call the activity off"), ReasonForm, lambda _form, said: changing.cancel(key, said["reason"], **how),
            _("The activity is called off. Whoever signed up is told."),
        ),
    }  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def series(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a series with its dates; on POST end it."""
    at = timezone.now()
    found = kept_series(me(request), key, at=at)
    deeds = {
        "end": Deed(
            _("End the series"), partial(EndSeriesForm, initial={"until": local_day(at)}),
            lambda _form, said: changing.end_series(key, said["until"], said["reason"], by=me(request), at=at), _("Ended."),
        )
    }  # fmt: skip
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, deeds)
        if not tried:
            return redirect("desk:series", key=key)
    rows = [
        (one, STATE_TITLES[one.state], STATE_TAGS[one.state], standing_words(one, at=at)[1]) for one in dates_in(found)
    ]
    context = {
        "series": found, "area": area_of(found.area_id, on=local_day(at)), "kind": KIND_TITLES[found.kind], "rows": rows, "refusal": "",
        "deeds": offered_deeds(deeds, [] if found.until else ["end"], tried), "back": reverse("desk:activities"),
    }  # fmt: skip
    return private(render(request, "desk/activities/series.html", context | tried, status=tried.get("status", 200)))
