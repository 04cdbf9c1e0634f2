"""Pictures: what is kept is a PNG that we have drawn (ASVS 1.3.4, 5.2; security.md, classes M and P)."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from app.errors import InvalidInput, TooLarge
from app.oidc import logos


def picture(kind="PNG", size=(600, 300), mode="RGB", **more):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **more)
    return out.getvalue()


def bomb(width, height):
    """A PNG whose head says how large it is, and that has hardly anything in it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(600, 300), (20, 20), (1, 4000)])
def test_whatever_is_sent_becomes_a_small_png(kind, size):
    with Image.open(io.BytesIO(logos.drawn(picture(kind, size)))) as kept:
        assert kept.format == "PNG"
        assert max(kept.size) <= 256
        assert kept.size <= size


def test_what_can_be_seen_through_stays_so():
    with Image.open(io.BytesIO(logos.drawn(picture(mode="RGBA")))) as kept:
        assert kept.mode == "RGBA"


def test_nothing_that_came_with_it_is_kept():
    said = PngInfo()
    said.add_text("Comment", "<script>alert(1)</script>")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    for raw in (picture(pnginfo=said), picture("JPEG", exif=exif), picture() + b"<?php system('id');"):
        kept = logos.drawn(raw)
        assert not any(word in kept for word in (b"script", b"home", b"php", b"tEXt", b"eXIf", b"iCCP"))


def test_a_picture_that_was_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(logos.drawn(picture("JPEG", (200, 100), exif=exif)))) as kept:
        assert kept.size == (100, 200)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no picture",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        picture("GIF"),
        picture("BMP", (20, 20)),
        picture("TIFF", (20, 20)),
        picture()[:60],
        picture("JPEG")[:200],
        picture("WEBP")[:20],
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    ],
    ids=["nothing", "text", "svg", "gif", "bmp", "tiff", "half a png", "half a jpeg", "half a webp", "a head alone"],
)
def test_what_is_no_picture_of_the_three_kinds_is_refused(raw):
    with pytest.raises(InvalidInput):
        logos.drawn(raw)


@pytest.mark.parametrize("size", [(5000, 5000), (10_000, 10_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_head(size):
    with pytest.raises(InvalidInput):
        logos.drawn(bomb(*size))


def test_more_than_half_a_megabyte_is_too_much():
    with pytest.raises(TooLarge):
        logos.drawn(picture() + b"\0" * logos.MOST_BYTES)
