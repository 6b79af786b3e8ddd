"""Say what can be chosen in a form once it is known."""

from collections.abc import Iterable
from typing import Any

from django import forms


def offer(form: forms.Form, name: str, choices: Iterable[Any]) -> None:
    """Give a field its choices, as (value, title) or grouped under a heading."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)
