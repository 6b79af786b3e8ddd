"""What is written down about a vote."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.systems.governance.ballots.counting import Weight
from weiduan.systems.governance.ballots.importing import LONGEST_PLATFORM, Sums
from weiduan.systems.governance.ballots.preparing import Draft
from weiduan.systems.governance.ballots.rules import LONGEST_TEXT, LONGEST_TITLE, procedures

from .members_form import DAY

WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _heads(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, required=False)


def _area(label: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, max_digits=12, decimal_places=2, required=False)


class DraftForm(forms.Form):
    """What is asked, of whom, and how it is decided."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("What is voted on"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("The whole text: every vote is bound to just these words."),
    )  # fmt: skip
    procedure = forms.ChoiceField(label=_("How it is decided"))
    options = forms.CharField(
        label=_("To choose from"), required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line; leave it empty for yes or no."),
    )  # fmt: skip
    most = forms.IntegerField(label=_("How many may be chosen"), min_value=1, max_value=19, initial=1, required=False)
    is_secret = forms.BooleanField(
        label=_("Secret"), required=False, help_text=_("Never by area: it would tell who voted what.")
    )
    silence_follows = forms.CharField(
        label=_("Owners' own rules that let silence follow the majority"), required=False, max_length=200,
        help_text=_("The place in the rules, if they say so. Both counts are then shown side by side."),
    )  # fmt: skip
    announced_on = forms.DateField(label=_("Announced on"), required=False, widget=DAY)
    opens_at = forms.DateTimeField(label=_("Voting opens"), required=False, widget=WHEN)
    closes_at = forms.DateTimeField(label=_("Voting closes"), required=False, widget=WHEN)

    def __init__(self, data: Any = None, *, ballot: Any = None) -> None:
        """Offer the procedures; `ballot` is what stands there so far."""
        super().__init__(data, initial=_initial(ballot) if ballot is not None else None)
        offer(self, "procedure", [("", "—"), *((p.code, p.name) for p in procedures().values())])

    def wanted(self) -> Draft:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        options = tuple(line.strip() for line in said["options"].splitlines() if line.strip())
        return Draft(
            title=said["title"], text=said["text"], procedure=said["procedure"], options=options, most=said["most"] or 1,
            is_secret=said["is_secret"], silence_follows=said["silence_follows"], announced_on=said["announced_on"],
            opens_at=said["opens_at"], closes_at=said["closes_at"],
        )  # fmt: skip


def _initial(ballot: Any) -> dict[str, Any]:
    names = ("title", "text", "procedure", "most", "is_secret", "silence_follows", "announced_on")
    told = {name: getattr(ballot, name) for name in names} | {"options": "\n".join(ballot.options)}
    return told | {name: _local(getattr(ballot, name)) for name in ("opens_at", "closes_at")}


def _local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at else None


class ImportForm(DraftForm):
    """A result counted on the platform the law demands."""

    platform = forms.CharField(label=_("Counted on which platform"), max_length=LONGEST_PLATFORM)
    closed_at = forms.DateTimeField(label=_("Counted at"), widget=WHEN)
    whole_heads, whole_area = _heads(_("On the roll: heads")), _area(_("On the roll: area (m²)"))
    yes_heads, yes_area = _heads(_("In favour: heads")), _area(_("In favour: area (m²)"))
    no_heads, no_area = _heads(_("Against: heads")), _area(_("Against: area (m²)"))
    abstain_heads, abstain_area = _heads(_("Abstain: heads")), _area(_("Abstain: area (m²)"))
    silent_heads, silent_area = _heads(_("Reached and silent: heads")), _area(_("Reached and silent: area (m²)"))
    field_order = ("title", "text", "procedure", "platform", "closed_at", "announced_on", "silence_follows")

    def __init__(self, data: Any = None) -> None:
        """Ask for a yes or no by name; the rest was settled on the platform."""
        super().__init__(data)
        for name in ("options", "most", "is_secret", "opens_at", "closes_at"):
            del self.fields[name]

    def wanted(self) -> Draft:
        """Return what was asked there."""
        said = self.cleaned_data
        return Draft(
            title=said["title"], text=said["text"], procedure=said["procedure"], silence_follows=said["silence_follows"],
            announced_on=said["announced_on"],
        )  # fmt: skip

    def sums(self) -> Sums:
        """Return what was counted there."""
        said = self.cleaned_data
        return Sums(*(
            Weight(said[f"{name}_heads"] or 0, int((said[f"{name}_area"] or 0) * 100))
            for name in ("whole", "yes", "no", "abstain", "silent")
        ))  # fmt: skip


class RollForm(forms.Form):
    """A workbook with who may vote."""

    file = forms.FileField(
        label=_("Who may vote (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text=_("Instead of the list taken in before. Names are sealed, and erased when nobody can object any more."),
    )  # fmt: skip


class PaperForm(forms.Form):
    """What stands on one paper."""

    sheet = forms.IntegerField(label=_("Number"), min_value=1)
    choice = forms.ChoiceField(label=_("Choice"))

    def __init__(self, data: Any = None, *, choices: list[tuple[str, str]]) -> None:
        """Offer what can be chosen."""
        super().__init__(data)
        offer(self, "choice", [("", "—"), *choices])


class NumbersForm(forms.Form):
    """Numbers of right-holders."""

    numbers = forms.CharField(label=_("Numbers"), max_length=4000, help_text=_("For example: 1-40, 45, 52-60"))

    def clean_numbers(self) -> list[int]:
        """Return the numbers meant, each once."""
        found: set[int] = set()
        for part in self.cleaned_data["numbers"].replace("，", ",").replace("、", ",").replace("—", "-").split(","):
            first, _dash, last = part.strip().partition("-")
            if not first.strip().isdecimal() or (last and not last.strip().isdecimal()):
                raise forms.ValidationError(_("Write numbers like 1-40, 45."))
            start, end = int(first), int(last or first)
            if end < start or end - start > 20_000:
                raise forms.ValidationError(_("Write numbers like 1-40, 45."))
            found |= set(range(start, end + 1))
        return sorted(found)


class WhyForm(forms.Form):
    """A reason everyone reads."""

    words = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
