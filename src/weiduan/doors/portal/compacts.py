"""Compacts and charters for everyone: what is in force, how it came about, and drafts to speak about and stand behind."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of, places
from weiduan.outlook.insight.compact_words import KIND_TITLES, compact_rows, stage_line, version_told
from weiduan.outlook.insight.opinion_words import RULE_TITLES
from weiduan.systems.governance.compacts.actions import renew_support, say_about, support, withdraw_support
from weiduan.systems.governance.compacts.queries import (
    compacts_for,
    compacts_in,
    differences,
    public_compact,
    standings,
    support_by_receipt,
    supports_of,
    versions_of,
)
from weiduan.systems.governance.compacts.rules import MAY_EDIT, SUPPORT_FORM
from weiduan.systems.governance.opinions.queries import heard_on
from weiduan.systems.governance.opinions.rules import LONGEST_WORDS, OPINION_FORM, About

from .bookings import unlisted
from .own import private
from .units import crumb_links, here_among

PAGE = 30


@require_safe
def compacts(request: HttpRequest, code: str) -> HttpResponse:
    """List the compacts of an area, of those above it and of those below it."""
    on = local_day(timezone.now())
    known = places(code, on=on, levels=[])
    here = here_among(known, code)
    page = Paginator(compacts_in([code], on=on) | compacts_for(code, on=on), PAGE).get_page(request.GET.get("page"))
    crumbs = [*crumb_links(code, known, leads_here=True), (_("Compacts and charters"), None)]
    context = {"here": here, "crumbs": crumbs, "page": page, "rows": compact_rows(page, on=on)}
    return render(request, "portal/compacts/list.html", context)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def compact(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a compact in the version in force, or the one asked for; on POST speak about its draft or stand behind it."""
    found = public_compact(key)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _said(request, found)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    return render(request, "portal/compacts/compact.html", _page(request, found) | {"refusal": refusal}, status=status)


def _said(request: HttpRequest, found: Any) -> HttpResponse:
    """Take what was said, or the support; lead to the page of its receipt."""
    said, at = request.POST, timezone.now()
    draft = _asked(versions_of(found), said.get("version", ""))
    if draft is None:
        raise BadInput(_("Choose which version is meant."))
    if said.get("do") == "support":
        receipt = receipt_of(said.get("draft", ""), SUPPORT_FORM)
        support(draft.pk, receipt, text_hash=said.get("text_hash", ""), at=at)
        return redirect("portal:support", receipt=receipt)
    if said.get("do") == "say":
        receipt = receipt_of(said.get("draft", ""), OPINION_FORM)
        say_about(draft.pk, said.get("words", ""), receipt, at=at)
        return redirect("portal:opinion", receipt=receipt)
    raise BadInput(_("Choose what to do."))


def _page(request: HttpRequest, found: Any) -> dict[str, Any]:
    on = local_day(timezone.now())
    code = area_of(found.area_id, on=on).code
    known, rows = places(code, on=on, levels=[]), versions_of(found)
    version = _asked(rows, _number(request)) or _to_show(rows, standings([found], on=on)[0])
    before = next((one for one in rows if one.number == version.number - 1), None)
    word, tag = version_told(version)
    is_open = version.stage in MAY_EDIT
    return {
        "compact": found, "kind": KIND_TITLES[found.kind], "code": code, "version": version, "word": word, "tag": tag,
        "crumbs": [
            *crumb_links(code, known, leads_here=True), (_("Compacts and charters"), f"/a/{code}/compacts/"), (found.title, None)
        ],
        "line": stage_line(version), "versions": [(one, *version_told(one)) for one in rows], "before": before,
        "diff": differences(before.text, version.text) if before else [], "is_open": is_open, "supports": supports_of(version),
        "support_draft": new_draft(SUPPORT_FORM), "opinion_draft": new_draft(OPINION_FORM), "longest": LONGEST_WORDS,
        "heard": [(one, RULE_TITLES.get(one.removed_for, "")) for one in heard_on(About.VERSION, version.pk)],
        "typed": request.POST.get("words", "") if request.method == "POST" else "",
    }  # fmt: skip


def _number(request: HttpRequest) -> str:
    return (request.POST if request.method == "POST" else request.GET).get("version", "")


def _asked(rows: list[Any], number: str) -> Any:
    """Return the version asked for by its number, None where none was.

    :raises NotFound: it has no such version
    """
    if not number:
        return None
    for one in rows:
        if str(one.number) == number:
            return one
    raise NotFound(_("There is nothing here that you may see."))


def _to_show(rows: list[Any], standing: Any) -> Any:
    """Return the version in force, else the one under way, else the last."""
    of_interest = standing.in_force or standing.under_way
    return next((one for one in rows if of_interest and one.pk == of_interest.pk), rows[0])


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def supported(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show one's support to whoever holds its receipt; on POST withdraw it, or give it to the words as they read now."""
    found = support_by_receipt(receipt)
    refusal, status, at = "", 200, timezone.now()
    if request.method == "POST":
        try:
            if request.POST.get("do") == "withdraw":
                withdraw_support(receipt, at=at)
                messages.success(request, _("Withdrawn: your support no longer counts."))
            else:
                renew_support(receipt, text_hash=request.POST.get("text_hash", ""), at=at)
                messages.success(request, _("Your support counts for the words as they read now."))
            return redirect("portal:support", receipt=receipt)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    version = found.version
    word, tag = version_told(version)
    context = {
        "support": found, "version": version, "compact": version.compact, "word": word, "tag": tag, "refusal": refusal,
        "counts": found.text_hash == version.text_hash, "is_open": version.stage in MAY_EDIT,
        "address": request.build_absolute_uri(),
    }  # fmt: skip
    return render(request, "portal/compacts/support.html", context, status=status)
