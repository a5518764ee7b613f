"""Characters of a printed line, cut apart without reading them: every way in which pieces of ink may make one character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnverify.masked import not_copied
from mnverify.printed.glyph.shapes import shape_of

if TYPE_CHECKING:
    from mnverify.printed.glyph.shapes import Array
    from mnverify.printed.pictures import Pixels

_DARK = 0.5
_WIDEST = 1.2  # of a line's height: 川 and 林 are several pieces, and no character is wider
_MOST_PIECES = 5
_SPECK = 0.02  # of a line's height squared
_LEAST_LINE = 0.35  # of the tallest line
_BACKGROUND = 80  # percent: paper is lighter than that many of the pixels


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Segment:
    """Neighbouring pieces of ink that may be one character.

    Attributes:
        first: number of its first piece, counted over all lines.
        end: number of the piece after its last.
        box: left, top, right, bottom in pixels of the crop.
        shape: its shape.
    """

    first: int
    end: int
    box: tuple[int, int, int, int]
    shape: Array

    def __repr__(self) -> str:
        return f"Segment({self.first}:{self.end})"


def ink_of(crop: Pixels) -> Array:
    """Ink from 0 to 1. Print is dark in every colour; what is tinted (a ground, a stamp) is light in one of them.

    Args:
        crop: RGB, eight bits.
    """
    import numpy as np

    light = crop.max(axis=2).astype(float)
    paper, dark = float(np.percentile(light, _BACKGROUND)), float(np.percentile(light, 0.5))
    if paper - dark < 40:  # there is no print
        return np.zeros_like(light)
    return np.asarray(((paper - light) / (paper - dark) * 1.15 - 0.1).clip(0, 1))


def segments_of(ink: Array) -> list[Segment]:
    """Every segment of every line, from the first line's beginning on."""
    found: list[Segment] = []
    count = 0
    for top, bottom in _lines(ink):
        line = ink[top:bottom]
        pieces = _pieces(line)
        found += _joined(line, pieces, count, top)
        count += len(pieces)
    return found


def _lines(ink: Array) -> list[tuple[int, int]]:
    """Rows of the lines of text."""
    runs = _runs((ink > _DARK).sum(axis=1) > 0)
    tallest = max((end - start for start, end in runs), default=0)
    return [run for run in runs if run[1] - run[0] >= _LEAST_LINE * tallest]


def _pieces(line: Array) -> list[tuple[int, int]]:
    """Columns of the pieces of ink of a line, specks left out."""
    import numpy as np

    least = _SPECK * line.shape[0] ** 2
    runs = _runs((line > _DARK).any(axis=0))
    return [run for run in runs if float(np.sum(line[:, run[0] : run[1]] > _DARK)) >= least]


def _joined(line: Array, pieces: list[tuple[int, int]], count: int, top: int) -> list[Segment]:
    segments = []
    for first in range(len(pieces)):
        for end in range(first + 1, min(len(pieces), first + _MOST_PIECES) + 1):
            left, right = pieces[first][0], pieces[end - 1][1]
            if end > first + 1 and right - left > _WIDEST * line.shape[0]:
                break
            shape = shape_of(line[:, left:right])
            if shape is not None:
                box = (left, top, right, top + line.shape[0])
                segments.append(Segment(count + first, count + end, box, shape))
    return segments


def _runs(inked: object) -> list[tuple[int, int]]:
    """Where a row of truths is true: start and end of each run."""
    import numpy as np

    padded = np.concatenate([[False], np.asarray(inked, dtype=bool), [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
