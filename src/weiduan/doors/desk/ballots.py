"""Votes at the desk: prepare, take the roll in, open, hand codes out, enter papers, close, answer objections."""

import tempfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.ballot_words import (
    STATE_TAGS,
    STATE_TITLES,
    basis_rows,
    choices_of,
    rule_sentences,
    square_metres,
)
from weiduan.outlook.survey.rolls import read_roll, write_empty_roll
from weiduan.systems.governance.ballots import casting, closing, preparing
from weiduan.systems.governance.ballots.importing import import_result
from weiduan.systems.governance.ballots.preparing import RollIsWrong, blockers
from weiduan.systems.governance.ballots.queries import ballots_kept_by, kept_ballot, roll_of, turnout_of
from weiduan.systems.governance.ballots.rules import RollKind, State, procedures

from .areas import as_download
from .ballots_form import DraftForm, ImportForm, NumbersForm, PaperForm, RollForm, WhyForm
from .members import private
from .prints import as_pdf, codes_pdf, spaced
from .viewing import me, page_of, staff
from .where import where_asked

PAGE, ROLL_PAGE = 30, 50
MOST_MISTAKES = 200


@staff
@require_safe
def ballots(request: HttpRequest) -> HttpResponse:
    """List the votes one keeps."""
    at = timezone.now()
    page = page_of(request, ballots_kept_by(me(request), at=at), size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    rows = [(one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in page]
    own = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    return private(render(request, "desk/ballots/list.html", {"page": page, "rows": rows, "keeps": bool(own)}))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_ballot(request: HttpRequest) -> HttpResponse:
    """Begin a vote: choose where, then what is asked."""

    def draft(area: str, form: DraftForm, at: datetime) -> Any:
        return preparing.draft(area, form.wanted(), by=me(request), at=at)

    return _asked(request, DraftForm, draft, _("Prepare a vote"))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def imported_ballot(request: HttpRequest) -> HttpResponse:
    """Take over a result counted on the platform the law demands."""

    def take_over(area: str, form: ImportForm, at: datetime) -> Any:
        said = form.cleaned_data
        return import_result(
            area,
            form.wanted(),
            form.sums(),
            platform=said["platform"],
            closed_at=said["closed_at"],
            by=me(request),
            at=at,
        )

    return _asked(request, ImportForm, take_over, _("Take a result over"))


def _asked(
    request: HttpRequest, kind: Callable[[Any], Any], make: Callable[[str, Any, datetime], Any], title: str
) -> HttpResponse:
    """Ask where, then what; on POST make a ballot of it."""
    at = timezone.now()
    where = where_asked(request, at)
    form = kind(request.POST if request.method == "POST" else None)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            return redirect("desk:ballot", key=make(where["area"], form, at).pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = where | {"form": form, "refusal": refusal, "title": title}
    return private(render(request, "desk/ballots/new.html", context, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def ballot(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a vote one keeps; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_ballot(me(request), key, at=at)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    done: dict[str, Any] = {}
    if request.method == "POST":
        try:
            answer = _done(request, found, do, at)
            if isinstance(answer, HttpResponse):
                return answer
            done = answer
            if not done:
                return redirect("desk:ballot", key=key)
        except RollIsWrong as wrong:
            done = {"refusal": wrong.message, "status": 400, "mistakes": wrong.mistakes[:MOST_MISTAKES]}
        except Refused as refusal:
            done = {"refusal": refusal.message, "status": refusal.status}
        found = kept_ballot(me(request), key, at=at)
    context = _page(request, found, at) | done
    return private(render(request, "desk/ballots/ballot.html", context, status=done.get("status", 200)))


def _done(request: HttpRequest, found: Any, do: str, at: datetime) -> HttpResponse | dict[str, Any]:
    how: dict[str, Any] = {"by": me(request), "at": at}
    deed = DEEDS.get(do)
    if deed is None:
        raise BadInput(_("Choose what to do."))
    return deed(request, found, how)


def _redraft(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    form = DraftForm(request.POST)
    if not form.is_valid():
        return {"form": form, "status": 400}
    preparing.redraft(found.pk, form.wanted(), **how)
    messages.success(request, _("Saved."))
    return {}


def _roll(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    form = RollForm(request.POST, request.FILES)
    if not form.is_valid():
        return {"roll_form": form, "status": 400}
    with tempfile.TemporaryDirectory() as folder:  # the list is personal: it stays on the disk only while it is read
        path = Path(folder, "roll.xlsx")
        with path.open("wb") as file:
            for chunk in form.cleaned_data["file"].chunks():
                file.write(chunk)
        lines = read_roll(path)
    count = preparing.set_roll(found.pk, lines, **how)
    messages.success(request, _("%(n)s right-holders are on the roll.") % {"n": count})
    return {}


def _open(request: HttpRequest, found: Any, how: dict[str, Any]) -> HttpResponse:
    """Give the letters with the codes out at once: they are shown this one time."""
    codes = preparing.open_ballot(found.pk, **how)
    return _letters(request, found, codes)


def _letters(request: HttpRequest, found: Any, codes: dict[int, str]) -> HttpResponse:
    address = request.build_absolute_uri(f"/vote/{found.pk}/")
    who = {line.number: line for line in roll_of(found) if line.number in codes}
    letters = [(who[number], spaced(code)) for number, code in codes.items()]
    return as_pdf(codes_pdf(found, letters, address), f"codes-{found.pk}.pdf")


def _new_code(request: HttpRequest, found: Any, how: dict[str, Any]) -> HttpResponse:
    number = _number(request)
    return _letters(request, found, {number: preparing.new_code_for(found.pk, number, **how)})


def _reached(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    form = NumbersForm(request.POST)
    if not form.is_valid():
        return {"reached_form": form, "status": 400}
    new = preparing.note_reached(found.pk, form.cleaned_data["numbers"], **how)
    messages.success(request, _("%(n)s more are noted as reached.") % {"n": new})
    return {}


def _paper(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    form = PaperForm(request.POST, choices=choices_of(found))
    if not form.is_valid():
        return {"paper_form": form, "status": 400}
    done = casting.enter_paper(found.pk, form.cleaned_data["sheet"], form.cleaned_data["choice"], **how)
    told = (
        _("Both readings agree: the vote is in.")
        if done
        else _("Entered. It counts once a second person reads the same.")
    )
    messages.success(request, told)
    return {}


def _hand_out(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    casting.hand_out_paper(found.pk, _number(request), **how)
    messages.success(request, _("A paper is handed out; the code works no more."))
    return {}


def _number(request: HttpRequest) -> int:
    text = request.POST.get("number", "").strip()
    if not text.isdecimal() or len(text) > 6:
        raise BadInput(_("Write the number that stands on the roll."))
    return int(text)


def _close(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    closing.close(found.pk, **how)
    messages.success(request, _("Closed and counted."))
    return {}


def _answer(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    closing.answer_objection(
        found.pk, _number(request), request.POST.get("words", ""), upheld=request.POST.get("upheld") == "yes", **how
    )
    messages.success(request, _("Answered."))
    return {}


def _annul(request: HttpRequest, found: Any, how: dict[str, Any]) -> dict[str, Any]:
    closing.annul(found.pk, request.POST.get("words", ""), **how)
    messages.success(request, _("Annulled."))
    return {}


DEEDS: dict[str, Callable[[HttpRequest, Any, dict[str, Any]], HttpResponse | dict[str, Any]]] = {
    "redraft": _redraft, "roll": _roll, "open": _open, "new_code": _new_code, "reached": _reached, "paper": _paper,
    "hand_out": _hand_out, "close": _close, "answer": _answer, "annul": _annul,
}  # fmt: skip


def _page(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    is_draft, is_open = found.state == State.DRAFT.value, found.state == State.OPEN.value
    lines = roll_of(found)
    page = page_of(request, lines, size=ROLL_PAGE)
    forms_: dict[str, forms.Form | None] = {
        "form": DraftForm(ballot=found) if is_draft else None, "roll_form": RollForm() if is_draft else None,
        "reached_form": NumbersForm() if is_open else None, "paper_form": PaperForm(choices=choices_of(found)) if is_open else None,
    }  # fmt: skip
    standing = turnout_of(found) if is_open else None
    objections = closing.objections_of(found)
    return forms_ | {
        "ballot": found, "area": area_of(found.area_id, on=local_day(at)), "word": STATE_TITLES[found.state],
        "tag": STATE_TAGS[found.state], "rules": rule_sentences(found), "is_draft": is_draft, "is_open": is_open,
        "blockers": blockers(found, at=at) if is_draft else [], "page": page, "may_close": is_open and found.closes_at <= at,
        "roll": [(line, square_metres(line.area)) for line in page], "heads": sum(line.heads for line in lines),
        "floor": square_metres(sum(line.area for line in lines)), "by_area": procedures()[found.procedure].rule.by_area,
        "turnout": basis_rows({"heads": standing.heads, "area": standing.area}) if standing else [],
        "objections": objections, "may_annul": found.state != State.ANNULLED.value, "why_form": WhyForm(auto_id="why_%s"),
        "kind": procedures()[found.procedure].roll.value, "is_shown": not is_draft, "refusal": "",
    }  # fmt: skip


@staff
@require_safe
def empty_roll(request: HttpRequest, kind: str) -> HttpResponse:
    """Return the empty sheet of a roll."""
    if kind not in {one.value for one in RollKind}:
        raise BadInput(_("Choose how it is decided."))
    target = BytesIO()
    write_empty_roll(target, RollKind(kind))
    return as_download(target.getvalue(), f"roll-{kind}.xlsx")
