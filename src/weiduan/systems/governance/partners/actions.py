"""Keep partners, what they offer and what is needed; bring both together, never beyond what an offer can bear."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty, covers
from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of, areas_below
from weiduan.systems.governance.deliberation.models import Topic
from weiduan.systems.governance.reports.models import Report
from weiduan.systems.governance.reports.queries import reports_in_care_of

from .models import Agreement, Need, Offer, Partner
from .queries import OPEN, agreed_spans, span_of
from .rules import (
    LONGEST_NAME,
    LONGEST_POST,
    LONGEST_TELEPHONE,
    LONGEST_WHAT,
    LONGEST_WORDS,
    MOST_CAPACITY,
    PartnerKind,
    Sort,
    Span,
    State,
    may_become,
    most_at_once,
)

By = User | str


class NotNow(Refused):
    """The offer, need or agreement is in a state that doesn't allow this."""


class UsedUp(NotNow):
    """The offer can bear no more at that time."""


@dataclass(frozen=True)
class Facts:
    """Who a partner is: reached through a post and the telephone of an office, never a person."""

    kind: str
    name: str
    post: str
    telephone: str
    since: date


@transaction.atomic
def keep_partner(area: str, facts: Facts, *, by: By, at: datetime) -> Partner:
    """Write a partner down that is at home in an area.

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: something can't be
    :raises NotNow: there is one of this name
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    _check_facts(facts)
    where = area_by_code(area, on=local_day(at))
    partner, is_new = Partner.objects.get_or_create(
        area_id=where.area_id, name=facts.name.strip(), defaults=_told(facts) | {"since": facts.since}
    )
    if not is_new:
        raise NotNow(_("There is a partner of this name here. Change that one."))
    _record("partner.kept", partner, by, at, area, {"kind": facts.kind})
    return partner


@transaction.atomic
def change_partner(key: UUID, facts: Facts, *, by: By, at: datetime) -> Partner:
    """Change what is written down about a partner; since when it has been one stays.

    :raises NotFound: there is none `by` keeps
    :raises BadInput: something can't be
    :raises NotNow: there is another of this name
    """
    partner = _kept_partner(key, by, at)
    _check_facts(facts)
    if Partner.objects.filter(area=partner.area_id, name=facts.name.strip()).exclude(pk=key).exists():
        raise NotNow(_("There is a partner of this name here. Change that one."))
    for name, value in _told(facts).items():
        setattr(partner, name, value)
    partner.name = facts.name.strip()
    partner.save(update_fields=["kind", "name", "post", "telephone"])
    _record("partner.changed", partner, by, at, _code(partner, at), {"kind": facts.kind})
    return partner


@transaction.atomic
def end_partner(key: UUID, *, on: date, by: By, at: datetime) -> Partner:
    """End a partner from a day on: its offers end with it, what was only proposed is called off.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it has ended, or something agreed on goes on beyond that day
    :raises BadInput: a day before it began
    """
    partner = _kept_partner(key, by, at)
    if partner.until is not None:
        raise NotNow(_("This partner has ended already."))
    if on <= partner.since:
        raise BadInput(_("Choose a day after it began."))
    for offer in partner.offers.select_for_update().order_by("pk"):
        _end_offer(offer, on, by, at)
    partner.until = on
    partner.save(update_fields=["until"])
    _record("partner.ended", partner, by, at, _code(partner, at), {"until": str(on)})
    return partner


@dataclass(frozen=True)
class Offering:
    """What a partner gives: for which area and all below it, from when until when, and how many agreements it can bear at a time."""

    sort: str
    what: str
    area: str
    since: date
    until: date | None = None
    capacity: int = 1


@transaction.atomic
def offer(partner: UUID, offering: Offering, *, by: By, at: datetime) -> Offer:
    """Write down what a partner offers.

    :raises NotFound: there is no partner `by` keeps, or no such area
    :raises NotNow: the partner has ended
    :raises BadInput: something can't be
    """
    found = _kept_partner(partner, by, at)
    _check_what(offering.sort, offering.what, offering.since, offering.until)
    if not 1 <= offering.capacity <= MOST_CAPACITY:
        raise BadInput(_("An offer bears between 1 and %(n)s agreements at a time."), n=MOST_CAPACITY)
    if found.until is not None and found.until <= local_day(at):
        raise NotNow(_("This partner has ended already."))
    where = area_by_code(offering.area, on=local_day(at))
    made = Offer.objects.create(
        partner=found, sort=offering.sort, what=offering.what.strip(), area_id=where.area_id, since=offering.since,
        until=offering.until, capacity=offering.capacity,
    )  # fmt: skip
    told = {"sort": offering.sort, "capacity": offering.capacity, "for": offering.area}
    _record("offer.made", made, by, at, _code(found, at), told)
    return made


@transaction.atomic
def withdraw_offer(key: UUID, *, on: date, by: By, at: datetime) -> Offer:
    """End an offer from a day on; what was only proposed with it is called off.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it has ended, or something agreed on goes on beyond that day
    """
    found = Offer.objects.select_for_update(of=("self",)).select_related("partner").filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found.partner, at), at=at)
    if found.until is not None and found.until <= on:
        raise NotNow(_("This offer has ended by then."))
    _end_offer(found, on, by, at)
    return found


@dataclass(frozen=True)
class Needing:
    """What an area needs, from when until when; where that comes from: a topic, or the number of a report."""

    sort: str
    what: str
    since: date
    until: date | None = None
    topic: UUID | None = None
    report: str = ""


@transaction.atomic
def say_need(area: str, needing: Needing, *, by: By, at: datetime) -> Need:
    """Write down what an area needs.

    :raises NotAllowed: `by` doesn't keep what governs itself there
    :raises BadInput: something can't be; a topic of elsewhere, a report of elsewhere or one `by` doesn't have in hand
    """
    require(by, Duty.KEEP_GOVERNANCE, in_area=area, at=at)
    _check_what(needing.sort, needing.what, needing.since, needing.until)
    where = area_by_code(area, on=local_day(at))
    made = Need.objects.create(
        area_id=where.area_id, sort=needing.sort, what=needing.what.strip(), since=needing.since, until=needing.until,
        topic=_topic(needing.topic, area, at), report=_report(needing.report, area, by, at),
    )  # fmt: skip
    _record("need.said", made, by, at, area, {"sort": needing.sort})
    return made


@transaction.atomic
def propose(need: UUID, offer: UUID, *, since: date | None = None, by: By, at: datetime) -> Agreement:
    """Propose that an offer meets a need, for the days both hold; proposed already, it stays there once.

    since  from when; None: from the first day both hold, today at the earliest

    :raises NotFound: there is no such need `by` keeps, or no such offer
    :raises NotNow: the need is met, or both never hold at once
    :raises BadInput: the offer is of another sort, or for other areas
    """
    asked = _kept_need(need, by, at)
    given = Offer.objects.select_for_update(of=("self",)).select_related("partner").filter(pk=offer).first()
    if given is None:
        raise NotFound(_("There is nothing here that you may see."))
    if before := Agreement.objects.filter(need=asked, offer=given, state__in=OPEN).first():
        return before
    if asked.met_on is not None:
        raise NotNow(_("This need is met already."))
    code = _code(asked, at)
    if given.sort != asked.sort or not covers(_code(given, at), code):
        raise BadInput(_("This offer is of another sort, or for other areas."))
    span = _span(asked, given, max(since or local_day(at), local_day(at)))
    made = Agreement.objects.create(offer=given, need=asked, since=span.since, until=span.until, at=at)
    _record("agreement.proposed", made, by, at, code, {"since": str(span.since)})
    return made


@transaction.atomic
def agree(key: int, *, by: By, at: datetime) -> Agreement:
    """Write down that the partner and the area agreed; an offer never bears more at a time than it can.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't only proposed, or the need is met
    :raises UsedUp: the offer bears no more at that time
    """
    found = _kept_agreement(key, by, at)
    _only(found, State.AGREED)
    if found.need.met_on is not None:
        raise NotNow(_("This need is met already."))
    if most_at_once(agreed_spans([found.offer])[found.offer_id], span_of(found)) >= found.offer.capacity:
        raise UsedUp(_("This offer is used up at that time. Choose another, or wait until one agreement is done."))
    return _moved(found, State.AGREED, by, at)


@transaction.atomic
def call_off(key: int, *, by: By, at: datetime) -> Agreement:
    """Call off what was proposed or agreed.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it is done or called off
    """
    found = _kept_agreement(key, by, at)
    _only(found, State.CALLED_OFF)
    return _moved(found, State.CALLED_OFF, by, at)


@transaction.atomic
def done(key: int, outcome: str, *, by: By, at: datetime) -> Agreement:
    """Write down what came of an agreement: the need is met.

    :raises NotFound: there is none `by` keeps
    :raises NotNow: it isn't agreed on, or hasn't begun
    :raises BadInput: nothing came of it, or too many words
    """
    found = _kept_agreement(key, by, at)
    _only(found, State.DONE)
    if not 0 < len(outcome.strip()) <= LONGEST_WORDS:
        raise BadInput(_("Say what came of it in at most %(n)s characters."), n=LONGEST_WORDS)
    if found.since > local_day(at):
        raise NotNow(_("It hasn't begun yet."))
    found.outcome = outcome.strip()
    if found.need.met_on is None:
        found.need.met_on = local_day(at)
        found.need.save(update_fields=["met_on"])
    return _moved(found, State.DONE, by, at)


@transaction.atomic
def meet_needs(keys: Iterable[UUID], *, on: date, by: By, at: datetime) -> int:
    """Write down that needs are met, for an action that has met them otherwise than by an agreement; return how many."""
    found = list(Need.objects.select_for_update().filter(pk__in=list(keys), met_on=None).order_by("pk"))
    for need in found:
        need.met_on = on
        need.save(update_fields=["met_on"])
        _record("need.met", need, by, at, _code(need, at), {"met_on": str(on)})
    return len(found)


def _span(asked: Need, given: Offer, since: date) -> Span:
    """Return the days an offer and a need share from a day on."""
    span = Span(since)
    for other in (span_of(asked), span_of(given), span_of(given.partner)):
        if not span.meets(other):
            raise NotNow(_("The offer and the need never hold at the same time from that day on."))
        span = span.shared(other)
    return span


def _end_offer(found: Offer, on: date, by: By, at: datetime) -> None:
    until = max(on, found.since + timedelta(days=1))
    if found.until is not None and found.until <= until:
        return
    running = [one for one in agreed_spans([found])[found.pk] if one.until is None or one.until > until]
    if running:
        raise NotNow(
            _("%(n)s agreements go on beyond that day: bring them to an end or call them off first."), n=len(running)
        )
    for one in found.agreements.filter(state=State.PROPOSED.value):
        _moved(one, State.CALLED_OFF, by, at)
    found.until = until
    found.save(update_fields=["until"])
    _record("offer.withdrawn", found, by, at, _code(found.partner, at), {"until": str(until)})


def _only(found: Agreement, after: State) -> None:
    if not may_become(State(found.state), after):
        raise NotNow(_("This agreement is in a state that doesn't allow this. Look at it again."))


def _moved(found: Agreement, state: State, by: By, at: datetime) -> Agreement:
    found.state = state.value
    found.save(update_fields=["state", "outcome"])
    _record(f"agreement.{state.value}", found, by, at, _code(found.need, at), {"state": state.value})
    return found


def _kept_partner(key: UUID, by: By, at: datetime) -> Partner:
    found = Partner.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at)
    return found


def _kept_need(key: UUID, by: By, at: datetime) -> Need:
    found = Need.objects.select_for_update().filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    require(by, Duty.KEEP_GOVERNANCE, in_area=_code(found, at), at=at)
    return found


def _kept_agreement(key: int, by: By, at: datetime) -> Agreement:
    """Lock need, offer and agreement, in this order: how much an offer bears is counted by one at a time."""
    known = Agreement.objects.filter(pk=key).first()
    if known is None:
        raise NotFound(_("There is nothing here that you may see."))
    need = _kept_need(known.need_id, by, at)
    offer = Offer.objects.select_for_update().get(pk=known.offer_id)
    found = Agreement.objects.select_for_update().get(pk=key)
    found.need, found.offer = need, offer
    return found


def _code(row: Partner | Offer | Need, at: datetime) -> str:
    return area_of(row.area_id, on=local_day(at)).code


def _topic(key: UUID | None, area: str, at: datetime) -> Topic | None:
    if key is None:
        return None
    here = areas_below(area, on=local_day(at)).values("area_id")
    found = Topic.objects.filter(pk=key, area__in=here).first()
    if found is None:
        raise BadInput(_("Choose a topic of this area."))
    return found


def _report(number: str, area: str, by: By, at: datetime) -> Report | None:
    if not number:
        return None
    mine = Report.objects.all() if isinstance(by, str) else reports_in_care_of(by, at=at)
    here = areas_below(area, on=local_day(at)).values("area_id")
    found = mine.filter(number=number, area__in=here).first()
    if found is None:
        raise BadInput(_("%(number)s isn't a report of this area that you have in hand."), number=number)
    return found


def _told(facts: Facts) -> dict[str, Any]:
    return {"kind": facts.kind, "post": facts.post.strip(), "telephone": facts.telephone.strip()}


def _check_facts(facts: Facts) -> None:
    if facts.kind not in {one.value for one in PartnerKind}:
        raise BadInput(_("Choose what sort of partner it is."))
    if not 0 < len(facts.name.strip()) <= LONGEST_NAME:
        raise BadInput(_("Give it a name of at most %(n)s characters."), n=LONGEST_NAME)
    if not 0 < len(facts.post.strip()) <= LONGEST_POST:
        raise BadInput(_("Say which post to turn to, in at most %(n)s characters; no person."), n=LONGEST_POST)
    if len(facts.telephone.strip()) > LONGEST_TELEPHONE:
        raise BadInput(_("Write at most %(n)s characters."), n=LONGEST_TELEPHONE)


def _check_what(sort: str, what: str, since: date, until: date | None) -> None:
    if sort not in {one.value for one in Sort}:
        raise BadInput(_("Choose what sort of thing it is."))
    if not 0 < len(what.strip()) <= LONGEST_WHAT:
        raise BadInput(_("Say what it is in at most %(n)s characters."), n=LONGEST_WHAT)
    if until is not None and until <= since:
        raise BadInput(_("It ends after it begins."))


def _record(what: str, about: Any, by: By, at: datetime, area: str, told: dict[str, Any]) -> None:
    """Write down what was done, never the words."""
    record(what=what, about=about, by=by, at=at, area=area, after=told)
