"""Photos of a place, and the plate at its door."""

import secrets
import uuid
from datetime import datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput, NotFound, Refused
from weiduan.ground.base.images import drawn_anew
from weiduan.ground.ledger.actions import record

from .actions import By, locked_facility
from .models import Photo, Plate
from .rules import TOKEN_BYTES, hash_of

MOST_PHOTOS = 12


class Enough(Refused):
    """The place shows as many photos as it may."""


@transaction.atomic
def add_photo(key: UUID, content: bytes, words: str, *, by: By, at: datetime) -> Photo:
    """Show a photo of a place, drawn anew without anything the camera wrote into it.

    :raises NotAllowed: `by` does not keep the venues there
    :raises BadInput: no picture, or no words for those who can't see it
    :raises Enough: it shows twelve already
    """
    facility, code = locked_facility(key, by=by, at=at)
    if not 0 < len(words.strip()) <= 100:
        raise BadInput(_("Say in at most 100 characters what the picture shows, for those who can't see it."))
    if Photo.objects.filter(facility=facility).count() >= MOST_PHOTOS:
        raise Enough(_("A place shows at most %(n)s photos. Take one away first."), n=MOST_PHOTOS)
    picture = drawn_anew(content)
    photo = Photo(facility=facility, words=words.strip(), width=picture.width, height=picture.height, at=at)
    photo.file.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture.content), save=False)
    photo.save()
    record(what="photo.added", about=facility, by=by, at=at, area=code, after={"photo": str(photo.pk)})
    return photo


@transaction.atomic
def drop_photo(key: UUID, photo: UUID, *, by: By, at: datetime) -> None:
    """Take a photo away; the file goes once that is certain.

    :raises NotAllowed: `by` does not keep the venues there
    :raises NotFound: there is no such photo here
    """
    facility, code = locked_facility(key, by=by, at=at)
    found = Photo.objects.filter(pk=photo, facility=facility).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    storage, name = found.file.storage, str(found.file.name)
    found.delete()
    transaction.on_commit(lambda: storage.delete(name))
    record(what="photo.dropped", about=facility, by=by, at=at, area=code, before={"photo": str(photo)})


@transaction.atomic
def make_plate(key: UUID, *, by: By, at: datetime) -> str:
    """Make a plate for the door; return the token of its address, which is kept nowhere.

    Plates made before go on working until they are revoked: a new one can be printed before the old one is taken down.

    :raises NotAllowed: `by` does not keep the venues there
    """
    facility, code = locked_facility(key, by=by, at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    Plate.objects.create(facility=facility, token_hash=hash_of(token), made_at=at)
    record(what="plate.made", about=facility, by=by, at=at, area=code)
    return token


@transaction.atomic
def revoke_plates(key: UUID, *, by: By, at: datetime) -> int:
    """Revoke every plate of a place that works; return how many.

    :raises NotAllowed: `by` does not keep the venues there
    """
    facility, code = locked_facility(key, by=by, at=at)
    revoked = Plate.objects.filter(facility=facility, revoked_at=None).update(revoked_at=at)
    if revoked:
        record(what="plate.revoked", about=facility, by=by, at=at, area=code, after={"plates": revoked})
    return revoked
