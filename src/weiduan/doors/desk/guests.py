"""双报到: who registered in the units of an area, registering somebody, and the end of a registration."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.doors.offering import offer
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.ground.territory.queries import area_by_code, places
from weiduan.ground.territory.rules import Level
from weiduan.systems.organisation.members.daily import Newcomer
from weiduan.systems.organisation.transfers.guests import guest_leaves, register_guest
from weiduan.systems.organisation.transfers.queries import guest_rows, guests_in

from .members import private
from .members_form import DAY
from .viewing import crumb_links, look, me, page_of, staff


class GuestForm(forms.Form):
    """Whoever registers in a unit: by name, with the organisation elsewhere in words, or by the number kept here."""

    unit = forms.ChoiceField(label=gettext_lazy("Unit he or she lives in"))
    name = forms.CharField(label=gettext_lazy("Name of the person"), max_length=40)
    contact = forms.CharField(label=gettext_lazy("Telephone"), required=False, max_length=20)
    belongs_to = forms.CharField(
        label=gettext_lazy("Organisation he or she belongs to"), required=False, max_length=100,
        help_text=gettext_lazy("In words. Leave it empty for a member of an organisation kept here."),
    )  # fmt: skip
    number = forms.CharField(
        label=gettext_lazy("Number"), required=False, max_length=30,
        help_text=gettext_lazy("Only for a member of an organisation kept here. Never an identity number."),
    )  # fmt: skip
    on = forms.DateField(label=gettext_lazy("From which day"), widget=DAY)

    def __init__(self, *args: Any, units: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "unit", list(units))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def guests(request: HttpRequest, code: str) -> HttpResponse:
    """List the guests of an area for whoever keeps its organisations; on POST register one or end a registration."""
    seen, at = look(request, code), timezone.now()
    on = local_day(at)
    here = area_by_code(code, on=on)
    known = places(code, on=on, levels=[Level.UNIT] if len(code) > 12 or code[9:] != "000" else [])
    units = [(p.code, p.name) for p in known if p.level == Level.UNIT and p.code.startswith(code)]
    keeps = may(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at)
    form = GuestForm(_posted(request, "register"), units=units, initial={"on": on})
    refusal, status = "", 200
    if request.method == "POST":
        require(me(request), Duty.KEEP_ORGANISATION, in_area=code, at=at)
        try:
            if _act(request, code, form, at):
                return redirect("desk:guests", code=code)
            status = 400
        except (NotFound, NotAllowed):
            raise
        except Refused as refused:
            refusal, status = refused.message, refused.status
    rows = guests_in([code], on=on)
    page = page_of(request, rows, size=30)
    context = {
        "here": here, "page": page, "rows": guest_rows(page.object_list, on=on) if keeps else [], "refusal": refusal,
        "form": form if keeps and units else None, "keeps": keeps, "on": on,
        "crumbs": [*crumb_links(code, known, on, seen), (_("Guests"), None)],
    }  # fmt: skip
    return private(render(request, "desk/guests/list.html", context, status=status))


def _posted(request: HttpRequest, do: str) -> Any:
    return request.POST if request.method == "POST" and request.POST.get("do") == do else None


def _act(request: HttpRequest, code: str, form: GuestForm, at: datetime) -> bool:
    """Register or end; tell whether it was done (not where the form isn't whole)."""
    by, on = me(request), local_day(at)
    if _posted(request, "end") is not None:
        guest_leaves(_guest(request, code, at), on=on, by=by, at=at)
        messages.success(request, _("The registration ends today."))
        return True
    if not form.is_valid():
        return False
    said = form.cleaned_data
    newcomer = Newcomer(said["name"], said["contact"], said["number"])
    register_guest(newcomer, said["unit"], belongs_to=said["belongs_to"], on=said["on"], by=by, at=at)
    messages.success(request, _("Registered. A guest counts for no rule here."))
    return True


def _guest(request: HttpRequest, code: str, at: datetime) -> int:
    """Return the key of a guest of this area.

    :raises NotFound: there is none with the key sent
    """
    key = request.POST.get("guest", "")
    found = guests_in([code], on=local_day(at)).filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found.pk
