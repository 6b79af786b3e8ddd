"""The system administrator's pages: accounts are opened and ended, a forgotten password or a lost factor is reset."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.actions import close_account, open_account
from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.overview import account_numbered, accounts_found, has_second_factor
from weiduan.ground.accounts.recovering import ask_factor_reset, reset_password
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused

from .administering import areas_with, chosen
from .members import private
from .viewing import me, page_of, staff


class AccountForm(forms.Form):
    """Under which name somebody signs in, and which post it is."""

    username = forms.RegexField(
        r"^[A-Za-z0-9_-]+$", label=gettext_lazy("Name to sign in with"), max_length=40,
        help_text=gettext_lazy("Letters without accents, digits, - and _. No person's name."),
        error_messages={"invalid": gettext_lazy("Letters without accents, digits, - and _. No person's name.")},
    )  # fmt: skip
    title = forms.CharField(
        label=gettext_lazy("Post"), max_length=60, required=False,
        help_text=gettext_lazy("As colleagues know it. No person's name."),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """List accounts; on POST open one and show its first password this once."""
    at = timezone.now()
    areas_with(request, Duty.KEEP_ACCOUNTS, at)
    form = AccountForm(request.POST if request.method == "POST" else None)
    password, opened, refusal, status = "", None, "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        password = get_random_string(16)
        try:
            opened = open_account(**form.cleaned_data, password=password, by=me(request), at=at)
            form = AccountForm()
        except Refused as refused:
            refusal, status = refused.message, refused.status
    wanted = request.GET.get("q", "").strip()[:60]
    page = page_of(request, accounts_found(wanted))
    context = {
        "form": form, "page": page, "wanted": wanted, "opened": opened, "password": password, "refusal": refusal,
    }  # fmt: skip
    return private(render(request, "desk/accounts/list.html", context, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, key: int) -> HttpResponse:
    """Show one account; on POST end it, or reset its password or second factor."""
    at = timezone.now()
    areas_with(request, Duty.KEEP_ACCOUNTS, at)
    user, shown = account_numbered(key), {"password": ""}
    refusal, status = "", 200
    if request.method == "POST":
        said, refused = chosen(request, _deeds(user, shown, by=me(request), at=at))
        if refused is None and not shown["password"]:
            messages.success(request, said)
            return redirect("desk:account", key=key)
        refusal, status = (refused.message, refused.status) if refused else ("", 200)
        user = account_numbered(key)
    context = {"account": user, "factor": has_second_factor(user), "refusal": refusal, **shown}
    return private(render(request, "desk/accounts/account.html", context, status=status))


def _deeds(user: User, shown: dict[str, str], *, by: User, at: datetime) -> dict[str, Any]:
    def end() -> str:
        close_account(user, by=by, at=at)
        return _("The account has ended: nobody signs in with it any more.")

    def password() -> str:
        shown["password"] = reset_password(user, by=by, at=at)
        return ""

    def factor() -> str:
        ask_factor_reset(user, by=by, at=at)
        return _("Asked for. Whoever gives mandates confirms it; until then the second step stays.")

    return {"end": end, "password": password, "factor": factor}
