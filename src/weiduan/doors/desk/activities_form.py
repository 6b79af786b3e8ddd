"""What is written down about an activity."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.doors.booking_form import REPEATS
from weiduan.doors.offering import offer
from weiduan.outlook.insight.activity_words import KIND_TITLES, READ_FOR_TITLES
from weiduan.systems.governance.deliberation.rules import LONGEST_TEXT
from weiduan.systems.governance.deliberation.rules import LONGEST_TITLE as LONGEST_TOPIC
from weiduan.systems.services.activities.planning import Plan
from weiduan.systems.services.activities.rules import (
    LONGEST_HOST,
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TITLE,
    LONGEST_WORDS,
    MOST_DATES,
    MOST_SEATS,
    MOST_WAITING,
)
from weiduan.systems.venues.bookings.rules import Repeat

from .ballots_form import WHEN
from .members_form import DAY

Choices = Iterable[tuple[str, Any]]
OPTIONAL = ("words", "waiting_capacity", "sign_up_until", "brand", "organisation", "partner")


class PlanForm(forms.Form):
    """What is on, when, where, and for how many."""

    title = forms.CharField(label=_("What is it called?"), max_length=LONGEST_TITLE)
    kind = forms.ChoiceField(label=_("What sort of activity"), choices=list(KIND_TITLES.items()))
    host = forms.CharField(
        label=_("Who holds it"), max_length=LONGEST_HOST, help_text=_("A post, a body, a team or an organisation. No person's name.")
    )  # fmt: skip
    starts_at = forms.DateTimeField(label=_("It begins at"), widget=WHEN)
    ends_at = forms.DateTimeField(label=_("It ends at"), widget=WHEN)
    room = forms.ChoiceField(
        label=_("Book a room for it"), required=False, help_text=_("Then nothing else can be there. Needs the duty to keep the place.")
    )  # fmt: skip
    place = forms.CharField(
        label=_("Where, in words"), max_length=LONGEST_PLACE, required=False, help_text=_("Not needed with a room of ours.")
    )  # fmt: skip
    capacity = forms.IntegerField(
        label=_("Places to sign up for"), required=False, min_value=1, max_value=MOST_SEATS,
        help_text=_("Leave it empty where everybody can just come."),
    )  # fmt: skip
    waiting_capacity = forms.IntegerField(
        label=_("How many may wait"), required=False, min_value=0, max_value=MOST_WAITING
    )
    sign_up_until = forms.DateTimeField(
        label=_("One can sign up until"), required=False, widget=WHEN, help_text=_("Empty: until it begins.")
    )
    words = forms.CharField(
        label=_("What to expect, what to bring"), max_length=LONGEST_WORDS, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )  # fmt: skip
    brand = forms.ChoiceField(label=_("Belongs to the brand"), required=False)
    organisation = forms.ChoiceField(label=_("Party organisation that holds it"), required=False)
    partner = forms.ChoiceField(label=_("Partner that helps"), required=False)

    def __init__(self, *arguments: Any, choices: Mapping[str, Sequence[Any]], **options: Any) -> None:
        """Offer rooms, brands, organisations and partners of the area; what has none to offer isn't asked."""
        super().__init__(*arguments, **options)
        for name, offered in choices.items():
            if offered:
                offer(self, name, [("", "—"), *offered])
            else:
                del self.fields[name]

    @property
    def asked_first(self) -> list[forms.BoundField]:
        """What every activity needs."""
        return [field for field in self.visible_fields() if field.name not in self._more]

    @property
    def asked_of_some(self) -> list[forms.BoundField]:
        """What some activities have."""
        return [field for field in self.visible_fields() if field.name in self._more]

    @property
    def _more(self) -> tuple[str, ...]:
        return OPTIONAL

    @property
    def has_more(self) -> bool:
        """Whether some of that was filled in, or is wrong."""
        return any(field.value() or field.errors for field in self.asked_of_some)

    def clean(self) -> dict[str, Any]:
        """What only fits together."""
        said = super().clean() or {}
        if said.get("starts_at") and said.get("ends_at") and said["ends_at"] <= said["starts_at"]:
            self.add_error("ends_at", _("It ends after it begins."))
        if not said.get("place", "").strip() and not said.get("room") and "place" not in self.errors:
            self.add_error("place", _("Say where it is, or choose a room."))
        return said

    def wanted(self) -> Plan:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        return Plan(
            title=said["title"], kind=said["kind"], host=said["host"], starts_at=said["starts_at"], ends_at=said["ends_at"],
            words=said["words"], place=said["place"], room=int(said["room"]) if said.get("room") else None,
            capacity=said["capacity"], waiting_capacity=said["waiting_capacity"] or 0, sign_up_until=said["sign_up_until"],
            brand=UUID(said["brand"]) if said.get("brand") else None, organisation=said.get("organisation", ""),
            partner=UUID(said["partner"]) if said.get("partner") else None,
        )  # fmt: skip


class NewForm(PlanForm):
    """A new activity, once or again and again."""

    opens = forms.BooleanField(label=_("Residents can sign up at once"), required=False)
    repeat = forms.ChoiceField(label=_("Comes again"), required=False)
    count = forms.IntegerField(label=_("How many times in all"), required=False, min_value=2, max_value=MOST_DATES)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer how it can come again."""
        super().__init__(*arguments, **options)
        repeats = [(key, word) for key, (_every, _by, word) in REPEATS.items()]
        offer(self, "repeat", [("", _("only once")), *repeats])

    @property
    def _more(self) -> tuple[str, ...]:
        return (*OPTIONAL, "repeat", "count")

    def clean(self) -> dict[str, Any]:
        """What only fits together."""
        said = super().clean()
        if said.get("repeat") and not said.get("count") and "count" not in self.errors:
            self.add_error("count", _("Say how many times in all, from 2 to %(n)s.") % {"n": MOST_DATES})
        if said.get("opens") and not said.get("capacity") and "capacity" not in self.errors:
            self.add_error("capacity", _("Say how many places there are to sign up for."))
        return said

    def repeating(self) -> Repeat | None:
        """Return how it comes again, None where it doesn't."""
        said = self.cleaned_data
        if not said["repeat"]:
            return None
        frequency, interval, _word = REPEATS[said["repeat"]]
        return Repeat(frequency, interval, said["count"])


def told_of(activity: Any) -> dict[str, Any]:
    """Return what stands there so far, for the form that changes it."""
    names = ("title", "kind", "host", "place", "capacity", "waiting_capacity", "words")
    told = {name: getattr(activity, name) for name in names}
    moments = {
        name: timezone.localtime(getattr(activity, name)) if getattr(activity, name) else None
        for name in ("starts_at", "ends_at", "sign_up_until")
    }
    return told | moments | {
        "room": str(activity.booking.room_id) if activity.booking else "", "brand": str(activity.brand_id or ""),
        "organisation": activity.organisation.number if activity.organisation else "", "partner": str(activity.partner_id or ""),
    }  # fmt: skip


class NothingForm(forms.Form):
    """Nothing is asked."""


class ReasonForm(forms.Form):
    """Why it is called off."""

    reason = forms.CharField(
        label=_("Why it is called off"), max_length=LONGEST_REASON, help_text=_("Everybody reads it; whoever signed up is told.")
    )  # fmt: skip


class EndSeriesForm(ReasonForm):
    """From which day on a series has no dates, and why."""

    until = forms.DateField(label=_("No dates from this day on"), widget=DAY)
    field_order = ("until", "reason")


class CountForm(forms.Form):
    """How many came."""

    attended = forms.IntegerField(label=_("How many came in all"), min_value=0, max_value=100_000)
    walk_ins = forms.IntegerField(label=_("How many of them had not signed up"), min_value=0, max_value=100_000, initial=0)  # fmt: skip


class AfterForm(forms.Form):
    """What it was like."""

    words = forms.CharField(
        label=_("What was it like?"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody reads it. Name no person."),
    )  # fmt: skip


class TopicForm(forms.Form):
    """Something that was said, to be talked over."""

    title = forms.CharField(label=_("In one line: what should be talked over?"), max_length=LONGEST_TOPIC)
    text = forms.CharField(
        label=_("What was said there"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Name no person.")
    )  # fmt: skip


class ReadForm(forms.Form):
    """Whose contact is read, and what for."""

    number = forms.TypedChoiceField(label=_("Whose"), coerce=int)
    reason = forms.ChoiceField(label=_("What it is read for"), choices=list(READ_FOR_TITLES.items()))

    def __init__(self, *arguments: Any, numbers: Choices, **options: Any) -> None:
        """Offer those who left one."""
        super().__init__(*arguments, **options)
        offer(self, "number", numbers)
