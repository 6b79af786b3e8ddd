"""Changes of organisations: asked for with the rules' verdict, then approved, returned or withdrawn."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotAllowed, NotFound, Refused
from weiduan.ground.territory.queries import area_of, names_by_code, places
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.outlook.insight.words import KIND_TITLES, verdict_rows
from weiduan.systems.organisation.changes.actions import approve, ask, judge_change, return_, withdraw
from weiduan.systems.organisation.changes.queries import change_seen_by, changes_about, to_decide_in
from weiduan.systems.organisation.changes.rules import ChangeKind, is_against_custom, is_in_the_way
from weiduan.systems.organisation.organisations.queries import neighbours_of, organisation_by_number
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS, MAY_STAND_UNDER

from .changes_form import ChangeForm, Offered
from .viewing import crumb_links, me, page_of, staff

TITLES = {
    "set_up": gettext_lazy("Set up an organisation"),
    "split": gettext_lazy("Split the organisation"),
    "merge": gettext_lazy("Take another in"),
    "join": gettext_lazy("Form a joint branch"),
    "dissolve": gettext_lazy("Dissolve the organisation"),
    "elect_early": gettext_lazy("Elect early"),
    "elect_late": gettext_lazy("Elect late"),
}
STATES = {
    "asked": (gettext_lazy("to be decided"), ""),
    "approved": (gettext_lazy("approved and carried out"), "ok"),
    "returned": (gettext_lazy("returned"), "late"),
    "withdrawn": (gettext_lazy("withdrawn"), ""),
}
FACTS = {
    "name": gettext_lazy("Name"), "number": gettext_lazy("Number"), "kind": gettext_lazy("Kind"),
    "parent": gettext_lazy("Superior"), "seat": gettext_lazy("Seat"), "covers": gettext_lazy("Stands on"),
    "members_of": gettext_lazy("Members come from"), "living_in": gettext_lazy("Only members living in"),
    "other": gettext_lazy("Takes in"), "members_to": gettext_lazy("Members go to"), "due": gettext_lazy("Election due on"),
    "was_due": gettext_lazy("Due by rule on"), "term": gettext_lazy("Term since"),
}  # fmt: skip
ELECTIONS = ["elect_early", "elect_late"]
CODES = {"seat", "covers", "living_in"}


@staff
@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """List what waits for my decision, what mine asked for, and what is decided."""
    at = timezone.now()
    on = local_day(at)
    codes = areas_of(me(request), Duty.KEEP_ORGANISATION, at=at)
    mine = [c for c in to_decide_in(codes, on=on)]
    rest = changes_about(codes, on=on).exclude(pk__in=[c.pk for c in mine])
    context = {
        "to_decide": [_row(c, on) for c in mine], "open": [_row(c, on) for c in rest.filter(state="asked")],
        "page": (page := page_of(request, list(rest.exclude(state="asked")))), "decided": [_row(c, on) for c in page],
        "keeps": bool(codes),
    }  # fmt: skip
    return render(request, "desk/changes/list.html", context)


def _row(change: Any, on: date) -> dict[str, Any]:
    word, tag = STATES[change.state]
    about = change.organisation.name if change.organisation else change.facts.get("name", "")
    return {
        "key": change.pk, "title": TITLES[change.kind], "about": about, "superior": change.superior.name, "word": word,
        "tag": tag, "asked_at": change.asked_at, "days": (on - local_day(change.asked_at)).days,
    }  # fmt: skip


def changes_offered(organisation: Any) -> list[tuple[str, str]]:
    """Return (kind, what it does in words) of the changes that may be asked for on the record of an organisation."""
    offered = []
    if any(organisation.kind in above for above in MAY_STAND_UNDER.values()):
        offered.append(("set_up", _("Set up an organisation below")))
    if organisation.kind in MAY_STAND_UNDER["branch"]:
        offered.append(("join_new", _("Set up a joint branch below")))
    if organisation.parent_id:
        kinds = (
            ["split", "merge", "dissolve", "elect_early", "elect_late"]
            if organisation.kind in HOLDS_MEMBERS
            else ELECTIONS
        )
        offered += [(kind, str(TITLES[kind])) for kind in kinds]
    if organisation.parent_id and organisation.kind == "branch":
        offered.append(("join", _("Let it stand on more, as a joint branch")))
    return offered


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Ask for a change: first say what is to be, then see what the rules say of it, then ask."""
    at = timezone.now()
    on = local_day(at)
    organisation = organisation_by_number(number, viewer=me(request), on=on, at=at)
    seat = area_of(organisation.area_id, on=on).code
    require(me(request), Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    joint = kind == "join_new"
    if kind not in TITLES and not joint:
        raise NotFound(_("There is no such page here."))
    wanted = ChangeKind.JOIN if joint else ChangeKind(kind)
    founds = joint or wanted is ChangeKind.SET_UP
    form = ChangeForm(
        wanted, _offered(organisation, seat, wanted, on), founds, request.POST or None, initial={"seat": seat}
    )
    context: dict[str, Any] = {
        "form": form, "organisation": organisation, "title": TITLES[wanted.value], "on": on, "founds": founds,
        "crumbs": [
            *crumb_links(seat, places(seat, on=on, levels=[]), on, areas_of(me(request), Duty.LOOK, at=at)),
            (organisation.name, f"/desk/organisations/{organisation.number}/"), (TITLES[wanted.value], None),
        ],
    }  # fmt: skip
    if request.method == "POST" and form.is_valid():
        facts = form.facts() | ({"parent": organisation.number} if founds else {})
        about = None if founds else organisation
        try:
            if request.POST.get("do") == "ask":
                made = ask(wanted, about, facts, on=on, by=me(request), at=at)
                messages.success(request, _("Asked for. %(name)s decides.") % {"name": made.superior.name})
                return redirect("desk:change", key=made.pk)
            context |= _verdicts(judge_change(wanted, about, facts, on=on, by=me(request), at=at)) | {"judged": True}
        except Refused as refusal:
            context["refusal"] = refusal.message
    bad = bool(form.errors) or "refusal" in context
    return render(request, "desk/changes/ask.html", context, status=400 if bad else 200)


def _verdicts(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Lay verdicts out organisation by organisation, and say whether one is in the way."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(row["name"], []).append(row)
    return {
        "verdicts": [(name, verdict_rows(of)) for name, of in by_name.items()],
        "in_the_way": any(is_in_the_way(row) for row in rows), "against_custom": any(is_against_custom(row) for row in rows),
    }  # fmt: skip


def _offered(organisation: Any, seat: str, kind: ChangeKind, on: date) -> Offered:
    """Say what can be chosen around an organisation: in its village, or the seats below it where it is seated higher."""
    village = seat[:12]
    small = len(prefix_of(village)) == 12
    known = places(
        village,
        on=on,
        levels=[Level.TOWN, Level.VILLAGE, Level.GRID, Level.UNIT] if small else [Level.TOWN, Level.VILLAGE],
    )
    inside = [p for p in known if p.code.startswith(prefix_of(village))]
    below = [key for key, above in MAY_STAND_UNDER.items() if organisation.kind in above]
    near = neighbours_of(organisation, on=on)
    return Offered(
        kinds=[(key, str(KIND_TITLES[key])) for key in below],
        seats=[(p.code, p.name) for p in inside],
        grounds=[(p.code, f"{p.name}（{p.code[12:]}）") for p in inside if p.level in (Level.GRID, Level.UNIT)],
        sources=[(o.number, o.name) for o in [organisation, *near.below, *near.beside] if o.kind in HOLDS_MEMBERS],
        others=[(o.number, o.name) for o in near.beside if o.kind == organisation.kind],
        heirs=[(o.number, o.name) for o in [*near.beside, *near.above] if o.kind in HOLDS_MEMBERS],
    )  # fmt: skip


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a change with its verdicts; on POST approve, return or withdraw it."""
    at = timezone.now()
    seen = change_seen_by(key, me(request), at=at)
    refused: dict[str, Any] = {}
    if request.method == "POST":
        try:
            _act(request, key, at)
            return redirect("desk:change", key=key)
        except (NotFound, NotAllowed):
            raise
        except Refused as refusal:
            refused = {"refusal": refusal.message, "status": refusal.status, "said": request.POST.get("answer", "")}
            seen = change_seen_by(key, me(request), at=at)
    found, on = seen.change, local_day(at)
    context = _row(found, on) | _verdicts(found.judged) | {
        "seen": seen, "change": found, "facts": _facts(found.facts, on), "own": seen.may_return and not seen.may_approve,
    }  # fmt: skip
    return render(request, "desk/changes/record.html", context | refused, status=refused.get("status", 200))


def _act(request: HttpRequest, key: UUID, at: datetime) -> None:
    by, wanted, words = me(request), request.POST.get("do", ""), request.POST.get("answer", "")
    if wanted == "approve":
        approve(key, reason=words, by=by, at=at)
        messages.success(request, _("Approved and carried out."))
    elif wanted == "return":
        return_(key, words, by=by, at=at)
        messages.success(request, _("Returned with your answer."))
    elif wanted == "withdraw":
        withdraw(key, by=by, at=at)
        messages.success(request, _("Withdrawn."))
    else:
        raise BadInput(_("Choose what to do with it."))


def _facts(facts: Mapping[str, Any], on: date) -> list[tuple[str, str]]:
    """Return (what, how it is to be), with areas by name."""
    names = names_by_code({c for key in CODES for c in _several(facts.get(key, ""))}, on=on)
    told = []
    for key, title in FACTS.items():
        values = _several(facts.get(key, ""))
        if values:
            said = (str(KIND_TITLES.get(v, v)) if key == "kind" else names.get(v, v) for v in values)
            told.append((str(title), "、".join(said)))
    return told


def _several(value: Any) -> Iterable[str]:
    return value if isinstance(value, list) else [value] if value else []
