"""Refusals: what the system says when it will not do what was asked.

A refusal is worded for the person who reads it: what is wrong and, where it can be said,
what to do. The doors turn it into a page or an answer with `status`.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class Refused(Exception):
    """The deed was refused; `str(error)` is the sentence in the reader's language.

    message  a sentence, usually from gettext_lazy, so that it is translated when it is shown
    values   fill the sentence's %(name)s places; kept apart because the places differ by language
    """

    status: ClassVar[int] = 409

    def __init__(self, message: Any, **values: Any) -> None:
        super().__init__(message)
        self._sentence = message
        self.values: Mapping[str, Any] = values

    @property
    def message(self) -> str:
        """The sentence, translated now and filled in."""
        sentence = str(self._sentence)
        return sentence % self.values if self.values else sentence

    def __str__(self) -> str:
        return self.message


class BadInput(Refused):
    """What was handed in can't be used as it is."""

    status = 400


class NotAllowed(Refused):
    """This person may not do this here."""

    status = 403


class NotFound(Refused):
    """There is no such thing, or none this person may know of."""

    status = 404
