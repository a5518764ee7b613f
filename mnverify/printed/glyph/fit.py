"""Which of a few characters a piece of print is: each is drawn in typefaces that are given, and laid over it.

For variants (髙/高) that text says are both possible, against a print of 300 dpi and more: the print holds the difference, twelve
dots do not. Nothing is guessed: where two fit nearly as well, or none fits well, there is no answer.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnverify.errors import UsageError
from mnverify.masked import MaskedText, not_copied
from mnverify.printed.glyph.shapes import np_array
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.printed.glyph.shapes import Array
    from mnverify.printed.pictures import Pixels

LEAST_HEIGHT = 26
"""Pixels of a character's ink: less is a print below 300 dpi, in which variants are not told apart."""
FITS_FROM, CLEAR_BY = 0.75, 0.02
"""How well the best has to fit, and by how much better than the next."""
_SIDE = 48
_SHIFTS = (-2, -1, 0, 1, 2)  # pixels of ``_SIDE``
_POINTS = 96


@not_copied
@dataclass(frozen=True, slots=True)
class Fit:
    """Which character fits a piece of print.

    Attributes:
        best: it; None where there is no clear answer.
        scores: how well each fits, 1 at most, in the order in which they were given.
    """

    best: MaskedText | None
    scores: tuple[float, ...]


def best_fit(crop: Pixels, candidates: Sequence[str], fonts: Sequence[str | os.PathLike[str]]) -> Fit:
    """Draw each character in each typeface, and see which fits the print.

    Args:
        crop: RGB, eight bits: one character, with a margin of paper.
        candidates: single characters, two at least: what the chip's text has, and its variants.
        fonts: files of typefaces, those first that a card is printed in; one that lacks a character is left out for it.

    Raises:
        UsageError: fewer than two candidates, a candidate that is no single character, or a file that is no typeface.
    """
    from mnverify.printed.glyph.strips import ink_of

    if len(set(candidates)) < 2 or any(len(one) != 1 for one in candidates) or not fonts:
        raise UsageError(
            Text(
                "Two single characters and a typeface at least are needed to see which fits.",
                "どの文字が合うかを調べるには、1文字ずつの候補が2つ以上と、書体が必要です。",
            )
        )
    ink = _cut(ink_of(crop))
    if ink is None or max(ink.shape) < LEAST_HEIGHT:
        return Fit(None, tuple(0.0 for _ in candidates))
    # A typeface is compared with itself: what fits must fit better than the other characters of the same typeface.
    by_font = [[_score(ink, _drawn(one, font)) for one in candidates] for font in fonts]
    whole = [scores for scores in by_font if all(score is not None for score in scores)]
    if not whole:
        return Fit(None, tuple(0.0 for _ in candidates))
    scores = max(([score or 0.0 for score in one] for one in whole), key=max)
    order = sorted(scores, reverse=True)
    clear = order[0] >= FITS_FROM and order[0] - order[1] >= CLEAR_BY
    best = MaskedText(candidates[scores.index(order[0])]) if clear else None
    return Fit(best, tuple(round(score, 3) for score in scores))


def _cut(ink: Array) -> Array | None:
    import numpy as np

    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.5) for axis in (1, 0))
    if rows.size < 2 or columns.size < 2:
        return None
    return np_array(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _drawn(character: str, font: str | os.PathLike[str]) -> Array | None:
    """Ink of a character in a typeface; None where it has none."""
    import numpy as np
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    try:
        face = ImageFont.truetype(font, _POINTS)
    except OSError:
        raise UsageError(
            Text(f"{os.fspath(font)} is no typeface.", f"{os.fspath(font)} は書体のファイルではありません。")
        ) from None
    pictures = []
    for one in (character, "\U0010fffd"):  # the second has no picture in any typeface: the sign for what is missing
        picture = Pillow.new("L", (2 * _POINTS, 2 * _POINTS), 0)
        ImageDraw.Draw(picture).text((_POINTS // 2, _POINTS // 3), one, fill=255, font=face)
        pictures.append(np.asarray(picture, dtype=float) / 255)
    return None if np.array_equal(pictures[0], pictures[1]) else _cut(pictures[0])


def _score(ink: Array, drawn: Array | None) -> float | None:
    """The best correlation over small shifts and several weights; None where the typeface lacks the character."""
    import numpy as np

    if drawn is None:
        return None
    seen = _standard(ink)
    best = -1.0
    for weight in (0, 1):
        laid = _standard(_heavier(drawn) if weight else drawn)
        for down in _SHIFTS:
            for across in _SHIFTS:
                moved = np.roll(laid, (down, across), axis=(0, 1))
                best = max(best, float((seen * moved).sum()))
    return best


def _standard(ink: Array) -> Array:
    """On one size, softened, mean 0 and length 1."""
    import numpy as np
    from PIL import Image as Pillow
    from PIL import ImageFilter

    picture = Pillow.fromarray((ink * 255).clip(0, 255).astype(np.uint8))
    way = Pillow.Resampling.BOX if max(ink.shape) > _SIDE else Pillow.Resampling.BICUBIC
    sized = picture.resize((_SIDE, _SIDE), way)
    whole = Pillow.new("L", (_SIDE + 12, _SIDE + 12), 0)
    whole.paste(sized, (6, 6))
    values = np.asarray(whole.filter(ImageFilter.GaussianBlur(1.0)), dtype=float)
    values = values - values.mean()
    return np_array(values / (float(np.linalg.norm(values)) or 1.0))


def _heavier(ink: Array) -> Array:
    import numpy as np

    wider = np.pad(ink, 2)
    return np_array(np.max([np.roll(wider, (y, x), axis=(0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)], axis=0))
