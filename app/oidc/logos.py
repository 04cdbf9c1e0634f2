"""Pictures of applications: whatever is sent, what is kept and shown is a small PNG that we have drawn ourselves."""

import io
import struct
from typing import Any

from app.errors import InvalidInput, TooLarge, refuse

MOST_BYTES = 512 * 1024
_SIDE = 256
# Pixels that we are ready to unpack: a small file can hold a picture that fills the memory.
_MOST_PIXELS = 16_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")


def drawn(raw: bytes) -> bytes:
    """The picture as a PNG of at most 256 by 256, without anything that came with it.

    Raises ``TooLarge`` above 512 KB, ``InvalidInput`` for all but PNG, JPEG and WebP that can be read.
    """
    if len(raw) > MOST_BYTES:
        raise TooLarge("Use a picture of at most 512 KB.")
    # Imported here: of all processes, few ever draw a logo.
    from PIL import Image, ImageOps  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(raw), formats=_FORMATS) as image:
            # Said by its head: nothing has been unpacked yet.
            if image.width * image.height > _MOST_PIXELS:
                raise _unreadable()
            image.draft("RGB", (_SIDE * 2, _SIDE * 2))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            upright.thumbnail((_SIDE, _SIDE))
            return _png(upright)
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Warning, Image.DecompressionBombError):
        raise _unreadable() from None


def _png(image: Any) -> bytes:
    """Drawn anew from the pixels alone: no text, no profile, no place where it was taken."""
    out = io.BytesIO()
    image.info = {}
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _unreadable() -> InvalidInput:
    return refuse("logo", "invalid_image", "Send a PNG, JPEG or WebP picture.")
