"""共建伙伴 for everyone: who stands by an area, what they offer, and which post to turn to; no person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from weiduan.ground.accounts.queries import local_day
from weiduan.ground.territory.queries import names_by_area, places
from weiduan.outlook.insight.partner_words import KIND_TITLES, SORT_TITLES
from weiduan.systems.governance.partners.queries import counts_in, offers_for, partners_for

from .units import crumb_links, here_among


@require_safe
def partners(request: HttpRequest, code: str) -> HttpResponse:
    """List the partners of an area with what they offer there."""
    on = local_day(timezone.now())
    known = places(code, on=on, levels=[])
    here = here_among(known, code)
    offers = list(offers_for(code, on=on))
    names = names_by_area({one.area_id for one in offers}, on=on)
    rows = [
        (one, KIND_TITLES[one.kind], [
            (each, SORT_TITLES[each.sort], names.get(each.area_id)) for each in offers if each.partner_id == one.pk
        ])
        for one in partners_for(code, on=on)
    ]  # fmt: skip
    context = {
        "here": here, "rows": rows, "counts": counts_in(code, on=on),
        "crumbs": [*crumb_links(code, known, leads_here=True), (_("Partners"), None)],
    }  # fmt: skip
    return render(request, "portal/partners/list.html", context)
