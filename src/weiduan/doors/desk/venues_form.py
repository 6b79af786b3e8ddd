"""What is written down about places, their rooms, hours and photos."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.outlook.insight.places_kept import UnitNear
from weiduan.outlook.insight.venue_words import ACCESS_TITLES, DAY_TITLES, EQUIPMENT_TITLES, USE_TITLES
from weiduan.outlook.insight.words import CONSENT_TITLES
from weiduan.systems.venues.facilities.actions import RoomFacts
from weiduan.systems.venues.facilities.rules import LONGEST_NAME, LONGEST_WAY, Use
from weiduan.systems.venues.hours.rules import DAY_MIN, Span, clock, minutes_of
from weiduan.systems.venues.premises.rules import LONGEST_CONDITION

from .members_form import DAY

PARTS = 2  # spans of a day that can be typed in
USUAL = {day: [(9 * 60, 12 * 60), (14 * 60, 17 * 60 + 30)] for day in range(5)}  # proposed where none are set


class CentreForm(forms.Form):
    """Found a community service centre."""

    name = forms.CharField(label=_("Name of the centre"), max_length=LONGEST_NAME)
    address = forms.CharField(label=_("Address"), max_length=100, required=False)
    on = forms.DateField(label=_("Open from which day"), widget=DAY)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today})


class FactsForm(forms.Form):
    """What a place says about itself."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    address = forms.CharField(label=_("Address"), max_length=100, required=False)
    way = forms.CharField(
        label=_("How to get there"), max_length=LONGEST_WAY, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In words: which gate, which door, which bus."),
    )  # fmt: skip
    telephone = forms.CharField(
        label=_("Telephone"), max_length=30, required=False, help_text=_("Of the office. Never a person's own: it is public."),
    )  # fmt: skip
    lon = forms.FloatField(label=_("Longitude"), required=False, help_text=_("WGS 84, for example 104.25130"))
    lat = forms.FloatField(label=_("Latitude"), required=False, help_text=_("WGS 84, for example 30.88350"))
    access = forms.MultipleChoiceField(
        label=_("Access"), choices=list(ACCESS_TITLES.items()), required=False, widget=forms.CheckboxSelectMultiple
    )
    equipment = forms.MultipleChoiceField(
        label=_("Equipment"),
        choices=list(EQUIPMENT_TITLES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quota_hours = forms.IntegerField(
        label=_("Hours one group may have booked ahead"), required=False, min_value=1, max_value=10_000,
        help_text=_("So that others can book too. Left empty: as many as it likes."),
    )  # fmt: skip


class RoomForm(forms.Form):
    """A room: what it is called, what for, how large, whether it can be booked."""

    name = forms.CharField(label=_("Name of the room"), max_length=LONGEST_NAME)
    use = forms.ChoiceField(label=_("What it is for"), choices=list(USE_TITLES.items()))
    area_m2 = forms.DecimalField(label=_("Floor in square metres"), max_digits=8, decimal_places=2)
    seats = forms.IntegerField(label=_("Seats"), required=False)
    bookable = forms.BooleanField(label=_("Residents and organisations can book it"), required=False)
    confirms = forms.BooleanField(label=_("A keeper confirms what residents book"), required=False, initial=True)
    buffer_min = forms.IntegerField(
        label=_("Minutes kept free after each booking"), initial=0, help_text=_("For airing and tidying up.")
    )
    on = forms.DateField(label=_("From which day"), widget=DAY)

    def facts(self) -> RoomFacts:
        """Return the room as it shall be; call it once the form is valid."""
        said = dict(self.cleaned_data)
        del said["on"]
        return RoomFacts(**said | {"use": Use(said["use"])})


class EndForm(forms.Form):
    """The day from which something is no more."""

    on = forms.DateField(label=_("From which day"), widget=DAY)


class MoveForm(EndForm):
    """The next step in the life of a place, from a day on."""

    to = forms.ChoiceField(label=_("Next step"))

    def __init__(self, data: Any = None, *, today: date, moves: Sequence[tuple[str, str]]) -> None:
        super().__init__(data, initial={"on": today}, auto_id="id_move_%s")
        offer(self, "to", moves)


class UnitsForm(EndForm):
    """Which units are served, from a day on."""

    serves = forms.MultipleChoiceField(label=_("Units"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, units: Sequence[UnitNear], today: date, **options: Any) -> None:
        super().__init__(data, initial={"on": today, "serves": [unit.code for unit in units if unit.served]}, **options)
        offer(self, "serves", [(unit.code, self._title(unit)) for unit in units])
        self._keys = {unit.code: unit.key for unit in units}

    @staticmethod
    def _title(unit: UnitNear) -> str:
        if unit.metres is None:
            return unit.name
        return gettext("%(name)s, %(metres)s m on foot") % {"name": unit.name, "metres": unit.metres}

    def chosen(self) -> dict[str, int]:
        """Return code → key of the chosen units; call it once the form is valid."""
        return {code: self._keys[code] for code in self.cleaned_data["serves"]}


class VisitForm(forms.Form):
    """What somebody who went to a room found."""

    consent = forms.ChoiceField(label=_("What the owner says"), choices=list(CONSENT_TITLES.items()))
    rent = forms.DecimalField(
        label=_("Rent in yuan a month"), required=False, max_digits=9, decimal_places=2, min_value=0,
        help_text=_("0 where there is none; left empty where nobody knows yet."),
    )  # fmt: skip
    condition = forms.CharField(
        label=_("Condition of the room"), required=False, max_length=LONGEST_CONDITION,
        help_text=_("Water, electricity, damp, fire safety. Name no person."),
    )  # fmt: skip


class PlanForm(UnitsForm):
    """Plan a micro-venue: what it is called, and which units it shall serve."""

    name = forms.CharField(label=_("Name of the micro-venue"), max_length=LONGEST_NAME)
    field_order = ("name", "serves", "on")
    made: UUID | None = None  # the place, once it is planned

    def __init__(self, data: Any = None, *, name: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.initial["name"] = name


class ClockField(forms.CharField):
    """A time of day as minutes from midnight; None where it is left empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=forms.TimeInput(attrs={"type": "time"}), **options)

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        try:
            return minutes_of(said[:5]) if said else None
        except ValueError as error:
            raise forms.ValidationError(_("Write a time of day, for example 08:30.")) from error


def span_of(opens: int | None, closes: int | None) -> Span | None:
    """Return the span two times make, None where both are empty; midnight as an end is the end of the day.

    :raises ValueError: one is missing, or the end isn't after the beginning
    """
    if opens is None and closes is None:
        return None
    if opens is None or closes is None or opens >= (closes or DAY_MIN):
        raise ValueError((opens, closes))
    return opens, closes or DAY_MIN


class SpansForm(forms.Form):
    """A form that takes in spans of days; `days` is name → title."""

    days: Mapping[str, Any] = {}

    def add_times(self, spans: Mapping[str, Sequence[Span]]) -> None:
        """Add the fields, filled in with these spans."""
        for day, title in self.days.items():
            for part in range(PARTS):
                now = spans.get(day, ())[part : part + 1]
                for end, word in enumerate((_("Opens"), _("Closes"))):
                    text = clock(now[0][end] % DAY_MIN) if now else ""
                    self.fields[f"{day}_{part}_{end}"] = ClockField(label=f"{title} {word}", initial=text)

    def clean(self) -> dict[str, Any]:
        """Read the spans; what can't be one is said beside its beginning."""
        said = super().clean() or {}
        spans: dict[str, list[Span]] = {day: [] for day in self.days}
        for day in self.days:
            for part in range(PARTS):
                try:
                    span = span_of(*(said.get(f"{day}_{part}_{end}") for end in (0, 1)))
                except ValueError:
                    if not any(self.has_error(f"{day}_{part}_{end}") for end in (0, 1)):
                        self.add_error(f"{day}_{part}_0", _("Hours begin before they end: for example 08:30 to 12:00."))
                else:
                    spans[day] += [span] if span else []
        return said | {"spans": spans}

    def rows(self) -> Iterator[tuple[Any, list[forms.BoundField]]]:
        """Return (day, its times) in order."""
        for day, title in self.days.items():
            yield title, [self[f"{day}_{part}_{end}"] for part in range(PARTS) for end in (0, 1)]


class WeekForm(SpansForm):
    """The hours of a week: two spans a day, holidays last."""

    days = {f"d{day}": title for day, title in enumerate(DAY_TITLES)}
    on = forms.DateField(label=_("From which day"), widget=DAY)

    def __init__(self, data: Any = None, *, today: date, week: Mapping[int, Sequence[Span]]) -> None:
        super().__init__(data, initial={"on": today})
        self.add_times({f"d{day}": spans for day, spans in (week or USUAL).items()})

    def week(self) -> dict[int, list[Span]]:
        """Return day → spans; call it once the form is valid."""
        return {int(day[1:]): spans for day, spans in self.cleaned_data["spans"].items()}


class DateForm(SpansForm):
    """Other hours on one date, or closed."""

    days = {"other": _("That day")}
    on = forms.DateField(label=_("Day"), widget=DAY)
    room = forms.TypedChoiceField(label=_("Which room"), required=False, coerce=int, empty_value=None)
    reason = forms.CharField(
        label=_("Why"), max_length=100, help_text=_("Everybody reads it, and so do those who booked.")
    )

    def __init__(self, data: Any = None, *, today: date, rooms: Iterable[tuple[int, str]]) -> None:
        super().__init__(data, initial={"on": today}, auto_id="id_date_%s")
        offer(self, "room", [("", _("the whole place")), *rooms])
        self.add_times({})


class UsualForm(forms.Form):
    """The date on which the usual hours hold again: “2018-11-06/” or, of one room, “2018-11-06/12”."""

    when = forms.CharField(max_length=40)

    def clean_when(self) -> tuple[date, int | None]:
        """Return the date and the key of the room."""
        day, _slash, room = str(self.cleaned_data["when"]).partition("/")
        try:
            return date.fromisoformat(day), int(room) if room else None
        except ValueError as error:
            raise forms.ValidationError(_("Choose what to do.")) from error


class PhotoForm(forms.Form):
    """A photo and the words for it."""

    file = forms.FileField(
        label=_("Picture"), widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP, at most 12 MB. Place, time and device are taken out."),
    )  # fmt: skip
    words = forms.CharField(
        label=_("What is to be seen"), max_length=100,
        help_text=_("For those who can't see it. No picture in which somebody can be recognised."),
    )  # fmt: skip
