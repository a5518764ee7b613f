"""Characters drawn in a typeface, each where it stands on its line: what a print is laid against."""

from __future__ import annotations

import math
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mnverify.errors import UsageError
from mnverify.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ink = NDArray[Any]

EM = 48
"""Pixels of a full-width character's side, in which print and drawing are compared."""
EDGE = 12
"""Pixels around the cell of a drawn character: what reaches out of it is not cut off."""
BASELINE = 0.88
"""Of a cell's height, from its upper edge."""
_FINE = 4  # drawn so many times larger, then made smaller
_SMALL = 24  # enough to see whether a character is there
_MISSING = "\U0010fffd"  # in no typeface: what is drawn for it is the sign for what is missing

Typeface = str | os.PathLike[str]


def draws(typeface: Typeface, character: str) -> bool:
    """Whether a typeface has a single character.

    Raises:
        UsageError: the file is no typeface.
    """
    return len(character) == 1 and _draws(os.fspath(typeface), character)


def advance(typeface: Typeface, character: str) -> float:
    """How far the next character stands from the left of this one, in parts of ``EM``."""
    return float(_face(os.fspath(typeface)).getlength(character)) / (EM * _FINE)


def drawn(typeface: Typeface, character: str, weight: int) -> Ink:
    """Ink of a character, 0 to 1, in its cell with ``EDGE`` around.

    Args:
        typeface: one that has it.
        character: a single one.
        weight: quarters of a pixel by which its strokes are wider, to each side.
    """
    return _drawn(os.fspath(typeface), character, weight)


def opens(typeface: Typeface) -> bool:
    """Whether the file is a typeface."""
    try:
        _face(os.fspath(typeface))
    except UsageError:
        return False
    return True


def forget() -> None:
    """Keep no drawing: which characters were drawn tells of a holder."""
    _drawn.cache_clear()
    _draws.cache_clear()


@lru_cache(maxsize=4096)
def _drawn(typeface: str, character: str, weight: int) -> Ink:
    import numpy as np
    from PIL import Image, ImageDraw

    face = _face(typeface)
    wide = math.ceil(max(1.0, advance(typeface, character)) * EM) + 2 * EDGE
    picture = Image.new("L", (wide * _FINE, (EM + 2 * EDGE) * _FINE), 0)
    pen = (EDGE * _FINE, (EDGE + BASELINE * EM) * _FINE)
    ImageDraw.Draw(picture).text(pen, character, 255, face, "ls", stroke_width=weight)
    ink: Ink = np.asarray(picture.reduce(_FINE), np.float32) / 255
    ink.setflags(write=False)
    return ink


@lru_cache(maxsize=32)
def _face(typeface: str, size: int = EM * _FINE) -> Any:
    from PIL import ImageFont

    try:
        return ImageFont.truetype(typeface, size, layout_engine=ImageFont.Layout.BASIC)
    except OSError:
        raise UsageError(Text(f"{typeface} is no typeface.", f"{typeface} は書体のファイルではありません。")) from None


@lru_cache(maxsize=8192)
def _draws(typeface: str, character: str) -> bool:
    return bytes(_face(typeface, _SMALL).getmask(character)) != _sign_for_missing(typeface)


@lru_cache(maxsize=32)
def _sign_for_missing(typeface: str) -> bytes:
    return bytes(_face(typeface, _SMALL).getmask(_MISSING))
