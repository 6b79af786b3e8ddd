"""One's own opinion, by its receipt: whether everyone can read it, and the appeal if it was taken away."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from weiduan.ground.base.errors import Refused
from weiduan.outlook.insight.opinion_words import RULE_TITLES
from weiduan.systems.governance.compacts.queries import version_of
from weiduan.systems.governance.opinions.actions import appeal
from weiduan.systems.governance.opinions.queries import opinion_by_receipt
from weiduan.systems.governance.opinions.rules import LONGEST_APPEAL, About

from .bookings import unlisted


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def opinion(request: HttpRequest, receipt: str) -> HttpResponse:
    """Show an opinion to whoever holds its receipt; on POST appeal against its being taken away."""
    found = opinion_by_receipt(receipt)
    refusal, status = "", 200
    if request.method == "POST":
        try:
            appeal(receipt, request.POST.get("words", ""), at=timezone.now())
            messages.success(request, _("Your appeal is written down. The answer is shown on this page."))
            return redirect("portal:opinion", receipt=receipt)
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {
        "opinion": found, "rule": RULE_TITLES.get(found.removed_for, ""), "refusal": refusal, "longest": LONGEST_APPEAL,
        "address": request.build_absolute_uri(), "about_url": _about(found),
    }  # fmt: skip
    return render(request, "portal/opinions/opinion.html", context, status=status)


def _about(found: Any) -> str:
    """Return the address of what the opinion is about."""
    if found.kind == About.TOPIC.value:
        return reverse("portal:topic", args=[found.about])
    version = version_of(found.about)
    return f"{reverse('portal:compact', args=[version.compact_id])}?version={version.number}"
