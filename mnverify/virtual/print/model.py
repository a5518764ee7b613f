"""What a drawn side of a card is: the picture, and the truth about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Height by width by three: red, green, blue."""
CARD_WIDTH = 85.60
"""Millimetres (ISO/IEC 7810, ID-1)."""
CARD_HEIGHT = 53.98
"""Millimetres."""
CORNER_RADIUS = 3.18
"""Millimetres."""
CODE_SIZE = 8.89
"""Side of the QR code in millimetres: 105 dots at 300 dpi (第3の2(7)エ)."""
MM_PER_INCH = 25.4


class Side(StrEnum):
    """A side of the card."""

    FRONT = "front"  # 氏名, 住所, 生年月日, 性別, photo, 有効期限, 照合番号, 追記欄; never the 個人番号
    BACK = "back"  # 個人番号, its QR code, 氏名, 生年月日, the contacts of the chip


class Place(NamedTuple):
    """Where something is in a picture, in pixels from the top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column that is not part of it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row that is not part of it."""
        return self.y + self.height

    def joined(self, other: Place) -> Place:
        """The smallest place that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Place(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def holds(self, other: Place) -> bool:
        """Whether the other lies within it."""
        inside = self.x <= other.x and self.y <= other.y
        return inside and other.right <= self.right and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Print:
    """A drawn side of a virtual card, and the truth about it. Its people are invented; it is marked 見本.

    Attributes:
        side: which side.
        layout: the layout's name.
        dpi: dots per inch.
        persona_id: whose card it is.
        pixels: height by width by three, red green blue, 8 bit each; not writable.
        printed: what stands there, by field, as printed; of ``additional_entry`` the lines are parted by line feeds. Fields:
            ``name``, ``address``, ``birth_date``, ``sex``, ``expiry``, ``security_code``, ``additional_entry``; on the back
            ``my_number`` (with its spaces), ``name``, ``birth_date``.
        genuine: the same for a print without flaws.
        places: where the ink of each field is; also ``photo``, on the back ``qr`` and ``chip``, where they are.
        boxes: the room that the layout gives to each of them.
        mark: where 見本 stands.
        code_content: what the QR code holds; empty on the front, and where there is no code.
    """

    side: Side
    layout: str
    dpi: int
    persona_id: str
    pixels: Pixels
    printed: Mapping[str, str]
    genuine: Mapping[str, str]
    places: Mapping[str, Place]
    boxes: Mapping[str, Place]
    mark: Place
    code_content: str = ""

    @property
    def altered(self) -> frozenset[str]:
        """The fields that do not stand as on a genuine card."""
        return frozenset(field for field in self.genuine if self.genuine[field] != self.printed.get(field))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height

    def to_png(self) -> bytes:
        """The picture as PNG, with its resolution."""
        from mnverify.virtual.print.canvas import to_png

        return to_png(self.pixels, self.dpi)

    def __repr__(self) -> str:
        return f"Print({self.persona_id} {self.side} {self.layout} {self.dpi} dpi)"


def to_dots(millimetres: float, dpi: int) -> int:
    """Millimetres in whole dots."""
    return round(millimetres * dpi / MM_PER_INCH)
