"""The ground, organisations, members, posts and rooms of an area as survey rows: the export, and what a check compares with."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import areas_of, may
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.batches import rows_where
from weiduan.ground.base.errors import NotFound
from weiduan.ground.territory.models import AreaVersion
from weiduan.ground.territory.queries import alive, ancestors_of, areas_below, below
from weiduan.ground.territory.rules import Level, prefix_of
from weiduan.systems.organisation.appointments.models import Post
from weiduan.systems.organisation.coverage.models import Coverage
from weiduan.systems.organisation.members.models import Membership
from weiduan.systems.organisation.members.queries import open_field
from weiduan.systems.organisation.organisations.models import Organisation, Term
from weiduan.systems.organisation.organisations.queries import organisations_in
from weiduan.systems.venues.premises.models import Premises
from weiduan.systems.venues.premises.queries import premises_in

from .checks.survey import Known
from .models import SurveyRun
from .reader import Workbook

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def rows_of(area: str, *, on: date) -> Rows:
    """Return all survey rows of an area on a day, personal fields in the clear.

    The caller has checked that whoever receives them may see them.
    """
    codes = dict(areas_below(area, on=on).values_list("area_id", "code"))
    return {
        "grids": _grids(area, on),
        "units": _units(area, on),
        "organisations": _organisations(area, codes, on),
        "members": _members(area, codes, on),
        "posts": _posts(area, codes, on),
        "premises": _premises(area, codes, on),
    }


def _grids(area: str, on: date) -> list[Row]:
    rows = areas_below(area, on=on).filter(level=Level.GRID).order_by("code")
    return [dict(row) for row in rows.values("code", "name", "kind")]


def _units(area: str, on: date) -> list[Row]:
    fields = ("code", "name", "kind", "households", "population", "management", "address", "lon", "lat")
    rows = areas_below(area, on=on).filter(level__gte=Level.UNIT).order_by("code").values(*fields)
    return [row | {"management": row["management"] or None, "address": row["address"] or None} for row in rows]


def _organisations(area: str, codes: dict[int, str], on: date) -> list[Row]:
    here = organisations_in(area, on=on)
    terms = {
        key: (since, due)
        for key, since, due in Term.objects.filter(organisation__in=here.order_by().values("id"), since__lte=on)
        .order_by("since")
        .values_list("organisation_id", "since", "due_on")
    }
    stands: dict[int, list[str]] = defaultdict(list)
    cover = Coverage.objects.filter(alive(on), organisation__in=here.order_by().values("id"))
    for key, place in cover.values_list("organisation_id", "area_id"):
        if place in codes:
            stands[key].append(codes[place])
    fields = ("id", "number", "name", "kind", "parent__number", "area_id", "founded_on")
    return [
        {
            "number": number, "name": name, "kind": kind, "parent": parent, "area": codes[seat],
            "covers": "、".join(sorted(stands[key])) or None, "founded_on": founded,
            "term_since": terms.get(key, (None, None))[0], "term_due": terms.get(key, (None, None))[1],
        }
        for key, number, name, kind, parent, seat, founded in here.values_list(*fields)
    ]  # fmt: skip


def _members(area: str, codes: dict[int, str], on: date) -> list[Row]:
    fields = ("person_id", "person__number", "person__name", "person__contact", "organisation__number", "home_id",
              "joined_on", "full_on", "state")  # fmt: skip
    here = organisations_in(area, on=on).order_by().values("id")
    rows = Membership.objects.filter(alive(on), organisation__in=here).order_by("person__number")
    homes = codes | _codes_elsewhere(rows, codes, on)
    return [
        {
            "number": number, "name": open_field(person, "name", name),
            "contact": open_field(person, "contact", contact) or None, "organisation": organisation,
            "home": homes.get(home), "joined_on": joined, "full_on": full, "state": state,
        }
        for person, number, name, contact, organisation, home, joined, full, state in rows.values_list(*fields)
    ]  # fmt: skip


def _codes_elsewhere(rows, codes: dict[int, str], on: date) -> dict[int, str]:
    """Code the homes that lie outside the area."""
    homes = set(rows.order_by().values_list("home_id", flat=True).distinct()) - set(codes) - {None}
    return dict(AreaVersion.objects.filter(alive(on), area__in=homes).values_list("area_id", "code"))


def _posts(area: str, codes: dict[int, str], on: date) -> list[Row]:
    """Posts in organisations and places of the area; members' names are in their own sheet."""
    here = organisations_in(area, on=on).order_by().values("id")
    places = areas_below(area, on=on).values("area_id")
    members = set(Membership.objects.filter(alive(on), organisation__in=here).values_list("person_id", flat=True))
    fields = ("person_id", "person__number", "person__name", "person__contact", "role", "organisation__number", "area_id",
              "since", "due_on")  # fmt: skip
    rows = Post.objects.filter(alive(on), Q(organisation__in=here) | Q(area__in=places))
    return [
        {
            "person": number, "name": None if person in members else open_field(person, "name", name),
            "contact": None if person in members else open_field(person, "contact", contact) or None,
            "role": role, "organisation": organisation, "area": codes.get(place), "since": since, "due": due,
        }
        for person, number, name, contact, role, organisation, place, since, due in rows.order_by(
            "person__number", "role", "id"
        ).values_list(*fields)
    ]  # fmt: skip


def _premises(area: str, codes: dict[int, str], on: date) -> list[Row]:
    fields = ("number", "name", "origin", "area_id", "address", "area_m2", "lon", "lat", "consent")
    return [
        {
            "number": number, "name": name, "origin": origin, "area": codes[place], "address": address or None,
            "area_m2": area_m2, "lon": lon, "lat": lat, "consent": consent,
        }
        for number, name, origin, place, address, area_m2, lon, lat, consent in premises_in(area, on=on).values_list(*fields)
    ]  # fmt: skip


def divisions_known(area: str, *, on: date) -> dict[str, str]:
    """Return code → name of the divisions in an area and those above it."""
    inside = areas_below(area, on=on).filter(level__lte=Level.VILLAGE)
    above = AreaVersion.objects.filter(alive(on), code__in=ancestors_of(area))
    return dict(inside.values_list("code", "name")) | dict(above.values_list("code", "name"))


def named_in(workbook: Workbook) -> dict[str, set[str]]:
    """Return the codes and numbers a workbook names, by what they name: "organisation", "person", "area", "room"."""
    named: dict[str, set[str]] = defaultdict(set)
    for key, data in workbook.sheets.items():
        for place, column in enumerate(data.sheet.columns):
            kind = _NAMES.get((key, column.key)) or _NAMES.get(("", column.key))
            if kind:
                cells = {unicodedata.normalize("NFKC", str(row[place])) for row in data.rows if row[place]}
                named[kind] |= {code for cell in cells for code in _PARTED.split(cell) if code}
    return named


_PARTED = re.compile(r"[\s、,;]+")

# (sheet or "" for every sheet, column) → what its cells name
_NAMES = {
    ("organisations", "number"): "organisation", ("organisations", "parent"): "organisation",
    ("", "organisation"): "organisation", ("members", "number"): "person", ("", "person"): "person",
    ("premises", "number"): "room", ("", "area"): "area", ("", "home"): "area", ("", "covers"): "area",
    ("grids", "code"): "area", ("units", "code"): "area",
}  # fmt: skip


def known_of(area: str, named: dict[str, set[str]], *, on: date) -> Known:
    """Return what a check must know: the area itself, and of elsewhere what the survey names."""
    return Known(
        divisions=divisions_known(area, on=on),
        existing=rows_of(area, on=on),
        organisations_elsewhere=_organisations_elsewhere(area, named.get("organisation", set()), on),
        persons_elsewhere=members_elsewhere(area, named.get("person", set()), on),
        areas_elsewhere=set(codes_elsewhere(area, named.get("area", set()), on=on)),
        premises_elsewhere=_premises_elsewhere(area, named.get("room", set()), on),
    )


def _organisations_elsewhere(area: str, numbers: set[str], on: date) -> dict[str, str]:
    """Those dissolved count too: a number is given once for ever."""
    here = set(organisations_in(area, on=on).values_list("number", flat=True))
    rows = Organisation.objects.values_list("number", "kind").iterator()
    return {number: kind for number, kind in rows if number in numbers and number not in here}


def members_elsewhere(area: str, numbers: set[str], on: date) -> dict[str, str]:
    """Return person number → organisation number of members outside the area, among `numbers`."""
    here = organisations_in(area, on=on).order_by().values("id")
    members = Membership.objects.filter(alive(on)).exclude(organisation__in=here)
    rows = members.values_list("person__number", "organisation__number").iterator()
    return {person: organisation for person, organisation in rows if person in numbers}


def codes_elsewhere(area: str, codes: Iterable[str], *, on: date) -> dict[str, int]:
    """Return code → area key of grids, units and buildings outside the area, among `codes`."""
    prefix = prefix_of(area)
    wanted = {code for code in codes if not code.startswith(prefix)}
    found = rows_where(AreaVersion.objects.filter(alive(on)).defer("shape"), "code", wanted)
    return {version.code: version.area_id for version in found}


def _premises_elsewhere(area: str, numbers: set[str], on: date) -> set[str]:
    here = set(premises_in(area, on=on).values_list("number", flat=True))
    return {n for n in Premises.objects.values_list("number", flat=True).iterator() if n in numbers and n not in here}


def newest_day_in(area: str) -> date | None:
    """Return the last day on which anything of the ground of an area began."""
    newest = AreaVersion.objects.filter(below(area), level__gt=Level.VILLAGE).order_by("-since")
    return newest.values_list("since", flat=True).first()


def codes_below(area: str, *, on: date) -> set[str]:
    """Return the codes of an area and of everything below it."""
    return set(areas_below(area, on=on).values_list("code", flat=True))


def run_seen_by(key: UUID, viewer: User, *, at: datetime) -> SurveyRun:
    """Return a survey run of an area in which `viewer` may survey.

    :raises NotFound: there is none, or not for this viewer
    """
    run = SurveyRun.objects.filter(pk=key).first()
    if run is None or not may(viewer, Duty.SURVEY, in_area=run.area, at=at):
        raise NotFound(_("There is no such survey here."))
    return run


def runs_seen_by(viewer: User, *, at: datetime) -> list[SurveyRun]:
    """Return the last fifty survey runs of the areas in which `viewer` may survey."""
    areas = areas_of(viewer, Duty.SURVEY, at=at)
    here = Q(pk__in=[])
    for area in areas:
        here |= Q(area__startswith=prefix_of(area) if area else "")
    return list(SurveyRun.objects.filter(here).select_related("by").order_by("-started_at")[:50])


def open_runs_of(viewer: User) -> list[SurveyRun]:
    """Return the runs `viewer` sent in that still ask for something."""
    waiting = ("waiting", "checking", "faulty", "ready", "loading", "refused")
    return list(SurveyRun.objects.filter(by=viewer, state__in=waiting).order_by("-started_at")[:10])
