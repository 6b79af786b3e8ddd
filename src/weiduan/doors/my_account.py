"""My account: password, second step, devices, reminders, and the pages of whoever administrates."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import areas_of
from weiduan.ground.accounts.rules import Duty

PAGES = {
    Duty.KEEP_ACCOUNTS: ("desk:accounts", _("Accounts"), _("Open and end them, reset a forgotten password")),
    Duty.GIVE_MANDATES: ("desk:mandates", _("Mandates"), _("Who may do what; locks, sessions and keys")),
    Duty.READ_LEDGER: ("desk:ledger", _("Ledger"), _("What was done, and whether anybody changed it since")),
}


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what somebody can see to by himself, and what he administrates."""
    at = timezone.now()
    pages = [page for duty, page in PAGES.items() if areas_of(request.user, duty, at=at)]
    return render(request, "account/mine.html", {"pages": pages})
