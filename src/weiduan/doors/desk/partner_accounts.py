"""Accounts of a partner: opened with a password that is shown once, and ended."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.base.errors import BadInput, Refused
from weiduan.systems.services.projects.accounts import (
    LONGEST_USERNAME,
    Opened,
    end_partner_account,
    open_partner_account,
)
from weiduan.systems.services.projects.queries import accounts_of, partner_served

from .members import private
from .viewing import me, staff


class AccountForm(forms.Form):
    """Under which name a partner signs in."""

    username = forms.CharField(
        label=gettext_lazy("Name to sign in with"), max_length=LONGEST_USERNAME,
        help_text=gettext_lazy("Letters without accents, digits, - and _. No person's name."),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show the accounts of a partner; on POST open one, and show its password this once, or end one."""
    at = timezone.now()
    partner = partner_served(me(request), key, at=at)
    form = AccountForm(request.POST if request.POST.get("do") == "open" else None)
    opened, refusal, status = None, "", 400 if form.errors else 200
    if request.method == "POST" and not form.errors:
        try:
            opened = _done(request, partner, form, at)
            if opened is None:
                return redirect("desk:partner_accounts", key=key)
            form = AccountForm()
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {"partner": partner, "form": form, "opened": opened, "refusal": refusal, "accounts": accounts_of(partner)}
    return private(render(request, "desk/partners/accounts.html", context, status=status))


def _done(request: HttpRequest, partner: Any, form: AccountForm, at: datetime) -> Opened | None:
    how: dict[str, Any] = {"by": me(request), "at": at}
    if form.is_bound:
        return open_partner_account(partner.pk, form.cleaned_data["username"], **how)
    own = {str(one.pk): one.pk for one in accounts_of(partner)}
    chosen = own.get(request.POST.get("end", ""))
    if chosen is None:
        raise BadInput(_("Choose what to do."))
    end_partner_account(chosen, **how)
    messages.success(request, _("The account has ended: nobody signs in with it any more."))
    return None
