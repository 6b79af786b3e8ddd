"""The audit administrator's pages: what was done, and whether anybody changed it since."""

from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.overview import usernames
from weiduan.ground.accounts.queries import find_account, local_day
from weiduan.ground.accounts.rules import Duty, prefix_of
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.ledger.queries import Wanted, anchor, breaks, breaks_at_heads, count_entries, entries_wanted

from .administering import areas_with
from .members import private
from .members_form import DAY
from .viewing import staff

PAGE = 50
READ_AT_ONCE = 200_000  # entries; a longer ledger is read through on the machine, where nobody waits for a page
SHOWN_BREAKS = 50


class LedgerForm(forms.Form):
    """Which entries one looks for."""

    area = forms.RegexField(
        r"^\d{12,21}$", label=gettext_lazy("Area"), required=False, help_text=gettext_lazy("Its code")
    )
    account = forms.CharField(
        label=gettext_lazy("By whom"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("The account, or “console”"),
    )
    what = forms.CharField(
        label=gettext_lazy("Deed that was recorded"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("As it stands in the list, or how it begins"),
    )
    since = forms.DateField(label=gettext_lazy("From which day"), required=False, widget=DAY)
    until = forms.DateField(label=gettext_lazy("To which day"), required=False, widget=DAY)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: HttpRequest) -> HttpResponse:
    """List entries, newest first; on POST check the chains."""
    at = timezone.now()
    areas = areas_with(request, Duty.READ_LEDGER, at)
    form = LedgerForm(request.GET or None)
    wanted = _wanted(form) if form.is_bound and form.is_valid() else Wanted()
    before = request.GET.get("before", "")
    found = entries_wanted(wanted, within=[prefix_of(area) if area else "" for area in areas])
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    context = {
        "form": form, "rows": _named(rows[:PAGE]), "more": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "everywhere": "" in areas, "checked": _checked(request, areas) if request.method == "POST" else None,
    }  # fmt: skip
    return private(render(request, "desk/ledger/list.html", context, status=400 if form.errors else 200))


def _named(entries: list[Any]) -> list[tuple[Any, str]]:
    """Return each entry with the name of the account that did it, where one did."""
    keys = {entry.by.removeprefix("user:") for entry in entries if entry.by.startswith("user:")}
    names = {f"user:{key}": name for key, name in usernames(keys)}
    return [(entry, names.get(entry.by, "")) for entry in entries]


def _wanted(form: LedgerForm) -> Wanted:
    asked = form.cleaned_data
    named = asked["account"].strip()
    user = find_account(named) if named else None
    return Wanted(
        area=prefix_of(asked["area"]) if asked["area"] else "", what=asked["what"].strip(),
        by=f"user:{user.pk}" if user is not None else named,
        since=_midnight(asked["since"]), until=_midnight(asked["until"], days=1),
    )  # fmt: skip


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day + timedelta(days=days), time()))


def _checked(request: HttpRequest, areas: list[str]) -> dict[str, Any]:
    """Check the heads of all chains, or every entry where the ledger is short enough."""
    if "" not in areas:
        raise NotFound(_("There is nothing here that you may see."))
    if request.POST.get("do") != "all":
        return {"found": list(breaks_at_heads()), "heads_only": True}
    entries = count_entries()
    if entries > READ_AT_ONCE:
        raise BadInput(_("The ledger is too long to be read through here. Use “weiduan ledger verify” on the machine."))
    return {"found": list(islice(breaks(), SHOWN_BREAKS)), "entries": entries}


@staff
@require_safe
def anchor_file(request: HttpRequest) -> HttpResponse:
    """Give out the heads of all chains, to be kept where this machine can't reach them."""
    at = timezone.now()
    if "" not in areas_with(request, Duty.READ_LEDGER, at):
        raise NotFound(_("There is nothing here that you may see."))
    name = f"anchor-{local_day(at):%F}.json"
    return private(JsonResponse(anchor(at), headers={"Content-Disposition": f'attachment; filename="{name}"'}))
