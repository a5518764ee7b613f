"""An image of a card record, and its decoding within bounds."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnverify.errors import ImageError, MissingExtra
from mnverify.images.jp2 import jp2_is_plain, jp2_size
from mnverify.images.png import PNG, png_is_plain, png_size
from mnverify.masked import masked, not_copied
from mnverify.text import Text

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

MAX_SIDE = 2048  # pixels; the photo is 378 by 472, the longest text image 288 by 12
MAX_PIXELS = 1 << 20


@not_copied
@dataclass(frozen=True, slots=True, repr=False, init=False)
class Image:
    """An image of a card record. It shows its size in bytes only; neither pickled nor copied.

    Attributes:
        media_type: ``image/png`` (1-bit grey) or ``image/jp2`` (8-bit grey), by the record that holds it.
        data: the bytes as signed, untouched, masked.
    """

    media_type: str
    data: bytes

    def __init__(self, media_type: str, data: bytes) -> None:
        object.__setattr__(self, "media_type", media_type)
        object.__setattr__(self, "data", masked(data))

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
        found = png_size(self.data) if self.media_type == PNG else jp2_size(self.data)
        if found is None:
            raise _broken(self.media_type)
        width, height = found
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
            raise ImageError(
                Text(
                    f"The image says it is {width}x{height} pixels, beyond the bounds; it was not decoded.",
                    f"画像の大きさ {width}x{height} が上限を超えているため、復号しませんでした。",
                )
            )
        return found

    def open(self) -> PillowImage:
        """Decode with Pillow (extras ``pcsc``, ``nfc``, ``virtual``), after the bounds were checked.

        The header is read to its end first: what asks a decoder for more memory than a picture of this size needs (tiles,
        layers, channels, other compressed data) is not given to it. No other format than the media type's is tried.

        Raises:
            ImageError: the bytes are not such an image, or it asks for too much.
            MissingExtra: Pillow is not installed.
        """
        size = self._checked_size()
        try:
            from PIL import Image as Pillow
        except ImportError:
            raise MissingExtra("Pillow", "pcsc") from None
        image: PillowImage | None = None
        try:
            image = Pillow.open(io.BytesIO(self.data), formats=["PNG" if self.media_type == PNG else "JPEG2000"])
            if image.size == size:
                image.load()
                return image
        except (OSError, ValueError, SyntaxError, EOFError, OverflowError, struct.error, Pillow.DecompressionBombError):
            image = None
        raise _broken(self.media_type)  # outside the except block: the cause's frames would show content

    def to_png(self) -> bytes:
        """The image as PNG: browsers and most viewers do not show JPEG 2000. A PNG is given as it is, without Pillow.

        Raises:
            ImageError: the bytes are not such an image, or it asks for too much.
            MissingExtra: Pillow is not installed.
        """
        if self.media_type == PNG:
            self._checked_size()
            return self.data
        out = io.BytesIO()
        image = self.open()
        plain = image if image.mode in ("1", "L", "RGB") else image.convert("RGB")
        plain.save(out, "PNG")
        return masked(out.getvalue())

    def _checked_size(self) -> tuple[int, int]:
        size = self.size
        if not (png_is_plain(self.data) if self.media_type == PNG else jp2_is_plain(self.data)):
            raise _unusual(self.media_type)
        return size

    def __repr__(self) -> str:
        return f"Image({self.media_type}, {len(self.data)} bytes)"


def _broken(media_type: str) -> ImageError:
    return ImageError(
        Text(f"The bytes are not a readable {media_type} image.", f"{media_type} の画像として読めません。")
    )


def _unusual(media_type: str) -> ImageError:
    return ImageError(
        Text(
            f"The {media_type} image is broken, or is made in a way that no card's image is and that can exhaust memory; it was "
            "not decoded.",
            f"{media_type} の画像が壊れているか、カードの画像にはない、メモリーを使い果たしうる作りのため、復号しませんでした。",
        )
    )
