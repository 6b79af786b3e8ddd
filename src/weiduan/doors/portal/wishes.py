"""微心愿 for everyone: tell a small wish without a name, take one up, say thanks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.doors.erased import say_erased
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.territory.queries import area_of, names_by_area, places
from weiduan.ground.territory.rules import Level
from weiduan.outlook.insight.wish_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.services.wishes import actions
from weiduan.systems.services.wishes.queries import public_wish, wish_by_receipt, wishes_in
from weiduan.systems.services.wishes.rules import (
    CLAIM_FORM,
    LONGEST_CONTACT,
    LONGEST_NAME,
    LONGEST_THANKS,
    LONGEST_WISH,
    WISH_FORM,
    State,
)

from .bookings import unlisted
from .receipts import sent
from .units import crumb_links, here_among

PAGE = 30


class TellForm(forms.Form):
    """A small wish."""

    text = forms.CharField(
        label=gettext_lazy("What do you wish for?"), max_length=LONGEST_WISH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Something small that a neighbour, a team or a school could do. Name no person and no address."),
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("How can you be reached?"), max_length=LONGEST_CONTACT, required=False,
        help_text=gettext_lazy("Sealed; only those who keep services here see it, to bring both sides together. Gone 30 days after."),
    )  # fmt: skip


class ClaimForm(forms.Form):
    """Who takes a wish up."""

    name = forms.CharField(
        label=gettext_lazy("Who takes it up?"), max_length=LONGEST_NAME,
        help_text=gettext_lazy("Everybody reads it: a team, a partner, or “a resident”."),
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("Telephone or address to be reached by"), max_length=LONGEST_CONTACT,
        help_text=gettext_lazy("Sealed; only those who keep services here see it, to bring both sides together. Gone 30 days after."),
    )  # fmt: skip


class ThanksForm(forms.Form):
    """Thanks."""

    words = forms.CharField(
        label=gettext_lazy("Say thanks"), max_length=LONGEST_THANKS, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Everybody reads it. Name no person."),
    )  # fmt: skip


@require_safe
def wishes(request: HttpRequest, code: str) -> HttpResponse:
    """List the wishes of an area."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    page = Paginator(wishes_in(code, at=at), PAGE).get_page(request.GET.get("page"))
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    rows = [(one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in page]
    crumbs = [*crumb_links(code, known, leads_here=True), (_("Small wishes"), None)]
    context = {"here": here, "page": page, "rows": rows, "crumbs": crumbs, "may_tell": here.level >= Level.VILLAGE}
    return render(request, "portal/wishes/list.html", context)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def tell_wish(request: HttpRequest, code: str) -> HttpResponse:
    """Ask what is wished for; when sent, go to the receipt."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    if not Level.VILLAGE <= here.level <= Level.UNIT:
        raise NotFound(_("Wishes are told in a unit, a grid or a village. Choose where you live."))
    form = TellForm(request.POST if request.method == "POST" else None)
    done = sent(
        request, form, WISH_FORM,
        lambda receipt: actions.tell_wish(code, form.cleaned_data["text"], form.cleaned_data["contact"], receipt, at=at),
        "portal:wish_receipt",
    )  # fmt: skip
    if done.leads_to is not None:
        return done.leads_to
    crumbs = [
        *crumb_links(code, known, leads_here=True),
        (_("Small wishes"), f"/a/{code}/wishes/"),
        (_("Tell a wish"), None),
    ]
    context = {"here": here, "form": form, "draft": done.draft, "refusal": done.refusal, "crumbs": crumbs}
    return render(request, "portal/wishes/tell.html", context, status=done.status)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a wish; on POST take it up, and go to the receipt."""
    at = timezone.now()
    found = public_wish(key)
    form = ClaimForm(request.POST if request.method == "POST" else None)
    done = sent(
        request, form, CLAIM_FORM,
        lambda receipt: actions.claim(key, form.cleaned_data["name"], form.cleaned_data["contact"], receipt, at=at),
        "portal:wish_receipt",
    )  # fmt: skip
    if done.leads_to is not None:
        return done.leads_to
    found = public_wish(key)
    context = _shown(found, at) | {
        "form": form,
        "draft": done.draft,
        "refusal": done.refusal,
        "may_claim": found.state == State.OPEN.value,
    }
    return render(request, "portal/wishes/wish.html", context, status=done.status)


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def receipt_page(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a wish to whoever holds a receipt of it; on POST do what that side may do."""
    at = timezone.now()
    seen = wish_by_receipt(receipt)
    form, refusal, status = ThanksForm(), "", 200
    if request.method == "POST":
        try:
            form = ThanksForm(request.POST) if request.POST.get("do") == "thank" else form
            if not form.is_bound or form.is_valid():
                _do(request, receipt, form, at)
                return redirect("portal:wish_receipt", receipt=receipt)
            status = 400
        except Refused as refused:
            refusal, status = refused.message, refused.status
            seen = wish_by_receipt(receipt)
    found = seen.wish
    has_contact = bool(found.sealed_contact if seen.is_own else found.sealed_claim_contact)
    context = _shown(found, at) | {
        "is_own": seen.is_own, "form": form, "refusal": refusal, "address": request.build_absolute_uri(), "has_contact": has_contact,
        "may_thank": seen.is_own and found.state == State.FULFILLED.value,
        "may_withdraw": seen.is_own and found.state in (State.TOLD.value, State.OPEN.value, State.CLAIMED.value),
        "may_fulfil": not seen.is_own and found.state == State.CLAIMED.value,
    }  # fmt: skip
    return render(request, "portal/wishes/receipt.html", context, status=status)


def _do(request: HttpRequest, receipt: str, form: ThanksForm, at: datetime) -> None:
    do = request.POST.get("do", "")
    if do == "thank":
        actions.thank(receipt, form.cleaned_data["words"], at=at)
        messages.success(request, _("Thank you. Everybody reads it."))
    elif do == "fulfil":
        actions.fulfil(receipt, at=at)
        messages.success(request, _("Thank you. Whoever wished reads it."))
    elif do == "give_back":
        actions.give_back(receipt, at=at)
        messages.success(request, _("It is open to others again."))
    elif do == "withdraw":
        actions.withdraw(receipt, at=at)
        messages.success(request, _("Your wish is taken back."))
    elif do == "erase":
        found = actions.erase_contact(receipt, at=at)
        say_erased(request, found.pk, _("Your contact is erased."), at=at)
    else:
        raise BadInput(_("Choose what to do."))


def _shown(found: Any, at: datetime) -> dict[str, Any]:
    on = local_day(at)
    area = area_of(found.area_id, on=on)
    return {
        "wish": found, "area": area, "word": STATE_TITLES[found.state], "tag": STATE_TAGS[found.state],
        "crumbs": [
            *crumb_links(area.code, places(area.code, on=on, levels=[]), leads_here=True),
            (_("Small wishes"), f"/a/{area.code}/wishes/"), (_("A wish"), None),
        ],
    }  # fmt: skip
