"""What is written down about a compact: its beginning, its words, and what each stage needs."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.outlook.insight.compact_words import KIND_TITLES
from weiduan.systems.governance.ballots.rules import procedures
from weiduan.systems.governance.compacts.actions import Facts
from weiduan.systems.governance.compacts.rules import (
    LONGEST_FILED_NUMBER,
    LONGEST_OFFICE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    Stage,
)

from .members_form import DAY


class BeginForm(forms.Form):
    """A text an area is going to give itself."""

    kind = forms.ChoiceField(label=_("What sort of text"), choices=[("", "—"), *KIND_TITLES.items()])
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("Text"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 12}),
        help_text=_("A first draft; it can be changed while opinions are heard."),
    )  # fmt: skip


class TextForm(forms.Form):
    """The words of a draft."""

    text = forms.CharField(
        label=_("Text"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 16}),
        help_text=_("After a change support given so far no longer counts: it was for other words."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, text: str) -> None:
        """Show the words there are."""
        super().__init__(data, initial={"text": text}, auto_id="text_%s")


class MoveForm(forms.Form):
    """What is written down when a version moves on to a stage."""

    def facts(self) -> Facts:
        """Return what was written as the action takes it."""
        said = dict(self.cleaned_data)
        if said.get("ballot"):
            said["ballot"] = UUID(said["ballot"])
        return Facts(**{name: value for name, value in said.items() if value})


class VoteForm(MoveForm):
    """Which office looked at it, and how it is decided."""

    reviewed_by = forms.CharField(
        label=_("Which office looked at it"), max_length=LONGEST_OFFICE, required=False,
        help_text=_("It found nothing in law against it. For example: the judicial office of the street."),
    )  # fmt: skip
    procedure = forms.ChoiceField(
        label=_("How it is decided"), required=False, help_text=_("A vote on just these words is prepared.")
    )
    ballot = forms.ChoiceField(label=_("Or a vote prepared already"), required=False)

    def __init__(self, data: Any = None, *, ballots: list[tuple[str, str]], reviewed_by: str) -> None:
        """Offer the procedures, and the votes on just these words."""
        super().__init__(data, initial={"reviewed_by": reviewed_by}, auto_id="vote_%s")
        offer(self, "procedure", [("", "—"), *((p.code, p.name) for p in procedures().values())])
        offer(self, "ballot", [("", "—"), *ballots])


class FilingForm(MoveForm):
    """Under which number it was filed, when, and from when it is in force."""

    filed_number = forms.CharField(label=_("Filed under number"), max_length=LONGEST_FILED_NUMBER, required=False)
    filed_on = forms.DateField(label=_("Filed on"), widget=DAY, required=False)
    in_force_from = forms.DateField(label=_("In force from"), widget=DAY, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="filing_%s")


def move_form(to: Stage, data: Any, *, ballots: list[tuple[str, str]], reviewed_by: str) -> MoveForm:
    """Return the form of a move: what the stage asks to be written down."""
    if to is Stage.VOTE:
        return VoteForm(data, ballots=ballots, reviewed_by=reviewed_by)
    return FilingForm(data) if to is Stage.IN_FORCE else MoveForm(data, auto_id=f"{to.value}_%s")
