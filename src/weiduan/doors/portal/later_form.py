"""What is written down without network, in one form: the questions of the three steps, where no place can be looked for by name."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.doors.offering import offer
from weiduan.ground.territory.locate import unit_at
from weiduan.ground.territory.queries import search_places, top_areas
from weiduan.ground.territory.rules import Level
from weiduan.systems.governance.categories.queries import offered
from weiduan.systems.governance.reports.intake import Telling
from weiduan.systems.governance.reports.rules import Wish

from .report_form import ContactForm, WhatForm, WhereForm


class LaterForm(ContactForm):
    """A whole matter on one page, as it waits on a phone."""

    text = WhatForm.base_fields["text"]
    category = forms.ChoiceField(
        label=gettext_lazy("What is it about?"), error_messages={"required": gettext_lazy("Choose what it is about.")}
    )
    area = forms.ChoiceField(
        label=gettext_lazy("Which place"), required=False,
        help_text=gettext_lazy("Places you opened this page from, while there was network. Without one, say below where it is, or use "
                               "where your phone is."),
    )  # fmt: skip
    place = WhereForm.base_fields["place"]
    lon = WhereForm.base_fields["lon"]
    lat = WhereForm.base_fields["lat"]
    field_order = ("text", "category", "area", "place", "wish", "contact", "in_confidence")

    def __init__(self, data: Mapping[str, str] | None, *, unit: str, on: date) -> None:
        """Offer the categories, and the unit or village with the code `unit` if there is one."""
        super().__init__(data and {"wish": Wish.ANONYMOUS.value, **data}, initial={"area": unit})
        self.on = on
        found = search_places("", on=on, codes={unit}) if unit else []
        places = [(place.code, place.name) for place in found if place.level in (Level.VILLAGE, Level.UNIT)]
        offer(self, "area", [("", _("where I am, or as I write it")), *places])
        whole = [("", "—"), *((g.heading.name, [(c.code, c.name) for c in g.choices]) for g in offered())]
        offer(self, "category", whole)

    def clean(self) -> dict[str, Any]:
        """The unit chosen counts, else the one the phone is in.

        Where there is neither, it goes to the one district there is, whose staff pass it on: without network nobody can look their
        unit up.
        """
        said = super().clean()
        lon, lat, chosen = said.get("lon"), said.get("lat"), said.get("area")
        here = (unit_at(lon, lat, on=self.on) or "")[:18] if lon is not None and lat is not None else ""
        if (lon is None) != (lat is None):
            self.add_error("place", _("Your place could not be read. Say in words where it is."))
        elif chosen and here != chosen:  # another place was chosen than where the phone is
            said["lon"] = said["lat"] = None
        elif not chosen:
            said["area"] = here or self._widest(has_place=bool(said.get("place")) or lon is not None)
        return said

    def _widest(self, *, has_place: bool) -> str:
        tops = top_areas(on=self.on)
        if len(tops) == 1 and has_place:
            return tops[0]
        self.add_error("place", _("Say where it is, or use where your phone is."))
        return ""

    def telling(self, photos: tuple[bytes, ...]) -> Telling:
        """Return what was told; the form is valid."""
        said = self.cleaned_data
        return Telling(
            category=said["category"], text=said["text"], area=said["area"], lon=said["lon"], lat=said["lat"], place=said["place"],
            photos=photos, contact=said["contact"], wish=Wish(said["wish"]), in_confidence=said["in_confidence"],
        )  # fmt: skip

    def mistakes(self) -> str:
        """Return what is wrong, in sentences for whoever wrote it."""
        return " ".join(str(sentence) for sentences in self.errors.values() for sentence in sentences)
