"""Compacts and charters at the desk: begin one, write it, move it on, moderate what residents say about it."""

from datetime import datetime
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
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of
from weiduan.outlook.insight.compact_words import (
    KIND_TITLES,
    MOVE_TITLES,
    STAGE_TITLES,
    compact_rows,
    moves_of,
    stage_line,
    version_told,
)
from weiduan.systems.governance.compacts import actions
from weiduan.systems.governance.compacts.queries import (
    ballots_offered,
    compacts_kept_by,
    differences,
    kept_compact,
    missing_for,
    supports_of,
    versions_of,
)
from weiduan.systems.governance.compacts.rules import MAY_EDIT, UNDER_WAY, Stage
from weiduan.systems.governance.opinions.rules import About

from .compacts_form import BeginForm, MoveForm, TextForm, move_form
from .members import private
from .opinions import DEEDS, moderate, opinions_shown
from .viewing import me, page_of, staff
from .where import where_asked

PAGE = 30


@staff
@require_safe
def compacts(request: HttpRequest) -> HttpResponse:
    """List the compacts one keeps."""
    at = timezone.now()
    page = page_of(request, compacts_kept_by(me(request), at=at), size=PAGE)
    own = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    context = {"page": page, "rows": compact_rows(page, on=local_day(at)), "keeps": bool(own)}
    return private(render(request, "desk/compacts/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_compact(request: HttpRequest) -> HttpResponse:
    """Begin a compact: choose where, then what it says."""
    at = timezone.now()
    where = where_asked(request, at)
    form = BeginForm(request.POST if request.method == "POST" else None)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made = actions.begin_compact(where["area"], **form.cleaned_data, by=me(request), at=at)
            return redirect("desk:compact", key=made.compact_id)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return private(render(request, "desk/compacts/new.html", where | {"form": form, "refusal": refusal}, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def compact(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a compact one keeps, in the version under way or asked for; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_compact(me(request), key, at=at)
    status, refusal, forms_ = 200, "", {}
    if request.method == "POST":
        version = _version(found, request.POST.get("version", ""))
        try:
            forms_ = _done(request, found, version, at)
            if not forms_:
                return redirect("desk:compact", key=key)
            status = 409 if "meanwhile" in forms_ else 400
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = _page(request, found, at) | forms_ | {"refusal": refusal or forms_.get("why", "")}
    return private(render(request, "desk/compacts/compact.html", context, status=status))


def _version(found: Any, number: str) -> Any:
    """Return the version asked for by its number; of none, the one under way, else the one in force, else the last.

    :raises NotFound: it has no such version
    """
    rows = versions_of(found)
    if number:
        for one in rows:
            if str(one.number) == number:
                return one
        raise NotFound(_("There is nothing here that you may see."))
    of_interest = [one for one in rows if one.stage in UNDER_WAY] + [
        one for one in rows if one.stage == Stage.IN_FORCE.value
    ]
    return (of_interest or rows)[0]


def _done(request: HttpRequest, found: Any, version: Any, at: datetime) -> dict[str, Any]:
    """Do what was asked; return forms to put right, or nothing."""
    do = request.POST.get("do", "")
    how: dict[str, Any] = {"by": me(request), "at": at}
    if do in DEEDS:
        moderate(request, version.pk, area_of(found.area_id, on=local_day(at)).code, at)
    elif do == "revise":
        actions.begin_revision(found.pk, **how)
        messages.success(request, _("The next version is begun; opinions on it are heard."))
    elif do == "edit":
        form = TextForm(request.POST, text=version.text)
        if not form.is_valid():
            return {"text_form": form, "form": form}
        try:
            actions.edit(version.pk, form.cleaned_data["text"], seen=request.POST.get("seen", ""), **how)
        except actions.ChangedMeanwhile as meanwhile:  # both are shown, so that nothing that was typed is lost
            return {
                "text_form": form,
                "meanwhile": differences(version.text, form.cleaned_data["text"]),
                "why": meanwhile.message,
            }
        messages.success(request, _("Saved."))
    elif do == "move":
        return _move(request, version, how)
    else:
        raise BadInput(_("Choose what to do."))
    return {}


def _move(request: HttpRequest, version: Any, how: dict[str, Any]) -> dict[str, Any]:
    if request.POST.get("to") not in {stage.value for stage in moves_of(version)}:
        raise BadInput(_("It can't go there from the stage it is in."))
    to = Stage(request.POST["to"])
    form = _move_form(version, to, request.POST)
    if not form.is_valid():
        return {"form": form, "moves": _moves(version, how["at"], wrong={to: form})}
    moved = actions.move_on(version.pk, to, form.facts(), **how)
    messages.success(request, _("Now: %(stage)s.") % {"stage": STAGE_TITLES[moved.stage]})
    return {}


def _move_form(version: Any, to: Stage, data: Any = None) -> MoveForm:
    ballots = [(str(one.pk), one.title) for one in ballots_offered(version)] if to is Stage.VOTE else []
    return move_form(to, data, ballots=ballots, reviewed_by=version.reviewed_by)


def _moves(version: Any, at: datetime, *, wrong: dict[Stage, MoveForm] | None = None) -> list[dict[str, Any]]:
    """Return where the version may go, with what is missing and what to write down."""
    found = wrong or {}
    return [
        {"to": to.value, "title": MOVE_TITLES[to], "missing": missing_for(version, to, on=local_day(at)),
         "form": found.get(to) or _move_form(version, to)}
        for to in moves_of(version)
    ]  # fmt: skip


def _page(request: HttpRequest, found: Any, at: datetime) -> dict[str, Any]:
    number = request.POST.get("version", "") if request.method == "POST" else request.GET.get("version", "")
    rows, version = versions_of(found), _version(found, number)
    before = next((one for one in rows if one.number == version.number - 1), None)
    word, tag = version_told(version)
    is_free = all(one.stage not in UNDER_WAY for one in rows)
    return {
        "compact": found, "kind": KIND_TITLES[found.kind], "area": area_of(found.area_id, on=local_day(at)), "version": version,
        "word": word, "tag": tag, "line": stage_line(version), "moves": _moves(version, at), "supports": supports_of(version),
        "text_form": TextForm(text=version.text) if version.stage in MAY_EDIT else None, "before": before,
        "diff": differences(before.text, version.text) if before else [], "may_revise": is_free,
        "versions": [(one, *version_told(one)) for one in rows],
    } | opinions_shown(request, About.VERSION, version.pk)  # fmt: skip
