"""Whether a card that was laid straight and read may be a back: what carries the 個人番号 shows in more than one way.

A front is told by what stands on fronts alone. Where that is not surely so, everything that a back has counts against it: the
number or a part of it, its heading, the QR code.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnverify.errors import MissingExtra, PictureError
from mnverify.printed.backs import code_of_triple, side_of
from mnverify.printed.codes import Corners, FoundCode, find_codes
from mnverify.printed.corners import CARD_WIDTH
from mnverify.printed.digits import digit_groups, looks_like_a_part
from mnverify.printed.engine import TextLine
from mnverify.printed.fields import Face
from mnverify.printed.finders import MOST, find_finders, triples
from mnverify.printed.qr import SIDE_MM

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from mnverify.printed.pictures import Pixels

_SMALLEST, _LARGEST = 0.65, 1.5  # of the size of a card's code, as seen in an outline that is nearly right
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{12}(?![0-9])")


def shows_a_back(face: Face, lines: Sequence[TextLine], card: Pixels) -> bool:
    """Whether something of a back was found, and not surely a front.

    Args:
        face: what was read.
        lines: of which.
        card: laid straight.
    """
    if face.is_surely_front:
        return has_code(card, decoded=True)
    text = face.seen_number or face.heading or bool(digit_groups(lines)) or any(map(looks_like_a_part, lines))
    return text or has_code(card)


def has_code(card: Pixels, *, decoded: bool = False) -> bool:
    """Whether a QR code of the size of a card's is on a card that lies straight, or one of any size that holds twelve digits.

    An outline may hold more than one card, as of a copy of both sides; then each is smaller than the outline says.

    Args:
        card: RGB, rows first.
        decoded: only what can be decoded counts, and not what looks like three corners of a code. Where there are more such
            corners than are looked at, they are taken for a code.
    """
    import numpy as np
    from PIL import Image as Pillow

    grey = Pillow.fromarray(card).convert("L")
    try:
        codes = _codes(grey, decoded)
    except PictureError:  # full of patterns of codes
        return True
    if any(_holds_a_number(one) or _is_of_a_card(one.corners, grey.width) for one in codes):
        return True
    if decoded:
        return False
    finders = find_finders(np.asarray(grey))
    return len(finders) > MOST or any(_is_of_a_card(code_of_triple(*three), grey.width) for three in triples(finders))


def _codes(grey: PillowImage, decoded: bool) -> list[FoundCode]:
    """By the decoder, where it is installed."""
    try:
        found = find_codes(grey)
    except MissingExtra:
        return []
    return [one for one in found if one.content is not None or not decoded]


def _holds_a_number(code: FoundCode) -> bool:
    return code.content is not None and _NUMBER.search(code.content) is not None


def _is_of_a_card(code: Corners, width: int) -> bool:
    size = side_of(code) * CARD_WIDTH / width
    sides = [math.dist(one, two) for one, two in zip(code, (*code[1:], code[0]), strict=True)]
    return _SMALLEST * SIDE_MM <= size <= _LARGEST * SIDE_MM and max(sides) <= 2 * min(sides)
