"""What is asked when a room is booked: the same questions for residents and at the desk."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.outlook.insight.venue_words import USE_TITLES, WHO_TITLES
from weiduan.systems.venues.bookings.actions import Wish
from weiduan.systems.venues.bookings.queries import QUARTER_MIN
from weiduan.systems.venues.bookings.rules import HORIZON, LONGEST_WHAT, MOST_DATES, Frequency, Repeat, Who
from weiduan.systems.venues.facilities.rules import LONGEST_NAME, NOT_BOOKED_FOR, Use
from weiduan.systems.venues.hours.queries import opening_of
from weiduan.systems.venues.hours.rules import DAY_MIN, clock, minutes_of

REPEATS = {
    "weekly": (Frequency.WEEKLY, 1, _("every week")),
    "fortnightly": (Frequency.WEEKLY, 2, _("every second week")),
    "monthly": (Frequency.MONTHLY, 1, _("every month on the same weekday")),
}
REPEATING = ("repeat", "count", "skip")
LONGEST_CONTACT = 40
A_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
LEFT_BETWEEN = re.compile(r"[\s,，、;；和]*")
DIGITS = {"inputmode": "numeric", "autocomplete": "off"}


class WholeNumber(forms.IntegerField):
    """A whole number typed with any digits, full-width ones too."""

    widget = forms.TextInput(attrs=DIGITS)

    def to_python(self, value: Any) -> int | None:
        return super().to_python(unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else value)


class Days(forms.CharField):
    """Dates in any order, with anything usual between them."""

    def clean(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().clean(value))
        try:
            days = frozenset(date(*(int(part) for part in found)) for found in A_DAY.findall(text))
        except ValueError as error:
            raise forms.ValidationError(_("Write each day like 2018-10-31.")) from error
        if not LEFT_BETWEEN.fullmatch(A_DAY.sub("", text)):
            raise forms.ValidationError(_("Write each day like 2018-10-31."))
        return days


class BookingForm(forms.Form):
    """When, what for, who, how often."""

    on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the day."), "invalid": _("Choose the day.")},
    )  # fmt: skip
    opens = forms.ChoiceField(label=_("From what time"))
    closes = forms.ChoiceField(label=_("Until what time"))
    what = forms.CharField(
        label=_("What is it?"), max_length=LONGEST_WHAT, help_text=_("Everybody reads it on the timetable. Name no person."),
        error_messages={"required": _("Say what it is, for example: reading circle.")},
    )  # fmt: skip
    use = forms.ChoiceField(label=_("Kind of use"))
    who = forms.ChoiceField(
        label=_("Who books"), widget=forms.RadioSelect, error_messages={"required": _("Say who books.")}
    )
    organisation = forms.ChoiceField(label=_("Which organisation"), required=False)
    group = forms.CharField(
        label=_("Name of the group"), max_length=LONGEST_NAME, required=False,
        help_text=_("Needed if a group books. Only counted, so that every group gets its share of hours; the name is not kept."),
    )  # fmt: skip
    people = WholeNumber(
        label=_("How many people"), required=False, min_value=1, max_value=5000,
        error_messages={"invalid": _("Write a whole number, for example 12.")},
    )  # fmt: skip
    repeat = forms.ChoiceField(label=_("Repeats"), required=False)
    count = WholeNumber(
        label=_("How many times in all"), required=False, min_value=2, max_value=MOST_DATES,
        error_messages={"invalid": _("Write a whole number, for example 12.")},
    )  # fmt: skip
    skip = Days(
        label=_("Days to leave out"),
        required=False,
        max_length=800,
        help_text=_("For example: 2018-10-31, 2018-11-07."),
    )
    unit = forms.ChoiceField(label=_("For which unit"), required=False)
    contact = forms.CharField(
        label=_("Telephone"), required=False, max_length=LONGEST_CONTACT,
        help_text=_("Only if you wish to be reached. Sealed; a keeper reads it only for a reason, and you see that it was read. "
                    "Erased 30 days after the last day."),
    )  # fmt: skip

    def __init__(
        self, data: Any, *, room: Any, today: date, whos: Sequence[Who], units: Sequence[tuple[str, str]] = (),
        organisations: Sequence[tuple[str, str]] = (), contact: bool = True, initial: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Ask for one room.

        units, organisations  (code or number, name) to choose from; without any they are not asked for
        """
        near = bookable_day(_day(data or initial) or today, today)
        times = _quarters(room, near)
        use = room.use if Use(room.use) not in NOT_BOOKED_FOR else Use.OTHER.value
        super().__init__(data, initial={"use": use, "who": whos[0].value, **initial})
        choices: dict[str, list[Any]] = {
            "opens": [("", "—"), *times], "closes": [("", "—"), *times],
            "use": [(key, word) for key, word in USE_TITLES.items() if Use(key) not in NOT_BOOKED_FOR],
            "who": [(who.value, WHO_TITLES[who.value]) for who in whos],
            "repeat": [("", _("once only")), *((key, word) for key, (_every, _by, word) in REPEATS.items())],
            "unit": [("", "—"), *units], "organisation": [("", "—"), *organisations],
        }  # fmt: skip
        for name, offered in choices.items():
            offer(self, name, offered)
        for name in ("opens", "closes"):
            self.fields[name].error_messages |= {"required": _("Choose the time.")}
        self.fields["on"].widget.attrs |= {"min": today.isoformat()}
        unasked = {"unit": not units, "organisation": not organisations, "contact": not contact}
        for name, is_left_out in unasked.items():
            if is_left_out:
                del self.fields[name]

    @property
    def asked_first(self) -> list[forms.BoundField]:
        """What everybody is asked."""
        return [field for field in self.visible_fields() if field.name not in REPEATING]

    @property
    def asked_of_some(self) -> list[forms.BoundField]:
        """What only those are asked who come more than once."""
        return [self[name] for name in REPEATING]

    @property
    def repeats(self) -> bool:
        """Whether some of that was filled in, or is wrong."""
        return any(field.value() or field.errors for field in self.asked_of_some)

    def clean(self) -> dict[str, Any]:
        """What only fits together."""
        said = super().clean() or {}
        if said.get("opens") and said.get("closes") and said["opens"] >= said["closes"]:
            self.add_error("closes", _("It ends after it begins."))
        if said.get("who") in (Who.GROUP.value, Who.BODY.value) and not said.get("group", "").strip():
            self.add_error("group", _("Say what the group is called."))
        if said.get("who") == Who.ORGANISATION.value and not said.get("organisation"):
            self.add_error(
                "who" if "organisation" not in self.fields else "organisation", _("Choose the organisation.")
            )
        if said.get("repeat") and not said.get("count") and "count" not in self.errors:
            self.add_error("count", _("Say how many times in all, from 2 to %(n)s.") % {"n": MOST_DATES})
        return said

    def wish(self, *, units: Mapping[str, int], organisation: Any = None) -> Wish:
        """Return what was asked for; `units`: code → key."""
        said = self.cleaned_data
        frequency, interval, _word = REPEATS.get(said["repeat"], (None, 1, ""))
        return Wish(
            what=said["what"], use=Use(said["use"]), who=Who(said["who"]), on=said["on"], opens=minutes_of(said["opens"]),
            closes=minutes_of(said["closes"]), group=said["group"].strip() if organisation is None else "",
            organisation=organisation, people=said["people"],
            repeat=Repeat(frequency, interval, said["count"]) if frequency else None, skip=said["skip"],
            unit=units.get(said.get("unit", "")), contact=said.get("contact", ""),
        )  # fmt: skip


def bookable_day(day: date, today: date) -> date:
    """Keep a day within what can be booked: from today, a year ahead."""
    return min(max(day, today), today + HORIZON)


def _day(said: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(str(said.get("on", "")))
    except ValueError:
        return None


def _quarters(room: Any, near: date) -> list[tuple[str, str]]:
    """Return the quarter hours between the first opening and the last closing of the week around a day."""
    days = [near + timedelta(days=n) for n in range(7)]
    opening = opening_of(room.facility_id, since=days[0], until=days[-1] + timedelta(days=1))
    spans = [span for on in days for span in opening.spans(on, room=room.pk)] or [(0, DAY_MIN)]
    first, last = min(opens for opens, _closes in spans), max(closes for _opens, closes in spans)
    return [(clock(m), clock(m)) for m in range(first // QUARTER_MIN * QUARTER_MIN, last + 1, QUARTER_MIN)]
