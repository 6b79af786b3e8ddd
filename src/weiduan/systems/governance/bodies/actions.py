"""Found a body, hold its elections, fill and empty offices, hand over, dissolve it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of
from weiduan.systems.governance.ballots.models import Ballot
from weiduan.systems.governance.ballots.rules import State as BallotState
from weiduan.systems.organisation.members.queries import persons_numbered

from .models import Body, BodyHandover, BodyTerm, Officer
from .rules import (
    AHEAD_DAYS,
    HANDED_OVER,
    LONGEST_MEMBER_NAME,
    LONGEST_NAME,
    LONGEST_WORDS,
    Kind,
    Left,
    kinds,
)

By = User | str


class NotNow(Refused):
    """The body, its term or the office is in a state that doesn't allow this."""


@dataclass(frozen=True)
class Elected:
    """Somebody who takes an office; `person` is the number of somebody kept here already, or nothing."""

    office: str
    name: str
    person: str = ""


@dataclass(frozen=True)
class Election:
    """An election: from when the term runs, for how many seats, who was elected, and how.

    ballot  key of a final ballot of the same area; where there is none, `words` say how it was held
    """

    since: date
    seats: int
    officers: tuple[Elected, ...]
    ballot: UUID | None = None
    words: str = ""


@transaction.atomic
def found_body(area: str, kind: str, name: str, *, since: date, by: By, at: datetime) -> Body:
    """Found a body of an area.

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: no such kind, no name, or a day to come
    :raises NotNow: the area has such a body at that time
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    if kind not in kinds():
        raise BadInput(_("Choose what sort of body it is."))
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise BadInput(_("Give it a name of at most %(n)s characters."), n=LONGEST_NAME)
    if since > local_day(at):
        raise BadInput(_("A body is recorded once it is founded: the day can't lie ahead."))
    where = area_by_code(area, on=local_day(at))
    try:
        with transaction.atomic():  # the database refuses a second one, also when two ask at once
            body = Body.objects.create(area_id=where.area_id, kind=kind, name=name.strip(), since=since)
    except IntegrityError as twice:
        raise NotNow(_("There is such a body here at that time. Dissolve it first, or choose a later day.")) from twice
    record(what="body.founded", about=body, by=by, at=at, area=area, after={"kind": kind, "since": str(since)})
    return body


@transaction.atomic
def dissolve_body(key: UUID, *, on: date, by: By, at: datetime) -> Body:
    """Dissolve a body from a day on; its term and its offices end, and what it has is on the list to hand over.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is dissolved already
    :raises BadInput: the day lies before it began, before its term began, or ahead
    """
    body = _kept(key, by, at)
    _only_alive(body)
    term = _last_term(body)
    if not max(body.since, term.since if term else body.since) < on <= local_day(at):
        raise BadInput(_("The day must lie after it and its term began, and not ahead."))
    if term is not None:
        _end_term(term, on)
    body.until = on
    body.save(update_fields=["until"])
    record(what="body.dissolved", about=body, by=by, at=at, area=_code(body, at), after={"until": str(on)})
    return body


@transaction.atomic
def hold_election(key: UUID, election: Election, *, by: By, at: datetime) -> BodyTerm:
    """Record an election: a new term begins; the one before ends, with its offices, and gets its list to hand over.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: the body is dissolved
    :raises BadInput: seats, officers, the day or the ballot can't be; the sentence says which and why
    """
    body = _kept(key, by, at)
    _only_alive(body)
    kind, before = kinds()[body.kind], _last_term(body)
    _check_time(election.since, body, before, at)
    _check_seats(election, kind)
    persons = _persons(election.officers)
    ballot = _ballot_of(election, body)
    if before is not None:
        _end_term(before, election.since)
    due = election.since + relativedelta(years=kind.years)
    term = BodyTerm.objects.create(
        body=body, since=election.since, due=due, seats=election.seats, ballot=ballot, words=election.words.strip()
    )
    Officer.objects.bulk_create(
        Officer(
            term=term, office=one.office, name=one.name.strip(), person_id=persons.get(one.person), since=term.since
        )
        for one in election.officers
    )
    told = {"since": str(term.since), "due": str(due), "seats": term.seats, "officers": len(election.officers)}
    record(what="body.elected", about=body, by=by, at=at, area=_code(body, at), after=told)
    return term


@transaction.atomic
def fill_vacancy(key: UUID, who: Elected, *, on: date, by: By, at: datetime) -> Officer:
    """Let somebody take a vacant seat during a term.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: there is no term on that day, or no vacant seat
    :raises BadInput: no such office, or it has its holder; no name; nobody has such a number
    """
    body = _kept(key, by, at)
    _only_alive(body)
    term = _last_term(body)
    if term is None or term.until is not None or on < term.since or on > local_day(at):
        raise NotNow(_("There is no term on that day. Record the election first."))
    held = list(term.officers.filter(until=None))
    if len(held) >= term.seats:
        raise NotNow(_("No seat is vacant: somebody must have left first."))
    _check_officers([who], kinds()[body.kind], {one.office for one in held})
    person = _persons([who]).get(who.person)
    officer = Officer.objects.create(term=term, office=who.office, name=who.name.strip(), person_id=person, since=on)
    told = {"office": who.office, "since": str(on)}
    record(what="body.vacancy_filled", about=body, by=by, at=at, area=_code(body, at), after=told)
    return officer


@transaction.atomic
def leave_office(key: UUID, officer: UUID, reason: str, *, on: date, by: By, at: datetime) -> Officer:
    """Let somebody leave an office before the term is over.

    :raises NotFound: there is no such body `by` keeps, or no such office of it
    :raises NotNow: the office has ended
    :raises BadInput: no such reason; a day before it began or ahead
    """
    body = _kept(key, by, at)
    found = Officer.objects.select_for_update().filter(pk=officer, term__body=body).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.until is not None:
        raise NotNow(_("This office has ended already."))
    if reason not in {left.value for left in Left if left is not Left.TERM}:
        raise BadInput(_("Choose why the office ends."))
    if not found.since <= on <= local_day(at):
        raise BadInput(_("The day must lie after the office began, and not ahead."))
    found.until, found.left = on, reason
    found.save(update_fields=["until", "left"])
    told = {"office": found.office, "until": str(on), "left": reason}
    record(what="body.office_left", about=body, by=by, at=at, area=_code(body, at), after=told)
    return found


@transaction.atomic
def hand_over(key: UUID, handover: int, *, on: date, by: By, at: datetime) -> BodyHandover:
    """Note that one thing was handed over; noted already, it stays as it is.

    :raises NotFound: there is no such body `by` keeps, or no such thing on its list
    :raises BadInput: a day before the term ended, or ahead
    """
    body = _kept(key, by, at)
    found = BodyHandover.objects.select_for_update().filter(pk=handover, term__body=body).select_related("term").first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    if found.done_on is not None:
        return found
    if not (found.term.until or found.term.since) <= on <= local_day(at):
        raise BadInput(_("The day must lie after the term ended, and not ahead."))
    found.done_on = on
    found.save(update_fields=["done_on"])
    told = {"handover": found.pk, "done_on": str(on)}
    record(what="body.handed_over", about=body, by=by, at=at, area=_code(body, at), after=told)
    return found


def _kept(key: UUID, by: By, at: datetime) -> Body:
    """Lock a body that somebody keeps; of others not even their existence is told."""
    found = Body.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at)
    return found


def _code(body: Body, at: datetime) -> str:
    return area_of(body.area_id, on=local_day(at)).code


def _only_alive(body: Body) -> None:
    if body.until is not None:
        raise NotNow(_("This body is dissolved."))


def _last_term(body: Body) -> BodyTerm | None:
    return body.terms.order_by("-since").first()


def _end_term(term: BodyTerm, on: date) -> None:
    """End a term and its offices, and write down what is to be handed over."""
    for officer in term.officers.filter(until=None):
        officer.until, officer.left = max(on, officer.since), Left.TERM.value
        officer.save(update_fields=["until", "left"])
    term.until = on
    term.save(update_fields=["until"])
    BodyHandover.objects.bulk_create(BodyHandover(term=term, what=what) for what in HANDED_OVER)


def _check_time(since: date, body: Body, before: BodyTerm | None, at: datetime) -> None:
    if since < body.since:
        raise BadInput(_("The term can't begin before the body was founded."))
    if since > local_day(at) + timedelta(days=AHEAD_DAYS):
        raise BadInput(_("The term begins too far ahead: at most %(n)s days."), n=AHEAD_DAYS)
    if before is not None and since <= before.since:
        raise BadInput(_("The term must begin after the one before it, which began on %(day)s."), day=before.since)


def _check_seats(election: Election, kind: Kind) -> None:
    if not kind.least <= election.seats <= kind.most:
        raise BadInput(_("It has from %(least)s to %(most)s seats."), least=kind.least, most=kind.most)
    if not 0 < len(election.officers) <= election.seats:
        raise BadInput(_("Write down who was elected: at least one, and no more than there are seats."))
    _check_officers(election.officers, kind, set())
    if not election.ballot and not 0 < len(election.words.strip()) <= LONGEST_WORDS:
        raise BadInput(
            _("Say how it was elected: by which vote here, or in at most %(n)s characters."), n=LONGEST_WORDS
        )


def _check_officers(officers: Sequence[Elected], kind: Kind, taken: set[str]) -> None:
    """See that offices are of the kind, that its head is one, and that everybody has a name."""
    head, held = kind.offices[0], set(taken)
    for one in officers:
        if one.office not in kind.offices:
            raise BadInput(_("“%(office)s” is no office here. There are: %(offices)s."),
                           office=one.office[:20], offices="、".join(kind.offices))  # fmt: skip
        if one.office == head and head in held:
            raise BadInput(_("Only one person holds the office “%(office)s”."), office=head)
        if not 0 < len(one.name.strip()) <= LONGEST_MEMBER_NAME:
            raise BadInput(_("Each has a name of at most %(n)s characters."), n=LONGEST_MEMBER_NAME)
        held.add(one.office)


def _persons(officers: Sequence[Elected]) -> dict[str, UUID]:
    wanted = {one.person for one in officers if one.person}
    found = persons_numbered(wanted) if wanted else {}
    if unknown := sorted(wanted - set(found)):
        raise BadInput(_("Nobody here has the number “%(number)s”."), number=unknown[0][:30])
    return found


def _ballot_of(election: Election, body: Body) -> Ballot | None:
    if election.ballot is None:
        return None
    found = Ballot.objects.filter(pk=election.ballot, area=body.area_id, state=BallotState.FINAL.value).first()
    if found is None:
        raise BadInput(_("This vote isn't one of the same area that is final. Say in words how it was elected."))
    return found
