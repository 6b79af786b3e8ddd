"""The security administrator's pages: who may do what; locks, sessions and keys; a lost second factor confirmed."""

from collections.abc import Callable
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

from weiduan.ground.accounts.actions import end_mandate, give_mandate
from weiduan.ground.accounts.keys import end_keys
from weiduan.ground.accounts.locks import unlock
from weiduan.ground.accounts.models import DUTY_TITLES, User
from weiduan.ground.accounts.overview import account_numbered, accounts_found, mandates_of, open_resets
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.accounts.recovering import decide_factor_reset
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.accounts.sessions import end_sessions
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.territory.queries import area_by_code, names_by_code

from .administering import areas_with, chosen
from .members import private
from .members_form import DAY
from .viewing import me, page_of, staff


class MandateForm(forms.Form):
    """One duty, in one area and everything below it, for a time."""

    duty = forms.ChoiceField(label=gettext_lazy("Duty"), choices=[(d.value, title) for d, title in DUTY_TITLES.items()])
    area = forms.RegexField(
        r"^\d{12,21}$", label=gettext_lazy("Area"), required=False,
        help_text=gettext_lazy("Its code: 12 digits, more for a grid or unit. Empty: everywhere."),
        error_messages={"invalid": gettext_lazy("Write the code of the area: 12 digits, more for a grid or unit.")},
    )  # fmt: skip
    since = forms.DateField(label=gettext_lazy("From which day"), widget=DAY)
    until = forms.DateField(
        label=gettext_lazy("Ends on"), widget=DAY, required=False,
        help_text=gettext_lazy("The first day it no longer holds. Empty: until it is ended."),
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def mandates(request: HttpRequest) -> HttpResponse:
    """List accounts and what waits for a second pair of eyes; on POST decide one of those."""
    at = timezone.now()
    areas = areas_with(request, Duty.GIVE_MANDATES, at)
    waiting = list(open_resets()) if "" in areas else []
    refusal, status = "", 200
    if request.method == "POST":
        said, refused = chosen(request, _decisions(request, waiting, at))
        if refused is None:
            messages.success(request, said)
            return redirect("desk:mandates")
        refusal, status = refused.message, refused.status
    wanted = request.GET.get("q", "").strip()[:60]
    page = page_of(request, accounts_found(wanted))
    context = {"page": page, "wanted": wanted, "waiting": waiting, "refusal": refusal}
    return private(render(request, "desk/mandates/list.html", context, status=status))


def _decisions(request: HttpRequest, waiting: list[Any], at: datetime) -> dict[str, Callable[[], str]]:
    def decide(confirm: bool) -> str:
        reset = next((one for one in waiting if str(one.pk) == request.POST.get("reset")), None)
        if reset is None:
            raise NotFound(_("There is nothing here that you may see."))
        decide_factor_reset(reset, confirm=confirm, by=me(request), at=at)
        if not confirm:
            return _("Declined: the second step stays.")
        return _("Confirmed: the next sign-in by password sets the second step up anew.")

    return {"confirm": lambda: decide(True), "decline": lambda: decide(False)}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def of_account(request: HttpRequest, key: int) -> HttpResponse:
    """Show what an account may do where the reader gives mandates; on POST give or end one, unlock, or end sessions or keys."""
    at = timezone.now()
    areas = areas_with(request, Duty.GIVE_MANDATES, at)
    user = account_numbered(key)
    held = mandates_of(user, within=areas, at=at)
    gives = request.POST.get("do") == "give"
    form = MandateForm(request.POST if gives else None, initial={"since": local_day(at)})
    refusal, status = "", 400 if form.errors else 200
    if request.method == "POST" and not form.errors:
        said, refused = chosen(request, _deeds(request, user, held, form, at))
        if refused is None:
            messages.success(request, said)
            return redirect("desk:account_mandates", key=key)
        refusal, status = refused.message, refused.status
    context = {
        "account": user, "rows": _shown(held, local_day(at)), "form": form, "refusal": refusal, "everywhere": "" in areas,
    }  # fmt: skip
    return private(render(request, "desk/mandates/account.html", context, status=status))


def _shown(held: list[Any], on: date) -> list[dict[str, Any]]:
    names = names_by_code([one.area for one in held if one.area], on=on)
    return [
        {"mandate": one, "duty": DUTY_TITLES[Duty(one.duty)], "area": names.get(one.area, one.area) or _("everywhere")}
        for one in held
    ]  # fmt: skip


def _deeds(
    request: HttpRequest, user: User, held: list[Any], form: MandateForm, at: datetime
) -> dict[str, Callable[[], str]]:
    how: dict[str, Any] = {"by": me(request), "at": at}

    def give() -> str:
        asked = form.cleaned_data
        if asked["area"]:
            area_by_code(asked["area"], on=local_day(at))
        give_mandate(user, Duty(asked["duty"]), area=asked["area"], since=asked["since"], until=asked["until"], **how)
        return _("The duty is given.")

    def end() -> str:
        mandate = next((one for one in held if str(one.pk) == request.POST.get("mandate")), None)
        if mandate is None:
            raise BadInput(_("This mandate has ended already."))
        end_mandate(mandate, **how)
        return _("The mandate has ended.")

    def let_try() -> str:
        unlock(user, **how)
        return _("Unlocked: the account can sign in again at once.")

    def sign_out() -> str:
        end_sessions(user, **how)
        return _("The account is signed out everywhere.")

    def keys() -> str:
        return _("%(count)s keys ended.") % {"count": end_keys(user, **how)}

    return {"give": give, "end": end, "unlock": let_try, "sessions": sign_out, "keys": keys}
