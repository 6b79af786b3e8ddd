"""Begin a compact, edit its draft, move it on stage by stage, revise it; stand behind it without an account."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.receipts import check_receipt, receipt_hash
from weiduan.ground.ledger.actions import record
from weiduan.ground.ledger.rules import RESIDENT
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.preparing import Draft, draft
from weiduan.systems.governance.ballots.rules import LONGEST_TEXT as LONGEST_VOTED_ON
from weiduan.systems.governance.opinions.actions import say
from weiduan.systems.governance.opinions.models import Opinion
from weiduan.systems.governance.opinions.rules import About

from .models import Compact, Support, Version
from .queries import is_about, missing_for, support_by_receipt
from .rules import (
    LONGEST_FILED_NUMBER,
    LONGEST_OFFICE,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MAY_EDIT,
    UNDER_WAY,
    Kind,
    Stage,
    hash_of,
    is_way,
    plain,
)

By = User | str


class NotNow(Refused):
    """The compact or its version is in a stage that doesn't allow this."""


class ChangedMeanwhile(NotNow):
    """The words aren't those that were being changed."""


class Lacking(Refused):
    """The version lacks something to enter a stage; `missing` says what, in sentences."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__("%(missing)s", missing=" ".join(missing))
        self.missing = missing


@dataclass(frozen=True)
class Facts:
    """What is written down when a version moves on; what isn't said stays as it was.

    reviewed_by    to VOTE: the office that looked at it
    procedure      to VOTE: how it is decided; a ballot is then prepared
    ballot         to VOTE: or the key of a ballot prepared already
    filed_number, filed_on, in_force_from  to IN_FORCE
    """

    reviewed_by: str = ""
    procedure: str = ""
    ballot: UUID | None = None
    filed_number: str = ""
    filed_on: date | None = None
    in_force_from: date | None = None


@transaction.atomic
def begin_compact(area: str, kind: str, title: str, text: str, *, by: By, at: datetime) -> Version:
    """Begin a compact of an area with a first version, on which opinions are heard.

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: no such kind, no title, or a text that is too long
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    if kind not in {one.value for one in Kind}:
        raise BadInput(_("Choose what sort of text it is."))
    if not 0 < len(title.strip()) <= LONGEST_TITLE:
        raise BadInput(_("Give it a title of at most %(n)s characters."), n=LONGEST_TITLE)
    text = _checked(text)
    where = area_by_code(area, on=local_day(at))
    compact = Compact.objects.create(area_id=where.area_id, kind=kind, title=title.strip(), at=at)
    version = _new_version(compact, 1, text, at)
    record(what="compact.begun", about=compact, by=by, at=at, area=area, after={"kind": kind})
    return version


@transaction.atomic
def begin_revision(key: UUID, *, by: By, at: datetime) -> Version:
    """Begin the next version of a compact, out of the one in force; where none is, out of the last.

    :raises NotFound: there is no compact `by` keeps
    :raises NotNow: a version is under way already
    """
    compact = _kept(key, by, at)
    if compact.versions.filter(stage__in=[stage.value for stage in UNDER_WAY]).exists():
        raise NotNow(_("A version is under way already: finish it or give it up first."))
    last = compact.versions.order_by("-number")[0]
    source = compact.versions.filter(stage=Stage.IN_FORCE.value).first() or last
    version = _new_version(compact, last.number + 1, source.text, at)
    told = {"number": version.number, "from": source.number}
    record(what="compact.revised", about=version, by=by, at=at, area=_code(compact, at), after=told)
    return version


@transaction.atomic
def edit(key: UUID, text: str, *, seen: str = "", by: By, at: datetime) -> Version:
    """Change the words of a version; support of the words before no longer counts.

    seen  the hash of the words that were changed, so that nobody writes over what another wrote meanwhile; "": whatever they are

    :raises NotFound: there is no version `by` keeps
    :raises NotNow: its words can't be changed any more
    :raises ChangedMeanwhile: somebody else changed them since
    :raises BadInput: the text is too long
    """
    version = _kept_version(key, by, at)
    if version.stage not in MAY_EDIT:
        raise NotNow(_("The words can be changed only while opinions are heard and the draft is written."))
    if seen and seen != version.text_hash:
        raise ChangedMeanwhile(_("Somebody else changed the words meanwhile. Put both together and save again."))
    text = _checked(text)
    if text == version.text:
        return version
    version.text, version.text_hash = text, hash_of(version.compact.title, text)
    version.save(update_fields=["text", "text_hash"])
    told = {"text": version.text_hash}
    record(what="compact.edited", about=version, by=by, at=at, area=_code(version.compact, at), after=told)
    return version


@transaction.atomic
def attach_ballot(key: UUID, ballot: UUID, *, by: By, at: datetime) -> Version:
    """Bind a version to the ballot on just its words, instead of the one before if there was one.

    :raises NotFound: there is no version `by` keeps
    :raises NotNow: it isn't at its review or vote, or its vote is under way or has passed
    :raises BadInput: there is no such ballot in its area, or it is on other words
    """
    version = _kept_version(key, by, at)
    if version.stage not in (Stage.REVIEW.value, Stage.VOTE.value):
        raise NotNow(_("A vote is bound to a version once it was looked at, before it is filed."))
    if under_way := missing_for(version, Stage.DRAFTING, on=local_day(at)):
        raise Lacking(under_way)
    version.ballot = _ballot_for(version, ballot)
    version.save(update_fields=["ballot"])
    told = {"ballot": str(ballot)}
    record(what="compact.ballot_attached", about=version, by=by, at=at, area=_code(version.compact, at), after=told)
    return version


@transaction.atomic
def move_on(key: UUID, to: Stage, facts: Facts | None = None, *, by: By, at: datetime) -> Version:
    """Let a version enter a stage; in force, it replaces the version before from its day on.

    :raises NotFound: there is no version `by` keeps
    :raises NotNow: one can't go there from where it is
    :raises BadInput: a fact can't be
    :raises Lacking: something is missing; what is told
    """
    version, to, facts = _kept_version(key, by, at), Stage(to), facts or Facts()
    before = Stage(version.stage)
    if not is_way(before, to):
        raise NotNow(_("It can't go there from the stage it is in."))
    _write(version, to, facts, by, at)
    if missing := missing_for(version, to, on=local_day(at)):
        raise Lacking(missing)
    if to is Stage.IN_FORCE:
        _replace_before(version, by, at)
    if to is Stage.DRAFTING and before is not Stage.OPINIONS:  # the words may change: whatever was said of them is over
        version.reviewed_by, version.ballot = "", None
    version.stage = to.value
    version.save()
    told = {"stage": to.value, "text": version.text_hash}
    record(
        what="compact.moved", about=version, by=by, at=at, area=_code(version.compact, at),
        before={"stage": before.value}, after=told,
    )  # fmt: skip
    return version


@transaction.atomic
def support(key: UUID, receipt: str, *, text_hash: str, at: datetime) -> Support:
    """Stand behind a version as it reads now; asked again with the same receipt it counts once.

    text_hash  of the words that were read

    :raises NotFound: there is no such version
    :raises NotNow: nobody is asked any more, or the words are others by now
    :raises BadInput: a receipt that could be guessed
    """
    version = _locked(key)
    check_receipt(receipt)
    if found := Support.objects.filter(receipt_hash=receipt_hash(receipt)).first():
        return found
    _check_asked(version, text_hash)
    made = Support.objects.create(
        version=version, text_hash=version.text_hash, receipt_hash=receipt_hash(receipt), at=at
    )
    record(what="compact.supported", about=version, by=RESIDENT, at=at, area=_code(version.compact, at))
    return made


@transaction.atomic
def renew_support(receipt: str, *, text_hash: str, at: datetime) -> Support:
    """Stand behind the words as they read by now, after an edit or a withdrawal.

    :raises NotFound: nobody has such a receipt
    :raises NotNow: nobody is asked any more, or the words changed again
    """
    found = support_by_receipt(receipt)
    version = _locked(found.version_id)
    _check_asked(version, text_hash)
    if found.text_hash != version.text_hash:
        found.text_hash, found.at = version.text_hash, at
        found.save(update_fields=["text_hash", "at"])
        record(what="compact.support_renewed", about=version, by=RESIDENT, at=at, area=_code(version.compact, at))
    return found


@transaction.atomic
def withdraw_support(receipt: str, *, at: datetime) -> Support:
    """Stand behind it no longer; withdrawn already, it stays so.

    :raises NotFound: nobody has such a receipt
    :raises NotNow: the draft isn't open any more
    """
    found = support_by_receipt(receipt)
    version = _locked(found.version_id)
    if version.stage not in MAY_EDIT:
        raise NotNow(_("This draft isn't open for opinions and support any more."))
    if found.text_hash:
        found.text_hash = ""  # the receipt stays known, so that the same form sent once more doesn't bring it back
        found.save(update_fields=["text_hash"])
        record(what="compact.support_withdrawn", about=version, by=RESIDENT, at=at, area=_code(version.compact, at))
    return found


@transaction.atomic
def say_about(key: UUID, words: str, receipt: str, *, at: datetime) -> Opinion:
    """Say something about a draft that is open for opinions.

    :raises NotFound: there is no such version
    :raises NotNow: it isn't open for opinions any more
    :raises BadInput: no words, or too many
    """
    version = _locked(key)
    if version.stage not in MAY_EDIT:
        raise NotNow(_("This draft isn't open for opinions and support any more."))
    return say(About.VERSION, version.pk, words, receipt, area=_code(version.compact, at), at=at)


def _locked(key: UUID) -> Version:
    """Lock a version; whoever changes its words or stage does too."""
    found = Version.objects.select_for_update(of=("self",)).select_related("compact").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def _kept(key: UUID, by: By, at: datetime) -> Compact:
    """Lock a compact that somebody keeps; of others not even their existence is told."""
    found = Compact.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at)
    return found


def _kept_version(key: UUID, by: By, at: datetime) -> Version:
    """Lock the compact, then the version: what one version becomes may change another."""
    compact = Version.objects.filter(pk=key).values_list("compact", flat=True).first()
    if compact is None:
        raise NotFound(_("There is nothing here that you may see."))
    _kept(compact, by, at)
    return _locked(key)


def _code(compact: Compact, at: datetime) -> str:
    return area_of(compact.area_id, on=local_day(at)).code


def _checked(text: str) -> str:
    text = plain(text)
    if len(text) > LONGEST_TEXT:
        raise BadInput(_("The text has at most %(n)s characters."), n=LONGEST_TEXT)
    return text


def _new_version(compact: Compact, number: int, text: str, at: datetime) -> Version:
    text_hash = hash_of(compact.title, text)
    return Version.objects.create(compact=compact, number=number, text=text, text_hash=text_hash, at=at)


def _check_asked(version: Version, text_hash: str) -> None:
    if version.stage not in MAY_EDIT:
        raise NotNow(_("This draft isn't open for opinions and support any more."))
    if text_hash != version.text_hash:
        raise NotNow(_("The words have changed since you read them. Read them again, then decide."))


def _ballot_for(version: Version, key: UUID) -> Ballot:
    found = Ballot.objects.filter(pk=key, area=version.compact.area_id).first()
    if found is None:
        raise BadInput(_("There is no such vote in the same area."))
    if found.compact_versions.exclude(pk=version.pk).exists():
        raise BadInput(_("This vote was held on another version."))
    if not is_about(found, version):
        raise BadInput(_("This vote is on other words: title and text must be just those of this version."))
    return found


def _write(version: Version, to: Stage, facts: Facts, by: By, at: datetime) -> None:
    """Put down what came with the move, as far as it belongs to the stage; it is kept only if the move is."""
    if to is Stage.VOTE:
        _put(version, "reviewed_by", facts.reviewed_by, LONGEST_OFFICE)
        if facts.ballot:
            version.ballot = _ballot_for(version, facts.ballot)
        elif facts.procedure and len(version.text) <= LONGEST_VOTED_ON:
            wanted = Draft(title=version.compact.title, text=version.text, procedure=facts.procedure)
            version.ballot = draft(_code(version.compact, at), wanted, by=by, at=at)
    elif to is Stage.IN_FORCE:
        _put(version, "filed_number", facts.filed_number, LONGEST_FILED_NUMBER)
        version.filed_on = facts.filed_on or version.filed_on
        version.in_force_from = facts.in_force_from or version.in_force_from


def _put(version: Version, name: str, said: str, longest: int) -> None:
    if len(said.strip()) > longest:
        raise BadInput(_("At most %(n)s characters can be written there."), n=longest)
    if said.strip():
        setattr(version, name, said.strip())


def _replace_before(version: Version, by: By, at: datetime) -> None:
    """Let the version in force end on the day this one begins."""
    before = version.compact.versions.filter(stage=Stage.IN_FORCE.value).exclude(pk=version.pk).first()
    if before is None:
        return
    before.stage, before.in_force_until = Stage.REPLACED.value, version.in_force_from
    before.save(update_fields=["stage", "in_force_until"])
    told = {"stage": before.stage, "until": str(before.in_force_until)}
    record(what="compact.replaced", about=before, by=by, at=at, area=_code(version.compact, at), after=told)
