"""What is asked when a change is asked for: other questions for each kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.systems.organisation.changes.rules import ELECTS, ChangeKind

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Offered:
    """What can be chosen: kinds that may stand below, seats, grids and units, organisations (by number), heirs of members."""

    kinds: Choices
    seats: Choices
    grounds: Choices
    sources: Choices
    others: Choices
    heirs: Choices


class ChangeForm(forms.Form):
    """Ask for a change of one kind; `founds` where it makes an organisation that wasn't there."""

    name = forms.CharField(
        label=_("Name of the new organisation"), max_length=60, error_messages={"required": _("Give it a name.")}
    )
    kind = forms.ChoiceField(label=_("Kind"))
    seat = forms.ChoiceField(label=_("Seat"))
    covers = forms.MultipleChoiceField(
        label=_("Grids and units it is to stand on"), widget=forms.CheckboxSelectMultiple, required=False
    )
    members_of = forms.MultipleChoiceField(
        label=_("Its members come from"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("All their members go over, or only those living in the units chosen below."),
    )  # fmt: skip
    living_in = forms.MultipleChoiceField(
        label=_("Only members living in"), widget=forms.CheckboxSelectMultiple, required=False
    )
    other = forms.ChoiceField(
        label=_("The organisation it takes in"), error_messages={"required": _("Choose the organisation.")}
    )
    members_to = forms.ChoiceField(label=_("Its members go to"), required=False)
    due = forms.DateField(
        label=_("The election is to be due on"), widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("At most a year before or after the day by rule."), error_messages={"required": _("Give the day.")},
    )  # fmt: skip

    def __init__(self, kind: ChangeKind, offered: Offered, founds: bool, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._founds_joint = founds and kind is ChangeKind.JOIN
        wanted = set(_asked(kind, founds))
        for name in list(self.fields):
            if name not in wanted:
                del self.fields[name]
        choices = {
            "kind": offered.kinds, "seat": offered.seats, "covers": offered.grounds, "members_of": offered.sources,
            "living_in": offered.grounds, "other": offered.others, "members_to": [("", _("it has no members")), *offered.heirs],
        }  # fmt: skip
        for name, found in choices.items():
            if name in self.fields:
                offer(self, name, found)

    def facts(self) -> dict[str, Any]:
        """Return what is to be, as the action takes it."""
        said = {key: value for key, value in self.cleaned_data.items() if value}
        return {key: str(value) if key == "due" else value for key, value in said.items()}


def _asked(kind: ChangeKind, founds: bool) -> list[str]:
    if kind.value in ELECTS:
        return ["due"]
    return {
        ChangeKind.SET_UP: ["name", "kind", "seat", "covers", "members_of", "living_in"],
        ChangeKind.SPLIT: ["name", "seat", "covers", "living_in"],
        ChangeKind.MERGE: ["other"],
        ChangeKind.JOIN: ["name", "seat", "covers", "members_of", "living_in"] if founds else ["covers"],
        ChangeKind.DISSOLVE: ["members_to"],
    }[kind]
