"""Where on a card a text belongs: what stands beside a label, below it, and goes on from line to line.

Nothing here knows a layout: lengths are measured by the height of the lines themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mnverify.masked import MaskedText
from mnverify.printed.engine import Quad, TextLine

_HALF = frozenset("0123456789 abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,:;()[]-/'")
_ROW_OVERLAP = 0.45  # of the lower line, to stand in one row
_FAR_BESIDE, _FAR_BELOW, _FAR_ON = 9.0, 1.1, 0.95  # line heights
_SAME_LEFT = 1.8


@dataclass(frozen=True, slots=True, repr=False)
class Piece:
    """A part of a line.

    Attributes:
        line: what the engine found; its quad and text cut to the part.
        folded: its text in half width and Japanese forms, as long as the text.
    """

    line: TextLine
    folded: MaskedText

    def cut(self, start: int, end: int | None = None) -> Piece:
        """A part of the part, with the place that it has by the widths of its characters."""
        text = self.line.text
        stop = len(text) if end is None else end
        widths = [0.5 if character in _HALF else 1.0 for character in text]
        whole = sum(widths) or 1.0
        left, right = sum(widths[:start]) / whole, sum(widths[:stop]) / whole
        line = self.line.part(start, stop, _part(self.line.quad, left, right))
        return Piece(line, self.folded[start:stop])

    def __repr__(self) -> str:
        return f"Piece({len(self.folded)} characters)"


def in_one_row(one: TextLine, other: TextLine) -> bool:
    """Whether two lines stand at one height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared >= _ROW_OVERLAP * min(one.height, other.height)


def value_of(label: TextLine, free: Sequence[Piece], others: Sequence[TextLine] | None = None) -> list[Piece]:
    """What a label is the label of: to its right, else below it; with the lines that go on below.

    Args:
        label: the label alone.
        free: pieces that belong to nothing yet, labels not among them.
        others: the other labels, which end a value of several lines; None for a value of one line.
    """
    start = _beside(label, free) or _below(label, [one for one in free if not _is_anothers(one.line, others or ())])
    return start if others is None or not start else _going_on(start, free, others)


def all_below(label: TextLine, free: Sequence[Piece], until: Sequence[TextLine]) -> list[Piece]:
    """Every line below (or beside) a label, row by row, until something else begins.

    Args:
        label: the label alone.
        free: pieces that belong to nothing yet.
        until: other labels and values: what lies below one of them in the same column is not the label's.
    """
    found = _beside(label, free)
    last = found[0].line if found else label
    for piece in sorted(free, key=lambda one: one.line.top):
        line = piece.line
        if (
            piece in found
            or line.top < label.top + 0.3 * label.height
            or line.left < label.left - _SAME_LEFT * label.height
        ):
            continue
        if line.top - last.bottom > 2.2 * max(line.height, label.height):
            break
        if any(_between(one, last, line) for one in until):
            break
        if in_one_row(line, last) and line.left < last.right:
            continue
        found.append(piece)
        last = line
    return found


def _between(one: TextLine, upper: TextLine, lower: TextLine) -> bool:
    overlaps = one.left < lower.right and one.right > lower.left
    return overlaps and upper.middle[1] < one.middle[1] < lower.middle[1]


def _beside(label: TextLine, free: Sequence[Piece]) -> list[Piece]:
    """The nearest piece to the right in the label's row, and what goes on in the same row behind it.

    An engine may draw a label's box wider than the label: what begins in its right half stands beside it.
    """
    row = [one for one in free if in_one_row(label, one.line) and one.line.left >= label.middle[0]]
    row.sort(key=lambda one: one.line.left)
    found: list[Piece] = []
    end, height = label.right, label.height
    for piece in row:
        far = _FAR_BESIDE if not found else 2.5
        if piece.line.left - end > far * max(height, piece.line.height):
            break
        found.append(piece)
        end, height = piece.line.right, piece.line.height
    return found


def _below(label: TextLine, free: Sequence[Piece]) -> list[Piece]:
    """The nearest piece below that begins where the label does."""
    column = [
        one
        for one in free
        if -0.3 * label.height <= one.line.top - label.bottom <= _FAR_BELOW * max(label.height, one.line.height)
        and abs(one.line.left - label.left) <= _SAME_LEFT * max(label.height, one.line.height)
    ]
    column.sort(key=lambda one: one.line.top)
    return column[:1]


def _going_on(start: list[Piece], free: Sequence[Piece], others: Sequence[TextLine]) -> list[Piece]:
    """Lines of the same size that begin where the first does and follow each other closely, up to the next label."""
    found = list(start)
    first = last = start[0].line
    for piece in sorted(free, key=lambda one: one.line.top):
        line = piece.line
        if piece in found or line.top < last.top + 0.4 * last.height:
            continue
        near = line.top - last.bottom <= _FAR_ON * first.height
        alike = 0.55 <= line.height / first.height <= 1.6
        aligned = abs(line.left - first.left) <= _SAME_LEFT * first.height
        if any(_is_labelled(line, other) or _between(other, last, line) for other in others):
            break
        if near and alike and aligned:
            found.append(piece)
            last = line
    return found


def _is_anothers(line: TextLine, others: Sequence[TextLine]) -> bool:
    return any(_is_labelled(line, other) for other in others)


def _is_labelled(line: TextLine, label: TextLine) -> bool:
    """Whether a label stands before the line, in its row."""
    return in_one_row(line, label) and label.left < line.left


def _part(quad: Quad, left: float, right: float) -> Quad:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return (
        (ax + (bx - ax) * left, ay + (by - ay) * left),
        (ax + (bx - ax) * right, ay + (by - ay) * right),
        (dx + (cx - dx) * right, dy + (cy - dy) * right),
        (dx + (cx - dx) * left, dy + (cy - dy) * left),
    )
