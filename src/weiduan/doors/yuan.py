"""Yuan as people type and read them: with two decimals, exactly."""

from decimal import Decimal
from typing import Any

from django import forms

from weiduan.systems.services.projects.rules import MOST_FEN, fen_of, yuan_of


class YuanField(forms.DecimalField):
    """An amount in yuan; `cleaned_data` holds it in fen."""

    def __init__(self, **options: Any) -> None:
        """Take two decimals and no more than there can be."""
        options.setdefault("min_value", Decimal("0.01"))
        super().__init__(max_digits=13, decimal_places=2, max_value=yuan_of(MOST_FEN), **options)

    def clean(self, value: Any) -> Any:
        """Return the amount in fen, None where none was typed."""
        yuan = super().clean(value)
        return None if yuan is None else fen_of(yuan)
