"""共建伙伴与资源 at the desk: partners and what they offer, what is needed, and what fits."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import Refused
from weiduan.ground.territory.queries import area_of, names_by_area
from weiduan.outlook.insight.partner_words import (
    KIND_TITLES,
    SORT_TITLES,
    STATE_TAGS,
    STATE_TITLES,
    reason_of,
)
from weiduan.systems.governance.deliberation.queries import topics_in
from weiduan.systems.governance.partners import actions
from weiduan.systems.governance.partners.queries import (
    Match,
    agreements_of,
    agreements_with,
    kept_need,
    kept_partner,
    matches,
    needs_kept_by,
    partners_kept_by,
)

from .deeds import Deed, do_deed, offered_deeds
from .members import private
from .partners_form import (
    AgreementForm,
    DoneForm,
    NeedForm,
    OfferForm,
    OnDayForm,
    PartnerForm,
    ProposeForm,
    WithdrawForm,
)
from .viewing import me, page_of, staff
from .where import where_asked

PAGE = 30
MOST_TOPICS = 50


@staff
@require_safe
def partners(request: HttpRequest) -> HttpResponse:
    """List the partners and needs one keeps."""
    at = timezone.now()
    on = local_day(at)
    page = page_of(request, partners_kept_by(me(request), at=at), size=PAGE)
    needs = page_of(request, needs_kept_by(me(request), at=at), size=PAGE, name="needs")
    names = names_by_area({one.area_id for one in [*page, *needs]}, on=on)
    own = areas_of(me(request), Duty.KEEP_GOVERNANCE, at=at)
    context = {
        "page": page, "needs_page": needs, "keeps": bool(own),
        "rows": [(one, names.get(one.area_id), KIND_TITLES[one.kind], one.until is not None and one.until <= on) for one in page],
        "needs": [(one, names.get(one.area_id), SORT_TITLES[one.sort]) for one in needs],
    }  # fmt: skip
    return private(render(request, "desk/partners/list.html", context))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_partner(request: HttpRequest) -> HttpResponse:
    """Write a partner down: choose where it is at home, then who it is."""
    at = timezone.now()
    form = PartnerForm(request.POST if request.method == "POST" else None, initial={"since": local_day(at)})

    def make(area: str) -> HttpResponse:
        made = actions.keep_partner(area, form.facts(), by=me(request), at=at)
        return redirect("desk:partner", key=made.pk)

    return _new(request, form, make, _("Add a partner"), at)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def new_need(request: HttpRequest) -> HttpResponse:
    """Write a need down: choose where, then what is needed."""
    at, area = timezone.now(), request.GET.get("area", "")[:18]
    topics = [(str(one.pk), one.title) for one in topics_in(area, at=at)[:MOST_TOPICS]] if area else []
    first = {
        "since": local_day(at),
        "topic": request.GET.get("topic", ""),
        "report": request.GET.get("report", "")[:14],
    }
    form = NeedForm(request.POST if request.method == "POST" else None, topics=topics, initial=first)

    def make(area: str) -> HttpResponse:
        made = actions.say_need(area, form.needing(), by=me(request), at=at)
        return redirect("desk:need", key=made.pk)

    return _new(request, form, make, _("Say what is needed"), at)


def _new(request: HttpRequest, form: forms.Form, make: Any, title: str, at: datetime) -> HttpResponse:
    """Ask where, then show the form; when it is valid make what it says."""
    where = where_asked(request, at)
    refusal, status = "", 400 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            made: HttpResponse = make(where["area"])
            return made
        except Refused as refused:
            refusal, status = refused.message, refused.status
    context = {"form": form, "refusal": refusal, "title": title} | where
    return private(render(request, "desk/partners/new.html", context, status=status))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def partner(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a partner one keeps, and what it offers; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_partner(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _partner_deeds(request, found, at))
        if not tried:
            return redirect("desk:partner", key=key)
        found = kept_partner(me(request), key, at=at)
    on = local_day(at)
    offers = list(found.offers.order_by("since", "pk"))
    names = names_by_area({found.area_id, *(one.area_id for one in offers)}, on=on)
    has_ended = found.until is not None
    offered = ["change"] if has_ended else ["offer", *(["withdraw"] if _standing(found, at) else []), "change", "end"]
    context = {
        "partner": found, "area": names.get(found.area_id),
        "keeps_services": _keeps_services(request, found, at), "kind": KIND_TITLES[found.kind], "refusal": "",
        "offers": [(one, names.get(one.area_id), SORT_TITLES[one.sort], one.until is not None and one.until <= on) for one in offers],
        "agreements": _agreement_rows(agreements_with(found)),
        "deeds": offered_deeds(_partner_deeds(request, found, at), offered, tried),
    }  # fmt: skip
    return private(render(request, "desk/partners/partner.html", context | tried, status=tried.get("status", 200)))


def _partner_deeds(request: HttpRequest, found: Any, at: datetime) -> dict[str, Deed]:
    key, on = found.pk, local_day(at)
    how: dict[str, Any] = {"by": me(request), "at": at}
    told = {name: getattr(found, name) for name in ("name", "kind", "post", "telephone", "since")}
    here = area_of(found.area_id, on=on).code
    return {
        "offer": Deed(
            _("Add an offer"), partial(OfferForm, initial={"since": on, "area": here}),
            lambda form, _said: actions.offer(key, form.offering(), **how), _("Added."),
        ),
        "withdraw": Deed(
            _("End an offer"), partial(WithdrawForm, offers=_standing(found, at), initial={"on": on}),
            lambda _form, said: actions.withdraw_offer(UUID(said["offer"]), on=said["on"], **how), _("Ended."),
        ),
        "change": Deed(
            _("Change"), partial(PartnerForm, initial=told), lambda form, _said: actions.change_partner(key, form.facts(), **how),
            _("Saved."),
        ),
        "end": Deed(
            _("It is no partner any more"), partial(OnDayForm, initial={"on": on}),
            lambda _form, said: actions.end_partner(key, on=said["on"], **how), _("Ended, and its offers with it."),
        ),
    }  # fmt: skip


def _keeps_services(request: HttpRequest, found: Any, at: datetime) -> bool:
    code = area_of(found.area_id, on=local_day(at)).code
    return may(me(request), Duty.KEEP_SERVICES, in_area=code, at=at)


def _standing(found: Any, at: datetime) -> list[tuple[str, str]]:
    """Return the offers that haven't ended."""
    rows = [one for one in found.offers.order_by("since", "pk") if one.until is None or one.until > local_day(at)]
    return [(str(one.pk), one.what) for one in rows]


def _agreement_rows(rows: Any) -> list[tuple[Any, Any, str]]:
    return [(one, STATE_TITLES[one.state], STATE_TAGS[one.state]) for one in rows]


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def need(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a need one keeps, and what fits it; on POST do the next thing with it."""
    at = timezone.now()
    found = kept_need(me(request), key, at=at)
    tried: dict[str, Any] = {}
    if request.method == "POST":
        tried = do_deed(request, _need_deeds(request, found, matches(found, on=local_day(at)), at))
        if not tried:
            return redirect("desk:need", key=key)
        found = kept_need(me(request), key, at=at)
    fitting, rows = matches(found, on=local_day(at)), agreements_of(found)
    offered = [name for name, is_so in (
        ("propose", bool(fitting)), ("agree", bool(_in_state(rows, "proposed"))), ("done", bool(_in_state(rows, "agreed"))),
        ("call_off", bool(_in_state(rows, "proposed", "agreed"))),
    ) if is_so]  # fmt: skip
    context = {
        "need": found, "area": area_of(found.area_id, on=local_day(at)),
        "keeps_services": _keeps_services(request, found, at), "sort": SORT_TITLES[found.sort], "refusal": "",
        "matches": [(one, reason_of(one)) for one in fitting], "agreements": _agreement_rows(rows),
        "deeds": offered_deeds(_need_deeds(request, found, fitting, at), offered, tried),
    }  # fmt: skip
    return private(render(request, "desk/partners/need.html", context | tried, status=tried.get("status", 200)))


def _need_deeds(request: HttpRequest, found: Any, fitting: list[Match], at: datetime) -> dict[str, Deed]:
    how: dict[str, Any] = {"by": me(request), "at": at}
    rows = agreements_of(found)
    offers = [(str(one.offer.pk), f"{one.offer.partner.name} · {one.offer.what}") for one in fitting]
    return {
        "propose": Deed(
            _("Propose an offer"), partial(ProposeForm, offers=offers),
            lambda _form, said: actions.propose(found.pk, UUID(said["offer"]), **how), _("Proposed. Ask the partner, then write it down."),
        ),
        "agree": Deed(
            _("Both agreed"), partial(AgreementForm, agreements=_in_state(rows, "proposed")),
            lambda _form, said: actions.agree(said["agreement"], **how), _("Written down."),
        ),
        "done": Deed(
            _("It is done"), partial(DoneForm, agreements=_in_state(rows, "agreed")),
            lambda _form, said: actions.done(said["agreement"], said["outcome"], **how), _("Done: the need is met."),
        ),
        "call_off": Deed(
            _("Call it off"), partial(AgreementForm, agreements=_in_state(rows, "proposed", "agreed")),
            lambda _form, said: actions.call_off(said["agreement"], **how), _("Called off."),
        ),
    }  # fmt: skip


def _in_state(rows: list[Any], *states: str) -> list[tuple[int, str]]:
    return [(one.pk, f"{one.offer.partner.name} · {one.offer.what}") for one in rows if one.state in states]
