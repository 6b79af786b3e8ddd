"""The account of a project as it is published: the same lines as a page, a table to take along, and JSON."""

import csv
import io
from typing import Any

from django.utils.translation import gettext as _

from weiduan.systems.services.projects.models import Project
from weiduan.systems.services.projects.queries import books_of
from weiduan.systems.services.projects.rules import ProposalState, yuan_of

from .project_words import ACCOUNT_TITLES, MOVE_TITLES

FORMAT = "weiduan.project_account/1"
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a program for tables would run what begins so


def partner_chosen(project: Project) -> str:
    """Return the name of whoever residents chose; empty before."""
    found = project.proposals.filter(state=ProposalState.CHOSEN.value).select_related("partner").first()
    return found.partner.name if found else ""


def account_told(project: Project) -> dict[str, Any]:
    """Return the account as JSON: amounts in yuan with two decimals, as texts, so that no program rounds them."""
    books = books_of(project)
    return {
        "format": FORMAT, "project": str(project.pk), "title": project.title, "state": project.state,
        "partner": partner_chosen(project), "budget": str(yuan_of(project.budget_fen)),
        "balances": {account.value: str(yuan_of(fen)) for account, fen in books.held.items()},
        "moves": [
            {
                "number": line.number, "on": line.on.isoformat(), "kind": line.kind.value, "from": line.credit.value,
                "to": line.debit.value, "amount": str(yuan_of(line.amount_fen)), "milestone": line.milestone, "words": line.words,
                "pot": str(yuan_of(line.pot_fen)),
            }
            for line in books.lines
        ],
    }  # fmt: skip


def account_csv(project: Project) -> bytes:
    """Return the account as a table that programs for tables open as it is."""
    target = io.StringIO(newline="")
    rows = csv.writer(target)
    rows.writerow([
        _("Number"), _("Day of the move"), _("What moved"), _("From which account"), _("To which account"), _("Amount in yuan"),
        _("For milestone"), _("In words"), _("Left in the pot, yuan"),
    ])  # fmt: skip
    for move in account_told(project)["moves"]:
        rows.writerow([
            move["number"], move["on"], MOVE_TITLES[move["kind"]], ACCOUNT_TITLES[move["from"]], ACCOUNT_TITLES[move["to"]],
            move["amount"], move["milestone"] or "", as_text(move["words"]), move["pot"],
        ])  # fmt: skip
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def as_text(words: str) -> str:
    """Return words so that no program for tables takes them for a formula."""
    return f"'{words}" if words.startswith(FORMULAS) else words
