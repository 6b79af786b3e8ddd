"""Carry a change out: who is set up, who moves, what is covered, what ends. The caller has locked, permitted and checked.

A rehearsal is the same, undone at the end: so the verdict is of just what would be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput, Refused
from weiduan.ground.ledger.actions import Deed, record, record_many
from weiduan.ground.rulebook.queries import rules_of
from weiduan.ground.territory.queries import alive, area_by_code, area_of
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.systems.organisation.appointments.actions import end_posts
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.actions import stand_on
from weiduan.systems.organisation.coverage.models import Coverage
from weiduan.systems.organisation.coverage.queries import areas_covered
from weiduan.systems.organisation.members.actions import move_members
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.organisations.actions import keep_former
from weiduan.systems.organisation.organisations.models import Organisation, Term
from weiduan.systems.organisation.organisations.queries import existing, free_number, numbers_of
from weiduan.systems.organisation.organisations.rules import HOLDS_MEMBERS, MAY_STAND_UNDER, Kind
from weiduan.systems.organisation.transfers.ending import end_posts_of

from .rules import ELECTS, ChangeKind

LETTER = {Kind.COMMITTEE.value: "W", Kind.GENERAL_BRANCH.value: "G", Kind.BRANCH.value: "Z", Kind.GROUP.value: "X"}


class CantBe(Refused):
    """The change can't be carried out as things are; the sentence says what would allow it."""


@dataclass(frozen=True)
class When:
    """From which day, by whom, and in whose seat it is decided; as the actions of the other nouns take it."""

    seat: str
    on: date
    by: Any
    at: datetime

    def as_words(self) -> dict[str, Any]:
        return {"seat": self.seat, "on": self.on, "by": self.by, "at": self.at}


@dataclass
class Outcome:
    """Which organisations a change founds, touches and dissolves."""

    founded: list[Organisation] = field(default_factory=list)
    touched: list[Organisation] = field(default_factory=list)
    dissolved: list[Organisation] = field(default_factory=list)


def carry_out(kind: str, organisation: Organisation | None, facts: Mapping[str, Any], when: When) -> Outcome:
    """Do what a change asks for; return what it did to which organisation.

    :raises CantBe: something it names is not there, or not as it must be, or changed after that day
    """
    _check_day(organisation, facts, when.on)
    if organisation is None:
        return _set_up(kind, facts, when)
    if kind in ELECTS:
        return _move_election(organisation, facts, when)
    if kind == ChangeKind.SPLIT:
        return _split(organisation, facts, when)
    if kind == ChangeKind.MERGE:
        return _merge(organisation, facts, when)
    if kind == ChangeKind.DISSOLVE:
        return _dissolve_into(organisation, facts, when)
    return _join(organisation, facts, when)


def named_in(facts: Mapping[str, Any], organisation: Organisation | None) -> QuerySet[Organisation]:
    """Return every organisation a change is about, in one order for all who lock them."""
    numbers = [facts.get(key, "") for key in ("parent", "other", "members_to")] + list(facts.get("members_of", ()))
    named = Q(number__in=[number for number in numbers if number])
    return Organisation.objects.filter(named | Q(pk=organisation.pk) if organisation else named).order_by("pk")


def _check_day(organisation: Organisation | None, facts: Mapping[str, Any], on: date) -> None:
    """Let a change hold only from a day after which nothing of what it is about has changed."""
    if organisation is not None and not Organisation.objects.filter(existing(on), pk=organisation.pk).exists():
        raise CantBe(_("%(name)s does not exist on %(day)s."), name=organisation.name, day=on)
    keys = list(named_in(facts, organisation).values_list("pk", flat=True))
    for model in (Membership, Coverage, Post):
        later = model.objects.filter(Q(since__gt=on) | Q(until__gt=on), organisation__in=keys)  # type: ignore[attr-defined]
        last = later.order_by("-since").first()
        if last is not None:
            day = last.until if last.until and last.until > on else last.since
            raise CantBe(_("Something changed on %(day)s already; it can hold from that day or a later one."), day=day)


def there(number: str, on: date) -> Organisation:
    """Return an organisation that exists on a day.

    :raises CantBe: there is none with this number
    """
    found = Organisation.objects.filter(existing(on), number=number).first()
    if found is None:
        raise CantBe(_("There is no organisation %(number)s on %(day)s."), number=number, day=on)
    return found


def _set_up(kind: str, facts: Mapping[str, Any], when: When) -> Outcome:
    """Found an organisation, or a joint branch, with members of others; those of its own kind leave what it covers."""
    what = facts.get("kind", "") if kind == ChangeKind.SET_UP else Kind.BRANCH.value
    parent = there(facts.get("parent", ""), when.on)
    made = _found(facts, what, parent, when)
    sources = [there(number, when.on) for number in facts.get("members_of", ())]
    covers = _places(facts.get("covers", ()), when.on)
    for source in sources:
        if source.kind == made.kind:
            _leave(source, covers, when)
    stand_on(made, covers, **when.as_words())
    _move(_chosen(sources, facts.get("living_in", ()), when.on), made, when)
    return Outcome([made], [*sources, parent])


def _split(organisation: Organisation, facts: Mapping[str, Any], when: When) -> Outcome:
    """Part an organisation: the new one takes the members living in some units, and what it is to cover."""
    parent = _parent_of(organisation)
    if not facts.get("living_in"):
        raise CantBe(_("Say in which units the members live who are to go to the new organisation."))
    made = _found(facts, organisation.kind, parent, when)
    covers = _places(facts.get("covers", ()), when.on)
    _leave(organisation, covers, when)
    stand_on(made, covers, **when.as_words())
    _move(_chosen([organisation], facts["living_in"], when.on), made, when)
    return Outcome([made], [organisation])


def _merge(organisation: Organisation, facts: Mapping[str, Any], when: When) -> Outcome:
    """Let an organisation take in another of its kind and superior: members, cover, what stands under it."""
    other = there(facts.get("other", ""), when.on)
    if other.pk == organisation.pk or other.kind != organisation.kind or other.parent_id != organisation.parent_id:
        raise CantBe(
            _("%(name)s can take in only another of its kind under the same superior; for others ask for transfers."),
            name=organisation.name,
        )
    _take_in(organisation, other, when)
    stand_on(
        organisation,
        areas_covered(organisation.pk, on=when.on) | areas_covered(other.pk, on=when.on),
        **when.as_words(),
    )
    _dissolve(other, when)
    return Outcome([], [organisation], [other])


def _dissolve_into(organisation: Organisation, facts: Mapping[str, Any], when: When) -> Outcome:
    """Dissolve an organisation; its members go to a named one, what stands under it too where it may."""
    heir = there(facts["members_to"], when.on) if facts.get("members_to") else None
    has_members = Membership.objects.filter(alive(when.on), organisation=organisation).exists()
    below = Organisation.objects.filter(existing(when.on), parent=organisation)
    if heir is None and has_members:
        raise CantBe(_("%(name)s has members; say which organisation they go to."), name=organisation.name)
    if heir is None and below.exists():
        raise CantBe(_("Others stand under %(name)s; say which organisation takes them in."), name=organisation.name)
    if heir is not None:
        if heir.pk == organisation.pk:
            raise CantBe(_("Choose another organisation than the one that is dissolved."))
        _take_in(heir, organisation, when)
    _dissolve(organisation, when)
    return Outcome([], [heir] if heir else [], [organisation])


def _join(organisation: Organisation, facts: Mapping[str, Any], when: When) -> Outcome:
    """Let a branch that is there stand on more as a joint branch; what it covers already it keeps."""
    if organisation.kind != Kind.BRANCH:
        raise CantBe(_("Only a branch can become a joint branch."))
    more = _places(facts.get("covers", ()), when.on)
    if not more:
        raise CantBe(_("Say which grids or units it is to stand on."))
    stand_on(organisation, areas_covered(organisation.pk, on=when.on) | more, **when.as_words())
    sources = [there(number, when.on) for number in facts.get("members_of", ())]
    _move(_chosen(sources, facts.get("living_in", ()), when.on), organisation, when)
    return Outcome([], [organisation, *sources])


def _move_election(organisation: Organisation, facts: Mapping[str, Any], when: When) -> Outcome:
    """Move the day the election is due; posts held until then move along."""
    term = last_term(organisation, when.on)
    due = date.fromisoformat(facts["due"])
    if due <= term.since:
        raise CantBe(_("The term began on %(day)s; choose a later day."), day=term.since)
    before, term.due_on = term.due_on, due
    term.save(update_fields=["due_on"])
    Post.objects.filter(alive(when.on), organisation=organisation, due_on=before).update(due_on=due)
    told = {"due_on": str(before)}, {"due_on": str(due)}
    record(what="term.moved", about=organisation, by=when.by, at=when.at, area=when.seat, before=told[0], after=told[1])
    return Outcome([], [organisation])


def last_term(organisation: Organisation, on: date) -> Term:
    """Return the term an organisation is in.

    :raises CantBe: none is kept
    """
    term = Term.objects.filter(organisation=organisation, since__lte=on).order_by("-since").first()
    if term is None:
        raise CantBe(_("No term of %(name)s is kept; write its last election down first."), name=organisation.name)
    return term


def term_years(seat: str, *, on: date) -> int:
    """Return how many years a term lasts by rule: of those seated in a village or community, and of others."""
    wanted = "branch-term-length" if len(prefix_of(seat)) >= len(prefix_of("510113002002")) else "branch-term-other"
    return next(rule.value for rule in rules_of(seat, on=on) if rule.id == wanted)


def _found(facts: Mapping[str, Any], kind: str, parent: Organisation, when: When) -> Organisation:
    name, number = facts.get("name", ""), facts.get("number", "")
    if not name or len(name) > 60:
        raise CantBe(_("Give the new organisation a name of at most 60 characters."))
    if kind not in MAY_STAND_UNDER or parent.kind not in MAY_STAND_UNDER[kind]:
        raise CantBe(_("An organisation of this kind can't stand under %(name)s."), name=parent.name)
    seat = area_by_code(facts.get("seat") or area_of(parent.area_id, on=when.on).code, on=when.on)
    if number and Organisation.objects.filter(number=number).exists():
        raise CantBe(_("The number %(number)s is given already; leave it empty, and one is given."), number=number)
    made = Organisation.objects.create(
        number=number or free_number(f"{LETTER[kind]}{seat.code}"), name=name, kind=kind, parent=parent,
        area_id=seat.area_id, founded_on=when.on,
    )  # fmt: skip
    due = when.on + relativedelta(years=term_years(seat.code, on=when.on))
    Term.objects.create(organisation=made, since=when.on, due_on=due)
    told = {"number": made.number, "name": made.name, "kind": made.kind}
    record(what="organisation.set_up", about=made, by=when.by, at=when.at, area=seat.code, after=told)
    return made


def _places(codes: Iterable[str], on: date) -> dict[str, int]:
    """Return code → key of grids and units."""
    found = {code: area_by_code(code, on=on) for code in codes}
    for version in found.values():
        if version.level not in (Level.GRID, Level.UNIT):
            raise BadInput(_("%(name)s is neither a grid nor a unit."), name=version.name)
    return {code: version.area_id for code, version in found.items()}


def _leave(organisation: Organisation, covers: Mapping[str, int], when: When) -> None:
    now = areas_covered(organisation.pk, on=when.on)
    kept = {code: key for code, key in now.items() if code not in covers}
    if len(kept) < len(now):
        stand_on(organisation, kept, **when.as_words())


def _chosen(sources: Iterable[Organisation], living_in: Iterable[str], on: date) -> list[Membership]:
    """Return the memberships in some organisations, of those living in these grids or units; of all, if none is named."""
    rows = Membership.objects.filter(alive(on), organisation__in=list(sources)).order_by("person")
    codes = list(living_in)
    if codes:
        homes = Q()
        for code in codes:
            homes |= Q(home__versions__code__startswith=code)
        rows = rows.filter(homes, alive(on, "home__versions__")).distinct()
    return list(rows)


def _move(memberships: list[Membership], into: Organisation, when: When) -> None:
    """Move members; a post in an organisation that isn't above the new one ends with the membership there."""
    moving = [m for m in memberships if m.organisation_id != into.pk]
    if not moving:
        return
    if into.kind not in HOLDS_MEMBERS:
        raise CantBe(_("Members belong to a branch or a group; %(name)s takes none."), name=into.name)
    above = _above(into)
    for membership in moving:
        if membership.organisation_id not in above:
            _record_ended(end_posts_of(membership, when.on), when)
    moves: dict[UUID, int] = {m.person_id: into.pk for m in moving}
    move_members(moves, numbers=numbers_of({m.organisation_id for m in moving} | {into.pk}), **when.as_words())


def _above(organisation: Organisation) -> set[int]:
    keys, current = set(), organisation.parent
    while current is not None:
        keys.add(current.pk)
        current = current.parent
    return keys


def _record_ended(posts: list[Post], when: When) -> None:
    deeds = [
        Deed("post.ended", "organisation.person", str(post.person_id), when.seat, {"role": post.role}) for post in posts
    ]
    record_many(deeds, by=when.by, at=when.at)


def _take_in(heir: Organisation, other: Organisation, when: When) -> None:
    """Let one take over the members of another and what stands under it."""
    _move(_chosen([other], (), when.on), heir, when)
    for below in Organisation.objects.select_for_update().filter(existing(when.on), parent=other).order_by("pk"):
        if below.pk == heir.pk or heir.kind not in MAY_STAND_UNDER[below.kind]:
            raise CantBe(
                _("%(below)s stands under %(name)s and can't stand under %(heir)s; decide about it first."),
                below=below.name, name=other.name, heir=heir.name,
            )  # fmt: skip
        keep_former([below], on=when.on)
        below.parent = heir
        below.save(update_fields=["parent"])
        told = {"parent": other.number}, {"parent": heir.number}
        record(
            what="organisation.changed",
            about=below,
            by=when.by,
            at=when.at,
            area=when.seat,
            before=told[0],
            after=told[1],
        )


def _dissolve(organisation: Organisation, when: When) -> None:
    """End what an organisation covers, its posts and itself; its members have gone."""
    if organisation.founded_on >= when.on:
        raise CantBe(
            _("%(name)s was set up on %(day)s; it can be dissolved from the day after."),
            name=organisation.name, day=organisation.founded_on,
        )  # fmt: skip
    stand_on(organisation, {}, **when.as_words())
    # What it covers of areas that have ended is not among today's codes.
    Coverage.objects.filter(alive(when.on), organisation=organisation, since=when.on).delete()
    Coverage.objects.filter(alive(when.on), organisation=organisation).update(until=when.on)
    end_posts(organisation, **when.as_words())
    organisation.dissolved_on = when.on
    organisation.save(update_fields=["dissolved_on"])
    record(what="organisation.dissolved", about=organisation, by=when.by, at=when.at, area=when.seat)


def _parent_of(organisation: Organisation) -> Organisation:
    if organisation.parent is None:
        raise CantBe(_("%(name)s has no superior here that could decide."), name=organisation.name)
    return organisation.parent
