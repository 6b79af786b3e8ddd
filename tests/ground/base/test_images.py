"""Pictures come in as pixels and nothing else."""

import base64
import io
import shutil
import struct
import time
import zlib
from collections import namedtuple

import pytest
from PIL import Image, PngImagePlugin

from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.images import drawn_anew
from weiduan.ground.base.room import NoRoom

MARKER = b"MARKER-OF-THE-CAMERA"
# What a phone writes: 64 × 48, left half blue, right half red, with EXIF (device, place, lying on its side) and XMP.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAhJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAEZpbG9jAAAA"
    "AERAAAMAAQAAAAACNgABAAAAAAAAAEQAAgAAAAACegABAAAAAAAAAIgAAwAAAAADAgABAAAAAAAAACsAAABiaWluZgAAAAAAAwAAABVpbmZlAgAA"
    "AAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAACppbmZlAgAAAQADAABtaW1lAGFwcGxpY2F0aW9uL3JkZit4bWwAAAAAAA5waXRtAAAA"
    "AAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAq"
    "QgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAA"
    "AAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAA"
    "AAAAAAEAAQaBAgMFhIYAAAAoaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAA5jZHNjAAMAAQABAAAA/21kYXQAAABAKAGvWOb06r//8zA+R+x2n/yN"
    "z9X/4qvr/1E66/xhJWlfbRreOdVLQAOZ8kClb9xkEgjPeN1ujT9FVcNh2Cw2qAAAAAZFeGlmAABNTQAqAAAACAADAQ8AAgAAABUAAAAyARIAAwAA"
    "AAEABgAAiCUABAAAAAEAAABIAAAAAE1BUktFUi1PRi1USEUtQ0FNRVJBAAAAAgABAAIAAAACTgAAAAACAAUAAAADAAAAZgAAAAAAAAAeAAAAAQAA"
    "ADIAAAABAAAAAQAAAAE8eDp4bXBtZXRhPk1BUktFUi1PRi1USEUtQ0FNRVJBPC94OnhtcG1ldGE+"
)


def _image(size=(40, 20), colour="red", mode="RGB"):
    return Image.new(mode, size, colour)


def _saved(image, kind="JPEG", **how):
    target = io.BytesIO()
    image.save(target, kind, **how)
    return target.getvalue()


def _exif(orientation=1):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8825] = orientation, MARKER.decode(), {1: "N", 2: (30.0, 50.0, 1.0)}
    return exif


def test_place_device_comments_and_what_hangs_behind_the_file_stay_behind():
    png = PngImagePlugin.PngInfo()
    png.add_itxt("XML:com.adobe.xmp", MARKER.decode())
    made = [
        _saved(_image(), exif=_exif(), comment=MARKER) + b"<script>" + MARKER,
        _saved(_image(), "PNG", pnginfo=png, exif=_exif()),
        _saved(_image(), "WEBP", exif=_exif(), xmp=MARKER),
    ]
    for content in made:
        assert MARKER in content
        picture = drawn_anew(content)
        assert MARKER not in picture.content
        with Image.open(io.BytesIO(picture.content)) as drawn:
            assert drawn.format == "JPEG" and not drawn.getexif() and "comment" not in drawn.info
            assert (drawn.width, drawn.height) == (picture.width, picture.height) == (40, 20)


def test_a_picture_taken_sideways_stands_upright():
    picture = drawn_anew(_saved(_image((40, 20)), exif=_exif(orientation=6)))
    assert (picture.width, picture.height) == (20, 40)


def test_a_transparent_picture_lies_on_white_and_a_large_one_shrinks():
    picture = drawn_anew(_saved(_image((4000, 1000), (0, 0, 0, 0), "RGBA"), "PNG"))
    assert (picture.width, picture.height) == (1920, 480)
    with Image.open(io.BytesIO(picture.content)) as drawn:
        assert min(drawn.getpixel((5, 5))) > 250


@pytest.mark.parametrize(
    "content",
    [
        b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\xff\xd8\xff", _saved(_image())[:200],
        _saved(_image(), "GIF"), _saved(_image(), "BMP"), b"x" * (12 * 1024 * 1024 + 1),
    ],
    ids=["empty", "gif head", "svg", "pdf", "jpeg head", "cut", "gif", "bmp", "large"],
)  # fmt: skip
def test_what_is_no_picture_of_ours_is_refused(content):
    with pytest.raises(BadInput):
        drawn_anew(content)


def test_a_small_file_of_many_pixels_is_refused_before_it_is_unpacked():
    bomb = _saved(Image.new("1", (9000, 9000)), "PNG")
    assert len(bomb) < 20_000
    with pytest.raises(BadInput, match="64"):
        drawn_anew(bomb)


def _png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header claims a size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


def _jpeg_that_claims(width: int, height: int) -> bytes:
    content, at = bytearray(_saved(_image())), 0
    at = content.index(b"\xff\xc0")
    struct.pack_into(">HH", content, at + 5, height, width)
    return bytes(content)


@pytest.mark.parametrize(
    "bomb",
    [_png_that_claims(20_000, 20_000), _png_that_claims(2**31 - 1, 2**31 - 1), _jpeg_that_claims(65_500, 65_500), _png_that_claims(0, 5)],
    ids=["20000²", "largest png", "largest jpeg", "no width"],
)  # fmt: skip
def test_a_header_that_claims_more_than_anybody_takes_is_refused_at_once(bomb):
    began = time.process_time()
    with pytest.raises(BadInput):
        drawn_anew(bomb)
    assert time.process_time() - began < 0.5


def test_a_picture_that_is_a_page_as_well_comes_out_as_a_picture_alone():
    png = PngImagePlugin.PngInfo()
    png.add_text("Comment", "<html><script>alert(1)</script>")
    for content in (
        _saved(_image(), "PNG", pnginfo=png) + b"<html><script>alert(1)</script></html>",
        _saved(_image(), comment=b"<script>alert(1)</script>") + b"PK\x03\x04<?php system('id') ?>",
    ):
        picture = drawn_anew(content).content
        assert picture.startswith(b"\xff\xd8\xff") and picture.endswith(b"\xff\xd9")
        assert not any(word in picture for word in (b"script", b"html", b"php", b"PK\x03"))


def test_what_a_phone_writes_is_taken_upright_and_without_where_it_was():
    assert HEIC.count(MARKER) == 2
    picture = drawn_anew(HEIC)

    assert MARKER not in picture.content and b"Exif" not in picture.content
    assert (picture.width, picture.height) == (48, 64)  # it lay on its side
    with Image.open(io.BytesIO(picture.content)) as drawn:
        top, bottom = drawn.getpixel((24, 8)), drawn.getpixel((24, 56))
        assert {top[0] > 200, bottom[0] > 200} == {True, False} and {top[2] > 200, bottom[2] > 200} == {True, False}
        assert not drawn.getexif()


def test_from_nine_tenths_of_the_disk_on_no_picture_is_taken(monkeypatch):
    disk = namedtuple("disk", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk(1000, 890, 110))
    assert drawn_anew(_saved(_image())).width == 40
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk(1000, 900, 100))
    with pytest.raises(NoRoom):
        drawn_anew(_saved(_image()))
