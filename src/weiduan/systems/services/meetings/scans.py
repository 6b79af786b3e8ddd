"""Pages of the written minutes as pictures: drawn anew, sealed with the meeting's key."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from weiduan.ground.accounts.models import User
from weiduan.ground.base.casekeys import Key, open_file_for, seal_for
from weiduan.ground.base.errors import BadInput, NotFound
from weiduan.ground.base.images import Picture, drawn_anew
from weiduan.ground.ledger.actions import record

from .actions import NotNow, locked_meeting
from .models import MeetingScan
from .rules import MOST_SCANS, State


def add_scans(key: UUID, contents: Sequence[bytes], *, by: User | str, at: datetime) -> list[MeetingScan]:
    """Keep pages of the written minutes with a meeting, in their order.

    :raises NotFound: there is no such meeting, or not for `by`
    :raises NotNow: it wasn't held
    :raises BadInput: no picture, one that can't be read, or too many
    """
    if not 0 < len(contents) <= MOST_SCANS:
        raise BadInput(_("Choose pictures, at most %(n)s of one meeting."), n=MOST_SCANS)
    return _keep(key, [drawn_anew(content) for content in contents], by, at)  # drawn before anything is locked


@transaction.atomic
def _keep(key: UUID, pictures: Sequence[Picture], by: User | str, at: datetime) -> list[MeetingScan]:
    meeting, seat = locked_meeting(key, by, at)
    if meeting.state != State.HELD:
        raise NotNow(_("Write the meeting down first; then add the written pages."))
    if meeting.scans.count() + len(pictures) > MOST_SCANS:
        raise BadInput(_("Choose pictures, at most %(n)s of one meeting."), n=MOST_SCANS)
    first = (meeting.scans.aggregate(last=Max("number"))["last"] or 0) + 1
    kept = []
    for number, picture in enumerate(pictures, start=first):
        scan = MeetingScan(meeting=meeting, number=number)
        sealed = ContentFile(seal_for(meeting.pk, picture.content, Key.WORDS))
        scan.file.save(f"{uuid.uuid4().hex}.sealed", sealed, save=False)
        scan.save(force_insert=True)
        kept.append(scan)
    record(what="meeting.scanned", about=meeting, by=by, at=at, area=seat, after={"pages": len(kept)})
    return kept


@transaction.atomic
def drop_scan(key: UUID, scan: UUID, *, by: User | str, at: datetime) -> None:
    """Take a page away; its file goes when that has held.

    :raises NotFound: there is none, or not for `by`
    """
    meeting, seat = locked_meeting(key, by, at)
    found = MeetingScan.objects.filter(meeting=meeting, pk=scan).first()
    if found is None:
        raise NotFound(_("There is nothing here that you may see."))
    transaction.on_commit(partial(found.file.storage.delete, str(found.file.name)))
    found.delete()
    record(what="meeting.scan_dropped", about=meeting, by=by, at=at, area=seat, before={"page": found.number})


def page_in(scan: MeetingScan) -> bytes:
    """Return a page, as JPEG; the caller has checked that the reader is inside.

    :raises NotFound: its file or key is gone
    """
    try:
        with scan.file.open("rb") as file:
            opened = open_file_for(scan.meeting_id, file.read(), Key.WORDS)
    except FileNotFoundError:
        opened = None
    if opened is None:
        raise NotFound(_("This picture was erased."))
    return opened
