"""Pictures of a report, drawn anew."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _

from weiduan.ground.base.errors import BadInput
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


def keep_photos(report: Report, pictures: Iterable[Picture], at: datetime, *, is_result: bool = False) -> None:
    """Keep pictures with a report; `is_result`: what it looks like once it was handled."""
    for picture in pictures:
        photo = ReportPhoto(report=report, is_result=is_result, at=at)
        photo.file.save(f"{uuid.uuid4().hex}.jpg", ContentFile(picture.content), save=False)
        photo.save()
