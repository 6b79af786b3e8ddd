"""What is written down about a project at the desk."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.doors.yuan import YuanField
from weiduan.systems.governance.ballots.rules import procedures
from weiduan.systems.services.projects.choosing import Asking
from weiduan.systems.services.projects.packaging import Package
from weiduan.systems.services.projects.rules import (
    CHOOSING_ROLLS,
    LONGEST_REMARK,
    LONGEST_TITLE,
    LONGEST_WHY,
    LONGEST_WORDS,
)

from .ballots_form import WHEN
from .members_form import DAY

Choices = Iterable[tuple[str, Any]]
PUBLIC = _("Everyone reads it on the page of the project. Name no person.")


def _long(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PackageForm(forms.Form):
    """What is asked of partners: for whom, for how much."""

    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    words = forms.CharField(
        label=_("What is asked for, and what should come of it"), max_length=LONGEST_WORDS, widget=_long(6), help_text=PUBLIC
    )  # fmt: skip
    budget = YuanField(label=_("Budget in yuan"), help_text=_("The most it may cost; two decimals at most."))
    units = forms.MultipleChoiceField(label=_("Units it is for"), widget=forms.CheckboxSelectMultiple)
    needs = forms.MultipleChoiceField(
        label=_("Needs it meets"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("They count as met once every milestone is accepted."),
    )  # fmt: skip
    brand = forms.ChoiceField(label=_("Service brand it belongs to"), required=False)

    def __init__(self, *arguments: Any, units: Choices, needs: Choices, brands: Choices, **options: Any) -> None:
        """Offer the units, needs and brands of the area; what there is none of isn't asked."""
        super().__init__(*arguments, **options)
        offer(self, "units", units)
        for name, first, choices in (("needs", [], list(needs)), ("brand", [("", "—")], list(brands))):
            if choices:
                offer(self, name, [*first, *choices])
            else:
                del self.fields[name]

    def package(self) -> Package:
        """Return what was written as the action takes it."""
        said = self.cleaned_data
        brand = UUID(said["brand"]) if said.get("brand") else None
        needs = tuple(UUID(key) for key in said.get("needs", ()))
        return Package(said["title"], said["words"], said["budget"], tuple(said["units"]), needs, brand)


class UntilForm(forms.Form):
    """Until when partners may propose."""

    until = forms.DateTimeField(
        label=_("Partners may propose until"), widget=WHEN, help_text=_("At least a day from now. Nobody reads a proposal before.")
    )  # fmt: skip


class WhyForm(forms.Form):
    """Why a project is stopped."""

    why = forms.CharField(label=_("Why it is stopped"), max_length=LONGEST_WHY, widget=_long(3), help_text=PUBLIC)


class AskingForm(forms.Form):
    """How residents are asked."""

    procedure = forms.ChoiceField(label=_("How residents vote"))
    is_secret = forms.BooleanField(label=_("In secret"), required=False, help_text=_("Not every procedure can be."))
    announced_on = forms.DateField(label=_("Announced on"), required=False, widget=DAY)
    opens_at = forms.DateTimeField(label=_("Voting opens"), required=False, widget=WHEN)
    closes_at = forms.DateTimeField(label=_("Voting closes"), required=False, widget=WHEN)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Offer the procedures in which residents vote."""
        super().__init__(*arguments, **options)
        offer(self, "procedure", [(p.code, p.name) for p in procedures().values() if p.roll in CHOOSING_ROLLS])

    def asking(self) -> Asking:
        """Return what was written as the action takes it."""
        return Asking(**self.cleaned_data)


class TopicForm(forms.Form):
    """In which topic residents decide."""

    topic = forms.ChoiceField(label=_("Topic in which residents decide"))

    def __init__(self, *arguments: Any, topics: Choices, **options: Any) -> None:
        """Offer the topics around."""
        super().__init__(*arguments, **options)
        offer(self, "topic", topics)


class ChosenForm(forms.Form):
    """Which proposal the topic decided for; of a ballot nothing is asked."""

    proposal = forms.ChoiceField(label=_("Which proposal residents decided for"), widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, proposals: Choices, **options: Any) -> None:
        """Offer the proposals; none where the ballot says it."""
        super().__init__(*arguments, **options)
        if rows := list(proposals):
            offer(self, "proposal", rows)
        else:
            del self.fields["proposal"]


class SignForm(forms.Form):
    """When the agreement was signed."""

    on = forms.DateField(
        label=_("Signed on"), widget=DAY, help_text=_("The days of the milestones are counted from it. Money must be set aside before.")
    )  # fmt: skip


class MoneyForm(forms.Form):
    """How much money moves, and why; `after` is the last move that was seen, so that a form sent twice moves it once."""

    after = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    amount = YuanField(label=_("Amount in yuan"))
    words = forms.CharField(label=_("What it is"), max_length=LONGEST_REMARK, help_text=PUBLIC)


class SourceForm(MoneyForm):
    """How much is set aside, and from which fund."""

    words = forms.CharField(label=_("From which fund or donation"), max_length=LONGEST_REMARK, help_text=PUBLIC)


class RemarkForm(forms.Form):
    """What is said of the money that goes back at the end."""

    words = forms.CharField(
        label=_("What is said of the money that is left"), max_length=LONGEST_REMARK, help_text=PUBLIC
    )


class ShownForm(forms.Form):
    """Which evidence is meant."""

    evidence = forms.ChoiceField(label=_("Which milestone"), widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, waiting: Choices, **options: Any) -> None:
        """Offer what waits to be looked at."""
        super().__init__(*arguments, **options)
        rows = list(waiting)
        offer(self, "evidence", rows)
        if len(rows) == 1:
            self.fields["evidence"].initial = rows[0][0]


class RefuseForm(ShownForm):
    """What is missing in what was shown."""

    why = forms.CharField(
        label=_("What is missing"), max_length=LONGEST_WHY, widget=_long(3),
        help_text=_("The partner reads it, mends it and shows it again.")
    )  # fmt: skip


class ReleaseForm(forms.Form):
    """Which milestone is paid."""

    acceptance = forms.TypedChoiceField(label=_("Which milestone is paid"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *arguments: Any, unpaid: Iterable[tuple[int, str]], **options: Any) -> None:
        """Offer what is accepted and not paid."""
        super().__init__(*arguments, **options)
        rows = list(unpaid)
        offer(self, "acceptance", rows)
        if len(rows) == 1:
            self.fields["acceptance"].initial = rows[0][0]
