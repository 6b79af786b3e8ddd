"""Giving a post, and ending one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from weiduan.doors.offering import offer

from .members_form import DAY, OnForm

MOST_LISTED = 300  # members in a select; where there are more, the number is written


class Lines(forms.CharField):
    """A list, one thing a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 6}), required=False, max_length=6_000, **options)

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class GiveForm(forms.Form):
    """Who takes a post up, when, and what whoever held it hands over."""

    person = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    number = forms.CharField(
        label=gettext_lazy("Or the number of somebody kept already"), required=False, max_length=30
    )
    name = forms.CharField(
        label=gettext_lazy("Or the name of somebody not kept yet"), required=False, max_length=40,
        help_text=gettext_lazy("For posts that need no membership. Only the name and a telephone are kept, sealed."),
    )  # fmt: skip
    contact = forms.CharField(label=gettext_lazy("Telephone"), required=False, max_length=20)
    since = forms.DateField(label=gettext_lazy("From which day"), widget=DAY)
    due = forms.DateField(label=gettext_lazy("Until when the term lasts"), widget=DAY, required=False)
    handover = Lines(
        label=gettext_lazy("What is handed over"),
        help_text=gettext_lazy(
            "One thing a line. Strike out what there is none of, add what is missing. Name no person."
        ),
    )

    def __init__(
        self, data: Any, *, today: date, members: Sequence[tuple[str, str]], open_to_others: bool, has_term: bool,
        proposed: Sequence[str],
    ) -> None:  # fmt: skip
        """Ask only what applies.

        members         (number, name) to choose from
        open_to_others  whether somebody who is no member can hold it
        has_term        whether the organisation's term says when it ends
        proposed        what is handed over; empty where nobody steps down
        """
        super().__init__(data, initial={"since": today, "handover": "\n".join(proposed)})
        listed = 0 < len(members) <= MOST_LISTED
        choices = [("", "—"), *((number, f"{name}（{number}）") for number, name in members)]
        offer(self, "person", choices if listed else [])
        if not open_to_others and not listed:
            self.fields["number"].label = gettext_lazy("Number of the member")
        without = {
            "person": not listed, "number": listed and not open_to_others, "name": not open_to_others,
            "contact": not open_to_others, "due": has_term, "handover": not proposed,
        }  # fmt: skip
        for field, is_left_out in without.items():
            if is_left_out:
                del self.fields[field]
        if open_to_others and listed:
            self.fields["person"].label = gettext_lazy("A member living here")
        if not open_to_others:
            self.fields["person" if listed else "number"].required = True

    def clean(self) -> dict[str, Any]:
        """Exactly one way of saying who."""
        data = super().clean() or {}
        first = next(iter(self.fields))
        if first not in self.errors and not any(data.get(key) for key in ("person", "number", "name")):
            self.add_error(first, gettext_lazy("Say who."))
        if data.get("person") and (data.get("number") or data.get("name")):
            self.add_error("person", gettext_lazy("Choose somebody, or write number and name; not both."))
        return data

    def who(self) -> dict[str, Any]:
        """Return number, name and contact as said."""
        said = self.cleaned_data
        return {
            "number": said.get("person") or said.get("number", ""), "name": said.get("name", ""),
            "contact": said.get("contact", ""),
        }  # fmt: skip


class EndForm(OnForm):
    """From which day a post ends, and what is handed over."""

    do = "end"
    handover = Lines(
        label=gettext_lazy("What is handed over"),
        help_text=gettext_lazy(
            "One thing a line. Strike out what there is none of, add what is missing. Name no person."
        ),
    )
    field_order = ("on", "handover")
