"""What organisations stand on as two days see it, what has ended or moved too: where they and the ground come apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from weiduan.ground.base.batches import among
from weiduan.ground.territory.queries import alive, below
from weiduan.systems.organisation.organisations.models import Organisation
from weiduan.systems.organisation.organisations.queries import existing

from .models import Coverage


@dataclass(slots=True)
class Cover:
    """One area an organisation stands on; code and name are the last ones where it has ended.

    before  its code on the earlier day, "" where it wasn't there; moved  the day it came to its code
    """

    organisation: int
    number: str
    name: str
    kind: str
    parent: int | None
    area: int
    code: str
    area_name: str
    moved: date
    ended: date | None
    before: str = ""


def covers_in(code: str, *, since: date, on: date) -> list[Cover]:
    """Return all that is covered on a day by the organisations standing in an area, and by those right above them.

    What they cover elsewhere, and what has ended, is among it. In order of number and area; one query.
    """
    here = Coverage.objects.filter(alive(on), below(code, "area__versions__")).values("organisation_id")
    near = Organisation.objects.filter(existing(on), Q(pk__in=here) | Q(children__in=here))
    rows = Coverage.objects.filter(alive(on), organisation__in=near.values("pk"), area__versions__since__lte=on)
    covers: dict[tuple[int, int], Cover] = {}
    for key, number, name, kind, parent, area, own, called, begins, until in rows.order_by(
        "organisation__number", "area_id", "area__versions__since"
    ).values_list(
        "organisation_id", "organisation__number", "organisation__name", "organisation__kind", "organisation__parent_id",
        "area_id", "area__versions__code", "area__versions__name", "area__versions__since", "area__versions__until",
    ):  # fmt: skip
        ended = until if until is not None and until <= on else None
        cover = covers.setdefault((key, area), Cover(key, number, name, kind, parent, area, own, called, begins, ended))
        if cover.code != own:
            cover.moved = begins
        cover.code, cover.area_name, cover.ended = own, called, ended
        if begins <= since and (until is None or until > since):
            cover.before = own
    return list(covers.values())


@dataclass(frozen=True, slots=True)
class Left:
    """An organisation that stood on an area until a day, and when it was dissolved, if it was."""

    area: int
    organisation: int
    number: str
    name: str
    dissolved_on: date | None
    on: date


def left_lately(areas: Iterable[int], *, since: date, on: date) -> list[Left]:
    """Return who left these areas after a day, the last first."""
    rows = Coverage.objects.filter(area__in=among(areas), until__gt=since, until__lte=on)
    told = rows.order_by("-until", "organisation__number").values_list(
        "area_id",
        "organisation_id",
        "organisation__number",
        "organisation__name",
        "organisation__dissolved_on",
        "until",
    )
    return [Left(area, key, number, name, gone, until) for area, key, number, name, gone, until in told if until]
