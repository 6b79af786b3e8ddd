"""How reminders say things: no person is named, organisations and areas are."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from .queries import KINDS, Reminder

MOST_NAMES = 3
TITLES = {
    ("change", ""): gettext_lazy("Decide about a change"),
    ("transfer", "in"): gettext_lazy("Answer a transfer"),
    ("transfer", "receipt"): gettext_lazy("Close a transfer when its receipt comes"),
    ("transfer", "out"): gettext_lazy("A transfer is answered late"),
    ("correction", ""): gettext_lazy("Answer a correction"),
    ("contact", ""): gettext_lazy("Speak to a member who is away"),
    ("contact", "keeper_gone"): gettext_lazy("Name who keeps in touch with a member who is away"),
    ("probation", ""): gettext_lazy("The year of probation ends"),
    ("election", ""): gettext_lazy("An election is due"),
    ("post", ""): gettext_lazy("The term of a post ends"),
    ("handover", ""): gettext_lazy("Something is not handed over yet"),
    ("meeting", ""): gettext_lazy("A meeting is to be held, or excused"),
    ("meeting_missed", ""): gettext_lazy("A meeting was neither held nor excused"),
}
COUNTS = {
    "change": ngettext_lazy("Decide about %(n)s change", "Decide about %(n)s changes", "n"),
    "transfer": ngettext_lazy("%(n)s transfer waits", "%(n)s transfers wait", "n"),
    "correction": ngettext_lazy("Answer %(n)s correction", "Answer %(n)s corrections", "n"),
    "contact": ngettext_lazy("Speak to %(n)s member who is away", "Speak to %(n)s members who are away", "n"),
    "probation": ngettext_lazy("%(n)s year of probation ends", "%(n)s years of probation end", "n"),
    "election": ngettext_lazy("%(n)s election due or late", "%(n)s elections due or late", "n"),
    "post": ngettext_lazy("The term of %(n)s post ends", "The terms of %(n)s posts end", "n"),
    "handover": ngettext_lazy("%(n)s thing is not handed over", "%(n)s things are not handed over", "n"),
    "meeting": ngettext_lazy("%(n)s meeting to be held within a week", "%(n)s meetings to be held within a week", "n"),
    "meeting_missed": ngettext_lazy(
        "%(n)s meeting neither held nor excused", "%(n)s meetings neither held nor excused", "n"
    ),
}
# Where all of a kind are listed; the others stand on the page of reminders.
LISTS = {"change": "desk:changes", "transfer": "desk:transfers", "election": "desk:elections"}


def title_of(one: Reminder) -> str:
    """Say what is to be done."""
    return str(TITLES.get((one.kind, one.detail)) or TITLES[one.kind, ""])


def by_kind(due: Iterable[Reminder]) -> list[tuple[str, list[Reminder]]]:
    """Part what is due by kind, in the order in which kinds are listed."""
    due = list(due)
    parts = [(kind, [one for one in due if one.kind == kind]) for kind in KINDS]
    return [(kind, part) for kind, part in parts if part]


def count_of(kind: str, part: Sequence[Reminder]) -> str:
    """Say how many of a kind there are."""
    return str(COUNTS[kind] % {"n": len(part)})


def late_of(part: Iterable[Reminder]) -> str:
    """Say how many of them are late, "" if none is."""
    late = sum(one.late for one in part)
    return _("%(late)s late") % {"late": late} if late else ""


def list_url(kind: str) -> str:
    """Return the address at which all of a kind are listed."""
    return reverse(LISTS[kind]) if kind in LISTS else f"{reverse('desk:reminders')}#{kind}"


def digest(due: Iterable[Reminder], *, base: str) -> tuple[str, str]:
    """Return (title, text) of one message: by kind how many, of which organisations or areas, and where to do it.

    base  the site's address, "" where the installation doesn't say one: then no link is given
    """
    due = list(due)
    lines = []
    for kind, part in by_kind(due):
        names = [name for name, _n in Counter(one.what for one in part if one.what).most_common(MOST_NAMES)]
        told = [count_of(kind, part), late_of(part), _(", ").join(names)]
        lines.append(" · ".join(word for word in told if word))
        if base:
            lines.append(base.rstrip("/") + list_url(kind))
    return _("Weiduan: %(n)s due") % {"n": len(due)}, "\n".join(lines)
