"""Make a brand, change it, give it a mark, end it."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.accounts.queries import local_day, require
from weiduan.ground.accounts.rules import Duty
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.images import drawn_anew
from weiduan.ground.ledger.actions import record
from weiduan.ground.territory.queries import area_by_code, area_of

from .models import Brand
from .rules import LONGEST_MARK_WORDS, LONGEST_NAME, LONGEST_WORDS

By = User | str


@dataclass(frozen=True)
class Facts:
    """What a brand is called and stands for."""

    name: str
    words: str


@transaction.atomic
def make_brand(area: str, facts: Facts, *, since: date, by: By, at: datetime) -> Brand:
    """Make a brand of an area.

    :raises NotAllowed, NotFound: `by` doesn't keep the services there
    :raises BadInput: no name or words, too long ones, or another brand of the area has the name
    """
    require(by, Duty.KEEP_SERVICES, in_area=area, at=at)
    where = area_by_code(area, on=local_day(at))
    brand = Brand(area_id=where.area_id, since=since)
    _fill(brand, facts)
    brand.save(force_insert=True)
    record(what="brand.made", about=brand, by=by, at=at, area=area, after={"name": brand.name})
    return brand


@transaction.atomic
def change_brand(key: UUID, facts: Facts, *, by: By, at: datetime) -> Brand:
    """Call a brand otherwise, or say something else of it.

    :raises NotAllowed, NotFound, BadInput: as `make_brand`
    """
    brand, code = _kept(key, by, at)
    before = brand.name
    _fill(brand, facts)
    brand.save(update_fields=["name", "words"])
    record(what="brand.changed", about=brand, by=by, at=at, area=code, before={"name": before}, after={"name": brand.name})  # fmt: skip
    return brand


@transaction.atomic
def give_mark(key: UUID, content: bytes, words: str, *, by: By, at: datetime) -> Brand:
    """Give a brand a mark, drawn anew without anything else that was in the file; the one before goes.

    :raises NotAllowed, NotFound: as `make_brand`
    :raises BadInput: no picture, or no words for those who can't see it
    """
    brand, code = _kept(key, by, at)
    if not 0 < len(words.strip()) <= LONGEST_MARK_WORDS:
        raise BadInput(_("Say in at most 100 characters what the picture shows, for those who can't see it."))
    picture = drawn_anew(content)
    storage, before = brand.mark.storage, str(brand.mark.name or "")
    brand.mark_words = words.strip()
    brand.mark.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture.content), save=False)
    brand.save(update_fields=["mark", "mark_words"])
    if before:
        transaction.on_commit(lambda: storage.delete(before))
    record(what="brand.marked", about=brand, by=by, at=at, area=code)
    return brand


@transaction.atomic
def end_brand(key: UUID, until: date, *, by: By, at: datetime) -> Brand:
    """End a brand from a day on; what belonged to it stays as it is.

    :raises NotAllowed, NotFound: as `make_brand`
    :raises BadInput: the day isn't after the one it began on
    """
    brand, code = _kept(key, by, at)
    if until <= brand.since:
        raise BadInput(_("Choose a day after it began."))
    brand.until = until
    brand.save(update_fields=["until"])
    record(what="brand.ended", about=brand, by=by, at=at, area=code, after={"until": str(until)})
    return brand


def _fill(brand: Brand, facts: Facts) -> None:
    name, words = facts.name.strip(), facts.words.strip()
    if not 0 < len(name) <= LONGEST_NAME or not 0 < len(words) <= LONGEST_WORDS:
        raise BadInput(_("A brand needs a name of at most 30 characters, and words on what it stands for."))
    others = Brand.objects.filter(area=brand.area_id, name=name).exclude(pk=brand.pk)
    if others.exists():
        raise BadInput(_("There is a brand of this name already."))
    brand.name, brand.words = name, words


def _kept(key: UUID, by: By, at: datetime) -> tuple[Brand, str]:
    brand = Brand.objects.select_for_update().filter(pk=key).first()
    if brand is None:
        raise NotFound(_("There is nothing here that you may see."))
    code = area_of(brand.area_id, on=local_day(at)).code
    require(by, Duty.KEEP_SERVICES, in_area=code, at=at)
    return brand, code
