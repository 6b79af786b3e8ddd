"""Check a published ballot with nothing but its file: the root, the sums, the outcome, and whether one's own receipt is in.

Plain Python that needs neither the database nor the rest of the house, so that anyone can read and run it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .counting import Bar, Base, Rule, add_up, outcome_of, tally_of, with_silence
from .merkle import leaf_hash, root_of
from .rules import is_choice

FORMAT = "weiduan.ballot/1"


def faults_of(told: Any, *, receipt: str = "", root: str = "") -> list[str]:
    """Return everything that doesn't hold in a published ballot, in plain English words; nothing: it holds.

    receipt  a voter's own; it must be among the votes
    root     as it was put up, or written on a receipt page; it must be the file's
    """
    try:
        return [fault for check in _CHECKS for fault in check(told)] + _own(told, receipt, root)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        return [f"the file isn't a published ballot, or a part of it is missing: {type(error).__name__} {error}"]


def _format(told: Any) -> list[str]:
    return [] if told["format"] == FORMAT else ["the file isn't of a kind this program knows"]


def _text(told: Any) -> list[str]:
    found = hashlib.sha256("\n".join([told["title"], told["text"], *told["options"]]).encode()).hexdigest()
    return [] if found == told["text_hash"] else ["the text isn't the one voted on"]


def _roll(told: Any) -> list[str]:
    if told["imported_from"]:
        return []  # the platform that counted it kept the roll
    roll = told["roll"]
    content = "\n".join([*roll["lines"], f"{roll['heads']} {roll['area']}"])
    return (
        []
        if hashlib.sha256(content.encode()).hexdigest() == roll["hash"]
        else ["the roll isn't the one frozen at opening"]
    )


def _votes(told: Any) -> list[str]:
    faults, votes = [], [json.loads(vote) for vote in told["votes"]]
    if root_of(leaf_hash(vote.encode()) for vote in told["votes"]) != told["root"]:
        faults.append("the votes don't give the root: one was changed, added or taken out")
    if len(set(told["votes"])) != len(votes):
        faults.append("a vote stands there twice")
    if any(vote["ballot"] != told["ballot"] or vote["text"] != told["text_hash"] for vote in votes):
        faults.append("a vote belongs to another ballot or text")
    numbers = [vote["number"] for vote in votes if "number" in vote]
    if len(set(numbers)) != len(numbers) or any(not 1 <= n <= len(told["roll"]["lines"]) for n in numbers):
        faults.append("somebody voted twice, or isn't on the roll")
    if len(votes) > len(told["roll"]["lines"]):
        faults.append("there are more votes than right-holders")
    if len(numbers) != (0 if told["is_secret"] else len(votes)):
        faults.append("a vote by name doesn't say whose it is, or a secret one does")
    if any(not is_choice(vote["choice"], len(told["options"]), told["most"]) for vote in votes):
        faults.append("a vote is for something that couldn't be chosen")
    return faults


def _sums(told: Any) -> list[str]:
    if told["imported_from"]:
        return [] if not told["votes"] else ["it was counted elsewhere, yet there are votes in it"]
    counted = add_up(map(json.loads, told["votes"]))
    sums, roll = told["sums"], told["roll"]
    right = (
        sums["choices"] == counted["choices"]
        and sums["voted"] == counted["voted"]
        and sums["whole"] == [roll["heads"], roll["area"]]
    )
    return [] if right else ["the sums aren't those of the votes"]


def _outcome(told: Any) -> list[str]:
    if told["options"]:
        return []
    said, rule, sums = told["outcome"], _rule(told["procedure"]), told["sums"]
    tally = tally_of(sums)
    counted = with_silence(tally, by_area=rule.by_area) if told["silence_follows"] else None
    right: dict[str, Any] = {"literal": asdict(outcome_of(tally, rule))}
    if told["silence_follows"]:
        right["silence_counted"] = asdict(outcome_of(counted, rule)) if counted else None
    return [] if said == right else ["the outcome isn't what the sums and the rule give"]


def _rule(told: Any) -> Rule:
    return Rule(Bar(**told["part"]), Bar(**told["yes"]), Base(told["of"]), told["by_area"])


def _own(told: Any, receipt: str, root: str) -> list[str]:
    faults = []
    if root and root != told["root"]:
        faults.append("the root isn't the one you gave: this is another file than the one put up")
    if receipt and receipt not in {leaf_hash(vote.encode()) for vote in told["votes"]}:
        faults.append("your receipt isn't among the votes")
    return faults


_CHECKS: list[Callable[[Any], list[str]]] = [_format, _text, _roll, _votes, _sums, _outcome]
