"""One matter at the desk: what was told, what happened, and the moves the law allows now."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.casekeys import keys_read_once
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import ancestors_of, area_of, names_by_area
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.maps import place_map
from weiduan.outlook.insight.report_words import CHANNEL_TITLES, MOVE_TITLES, STATE_TAGS, STATE_TITLES, STEP_TITLES
from weiduan.systems.governance.reports import handling, tasks
from weiduan.systems.governance.reports.lists import joinable_to, may_receive, photo_in_care_of, photos_of
from weiduan.systems.governance.reports.photos import picture_in
from weiduan.systems.governance.reports.queries import report_in_care_of, reports_in_care_of, steps_of
from weiduan.systems.governance.reports.rules import LONGEST_WORDS, TO_HANDLE, Move, State, Who, moves_from
from weiduan.systems.governance.reports.templates import templates_for

from . import reports_form
from .members import private
from .reports import is_late
from .viewing import me, staff

DEED_TITLES = MOVE_TITLES | {
    "recategorise": gettext_lazy("Put right what it is about"), "note": gettext_lazy("Note for colleagues"),
    "release": gettext_lazy("Show it to everyone"), "read": gettext_lazy("Read the contact"),
    "move_pin": gettext_lazy("It lies elsewhere"), "give_task": gettext_lazy("Give a task"),
    "task_done": gettext_lazy("The task is done"),
}  # fmt: skip
PLAIN = {"accept", "resume"}  # one tap
LISTS = {
    "hand_over",
    "join",
    "recategorise",
    "move_pin",
}  # need a list or a map of their own, so each is asked for first
LEAVES = {"hand_up", "hand_over", "move_pin"}  # afterwards it may be out of one's hands


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a matter; on POST make a move, note, release, or open the contact for a reason."""
    at = timezone.now()
    found = report_in_care_of(me(request), key, at=at)
    do = (request.POST if request.method == "POST" else request.GET).get("do", "")
    form = _form(request, found, do, at) if do else None
    more: dict[str, Any] = {}
    if request.method == "POST":
        try:
            more = _done(request, found, do, form, at)
            if not more:
                return _after(request, do, key, at)
        except Refused as refusal:
            more = {"refusal": refusal.message, "status": refusal.status}
        found = report_in_care_of(me(request), key, at=at)
    context = (
        _page(found, do if form is not None else "", at)
        | {"form": form, "chosen": request.GET.get("template", "")}
        | more
    )
    _begin_with(form, context["chosen"], context["templates"])
    with keys_read_once():
        return private(render(request, "desk/reports/record.html", context, status=more.get("status", 200)))


def _after(request: HttpRequest, do: str, key: UUID, at: datetime) -> HttpResponse:
    """Lead back to the matter; where it left the reader's hands, to the list."""
    if do in LEAVES and not reports_in_care_of(me(request), at=at).filter(pk=key).exists():
        return redirect("desk:reports")
    return redirect("desk:report", key=key)


def _form(request: HttpRequest, found: Any, do: str, at: datetime) -> forms.Form | None:
    """Return the form of a deed, bound on POST; None where it needs none."""
    data = request.POST if request.method == "POST" else None
    if do == "hand_over":
        on = local_day(at)
        return reports_form.HandOverForm(data, areas=may_receive(area_of(found.handler_id, on=on).code, on=on))
    if do == "join":
        return reports_form.JoinForm(data, others=joinable_to(found, me(request), at=at))
    if do == "recategorise":
        return reports_form.CategoryForm(data, now=found.category.code)
    if do == "answer":
        return reports_form.AnswerForm(data, request.FILES if data is not None else None)
    if do == "move_pin":
        return reports_form.PlaceForm(data, initial={"lon": found.lon, "lat": found.lat})
    kind = FORMS.get(do)
    return kind(data) if kind else None


def _begin_with(form: forms.Form | None, asked: str, templates: list[Any]) -> None:
    """Let an answer begin with the words of a template, where that one is offered."""
    if isinstance(form, reports_form.AnswerForm) and not form.is_bound:
        form.initial["words"] = next((one.words for one in templates if str(one.pk) == asked), "")


FORMS: dict[str, type[forms.Form]] = {
    "begin": reports_form.BeginForm, "hand_up": reports_form.WhyForm, "pause": reports_form.WhyForm,
    "not_ours": reports_form.NotOursForm, "note": reports_form.NoteForm, "release": reports_form.ReleaseForm,
    "read": reports_form.ReadForm, "give_task": reports_form.TaskForm, "task_done": reports_form.TaskDoneForm,
}  # fmt: skip


def _done(request: HttpRequest, found: Any, do: str, form: forms.Form | None, at: datetime) -> dict[str, Any]:
    """Do what was asked; return what the page shows instead of starting anew, nothing when all is done."""
    if form is None and do not in PLAIN:
        raise BadInput(_("Choose what to do."))
    if form is not None and not form.is_valid():
        return {"status": 400}
    said = form.cleaned_data if form is not None else {}
    how: dict[str, Any] = {"by": me(request), "at": at}
    if do == "read":
        contact = handling.read_contact(found.pk, said["words"], **how)
        return {"contact": contact or "", "was_read": True}
    DEEDS[do](found.pk, said, how)
    messages.success(request, _("Done: %(what)s.") % {"what": DEED_TITLES[do]})
    return {}


def _answer(key: UUID, said: dict[str, Any], how: dict[str, Any]) -> object:
    return handling.answer(key, said["words"], photos=reports_form.contents_of(said["photos"]), **how)


DEEDS: dict[str, Callable[[UUID, dict[str, Any], dict[str, Any]], object]] = {
    "accept": lambda key, said, how: handling.accept(key, **how),
    "begin": lambda key, said, how: handling.begin(key, said["words"], **how),
    "answer": _answer,
    "hand_up": lambda key, said, how: handling.hand_up(key, said["words"], **how),
    "hand_over": lambda key, said, how: handling.hand_over(key, said["to"], said["words"], **how),
    "join": lambda key, said, how: handling.join(key, UUID(said["other"]), **how),
    "not_ours": lambda key, said, how: handling.not_ours(key, said["words"], **how),
    "pause": lambda key, said, how: handling.pause(key, said["words"], **how),
    "resume": lambda key, said, how: handling.resume(key, **how),
    "recategorise": lambda key, said, how: handling.recategorise(key, said["category"], **how),
    "note": lambda key, said, how: handling.note(key, said["words"], **how),
    "release": lambda key, said, how: handling.release(key, said["words"], **how),
    "move_pin": lambda key, said, how: handling.move_pin(key, said["lon"], said["lat"], **how),
    "give_task": lambda key, said, how: tasks.give(key, said["to"], said["what"], said["until"], **how),
    "task_done": lambda _key, said, how: tasks.done(said["task"], said["words"], **how),
}


def _page(found: Any, do: str, at: datetime) -> dict[str, Any]:
    on, pictures = local_day(at), photos_of(found)
    names = names_by_area({found.area_id, found.handler_id}, on=on)
    given = tasks.tasks_of(found)
    return {
        "report": found, "area": names.get(found.area_id), "handler": names.get(found.handler_id), "word": STATE_TITLES[found.state],
        "tag": STATE_TAGS[found.state], "late": is_late(found, at), "to_handle": found.state in TO_HANDLE,
        "channel": CHANNEL_TITLES[found.channel], "has_contact": getattr(found, "contact", None) is not None,
        "steps": [(step, STEP_TITLES.get(step.what, step.what)) for step in steps_of(found, internal=True)],
        "told_photos": [p for p in pictures if not p.is_result], "result_photos": [p for p in pictures if p.is_result],
        "tasks": [(task, task.done_at is None and task.until < on) for task in given],
        "tasks_open": sum(task.done_at is None for task in given),
        "may_be_done": found.words_erased_at is None, "longest": LONGEST_WORDS,
    } | _choices(found, names.get(found.handler_id), do, on)  # fmt: skip


def _choices(found: Any, handler: Any, do: str, on: date) -> dict[str, Any]:
    """Return what may be done; the forms of all that is written only where none of them was asked for."""
    deeds = _deeds(found, handler)
    answers = "answer" in deeds and do in ("", "answer", "read")
    shown = {
        "do": do, "do_title": DEED_TITLES.get(do, ""), "plain": [(deed, DEED_TITLES[deed]) for deed in deeds if deed in PLAIN],
        "listed": [(deed, DEED_TITLES[deed]) for deed in deeds if deed in LISTS],
        "written": [(deed, DEED_TITLES[deed], _asked(deed, found)) for deed in deeds if deed not in PLAIN | LISTS],
    }  # fmt: skip
    codes = ancestors_of(handler.code) if handler is not None else []
    return shown | {"templates": templates_for(codes, found.category_id, on=on) if answers else []}


def _deeds(found: Any, handler: Any) -> list[str]:
    """Return what may be done now, as the law says, and what a handler may always do."""
    moves = moves_from(State(found.state), Who.HANDLER)
    idle = Move.PAUSE if found.paused_at is not None else Move.RESUME
    top = {Move.HAND_UP} if handler is None or handler.level <= Level.DISTRICT else set()
    deeds = [move.value for move in moves if move is not idle and move not in top]
    deeds += ["recategorise", "move_pin", "give_task"] if found.state in TO_HANDLE else []
    is_secret = found.in_confidence or found.words_erased_at is not None
    return [*deeds, "note", *([] if is_secret else ["release"])]


def _asked(do: str, found: Any) -> list[tuple[str, forms.Field, str]]:
    """Return (name, field, what stands in it) of what a deed asks for.

    Every page asks for half a dozen deeds, so no form is made for what nobody has filled in yet: it costs more than the page around.
    """
    fields = (reports_form.AnswerForm if do == "answer" else FORMS[do]).base_fields
    return [(name, field, found.public_text if do == "release" else "") for name, field in fields.items()]


@staff
@require_safe
def photo(request: HttpRequest, key: UUID, photo: UUID) -> HttpResponse:
    """Return a picture of a matter the reader has in hand."""
    found = photo_in_care_of(me(request), key, photo, at=timezone.now())
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(picture_in(found), content_type="image/jpeg", headers=headers)


@staff
@require_safe
def map_data(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return where a matter lies, among the units around it: of its grid, or with ?wide of its village."""
    at = timezone.now()
    found = report_in_care_of(me(request), key, at=at)
    point = None if found.lon is None or found.lat is None else (found.lon, found.lat)
    on = local_day(at)
    code = area_of(found.area_id, on=on).code
    return private(JsonResponse(place_map(found.number, point, code[:12] if "wide" in request.GET else code, on=on)))
