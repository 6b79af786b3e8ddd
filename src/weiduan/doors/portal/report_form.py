"""What a resident is asked to tell a matter: what, where, and a contact if wanted; one form a step."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from math import nan
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.images import MOST_BYTES
from weiduan.ground.base.room import has_room
from weiduan.ground.territory.locate import unit_at
from weiduan.ground.territory.queries import ancestors_of, names_by_code, search_places
from weiduan.ground.territory.rules import Level, level_of
from weiduan.outlook.insight.report_words import WISH_TITLES
from weiduan.systems.governance.categories.queries import offered, suggested
from weiduan.systems.governance.reports.intake import Telling
from weiduan.systems.governance.reports.rules import LONGEST_PLACE, LONGEST_TEXT, MOST_PHOTOS, Wish

MOST_FOUND = 12
OTHER = "other"


class WhatForm(forms.Form):
    """In one's own words."""

    text = forms.CharField(
        label=_("What is not right?"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In your own words, for example: a car has been parked in the fire lane of building 3 since yesterday. "
                    "Name no person."),
        error_messages={"required": _("Say what it is about in a few words.")},
    )  # fmt: skip


class WhereForm(forms.Form):
    """What sort of matter, and where; the sort is suggested from the text, never decided."""

    guess = forms.ChoiceField(label=_("What is it about?"), required=False, widget=forms.RadioSelect)
    category = forms.ChoiceField(label=_("What is it about?"), required=False)
    unit = forms.ChoiceField(label=_("Which place"), required=False, widget=forms.RadioSelect)
    look = forms.CharField(
        label=_("Look for the place by name"), required=False, max_length=40,
        help_text=_("Name of the estate, courtyard, village or community; then touch “Search”."),
    )  # fmt: skip
    place = forms.CharField(
        label=_("Where exactly"), required=False, max_length=LONGEST_PLACE,
        help_text=_("For example: east of building 3, by the gate."),
    )  # fmt: skip
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)

    def __init__(self, data: Any, *, text: str, on: date, initial: Mapping[str, Any] | None = None) -> None:
        """Ask about a text; the places to choose from are the one chosen before and those found by name."""
        self.on, guesses, initial = on, suggested(text), dict(initial or {})
        if initial.get("category") in {guess.code for guess in guesses}:
            initial |= {"guess": initial["category"], "category": ""}
        super().__init__(data, initial=initial)
        whole = [("", "—"), *((g.heading.name, [(c.code, c.name) for c in g.choices]) for g in offered())]
        self._offer("category", whole)
        self._offer("guess", [*((g.code, _guessed(g)) for g in guesses), (OTHER, _("Something else: choose below"))])
        if guesses:
            self.fields["category"].label = _("If something else: from the whole list")
        else:
            del self.fields["guess"]
        self._offer("unit", self._places(data or initial))

    def _offer(self, name: str, choices: list[Any]) -> None:
        offer(self, name, choices)

    def _places(self, said: Mapping[str, Any]) -> list[tuple[str, str]]:
        before, words = str(said.get("unit") or ""), narrowed(str(said.get("look") or ""))[:40]
        rows = search_places("", on=self.on, codes={before}) if before else []
        if words:
            rows += [row for row in search_places(words, on=self.on, most=MOST_FOUND) if row not in rows]
        rows = [row for row in rows if row.level in (Level.VILLAGE, Level.UNIT)]
        names = names_by_code({code for row in rows for code in ancestors_of(row.code)}, on=self.on)
        return [(row.code, _lies(row, names)) for row in rows]

    @property
    def has_places(self) -> bool:
        """Whether there is a place to choose from."""
        return bool(self.fields["unit"].choices)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What only fits together."""
        said = super().clean() or {}
        listed, guess = said.get("category", ""), said.get("guess", "")
        guess = "" if guess == OTHER else guess
        said["category"] = listed or guess
        if not said["category"] and "category" not in self.errors:
            self.add_error("guess" if "guess" in self.fields else "category", _("Choose what it is about."))
        if listed and guess and listed != guess:
            self.add_error("category", _("Choose one: what was suggested, or one of the list."))
        if not said.get("unit") and "unit" not in self.errors:
            self.add_error(
                "unit" if self.has_places else "look", _("Choose the place: look for it by name, or use yours.")
            )
        lon, lat = said.get("lon"), said.get("lat")
        drawn = unit_at(lon, lat, on=self.on) if lon is not None and lat is not None else None
        if drawn is None or drawn[:18] != said.get("unit"):  # another place was chosen than where the phone is
            said["lon"] = said["lat"] = None
        return said


class ContactForm(forms.Form):
    """Photos, and a contact if wanted."""

    wish = forms.ChoiceField(
        label=_("Who may see how to reach you?"), widget=forms.RadioSelect, choices=list(WISH_TITLES.items()),
        initial=Wish.ANONYMOUS.value, error_messages={"required": _("Choose who may see your contact, or nobody.")},
    )  # fmt: skip
    contact = forms.CharField(
        label=_("Telephone or e-mail"), required=False, max_length=LONGEST_PLACE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Sealed; who reads it must say why, and you see that it was read. Erased 90 days after closing, or at once "
                    "when you say so."),
    )  # fmt: skip
    in_confidence = forms.BooleanField(
        label=_("Told in confidence"), required=False,
        help_text=_("In no public figure, list or map, not even as one more matter of your unit. Who has it in hand sees it all the "
                    "same."),
    )  # fmt: skip

    def clean_contact(self) -> str:
        """A number typed with full-width digits is the same number."""
        return narrowed(self.cleaned_data["contact"])

    def clean(self) -> dict[str, Any]:
        """A contact that nobody may see, or a wish without one, would each be a misunderstanding."""
        said = super().clean() or {}
        is_anonymous, has_contact = said.get("wish") == Wish.ANONYMOUS.value, bool(said.get("contact"))
        if is_anonymous and has_contact:
            self.add_error("wish", _("You wrote how to reach you. Say who may see it, or empty that field."))
        if said.get("wish") and not is_anonymous and not has_contact and "contact" not in self.errors:
            self.add_error("contact", _("Write how to reach you, or stay anonymous."))
        return said


def telling(said: Mapping[str, str], contact: Mapping[str, Any], photos: tuple[bytes, ...]) -> Telling:
    """Return what was told: what the steps before kept in the form, and what is in the last one.

    :raises BadInput: what is kept is none of what those steps offered
    """
    if not _is_offered(said.get("unit", "")):
        raise BadInput(gettext("Choose the place: look for it by name, or use yours."))
    return Telling(
        category=said.get("category", ""), text=said.get("text", ""), area=said["unit"], lon=_degrees(said.get("lon", ""), 180),
        lat=_degrees(said.get("lat", ""), 90), place=said.get("place", ""), photos=photos, contact=contact["contact"],
        wish=Wish(contact["wish"]), in_confidence=contact["in_confidence"],
    )  # fmt: skip


def _is_offered(code: str) -> bool:
    """Tell whether a code is that of a village or a unit; whether there is one, the action asks."""
    try:
        return level_of(code) in (Level.VILLAGE, Level.UNIT)
    except ValueError:
        return False


def _degrees(text: str, most: int) -> float | None:
    try:
        degrees = float(text) if text else None
    except ValueError:
        degrees = nan
    if degrees is not None and not -most <= degrees <= most:
        raise BadInput(gettext("Choose the place: look for it by name, or use yours."))
    return degrees


def plain(sent: QueryDict) -> dict[str, str]:
    """Return what was sent, the last of each name, without the character no database keeps."""
    return {name: str(value).replace("\0", "") for name, value in sent.items()}


def photos_sent(request: HttpRequest) -> tuple[bytes, ...]:
    """Return the pictures sent; one more than allowed, or one byte more, is enough to refuse."""
    if request.FILES.getlist("photos") and not has_room():
        messages.warning(
            request, _("Your words are taken; there is no room for photos at the moment. Add them here later.")
        )
        return ()
    return tuple(file.read(MOST_BYTES + 1) for file in request.FILES.getlist("photos")[: MOST_PHOTOS + 1])


def narrowed(text: str) -> str:
    """Return a text with full-width letters and digits made plain, without spaces around."""
    return unicodedata.normalize("NFKC", text).strip()


def _guessed(guess: Any) -> str:
    words = gettext(", ").join(guess.because)
    return gettext("%(name)s (you wrote “%(words)s”)") % {"name": guess.name, "words": words}


def _lies(row: Any, names: Mapping[str, str]) -> str:
    above = [names.get(code) for code in ancestors_of(row.code)[:-1] if len(code) == 12]
    return " · ".join([row.name, " › ".join([name for name in above if name][-2:])])
