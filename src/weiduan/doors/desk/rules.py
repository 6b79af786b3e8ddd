"""The rules in force in an area: value, article, local value with its source, and who breaks which."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from weiduan.doors.offering import offer
from weiduan.ground.accounts.queries import local_day, may, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.ledger.queries import history_of
from weiduan.ground.rulebook.actions import set_local_value
from weiduan.ground.rulebook.queries import local_values, rules_of
from weiduan.ground.rulebook.rules import Force
from weiduan.ground.territory.queries import area_by_code, places
from weiduan.outlook.insight.words import FORCE_TITLES, rule_sentence
from weiduan.systems.organisation.changes.figures import broken_by_others_in
from weiduan.systems.organisation.coverage.queries import broken_in
from weiduan.systems.venues.centres.queries import broken_by_centres_in
from weiduan.systems.venues.reach.corners import LIMIT, dead_corners

from .histories import author
from .viewing import crumb_links, look, me, staff

KINDS = {
    "committee": gettext_lazy("Party committees"), "general_branch": gettext_lazy("General branches"),
    "branch": gettext_lazy("Branches"), "group": gettext_lazy("Groups"), "election": gettext_lazy("Elections"),
    "member": gettext_lazy("Members"), "change": gettext_lazy("Changes of organisations"), "grid": gettext_lazy("Grids"),
    "general_grid": gettext_lazy("General grids"), "residents_committee": gettext_lazy("Residents' committees"),
    "centre": gettext_lazy("Community service centres"), "unit_venue": gettext_lazy("Ways to a micro-venue"),
    "branch_plan": gettext_lazy("Meetings of branches"), "group_plan": gettext_lazy("Meetings of groups"),
    "general_branch_plan": gettext_lazy("Meetings of general branches"),
    "committee_plan": gettext_lazy("Meetings of party committees"),
    "members_meeting": gettext_lazy("Votes of members' meetings"),
    "committee_meeting": gettext_lazy("Votes of committees"), "group_meeting": gettext_lazy("Votes of groups"),
    "unit_governance": gettext_lazy("Self-government of units"), "unit_services": gettext_lazy("Services of units"),
}  # fmt: skip
LINKED = 5


class LocalValueForm(forms.Form):
    """Set a local value; a rule that binds everywhere isn't offered."""

    rule = forms.ChoiceField(label=gettext_lazy("Rule"))
    value = forms.IntegerField(
        label=gettext_lazy("Local value"), min_value=0, max_value=100_000,
        error_messages={"required": gettext_lazy("Write the number.")},
    )  # fmt: skip
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=200, help_text=gettext_lazy("Title and number of the local document."),
        error_messages={"required": gettext_lazy("Say which local document sets this value.")},
    )  # fmt: skip

    def __init__(self, choices: list[tuple[str, str]], *args: Any) -> None:
        super().__init__(*args)
        offer(self, "rule", choices)


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """Show the rules of an area; on POST set a local value."""
    seen, at = look(request, code), timezone.now()
    on = local_day(at)
    here = area_by_code(code, on=on)
    in_force = rules_of(code, on=on)
    own = [
        (rule.id, f"{KINDS[rule.applies_to]} · {rule_sentence(rule)}")
        for rule in in_force
        if rule.force is not Force.MUST
    ]
    form = LocalValueForm(own, request.POST or None)
    if request.method == "POST":
        require(me(request), Duty.SET_RULES, in_area=code, at=at)
        if form.is_valid():
            return _set(request, code, form.cleaned_data, on, at)
    broken, local = broken_in(code, on=on), local_values(code, on=on)
    others = Counter(broken_by_others_in(code, on=on)) + broken_by_centres_in(code, on=on)
    others[LIMIT] = len(dead_corners(code, on=on))
    rows = [_row(rule, local.get(rule.id), broken.get(rule.id, []), others[rule.id]) for rule in in_force]
    context = {
        "here": here, "groups": [(title, [r for r in rows if r["kind"] == kind]) for kind, title in KINDS.items()],
        "crumbs": [*crumb_links(code, places(code, on=on, levels=[]), on, seen), (_("Rules"), None)], "on": on,
        "form": form, "may_set": may(me(request), Duty.SET_RULES, in_area=code, at=at),
    }  # fmt: skip
    return render(request, "desk/rules/list.html", context, status=400 if form.errors else 200)


def _set(request: HttpRequest, code: str, said: dict[str, Any], on: date, at: datetime) -> HttpResponse:
    set_local_value(
        said["rule"], area=code, value=said["value"], source=said["source"], since=on, by=me(request), at=at
    )
    messages.success(request, _("The local value holds from today."))
    return redirect("desk:rules", code=code)


def _row(rule: Any, local: Any, broken: list[Any], others: int) -> dict[str, Any]:
    entry = (
        history_of("rulebook.ruleoverride", str(local.pk)).first() if local and rule.force is not Force.MUST else None
    )
    return {
        "id": rule.id, "kind": rule.applies_to, "sentence": rule_sentence(rule), "force": FORCE_TITLES[rule.force],
        "act": rule.act, "article": rule.article, "source": rule.source, "local": local if rule.force is not Force.MUST else None,
        "set_by": author(entry.by) if entry else "", "broken": len(broken) + others,
        "links": [(standing.number, standing.name) for standing in broken[:LINKED]],
    }  # fmt: skip
