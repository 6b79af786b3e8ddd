"""保全: cases of an area that aren't to be erased for now, why and until when; laying a hold and lifting it."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty, prefix_of
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.ground.holds.actions import LONGEST, hold, lift
from weiduan.ground.holds.queries import holds_in
from weiduan.ground.territory.queries import area_by_code, places

from .members_form import DAY
from .viewing import crumb_links, look, me, page_of, staff

KIND_TITLES = {
    "governance.report": gettext_lazy("Report"), "governance.ballot": gettext_lazy("Ballot"),
    "governance.mediation": gettext_lazy("Mediation"), "venues.booking": gettext_lazy("Booking"),
    "services.signup": gettext_lazy("Sign-up"), "services.wish": gettext_lazy("Wish"),
    "services.organisationmeeting": gettext_lazy("Meeting"),
}  # fmt: skip


class HoldForm(forms.Form):
    """Which case, why, and until when."""

    case = forms.UUIDField(
        label=gettext_lazy("Number of the case"),
        help_text=gettext_lazy("The long one in the address of its page."),
        error_messages={"invalid": gettext_lazy("This is no number of a case. It stands in the address of its page at the desk.")},
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Why it must not be erased"), max_length=200,
        help_text=gettext_lazy("Whoever holds the receipt reads it: name nobody."),
    )  # fmt: skip
    until = forms.DateField(label=gettext_lazy("Held until which day"), widget=DAY)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest, code: str) -> HttpResponse:
    """List the holds of an area for whoever reads its ledger; on POST lay one or lift one."""
    seen, at = look(request, code), timezone.now()
    require(me(request), Duty.SET_RULES, in_area=code, at=at)
    on = local_day(at)
    laying = request.method == "POST" and request.POST.get("do") == "lay"
    form, refusal, status = HoldForm(request.POST if laying else None), "", 200
    if request.method == "POST":
        try:
            if _act(request, form, at):
                return redirect("desk:holds", code=code)
            status = 400
        except NotAllowed:
            raise
        except Refused as refused:
            refusal, status = refused.message, refused.status
    page = page_of(request, holds_in(prefix_of(code), at=at), size=30)
    context = {
        "here": area_by_code(code, on=on), "page": page, "rows": [(one, KIND_TITLES[one.kind]) for one in page.object_list],
        "form": form, "refusal": refusal, "latest": _latest(on), "on": on,
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, seen), (_("Holds"), None)],
    }  # fmt: skip
    return render(request, "desk/holds/list.html", context, status=status)


def _latest(on: date) -> date:
    return on + LONGEST


def _act(request: HttpRequest, form: Any, at: datetime) -> bool:
    """Lay or lift; tell whether it was done (not where the form isn't whole)."""
    if request.POST.get("do") == "lift":
        key = request.POST.get("hold", "")
        if not (key.isascii() and key.isdigit()):
            raise NotFound(_("There is nothing here that you may see."))
        lift(int(key), by=me(request), at=at)
        messages.success(request, _("The hold is lifted. What is due is erased with the clock's next round."))
        return True
    if not form.is_valid():
        return False
    said = form.cleaned_data
    hold(said["case"], said["reason"], until=said["until"], by=me(request), at=at)
    messages.success(request, _("It is held. Whoever holds its receipt is told so there."))
    return True
