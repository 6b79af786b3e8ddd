"""Pictures of a report, drawn anew and sealed as its words are."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.casekeys import Key, open_file_for, seal_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.images import Picture, drawn_anew

from .models import Report, ReportPhoto
from .rules import MOST_PHOTOS


def drawn(contents: Sequence[bytes]) -> list[Picture]:
    """Draw pictures anew, before anything is locked.

    :raises BadInput: too many, or one that is none
    """
    if len(contents) > MOST_PHOTOS:
        raise BadInput(_("At most %(n)s photos can be added."), n=MOST_PHOTOS)
    return [drawn_anew(content) for content in contents]


def keep_photos(
    report: Report, pictures: Iterable[Picture], at: datetime, *, is_result: bool = False
) -> list[ReportPhoto]:  # fmt: skip
    """Keep pictures with a report; `is_result`: what it looks like once it was handled."""
    kept = []
    for picture in pictures:
        photo = ReportPhoto(report=report, is_result=is_result, at=at)
        sealed = ContentFile(seal_for(report.pk, picture.content, Key.WORDS))
        photo.file.save(f"{uuid.uuid4().hex}.sealed", sealed, save=False)
        photo.save(force_insert=True)
        kept.append(photo)
    return kept


def picture_in(photo: ReportPhoto) -> bytes:
    """Return a picture, as JPEG.

    :raises NotFound: it was erased
    """
    try:
        with photo.file.open("rb") as file:
            opened = open_file_for(photo.report_id, file.read(), Key.WORDS)
    except FileNotFoundError:
        opened = None
    if opened is None:
        raise NotFound(_("This picture was erased."))
    return opened


def erase_photos(report: Report) -> None:
    """Erase all pictures of a report; their files go when the transaction has held."""
    for photo in ReportPhoto.objects.filter(report=report):
        transaction.on_commit(partial(photo.file.storage.delete, str(photo.file.name)))
        photo.delete()
