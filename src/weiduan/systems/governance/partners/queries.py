"""Partners, offers and needs as they stand on a day, and which offers fit a need."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, local_day
from weiduan.ground.accounts.rules import Duty, covers, prefix_of
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.queries import ancestors_of, area_ids, area_of, areas_below, names_by_area, within

from .models import Agreement, Need, Offer, Partner
from .rules import Span, State, most_at_once

OPEN = (State.PROPOSED.value, State.AGREED.value)


def _holds(on: date) -> Q:
    return (Q(until=None) | Q(until__gt=on)) & Q(since__lte=on)


def _lasts(on: date) -> Q:
    return Q(until=None) | Q(until__gt=on)


def partners_kept_by(viewer: User, *, at: datetime) -> QuerySet[Partner]:
    """Return the partners at home where somebody keeps what governs itself, those that ended among them."""
    own = areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at)
    return Partner.objects.filter(within(own, on=local_day(at))).order_by("name", "pk")


def kept_partner(viewer: User, key: UUID, *, at: datetime) -> Partner:
    """Return a partner somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = partners_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def needs_kept_by(viewer: User, *, at: datetime) -> QuerySet[Need]:
    """Return the needs where somebody keeps what governs itself: those not met first, then the newest."""
    own = areas_of(viewer, Duty.KEEP_GOVERNANCE, at=at)
    rows = Need.objects.filter(within(own, on=local_day(at))).select_related("topic", "report")
    return rows.order_by(F("met_on").asc(nulls_first=True), "-since", "pk")


def kept_need(viewer: User, key: UUID, *, at: datetime) -> Need:
    """Return a need somebody keeps.

    :raises NotFound: there is none, or others keep it; which isn't told
    """
    found = needs_kept_by(viewer, at=at).filter(pk=key).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    return found


def partners_for(code: str, *, on: date) -> list[Partner]:
    """Return the partners of an area on a day: at home in it or below it, or with an offer that reaches it."""
    at_home = Q(area__in=areas_below(code, on=on).values("area_id"))
    reaching = Q(pk__in=offers_for(code, on=on).values("partner"))
    return list(Partner.objects.filter(_holds(on)).filter(at_home | reaching).order_by("name", "pk"))


def offers_for(code: str, *, on: date) -> QuerySet[Offer]:
    """Return the offers that reach an area on a day: those for it, for an area above it, or for one below it."""
    above = area_ids(ancestors_of(code), on=on).values()
    here = Q(area__in=list(above)) | Q(area__in=areas_below(code, on=on).values("area_id"))
    partners = Partner.objects.filter(_holds(on)).values("pk")
    return Offer.objects.filter(_lasts(on), here, partner__in=partners).order_by("since", "pk")


def open_needs_in(code: str, *, on: date) -> QuerySet[Need]:
    """Return the needs of an area and those below it that nobody has met, the newest first."""
    return Need.objects.filter(within([code], on=on), _lasts(on), met_on=None).order_by("-since", "pk")


@dataclass(frozen=True)
class Match:
    """An offer that fits a need: for which days, how much of it is left then, and for which area it is given.

    depth  digits of the area it is given for that stand for something: the more, the nearer
    area   the name of that area
    """

    offer: Offer
    span: Span
    left: int
    depth: int
    area: str
    is_own_area: bool


def span_of(row: Partner | Offer | Need | Agreement) -> Span:
    """Return from when until when something holds."""
    return Span(row.since, row.until)


def matches(need: Need, *, on: date) -> list[Match]:
    """Return the offers that fit a need from a day on, those for the nearest area first.

    They are of the same sort, for an area the need lies in, hold at the same time, and aren't used up. An offer that was proposed
    for it or agreed on already is none.
    """
    asked = Span(max(need.since, on), need.until)
    if need.met_on is not None or (asked.until is not None and asked.until <= asked.since):
        return []
    code = area_of(need.area_id, on=on).code
    there = area_ids(ancestors_of(code), on=on)
    rows = Offer.objects.filter(_lasts(on), area__in=list(there.values()), sort=need.sort).select_related("partner")
    taken = set(Agreement.objects.filter(need=need, state__in=OPEN).values_list("offer", flat=True))
    offers = [row for row in rows if row.pk not in taken and _fits(row, asked)]
    used = agreed_spans(offers)
    names, codes = names_by_area(there.values(), on=on), {area: code_ for code_, area in there.items()}
    found = []
    for offer in offers:
        span = span_of(offer).shared(asked).shared(span_of(offer.partner))
        left = offer.capacity - most_at_once(used[offer.pk], span)
        if left > 0 and covers(codes[offer.area_id], code):
            depth = len(prefix_of(codes[offer.area_id]))
            is_own = offer.area_id == need.area_id
            found.append(Match(offer, span, left, depth, names[offer.area_id].name, is_own))
    return sorted(found, key=lambda one: (-one.depth, one.offer.partner.name, str(one.offer.pk)))


def _fits(offer: Offer, asked: Span) -> bool:
    mine, partner = span_of(offer), span_of(offer.partner)
    return mine.meets(asked) and partner.meets(asked) and mine.meets(partner) and mine.shared(asked).meets(partner)


def agreed_spans(offers: Iterable[Offer]) -> dict[UUID, list[Span]]:
    """Return offer → the spans of time in which somebody has it."""
    spans: dict[UUID, list[Span]] = defaultdict(list)
    for row in Agreement.objects.filter(offer__in=list(offers), state=State.AGREED.value):
        spans[row.offer_id].append(span_of(row))
    return spans


@dataclass(frozen=True)
class Counts:
    """How many partners, offers and needs there are on a day, and what became of agreements."""

    partners: int
    offers: int
    needs_open: int
    needs_met: int
    agreed: int
    done: int


def counts_in(code: str, *, on: date) -> Counts:
    """Return the counts of an area and those below it."""
    here = within([code], on=on)
    states = Agreement.objects.filter(need__in=Need.objects.filter(here).values("pk")).values_list("state")
    counted = dict(states.annotate(n=Count("pk")))
    return Counts(
        partners=Partner.objects.filter(here, _holds(on)).count(), offers=Offer.objects.filter(here, _lasts(on)).count(),
        needs_open=open_needs_in(code, on=on).count(), needs_met=Need.objects.filter(here, met_on__isnull=False).count(),
        agreed=counted.get(State.AGREED.value, 0), done=counted.get(State.DONE.value, 0),
    )  # fmt: skip


def agreements_of(need: Need) -> list[Agreement]:
    """Return what was proposed and agreed for a need, the newest first."""
    return list(need.agreements.select_related("offer__partner").order_by("-at", "-pk"))


def agreements_with(partner: Partner) -> list[Agreement]:
    """Return what was proposed and agreed with a partner, the newest first."""
    rows = Agreement.objects.filter(offer__partner=partner).select_related("offer", "need")
    return list(rows.order_by("-at", "-pk"))
