"""功能叠加 at the desk: what the rooms of a place are for on which days; add a function, leave a date out, end it."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.doors.offering import offer
from weiduan.outlook.insight.activity_words import FUNCTION_TITLES, LEFT_OUT_TITLES, when_words
from weiduan.outlook.insight.venue_words import DAY_TITLES
from weiduan.systems.governance.partners.queries import partners_for
from weiduan.systems.services.brands.queries import brands_for
from weiduan.systems.services.functions.actions import Facts, add_function, end_function
from weiduan.systems.services.functions.queries import dates_of, function_by_key, functions_of
from weiduan.systems.services.functions.rules import LONGEST_FOR_WHOM, LONGEST_NAME, LONGEST_RUN_BY
from weiduan.systems.venues.bookings.deciding import leave_out, take_in
from weiduan.systems.venues.facilities.queries import rooms_of

from .deeds import Deed, do_deed, offered_deeds
from .members_form import DAY
from .venues import Seen, kept_place
from .viewing import me, staff

TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class FunctionForm(forms.Form):
    """What a room is for, when, and for whom."""

    room = forms.TypedChoiceField(label=gettext_lazy("Which room"), coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("What the room is for then"), choices=list(FUNCTION_TITLES.items()))
    name = forms.CharField(
        label=gettext_lazy("Name of the function"), max_length=LONGEST_NAME, help_text=gettext_lazy("Everybody reads it on the timetable.")
    )  # fmt: skip
    run_by = forms.CharField(
        label=gettext_lazy("Who runs it"), max_length=LONGEST_RUN_BY, help_text=gettext_lazy("A post, a body or a team. No person's name.")
    )  # fmt: skip
    for_whom = forms.CharField(label=gettext_lazy("For whom it is"), max_length=LONGEST_FOR_WHOM)
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On which days of the week"), coerce=int, widget=forms.CheckboxSelectMultiple,
        choices=[(n, title) for n, title in enumerate(DAY_TITLES[:7])],
    )  # fmt: skip
    opens = forms.TimeField(label=gettext_lazy("From what time"), widget=TIME)
    closes = forms.TimeField(label=gettext_lazy("Until what time"), widget=TIME)
    since = forms.DateField(label=gettext_lazy("First day"), widget=DAY)
    partner = forms.ChoiceField(label=gettext_lazy("Partner that helps"), required=False)
    brand = forms.ChoiceField(label=gettext_lazy("Belongs to the brand"), required=False)

    def __init__(self, *arguments: Any, rooms: Any, partners: Any, brands: Any, **options: Any) -> None:
        """Offer the rooms of the place, and partners and brands of its area."""
        super().__init__(*arguments, **options)
        offer(self, "room", rooms)
        for name, offered in (("partner", partners), ("brand", brands)):
            if offered:
                offer(self, name, [("", "—"), *offered])
            else:
                del self.fields[name]

    def facts(self) -> Facts:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        minutes = {name: said[name].hour * 60 + said[name].minute for name in ("opens", "closes")}
        return Facts(
            kind=said["kind"], name=said["name"], run_by=said["run_by"], for_whom=said["for_whom"],
            weekdays=tuple(said["weekdays"]), since=said["since"], **minutes,
            partner=UUID(said["partner"]) if said.get("partner") else None, brand=UUID(said["brand"]) if said.get("brand") else None,
        )  # fmt: skip


class EndForm(forms.Form):
    """From which day on it has ended."""

    on = forms.DateField(label=gettext_lazy("From which day on"), widget=DAY)


class DateForm(forms.Form):
    """Which date is meant."""

    on = forms.ChoiceField(label=gettext_lazy("Which day"))

    def __init__(self, *arguments: Any, days: Any, **options: Any) -> None:
        """Offer those this can be done with."""
        super().__init__(*arguments, **options)
        offer(self, "on", [(str(day), f"{day}") for day in days])


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def functions(request: HttpRequest, key: UUID) -> HttpResponse:
    """List the functions of a place's rooms; whoever keeps it adds one."""
    seen = kept_place(request, key)
    deeds = {
        "add": Deed(
            _("Add a function"), partial(FunctionForm, **_choices(seen)), lambda form, said: _added(request, seen, form, said),
            _("Its dates are laid twelve weeks ahead."),
        )
    } if seen.keeps else {}  # fmt: skip
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, deeds)
        if not tried:
            return redirect("desk:functions", key=key)
    rows = [(one, FUNCTION_TITLES[one.kind], when_words(one)) for one in functions_of(key, on=seen.on)]
    context = {
        "here": seen.facility, "rows": rows, "crumbs": seen.below(_("Functions of the rooms")), "refusal": "",
        "deeds": offered_deeds(deeds, list(deeds), tried),
    }  # fmt: skip
    return render(request, "desk/functions/list.html", context | tried, status=tried.get("status", 200))


def _choices(seen: Seen) -> dict[str, Any]:
    return {
        "rooms": [(room.pk, room.name) for room in rooms_of(seen.facility.pk, on=seen.on)],
        "partners": [(str(one.pk), one.name) for one in partners_for(seen.code, on=seen.on)],
        "brands": [(str(one.pk), one.name) for one in brands_for(seen.code, on=seen.on)], "initial": {"since": seen.on},
    }  # fmt: skip


def _added(request: HttpRequest, seen: Seen, form: Any, said: dict[str, Any]) -> None:
    add_function(said["room"], form.facts(), by=me(request), at=seen.at)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def function(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a function with its dates; whoever keeps the place leaves one out, takes one in again, or ends it."""
    found = function_by_key(key)
    seen = kept_place(request, found.room.facility_id)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _deeds(request, found, seen))
        if not tried:
            return redirect("desk:function", key=key)
        found = function_by_key(key)
    deeds = _deeds(request, found, seen)
    context = {
        "function": found, "here": seen.facility, "kind": FUNCTION_TITLES[found.kind], "when": when_words(found), "refusal": "",
        "rows": [(one, LEFT_OUT_TITLES.get(one.why, "")) for one in dates_of(found, at=seen.at)],
        "crumbs": [
            *seen.below("")[:-1], (_("Functions of the rooms"), reverse("desk:functions", args=[seen.facility.pk])), (found.name, None)
        ],
        "deeds": offered_deeds(deeds, list(deeds), tried),
    }  # fmt: skip
    return render(request, "desk/functions/function.html", context | tried, status=tried.get("status", 200))


def _deeds(request: HttpRequest, found: Any, seen: Seen) -> dict[str, Deed]:
    """Return what whoever keeps the place may do with a function now."""
    if not seen.keeps:
        return {}
    dates = {one.on: one for one in dates_of(found, at=seen.at)}
    held = [on for on, one in dates.items() if not one.why]
    out = [on for on, one in dates.items() if one.why and one.booking]
    how: dict[str, Any] = {"by": me(request), "at": seen.at}

    def booking(day: str) -> tuple[Any, date]:
        on = date.fromisoformat(day)
        return dates[on].booking, on

    deeds = {
        "leave_out": Deed(
            _("Leave a date out"), partial(DateForm, days=held),
            lambda _form, said: leave_out(*booking(said["on"]), **how), _("Left out."),
        ),
        "take_in": Deed(
            _("Take a date in again"), partial(DateForm, days=out),
            lambda _form, said: take_in(*booking(said["on"]), **how), _("Taken in."),
        ),
        "end": Deed(
            _("End the function"), partial(EndForm, initial={"on": seen.on}),
            lambda _form, said: end_function(found.pk, said["on"], **how), _("Ended. Later dates are free."),
        ),
    }  # fmt: skip
    wanted = {"leave_out": bool(held), "take_in": bool(out), "end": found.until is None}
    return {name: deed for name, deed in deeds.items() if wanted[name]}
