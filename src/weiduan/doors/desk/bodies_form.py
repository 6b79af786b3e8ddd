"""What is written down about a body: founding, election, vacancy, leaving, handing over, dissolving."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.outlook.insight.body_words import LEAVING_TITLES
from weiduan.systems.governance.bodies.actions import Elected, Election
from weiduan.systems.governance.bodies.rules import LONGEST_MEMBER_NAME, LONGEST_NAME, LONGEST_WORDS, Kind, kinds

from .members_form import DAY

LONGEST_NUMBER = 30


class FoundForm(forms.Form):
    """A body that was founded."""

    kind = forms.ChoiceField(label=_("What sort of body"))
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    since = forms.DateField(label=_("Founded on"), widget=DAY)

    def __init__(self, data: Any = None) -> None:
        """Offer the kinds."""
        super().__init__(data)
        offer(self, "kind", [("", "—"), *((kind.code, kind.name) for kind in kinds().values())])


class ElectionForm(forms.Form):
    """An election: from when, how many seats, who was elected, and how."""

    since = forms.DateField(label=_("The term begins on"), widget=DAY)
    seats = forms.IntegerField(label=_("Number of seats"), min_value=1, max_value=99)
    officers = forms.CharField(label=_("Who was elected"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6}))
    ballot = forms.ChoiceField(label=_("The vote here that elected them"), required=False)
    words = forms.CharField(label=_("Or how it was elected"), max_length=LONGEST_WORDS, required=False)

    def __init__(self, data: Any = None, *, kind: Kind, ballots: list[tuple[str, str]], today: date) -> None:
        """Say which offices there are, and offer the final votes of the area."""
        super().__init__(data, initial={"since": today, "seats": kind.least}, auto_id="elect_%s")
        self.fields["officers"].help_text = gettext(
            "One in each line: the office, the name, and the number of somebody kept here already, with gaps between. "
            "Offices: %(offices)s."
        ) % {"offices": "、".join(kind.offices)}
        self.fields["seats"].help_text = gettext("From %(least)s to %(most)s.") % vars(kind)
        offer(self, "ballot", [("", "—"), *ballots])

    def clean_officers(self) -> tuple[Elected, ...]:
        """Return who was elected, line by line."""
        lines = [line.split() for line in self.cleaned_data["officers"].splitlines() if line.strip()]
        if wrong := [number for number, parts in enumerate(lines, start=1) if not 2 <= len(parts) <= 3]:
            raise forms.ValidationError(gettext("Line %(n)s: write the office, a gap, and the name.") % {"n": wrong[0]})
        return tuple(Elected(*parts) for parts in lines)

    def wanted(self) -> Election:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        ballot = UUID(said["ballot"]) if said["ballot"] else None
        return Election(said["since"], said["seats"], said["officers"], ballot, said["words"])


class VacancyForm(forms.Form):
    """Somebody takes a vacant seat."""

    office = forms.ChoiceField(label=_("Office"))
    name = forms.CharField(label=_("Name of the person"), max_length=LONGEST_MEMBER_NAME)
    person = forms.CharField(label=_("Number, if kept here already"), max_length=LONGEST_NUMBER, required=False)
    on = forms.DateField(label=_("From which day"), widget=DAY)

    def __init__(self, data: Any = None, *, kind: Kind, today: date) -> None:
        """Offer the offices of the kind."""
        super().__init__(data, initial={"on": today}, auto_id="fill_%s")
        offer(self, "office", [("", "—"), *((office, office) for office in kind.offices)])

    def wanted(self) -> Elected:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        return Elected(said["office"], said["name"], said["person"].strip())


class LeaveForm(forms.Form):
    """Somebody leaves an office before the term is over."""

    officer = forms.ChoiceField(label=_("Who leaves"))
    reason = forms.ChoiceField(label=_("Why"), choices=[("", "—"), *LEAVING_TITLES.items()])
    on = forms.DateField(label=_("From which day"), widget=DAY)

    def __init__(self, data: Any = None, *, officers: list[tuple[str, str]], today: date) -> None:
        """Offer who is in office."""
        super().__init__(data, initial={"on": today}, auto_id="leave_%s")
        offer(self, "officer", [("", "—"), *officers])


class DayForm(forms.Form):
    """A day from which something holds."""

    on = forms.DateField(label=_("From which day"), widget=DAY)

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"on": today}, auto_id="day_%s")
