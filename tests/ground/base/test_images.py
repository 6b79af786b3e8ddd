"""Pictures come in as pixels and nothing else."""

import io

import pytest
from PIL import Image, PngImagePlugin

from weiduan.ground.base.errors import BadInput
from weiduan.ground.base.images import drawn_anew

MARKER = b"MARKER-OF-THE-CAMERA"


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
