"""What waits for somebody to act."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from weiduan.ground.territory.reform import open_successions
from weiduan.systems.organisation.changes.queries import elections_due, to_decide_in
from weiduan.systems.organisation.members.lists import probation_due_in
from weiduan.systems.organisation.own.queries import corrections_in
from weiduan.systems.organisation.transfers.queries import contact_due_in, due_in


@dataclass(frozen=True)
class Waiting:
    """One thing to do: what it is, the place or file it is about, and where to do it."""

    title: str
    about: str
    url: str


def waiting_for(areas: list[str], runs: list[Any]) -> list[Waiting]:
    """Return what waits for whoever keeps the ground of `areas` and sent in these survey runs."""
    return [*_surveys(runs), *(w for area in areas for w in _successions(area))]


def _surveys(runs: list[Any]) -> list[Waiting]:
    titles = {
        "ready": _("Load the checked survey"),
        "faulty": _("Correct the survey"),
        "refused": _("The file was refused"),
    }
    return [
        Waiting(
            titles.get(run.state, _("The survey is being checked")),
            run.file_name,
            reverse("desk:survey_run", args=[run.pk]),
        )
        for run in runs
    ]


def _successions(area: str) -> list[Waiting]:
    open_ = len(open_successions(area))
    if not open_:
        return []
    title = ngettext("Decide what becomes of %(n)s division", "Decide what becomes of %(n)s divisions", open_) % {
        "n": open_
    }
    return [Waiting(title, _("After the reform"), reverse("desk:pending", args=[area]))]


def changes_waiting(areas: list[str], on: date) -> list[Waiting]:
    """Return the changes to decide and the elections due for whoever keeps the organisations of `areas`: two lines at most."""
    found = []
    to_decide = len(to_decide_in(areas, on=on)) if areas else 0
    if to_decide:
        title = ngettext("Decide about %(n)s change", "Decide about %(n)s changes", to_decide) % {"n": to_decide}
        found.append(Waiting(title, _("Asked for by organisations below"), reverse("desk:changes")))
    due = elections_due(areas, on=on) if areas else []
    if due:
        late = sum(one.stage == 0 for one in due)
        title = ngettext("%(n)s election due or late", "%(n)s elections due or late", len(due)) % {"n": len(due)}
        found.append(Waiting(title, _("%(late)s late") % {"late": late}, reverse("desk:elections")))
    return found


def members_waiting(codes: list[str], on: date) -> list[Waiting]:
    """What waits for whoever keeps the members there: one query for each kind."""
    if not codes:
        return []
    return [*_transfers(codes, on), *_contacts(codes, on), *_probations(codes, on), *_corrections(codes, on)]


def _transfers(codes: list[str], on: date) -> list[Waiting]:
    titles = {
        "in": _("Answer a transfer"),
        "receipt": _("Close a transfer when its receipt comes"),
        "out": _("A transfer is answered late"),
    }
    return [
        Waiting(titles[due.side], _about(due.number, due.organisation, due.due, due.late), reverse("desk:transfers"))
        for due in due_in(codes, on=on)
    ]


def _contacts(codes: list[str], on: date) -> list[Waiting]:
    return [
        Waiting(
            _("Name who keeps in touch with a member who is away")
            if due.keeper_gone
            else _("Speak to a member who is away"),
            _about(due.number, due.organisation, due.due, due.late),
            reverse("desk:member", args=[due.number]),
        )
        for due in contact_due_in(codes, on=on)
    ]


def _probations(codes: list[str], on: date) -> list[Waiting]:
    return [
        Waiting(
            _("The year of probation ends"),
            _about(due.number, due.organisation, due.due, due.late),
            reverse("desk:member", args=[due.number]),
        )
        for due in probation_due_in(codes, on=on)
    ]


def _corrections(codes: list[str], on: date) -> list[Waiting]:
    return [
        Waiting(_("Answer a correction"), f"{organisation} · {number}", reverse("desk:member", args=[number]))
        for number, organisation, _asked in corrections_in(codes, on=on)
    ]


def _about(number: str, organisation: str, due: date, late: bool) -> str:
    by = _("late since %(day)s") if late else _("by %(day)s")
    return f"{organisation} · {number} · {by % {'day': due}}"
