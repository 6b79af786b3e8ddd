"""矛盾调解 for residents: ask for a mediator without an account, and see by the receipt how it stands."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.mediation_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.governance.mediation.actions import Asking, ask, withdraw
from weiduan.systems.governance.mediation.queries import mediation_by_receipt, sessions_of
from weiduan.systems.governance.mediation.rules import ENDED, LONGEST_PARTY, LONGEST_WORDS, MEDIATION_FORM

from .bookings import unlisted
from .receipts import sent
from .units import crumb_links, here_among


class AskForm(forms.Form):
    """Between whom, and what about."""

    parties = forms.CharField(
        label=gettext_lazy("Between whom?"), max_length=LONGEST_PARTY, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("You and the other side, and, if you want, how you are reached. Sealed: only the mediator reads it."),
    )  # fmt: skip
    matter = forms.CharField(
        label=gettext_lazy("What is the matter about?"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Without names: those who may take it read this to see who fits; then only the mediator does."),
    )  # fmt: skip


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for(request: HttpRequest, code: str) -> HttpResponse:
    """Ask between whom and what about; when sent, go to the receipt."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    if not Level.VILLAGE <= here.level <= Level.UNIT:
        raise NotFound(_("Mediation is asked for in a unit, a grid or a village. Choose where you live."))
    form = AskForm(request.POST if request.method == "POST" else None)
    done = sent(
        request, form, MEDIATION_FORM, lambda receipt: ask(code, Asking(**form.cleaned_data), receipt, at=at), "portal:mediation"
    )  # fmt: skip
    if done.leads_to is not None:
        return done.leads_to
    crumbs = [*crumb_links(code, known, leads_here=True), (_("Mediation"), None)]
    context = {"here": here, "form": form, "draft": done.draft, "refusal": done.refusal, "crumbs": crumbs}
    return render(request, "portal/mediations/ask.html", context, status=done.status)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def mediation(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a mediation to whoever holds its receipt; on POST withdraw it."""
    at = timezone.now()
    refusal, status = "", 200
    if request.method == "POST":
        try:
            if request.POST.get("do") != "withdraw":
                raise BadInput(_("Choose what to do."))
            withdraw(receipt, at=at)
            messages.success(request, _("It is withdrawn."))
            return redirect("portal:mediation", receipt=receipt)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    found = mediation_by_receipt(receipt)
    context = _page(request, found) | {"refusal": refusal}
    return render(request, "portal/mediations/mediation.html", context, status=status)


def _page(request: HttpRequest, found: Any) -> dict[str, Any]:
    on = local_day(timezone.now())
    code = area_of(found.area_id, on=on).code
    return {
        "one": found, "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state], "sessions": sessions_of(found),
        "address": request.build_absolute_uri(), "may_withdraw": found.state not in ENDED,
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), leads_here=True), (found.number, None)],
    }  # fmt: skip
