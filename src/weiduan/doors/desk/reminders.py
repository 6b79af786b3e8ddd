"""My reminders: what is due where I keep organisations, and where I want to be told of it."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.outlook.reminders.actions import add_channel, confirm, end_channel, try_channel
from weiduan.outlook.reminders.queries import Reminder, channels_of, due_for
from weiduan.outlook.reminders.rules import MOST_CHANNELS
from weiduan.outlook.reminders.words import by_kind, count_of, late_of, title_of

from .members import private
from .viewing import me, staff
from .waiting import by_of, url_of, whom_of

KIND_TITLES = {
    "email": gettext_lazy("E-mail"),
    "wecom": gettext_lazy("WeCom robot"),
    "dingtalk": gettext_lazy("DingTalk robot"),
}
SHOWN = 20


class ChannelForm(forms.Form):
    """Where one wants to be told."""

    address = forms.CharField(
        label=gettext_lazy("Where to write"), max_length=300,
        help_text=gettext_lazy("An e-mail address, or the address of a WeCom or DingTalk robot, copied from its settings."),
        error_messages={"required": gettext_lazy("Write the address.")},
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """Show what is due and one's channels; on POST add, confirm, try or remove one."""
    at, user = timezone.now(), me(request)
    form = ChannelForm(request.POST if request.POST.get("do") == "add" else None)
    refusal, status = "", 200
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        try:
            return _do(request, form, at)
        except NotFound:
            raise
        except Refused as refused:
            refusal, status = refused.message, refused.status
    due = due_for(user, at=at)
    context = {
        "count": len(due), "form": form, "refusal": refusal,
        "groups": [
            (kind, count_of(kind, part), late_of(part), [_row(one) for one in part[:SHOWN]], max(len(part) - SHOWN, 0))
            for kind, part in by_kind(due)
        ],
        "channels": [(row, KIND_TITLES[row.kind]) for row in channels_of(user)], "most": MOST_CHANNELS,
        "is_on": settings.REMINDERS_ON, "has_mail": bool(settings.REMINDERS_MAIL),
    }  # fmt: skip
    answer = render(request, "desk/reminders/reminders.html", context, status=400 if form.errors else status)
    return private(answer)


def _row(one: Reminder) -> tuple[str, str, str, str, bool]:
    return whom_of(one), title_of(one), by_of(one), url_of(one), one.late


def _do(request: HttpRequest, form: ChannelForm, at: datetime) -> HttpResponse:
    do, user = request.POST.get("do", ""), me(request)
    if do == "add":
        _try(request, add_channel(user, form.cleaned_data["address"], at=at).pk)
    elif do == "try":
        _try(request, _key(request))
    elif do == "confirm":
        confirm(_key(request), request.POST.get("code", ""), user=user, at=at)
        messages.success(request, _("Confirmed. Messages about what is due go there from now on."))
    elif do == "remove":
        end_channel(_key(request), user=user, at=at)
        messages.success(request, _("Removed; its address is forgotten."))
    else:
        raise BadInput(_("Choose what to do."))
    return redirect("desk:reminders")


def _try(request: HttpRequest, key: UUID) -> None:
    try_channel(key, user=me(request))
    messages.success(request, _("A message was sent. If it carries a code, type it in below."))


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("channel", ""))
    except ValueError as error:
        raise NotFound(_("There is nothing here that you may see.")) from error
