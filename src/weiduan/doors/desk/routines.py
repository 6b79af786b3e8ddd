"""常态走访 at the desk: what is due and what is late, first to whoever goes; setting rounds up; writing one down."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.offering import offer
from weiduan.ground.accounts.queries import areas_of, local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.queries import area_of, names_by_area, names_by_code, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.routine_words import EVERY_TITLES
from weiduan.systems.services.routines import actions
from weiduan.systems.services.routines.queries import (
    late_by_village,
    rounds_due,
    rounds_of,
    routine_for,
    routines_kept_by,
)
from weiduan.systems.services.routines.rules import (
    LONGEST_DONE_BY,
    LONGEST_FOUND,
    LONGEST_LOOKED_AT,
    LONGEST_TITLE,
    Every,
)

from .members import private
from .members_form import DAY
from .viewing import me, page_of, staff
from .where import where_asked

PAGE, MOST_DUE, WIDE_DIGITS = 30, 200, 12


class RoutineForm(forms.Form):
    """Who goes where how often, and what is looked at."""

    title = forms.CharField(label=gettext_lazy("What the round is called"), max_length=LONGEST_TITLE)
    done_by = forms.CharField(
        label=gettext_lazy("Which post goes"), max_length=LONGEST_DONE_BY,
        help_text=gettext_lazy("For example: the grid worker. No person's name."),
    )  # fmt: skip
    every = forms.ChoiceField(
        label=gettext_lazy("How often"), choices=list(EVERY_TITLES.items()), widget=forms.RadioSelect
    )
    looked_at = forms.CharField(
        label=gettext_lazy("What is looked at"), max_length=LONGEST_LOOKED_AT, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Places and things: never who is at home, never a person."),
    )  # fmt: skip
    since = forms.DateField(label=gettext_lazy("From which day on"), widget=DAY)
    units = forms.MultipleChoiceField(label=gettext_lazy("Which units"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *arguments: Any, units: Any, **options: Any) -> None:
        """Offer the units of the area."""
        super().__init__(*arguments, **options)
        offer(self, "units", units)

    def plan(self) -> actions.Plan:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        return actions.Plan(
            said["title"], said["done_by"], Every(said["every"]), said["looked_at"], said["units"], said["since"]
        )


class RoundForm(forms.Form):
    """A unit was gone to."""

    on = forms.DateField(label=gettext_lazy("On which day"), widget=DAY)
    found = forms.CharField(
        label=gettext_lazy("What was found"), max_length=LONGEST_FOUND, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Things and places, never a person. Empty: all was in order."),
    )  # fmt: skip
    report = forms.CharField(
        label=gettext_lazy("Number of the report that came of it"), max_length=20, required=False,
        help_text=gettext_lazy("Where something is to be put right, tell it as a report and give its number here."),
    )  # fmt: skip


@staff
@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Show what is due and what is late in one's own units; wider areas as counts by village."""
    at = timezone.now()
    on = local_day(at)
    due = rounds_due(me(request), at=at)
    codes = [code for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_SERVICES) for code in areas_of(me(request), duty, at=at)]
    is_wide = any((len(code) <= WIDE_DIGITS and code.endswith("000")) or not code for code in codes)
    page = page_of(request, routines_kept_by(me(request), at=at), size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=on)
    late = late_by_village(codes, on=on) if is_wide else {}
    villages = names_by_code(late, on=on)
    context = {
        "due": [] if is_wide else due[:MOST_DUE], "late": sorted((villages.get(code, code), n) for code, n in late.items()),
        "is_wide": is_wide, "page": page, "keeps": bool(areas_of(me(request), Duty.KEEP_SERVICES, at=at)),
        "rows": [(one, names.get(one.area_id), EVERY_TITLES[one.every], one.until is not None and one.until <= on) for one in page],
    }  # fmt: skip
    return private(render(request, "desk/routines/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_routine(request: HttpRequest) -> HttpResponse:
    """Set a round up: choose where, then what it is."""
    at = timezone.now()
    where = where_asked(request, at, Duty.KEEP_SERVICES)
    form = RoutineForm(
        request.POST if request.method == "POST" else None, units=_units(where["area"], at),
        initial={"since": local_day(at), "every": "month"},
    )  # fmt: skip
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made = actions.set_up(where["area"], form.plan(), by=me(request), at=at)
            return redirect("desk:routine", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return private(render(request, "desk/routines/new.html", {"form": form, "refusal": refusal} | where, status=status))


def _units(code: str, at: datetime) -> list[tuple[str, str]]:
    """Return the units of a village or of what is smaller; a wider area has too many to tick."""
    if not code or (len(code) == WIDE_DIGITS and code.endswith("000")):
        return []
    found = places(code, on=local_day(at), levels=[Level.UNIT])
    return [(place.code, place.name) for place in found if place.level == Level.UNIT and place.code.startswith(code)]


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def routine(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a round; ?unit= writes one down for that unit; on POST do that, or end the round."""
    at, unit = timezone.now(), request.GET.get("unit", "")[:18]
    on = local_day(at)
    found = routine_for(me(request), key, at=at)
    form = RoundForm(request.POST if request.POST.get("do") == "done" else None, initial={"on": on})
    refusal, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                actions.end(key, on=on, by=me(request), at=at)
                messages.success(request, _("The round has ended."))
                return redirect("desk:routine", key=key)
            if form.is_valid():
                said = form.cleaned_data
                actions.do_round(
                    key, unit, said["found"], on=said["on"], report=said["report"].strip(), by=me(request), at=at
                )
                messages.success(request, _("Written down."))
                return redirect("desk:rounds")
            status = 400
        except Refused as refused:
            refusal, status = refused.message, refused.status
    codes = [code for duty in (Duty.HANDLE_REPORTS, Duty.KEEP_SERVICES) for code in areas_of(me(request), duty, at=at)]
    page = page_of(request, rounds_of(found, codes, on=on), size=PAGE)
    names = names_by_area({one.area_id for one in page} | set(found.units.values_list("area", flat=True)), on=on)
    area = area_of(found.area_id, on=on)
    units = sorted(
        (names[key_].code, names[key_].name) for key_ in found.units.values_list("area", flat=True) if key_ in names
    )
    context = {
        "routine": found, "area": area, "every": EVERY_TITLES[found.every], "refusal": refusal, "form": form, "page": page,
        "unit": unit, "unit_name": dict(units).get(unit, ""), "units": units,
        "rows": [(one, names.get(one.area_id)) for one in page],
        "may_end": found.until is None and may(me(request), Duty.KEEP_SERVICES, in_area=area.code, at=at),
    }  # fmt: skip
    return private(render(request, "desk/routines/routine.html", context, status=status))
