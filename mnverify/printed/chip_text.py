"""Read the images of characters that the chip holds: twelve dots high, a few cells long, no text beside them.

An engine reads one line at a time. Twelve dots hold too little to tell variants and look-alikes of a character, so what is read
here is never ``equal``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from mnverify.errors import ImageError, MissingExtra
from mnverify.images import Image
from mnverify.masked import MaskedText
from mnverify.printed.comparison import ReadText
from mnverify.printed.engine import TextEngine
from mnverify.verification import VerificationResult

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels

CELL = 12
"""Dots of a line's height, and of a full-width character's width."""
_SCALE = 3
_MARGIN = CELL  # pixels around the line, white
_INK = 128
_IMAGES = {
    "name": "name_image",
    "address": "address_image",
    "security_code": "security_code_image",
    "my_number": "my_number_image",
}


def read_chip_texts(
    verified: VerificationResult, fields: frozenset[str] | None = None, *, engine: TextEngine | None = None
) -> Mapping[str, ReadText]:
    """What is written in the images of a verified chip, by the field names of ``compare``.

    Args:
        verified: of the face-check domain; of the other domain there is nothing to read.
        fields: read only these; default all that there are.
        engine: reads the text; default rapidocr (extra ``ocr``).

    Raises:
        NotVerifiedError: the verdict is ``rejected``.
        MissingExtra: the extra ``ocr`` is not installed.
    """
    there = verified.fields
    images = {
        name: found.value
        for name, held in _IMAGES.items()
        if (fields is None or name in fields)
        and (found := there.get(held)) is not None
        and isinstance(found.value, Image)
    }
    if not images:
        return MappingProxyType({})
    reader = engine if engine is not None else _default_engine()
    read = {name: read_chip_image(image, engine=reader, in_pieces=name == "address") for name, image in images.items()}
    return MappingProxyType({name: found for name, found in read.items() if found is not None})


def read_chip_image(image: Image, *, engine: TextEngine, in_pieces: bool = False) -> ReadText | None:
    """What is written in one image, all its lines in a row; ``None`` where it cannot be decoded, or is blank.

    Args:
        image: the image.
        engine: reads the text.
        in_pieces: read what stands between blank cells piece by piece. Engines guess where a space is, which parts ``203`` in an
            address; here it is known. A name is surer where it is read whole, and its spaces say nothing.

    Raises:
        MissingExtra: Pillow is not installed.
    """
    try:
        lines = _lines(image, in_pieces)
    except ImageError:
        return None
    if not lines:
        return None
    read = [[engine.read_line(piece) for piece in line] for line in lines]
    text = "".join("　".join("".join(word.split()) if in_pieces else word for word, _ in one) for one in read)
    return ReadText(MaskedText(text), min(confidence for one in read for _, confidence in one))


def _lines(image: Image, in_pieces: bool) -> list[list[Pixels]]:
    """The lines of an image, each whole or in pieces, without blank cells at the end, three times as large, in a white margin."""
    try:
        import numpy as np
    except ImportError:
        raise MissingExtra("numpy", "ocr") from None
    dots = np.asarray(image.open().convert("L"))
    height = CELL if dots.shape[0] % CELL == 0 else dots.shape[0]
    lines: list[list[Pixels]] = []
    for top in range(0, dots.shape[0], height):
        line = dots[top : top + height]
        inked = np.flatnonzero((line < _INK).any(axis=0))
        if inked.size:
            gaps = np.flatnonzero(np.diff(inked) > (CELL if in_pieces else dots.shape[1]))
            starts, ends = inked[np.r_[0, gaps + 1]], inked[np.r_[gaps, inked.size - 1]]
            lines.append([_enlarged(line[:, a : b + 1]) for a, b in zip(starts, ends, strict=True)])
    return lines


def _enlarged(dots: Pixels) -> Pixels:
    import numpy as np

    large = np.kron(dots, np.ones((_SCALE, _SCALE), np.uint8))
    return np.repeat(np.pad(large, _MARGIN, constant_values=255)[:, :, None], 3, axis=2)


def _default_engine() -> TextEngine:
    from mnverify.printed.rapid import rapid_engine

    return rapid_engine()
