"""微心愿 at the desk: look at what is wished for before it is public, and bring both sides together."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.wish_words import STATE_TAGS, STATE_TITLES
from weiduan.systems.services.wishes import actions
from weiduan.systems.services.wishes.queries import kept_wish, wishes_kept_by
from weiduan.systems.services.wishes.rules import LONGEST_WHY, LONGEST_WISH, SHOWN, State

from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .viewing import me, page_of, staff

PAGE = 30


class PublicForm(forms.Form):
    """The wish in words that name nobody."""

    text = forms.CharField(
        label=gettext_lazy("As everybody reads it"), max_length=LONGEST_WISH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Take out names, addresses and what tells who it is."),
    )  # fmt: skip


class WhyForm(forms.Form):
    """Why it can't be shown."""

    because = forms.CharField(
        label=gettext_lazy("Why, for whoever wished"), max_length=LONGEST_WHY, widget=forms.Textarea(attrs={"rows": 3})
    )  # fmt: skip


@staff
@require_safe
def wishes(request: HttpRequest) -> HttpResponse:
    """List the wishes one sees to; ?state= narrows."""
    at, state = timezone.now(), request.GET.get("state", "")
    rows = wishes_kept_by(me(request), at=at)
    page = page_of(request, rows.filter(state=state) if state in STATE_TITLES else rows, size=PAGE)
    names = names_by_area({one.area_id for one in page}, on=local_day(at))
    lines = [(one, names.get(one.area_id), STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in page]
    keeps = bool(areas_of(me(request), Duty.KEEP_SERVICES, at=at))
    context = {"page": page, "rows": lines, "keeps": keeps, "state": state, "states": STATE_TITLES.items()}
    return private(render(request, "desk/wishes/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a wish one sees to; on POST do the next thing with it, or open how to reach both sides."""
    at = timezone.now()
    found = kept_wish(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST" and request.POST.get("do") == "contacts":
        tried = {"contacts": actions.read_contacts(key, by=me(request), at=at)}
    elif request.method == "POST":
        tried = do_deed(request, _deeds(request, found, at))
        if not tried:
            return redirect("desk:wish", key=key)
        found = kept_wish(me(request), key, at=at)
    offered = {State.TOLD.value: ["publish", "decline"], State.CLAIMED.value: ["fulfilled"]}.get(found.state, [])
    context = {
        "wish": found, "area": area_of(found.area_id, on=local_day(at)), "word": STATE_TITLES[found.state], "refusal": "",
        "tag": STATE_TAGS[found.state], "deeds": offered_deeds(_deeds(request, found, at), offered, tried),
        "is_shown": found.state in SHOWN, "has_contacts": bool(found.sealed_contact or found.sealed_claim_contact),
    }  # fmt: skip
    return private(render(request, "desk/wishes/wish.html", context | tried, status=tried.get("status", 200)))


def _deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    key = found.pk
    how: dict[str, Any] = {"by": me(request), "at": at}
    return {
        "publish": Deed(
            _("Let everybody read it"), partial(PublicForm, initial={"text": found.text}),
            lambda _form, said: actions.make_public(key, said["text"], **how), _("Everybody can read it and take it up."),
        ),
        "decline": Deed(
            _("It can't be shown"), WhyForm, lambda _form, said: actions.decline(key, said["because"], **how),
            _("Whoever wished reads why."),
        ),
        "fulfilled": Deed(
            _("It is fulfilled"), forms.Form, lambda _form, _said: actions.note_fulfilled(key, **how), _("Written down."),
        ),
    }  # fmt: skip
