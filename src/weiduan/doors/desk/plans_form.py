"""What a person asking for a plan may choose, fix and change."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from weiduan.doors.offering import offer
from weiduan.outlook.proposals.rules import GROUP_LIMITS, Ask, Wishes
from weiduan.outlook.proposals.words import LIMIT_TITLES

ASK_TITLES = {
    Ask.ORGANISE.value: gettext_lazy("groups and branches, so that every unit is covered"),
    Ask.VENUES.value: gettext_lazy("rooms for micro-venues, so that every unit has one within reach"),
    Ask.HEADS.value: gettext_lazy("heads for grids whose grid worker is no member"),
}


class AskForm(forms.Form):
    """Ask for a plan of an area."""

    area = forms.ChoiceField(label=gettext_lazy("Area"))
    asks = forms.MultipleChoiceField(
        label=gettext_lazy("What to plan"), widget=forms.CheckboxSelectMultiple, choices=list(ASK_TITLES.items()),
        error_messages={"required": gettext_lazy("Choose what to plan.")},
    )  # fmt: skip
    reach_m = forms.FloatField(
        label=gettext_lazy("A room serves units within so many metres, as the crow flies"), required=False,
        min_value=1, max_value=20_000,
    )  # fmt: skip
    budget = forms.IntegerField(label=gettext_lazy("New rooms at most"), required=False, min_value=0, max_value=100_000)

    def __init__(self, areas: Sequence[tuple[str, str]], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "area", list(areas))

    def wishes(self) -> Wishes:
        """Return what the form fixes beforehand."""
        return Wishes({}, reach_m=self.cleaned_data["reach_m"], budget=self.cleaned_data["budget"])

    def asked(self) -> list[Ask]:
        """Return what is to be planned."""
        return [Ask(value) for value in self.cleaned_data["asks"]]


class AgainForm(forms.Form):
    """Change a limit, fix groups or units, and ask again for one village."""

    keep = forms.MultipleChoiceField(
        label=gettext_lazy("Leave as they are"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=gettext_lazy("A group stays with just its units; a unit stays with its group, whoever else joins it."),
    )  # fmt: skip

    def __init__(self, plan: Mapping[str, Any], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._limits = plan.get("rules", {})
        for rule, (limit, least, most) in GROUP_LIMITS.items():
            whole = limit != "most_span_m"
            self.fields[rule] = (forms.IntegerField if whole else forms.FloatField)(
                label=LIMIT_TITLES[limit], min_value=least, max_value=most, initial=_plain(self._limits.get(limit))
            )
        self.order_fields([*GROUP_LIMITS, "keep"])
        offer(self, "keep", keepable(plan))
        self.initial.setdefault("keep", list(plan.get("wishes", {}).get("keep", ())))

    def wishes(self, before: Wishes) -> Wishes:
        """Return the wishes of `before` with what the form changes; a limit left as it was is no wish."""
        asked = {rule: self.cleaned_data[rule] for rule in GROUP_LIMITS}
        changed = {rule: value for rule, value in asked.items() if value != self._limits.get(GROUP_LIMITS[rule][0])}
        return Wishes(
            {**before.rules, **changed}, tuple(self.cleaned_data["keep"]), before.reach_m, before.budget,
            before.keep_rooms, before.drop_rooms,
        )  # fmt: skip


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def keepable(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (number or code, name) of the groups of today and of the units in them."""
    groups = [(group["number"], group["name"]) for group in plan["today"]]
    units = [
        (plan["units"][unit]["code"], plan["units"][unit]["name"]) for group in plan["today"] for unit in group["units"]
    ]
    return groups + units
