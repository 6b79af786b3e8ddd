"""What is written down about partners, offers and needs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.outlook.insight.partner_words import KIND_TITLES, SORT_TITLES
from weiduan.systems.governance.partners.actions import Facts, Needing, Offering
from weiduan.systems.governance.partners.rules import (
    LONGEST_NAME,
    LONGEST_POST,
    LONGEST_TELEPHONE,
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_CAPACITY,
)

from .members_form import DAY

Choices = Iterable[tuple[str, Any]]


class PartnerForm(forms.Form):
    """Who a partner is, and which post to turn to."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    kind = forms.ChoiceField(label=_("What sort of partner"), choices=list(KIND_TITLES.items()))
    post = forms.CharField(
        label=_("Which post to turn to"), max_length=LONGEST_POST, help_text=_("For example: head of the office. No person's name.")
    )  # fmt: skip
    telephone = forms.CharField(label=_("Telephone of the office"), max_length=LONGEST_TELEPHONE, required=False)
    since = forms.DateField(label=_("Since"), widget=DAY)

    def facts(self) -> Facts:
        """Return what was written as the action takes it."""
        return Facts(**self.cleaned_data)


class OnDayForm(forms.Form):
    """From which day on."""

    on = forms.DateField(label=_("From which day on"), widget=DAY)


class WithdrawForm(OnDayForm):
    """Which offer ends, and when."""

    offer = forms.ChoiceField(label=_("Which offer"))
    field_order = ("offer", "on")

    def __init__(self, *arguments: Any, offers: Choices, **options: Any) -> None:
        """Offer those that haven't ended."""
        super().__init__(*arguments, **options)
        offer(self, "offer", offers)


class OfferForm(forms.Form):
    """What a partner gives."""

    sort = forms.ChoiceField(label=_("What sort"), choices=list(SORT_TITLES.items()))
    what = forms.CharField(label=_("What it is"), max_length=LONGEST_WHAT, widget=forms.Textarea(attrs={"rows": 2}))
    area = forms.CharField(
        label=_("Which area it is for"), max_length=18, help_text=_("Its code; the offer is for it and all below it."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    since = forms.DateField(label=_("It begins on"), widget=DAY)
    until = forms.DateField(label=_("Until"), widget=DAY, required=False)
    capacity = forms.IntegerField(
        label=_("How many agreements it bears at a time"), min_value=1, max_value=MOST_CAPACITY, initial=1
    )

    def offering(self) -> Offering:
        """Return what was written as the action takes it."""
        return Offering(**self.cleaned_data)


class NeedForm(forms.Form):
    """What an area needs, and where that comes from."""

    sort = forms.ChoiceField(label=_("What sort"), choices=list(SORT_TITLES.items()))
    what = forms.CharField(label=_("What is needed"), max_length=LONGEST_WHAT, widget=forms.Textarea(attrs={"rows": 2}))
    since = forms.DateField(label=_("It begins on"), widget=DAY)
    until = forms.DateField(label=_("Until"), widget=DAY, required=False)
    topic = forms.ChoiceField(label=_("Topic it comes from"), required=False)
    report = forms.CharField(
        label=_("Number of the report it comes from"), required=False, max_length=14, help_text=_("One that you have in hand.")
    )  # fmt: skip

    def __init__(self, *arguments: Any, topics: Choices, **options: Any) -> None:
        """Offer the topics of the area."""
        super().__init__(*arguments, **options)
        offer(self, "topic", [("", "—"), *topics])

    def needing(self) -> Needing:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        topic = UUID(said["topic"]) if said["topic"] else None
        return Needing(said["sort"], said["what"], said["since"], said["until"], topic, said["report"].strip())


class ProposeForm(forms.Form):
    """Which offer is proposed for a need."""

    offer = forms.ChoiceField(label=_("Which offer"), widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, offers: Choices, **options: Any) -> None:
        """Offer those that fit."""
        super().__init__(*arguments, **options)
        offer(self, "offer", offers)


class AgreementForm(forms.Form):
    """Which agreement is meant."""

    agreement = forms.TypedChoiceField(label=_("With whom, what"), coerce=int)

    def __init__(self, *arguments: Any, agreements: Iterable[tuple[int, str]], **options: Any) -> None:
        """Offer those this can be done with."""
        super().__init__(*arguments, **options)
        offer(self, "agreement", agreements)


class DoneForm(AgreementForm):
    """What came of an agreement."""

    outcome = forms.CharField(
        label=_("What came of it"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Name no person."),
    )  # fmt: skip
