"""What is written down about a topic."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.systems.governance.deliberation.carrying import Call
from weiduan.systems.governance.deliberation.raising import Raising, TakingUp
from weiduan.systems.governance.deliberation.rules import (
    LONGEST_OPTION,
    LONGEST_OWNER,
    LONGEST_PLACE,
    LONGEST_REASON,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_PEOPLE,
    procedures,
)

from .ballots_form import WHEN
from .members_form import DAY

NO_PERSON = _("Everyone reads it. Name no person.")
Choices = Iterable[tuple[str, str]]


def _long(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def numbers_in(text: str) -> list[str]:
    """Return the numbers of reports in a text, parted by anything but digits."""
    return re.findall(r"\d+", text)


class RaiseForm(forms.Form):
    """What is to be talked over, and the reports it came from."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("What is the matter about?"), max_length=LONGEST_TEXT, widget=_long(6),
        help_text=_("Once it is taken up everyone reads it. Name no person."),
    )  # fmt: skip
    reports = forms.CharField(
        label=_("Numbers of the reports it came from"), required=False, max_length=1000,
        help_text=_("Reports of this area that you have in hand. Whoever told them follows the topic with the receipt they have."),
    )  # fmt: skip

    def raising(self) -> Raising:
        """Return what was written as the action takes it."""
        return Raising(self.cleaned_data["title"], self.cleaned_data["text"])


class TakeUpForm(forms.Form):
    """How it is taken up, and the words everyone will read."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("As everyone will read it"), max_length=LONGEST_TEXT, widget=_long(5),
        help_text=_("Take out whatever says who somebody is."),
    )  # fmt: skip
    procedure = forms.ChoiceField(label=_("How it is talked over and decided"))
    body = forms.ChoiceField(label=_("Which body leads it"), required=False)

    def __init__(self, *arguments: Any, bodies: Choices, **options: Any) -> None:
        """Offer the procedures, and the bodies of the area."""
        super().__init__(*arguments, **options)
        offer(self, "procedure", [(one.code, one.name) for one in procedures().values()])
        offer(self, "body", [("", "—"), *bodies])

    def taking_up(self) -> TakingUp:
        """Return what was chosen as the action takes it."""
        said = self.cleaned_data
        body = UUID(said["body"]) if said["body"] else None
        return TakingUp(said["procedure"], body, Raising(said["title"], said["text"]))


class WhyNotForm(forms.Form):
    """Why it isn't taken up."""

    words = forms.CharField(
        label=_("Why not, and where else to turn"), max_length=LONGEST_REASON, widget=_long(3),
        help_text=_("Whoever raised it reads it."),
    )  # fmt: skip


class ReportsForm(forms.Form):
    """Reports that come to a topic."""

    reports = forms.CharField(label=_("Numbers of the reports"), max_length=1000)


class OptionForm(forms.Form):
    """One way to go about it."""

    text = forms.CharField(label=_("One way to go about it"), max_length=LONGEST_OPTION)


class MeetingForm(forms.Form):
    """A meeting that is called."""

    starts_at = forms.DateTimeField(label=_("When"), widget=WHEN)
    place = forms.CharField(label=_("Which place"), max_length=LONGEST_PLACE)
    booking = forms.ChoiceField(label=_("Room booked for it"), required=False)
    agenda = forms.CharField(label=_("What is talked over"), max_length=LONGEST_WORDS, widget=_long(3))
    invited = forms.IntegerField(
        label=_("How many are invited"), required=False, min_value=0, max_value=MOST_PEOPLE,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *arguments: Any, bookings: Choices, **options: Any) -> None:
        """Offer what is booked in the rooms around."""
        super().__init__(*arguments, **options)
        offer(self, "booking", [("", "—"), *bookings])

    def call(self) -> Call:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        booking = UUID(said["booking"]) if said["booking"] else None
        return Call(said["starts_at"], said["place"], said["agenda"], said["invited"], booking)


class MinutesForm(forms.Form):
    """What was said, and how many came."""

    meeting = forms.ChoiceField(label=_("Which meeting"))
    attended = forms.IntegerField(label=_("How many came"), min_value=0, max_value=MOST_PEOPLE)
    minutes = forms.CharField(label=_("Minutes"), max_length=LONGEST_TEXT, widget=_long(6), help_text=NO_PERSON)

    def __init__(self, *arguments: Any, meetings: Choices, **options: Any) -> None:
        """Offer the meetings of the stage."""
        super().__init__(*arguments, **options)
        offer(self, "meeting", meetings)


class DecisionForm(forms.Form):
    """What is decided, or by which vote."""

    text = forms.CharField(
        label=_("What is decided"), required=False, max_length=LONGEST_TEXT, widget=_long(4), help_text=NO_PERSON
    )
    ballot = forms.ChoiceField(label=_("By which vote"), required=False)

    def __init__(self, *arguments: Any, ballots: Choices, **options: Any) -> None:
        """Offer the votes of the area."""
        super().__init__(*arguments, **options)
        offer(self, "ballot", [("", "—"), *ballots])


class TaskForm(forms.Form):
    """Who does what until when."""

    what = forms.CharField(label=_("What is to be done"), max_length=LONGEST_WHAT, widget=_long(2))
    owner = forms.CharField(
        label=_("Who does it"), max_length=LONGEST_OWNER, help_text=_("A post, a body or a partner; no person's name.")
    )
    until = forms.DateField(label=_("Until which day"), widget=DAY)


class DoneForm(forms.Form):
    """What shows that a task is done."""

    task = forms.ChoiceField(label=_("Which task"))
    evidence = forms.CharField(
        label=_("What shows that it is done"), max_length=LONGEST_WORDS, widget=_long(3), help_text=NO_PERSON
    )

    def __init__(self, *arguments: Any, tasks: Choices, **options: Any) -> None:
        """Offer the tasks that are open."""
        super().__init__(*arguments, **options)
        offer(self, "task", tasks)


class ResultForm(forms.Form):
    """What came of it."""

    text = forms.CharField(label=_("What came of it"), max_length=LONGEST_TEXT, widget=_long(5), help_text=NO_PERSON)


class PassForm(forms.Form):
    """A few words to those who follow, as a stage is passed."""

    expected = forms.CharField(widget=forms.HiddenInput, max_length=20)
    words = forms.CharField(
        label=_("A few words to everyone who follows"), required=False, max_length=LONGEST_WORDS, widget=_long(2),
        help_text=NO_PERSON,
    )  # fmt: skip
