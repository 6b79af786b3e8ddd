"""What is written down of an election: the day, how many came, who was elected to which post with how many votes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from weiduan.systems.organisation.appointments.rules import Role
from weiduan.systems.organisation.changes.elections import Elected

MOST_LISTED = 300  # full members to choose from by name; of more, the elected are named by number
MOST_ELECTED = 9  # more than any committee the rules know

Listed = tuple[UUID, str, str]  # key, number and name of a full member
Row = tuple[forms.BoundField, forms.BoundField, forms.BoundField]  # who, which post, how many votes


class ElectionForm(forms.Form):
    """One row for everybody elected; the first is for whoever leads, the others may stay empty.

    listed  the full members, or None where there are too many to choose from: then they are named by number
    find    number → key of the full member who has it
    roles   the posts that are elected, who leads first
    """

    on = forms.DateField(
        label=_("Day of the election"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    voters = forms.IntegerField(
        label=_("How many were due to vote"), min_value=1,
        help_text=_("As many as there are full members, if all of them vote."),
    )  # fmt: skip
    attended = forms.IntegerField(label=_("How many came"), min_value=1)

    def __init__(
        self, data: Any = None, *, listed: Sequence[Listed] | None, find: Callable[[str], UUID | None],
        roles: Sequence[tuple[str, str]], today: date, electors: int,
    ) -> None:  # fmt: skip
        super().__init__(data, initial={"on": today, "voters": electors or None, "role_0": roles[0][0]})
        self._find, self._by_number = find, listed is None
        people = [("", "—"), *((str(key), f"{name}（{number}）") for key, number, name in listed or ())]
        self._rows = range(1 if len(roles) == 1 else MOST_ELECTED)
        for row in self._rows:
            self.fields[f"who_{row}"] = (
                forms.CharField(label=_("Number of the elected"), required=False, max_length=30)
                if listed is None
                else forms.ChoiceField(label=_("Elected"), required=False, choices=people)
            )
            self.fields[f"role_{row}"] = forms.ChoiceField(label=_("Post"), required=False, choices=[("", "—"), *roles])
            self.fields[f"votes_{row}"] = forms.IntegerField(label=_("Votes"), required=False, min_value=0)

    def head(self) -> list[forms.BoundField]:
        """Return the fields of the election as a whole."""
        return [self["on"], self["voters"], self["attended"]]

    def rows(self) -> Iterator[Row]:
        """Return the fields of the rows."""
        for row in self._rows:
            yield self[f"who_{row}"], self[f"role_{row}"], self[f"votes_{row}"]

    def clean(self) -> dict[str, Any]:
        """Let a row be whole or empty, and the first one whole."""
        said = super().clean() or {}
        for row in self._rows:
            self._check(row, said)
        return said

    def _check(self, row: int, said: dict[str, Any]) -> None:
        who, role, votes = (said.get(f"{field}_{row}") for field in ("who", "role", "votes"))
        if not (who or role or votes is not None) and row:
            return
        missing = {
            f"who_{row}": (not who, _("Say who was elected.")), f"role_{row}": (not role, _("Choose the post.")),
            f"votes_{row}": (votes is None, _("Write how many votes.")),
        }  # fmt: skip
        for field, (lacks, words) in missing.items():
            if lacks and not self.has_error(field):
                self.add_error(field, words)
        if who and self._by_number and self._find(who) is None:
            self.add_error(f"who_{row}", _("No full member here has this number."))

    def elected(self) -> list[Elected]:
        """Return who was elected; call it once the form is valid."""
        said = self.cleaned_data
        chosen = (
            (self._key(said[f"who_{n}"]), said[f"role_{n}"], said[f"votes_{n}"]) for n in self._rows if said[f"who_{n}"]
        )
        return [Elected(key, Role(role), votes) for key, role, votes in chosen if key is not None]

    def _key(self, who: str) -> UUID | None:
        return self._find(who) if self._by_number else UUID(who)
