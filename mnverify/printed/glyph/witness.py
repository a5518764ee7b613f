"""The chip's image of a text against the print of it, cell by cell.

Which piece of the print belongs to which cell is found by the best alignment of both rows. Each pair then has a likeness; and a
null beside it, the likeness of characters that do not belong together, from the same two pictures and from many characters measured
before. By how far a likeness stands out of its null a cell agrees, differs, or is unclear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mnverify.images import Image
from mnverify.printed.glyph.outcome import GlyphCell, GlyphOutcome, GlyphWitness
from mnverify.printed.glyph.shapes import shape_of
from mnverify.printed.glyph.strips import Segment, ink_of, segments_of

if TYPE_CHECKING:
    from mnverify.printed.glyph.shapes import Array
    from mnverify.printed.pictures import Pixels

CELL = 12
"""Dots of a full-width cell of the chip's images (half that wide for digits)."""
NULL_MEAN, NULL_SPREAD = 0.42, 0.105
"""Likeness of two characters that have nothing to do with one another, and its standard deviation, as measured."""
_NULL_WEIGHT = 25.0  # so many measured pairs count as much as those of the two pictures
AGREES_FROM, AGREES_OUT = 0.64, 2.3
"""A cell agrees with a likeness of so much, and so many standard deviations above its null."""
DIFFERS_BELOW = 0.50
"""A cell differs with a likeness below this."""
DENSE_FROM = 36
"""So many strokes (``strokes_of``) a cell needs to differ: kana and digits have too few, and typefaces draw them too freely."""
_MATCH, _SKIP_CELL, _SKIP_PIECE = 0.33, 0.12, 0.05
_MOSTLY = 0.8


def compare_glyphs(chip_image: Image, crop: Pixels, *, digits: bool = False) -> GlyphWitness:
    """Hold the chip's image of a text against the print of the same field.

    Args:
        chip_image: of a verified result, as ``name_image``.
        crop: RGB, eight bits: the field, cut out of the print that was set straight, its label left out.
        digits: the cells are half as wide (``security_code_image``, ``my_number_image``).

    Raises:
        ImageError: the image cannot be decoded.
        MissingExtra: Pillow is not installed.
    """
    inks = [ink for ink in chip_cells(chip_image, digits=digits) if ink.max() > 0]
    cells = [shape for ink in inks if (shape := shape_of(ink)) is not None]
    return _witness(cells, [strokes_of(ink) >= DENSE_FROM for ink in inks], segments_of(ink_of(crop)))


def strokes_of(ink: Array) -> int:
    """How often a cell's rows and columns change from paper to ink: 15 or so for ``1``, 30 for kana, 50 and more for most kanji."""
    import numpy as np

    dark = np.pad(ink > 0.5, 1).astype(int)
    return int((np.diff(dark, axis=0) > 0).sum() + (np.diff(dark, axis=1) > 0).sum())


def chip_cells(image: Image, *, digits: bool = False) -> list[Array]:
    """Ink of every cell of a chip's image, 0 to 1, blank ones included, line by line."""
    import numpy as np

    dots = 1 - np.asarray(image.open().convert("L"), dtype=float) / 255
    width = CELL // 2 if digits else CELL
    return [
        dots[top : top + CELL, left : left + width]
        for top in range(0, dots.shape[0] - CELL + 1, CELL)
        for left in range(0, dots.shape[1] - width + 1, width)
    ]


def _witness(cells: Sequence[Array], dense: Sequence[bool], segments: Sequence[Segment]) -> GlyphWitness:
    import numpy as np

    if not cells or not segments:
        return GlyphWitness(GlyphOutcome.UNCLEAR, tuple(GlyphCell(GlyphOutcome.UNCLEAR) for _ in cells))
    table = np.array(cells) @ np.array([segment.shape for segment in segments]).T
    pairs = _aligned(table, segments)
    nulls = [_null(at, pairs, table, cells) for at in range(len(cells))]
    found = tuple(
        GlyphCell(GlyphOutcome.UNCLEAR)
        if pair is None
        else _cell(float(table[at, pair]), nulls[at], dense[at], segments[pair].box)
        for at, pair in enumerate(pairs)
    )
    return GlyphWitness(_whole(found), found)


def _cell(score: float, null: tuple[float, float], dense: bool, box: tuple[int, int, int, int]) -> GlyphCell:
    mean, spread = null
    out = (score - mean) / spread
    if score >= AGREES_FROM and out >= AGREES_OUT:
        outcome = GlyphOutcome.AGREES
    elif dense and score < DIFFERS_BELOW:
        outcome = GlyphOutcome.DIFFERS
    else:
        outcome = GlyphOutcome.UNCLEAR
    return GlyphCell(outcome, round(score, 3), round(mean, 3), round(out, 2), box)


def _null(at: int, pairs: Sequence[int | None], table: Array, cells: Sequence[Array]) -> tuple[float, float]:
    """Mean and standard deviation of the cell's likeness with what belongs to other, unlike cells, and of what was measured."""
    others = [
        float(table[at, pair])
        for other, pair in enumerate(pairs)
        if other != at and pair is not None and float(cells[at] @ cells[other]) < AGREES_FROM
    ]
    count = len(others) + _NULL_WEIGHT
    mean = (sum(others) + _NULL_WEIGHT * NULL_MEAN) / count
    squares = sum((one - mean) ** 2 for one in others) + _NULL_WEIGHT * (NULL_SPREAD**2 + (NULL_MEAN - mean) ** 2)
    return mean, (squares / count) ** 0.5


def _aligned(table: Array, segments: Sequence[Segment]) -> list[int | None]:
    """The segment of each cell, or None: the order is kept, no piece is used twice, and the likenesses together are greatest."""
    import numpy as np

    count, end = table.shape[0], max(segment.end for segment in segments)
    best = np.full((count + 1, end + 1), -np.inf)
    came: dict[tuple[int, int], tuple[int, int, int | None]] = {}
    best[0] = -_SKIP_PIECE * np.arange(end + 1)
    for piece in range(1, end + 1):
        came[0, piece] = (0, piece - 1, None)
    ends: dict[int, list[int]] = {}
    for number, segment in enumerate(segments):
        ends.setdefault(segment.end, []).append(number)
    for at in range(1, count + 1):
        best[at, 0], came[at, 0] = best[at - 1, 0] - _SKIP_CELL, (at - 1, 0, None)
        for piece in range(1, end + 1):
            options: list[tuple[float, tuple[int, int, int | None]]] = [
                (best[at - 1, piece] - _SKIP_CELL, (at - 1, piece, None)),
                (best[at, piece - 1] - _SKIP_PIECE, (at, piece - 1, None)),
            ]
            options += [
                (best[at - 1, segments[one].first] + table[at - 1, one] - _MATCH, (at - 1, segments[one].first, one))
                for one in ends.get(piece, [])
            ]
            best[at, piece], came[at, piece] = max(options, key=lambda option: option[0])
    pairs: list[int | None] = [None] * count
    at, piece = count, end
    while (at, piece) in came:
        before, start, one = came[at, piece]
        if one is not None:
            pairs[before] = one
        at, piece = before, start
    return pairs


def _whole(cells: Sequence[GlyphCell]) -> GlyphOutcome:
    outcomes = [cell.outcome for cell in cells]
    if GlyphOutcome.DIFFERS in outcomes:
        return GlyphOutcome.DIFFERS
    agree = sum(outcome is GlyphOutcome.AGREES for outcome in outcomes)
    return GlyphOutcome.AGREES if cells and agree >= _MOSTLY * len(cells) else GlyphOutcome.UNCLEAR
