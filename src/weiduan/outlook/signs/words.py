"""What people read of signs: a title for each kind, and the plain reason with its numbers. No person is named, ever."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .growth import Growing
from .promises import Promised
from .queries import Sign
from .rules import Kind
from .silence import Silent

TITLES: dict[Kind, Any] = {
    Kind.REPORTS_DUE: gettext_lazy("Matters soon due"),
    Kind.SHIFT: gettext_lazy("Shifts that lack people"),
    Kind.DECISION_TASK: gettext_lazy("Tasks of decisions soon due"),
    Kind.MEETING_TASK: gettext_lazy("Tasks of meetings soon due"),
    Kind.MILESTONE: gettext_lazy("Milestones soon due"),
    Kind.AGREEMENT: gettext_lazy("Agreements soon at their end"),
    Kind.TERM: gettext_lazy("Elections soon due"),
    Kind.GROWTH: gettext_lazy("Matters that grow"),
    Kind.SILENT: gettext_lazy("Units that fell silent"),
}
PROMISES: dict[Kind, Any] = {
    Kind.REPORTS_DUE: gettext_lazy("To be answered within two working days: %(n)s; the first by %(first)s."),
    Kind.DECISION_TASK: gettext_lazy("Tasks of decisions due within a week: %(n)s; the first on %(first)s."),
    Kind.MEETING_TASK: gettext_lazy("Tasks of meetings due within a week: %(n)s; the first on %(first)s."),
    Kind.MILESTONE: gettext_lazy("Milestones of projects to be shown within two weeks: %(n)s; the first on %(first)s."),
    Kind.AGREEMENT: gettext_lazy("Agreements with partners that end within two weeks: %(n)s; the first on %(first)s."),
    Kind.TERM: gettext_lazy("Elections due within thirty days: %(n)s; the first on %(first)s."),
    Kind.SHIFT: gettext_lazy("Shifts within a week without enough people: %(n)s, %(people)s people short; the first on %(first)s."),
}  # fmt: skip


def title_of(kind: Kind) -> str:
    """Say what kind of sign it is."""
    return str(TITLES[kind])


def reason_of(sign: Sign) -> str:
    """Say why it is a sign, with the numbers compared."""
    match sign.about:
        case Growing():
            return _growing(sign.about)
        case Silent():
            return _silent(sign.about)
        case Promised():
            told = {"n": sign.about.n, "first": _when(sign.about.first), "people": sign.about.people}
            return str(PROMISES[sign.kind]) % told


def heading_of(sign: Sign) -> str:
    """Say in a few words what the sign is about, beside the place."""
    return sign.about.named if isinstance(sign.about, Growing) else title_of(sign.kind)


def _growing(one: Growing) -> str:
    grown = one.grown
    first = (
        _("%(n)s in %(month)s, against %(usual)s a month on average in the %(months)s months before.")
        if one.is_whole
        else _("%(n)s so far in %(month)s, against %(usual)s a month on average in the %(months)s months before.")
    )
    told = {
        "n": grown.told, "month": date_format(one.month, "Y-m"), "usual": f"{grown.usual:.1f}", "months": grown.months,
    }  # fmt: skip
    sentence = first % told
    if grown.rate is None or grown.likes_rate is None:
        return sentence
    like = _("Units like it in the same town: %(likes)s for each hundred households; here %(rate)s.")
    second = like % {"likes": f"{grown.likes_rate:.1f}", "rate": f"{grown.rate:.1f}"}
    return _("%(first)s %(second)s") % {"first": sentence, "second": second}


def _silent(one: Silent) -> str:
    if one.what == "all":
        told = {"since": one.since} | {name: one.before.get(name, 0) for name in ("reports", "activities", "topics")}
        return (
            _(
                "Nothing at all since %(since)s; in the year before there were %(reports)s reports, %(activities)s activities and "
                "%(topics)s topics."
            )
            % told
        )
    return _("No report since %(since)s; in the year before there were %(n)s.") % {
        "since": one.since, "n": one.before["reports"],
    }  # fmt: skip


def _when(first: date | datetime) -> str:
    if isinstance(first, datetime):
        return date_format(timezone.localtime(first), "m-d H:i")
    return str(first)
