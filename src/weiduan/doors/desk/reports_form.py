"""What a handler writes: one small form a move; and a matter written down for somebody."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.ground.base.images import MOST_BYTES
from weiduan.outlook.insight.report_words import WISH_TITLES
from weiduan.systems.governance.categories.queries import offered
from weiduan.systems.governance.reports.rules import LONGEST_PLACE, LONGEST_TEXT, LONGEST_WORDS, MOST_PHOTOS, Wish
from weiduan.systems.governance.reports.tasks import LONGEST_TO
from weiduan.systems.governance.reports.templates import LONGEST_TITLE

from .members_form import DAY

PICTURES = "image/jpeg,image/png,image/webp"


def words_field(label: Any, hint: Any, *, required: bool = True) -> forms.CharField:
    """Ask for words of the usual length."""
    return forms.CharField(
        label=label, help_text=hint, required=required, max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip


class SeveralFiles(forms.FileInput):
    """An input that takes several files at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several pictures; how many and whether they are pictures is for the action to judge."""

    def __init__(self, label: Any) -> None:
        """Ask for pictures, none of them needed."""
        super().__init__(
            label=label, required=False, widget=SeveralFiles(attrs={"accept": PICTURES}),
            help_text=_("At most five: JPEG, PNG or WebP, each at most 12 MB. Place, time and device are taken out."),
        )  # fmt: skip

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files, each looked at as one alone would be; one more than allowed is enough to refuse."""
        return [super(PhotosField, self).clean(one, initial) for one in (data or [])[: MOST_PHOTOS + 1]]


class BeginForm(forms.Form):
    """Work began."""

    words = words_field(_("What is being done"), _("Whoever told it reads this. Name no person."), required=False)


class AnswerForm(forms.Form):
    """What was done."""

    words = words_field(
        _("What was done"), _("Whoever told it reads this and says whether it is solved. Name no person.")
    )
    photos = PhotosField(_("Photos of the result"))


class WhyForm(forms.Form):
    """A reason that whoever told it reads too."""

    words = words_field(_("Why"), _("Whoever gets it, and whoever told it, reads this. Name no person."))


class NotOursForm(forms.Form):
    """Whom it is for."""

    words = words_field(_("Who sees to it, and how to reach them"), _("Whoever told it reads this. Name no person."))


class HandOverForm(WhyForm):
    """To which area, and why."""

    to = forms.ChoiceField(label=_("To whom"))
    field_order = ("to", "words")

    def __init__(self, data: Any, *, areas: Sequence[Any]) -> None:
        """Offer areas by name and code."""
        super().__init__(data)
        offer(self, "to", [("", "—"), *((a.code, f"{a.name}（{a.code}）") for a in areas)])


class JoinForm(forms.Form):
    """To which other report."""

    other = forms.ChoiceField(label=_("The same matter as"), widget=forms.RadioSelect)

    def __init__(self, data: Any, *, others: Sequence[Any]) -> None:
        """Offer open reports of the same place."""
        super().__init__(data)
        rows = [(str(one.pk), f"{one.category.name} · {one.number} · {one.text[:40]}") for one in others]
        offer(self, "other", rows)


class CategoryForm(forms.Form):
    """What it is really about."""

    category = forms.ChoiceField(label=_("What is it about?"))

    def __init__(self, data: Any, *, now: str = "") -> None:
        """Offer what can be chosen."""
        super().__init__(data, initial={"category": now})
        offer(self, "category", category_choices())


def contents_of(photos: Sequence[Any]) -> tuple[bytes, ...]:
    """Return what is in pictures sent; of each one byte more than allowed is enough to refuse it."""
    return tuple(photo.read(MOST_BYTES + 1) for photo in photos)


def category_choices() -> list[Any]:
    """Return the categories under their headings, as a choice field wants them."""
    return [("", "—"), *((g.heading.name, [(c.code, c.name) for c in g.choices]) for g in offered())]


class NoteForm(forms.Form):
    """A note for colleagues."""

    words = words_field(_("Note for colleagues"), _("Whoever told it never sees this."))


class ReleaseForm(forms.Form):
    """Words for everyone."""

    words = words_field(
        _("In words for everyone"),
        _(
            "Shown on the public page of the area, with the state. Name no person and no flat. Empty: not shown any more."
        ),
        required=False,
    )


class ReadForm(forms.Form):
    """Why the contact is opened."""

    words = words_field(_("What for"), _("Whoever told it sees that the contact was read, and why."))


class PlaceForm(forms.Form):
    """Where it really lies; touching the map fills both in."""

    lat = forms.FloatField(
        label=_("Latitude"), min_value=-90, max_value=90, widget=forms.NumberInput(attrs={"step": "any"})
    )
    lon = forms.FloatField(
        label=_("Longitude"), min_value=-180, max_value=180, widget=forms.NumberInput(attrs={"step": "any"})
    )  # fmt: skip


class TaskForm(forms.Form):
    """What a department or a partner is to do, until when."""

    to = forms.CharField(
        label=_("For whom"), max_length=LONGEST_TO, help_text=_("A department or a partner. Name no person.")
    )  # fmt: skip
    what = words_field(_("What is to be done"), _("Staff who handle this read it; whoever told it doesn't."))
    until = forms.DateField(label=_("Until which day"), widget=DAY)


class TaskDoneForm(forms.Form):
    """What came of a task."""

    task = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    words = words_field(_("What came of it"), _("Staff who handle this read it; whoever told it doesn't."))


class TemplateForm(forms.Form):
    """Words to begin answers with."""

    area = forms.ChoiceField(label=_("For which area"), help_text=_("It is offered there and everywhere below."))
    category = forms.ChoiceField(
        label=_("What is it for?"), required=False, help_text=_("None chosen: for everything.")
    )
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    words = words_field(_("Words to begin with"), _("Name no person; what differs is filled in with each answer."))

    def __init__(self, data: Any, *, areas: Sequence[tuple[str, str]]) -> None:
        """Offer areas (code, name), and the categories."""
        super().__init__(data)
        offer(self, "area", areas)
        offer(self, "category", category_choices())


class TellForm(forms.Form):
    """A matter somebody told by telephone or on a visit."""

    category = forms.ChoiceField(label=_("What is it about?"))
    unit = forms.ChoiceField(label=_("Which place"))
    place = forms.CharField(
        label=_("Where exactly"), required=False, max_length=LONGEST_PLACE,
        help_text=_("For example: east of building 3, by the gate."),
    )  # fmt: skip
    text = forms.CharField(
        label=_("What was told"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("As it was told; leave out who told it."),
    )  # fmt: skip
    photos = PhotosField(_("Photos"))
    in_confidence = forms.BooleanField(
        label=_("Told in confidence"), required=False,
        help_text=_("It is in no public figure, list or map, and can't be shown to everyone."),
    )  # fmt: skip
    wish = forms.ChoiceField(
        label=_("Who may see the contact?"), widget=forms.RadioSelect, choices=list(WISH_TITLES.items()),
        initial=Wish.ANONYMOUS.value,
    )  # fmt: skip
    contact = forms.CharField(
        label=_("Telephone or e-mail"), required=False, max_length=LONGEST_PLACE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Only if it was left to be answered. Sealed; who reads it must say why."),
    )  # fmt: skip

    def __init__(self, data: Any, files: Any = None, *, places: Sequence[tuple[str, str]]) -> None:
        """Offer the categories, and places to choose from."""
        super().__init__(data, files)
        offer(self, "category", category_choices())
        offer(self, "unit", [("", "—"), *places])

    def clean(self) -> dict[str, Any]:
        """A contact that nobody may see, or a wish without one, would each be a misunderstanding."""
        said = super().clean() or {}
        is_anonymous, has_contact = said.get("wish") == Wish.ANONYMOUS.value, bool(said.get("contact"))
        if is_anonymous and has_contact:
            self.add_error("wish", _("A contact is written down. Say who may see it, or empty that field."))
        if said.get("wish") and not is_anonymous and not has_contact and "contact" not in self.errors:
            self.add_error("contact", _("Write the contact down, or choose nobody."))
        return said
