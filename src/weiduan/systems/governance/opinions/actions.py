"""Say what one thinks, without an account; take it away by a stated rule only; hear the appeal.

What an opinion is about belongs to other nouns: they say in which area it lies, and whether opinions are heard on it now.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT

from .models import Opinion
from .queries import opinion_by_receipt
from .rules import LONGEST_ANSWER, LONGEST_APPEAL, LONGEST_REASON, LONGEST_WORDS, About, Removed


class CannotModerate(Refused):
    """The opinion is in a state that doesn't allow this."""


@transaction.atomic
def say(kind: About, about: UUID, words: str, receipt: str, *, area: str = "", at: datetime) -> Opinion:
    """Say something about a topic or a draft; said again with the same receipt it is there once.

    area  the code of where it is about, for the ledger

    :raises BadInput: no words or too many, or a receipt that could be guessed
    """
    if not 0 < len(words.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say what you think in at most %(n)s characters."), n=LONGEST_WORDS)
    check_receipt(receipt)
    opinion, is_new = Opinion.objects.get_or_create(
        receipt_hash=receipt_hash(receipt),
        defaults={"kind": About(kind).value, "about": about, "words": words.strip(), "at": at},
    )
    if is_new:
        record(what="opinion.said", about=opinion, by=RESIDENT, at=at, area=area)
    return opinion


@transaction.atomic
def remove(key: UUID, rule: str, because: str, *, about: UUID, area: str, by: User | str, at: datetime) -> Opinion:
    """Take an opinion away by one of the stated rules, with a reason everyone reads; whoever wrote it may appeal once.

    about, area  what it is about, and the code of where that is

    :raises NotFound: there is none about this, or `by` may not even look there
    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: no stated rule, no reason, or one too long
    :raises CannotModerate: it is taken away already
    """
    opinion = _kept(key, about, area, by, at)
    if rule not in {one.value for one in Removed}:
        raise BadInput(_("Choose one of the stated rules: nothing is taken away for any other reason."))
    if not 0 < len(because.strip()) <= LONGEST_REASON:
        raise BadInput(_("Say why in at most %(n)s characters: everyone reads it."), n=LONGEST_REASON)
    if opinion.removed_at is not None:
        raise CannotModerate(_("This opinion is taken away already."))
    opinion.removed_for, opinion.removed_because, opinion.removed_at = rule, because.strip(), at
    opinion.appeal = opinion.appeal_answer = ""  # against this removal there is an appeal again
    opinion.save(update_fields=["removed_for", "removed_because", "removed_at", "appeal", "appeal_answer"])
    record(what="opinion.removed", about=opinion, by=by, at=at, area=area, after={"rule": rule})
    return opinion


@transaction.atomic
def appeal(receipt: str, words: str, *, area: str = "", at: datetime) -> Opinion:
    """Say why one's own opinion should stand; said again before it is answered, the words first said stay.

    :raises NotFound: nobody has such a receipt
    :raises BadInput: no words, or too many
    :raises CannotModerate: it isn't taken away, or the appeal is answered
    """
    opinion = Opinion.objects.select_for_update().get(pk=opinion_by_receipt(receipt).pk)
    if not 0 < len(words.strip()) <= LONGEST_APPEAL:
        raise BadInput(_("Say why it should stand in at most %(n)s characters."), n=LONGEST_APPEAL)
    if opinion.removed_at is None:
        raise CannotModerate(_("This opinion isn't taken away: everyone can read it."))
    if opinion.appeal_answer:
        raise CannotModerate(_("Your appeal is answered already."))
    if opinion.appeal:
        return opinion
    opinion.appeal = words.strip()
    opinion.save(update_fields=["appeal"])
    record(what="opinion.appealed", about=opinion, by=RESIDENT, at=at, area=area)
    return opinion


@transaction.atomic
def answer_appeal(
    key: UUID, words: str, *, restore: bool, about: UUID, area: str, by: User | str, at: datetime
) -> Opinion:
    """Answer an appeal; `restore`: everyone can read the opinion again.

    about, area  what it is about, and the code of where that is

    :raises NotFound: there is none about this, or `by` may not even look there
    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: no words, or too many
    :raises CannotModerate: there is no appeal, or it is answered
    """
    opinion = _kept(key, about, area, by, at)
    if not 0 < len(words.strip()) <= LONGEST_ANSWER:
        raise BadInput(_("Answer in at most %(n)s characters."), n=LONGEST_ANSWER)
    if not opinion.appeal or opinion.appeal_answer:
        raise CannotModerate(_("There is no appeal that waits for an answer."))
    opinion.appeal_answer = words.strip()
    if restore:
        opinion.removed_for, opinion.removed_because, opinion.removed_at = "", "", None
    opinion.save(update_fields=["appeal_answer", "removed_for", "removed_because", "removed_at"])
    record(what="opinion.appeal_answered", about=opinion, by=by, at=at, area=area, after={"restored": restore})
    return opinion


def _kept(key: UUID, about: UUID, area: str, by: User | str, at: datetime) -> Opinion:
    opinion = Opinion.objects.select_for_update().filter(pk=key, about=about).first()
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    if opinion is None:
        raise NotFound(_("There is nothing here that you may see."))
    return opinion
