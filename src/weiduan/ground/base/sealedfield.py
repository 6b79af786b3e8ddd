"""The column of a sealed value (sealed.py): by its class all of them are found, when keys change."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models


class SealedField(models.BinaryField):
    """A value sealed for the place `table|pk|field` of its own row; for the database it is plain bytes."""

    def deconstruct(self) -> Any:
        """Be a binary field to migrations, which import none of ours."""
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.BinaryField", arguments, options


def sealed_fields() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Yield each model that has sealed values, and in which fields."""
    for model in apps.get_models():
        if names := [field.name for field in model._meta.concrete_fields if isinstance(field, SealedField)]:
            yield model, names
