"""What a partner writes: how it would do it in milestones, and what it shows for one."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.doors.offering import offer
from weiduan.doors.yuan import YuanField
from weiduan.ground.base.images import MOST_BYTES
from weiduan.systems.services.projects.carrying import Shot
from weiduan.systems.services.projects.proposing import Proposing, Step
from weiduan.systems.services.projects.rules import (
    LONGEST_EVIDENCE,
    LONGEST_SEEN,
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_DAYS,
    MOST_MILESTONES,
    yuan_of,
)

LEAST_ROWS, PICTURES = 3, 3
PARTS = ("what", "evidence", "amount", "days")


class ProposalForm(forms.Form):
    """How a partner would carry a project out: words, then a row for each milestone; empty rows are left out."""

    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_MILESTONES)
    words = forms.CharField(
        label=gettext_lazy("How you would do it, and who in your organisation does it"), max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Once the call is over everyone reads it. Name posts, no person."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, proposal: Any = None) -> None:
        """Show what stands there so far, and room for one milestone more."""
        steps = proposal.steps if proposal else []
        self.count = min(max(LEAST_ROWS, len(steps) + 1), MOST_MILESTONES)
        first: dict[str, Any] = {"rows": self.count, "words": proposal.proposal.words if proposal else ""}
        for number, step in enumerate(steps, start=1):
            told = (step.what, step.evidence, yuan_of(step.amount_fen), step.days)
            first |= {f"{part}_{number}": value for part, value in zip(PARTS, told, strict=True)}
        super().__init__(data, initial=first)
        sent = str(self.data.get("rows", "")) if self.is_bound else ""
        if sent.isascii() and sent.isdecimal():
            self.count = min(max(int(sent[:3]), 1), MOST_MILESTONES)
        for number in range(1, self.count + 1):
            for part, field in self._row().items():
                self.fields[f"{part}_{number}"] = field

    @staticmethod
    def _row() -> dict[str, forms.Field]:
        return {
            "what": forms.CharField(label=gettext_lazy("What is done"), max_length=LONGEST_WHAT, required=False),
            "evidence": forms.CharField(
                label=gettext_lazy("What will show it"), max_length=LONGEST_WHAT, required=False
            ),
            "amount": YuanField(label=gettext_lazy("Amount in yuan"), min_value=0, required=False),
            "days": forms.IntegerField(
                label=gettext_lazy("Days after signing"), min_value=1, max_value=MOST_DAYS, required=False
            ),
        }

    def milestones(self) -> list[tuple[int, list[forms.BoundField]]]:
        """Return each row with its questions."""
        return [(number, [self[f"{part}_{number}"] for part in PARTS]) for number in range(1, self.count + 1)]

    def clean(self) -> dict[str, Any]:
        """Take a row whole or leave it out."""
        said = super().clean() or {}
        for number in range(1, self.count + 1):
            row = [said.get(f"{part}_{number}") for part in PARTS]
            if any(value not in (None, "") for value in row):
                for part, value in zip(PARTS, row, strict=True):
                    if value in (None, "") and f"{part}_{number}" not in self.errors:
                        self.add_error(f"{part}_{number}", _("Fill the whole milestone in, or leave it empty."))
        return said

    def proposing(self) -> Proposing:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        rows = [[said[f"{part}_{number}"] for part in PARTS] for number in range(1, self.count + 1)]
        return Proposing(said["words"], tuple(Step(*row) for row in rows if row[0]))


class EvidenceForm(forms.Form):
    """What is shown for a milestone: words, and pictures each with what is to be seen."""

    milestone = forms.TypedChoiceField(label=gettext_lazy("For which milestone"), coerce=int, widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("What was done, where, for how many"), max_length=LONGEST_EVIDENCE,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Once it is accepted everyone reads it. Name no person."),
    )  # fmt: skip

    def __init__(self, *arguments: Any, milestones: Iterable[tuple[int, str]], **options: Any) -> None:
        """Offer the milestones something can be shown for, and room for some pictures."""
        super().__init__(*arguments, **options)
        rows = list(milestones)
        offer(self, "milestone", rows)
        if len(rows) == 1:
            self.fields["milestone"].initial = rows[0][0]
        for number in range(1, PICTURES + 1):
            self.fields[f"picture_{number}"] = forms.FileField(
                label=_("Picture %(n)s") % {"n": number}, required=False,
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
                help_text=_("JPEG, PNG or WebP, at most 12 MB. Place, time and device are taken out."),
            )  # fmt: skip
            self.fields[f"seen_{number}"] = forms.CharField(
                label=_("What is to be seen in picture %(n)s") % {"n": number}, max_length=LONGEST_SEEN, required=False,
                help_text=_("For those who can't see it. No picture in which somebody can be recognised."),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Ask what is to be seen wherever there is a picture."""
        said = super().clean() or {}
        for number in range(1, PICTURES + 1):
            if said.get(f"picture_{number}") and not said.get(f"seen_{number}"):
                self.add_error(f"seen_{number}", _("Say what is to be seen in the picture."))
        return said

    def shots(self) -> list[Shot]:
        """Return the pictures as the action takes them; no more of each is read than tells that it is too large."""
        said = self.cleaned_data
        numbers = [number for number in range(1, PICTURES + 1) if said[f"picture_{number}"]]
        return [Shot(said[f"picture_{number}"].read(MOST_BYTES + 1), said[f"seen_{number}"]) for number in numbers]
