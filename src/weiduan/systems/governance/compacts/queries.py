"""Compacts and their versions: what is in force on a day, what is under way, what is still missing, who stands behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import NotFound
from weiduan.ground.base.receipts import receipt_hash
from weiduan.ground.territory.queries import ancestors_of, area_ids, within
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.outcomes import has_passed
from weiduan.systems.governance.ballots.rules import LONGEST_TEXT as LONGEST_VOTED_ON
from weiduan.systems.governance.ballots.rules import State as BallotState

from .models import Compact, Support, Version
from .rules import UNDER_WAY, Stage, hash_of


def compacts_in(codes: Iterable[str], *, on: date) -> QuerySet[Compact]:
    """Return the compacts of areas and those below them, by title."""
    return Compact.objects.filter(within(codes, on=on)).order_by("title", "pk")


def compacts_for(code: str, *, on: date) -> QuerySet[Compact]:
    """Return the compacts that hold in an area: its own, and those of the areas above it, by title."""
    own = area_ids(ancestors_of(code), on=on).values()
    return Compact.objects.filter(area__in=own).order_by("title", "pk")


def compacts_kept_by(viewer: User, *, at: datetime) -> QuerySet[Compact]:
    """Return the compacts somebody keeps."""
    return compacts_in(areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at), on=local_day(at))


def kept_compact(viewer: User, key: UUID, *, at: datetime) -> Compact:
    """Return a compact somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = compacts_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def public_compact(key: UUID) -> Compact:
    """Return a compact: its versions are for everyone to read.

    :raises NotFound: there is none
    """
    found = Compact.objects.filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def version_of(key: UUID) -> Version:
    """Return a version with its compact.

    :raises NotFound: there is none
    """
    found = Version.objects.filter(pk=key).select_related("compact").first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


@dataclass(frozen=True)
class Standing:
    """A compact on a day.

    in_force   the version that holds on that day
    under_way  the version on its way, of which there is at most one
    """

    compact: Compact
    in_force: Version | None
    under_way: Version | None


def standings(compacts: Iterable[Compact], *, on: date) -> list[Standing]:
    """Return how compacts stand on a day, in their order: one query for all of them, without their texts."""
    rows = list(compacts)
    versions = Version.objects.filter(compact__in=rows).defer("text").order_by("number")
    holding, moving = {}, {}
    for version in versions:
        if _holds(version, on):
            holding[version.compact_id] = version
        if version.stage in UNDER_WAY:
            moving[version.compact_id] = version
    return [Standing(one, holding.get(one.pk), moving.get(one.pk)) for one in rows]


def under_way(compacts: QuerySet[Compact]) -> int:
    """Count those of these compacts of which a version is on its way."""
    return compacts.filter(versions__stage__in=[stage.value for stage in UNDER_WAY]).count()


def versions_of(compact: Compact) -> list[Version]:
    """Return the versions of a compact, the latest first."""
    return list(compact.versions.select_related("ballot").order_by("-number"))


def in_force(code: str, *, on: date) -> list[Version]:
    """Return the texts in force in just this area on a day, with their compacts, by title."""
    rows = Version.objects.filter(
        Q(in_force_until=None) | Q(in_force_until__gt=on),
        compact__area__in=area_ids([code], on=on).values(),
        stage__in=[Stage.IN_FORCE.value, Stage.REPLACED.value],
        in_force_from__lte=on,
    )
    return list(rows.select_related("compact").order_by("compact__title", "pk"))


def _holds(version: Version, on: date) -> bool:
    if version.stage not in (Stage.IN_FORCE.value, Stage.REPLACED.value) or version.in_force_from is None:
        return False
    return version.in_force_from <= on and (version.in_force_until is None or on < version.in_force_until)


def supports_of(version: Version) -> int:
    """Count who stands behind a version as it reads now; support of other words doesn't count."""
    return Support.objects.filter(version=version, text_hash=version.text_hash).count()


def support_by_receipt(receipt: str) -> Support:
    """Return one's own support, with the version and its compact.

    :raises NotFound: nobody has such a receipt
    """
    rows = Support.objects.select_related("version__compact").filter(receipt_hash=receipt_hash(receipt))
    if (found := rows.first()) is None:
        raise NotFound(_("Nobody has such a receipt. Check the address letter by letter."))
    return found


def ballots_offered(version: Version) -> list[Ballot]:
    """Return the ballots a version could be put to: of the same area, about just its words, not counted or annulled."""
    states = [BallotState.DRAFT.value, BallotState.OPEN.value]
    bound = Version.objects.exclude(pk=version.pk).filter(ballot__isnull=False).values("ballot")
    rows = Ballot.objects.filter(area=version.compact.area_id, state__in=states).exclude(pk__in=bound).order_by("-at")
    return [one for one in rows if is_about(one, version)]


def is_about(ballot: Ballot, version: Version) -> bool:
    """Tell whether a ballot asks for a yes or no on just the title and text of a version."""
    return not ballot.options and hash_of(ballot.title, ballot.text) == version.text_hash


def missing_for(version: Version, to: Stage, *, on: date) -> list[str]:
    """Return what a version still lacks to enter a stage, in sentences; nothing: it may, as far as its own facts go."""
    checks = {
        Stage.REVIEW: _for_review, Stage.VOTE: _for_vote, Stage.FILING: _for_filing, Stage.IN_FORCE: _in_force,
        Stage.DRAFTING: _no_vote_under_way, Stage.GIVEN_UP: _no_vote_under_way, Stage.REPLACED: _replaced,
    }  # fmt: skip
    check = checks.get(to)
    return [what for is_missing, what in (check(version, on) if check else []) if is_missing]


Missing = list[tuple[bool, str]]


def _for_review(version: Version, on: date) -> Missing:
    return [(not version.text.strip(), _("The text isn't written down yet."))]


def _for_vote(version: Version, on: date) -> Missing:
    ballot = version.ballot
    return [
        *_for_review(version, on),
        (not version.reviewed_by, _("It isn't said which office has looked at it.")),
        (len(version.text) > LONGEST_VOTED_ON,
         _("The text has more than %(n)s characters: nobody can vote on it in one.") % {"n": LONGEST_VOTED_ON}),
        (ballot is None, _("There is no vote on it: choose how it is decided, or a vote prepared already.")),
        (ballot is not None and not is_about(ballot, version), _("The vote is on other words than these.")),
        (ballot is not None and ballot.state == BallotState.ANNULLED.value, _("The vote was annulled.")),
    ]  # fmt: skip


def _for_filing(version: Version, on: date) -> Missing:
    ballot = version.ballot
    if ballot is None:
        return [(True, _("There is no vote on it: choose how it is decided, or a vote prepared already."))]
    is_final = ballot.state == BallotState.FINAL.value
    return [
        (ballot.state == BallotState.ANNULLED.value, _("The vote was annulled.")),
        (not is_final and ballot.state != BallotState.ANNULLED.value,
         _("The vote isn't final yet: it must be counted, and the time for objections over.")),
        (is_final and not has_passed(ballot), _("The vote didn't pass.")),
        (not is_about(ballot, version), _("The vote was on other words than these.")),
    ]  # fmt: skip


def _in_force(version: Version, on: date) -> Missing:
    since, before = version.in_force_from, _before(version)
    closed = local_day(version.ballot.closed_at) if version.ballot and version.ballot.closed_at else None
    return [
        *_for_filing(version, on),
        (not version.filed_number, _("The number under which it was filed is missing.")),
        (version.filed_on is None, _("The day it was filed is missing.")),
        (version.filed_on is not None and version.filed_on > on, _("The day it was filed lies ahead.")),
        (since is None, _("The day from which it is in force is missing.")),
        (since is not None and closed is not None and since < closed,
         _("It can't be in force before the vote was closed.")),
        (since is not None and before is not None and before.in_force_from is not None and since <= before.in_force_from,
         _("It can't be in force before the version it replaces.")),
    ]  # fmt: skip


def _no_vote_under_way(version: Version, on: date) -> Missing:
    ballot = version.ballot if version.stage in (Stage.REVIEW.value, Stage.VOTE.value) else None
    under_way = ballot is not None and ballot.state in (BallotState.OPEN.value, BallotState.CLOSED.value)
    return [
        (under_way, _("The vote is under way: wait until it is final, or annul it first.")),
        (ballot is not None and has_passed(ballot), _("The vote has passed: these words are decided.")),
    ]


def _replaced(version: Version, on: date) -> Missing:
    return [(True, _("There is no later version in force: one is replaced only by the next."))]


def _before(version: Version) -> Version | None:
    others = Version.objects.filter(compact=version.compact_id, stage=Stage.IN_FORCE.value).exclude(pk=version.pk)
    return others.defer("text").first()


def differences(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines of two texts in order, as (same | out | in, line)."""
    old, new = before.splitlines(), after.splitlines()
    rows: list[tuple[str, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            rows += [("same", line) for line in old[a:b]]
        else:
            rows += [("out", line) for line in old[a:b]] + [("in", line) for line in new[c:d]]
    return rows
