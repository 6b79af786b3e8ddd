"""满意度 at the desk: ask residents, print the letters with the codes, read what they said."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_by_code
from weiduan.outlook.insight.satisfaction_words import ABOUT_TITLES, QUESTIONS, rows_of
from weiduan.systems.services.satisfaction import asking
from weiduan.systems.services.satisfaction.queries import kept_by, kept_questionnaire
from weiduan.systems.services.satisfaction.rules import State, Way

from .members import private
from .prints import answer_letters_pdf, as_pdf
from .satisfaction_form import CodesForm, QuestionnaireForm
from .viewing import me, page_of, staff
from .where import where_asked

PAGE = 30
QUARTER, MONTH = timedelta(days=91), timedelta(days=28)


@staff
@require_safe
def questionnaires(request: HttpRequest) -> HttpResponse:
    """List what one asks and asked."""
    at = timezone.now()
    page = page_of(request, kept_by(me(request), at=at), size=PAGE)
    keeps = bool(areas_of(me(request), Duty.KEEP_SERVICES, at=at))
    return private(
        render(request, "desk/satisfaction/list.html", {"page": page, "rows": rows_of(page, at=at), "keeps": keeps})
    )


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_questionnaire(request: HttpRequest) -> HttpResponse:
    """Write a questionnaire down: choose where, then what is asked of whom. ?about= brings the questions that stand ready."""
    at = timezone.now()
    where = where_asked(request, at, Duty.KEEP_SERVICES)
    form = QuestionnaireForm(
        request.POST if request.method == "POST" else None,
        initial=_ready(request.GET.get("about", ""), where["area"], at),
    )
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made = asking.draft(where["area"], replace(form.wanted(), project=_key(request)), by=me(request), at=at)
            return redirect("desk:questionnaire", key=made.pk)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {
        "form": form,
        "refusal": refusal,
        "abouts": ABOUT_TITLES.items(),
        "about": request.GET.get("about", ""),
    } | where
    return private(render(request, "desk/satisfaction/new.html", context, status=status))


def _key(request: HttpRequest) -> UUID | None:
    """Return the project asked about with ?project=."""
    asked = request.GET.get("project", "")
    try:
        return UUID(asked) if asked else None
    except ValueError as error:
        raise BadInput(_("Choose an activity or a project of this area.")) from error


def _ready(about: str, area: str, at: datetime) -> dict[str, Any]:
    """Return what stands ready for a kind: its questions, its way, its days, and how many households there are."""
    about = about if about in QUESTIONS else "unit"
    after = about in ("report", "activity", "booking")
    on = local_day(at)
    households = area_by_code(area, on=on).households if area else None
    return {
        "about": about, "way": "after" if after else "sample", "title": _("How content are you?"),
        "questions": "\n".join(str(question) for question in QUESTIONS[about]), "opens_on": on,
        "closes_on": on + (QUARTER if after else MONTH), "households": households,
    }  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a questionnaire one keeps; on POST open it, add codes or close it. Codes are given out as letters, this once."""
    at = timezone.now()
    found = kept_questionnaire(me(request), key, at=at)
    form, refusal, status = CodesForm(), "", 200
    if request.method == "POST":
        try:
            form = CodesForm(request.POST) if request.POST.get("do") == "more" else form
            return _done(request, found, form, at)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    [row] = rows_of([found], at=at)
    context = {
        "row": row, "refusal": refusal, "form": form, "is_draft": found.state == State.DRAFT.value,
        "by_receipt": found.way == Way.AFTER.value, "may_add": found.way == Way.OPEN.value and row["is_open"],
    }  # fmt: skip
    return private(render(request, "desk/satisfaction/questionnaire.html", row | context, status=status))


def _done(request: HttpRequest, found: Any, form: CodesForm, at: datetime) -> HttpResponse:
    do = request.POST.get("do", "")
    how: dict[str, Any] = {"by": me(request), "at": at}
    if do == "open":
        codes = asking.open_it(found.pk, **how)
        if codes:
            return _letters(request, found, codes)
        messages.success(request, _("Opened: whoever holds a receipt is asked once it is over."))
    elif do == "more" and form.is_valid():
        return _letters(request, found, asking.more_codes(found.pk, form.cleaned_data["many"], **how))
    elif do == "close":
        asking.close(found.pk, **how)
        messages.success(request, _("Closed. What came of it is shown to everyone."))
    else:
        raise BadInput(_("Choose what to do."))
    return redirect("desk:questionnaire", key=found.pk)


def _letters(request: HttpRequest, found: Any, codes: list[str]) -> HttpResponse:
    address = request.build_absolute_uri(f"/answer/{found.pk}/")
    return as_pdf(answer_letters_pdf(found, codes, address), f"answers-{found.pk}.pdf")
