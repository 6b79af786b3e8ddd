"""What the desk prints as PDF: the plate at a door, the sheet for walking round the premises."""

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import segno
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weiduan.ground.base.pdf import pdf_of
from weiduan.outlook.insight.venue_words import KIND_TITLES, week_words
from weiduan.outlook.insight.words import CONSENT_TITLES, ORIGIN_TITLES
from weiduan.systems.venues.hours.rules import Span

TEMPLATES = Path(__file__).parents[1] / "templates" / "print"


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """Give a PDF out as a download that nothing between keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def plate_pdf(place: Any, address: str, week: Mapping[int, Sequence[Span]]) -> bytes:
    """Return the plate for the door of a place, A5; `address` is what the code leads to."""
    data = {
        "lang": _lang(), "kind": str(KIND_TITLES[place.kind]), "name": place.name, "address": place.address,
        "says": _("Scan: what is on today, how to book, how to get there"),
        "hours_title": _("Opening hours"), "hours": week_words(week) if week else [],
        "telephone": place.telephone, "telephone_title": _("Telephone"),
        "footer": _("Weiduan · the code leads to the page of this place"),
    }  # fmt: skip
    return pdf_of(TEMPLATES / "plate.typ", data, files={"qr": _qr(address)})


def premises_pdf(title: str, rooms: Iterable[Any], seats: Mapping[int, str]) -> bytes:
    """Return the survey sheet of premises, one page a room; seats is area key → name of where it lies."""
    data = {
        "lang": _lang(), "title": title, "to_fill": _("To fill in on the spot"),
        "rooms": [_room(room, seats.get(room.area_id, "")) for room in rooms],
    }  # fmt: skip
    return pdf_of(TEMPLATES / "premises.typ", data)


def answer_letters_pdf(found: Any, codes: Sequence[str], address: str) -> bytes:
    """Return a letter for each code of a questionnaire, A5. No letter says for whom it is: any goes to any household."""
    data = {
        "lang": _lang(), "title": found.title, "address": address, "says": _("Your code to answer with"),
        "times": f"{found.opens_on} – {found.closes_on}",
        "how": _("Scan, choose, type the code. It works once. Nothing leads from it to you: any letter could have come to any door."),
        "letters": [{"number": "", "names": "", "parts": "", "code": spaced(code)} for code in codes],
    }  # fmt: skip
    return pdf_of(TEMPLATES / "codes.typ", data, files={"qr": _qr(address)})


def spaced(code: str) -> str:
    """Return a code in groups of four, as it is easy to read and to type."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def _qr(address: str) -> bytes:
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=4)
    return drawn.getvalue()


def codes_pdf(ballot: Any, letters: Sequence[tuple[Any, str]], address: str) -> bytes:
    """Return a letter for each right-holder with the code to vote by, A5, to be folded into an envelope."""
    data = {
        "lang": _lang(), "title": ballot.title, "address": address, "says": _("Your code to vote by"),
        "times": f"{timezone.localtime(ballot.opens_at):%Y-%m-%d %H:%M} – {timezone.localtime(ballot.closes_at):%Y-%m-%d %H:%M}",
        "how": _("Scan, choose, type the code. It works once; the first vote counts. Show it to nobody."),
        "letters": [
            {"number": str(line.number), "names": line.names, "parts": line.parts, "code": code_} for line, code_ in letters
        ],
    }  # fmt: skip
    return pdf_of(TEMPLATES / "codes.typ", data, files={"qr": _qr(address)})


def _room(room: Any, seat: str) -> dict[str, Any]:
    known = [
        (_("Where"), " ".join(part for part in (seat, room.address) if part)), (_("Origin"), str(ORIGIN_TITLES[room.origin])),
        (_("Floor"), f"{room.area_m2:g} m²"), (_("Owner"), str(CONSENT_TITLES[room.consent])),
        (_("Rent"), "" if room.rent is None else _("%(rent)s yuan a month") % {"rent": room.rent}),
        (_("Condition"), room.condition),
    ]  # fmt: skip
    asked: list[tuple[str, Iterable[Any]]] = [
        (_("Floor, measured (m²)"), []), (_("Owner, asked on which day and said what"), list(CONSENT_TITLES.values())),
        (_("Rent, yuan a month"), []), (_("Condition: water, electricity, damp, fire safety"), []),
        (_("Ways in"), [_("step-free"), _("stairs"), _("lift"), _("accessible toilet")]),
        (_("What it would be good for"), []), (_("Day of the visit"), []),
    ]  # fmt: skip
    return {
        "name": room.name, "number": room.number, "known": [[what, said or "—"] for what, said in known],
        "asked": [
            {"title": title, "choices": [str(choice) for choice in choices], "lines": 2 if n == 3 else 1}
            for n, (title, choices) in enumerate(asked)
        ],
    }  # fmt: skip


def _lang() -> str:
    return "en" if get_language() == "en" else "zh"
