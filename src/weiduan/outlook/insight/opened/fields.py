"""What a field of open data says about itself: one entry of the data dictionary."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

LEAST_HOUSEHOLDS = 5  # fewer aren't told: their homes could be told apart


class Type(StrEnum):
    TEXT = "string"
    WHOLE = "integer"
    NUMBER = "number"
    MONEY = "decimal"
    YES_NO = "boolean"
    DAY = "date"
    MOMENT = "date-time"


TYPE_TITLES = {
    Type.TEXT: _("text"), Type.WHOLE: _("whole number"), Type.NUMBER: _("decimal number"),
    Type.MONEY: _("amount with two decimals, in JSON as text"), Type.YES_NO: _("yes or no"),
    Type.DAY: _("day, YYYY-MM-DD"), Type.MOMENT: _("moment, with its zone"),
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field: its name in files, what it is, where it comes from; `unit`: what a number counts; `values`: what it may say."""

    name: str
    type: Type
    meaning: Any
    source: Any
    unit: Any = ""
    values: tuple[str, ...] = ()

    @property
    def type_title(self) -> Any:
        """What sort of value it is, in words."""
        return TYPE_TITLES[self.type]

    def schema(self) -> dict[str, Any]:
        """Return the field as JSON Schema."""
        kinds = {Type.DAY: "string", Type.MOMENT: "string", Type.MONEY: "string"}
        found = {"type": kinds.get(self.type, self.type.value), "title": str(self.meaning)}
        if self.type in kinds:
            found["format"] = self.type.value
        return found | ({"enum": list(self.values)} if self.values else {})

    def told(self) -> dict[str, Any]:
        """Return the entry of the data dictionary."""
        found = {
            "name": self.name, "type": self.type.value, "unit": str(self.unit), "meaning": str(self.meaning),
            "source": str(self.source),
        }  # fmt: skip
        return found | ({"values": list(self.values)} if self.values else {})


SURVEYED, COMPUTED, KEPT = _("survey of the units"), _("computed from the four systems"), _("record of the places")
ON_THE_DAY = _("record of the areas")


def told_of(row: dict[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """Return just the fields of a row that are published and known, in their order."""
    return {field.name: row[field.name] for field in fields if row.get(field.name) is not None}
