"""What is written down about teams and shifts."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.systems.services.volunteers.rules import (
    LONGEST_NAME,
    LONGEST_PLACE,
    LONGEST_POST,
    LONGEST_TELEPHONE,
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_MINUTES,
    MOST_PLACES,
)
from weiduan.systems.services.volunteers.shifts import Plan
from weiduan.systems.services.volunteers.teams import Facts

from .ballots_form import WHEN
from .members_form import DAY

Choices = Iterable[tuple[str, Any]]


class TeamForm(forms.Form):
    """What a team is called and does."""

    name = forms.CharField(label=_("Name of the team"), max_length=LONGEST_NAME)
    words = forms.CharField(
        label=_("What it does, as residents read it"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4})
    )  # fmt: skip
    post = forms.CharField(label=_("Which post to turn to"), max_length=LONGEST_POST, help_text=_("No person's name."))
    telephone = forms.CharField(label=_("Telephone of the office"), max_length=LONGEST_TELEPHONE, required=False)
    brand = forms.ChoiceField(label=_("Belongs to the brand"), required=False)

    def __init__(self, *arguments: Any, brands: Choices, **options: Any) -> None:
        """Offer the brands of the area."""
        super().__init__(*arguments, **options)
        offer(self, "brand", [("", "—"), *brands])

    def facts(self) -> Facts:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        return Facts(
            said["name"], said["words"], said["post"], said["telephone"], UUID(said["brand"]) if said["brand"] else None
        )


class ShiftForm(forms.Form):
    """When and where how many are needed."""

    what = forms.CharField(label=_("What is done"), max_length=LONGEST_WHAT)
    place = forms.CharField(label=_("Where to meet"), max_length=LONGEST_PLACE)
    starts_at = forms.DateTimeField(label=_("It begins"), widget=WHEN)
    ends_at = forms.DateTimeField(label=_("It ends"), widget=WHEN)
    least = forms.IntegerField(label=_("How many are needed at least"), min_value=0, max_value=MOST_PLACES)
    most = forms.IntegerField(label=_("How many at most"), min_value=1, max_value=MOST_PLACES)

    def plan(self, activity: UUID | None = None) -> Plan:
        """Return what was written as the action takes it."""
        return Plan(**self.cleaned_data, activity=activity)


class EndForm(forms.Form):
    """From which day on there is none any more."""

    on = forms.DateField(label=_("From which day on"), widget=DAY)


def minutes_in(sent: Any, places: Iterable[Any]) -> dict[int, int]:
    """Return place → minutes as written beside each name; empty or 0 means that somebody didn't come.

    :raises ValueError: something is no number of minutes
    """
    found = {}
    for place in places:
        text = sent.get(f"minutes-{place.pk}", "").strip()
        if text and int(text):
            found[place.pk] = int(text)
    return found


def minutes_between(starts: datetime, ends: datetime) -> int:
    """Return how long a shift lasts, which is what is offered first."""
    return min(int((ends - starts).total_seconds() // 60), MOST_MINUTES)
