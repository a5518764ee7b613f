"""Typed images: the bytes as the card holds them, decoded only when somebody asks, and never unbounded."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, NamedTuple

from mnverify.errors import ImageError, MissingExtra
from mnverify.text import Text

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MAX_SIDE = 2048  # pixels; the photo is 378 by 472, the longest text image 288 by 12
MAX_PIXELS = 1 << 20
PNG = "image/png"
JP2 = "image/jp2"

_PNG_HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_JP2_HEAD = b"\x00\x00\x00\x0cjP  \r\n\x87\n"


class Image(NamedTuple):
    """An image of a card record.

    Attributes:
        media_type: ``image/png`` (1-bit grey) or ``image/jp2`` (8-bit grey), by the record that holds it.
        data: the bytes as signed, untouched.
    """

    media_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, from the header alone, without decoding.

        Raises:
            ImageError: the bytes do not begin as their media type says, or a side is 0 or beyond the bounds.
        """
        width, height = _png_size(self.data) if self.media_type == PNG else _jp2_size(self.data)
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
            raise ImageError(
                Text(
                    f"The image says it is {width}x{height} pixels, beyond the bounds; it was not decoded.",
                    f"画像の大きさ {width}x{height} が上限を超えているため、復号しませんでした。",
                )
            )
        return width, height

    def open(self) -> PillowImage:
        """Decode with Pillow (extra ``virtual`` or ``ocr``), after the bounds were checked.

        Raises:
            ImageError: the bytes are not such an image, or it is too large.
            MissingExtra: Pillow is not installed.
        """
        size = self.size
        try:
            from PIL import Image as Pillow
        except ImportError:
            raise MissingExtra("Pillow", "virtual") from None
        try:
            image = Pillow.open(io.BytesIO(self.data), formats=["PNG" if self.media_type == PNG else "JPEG2000"])
            if image.size != size:
                raise _broken(self.media_type)
            image.load()
        except (OSError, ValueError, SyntaxError, EOFError, Pillow.DecompressionBombError):
            raise _broken(self.media_type) from None
        return image

    def __repr__(self) -> str:
        return f"Image({self.media_type}, {len(self.data)} bytes)"


def _broken(media_type: str) -> ImageError:
    return ImageError(
        Text(f"The bytes are not a readable {media_type} image.", f"{media_type} の画像として読めません。")
    )


def _png_size(data: bytes) -> tuple[int, int]:
    if data[:16] != _PNG_HEAD or len(data) < 24:
        raise _broken(PNG)
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _jp2_size(data: bytes) -> tuple[int, int]:
    at = data.find(b"ihdr", 12, 256)
    if data[:12] != _JP2_HEAD or at < 0 or len(data) < at + 12:
        raise _broken(JP2)
    return int.from_bytes(data[at + 8 : at + 12]), int.from_bytes(data[at + 4 : at + 8])
