"""How insight says things: reasons, steps, forms."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from weiduan.ground.rulebook.rules import Judgement, Rule, Verdict, pack
from weiduan.systems.organisation.coverage.rules import Covered, Flaw, Step

REASON_TITLES = {
    "no_group": gettext_lazy("no group"),
    "no_branch": gettext_lazy("no branch"),
    "few_full_members": gettext_lazy("too few full members"),
    "few_members": gettext_lazy("too few members"),
    "no_leader": gettext_lazy("no leader"),
    "term_over": gettext_lazy("term over"),
}
FORM_TITLES = {
    "branch_grid": gettext_lazy("one branch, one grid"),
    "branch_grids": gettext_lazy("one branch, several grids"),
    "group_unit": gettext_lazy("one group, one unit"),
    "group_units": gettext_lazy("one group, several units"),
}
KIND_TITLES = {
    "committee": gettext_lazy("party committee"),
    "general_branch": gettext_lazy("general branch"),
    "branch": gettext_lazy("party branch"),
    "group": gettext_lazy("party group"),
}
STATE_TITLES = {
    "active": gettext_lazy("active member"),
    "mobile": gettext_lazy("mobile"),
    "transferring": gettext_lazy("transferring"),
    "suspended": gettext_lazy("suspended"),
}
ROLE_TITLES = {
    "secretary": gettext_lazy("secretary"),
    "deputy_secretary": gettext_lazy("deputy secretary"),
    "committee_member": gettext_lazy("committee member"),
    "group_leader": gettext_lazy("group leader"),
    "grid_worker": gettext_lazy("grid worker"),
    "grid_head": gettext_lazy("head of the grid"),
    "village_committee": gettext_lazy("village or residents' committee"),
    "residents_group_leader": gettext_lazy("villagers' or residents' group leader"),
    "owners_committee": gettext_lazy("owners' committee"),
    "courtyard_committee": gettext_lazy("courtyard committee"),
    "self_management": gettext_lazy("self-management committee"),
    "venue_keeper": gettext_lazy("venue keeper"),
}
THING_TITLES = {
    "members": gettext_lazy("List of members, %(n)s of them"),
    "minutes": gettext_lazy("Minutes and records of meetings"),
    "seal": gettext_lazy("The seal"),
    "fees": gettext_lazy("Account of the membership fees"),
    "transfers": gettext_lazy("Transfers under way: %(n)s"),
    "changes": gettext_lazy("Changes not decided yet: %(n)s"),
    "election": gettext_lazy("Next election, due on %(day)s"),
    "accounts": gettext_lazy("Accounts and vouchers"),
    "grid_map": gettext_lazy("Map of the grid and list of its units"),
    "open_matters": gettext_lazy("Matters still open"),
    "decisions": gettext_lazy("Decisions taken and who carries them out"),
    "keys": gettext_lazy("Keys"),
    "inventory": gettext_lazy("Inventory, gone through together"),
    "bookings": gettext_lazy("Bookings already given"),
}
LACK_TITLES = {
    "nobody": gettext_lazy("vacant"),
    "term_over": gettext_lazy("term over"),
    "too_few": gettext_lazy("too few"),
    "no_member": gettext_lazy("no head, and the grid worker is no member"),
}
UNIT_KIND_TITLES = {
    "courtyard": gettext_lazy("natural courtyard"),
    "estate": gettext_lazy("managed estate"),
    "stockade": gettext_lazy("stockade"),
    "settlement": gettext_lazy("new-village settlement"),
    "new_community": gettext_lazy("new-type community"),
    "building": gettext_lazy("building"),
}
ORIGIN_TITLES = {
    "property_room": gettext_lazy("property-management room"),
    "vacated_room": gettext_lazy("vacated function room"),
    "state_shop": gettext_lazy("idle state-owned shop"),
    "other": gettext_lazy("other room"),
}
CONSENT_TITLES = {
    "yes": gettext_lazy("owner agrees"),
    "no": gettext_lazy("owner does not agree"),
    "not_asked": gettext_lazy("owner not asked yet"),
}
FORCE_TITLES = {
    "must": gettext_lazy("must"),
    "normally": gettext_lazy("normally"),
    "local": gettext_lazy("local"),
}
VERDICT_TITLES = {
    "holds": gettext_lazy("holds"),
    "broken": gettext_lazy("does not hold"),
    "does_not_apply": gettext_lazy("does not apply"),
}
MEASURE_TITLES = {
    "full_members": gettext_lazy("full members"),
    "members": gettext_lazy("members"),
    "leaders": gettext_lazy("leaders in office"),
    "committee_posts": gettext_lazy("committee members, secretary included"),
    "term_years": gettext_lazy("length of the term"),
    "units_covered": gettext_lazy("units covered"),
    "span_m": gettext_lazy("distance between two of its units"),
    "term_years_elsewhere": gettext_lazy("length of a term outside villages and communities"),
    "officers": gettext_lazy("secretary and deputy, where there is no committee"),
    "grids_covered": gettext_lazy("grids covered"),
    "months_moved": gettext_lazy("months the election is moved"),
    "attended_percent": gettext_lazy("share of the voters who attended"),
    "votes_beyond_half": gettext_lazy("twice the votes, less those present"),
    "voters_beyond_full": gettext_lazy("voters more than there are full members"),
    "months_away": gettext_lazy("months away"),
    "months_without_contact": gettext_lazy("months without contact"),
    "keepers": gettext_lazy("members who keep in touch"),
    "days_transferring": gettext_lazy("days a transfer is open"),
    "days_waiting": gettext_lazy("days until a change is decided"),
    "workers": gettext_lazy("grid workers"),
    "households": gettext_lazy("households of a grid"),
    "committee_people": gettext_lazy("members of the residents' committee"),
    "office_percent": gettext_lazy("office floor against function-room floor"),
    "walk_m": gettext_lazy("way on foot to a micro-venue that serves the unit"),
    "partners_rooms": gettext_lazy("offices for social organisations"),
    "dance_rooms": gettext_lazy("dance rooms"),
    "training_rooms": gettext_lazy("training rooms"),
    "after_school_rooms": gettext_lazy("half-past-four schools"),
    "reading_rooms": gettext_lazy("reading corners"),
    "elderly_rooms": gettext_lazy("rooms for elderly people"),
    "children_rooms": gettext_lazy("rooms for children"),
    "sport_rooms": gettext_lazy("sport rooms"),
    "members_meetings_quarter": gettext_lazy("members' meetings in a quarter"),
    "committee_meetings_month": gettext_lazy("committee meetings in a month"),
    "group_meetings_month": gettext_lazy("group meetings in a month"),
    "lectures_quarter": gettext_lazy("party lectures in a quarter"),
    "lectures_year": gettext_lazy("party lectures of its secretary in a year"),
    "theme_days_month": gettext_lazy("theme days in a month"),
    "life_meetings_year": gettext_lazy("organisation-life meetings in a year"),
    "appraisals_year": gettext_lazy("democratic appraisals in a year"),
    "voters_came_percent": gettext_lazy("share of those with a vote who came"),
    "yes_beyond_half_of_due": gettext_lazy("twice the yes votes, less those due to vote"),
    "yes_beyond_half_of_came": gettext_lazy("twice the yes votes, less those with a vote who came"),
    "bodies": gettext_lazy("bodies of a unit or its grid"),
    "bodies_in_term": gettext_lazy("bodies in term"),
    "compacts_in_force": gettext_lazy("compacts in force in a unit"),
    "deliberations_year": gettext_lazy("matters decided by deliberation in a year"),
    "reports_overdue": gettext_lazy("reports of a unit beyond their time"),
    "services_90_days": gettext_lazy("services that reached a unit in ninety days"),
    "in_time_percent": gettext_lazy("share of answers in time in ninety days"),
    "asked_in_a_year": gettext_lazy("questionnaires of a unit in a year"),
    "content_percent": gettext_lazy("share of residents who are content"),
}


def judgement_rows(judgements: Iterable[Judgement]) -> list[dict]:
    """Lay out what the evaluator says as the verdict part shows it; those that don't apply come last."""
    rows = [_judgement_row(judgement) for judgement in judgements]
    return sorted(rows, key=lambda row: ("late", "ok", "").index(row["state"]))


def _judgement_row(j: Judgement) -> dict:
    source = " ".join(part for part in (j.rule.act, j.rule.article) if part)
    return {
        "rule": rule_sentence(j.rule), "force": f"{FORCE_TITLES[j.rule.force]} · {source}", "found": _found_sentence(j),
        "state": {"holds": "ok", "broken": "late"}.get(j.verdict.value, ""), "word": VERDICT_TITLES[j.verdict.value],
    }  # fmt: skip


def verdict_rows(judged: Iterable[Mapping[str, Any]]) -> list[dict]:
    """Lay out the verdicts kept with a change like those of the evaluator, saying what an election settles afterwards."""
    by_id = {rule.id: rule for rule in pack()}
    rows = []
    for one in judged:
        if one["rule"] not in by_id:  # the pack of then knew a rule that is gone now
            continue
        rule = replace(by_id[one["rule"]], value=one["asked"])
        row = _judgement_row(Judgement(rule, Verdict(one["verdict"]), one["found"]))
        if one["afterwards"] and one["verdict"] == "broken":
            row |= {"state": "", "word": _("to be elected afterwards")}
        elif one["verdict"] == "broken" and one["before"] == "broken":
            row["word"] = _("does not hold already")
        rows.append(row)
    return sorted(rows, key=lambda row: ("late", "ok", "").index(row["state"]))


def rule_sentence(rule: Rule) -> str:
    """Say what a rule asks: “full members: at least 3 persons”."""
    if rule.measure == "days_overdue":
        return _("The term is not over")
    asked = _("%(measure)s: at least %(amount)s") if rule.test == "min" else _("%(measure)s: at most %(amount)s")
    return asked % {"measure": MEASURE_TITLES[rule.measure], "amount": _amount(rule.measure, rule.value)}


def _found_sentence(j: Judgement) -> str:
    if j.found is None:
        return _("nothing to compare")
    if j.rule.measure == "days_overdue":
        days = ngettext("over for %(n)s day", "over for %(n)s days", int(j.found)) % {"n": j.found}
        return days if j.found else _("in its term")
    return _("found: %(amount)s") % {"amount": _amount(j.rule.measure, j.found)}


AMOUNTS: dict[str, Any] = {
    "term_years": ngettext_lazy("%(n)s year", "%(n)s years", "n"),
    "term_years_elsewhere": ngettext_lazy("%(n)s year", "%(n)s years", "n"),
    "units_covered": ngettext_lazy("%(n)s unit", "%(n)s units", "n"),
    "grids_covered": ngettext_lazy("%(n)s grid", "%(n)s grids", "n"),
    "months_moved": ngettext_lazy("%(n)s month", "%(n)s months", "n"),
    "months_away": ngettext_lazy("%(n)s month", "%(n)s months", "n"),
    "months_without_contact": ngettext_lazy("%(n)s month", "%(n)s months", "n"),
    "days_transferring": ngettext_lazy("%(n)s day", "%(n)s days", "n"),
    "days_waiting": ngettext_lazy("%(n)s day", "%(n)s days", "n"),
    "households": ngettext_lazy("%(n)s household", "%(n)s households", "n"),
    "votes_beyond_half": ngettext_lazy("%(n)s vote", "%(n)s votes", "n"),
    "attended_percent": gettext_lazy("%(n)s percent"),
    "span_m": gettext_lazy("%(n)s m"),
    "walk_m": gettext_lazy("%(n)s m"),
    "office_percent": gettext_lazy("%(n)s percent"),
    **dict.fromkeys(
        (
            f"{use}_rooms"
            for use in ("partners", "dance", "training", "after_school", "reading", "elderly", "children", "sport")
        ),
        ngettext_lazy("%(n)s room", "%(n)s rooms", "n"),
    ),
}
AMOUNTS |= dict.fromkeys(("voters_came_percent", "in_time_percent", "content_percent"), gettext_lazy("%(n)s percent"))
AMOUNTS |= dict.fromkeys(("yes_beyond_half_of_due", "yes_beyond_half_of_came"), AMOUNTS["votes_beyond_half"])
AMOUNTS |= dict.fromkeys(
    ("members_meetings_quarter", "committee_meetings_month", "group_meetings_month", "lectures_quarter", "lectures_year",
     "theme_days_month", "life_meetings_year", "appraisals_year", "deliberations_year", "services_90_days", "asked_in_a_year"),
    ngettext_lazy("%(n)s time", "%(n)s times", "n"),
)  # fmt: skip
AMOUNTS |= {
    "bodies": ngettext_lazy("%(n)s body", "%(n)s bodies", "n"), "bodies_in_term": ngettext_lazy("%(n)s body", "%(n)s bodies", "n"),
    "compacts_in_force": ngettext_lazy("%(n)s compact", "%(n)s compacts", "n"),
    "reports_overdue": ngettext_lazy("%(n)s report", "%(n)s reports", "n"),
}  # fmt: skip
PERSONS = ngettext_lazy("%(n)s person", "%(n)s persons", "n")


def _amount(measure: str, n: int | Decimal) -> str:
    return AMOUNTS.get(measure, PERSONS) % {"n": n}


def reason_sentence(covered: Covered) -> str:
    """Say why a unit or grid is not covered, with the figures compared."""
    if covered.reason == "no_group":
        return _("No group stands here")
    if covered.reason == "no_branch":
        return _("No branch stands here")
    return _("; ").join(_flaw_sentence(flaw, covered) for flaw in covered.flaws)


def _flaw_sentence(flaw: Flaw, covered: Covered) -> str:
    if flaw.reason == "few_full_members":
        return _("%(found)s full members, at least %(asked)s are needed") % {"found": flaw.found, "asked": flaw.asked}
    if flaw.reason == "few_members":
        return _("%(found)s members, at least %(asked)s are needed") % {"found": flaw.found, "asked": flaw.asked}
    if flaw.reason == "no_leader":
        return _("The post of its leader is vacant")
    days = covered.days if covered.days is not None else flaw.found
    return ngettext("Its term has been over for %(days)s day", "Its term has been over for %(days)s days", days) % {
        "days": days
    }


def step_sentence(step: Step | None) -> str:
    """Say the shortest way out of a gap."""
    if step is None:
        return ""
    values = {"organisation": step.organisation, "unit": step.unit, "people": step.people}
    return {
        "found_group": _("Found a group of its own: %(people)s members live here"),
        "join_group": _("Let “%(organisation)s” take it in"),
        "found_together": _("Found a group together with %(unit)s: %(people)s members"),
        "choose_leader": _("Choose a leader among %(people)s full members of “%(organisation)s”"),
        "elect": _("Hold the election of “%(organisation)s”"),
        "set_up_branch": _("Set up a branch, or let a neighbouring one take the grid in"),
        "ask_branch": _("Ask the grid's branch to send members"),
    }[step.what] % values
