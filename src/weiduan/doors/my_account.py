"""My account: password, second step, devices, reminders, and the pages of whoever administrates."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show what somebody can see to by himself, and what he administrates."""
    return render(request, "account/mine.html")
