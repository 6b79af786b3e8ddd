"""Pictures handed in: known by their content, drawn anew, so that nothing the camera or a forger wrote comes along.

Only the pixels pass. What a file says of place, time, device or author (EXIF, XMP, IPTC, comments, thumbnails) stays behind,
and so does whatever else was packed into the same file.
"""

import io
import logging
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from pi_heif import register_heif_opener
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import BadInput
from .room import refuse_without_room

logging.getLogger("PIL").setLevel(logging.INFO)  # below that it writes down what the camera wrote into a picture
register_heif_opener(thumbnails=False)  # what phones write; it is only read, never written
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 64_000_000  # looked up in the header, before anything is unpacked
LONGEST_SIDE = 1920
QUALITY = 82


@dataclass(frozen=True)
class Picture:
    """A JPEG drawn anew; width and height in pixels."""

    content: bytes
    width: int
    height: int


def drawn_anew(content: bytes) -> Picture:
    """Return a picture with nothing but its pixels, upright, no side longer than 1920.

    :raises BadInput: no JPEG, PNG, WebP or HEIC, damaged, or too large
    :raises NoRoom: the disk is nearly full
    """
    refuse_without_room()
    if len(content) > MOST_BYTES:
        raise BadInput(_("A picture can have at most 12 MB. Choose a smaller one."))
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadInput(_("A picture can have at most 64 million pixels. Choose a smaller one."))
            return _drawn(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadInput(_("This is no picture that can be read. Choose a JPEG, PNG, WebP or HEIC file.")) from error


def _drawn(opened: Image.Image) -> Picture:
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is unpacked no larger than needed
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    paper = Image.new("RGB", upright.size, "white")
    layered = upright.convert("RGBA")
    paper.paste(layered, mask=layered.getchannel("A"))
    target = io.BytesIO()
    paper.save(target, "JPEG", quality=QUALITY, optimize=True)
    return Picture(target.getvalue(), *paper.size)
