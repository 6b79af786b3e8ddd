"""满意度 for everyone: answer a few questions with a code or a receipt, and read what came of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import NotFound, Refused
from weiduan.ground.territory.queries import area_of, places
from weiduan.outlook.insight.satisfaction_words import ANSWER_TITLES, rows_of
from weiduan.systems.services.satisfaction.answering import answer, answer_after, has_answered
from weiduan.systems.services.satisfaction.entitled import may_answer
from weiduan.systems.services.satisfaction.queries import public_in, public_questionnaire
from weiduan.systems.services.satisfaction.rules import ANSWERS, State

from .bookings import unlisted
from .units import crumb_links, here_among

PAGE = 20


class AnswerForm(forms.Form):
    """One choice for each question, and the code where one is needed."""

    def __init__(self, *arguments: Any, questions: list[str], needs_code: bool, **options: Any) -> None:
        """Ask the questions in their order."""
        super().__init__(*arguments, **options)
        for n, question in enumerate(questions):
            self.fields[f"q{n}"] = forms.TypedChoiceField(
                label=question, choices=[(each, ANSWER_TITLES[each]) for each in ANSWERS], widget=forms.RadioSelect, coerce=int
            )  # fmt: skip
        if needs_code:
            self.fields["code"] = forms.CharField(
                label=gettext_lazy("Your code"), max_length=40,
                help_text=gettext_lazy("From the letter. It works once, and nothing leads from it to you."),
                widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
            )  # fmt: skip

    def answers(self) -> list[int]:
        """Return the answers in the order of the questions."""
        return [value for name, value in self.cleaned_data.items() if name.startswith("q")]


@require_safe
def satisfaction(request: HttpRequest, code: str) -> HttpResponse:
    """List what is and was asked in an area, with what came of it."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    page = Paginator(public_in(code, at=at), PAGE).get_page(request.GET.get("page"))
    rows = rows_of(page, at=at)
    crumbs = [*crumb_links(code, known, leads_here=True), (_("What residents say"), None)]
    return render(
        request, "portal/satisfaction/list.html", {"here": here, "page": page, "rows": rows, "crumbs": crumbs}
    )


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def answer_with_code(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask the questions; take the answers with the code of a letter. Closed, show what came of it."""
    return _asked(request, key, "")


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def answer_with_receipt(request: HttpRequest, key: UUID, receipt: str) -> HttpResponse:
    """Ask the questions of whoever holds the receipt of something that is over."""
    return _asked(request, key, receipt)


def _asked(request: HttpRequest, key: UUID, receipt: str) -> HttpResponse:
    at = timezone.now()
    found = public_questionnaire(key)
    if receipt and not may_answer(found, receipt, at=at):
        raise NotFound(_("This questionnaire doesn't ask about that."))
    form = AnswerForm(
        request.POST if request.method == "POST" else None, questions=found.questions, needs_code=not receipt
    )
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            if receipt:
                answer_after(key, receipt, form.answers(), at=at)
            else:
                answer(key, form.cleaned_data["code"], form.answers(), at=at)
            return redirect(f"{request.path}?thanks=1")
        except Refused as refused:
            refusal, status = refused.message, refused.status
    on = local_day(at)
    area = area_of(found.area_id, on=on)
    crumbs = [
        *crumb_links(area.code, places(area.code, on=on, levels=[]), leads_here=True),
        (_("What residents say"), f"/a/{area.code}/satisfaction/"), (found.title, None),
    ]  # fmt: skip
    is_open = found.state == State.OPEN.value and found.opens_on <= on < found.closes_on
    [row] = rows_of([found], at=at)
    context = row | {
        "row": row, "form": form, "refusal": refusal, "crumbs": crumbs, "thanks": "thanks" in request.GET,
        "asks": is_open and (not receipt or not has_answered(found, receipt)) and (bool(receipt) or found.way != "after"),
        "has_answered": bool(receipt) and has_answered(found, receipt),
    }  # fmt: skip
    return render(request, "portal/satisfaction/answer.html", context, status=status)
