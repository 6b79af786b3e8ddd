"""Elections: which are due, and writing down one that was held."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from weiduan.ground.accounts.queries import areas_of, local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotAllowed, NotFound, Refused
from weiduan.ground.rulebook.rules import Judgement, Rule
from weiduan.ground.territory.queries import area_of, places
from weiduan.outlook.insight.words import FORCE_TITLES, ROLE_TITLES, VERDICT_TITLES, judgement_rows, rule_sentence
from weiduan.systems.organisation.appointments.queries import posts_of
from weiduan.systems.organisation.appointments.rules import roles_in_organisation
from weiduan.systems.organisation.changes.elections import NotElected, election_rules, hold_election
from weiduan.systems.organisation.changes.queries import elections_due, electors_of, named_electors, term_of
from weiduan.systems.organisation.organisations.queries import organisation_by_number

from .elections_form import MOST_LISTED, ElectionForm
from .members import private
from .viewing import crumb_links, me, page_of, staff


@staff
@require_safe
def elections(request: HttpRequest) -> HttpResponse:
    """List the elections due within six months, and the late ones."""
    at = timezone.now()
    on = local_day(at)
    rows = elections_due(areas_of(me(request), Duty.LOOK, at=at), on=on)
    keeps = areas_of(me(request), Duty.KEEP_ORGANISATION, at=at)
    kept = {row.number for row in elections_due(keeps, on=on)} if keeps else set()
    page = page_of(request, rows, size=30)
    late = sum(row.stage == 0 for row in rows)
    return render(request, "desk/elections/list.html", {"page": page, "late": late, "on": on, "kept": kept})


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def election(request: HttpRequest, number: str) -> HttpResponse:
    """Write down an election that was held; where it elected nobody, say by which rule and keep what was typed."""
    at = timezone.now()
    today, on = local_day(at), _day_said(request, at)
    organisation = organisation_by_number(number, viewer=me(request), on=today, at=at)
    seat = area_of(organisation.area_id, on=today).code
    require(me(request), Duty.KEEP_ORGANISATION, in_area=seat, at=at)
    form = _form(request, organisation, on)
    refused: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            term = hold_election(
                organisation, form.elected(), voters=said["voters"], attended=said["attended"], on=said["on"],
                by=me(request), at=at,
            )  # fmt: skip
        except (NotFound, NotAllowed):
            raise
        except NotElected as refusal:
            refused = {
                "refusal": _("Nobody is elected by these figures."), "status": refusal.status,
                "broken": _broken(refusal.broken, form),
            }  # fmt: skip
        except Refused as refusal:
            refused = {"refusal": refusal.message, "status": refusal.status}
        else:
            messages.success(request, _("Written down. The new term lasts until %(day)s.") % {"day": term.due_on})
            return redirect("desk:organisation", number=number)
    seen = areas_of(me(request), Duty.LOOK, at=at)
    context = refused | {
        "organisation": organisation, "form": form, "rules": _asked(election_rules(organisation, on=on)),
        "term": term_of(organisation, on=today),
        "crumbs": [
            *crumb_links(seat, places(seat, on=today, levels=[]), today, seen),
            (organisation.name, reverse("desk:organisation", args=[number])), (_("Election"), None),
        ],
    }  # fmt: skip
    status = 400 if form.errors else refused.get("status", 200)
    return private(render(request, "desk/elections/hold.html", context, status=status))


def committee_and_term(organisation: Any, *, on: date, named: bool) -> dict[str, Any]:
    """Return what the record of an organisation shows: who was elected, the term and those before it.

    named  whether the reader's duty needs the names
    """
    roles = [role.value for role in roles_in_organisation(organisation.kind)]
    held = [post for post in posts_of(organisation, on=on, named=named) if post["role"] in roles]
    held.sort(key=lambda post: roles.index(post["role"]))
    return {
        "term": term_of(organisation, on=on),
        "committee": [(ROLE_TITLES[post["role"]], post["name"] or "") for post in held],
    }  # fmt: skip


def _day_said(request: HttpRequest, at: datetime) -> date:
    """Return the day typed, whose full members are offered; today where none is, or one still to come."""
    today = local_day(at)
    try:
        return min(date.fromisoformat(request.POST.get("on", "")), today)
    except ValueError:
        return today


def _form(request: HttpRequest, organisation: Any, on: date) -> ElectionForm:
    electors = electors_of(organisation, on=on)
    count = electors.count()
    return ElectionForm(
        request.POST if request.method == "POST" else None, today=on, electors=count,
        listed=named_electors(electors) if count <= MOST_LISTED else None,
        find=lambda number: electors.filter(person__number=number).values_list("person", flat=True).first(),
        roles=[(role.value, str(ROLE_TITLES[role.value])) for role in roles_in_organisation(organisation.kind)],
    )  # fmt: skip


def _asked(rules: Iterable[Rule]) -> list[tuple[str, str]]:
    """Return (what is asked, by which article) of the rules an election is judged by."""
    return [(_sentence(rule), f"{FORCE_TITLES[rule.force]} · {rule.act} {rule.article}") for rule in rules]


def _sentence(rule: Rule) -> str:
    words = {
        "attended_percent": _("At least %(asked)s percent of those due to vote come."),
        "votes_beyond_half": _("Whoever is elected has the votes of more than half of those who came."),
        "voters_beyond_full": _("Only full members vote."),
    }
    return words[rule.measure] % {"asked": rule.value} if rule.measure in words else rule_sentence(rule)


def _broken(judgements: Iterable[Judgement], form: ElectionForm) -> list[dict[str, Any]]:
    """Lay out which rules don't hold, with the figures typed."""
    rows = []
    for one in judgements:
        [row] = judgement_rows([one])
        rows.append(
            row
            | {
                "rule": _sentence(one.rule),
                "found": _found(one, form) or row["found"],
                "word": VERDICT_TITLES["broken"],
            }
        )
    return rows


def _found(one: Judgement, form: ElectionForm) -> str:
    voters, came = form.cleaned_data["voters"], form.cleaned_data["attended"]
    words = {
        "attended_percent": _("%(came)s of %(voters)s came; %(least)s are needed"),
        "votes_beyond_half": _("somebody has %(votes)s of %(came)s votes; %(most)s are needed"),
        "voters_beyond_full": _("%(voters)s due to vote, %(over)s more than there are full members"),
    }
    return words.get(one.rule.measure, "") % {
        "came": came, "voters": voters, "least": -(-voters * one.rule.value // 100), "over": one.found,
        "votes": min(elected.votes for elected in form.elected()), "most": came // 2 + 1,
    }  # fmt: skip
