"""The result as everyone gets it: a page and a file by which anyone can count again."""

from dataclasses import asdict
from typing import Any

from .counting import outcome_of, tally_of, with_silence
from .models import Ballot
from .rules import Procedure, procedures

FORMAT = "weiduan.ballot/1"


def published(ballot: Ballot) -> dict[str, Any]:
    """Return a counted ballot as the file that `weiduan ballot verify` reads: no name, no code, nothing of who is who."""
    procedure, count = procedures()[ballot.procedure], ballot.count
    lines = list(ballot.right_holders.order_by("number").values_list("commitment", flat=True))
    return {
        "format": FORMAT, "ballot": str(ballot.pk), "title": ballot.title, "text": ballot.text, "options": ballot.options,
        "most": ballot.most, "text_hash": ballot.text_hash, "is_secret": ballot.is_secret,
        "silence_follows": ballot.silence_follows, "imported_from": ballot.imported_from, "procedure": rule_told(procedure),
        "roll": {"hash": ballot.roll_hash, "lines": lines, "heads": count.sums["whole"][0], "area": count.sums["whole"][1]},
        "votes": count.leaves, "root": count.root, "sums": count.sums, "outcome": outcome_told(ballot, procedure, count.sums),
    }  # fmt: skip


def rule_told(procedure: Procedure) -> dict[str, Any]:
    """Return a rule as the file holds it."""
    rule = procedure.rule
    return {
        "code": procedure.code, "name": procedure.name, "act": procedure.act, "article": procedure.article,
        "part": asdict(rule.part), "yes": asdict(rule.yes), "of": rule.of.value, "by_area": rule.by_area,
    }  # fmt: skip


def outcome_told(ballot: Ballot, procedure: Procedure, sums: dict[str, Any]) -> dict[str, Any]:
    """Return what a resolution came to by the letter, and beside it as owners' own rules count silence; of a choice the sums say all."""
    if ballot.options:
        return {}
    tally = tally_of(sums)
    told: dict[str, Any] = {"literal": asdict(outcome_of(tally, procedure.rule))}
    if ballot.silence_follows:
        counted = with_silence(tally, by_area=procedure.rule.by_area)
        told["silence_counted"] = asdict(outcome_of(counted, procedure.rule)) if counted else None
    return told
