"""The ledger in plain words, for the history of one thing."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weiduan.outlook.insight.words import CONSENT_TITLES, KIND_TITLES, UNIT_KIND_TITLES

TITLES = {
    "area.founded": gettext_lazy("Taken into the register"),
    "area.changed": gettext_lazy("Particulars changed"),
    "area.ended": gettext_lazy("Taken off the register"),
    "area.drawn": gettext_lazy("Outline drawn on the map"),
    "area.reformed": gettext_lazy("Given a new code by a reform"),
    "area.settled": gettext_lazy("Gone over into another after a reform"),
    "survey.loaded": gettext_lazy("Survey loaded"),
    "survey.exported": gettext_lazy("Given out as a workbook"),
    "organisation.set_up": gettext_lazy("Taken into the register"),
    "organisation.changed": gettext_lazy("Particulars changed"),
    "organisation.dissolved": gettext_lazy("Dissolved"),
    "term.begun": gettext_lazy("Election held"),
    "member.joined": gettext_lazy("Joined"),
    "member.made_full": gettext_lazy("Made a full member"),
    "member.changed": gettext_lazy("Particulars changed"),
    "member.away": gettext_lazy("Away"),
    "member.contacted": gettext_lazy("Spoken to"),
    "member.back": gettext_lazy("Back"),
    "member.left": gettext_lazy("Membership ended"),
    "member.ended": gettext_lazy("Membership ended"),
    "transfer.asked": gettext_lazy("Transfer asked for"),
    "transfer.accepted": gettext_lazy("Transfer accepted"),
    "transfer.returned": gettext_lazy("Transfer returned"),
    "transfer.withdrawn": gettext_lazy("Transfer withdrawn"),
    "contact.revealed": gettext_lazy("Telephone opened"),
    "link.made": gettext_lazy("Link to the own page made"),
    "link.used": gettext_lazy("Own page opened"),
    "correction.asked": gettext_lazy("Correction asked for"),
    "correction.answered": gettext_lazy("Correction answered"),
    "card.given": gettext_lazy("Public card given"),
    "card.withdrawn": gettext_lazy("Public card withdrawn"),
    "guest.registered": gettext_lazy("Registered as a guest"),
    "guest.left": gettext_lazy("No longer a guest"),
    "post.given": gettext_lazy("Post given"),
    "post.changed": gettext_lazy("Post changed"),
    "post.renewed": gettext_lazy("Post renewed"),
    "post.ended": gettext_lazy("Post ended"),
    "post.handed_over": gettext_lazy("A thing handed over"),
    "coverage.changed": gettext_lazy("What it covers changed"),
    "term.moved": gettext_lazy("Election moved"),
    "change.asked": gettext_lazy("Change asked for"),
    "change.approved": gettext_lazy("Change approved and carried out"),
    "change.returned": gettext_lazy("Change returned"),
    "change.withdrawn": gettext_lazy("Change withdrawn"),
    "premises.found": gettext_lazy("Taken into the register"),
    "premises.changed": gettext_lazy("Particulars changed"),
    "premises.gone": gettext_lazy("Taken off the register"),
    "centre.founded": gettext_lazy("Centre founded"),
    "centre.closed": gettext_lazy("Closed"),
    "venue.planned": gettext_lazy("Micro-venue planned"),
    "venue.fitting_out": gettext_lazy("Fitting out begun"),
    "venue.opened": gettext_lazy("Opened"),
    "venue.closed": gettext_lazy("Closed"),
    "venue.given_up": gettext_lazy("Plan given up"),
    "venue.serves": gettext_lazy("Units served changed"),
    "facility.described": gettext_lazy("Particulars changed"),
    "room.added": gettext_lazy("Room added"),
    "room.changed": gettext_lazy("Room changed"),
    "room.ended": gettext_lazy("Room ended"),
    "hours.set": gettext_lazy("Opening hours set"),
    "hours.exception": gettext_lazy("Other hours on a day"),
    "hours.as_usual": gettext_lazy("Usual hours again on a day"),
    "photo.added": gettext_lazy("Photo added"),
    "photo.dropped": gettext_lazy("Photo taken away"),
    "plate.made": gettext_lazy("Door plate made"),
    "plate.revoked": gettext_lazy("Door plates revoked"),
    "booking.made": gettext_lazy("Booked"),
    "booking.waits": gettext_lazy("Waiting for the room"),
    "booking.asked": gettext_lazy("Moved up from the waiting list"),
    "booking.confirmed": gettext_lazy("Booking confirmed"),
    "booking.refused": gettext_lazy("Booking refused"),
    "booking.cancelled": gettext_lazy("Booking cancelled"),
    "booking.date_left_out": gettext_lazy("A day left out"),
    "booking.date_taken_in": gettext_lazy("A day taken in again"),
    "booking.dates_lost": gettext_lazy("Days lost: the place is closed then"),
    "booking.key_out": gettext_lazy("Key handed out"),
    "booking.key_back": gettext_lazy("Key back"),
    "booking.contact_read": gettext_lazy("Telephone opened"),
    "meeting.planned": gettext_lazy("Meeting planned"),
    "meeting.moved": gettext_lazy("Moved to another day"),
    "meeting.cancelled": gettext_lazy("Date taken out"),
    "meeting.excused": gettext_lazy("Excused with a reason"),
    "meeting.held": gettext_lazy("Written down as held"),
    "meeting.amended": gettext_lazy("What was written down corrected"),
    "meeting.task_given": gettext_lazy("Task added"),
    "meeting.task_done": gettext_lazy("Task done"),
    "meeting.scanned": gettext_lazy("Written pages added"),
    "meeting.scan_dropped": gettext_lazy("Written page taken away"),
    "meeting.minutes_printed": gettext_lazy("Minutes given out as PDF"),
    "meeting.sheet_printed": gettext_lazy("Sheet to sign given out"),
    "meeting.attendance_erased": gettext_lazy("Names of those who came erased"),
    "booking.contact_erased": gettext_lazy("Telephone erased at the booker's wish"),
}
COLUMNS = {
    "name": gettext_lazy("name"),
    "kind": gettext_lazy("kind"),
    "code": gettext_lazy("code"),
    "households": gettext_lazy("households"),
    "population": gettext_lazy("population"),
    "management": gettext_lazy("management"),
    "address": gettext_lazy("address"),
    "lon": gettext_lazy("longitude"),
    "lat": gettext_lazy("latitude"),
    "parent": gettext_lazy("superior"),
    "area": gettext_lazy("seat"),
    "founded_on": gettext_lazy("founded on"),
    "term_since": gettext_lazy("term since"),
    "term_due": gettext_lazy("term until"),
    "consent": gettext_lazy("owner"),
    "rent": gettext_lazy("rent"),
    "condition": gettext_lazy("condition"),
}
CHOICES = {**UNIT_KIND_TITLES, **KIND_TITLES, **CONSENT_TITLES}


def told(entries: Iterable[Any]) -> list[dict]:
    """Lay entries (newest first) out for the history part: oldest first, each with what, when and who."""
    return [_told(entry) for entry in reversed(list(entries))]


def _told(entry: Any) -> dict:
    parts = [date_format(timezone.localtime(entry.at), "Y-m-d H:i"), author(entry.by), _details(entry)]
    return {
        "title": TITLES.get(entry.what, entry.what),
        "note": " · ".join(part for part in parts if part),
        "done": True,
    }


def author(by: str) -> str:
    """Name whoever did it as the ledger does: by number, never by name."""
    kind, _colon, number = by.partition(":")
    if kind == "user":
        return _("account %(number)s") % {"number": number}
    return {
        "console": _("console"),
        "job": _("scheduled job"),
        "member": _("the member"),
        "resident": _("a resident"),
    }.get(by, by)


def _details(entry: Any) -> str:
    before, after = entry.before or {}, entry.after or {}
    if entry.what == "term.begun":
        return _("term %(since)s to %(due_on)s") % {"since": after.get("since", ""), "due_on": after.get("due_on", "")}
    if entry.what == "coverage.changed":
        return _cover(len(after.get("taken", [])), len(before.get("left", [])))
    if entry.what.startswith("room."):
        return str(after.get("room") or before.get("room", ""))
    if entry.what.endswith((".changed", ".reformed", ".settled")):
        return _("; ").join(_change(key, before.get(key), value) for key, value in after.items() if key in COLUMNS)
    return ""


def _cover(taken: int, left: int) -> str:
    words = [_("%(n)s grids or units more") % {"n": taken}] if taken else []
    return _("; ").join(words + ([_("%(n)s grids or units fewer") % {"n": left}] if left else []))


def _change(key: str, before: Any, after: Any) -> str:
    old, new = (
        str(CHOICES.get(value, value)) if value not in (None, "") else _("(empty)") for value in (before, after)
    )
    return _("%(column)s: %(before)s → %(after)s") % {"column": COLUMNS[key], "before": old, "after": new}
