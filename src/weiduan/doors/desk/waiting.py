"""What waits for somebody to act."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from weiduan.ground.territory.reform import open_successions


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
