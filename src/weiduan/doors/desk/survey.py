"""摸清底数 by page: template, sending in, progress, what would change, loading, the marked copy."""

import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.context import is_demo
from weiduan.ground.accounts.queries import areas_of, may, require
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.queries import area_by_code, names_by_code, places, top_areas
from weiduan.ground.territory.rules import Level
from weiduan.outlook.survey.actions import export_survey
from weiduan.outlook.survey.queries import run_seen_by, runs_seen_by
from weiduan.outlook.survey.runs import ask_to_load, give_up, marked_path, progress_of, send_in
from weiduan.outlook.survey.workbook import write_template

from .areas import as_download
from .survey_form import SurveyForm
from .viewing import day_of, me, staff

UNDER_WAY = ("waiting", "checking", "loading")
STATE_TITLES = {
    "waiting": gettext_lazy("waiting its turn"),
    "checking": gettext_lazy("being checked"),
    "faulty": gettext_lazy("to be corrected"),
    "ready": gettext_lazy("checked, can be loaded"),
    "loading": gettext_lazy("being loaded"),
    "loaded": gettext_lazy("loaded"),
    "refused": gettext_lazy("refused"),
    "given_up": gettext_lazy("given up"),
}
STATE_TAGS = {"faulty": "late", "refused": "late", "ready": "go", "loaded": "ok"}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: HttpRequest) -> HttpResponse:
    """List surveys and take one in; what is wrong with the form is said in the form."""
    at = timezone.now()
    areas = _areas(request)
    form = SurveyForm(request.POST, request.FILES, areas=areas, posted=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        sent = _sent_in(form, request, at)
        if sent is not None:
            return redirect("desk:survey_run", key=sent.pk)
    names = dict(areas)
    shown = [_told(run) | {"area": names.get(run.area, run.area)} for run in runs_seen_by(me(request), at=at)]
    context = {
        "form": form, "runs": shown, "areas": areas, "on": timezone.localdate(),
        "chosen": request.GET.get("area", "") or (areas[0][0] if areas else ""),
        "may_export": any(may(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at) for code, _name in areas[:1]),
    }  # fmt: skip
    return render(request, "desk/survey/list.html", context, status=400 if form.errors else 200)


def _sent_in(form: SurveyForm, request: HttpRequest, at: datetime) -> Any:
    """Send the file in; a refusal of the file stands beside the file."""
    data = form.cleaned_data
    try:
        return send_in(
            data["file"], area=data["area"], kind=data["kind"], coordinates=data["coordinates"], by=me(request), at=at
        )
    except BadInput as refusal:
        form.add_error("file", refusal.message)
    return None


def _told(run: Any) -> dict[str, Any]:
    return {
        "run": run, "state": STATE_TITLES[run.state], "tag": STATE_TAGS.get(run.state, ""),
        "kind": _("shapes") if run.kind == "shapes" else _("workbook"),
    }  # fmt: skip


def _areas(request: HttpRequest) -> list[tuple[str, str]]:
    """Return (code, name) of the areas one may survey, down to villages."""
    on = timezone.localdate()
    codes = areas_of(me(request), Duty.SURVEY, at=timezone.now())
    codes = top_areas(on=on) if codes == [""] else codes
    found = {
        place.code: place.name
        for code in codes
        for place in places(code, on=on, levels=[Level.DISTRICT, Level.TOWN, Level.VILLAGE])
        if covers(code, place.code)
    }
    return sorted(found.items())


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a survey run; on POST load it or give it up."""
    at = timezone.now()
    found = run_seen_by(key, me(request), at=at)
    if request.method == "POST":
        act = {"load": ask_to_load, "give_up": give_up}.get(request.POST.get("do", ""))
        if act is None:
            raise BadInput(_("Choose what to do: load it or give it up."))
        act(found, by=me(request), at=at)
        return redirect("desk:survey_run", key=key)
    part = bool(request.headers.get("HX-Request"))
    template = "desk/survey/_run.html" if part else "desk/survey/run.html"
    answer = render(request, template, _run_page(found))
    if part and found.state not in UNDER_WAY:
        answer["HX-Refresh"] = "true"  # done: the whole page again, title and all
    return answer


def _run_page(found: Any) -> dict[str, Any]:
    names = names_by_code([found.area], on=timezone.localdate())
    progress, doing = progress_of(found)
    counts = found.result.get("counts") or []
    changes = sum(row[key] for row in counts for key in ("new", "changed", "gone"))
    return _told(found) | {
        "under_way": found.state in UNDER_WAY, "progress": progress, "doing": doing,
        "area": names.get(found.area, found.area), "result": found.result,
        "counts": counts, "has_changes": bool(changes) or "shapes" in found.result,
        "more_changes": max(sum(row["changed"] for row in counts) - len(found.result.get("changes") or []), 0),
        "more_faults": max(found.result.get("fault_count", 0) - len(found.result.get("faults") or []), 0),
        "has_marked": found.state == "faulty" and marked_path(found).exists(),
        "may_give_up": found.state in ("waiting", "checking", "faulty", "ready", "refused"),
    }  # fmt: skip


@staff
@require_safe
def marked(request: HttpRequest, key: UUID) -> HttpResponse:
    """Return the marked copy of a faulty workbook."""
    found = run_seen_by(key, me(request), at=timezone.now())
    path = marked_path(found)
    if not path.exists():
        raise NotFound(_("There is no marked copy of this survey."))
    return as_download(path.read_bytes(), "survey-marked.xlsx")


@staff
@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Return an empty workbook for an area."""
    on, code = day_of(request), request.GET.get("area", "")
    require(me(request), Duty.SURVEY, in_area=code, at=timezone.now())
    name = area_by_code(code, on=on).name
    return _written(lambda path: write_template(path, area=code, area_name=name, on=on), f"survey-{code}.xlsx")


@staff
@require_http_methods(["POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Return an area as a workbook, persons and all: written down in the ledger, so it is a POST."""
    code, on = request.POST.get("area", ""), _day(request)
    return _written(
        lambda path: export_survey(path, area=code, on=on, by=me(request), at=timezone.now(), demo=is_demo()),
        f"survey-{code}-{on}.xlsx",
    )


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("on", "")) if request.POST.get("on") else timezone.localdate()
    except ValueError as error:
        raise BadInput(_("Write the day like 2018-10-31.")) from error


def _written(write: Callable[[Path], None], name: str) -> HttpResponse:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.xlsx"
        write(path)
        return as_download(path.read_bytes(), name)
