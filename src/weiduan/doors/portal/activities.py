"""活动 for everyone: what is on in an area, signing up without an account, what the receipt may do; the area's calendar."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import conditional_page, require_http_methods, require_safe

from weiduan.doors.erased import say_erased
from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.drafts import new_draft, receipt_of
from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.territory.queries import area_by_code, area_of, places
from weiduan.outlook.insight.activity_words import KIND_TITLES, PLACE_TAGS, PLACE_TITLES, activity_rows, standing_words
from weiduan.systems.services.activities import signing_up
from weiduan.systems.services.activities.feeds import feed_for
from weiduan.systems.services.activities.queries import (
    activity_by_key,
    ahead_of,
    brought_at,
    contact_looks,
    left_in,
    may_sign_up,
    over_for,
    sign_up_by_receipt,
    to_come_for,
)
from weiduan.systems.services.activities.rules import (
    BRINGS,
    CONTACT_KEPT,
    LIVE,
    LONGEST_CONTACT,
    LONGEST_NAME,
    SIGN_UP_FORM,
)
from weiduan.systems.services.satisfaction.answering import still_asked
from weiduan.systems.services.satisfaction.rules import About

from .bookings import unlisted
from .units import crumb_links, here_among

PAGE, OVER_SHOWN = 30, 10


class SignUpForm(forms.Form):
    """What somebody leaves who signs up: nothing is needed."""

    name = forms.CharField(
        label=gettext_lazy("What may we call you?"), max_length=LONGEST_NAME, required=False,
        help_text=gettext_lazy("A nickname will do. Only the host reads it."), widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("Telephone or e-mail"), max_length=LONGEST_CONTACT, required=False,
        help_text=gettext_lazy(
            "Only if you want to be told when a place becomes free or something changes. It is sealed, and erased thirty days after."
        ), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


@require_safe
def activities(request: HttpRequest, code: str) -> HttpResponse:
    """List what is on in an area, and what took place lately."""
    at = timezone.now()
    known = places(code, on=local_day(at), levels=[])
    here = here_among(known, code)
    page = Paginator(to_come_for(code, at=at), PAGE).get_page(request.GET.get("page"))
    over = list(over_for(code, at=at)[:OVER_SHOWN])
    context = {
        "here": here, "page": page, "rows": activity_rows(page, at), "over": activity_rows(over, at),
        "crumbs": [*crumb_links(code, known, leads_here=True), (_("Activities"), None)],
        "feed": "webcal://" + request.get_host() + reverse("portal:activities_calendar", args=[code]),
    }  # fmt: skip
    return render(request, "portal/activities/list.html", context)


@require_safe
@conditional_page
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """Return what is on as iCalendar; to a calendar that has it already, that nothing changed."""
    at = timezone.now()
    name = _("Activities: %(area)s") % {"area": area_by_code(code, on=local_day(at)).name}
    content = feed_for(code, name, at=at)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-cache"})


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def activity(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show an activity; on POST sign up, and go to the receipt."""
    at = timezone.now()
    found = activity_by_key(key)
    form = SignUpForm(request.POST if request.method == "POST" else None)
    refusal, status, draft = "", 400 if form.errors else 200, request.POST.get("draft", "") or new_draft(SIGN_UP_FORM)
    if form.is_bound and form.is_valid():
        try:
            receipt = receipt_of(draft, SIGN_UP_FORM)
            signing_up.sign_up(key, signing_up.Coming(**form.cleaned_data), receipt, at=at)
            return redirect("portal:sign_up", receipt=receipt)
        except Refused as refused:
            refusal, status, draft = refused.message, refused.status, new_draft(SIGN_UP_FORM)
            found = activity_by_key(key)
    context = _page(found, at) | {
        "form": form, "draft": draft, "refusal": refusal, "may_sign_up": may_sign_up(found, at=at),
        "brought": brought_at(found) if found.kind in BRINGS and found.starts_at <= at else None,
    }  # fmt: skip
    return render(request, "portal/activities/activity.html", context, status=status)


def _page(found: Any, at: Any) -> dict[str, Any]:
    code = area_of(found.area_id, on=local_day(at)).code
    known = places(code, on=local_day(at), levels=[])
    tag, word = standing_words(found, at=at)
    return {
        "activity": found, "kind": KIND_TITLES[found.kind], "tag": tag, "word": word, "left": left_in(found), "code": code,
        "venue": found.booking.room.facility if found.booking else None, "is_over": found.ends_at <= at, "one_day": _one_day(found),
        "crumbs": [
            *crumb_links(code, known, leads_here=True), (_("Activities"), reverse("portal:activities", args=[code])), (found.title, None)
        ],
    }  # fmt: skip


def _one_day(found: Any) -> bool:
    return bool(local_day(found.starts_at) == local_day(found.ends_at))


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show a sign-up to whoever holds its receipt; on POST give it up, take up an offer, or erase name and contact."""
    at = timezone.now()
    mine = sign_up_by_receipt(receipt)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            _act(request, receipt, at)
            return redirect("portal:sign_up", receipt=receipt)
        except Refused as blocked:
            refusal, status = blocked.message, blocked.status
            mine = sign_up_by_receipt(receipt)
    found = mine.activity
    page = _page(found, at)
    context = page | {
        "mine": mine, "place_word": PLACE_TITLES[mine.state], "place_tag": PLACE_TAGS[mine.state], "refusal": refusal,
        "address": request.build_absolute_uri(), "ahead": ahead_of(mine), "looks": contact_looks(mine),
        "is_live": mine.state in LIVE and found.starts_at > at and found.state != "cancelled",
        "has_contact": bool(mine.sealed_name or mine.sealed_contact), "is_told": bool(mine.sealed_contact),
        "erased_on": timezone.localtime(found.ends_at + CONTACT_KEPT).date(), "receipt": receipt,
        "asked": still_asked(About.ACTIVITY, page["code"], receipt, activity=found.pk, at=at),
    }  # fmt: skip
    return render(request, "portal/activities/sign_up.html", context, status=status)


def _act(request: HttpRequest, receipt: str, at: Any) -> None:
    do = request.POST.get("do", "")
    if do == "give_up":
        signing_up.give_up(receipt, at=at)
        messages.success(request, _("Given up. Whoever waits can have the place now."))
    elif do == "accept":
        signing_up.accept(receipt, at=at)
        messages.success(request, _("The place is yours."))
    elif do == "erase":
        mine = signing_up.erase(receipt, at=at)
        say_erased(request, mine.pk, _("What you left is erased."), at=at)
    else:
        raise BadInput(_("Choose what to do."))
