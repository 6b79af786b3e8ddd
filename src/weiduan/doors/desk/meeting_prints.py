"""The minutes in their usual form, and the sheet to sign; only those inside get them."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from weiduan.ground.base.pdf import pdf_of
from weiduan.outlook.insight.meeting_words import KIND_TITLES, PRESENCE_TITLES

from .prints import TEMPLATES, _lang


def minutes_pdf(meeting: Any, people: Sequence[Any], votes: Sequence[tuple[Any, Sequence[dict[str, Any]]]]) -> bytes:
    """Return the minutes of a meeting that was held, A4, with lines to sign on.

    people  who was due, with `presence`; empty once the names are erased
    votes   (vote, what the rules say of it)
    """
    by_presence = [
        (str(title), "、".join(one.name for one in people if one.presence == presence))
        for presence, title in PRESENCE_TITLES.items()
    ]
    data = {
        "lang": _lang(), "title": _("Minutes of a meeting"), "organisation": meeting.organisation.name,
        "known": [
            *_known(meeting),
            [_("Which post chaired"), meeting.chair],
            [_("Due and came"), _("%(due)s due, %(came)s came; with a vote %(voters)s due, %(voted)s came; %(guests)s guests") % {
                "due": meeting.members_due, "came": meeting.members_came, "voters": meeting.voters_due,
                "voted": meeting.voters_came, "guests": meeting.guests}],
            *([title, names] for title, names in by_presence if names),
        ],
        "minutes_title": _("Minutes"), "minutes": meeting.minutes, "votes_title": _("Votes of the meeting"),
        "votes": [[vote.what, _counts(vote), _verdicts(rows)] for vote, rows in votes],
        "vote_heads": [_("What was voted on"), _("In numbers"), _("By the rules")],
        "sign": [_("Chaired by"), _("Minutes by"), _("Day")],
    }  # fmt: skip
    return pdf_of(TEMPLATES / "minutes.typ", data)


def attendance_pdf(meeting: Any, due: Sequence[Any]) -> bytes:
    """Return the sheet for signing at the door, A4: everybody due by name, and empty lines for guests."""
    data = {
        "lang": _lang(), "title": _("Who came: sheet to sign"), "organisation": meeting.organisation.name, "known": _known(meeting),
        "heads": [_("No."), _("Name of the person"), _("With a vote"), _("Signature or reason of leave")],
        "rows": [[str(n), one.name, _("yes") if one.has_vote else _("no")] for n, one in enumerate(due, start=1)],
        "guests_title": _("Guests at the meeting"), "guests": 5,
        "foot": _("The keeper of the minutes takes the sheet over into the record, then keeps it with the paper minutes."),
    }  # fmt: skip
    return pdf_of(TEMPLATES / "attendance.typ", data)


def _known(meeting: Any) -> list[list[str]]:
    starts = f"{timezone.localtime(meeting.starts_at):%Y-%m-%d %H:%M}" if meeting.starts_at else ""
    return [
        [_("Kind of meeting"), str(KIND_TITLES[meeting.kind])], [_("What the meeting is about"), meeting.title],
        [_("When"), starts], [_("Where it is held"), meeting.place],
    ]  # fmt: skip


def _verdicts(rows: Sequence[dict[str, Any]]) -> str:
    return "；".join(f"{row['word']}（{row['found']}，{row['force']}）" for row in rows)


def _counts(vote: Any) -> str:
    return _("%(yes)s yes, %(no)s no, %(abstained)s abstained") % {
        "yes": vote.yes, "no": vote.no, "abstained": vote.abstained,
    }  # fmt: skip
