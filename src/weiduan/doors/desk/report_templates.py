"""Words to begin answers with: those kept for one's areas, above and below; kept and taken away by whoever handles reports there."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.rules import covers
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound
from weiduan.ground.territory.queries import names_by_area, names_by_code
from weiduan.systems.governance.reports.templates import keep_template, remove_template, templates_seen_in

from .members import private
from .reports import MOST_DIGITS, own_areas
from .reports_form import TemplateForm
from .viewing import me, page_of, staff

PAGE = 50


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def templates(request: HttpRequest) -> HttpResponse:
    """List the templates of one's areas; on POST keep one, or take one away."""
    at = timezone.now()
    own, on = own_areas(request, at), local_day(at)
    if not own:
        raise NotAllowed(_("This needs the duty to handle reports. Ask whoever gives mandates."))
    if request.method == "POST" and "drop" in request.POST:
        remove_template(_key(request.POST["drop"]), by=me(request), at=at)
        messages.success(request, _("The template is taken away."))
        return redirect("desk:report_templates")
    names = names_by_code(own, on=on)
    areas = [(code, names.get(code, code)) for code in own]
    form = TemplateForm(request.POST if request.method == "POST" else None, areas=areas)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            keep_template(**form.cleaned_data, by=me(request), at=at)
            messages.success(request, _("The template is kept."))
            return redirect("desk:report_templates")
        except BadInput as refused:
            refusal, status = refused.message, refused.status
    page = page_of(request, templates_seen_in(own, on=on), size=PAGE)
    context = {"form": form, "refusal": refusal, "page": page, "rows": _shown(page, own, on)}
    return private(render(request, "desk/reports/templates.html", context, status=status))


def _shown(page: Any, own: list[str], on: date) -> list[dict[str, Any]]:
    found = list(page)
    areas = names_by_area({row.area_id for row in found}, on=on)
    return [
        {"template": row, "area": areas.get(row.area_id), "may_drop": _holds(own, areas.get(row.area_id))} for row in found
    ]  # fmt: skip


def _holds(own: list[str], area: Any) -> bool:
    return area is not None and any(covers(code, area.code) for code in own)


def _key(text: str) -> int:
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise NotFound(_("There is nothing here that you may see."))
    return int(text)
