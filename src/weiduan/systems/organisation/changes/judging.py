"""What the rules say of organisations as a change would leave them: carried out, judged, and undone again."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction

from weiduan.ground.ledger.actions import written_at_the_end
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.rulebook.rules import Judgement, judge
from weiduan.ground.territory.queries import area_of
from weiduan.systems.organisation.coverage.queries import judgements_of
from weiduan.systems.organisation.organisations.models import Organisation

from .carrying import Outcome, When, carry_out, named_in
from .rules import ELECTS

# A new organisation elects after it is set up, so nothing is said of those posts yet.
ELECTED_AFTERWARDS = {"leaders": None, "committee_posts": None, "officers": None}


class _Undone(Exception):
    """Ends a rehearsal."""


def rehearse(
    kind: str, organisation: Organisation | None, facts: Mapping[str, Any], *, seat: str, on: date, at: datetime
) -> list[dict[str, Any]]:
    """Return the verdicts on every organisation a change would found or touch; nothing of it stays.

    Each: organisation (number), name, rule, force, verdict, before (the verdict now; “” of a new one), found, asked,
    test, unit, act, article, afterwards (an election after the change settles it).

    :raises CantBe: it can't be carried out at all
    """
    verdicts: list[dict[str, Any]] = []
    try:
        with transaction.atomic(), written_at_the_end():
            before = {o.pk: _by_rule(judgements_of(o, on=on)) for o in named_in(facts, organisation)}
            outcome = carry_out(kind, organisation, facts, When(seat, on, "rehearsal", at))
            verdicts = [row for one in _all(outcome) for row in _rows(one, outcome, before, on)]
            verdicts += _election_rows(organisation, kind, facts, on)
            raise _Undone
    except _Undone:
        return verdicts


def _all(outcome: Outcome) -> list[Organisation]:
    seen = {o.pk: o for o in [*outcome.founded, *outcome.touched]}
    return list(seen.values())


def _by_rule(judgements: list[Judgement]) -> dict[str, str]:
    return {j.rule.id: j.verdict.value for j in judgements}


def _rows(
    organisation: Organisation, outcome: Outcome, before: Mapping[int, Mapping[str, str]], on: date
) -> list[dict[str, Any]]:
    is_new = organisation in outcome.founded
    judgements = judgements_of(organisation, on=on, instead=ELECTED_AFTERWARDS if is_new else {})
    was = {} if is_new else before.get(organisation.pk, {})
    return [_row(organisation.number, organisation.name, j, was.get(j.rule.id, "")) for j in judgements]


def _row(number: str, name: str, j: Judgement, before: str) -> dict[str, Any]:
    return {
        "organisation": number, "name": name, "rule": j.rule.id, "force": j.rule.force.value, "verdict": j.verdict.value,
        "before": before, "found": j.found, "asked": j.rule.value, "test": j.rule.test, "unit": j.rule.unit,
        "act": j.rule.act, "article": j.rule.article,
        "afterwards": j.rule.measure in ELECTED_AFTERWARDS and before != "holds",
    }  # fmt: skip


def _election_rows(
    organisation: Organisation | None, kind: str, facts: Mapping[str, Any], on: date
) -> list[dict[str, Any]]:
    """Judge how far an election is moved from the day it is due by rule."""
    if organisation is None or kind not in ELECTS:
        return []
    months = months_between(date.fromisoformat(facts["was_due"]), date.fromisoformat(facts["due"]))
    seat = area_of(organisation.area_id, on=on).code
    rules = [rule for rule in rules_of(seat, on=on) if rule.applies_to == "election"]
    judged = [judge(rule, "election", {"months_moved": months}) for rule in rules if rule.measure == "months_moved"]
    return [_row(organisation.number, organisation.name, j, "") for j in judged]


def months_between(one: date, other: date) -> int:
    """Return how many months lie between two days, whichever is first; a month begun counts."""
    first, last = min(one, other), max(one, other)
    gap = relativedelta(last, first)
    whole = gap.years * 12 + gap.months
    return whole + (first + relativedelta(months=whole) < last)
