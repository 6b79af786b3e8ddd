"""What is asked when a survey is sent in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.doors.offering import offer
from weiduan.outlook.survey.sheets import COORDINATES


class SurveyForm(forms.Form):
    """A file, what it is, which area it is of and in which coordinates its points are.

    :param areas: (code, name) of those the sender may survey
    :param posted: whether it was sent; an empty one that was is complained about, one only looked at is not
    """

    area = forms.ChoiceField(
        label=_("Area of the survey"),
        help_text=_("Only what lies in this area is compared and changed."),
        error_messages={
            "required": _("Choose the area."),
            "invalid_choice": _("Choose an area of the list."),
        },
    )
    kind = forms.ChoiceField(
        label=_("What the file holds"),
        choices=[
            ("workbook", _("the survey workbook (xlsx)")),
            ("shapes", _("shapes of grids and units (GeoJSON, GeoPackage or zipped Shapefile)")),
        ],
        widget=forms.RadioSelect,
        initial="workbook",
        error_messages={"required": _("Choose what the file holds.")},
    )
    coordinates = forms.ChoiceField(
        label=_("Coordinates of the shapes"),
        help_text=_("Only for shapes. Maps handed out in China are mostly GCJ-02; a workbook says it on its cover."),
        choices=[("", _("not needed for a workbook")), *COORDINATES.items()],
        required=False,
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("Nothing is loaded yet: first it is checked and you see what would change."),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("The file is empty."),
            "max_length": _("The name of the file is too long."),
        },
        max_length=200,
    )

    def __init__(self, data: Any, files: Any, *, areas: list[tuple[str, str]], posted: bool) -> None:
        super().__init__(data if posted else None, files if posted else None)
        offer(self, "area", areas)

    def clean(self) -> dict[str, Any]:
        """Shapes without a coordinate system can't be placed."""
        data = super().clean() or {}
        if data.get("kind") == "shapes" and not data.get("coordinates"):
            self.add_error("coordinates", _("Say which coordinates the shapes are in."))
        return data
