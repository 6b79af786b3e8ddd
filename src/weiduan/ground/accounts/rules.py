"""Duties: what somebody may do in an area."""

import hashlib
from datetime import timedelta
from enum import StrEnum


class Duty(StrEnum):
    """A duty is given for an area and holds in everything below it."""

    LOOK = "look"
    KEEP_GROUND = "keep_ground"
    KEEP_ORGANISATION = "keep_organisation"
    KEEP_VENUES = "keep_venues"
    HANDLE_REPORTS = "handle_reports"
    KEEP_GOVERNANCE = "keep_governance"
    KEEP_SERVICES = "keep_services"
    SURVEY = "survey"
    SET_RULES = "set_rules"
    READ_LEDGER = "read_ledger"
    GIVE_MANDATES = "give_mandates"
    KEEP_ACCOUNTS = "keep_accounts"


# 三员分立: who opens accounts, who says what they may, and who reads what was done are three, and no account is two of them.
ADMINISTRATION = (Duty.KEEP_ACCOUNTS, Duty.GIVE_MANDATES, Duty.READ_LEDGER)
EVERYWHERE_ONLY = frozenset({Duty.KEEP_ACCOUNTS})  # accounts lie in no area

# Whoever acts in an area may look at it; whoever only administrates has nothing to look at there.
IMPLIES_LOOKING = frozenset(Duty) - frozenset(ADMINISTRATION)

_LENGTHS_BY_ZEROS = ((12, 9), (9, 6), (6, 4), (4, 2))


def prefix_of(code: str) -> str:
    """Return the significant digits of an area code: what the codes below it start with.

    '510113000000' → '510113', '510113002000' → '510113002', '510113002002' → itself;
    grid, unit and building codes (15, 18, 21 digits) are significant as a whole.
    """
    if len(code) != 12:
        return code
    for length, shorter in _LENGTHS_BY_ZEROS:
        if set(code[shorter:length]) != {"0"}:
            return code[:length]
    return code[:2]


def covers(area: str, code: str) -> bool:
    """Tell whether `code` lies in `area`; an empty area is the whole country."""
    return code.startswith(prefix_of(area))


KEY_BYTES = 32
KEY_PREFIX = 8
LONGEST_KEY_LIFE = timedelta(days=366)


def hash_of(text: str) -> bytes:
    """Return what is kept of a key or of what was asked; keys are drawn at random, so one round is enough."""
    return hashlib.sha256(text.encode()).digest()
