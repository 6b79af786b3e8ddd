"""What is asked of residents, and how."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.outlook.insight.satisfaction_words import ABOUT_TITLES, WAY_TITLES
from weiduan.systems.services.satisfaction.asking import Wanted
from weiduan.systems.services.satisfaction.rules import LONGEST_TITLE, MOST_CODES, About, Way

from .members_form import DAY


class QuestionnaireForm(forms.Form):
    """Questions, days, and how many are asked."""

    about = forms.ChoiceField(label=_("About what are residents asked?"), choices=list(ABOUT_TITLES.items()))
    way = forms.ChoiceField(label=_("Who is asked?"), choices=list(WAY_TITLES.items()), widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title, as residents read it"), max_length=LONGEST_TITLE)
    questions = forms.CharField(
        label=_("Questions, one a line"), widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One to eight. Each is answered from “very content” to “not content at all”, or “can't say”. Name no person."),
    )  # fmt: skip
    opens_on = forms.DateField(label=_("First day"), widget=DAY)
    closes_on = forms.DateField(
        label=_("The day after the last"), widget=DAY,
        help_text=_("What asks after reports, activities or bookings is evaluated then, and asks anew for as long again."),
    )  # fmt: skip
    codes = forms.IntegerField(
        label=_("How many households are drawn, or codes handed out"), min_value=1, max_value=MOST_CODES, required=False,
        help_text=_("Not needed for those who hold a receipt."),
    )  # fmt: skip
    households = forms.IntegerField(
        label=_("How many households there are"), min_value=1, required=False, help_text=_("Only where some are drawn by lot.")
    )  # fmt: skip

    def wanted(self) -> Wanted:
        """Return what was written as the action takes it."""
        said: dict[str, Any] = self.cleaned_data
        lines = tuple(line.strip() for line in said["questions"].splitlines() if line.strip())
        way = Way(said["way"])
        return Wanted(
            About(said["about"]), way, said["title"], lines, said["opens_on"], said["closes_on"],
            codes=0 if way is Way.AFTER else said["codes"] or 0, households=said["households"] if way is Way.SAMPLE else None,
        )  # fmt: skip


class CodesForm(forms.Form):
    """How many more codes."""

    many = forms.IntegerField(label=_("How many more codes"), min_value=1, max_value=MOST_CODES)
