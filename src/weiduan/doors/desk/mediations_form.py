"""What a mediator writes down."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import account_named
from weiduan.ground.base.errors import NotFound
from weiduan.systems.governance.mediation.actions import Sitting
from weiduan.systems.governance.mediation.rules import LONGEST_PLACE, LONGEST_WORDS

from .ballots_form import WHEN
from .members_form import DAY

SEALED = _("Sealed; only you and the receipt read it.")


class NothingForm(forms.Form):
    """Nothing is asked: the button says all."""


class HandOnForm(forms.Form):
    """To whom it is handed on."""

    account = forms.CharField(
        label=_("Account of the other mediator"), max_length=150,
        help_text=_("One that keeps what governs itself there. From then on only that account sees the words."),
    )  # fmt: skip

    def clean_account(self) -> User:
        """Return the account with this name."""
        try:
            return account_named(self.cleaned_data["account"].strip())
        except NotFound as error:
            raise forms.ValidationError(error.message) from error


class SessionForm(forms.Form):
    """When and where the parties sit together."""

    starts_at = forms.DateTimeField(label=_("When"), widget=WHEN)
    place = forms.CharField(
        label=_("Which place"), max_length=LONGEST_PLACE, help_text=_("The receipt shows when and where.")
    )

    def sitting(self) -> Sitting:
        """Return what was written as the action takes it."""
        return Sitting(self.cleaned_data["starts_at"], self.cleaned_data["place"])


class NoteForm(forms.Form):
    """What was said in a session."""

    session = forms.TypedChoiceField(label=_("Which session"), coerce=int)
    words = forms.CharField(
        label=_("What was said"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Sealed; only you read it."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, sessions: list[tuple[int, str]], **options: Any) -> None:
        """Offer the sessions."""
        super().__init__(*arguments, **options)
        offer(self, "session", sessions)


class AgreeForm(forms.Form):
    """What the parties agreed."""

    text = forms.CharField(
        label=_("What they agreed"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 6}), help_text=SEALED
    )  # fmt: skip
    follow_up_on = forms.DateField(label=_("When you see whether it was kept"), widget=DAY)


class NotAgreedForm(forms.Form):
    """That they didn't agree, and where they may turn."""

    words = forms.CharField(
        label=_("Where they may turn now"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For example arbitration, an administrative office or the people's court. The receipt shows it."),
    )  # fmt: skip


class FollowUpForm(forms.Form):
    """Whether it was kept."""

    was_kept = forms.TypedChoiceField(
        label=_("Was it kept?"), choices=[("yes", _("kept")), ("no", _("not kept"))], coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    on = forms.DateField(label=_("Seen on"), widget=DAY)
