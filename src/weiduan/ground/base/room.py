"""Room on the disk: near its end no more files are taken in, so that what people write can still be kept."""

import shutil

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .errors import Refused


class NoRoom(Refused):
    """The disk is nearly full."""

    status = 507


def has_room() -> bool:
    """Tell whether files are still taken in: less than `FILES_UNTIL_FULL` of the disk under the installation's files is used."""
    disk = shutil.disk_usage(settings.HOME)
    return disk.total - disk.free < settings.FILES_UNTIL_FULL * disk.total


def refuse_without_room() -> None:
    """Let a file in, or say that there is no room.

    :raises NoRoom: there is none
    """
    if not has_room():
        raise NoRoom(
            _("There is no room for files at the moment; whoever runs this must make some. What is written is taken.")
        )
