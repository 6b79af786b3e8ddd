"""Bodies at the desk: those one keeps, their elections, vacancies, what is handed over."""

from collections.abc import Callable
from datetime import date, datetime
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
from weiduan.ground.territory.queries import area_of
from weiduan.outlook.insight.body_words import LEFT_TITLES, body_rows, term_told
from weiduan.systems.governance.ballots.queries import ballots_in
from weiduan.systems.governance.ballots.rules import State
from weiduan.systems.governance.bodies import actions
from weiduan.systems.governance.bodies.queries import Standing, bodies_kept_by, kept_body, standings, terms_of

from .bodies_form import DayForm, ElectionForm, FoundForm, LeaveForm, VacancyForm
from .members import private
from .viewing import me, page_of, staff
from .where import where_asked

PAGE = 30


@staff
@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """List the bodies one keeps."""
    at = timezone.now()
    page = page_of(request, bodies_kept_by(me(request), at=at), size=PAGE)
    own = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    context = {"page": page, "rows": body_rows(page, on=local_day(at)), "keeps": bool(own)}
    return private(render(request, "desk/bodies/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_body(request: HttpRequest) -> HttpResponse:
    """Record a body: choose where, then what it is."""
    at = timezone.now()
    where = where_asked(request, at)
    form = FoundForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made = actions.found_body(where["area"], **form.cleaned_data, by=me(request), at=at)
            return redirect("desk:body", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return private(render(request, "desk/bodies/new.html", where | {"form": form, "refusal": refusal}, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def body(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a body one keeps; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_body(me(request), key, at=at)
    page = _forms(found, at)
    status, refusal = 200, ""
    if request.method == "POST":
        try:
            status = _done(request, found, page, at)
            if status == 302:
                return redirect("desk:body", key=key)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = page | _shown(found, at) | {"refusal": refusal}
    return private(render(request, "desk/bodies/body.html", context, status=status))


def _forms(found: Any, at: datetime, data: Any = None) -> dict[str, Any]:
    """Return the forms of a body; `data` fills the one named by its “do”."""
    today, do = local_day(at), data.get("do", "") if data else ""
    now = standings([found], on=today)[0]
    code = area_of(found.area_id, on=today).code
    final = ballots_in([code], at=at).filter(area=found.area_id, state=State.FINAL.value)[:50]

    def said(name: str) -> Any:
        return data if do == name else None

    return {
        "elect_form": ElectionForm(said("elect"), kind=now.kind, ballots=[(str(b.pk), b.title) for b in final], today=today),
        "fill_form": VacancyForm(said("fill"), kind=now.kind, today=today),
        "leave_form": LeaveForm(said("leave"), officers=_officers(now), today=today),
        "day_form": DayForm(said("dissolve"), today=today),
    }  # fmt: skip


def _officers(now: Standing) -> list[tuple[str, str]]:
    return [(str(one.pk), f"{one.office} {one.name}") for one in now.officers]


def _done(request: HttpRequest, found: Any, page: dict[str, Any], at: datetime) -> int:
    """Do what was asked; return 302, or 400 where a form says what to put right."""
    do, how = request.POST.get("do", ""), {"by": me(request), "at": at}
    if do == "hand_over":
        _hand_over(request, found, how, local_day(at))
        return 302
    deed = DEEDS.get(do)
    if deed is None:
        raise BadInput(_("Choose what to do."))
    page |= _forms(found, at, request.POST)
    form: forms.Form = page[FORMS[do]]
    if not form.is_valid():
        page["form"] = form
        return 400
    deed(found.pk, form, how)
    messages.success(request, _("Saved."))
    return 302


def _elect(key: UUID, form: Any, how: dict[str, Any]) -> None:
    actions.hold_election(key, form.wanted(), **how)


def _fill(key: UUID, form: Any, how: dict[str, Any]) -> None:
    actions.fill_vacancy(key, form.wanted(), on=form.cleaned_data["on"], **how)


def _leave(key: UUID, form: Any, how: dict[str, Any]) -> None:
    said = form.cleaned_data
    actions.leave_office(key, UUID(said["officer"]), said["reason"], on=said["on"], **how)


def _dissolve(key: UUID, form: Any, how: dict[str, Any]) -> None:
    actions.dissolve_body(key, on=form.cleaned_data["on"], **how)


DEEDS: dict[str, Callable[[UUID, Any, dict[str, Any]], None]] = {
    "elect": _elect, "fill": _fill, "leave": _leave, "dissolve": _dissolve,
}  # fmt: skip
FORMS = {"elect": "elect_form", "fill": "fill_form", "leave": "leave_form", "dissolve": "day_form"}


def _hand_over(request: HttpRequest, found: Any, how: dict[str, Any], today: date) -> None:
    number = request.POST.get("handover", "")
    if not number.isdecimal() or len(number) > 18:
        raise BadInput(_("Choose what was handed over."))
    actions.hand_over(found.pk, int(number), on=today, **how)
    messages.success(request, _("Noted as handed over."))


def _shown(found: Any, at: datetime) -> dict[str, Any]:
    today = local_day(at)
    now = standings([found], on=today)[0]
    word, tag = term_told(now, today)
    terms = [
        {"term": term, "handovers": handovers,
         "officers": [(one, LEFT_TITLES.get(one.left, "")) for one in officers]}
        for term, officers, handovers in terms_of(found)
    ]  # fmt: skip
    return {
        "body": found, "now": now, "area": area_of(found.area_id, on=today), "word": word, "tag": tag, "terms": terms,
        "may_elect": found.until is None, "may_fill": found.until is None and now.vacancies > 0,
        "may_leave": bool(now.officers) and found.until is None,
    }  # fmt: skip
