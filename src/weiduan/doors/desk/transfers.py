"""组织关系转接: what came in to be answered, what was sent off, the late ones first."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.systems.organisation.transfers.actions import accept, return_, withdraw
from weiduan.systems.organisation.transfers.queries import transfer_rows, transfers_of

from .members import must_keep, private
from .members_form import REASON_TITLES
from .viewing import me, page_of, staff

STATE_TITLES = {
    "asked": gettext_lazy("waiting for an answer"),
    "accepted": gettext_lazy("accepted"),
    "returned": gettext_lazy("returned"),
    "withdrawn": gettext_lazy("withdrawn"),
}


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def transfers(request: HttpRequest) -> HttpResponse:
    """List transfers at both ends; on POST accept, return or withdraw one."""
    at = timezone.now()
    must_keep(request, at)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            return _answer(request)
        except (NotFound, NotAllowed):
            raise
        except Refused as refused:
            refusal, status = refused.message, refused.status
    on = local_day(at)
    rows = transfers_of(me(request), on=on, at=at)
    waiting = transfer_rows(rows.filter(state="asked"), on=on)
    page = page_of(request, rows.exclude(state="asked"), size=20)
    context = {
        "incoming": [(row, REASON_TITLES.get(row.reason, "")) for row in waiting if row.to_answer],
        "outgoing": [(row, REASON_TITLES.get(row.reason, "")) for row in waiting if not row.to_answer],
        "page": page, "past": [(row, STATE_TITLES[row.state]) for row in transfer_rows(page.object_list, on=on)],
        "refusal": refusal,
    }  # fmt: skip
    return private(render(request, "desk/transfers/list.html", context, status=status))


def _answer(request: HttpRequest) -> HttpResponse:
    at, by, do = timezone.now(), me(request), request.POST.get("do", "")
    on, key = local_day(at), _key(request)
    if do == "accept":
        posts = accept(key, on=on, by=by, at=at)
        messages.success(request, _("Accepted; from today the member counts there."))
        if posts:
            messages.info(request, _("Posts vacant from today in the organisation left: %(n)s.") % {"n": len(posts)})
    elif do == "return":
        return_(key, request.POST.get("answer", ""), on=on, by=by, at=at)
        messages.success(request, _("Returned to the sender with your reason."))
    elif do == "withdraw":
        withdraw(key, on=on, by=by, at=at)
        messages.success(request, _("Withdrawn; the member stays where he or she is."))
    else:
        raise BadInput(_("Choose what to do."))
    return redirect("desk:transfers")


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("transfer", ""))
    except ValueError as error:
        raise NotFound(_("There is nothing here that you may see.")) from error
