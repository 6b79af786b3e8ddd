"""What is written down about meetings of organisations: the plan, who came, votes in numbers, the minutes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.ground.base.images import MOST_BYTES
from weiduan.outlook.insight.meeting_words import KIND_TITLES, PRESENCE_TITLES
from weiduan.outlook.insight.words import ROLE_TITLES
from weiduan.systems.organisation.appointments.rules import roles_in_organisation
from weiduan.systems.services.meetings.actions import FixedDay, Wish
from weiduan.systems.services.meetings.holding import Held, Vote
from weiduan.systems.services.meetings.queries import DueMember, moment
from weiduan.systems.services.meetings.rules import (
    DECIDES,
    LONGEST_AGENDA,
    LONGEST_EVIDENCE,
    LONGEST_MINUTES,
    LONGEST_PLACE,
    LONGEST_POST,
    LONGEST_TITLE,
    LONGEST_WHAT,
    LONGEST_WHY,
    MOST_GUESTS,
    MOST_SCANS,
    MOST_VOTES,
    Kind,
    Presence,
)

from .members_form import DAY
from .reports_form import SeveralFiles

HOUR = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
PICTURES = "image/jpeg,image/png,image/webp"
Choices = Iterable[tuple[str, Any]]


def titles() -> dict[Kind, str]:
    """Return what a meeting is called where nobody says it otherwise."""
    return {kind: str(KIND_TITLES[kind.value]) for kind in Kind}


def _hour() -> forms.TimeField:
    return forms.TimeField(
        label=_("It begins at"), widget=HOUR, error_messages={"required": _("Write the hour, like 19:00.")}
    )


def _place(*, required: bool = False) -> forms.CharField:
    return forms.CharField(label=_("Where it is held"), max_length=LONGEST_PLACE, required=required)


class LayForm(forms.Form):
    """The branch's fixed day of the month, from which the year's plan is laid."""

    day = forms.IntegerField(
        label=_("Fixed day of the month"), min_value=1, max_value=28,
        help_text=_("From 1 to 28. Quarterly meetings fall into the middle month, organisation life into November; each date can be "
                    "moved afterwards."),
    )  # fmt: skip
    hour = _hour()
    place = _place()

    def fixed(self) -> FixedDay:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        return FixedDay(said["day"], said["hour"], said["place"], titles())


class DutyForm(forms.Form):
    """A choice among the duties that are open or late, each told by kind and first day."""

    duty = forms.ChoiceField(label=_("For which duty"))

    def __init__(self, *args: Any, duties: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "duty", duties)

    def chosen(self) -> tuple[Kind, date]:
        """Return kind and first day of the period."""
        kind, _bar, since = self.cleaned_data["duty"].partition(" ")
        return Kind(kind), date.fromisoformat(since)


class PlanForm(DutyForm):
    """One meeting to be planned."""

    title = forms.CharField(
        label=_("What the meeting is about"),
        max_length=LONGEST_TITLE,
        help_text=_("Name no person: the title stands in lists."),
    )
    on = forms.DateField(label=_("Day of the meeting"), widget=DAY, required=False)
    hour = forms.TimeField(label=_("It begins at"), widget=HOUR, required=False)
    place = _place()
    agenda = forms.CharField(
        label=_("Agenda"), max_length=LONGEST_AGENDA, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Name no person here: names belong into the minutes, which are sealed."),
    )  # fmt: skip

    def wish(self) -> Wish:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        starts = moment(said["on"], said["hour"] or time(19)) if said["on"] else None
        return Wish(*self.chosen(), said["title"], starts, said["place"], said["agenda"])


def _because() -> forms.CharField:
    return forms.CharField(
        label=_("Why it could not be held"), max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Name no person. Whoever is above sees only that one is excused, not why."),
    )  # fmt: skip


class ExcuseDutyForm(DutyForm):
    """Why a meeting nobody planned could not be held."""

    because = _because()


class ExcuseForm(forms.Form):
    """Why a planned meeting could not be held."""

    because = _because()


class MoveForm(forms.Form):
    """Another day, hour and place."""

    on = forms.DateField(label=_("Day of the meeting"), widget=DAY)
    hour = _hour()
    place = _place()

    def starts_at(self) -> datetime:
        """Return the moment at which it begins."""
        return moment(self.cleaned_data["on"], self.cleaned_data["hour"])


class TaskForm(forms.Form):
    """What is to be done, by which post, until when."""

    what = forms.CharField(
        label=_("What is to be done"), max_length=LONGEST_WHAT, widget=forms.Textarea(attrs={"rows": 2})
    )
    owner = forms.CharField(
        label=_("Which post does it"), max_length=LONGEST_POST, help_text=_("A post, no person's name.")
    )
    until = forms.DateField(label=_("Done by which day"), widget=DAY)


class TaskDoneForm(forms.Form):
    """Which task is done, and what shows it."""

    task = forms.ChoiceField(label=_("Which task"))
    evidence = forms.CharField(
        label=_("What shows that it is done"), max_length=LONGEST_EVIDENCE, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, tasks: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "task", tasks)


class PagesField(forms.FileField):
    """Several pictures; whether they are pictures is for the action to judge."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files, each looked at as one alone would be; one more than allowed is enough to refuse."""
        return [super(PagesField, self).clean(one, initial) for one in (data or [None])[: MOST_SCANS + 1]]


class ScansForm(forms.Form):
    """Pages of the written minutes."""

    pages = PagesField(
        label=_("Pages as pictures"), widget=SeveralFiles(attrs={"accept": PICTURES}),
        help_text=_("JPEG, PNG or WebP, each at most 12 MB, twenty pages at most. They are drawn anew and kept sealed."),
        error_messages={"required": _("Choose at least one picture.")},
    )  # fmt: skip

    def contents(self) -> list[bytes]:
        """Return what is in the files sent; of each one byte more than allowed is enough to refuse it."""
        return [file.read(MOST_BYTES + 1) for file in self.cleaned_data["pages"]]


class HoldForm(forms.Form):
    """What the keeper of the minutes writes down: everybody due is marked by hand, nobody is counted by a telephone."""

    on = forms.DateField(label=_("Day of the meeting"), widget=DAY)
    hour = _hour()
    place = _place()
    chair = forms.ChoiceField(label=_("Which post chaired"))
    guests = forms.IntegerField(label=_("Guests at the meeting"), min_value=0, max_value=MOST_GUESTS, initial=0)
    minutes = forms.CharField(
        label=_("Minutes"), max_length=LONGEST_MINUTES, widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_("The headings are those this kind of meeting usually has. The text is kept sealed."),
        error_messages={"required": _("Write the minutes.")},
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, due: Sequence[DueMember], kind: str, organisation_kind: str, initial: dict[str, Any]
    ) -> None:  # fmt: skip
        super().__init__(data, initial=initial)
        self.due, self.decides = due, Kind(kind) in DECIDES
        posts = [(str(ROLE_TITLES[role.value]),) * 2 for role in roles_in_organisation(organisation_kind)]
        offer(self, "chair", posts)
        for one in due:
            self.fields[f"presence_{one.number}"] = forms.ChoiceField(
                label=one.name, choices=list(PRESENCE_TITLES.items()), widget=forms.RadioSelect,
                error_messages={"required": _("Mark everybody who was due.")},
            )  # fmt: skip
        for n in range(MOST_VOTES if self.decides else 0):
            self.fields[f"what_{n}"] = forms.CharField(
                label=_("What was voted on"), max_length=LONGEST_WHAT, required=False
            )
            for side, label in (("yes", _("Yes votes")), ("no", _("No votes")), ("abstained", _("Abstentions"))):
                self.fields[f"{side}_{n}"] = forms.IntegerField(label=label, min_value=0, required=False)

    def head(self) -> list[forms.BoundField]:
        """Return the fields of the meeting as a whole."""
        return [self[name] for name in ("on", "hour", "place", "chair", "guests")]

    def people(self) -> Iterator[tuple[DueMember, forms.BoundField]]:
        """Return everybody due with the question whether they came."""
        for one in self.due:
            yield one, self[f"presence_{one.number}"]

    def votes(self) -> Iterator[list[forms.BoundField]]:
        """Return the fields of each row of a vote."""
        for n in range(MOST_VOTES if self.decides else 0):
            yield [self[f"{name}_{n}"] for name in ("what", "yes", "no", "abstained")]

    def clean(self) -> dict[str, Any]:
        """Let a row of a vote be whole or empty."""
        said = super().clean() or {}
        for n in range(MOST_VOTES if self.decides else 0):
            numbers = [said.get(f"{side}_{n}") for side in ("yes", "no", "abstained")]
            if said.get(f"what_{n}") and numbers[0] is None and not self.has_error(f"yes_{n}"):
                self.add_error(f"yes_{n}", _("Write how many said yes."))
            if not said.get(f"what_{n}") and any(number is not None for number in numbers):
                self.add_error(f"what_{n}", _("Say what was voted on."))
        return said

    def held(self) -> Held:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        presence: dict[UUID, Presence] = {one.person: Presence(said[f"presence_{one.number}"]) for one in self.due}
        votes = [
            Vote(said[f"what_{n}"], *(said[f"{side}_{n}"] or 0 for side in ("yes", "no", "abstained")))
            for n in range(MOST_VOTES if self.decides else 0)
            if said[f"what_{n}"]
        ]
        starts = moment(said["on"], said["hour"])
        return Held(starts, said["place"], said["chair"], presence, said["guests"], said["minutes"], votes)


def day_and_hour(starts_at: datetime | None) -> dict[str, Any]:
    """Return what the fields of day and hour say of a moment at first."""
    if starts_at is None:
        return {"hour": time(19)}
    local = timezone.localtime(starts_at)
    return {"on": local.date(), "hour": local.time()}
