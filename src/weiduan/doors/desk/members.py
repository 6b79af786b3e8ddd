"""党员: list, joining, and one member's record with what may be done now."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.territory.queries import names_by_area, places
from weiduan.outlook.insight.words import KIND_TITLES, ROLE_TITLES, STATE_TITLES
from weiduan.systems.organisation.appointments.held import posts_held_by
from weiduan.systems.organisation.members.daily import (
    Newcomer,
    change_home,
    change_state,
    join,
    make_full,
    reveal_contact,
)
from weiduan.systems.organisation.members.lists import (
    MemberRecord,
    colleagues_of,
    found_by,
    member_record,
    memberships_kept_by,
    narrowed,
    organisations_kept_by,
    rows_of,
)
from weiduan.systems.organisation.members.rules import LookedAtFor, State, full_due
from weiduan.systems.organisation.own.actions import answer_correction, make_link
from weiduan.systems.organisation.own.queries import corrections_of
from weiduan.systems.organisation.transfers.actions import ask
from weiduan.systems.organisation.transfers.away import come_back, contacted, go_away, resume
from weiduan.systems.organisation.transfers.leaving import leave
from weiduan.systems.organisation.transfers.queries import away_of, receiver_numbered
from weiduan.systems.organisation.transfers.rules import Leaving, Reason

from . import members_form as forms
from .histories import told
from .viewing import area_url, crumb_links, me, page_of, staff

ACT_TITLES = {
    "full": gettext_lazy("Make a full member"),
    "ask": gettext_lazy("Ask for a transfer"),
    "away": gettext_lazy("Note that he or she is away"),
    "contacted": gettext_lazy("Note that they spoke"),
    "back": gettext_lazy("Note that he or she is back"),
    "home": gettext_lazy("Change the home unit"),
    "suspend": gettext_lazy("Suspend the membership"),
    "resume": gettext_lazy("Lift the suspension"),
    "leave": gettext_lazy("End the membership"),
}

MOST_FOUND = 100  # whoever finds more writes more of the name


def private(answer: HttpResponse) -> HttpResponse:
    """Let no browser and nothing between keep a page with personal data."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List the members of the organisations one keeps; on POST find some by what no address may hold: name or telephone."""
    at, get = timezone.now(), request.GET
    on = local_day(at)
    must_keep(request, at)
    asked = {"organisation": get.get("organisation", ""), "state": get.get("state", "")}
    words = request.POST.get("q", "").strip()[:60]
    wanted: Any = narrowed(memberships_kept_by(me(request), on=on, at=at), on=on, **asked)
    page = page_of(request, found_by(words, wanted), size=MOST_FOUND) if words else page_of(request, wanted, size=30)
    shown = wanted.filter(pk__in=page.object_list) if words else page.object_list
    states = {**STATE_TITLES, "probationary": gettext_lazy("probationary")}
    context = asked | {
        "words": words, "page": page, "rows": [_told(row) for row in rows_of(shown, on=on)], "on": on,
        "organisations": organisations_kept_by(me(request), on=on, at=at), "states": states.items(),
    }  # fmt: skip
    return private(render(request, "desk/members/list.html", context))


def must_keep(request: HttpRequest, at: datetime) -> None:
    if not areas_of(me(request), Duty.KEEP_ORGANISATION, at=at):
        raise NotAllowed(_("Members are shown to whoever keeps organisations and members. Ask whoever gives mandates."))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "state_title": STATE_TITLES[row["state"]],
        "tag": {"active": "ok", "transferring": "go"}.get(row["state"], ""),
    }


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def joining(request: HttpRequest) -> HttpResponse:
    """Let somebody join an organisation one keeps."""
    at = timezone.now()
    on = local_day(at)
    must_keep(request, at)
    kept = organisations_kept_by(me(request), on=on, at=at)
    choices = [(o.number, f"{o.name}（{o.number}）") for o in kept]
    first = {"organisation": request.GET.get("organisation", "")}
    form = forms.JoinForm(request.POST or None, organisations=choices, today=on, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        newcomer = Newcomer(said["name"], said["contact"], said["number"], said["joined_on"], said["full_on"])
        organisation = next(o for o in kept if o.number == said["organisation"])
        try:
            person = join(newcomer, organisation, home=said["home"], on=said["on"], by=me(request), at=at)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("The member is recorded."))
            return redirect("desk:member", number=person.number)
    return private(render(request, "desk/members/join.html", {"form": form}, status=400 if form.errors else 200))


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, number: str) -> HttpResponse:
    """Show one member; on POST do one of the things that may be done now."""
    at = timezone.now()
    found = member_record(number, viewer=me(request), at=at)
    shown: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            answer = _act(request, found, at, shown)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            shown["refusal"], status = refusal.message, refusal.status
        else:
            if answer is not None:
                return answer
            if "bound" in shown:
                status = 400
    return private(render(request, "desk/members/record.html", _record(request, found, at, shown), status=status))


def _act(request: HttpRequest, found: MemberRecord, at: datetime, shown: dict[str, Any]) -> HttpResponse | None:
    """Do what was asked for; what is shown once (a link, a telephone) goes into `shown`."""
    person, by, do = found.person.pk, me(request), request.POST.get("do", "")
    if do == "link":
        path = reverse("portal:me_enter", args=[make_link(person, by=by, at=at)])
        shown["link"] = request.build_absolute_uri(path)
        return None
    if do == "correction":
        return _answer_correction(request, found, at)
    form = _forms(found, at, request).get(do)
    if form is None:
        raise BadInput(_("Choose what to do."))
    if not form.is_valid():
        shown["bound"] = form
        return None
    if do == "reveal":
        shown["contact"] = reveal_contact(person, LookedAtFor(form.cleaned_data["reason"]), by=by, at=at)
        shown["no_contact"] = not shown["contact"]
        return None
    DEEDS[do](person, form.cleaned_data, {"on": form.cleaned_data["on"], "by": by, "at": at})
    messages.success(request, _("Written down: %(what)s.") % {"what": ACT_TITLES[do]})
    return redirect("desk:member", number=found.person.number)


def _answer_correction(request: HttpRequest, found: MemberRecord, at: datetime) -> HttpResponse:
    own = {str(one["key"]): one["key"] for one in corrections_of(found.person.pk)}
    key = own.get(request.POST.get("correction", ""))
    if key is None:
        raise NotFound(_("There is nothing here that you may see."))
    done = request.POST.get("done") == "yes"
    answer_correction(key, done=done, answer=request.POST.get("answer", ""), by=me(request), at=at)
    messages.success(request, _("The correction is answered; the member sees it on the own page."))
    return redirect("desk:member", number=found.person.number)


def _ask(person: UUID, said: dict[str, Any], how: dict[str, Any]) -> None:
    receiver = receiver_numbered(said["receiver"], on=how["on"])
    if said["receiver"] and receiver is None:
        raise BadInput(_("No branch or group has the number %(number)s.") % {"number": said["receiver"]})
    ask(person, receiver=receiver, outside=said["outside"], reason=Reason(said["reason"]), **how)


DEEDS: dict[str, Callable[[UUID, dict[str, Any], dict[str, Any]], object]] = {
    "full": lambda person, said, how: make_full(person, **how),
    "suspend": lambda person, said, how: change_state(person, State.SUSPENDED, **how),
    "resume": lambda person, said, how: resume(person, **how),
    "ask": _ask,
    "away": lambda person, said, how: go_away(person, UUID(said["keeper"]), **how),
    "contacted": lambda person, said, how: contacted(person, **how),
    "back": lambda person, said, how: come_back(person, **how),
    "home": lambda person, said, how: change_home(person, said["home"] or None, **how),
    "leave": lambda person, said, how: leave(person, Leaving(said["reason"]), **how),
}


def _forms(found: MemberRecord, at: datetime, request: HttpRequest | None = None) -> dict[str, Any]:
    """Return what may be done now, each with its form; bound to the request where it is the one asked for."""
    on, held = local_day(at), found.membership
    made: dict[str, Any] = {}

    def add(kind: type[Any], **options: Any) -> None:
        posted = request.POST if request is not None and request.POST.get("do") == kind.do else None
        made[kind.do] = kind(posted, **options)

    add(forms.RevealForm)
    if not found.is_member:
        return made
    active, mobile = held.state == State.ACTIVE.value, held.state == State.MOBILE.value
    if held.full_on is None:
        add(forms.FullForm, today=on)
    if active or mobile:
        add(forms.AskForm, today=on)
        keepers = [(str(key), f"{name}（{number}）") for key, number, name in colleagues_of(held, on=on)]
        add(forms.AwayForm, today=on, keepers=keepers)
    if away_of(found.person.pk, on=on) is not None:
        add(forms.ContactedForm, today=on)
        add(forms.BackForm, today=on)
    add(forms.HomeForm, today=on, initial={"home": _home_code(found, on)})
    if active or mobile:
        add(forms.SuspendForm, today=on)
    if held.state == State.SUSPENDED.value:
        add(forms.ResumeForm, today=on)
    if held.state != State.TRANSFERRING.value:
        add(forms.LeaveForm, today=on)
    return made


def _home_code(found: MemberRecord, on: Any) -> str:
    home = found.membership.home_id
    place = names_by_area([home], on=on).get(home) if home else None
    return place.code if place else ""


def _record(request: HttpRequest, found: MemberRecord, at: datetime, shown: dict[str, Any]) -> dict[str, Any]:
    on, held, made = local_day(at), found.membership, _forms(found, at)
    bound = shown.get("bound")
    if bound is not None:
        made[bound.do] = bound
    seen = areas_of(me(request), Duty.LOOK, at=at)
    crumbs = crumb_links(found.seat, places(found.seat, on=on, levels=[]), on, seen)
    organisation = (held.organisation.name, reverse("desk:organisation", args=[held.organisation.number]))
    return {
        "member": _told(found.row), "past": [_told(row) for row in found.past], "is_member": found.is_member, "on": on,
        "kind": KIND_TITLES[held.organisation.kind], "crumbs": [*crumbs, organisation, (found.row["name"], None)],
        "full_due": full_due(held.joined_on) if held.full_on is None else None,
        "posts": [p | {"title": ROLE_TITLES[p["role"]]} for p in posts_held_by(found.person.pk, on=on)],
        "away": away_of(found.person.pk, on=on), "reveal": made.pop("reveal"), "form": bound,
        "acts": [(do, ACT_TITLES[do], form, form is bound) for do, form in made.items()],
        "corrections": corrections_of(found.person.pk), "seat_url": area_url(found.seat, on),
        "history": told(history_of("organisation.person", str(found.person.pk))[:30]),
        "shown": shown,
    }  # fmt: skip
