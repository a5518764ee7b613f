"""Where each character of a text stands in a printed line: the text is drawn in a typeface, and laid over the line.

A line has one size, one baseline and one distance from character to character, so a character is compared where it stands, and in
its size: 一 and ー, ニ and 二, ツ and ッ are told apart by that alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

from mnverify.masked import not_copied
from mnverify.printed.glyph.drawing import EDGE, EM, Typeface, advance, drawn, draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ink = NDArray[Any]

LEAST_EM = 28.0
"""Pixels of a full-width character's side in the print: less is a print below 300 dpi, in which variants are not told apart."""
_WORTH_A_LOOK = 0.5  # of a line, in any typeface: below this it is not the text
_LOOSEST = 0.35  # of a cell's side, between cells
_OFF = 0.12  # by which height and width of the ink may say different sizes
_RUNS = 3  # pieces of ink at a line's ends that may not belong to it
_SHIFT = 3  # pixels of ``EM``
_MORE = 3  # pixels around a cell that are compared too
_SOFT = (0.6, 1.0, 1.5, 2.1)
_WEIGHTS = (0, 1, 3, 6)
_TURNS = 2
_PARTS = (-0.5, 0.0, 0.5)  # of a pixel
_STROKE = 1.5  # pixels of ``EM``


@not_copied
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlacedLine:
    """A line of print, with a text laid over it.

    Attributes:
        ink: of the line, brought to ``EM`` pixels a character, ``EDGE`` around.
        characters: of the text, spaces among them.
        faces: the typeface that each is drawn in.
        lefts: where the cell of each begins.
        em: pixels of a character's side in the print.
        ends: left and right edge of the text's cells, in pixels of the print.
        softness: of the print, against what is drawn.
        weight: of its strokes, likewise.
    """

    ink: Ink
    characters: tuple[str, ...]
    faces: tuple[Typeface, ...]
    lefts: tuple[float, ...]
    em: float
    ends: tuple[float, float]
    softness: float
    weight: int

    def __repr__(self) -> str:
        return f"PlacedLine({len(self.characters)} characters)"

    def looks(self) -> Iterator[int]:
        """Numbers of the characters that have ink."""
        return (at for at, one in enumerate(self.characters) if not one.isspace())

    def most_between(self) -> float:
        """The most ink in a cell that has to be blank, over a stroke's width: 0 to 1."""
        import cv2

        soft = cv2.GaussianBlur(self.ink, (0, 0), _STROKE)
        cells = (
            (round(self.lefts[at]), round(self.lefts[at] + advance(self.faces[at], one) * EM))
            for at, one in enumerate(self.characters)
            if one.isspace()
        )
        return max(
            (float(soft[EDGE : EDGE + EM, first:last].max()) for first, last in cells if last > first), default=0.0
        )

    def likeness_of(self, at: int, character: str, face: Typeface) -> Laid:
        """How well a character fits in the place of one of the line's."""
        import cv2

        there = self._around(at, _SHIFT)
        drawing = self.drawing_of(at, character, face)
        scores = cv2.matchTemplate(there, drawing, cv2.TM_CCOEFF_NORMED)
        _, score, _, (across, down) = cv2.minMaxLoc(scores)
        height, width = drawing.shape
        return Laid(
            float(score),
            there[down : down + height, across : across + width],
            drawing,
            (across - _SHIFT, down - _SHIFT),
        )

    def drawing_of(self, at: int, character: str, face: Typeface) -> Ink:
        """The drawn line about one of its characters, with another in its place."""
        first, last = self._columns(at)
        return _set(self, at, character, face)[EDGE - _MORE : EDGE + EM + _MORE, first:last]

    def _columns(self, at: int) -> tuple[int, int]:
        left = round(self.lefts[at])
        wide = round(advance(self.faces[at], self.characters[at]) * EM)
        return max(0, left - _MORE), min(self.ink.shape[1], left + wide + _MORE)

    def _around(self, at: int, more: int) -> Ink:
        import cv2

        first, last = self._columns(at)
        whole = cv2.copyMakeBorder(self.ink, more, more, more, more, cv2.BORDER_REPLICATE)
        return whole[EDGE - _MORE : EDGE + EM + _MORE + 2 * more, first : last + 2 * more]


@not_copied
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Laid:
    """A drawn character on its place in the print.

    Attributes:
        score: their correlation.
        print: the print's ink.
        drawing: what was drawn.
        off: by how many pixels it was moved, across and down.
    """

    score: float
    print: Ink
    drawing: Ink
    off: tuple[int, int]

    def __repr__(self) -> str:
        return f"Laid({self.score:.2f})"

    def beyond(self, other: Ink) -> float:
        """How far the print is from the middle between this drawing and another: 0.5 where it is this one, -0.5 the other."""
        between = self.drawing - other - (self.drawing - other).mean()
        apart = float((between**2).sum())
        if apart <= 0:
            return 0.0
        by = self._contrast()
        middle = (self.drawing + other) / 2
        return float(((self.print / by - middle) * between).sum()) / apart if by > 0 else 0.0

    def _contrast(self) -> float:
        drawing, seen = self.drawing - self.drawing.mean(), self.print - self.print.mean()
        spread = float((drawing**2).sum())
        return float((drawing * seen).sum()) / spread if spread > 0 else 0.0

    def left_over(self) -> float:
        """The most ink that print and drawing do not share, anywhere, over a stroke's width: 0 to 1."""
        import cv2
        import numpy as np

        by = self._contrast()
        if by <= 0:
            return 1.0
        drawing = self.drawing - self.drawing.mean()
        least = float("inf")
        for across, down in product(_PARTS, repeat=2):  # a printer sets each character on a whole dot
            shift = np.array([[1, 0, across], [0, 1, down]], np.float32)
            moved = cv2.warpAffine(self.print, shift, self.print.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
            least = min(least, most_apart((moved - moved.mean()) / by, drawing))
        return least


def most_apart(one: Ink, other: Ink) -> float:
    """The most ink that two pictures do not share, anywhere, over a stroke's width: 0 to 1."""
    import cv2
    import numpy as np

    return float(np.abs(cv2.GaussianBlur(one - other, (0, 0), _STROKE)).max())


def place(ink: Ink, characters: Sequence[str], face: Typeface, others: Sequence[Typeface]) -> PlacedLine | None:
    """Lay a text over a line.

    Args:
        ink: of the line, level, with little else around it.
        characters: single ones, the first and the last no space.
        face: the typeface of the line.
        others: where a character is drawn that it lacks.

    Returns:
        None where a character is in no typeface, the print is too small, or the text is nowhere near it.
    """
    faces = [next((one for one in (face, *others) if draws(one, each)), None) for each in characters]
    if not characters or not all(_has_ink(*both) for both in zip(characters, faces, strict=True)):
        return None
    ways = _first(ink, tuple(characters), tuple(one for one in faces if one is not None))
    found = max(ways, key=lambda one: one[0], default=None)
    if found is None or found[0] < _WORTH_A_LOOK:
        return None
    line, at = found[1], found[2]
    for _ in range(_TURNS):
        line, at = _moved(ink, line, at)
    return line


def _has_ink(character: str, face: Typeface | None) -> bool:
    """Whether a character that is no space is seen in print at all: fillers are not."""
    return face is not None and (character.isspace() or bool(drawn(face, character, 1).max() > 0.5))


def mean_score(line: PlacedLine) -> float:
    """How well a line fits altogether."""
    scores = [line.likeness_of(at, line.characters[at], line.faces[at]).score for at in line.looks()]
    return sum(scores) / len(scores)


def tuned(line: PlacedLine) -> PlacedLine:
    """The line with the softness and weight that its print has."""
    return max((replace(line, softness=soft, weight=weight) for soft in _SOFT for weight in _WEIGHTS), key=_whole_score)


def in_best_faces(line: PlacedLine, faces: Sequence[Typeface]) -> PlacedLine:
    """The line with each character that its typeface lacks in that of the others which fits best."""
    its = max(line.faces, key=line.faces.count)
    best = list(line.faces)
    for at in line.looks():
        own = line.characters[at]
        if not draws(its, own):
            there = [face for face in faces if draws(face, own)]
            best[at] = max(there, key=lambda face: line.likeness_of(at, own, face).score)
    return replace(line, faces=tuple(best))


Map = tuple[float, float, float, float, float, float]
"""From a place on ``PlacedLine.ink`` to one in the print: x' = a x + b y + c, y' = d x + e y + f."""


def _first(
    ink: Ink, characters: tuple[str, ...], faces: tuple[Typeface, ...]
) -> Iterator[tuple[float, PlacedLine, Map]]:
    """Ways to lay the text between two pieces of ink, each with how well it fits."""
    import numpy as np

    columns, rows = (np.flatnonzero((ink > 0.5).any(axis=axis)) for axis in (0, 1))
    if columns.size < 2 or rows.size < 2:
        return
    starts, ends = _edges(columns)
    steps = [0.0, *np.cumsum([advance(face, one) for one, face in zip(characters, faces, strict=True)])[:-1].tolist()]
    left, right, top, bottom = _inked(characters, faces, steps)
    for start in starts[:_RUNS]:
        for end in ends[-_RUNS:]:
            for em, loose in _sizes(end - start, rows, (left, right, top, bottom), len(characters) - 1):
                scale = em / EM
                lefts = tuple(EDGE + (step + loose * at) * EM for at, step in enumerate(steps))
                for above in {rows[0] - top * em, rows[-1] + 1 - bottom * em}:
                    at = (scale, 0.0, start - left * em - EDGE * scale, 0.0, scale, above - EDGE * scale)
                    line = _taken(ink, characters, faces, lefts, at)
                    yield _whole_score(line), line, at


def _sizes(
    width: float, rows: Any, inked: tuple[float, float, float, float], gaps: int
) -> Iterator[tuple[float, float]]:
    """Sizes of type, and how loosely it is set, with which a text is so wide."""
    left, right, top, bottom = inked
    by_height = (rows[-1] + 1 - rows[0]) / max(0.05, bottom - top)
    solid = width / max(0.05, right - left)
    for em in (solid, by_height, by_height * 0.96, by_height * 1.04):
        loose = (width / em - (right - left)) / gaps if gaps else 0.0
        if em >= LEAST_EM and -0.02 <= loose <= _LOOSEST:
            yield em, loose


def _edges(columns: Any) -> tuple[list[int], list[int]]:
    import numpy as np

    gaps = np.flatnonzero(np.diff(columns) > 1)
    return columns[np.r_[0, gaps + 1]].tolist(), (columns[np.r_[gaps, columns.size - 1]] + 1).tolist()


def _inked(
    characters: tuple[str, ...], faces: tuple[Typeface, ...], steps: Sequence[float]
) -> tuple[float, float, float, float]:
    """Edges of a text's ink in parts of ``EM``, set solid, from the first cell's upper left corner."""
    import numpy as np

    boxes = []
    for one, face, step in zip(characters, faces, steps, strict=True):
        if not one.isspace():
            rows, columns = (np.flatnonzero((drawn(face, one, 1) > 0.5).any(axis=axis)) for axis in (1, 0))
            across, down = (columns[[0, -1]] - EDGE) / EM + step, (rows[[0, -1]] - EDGE) / EM
            boxes.append((across[0], across[1] + 1 / EM, down[0], down[1] + 1 / EM))
    return boxes[0][0], boxes[-1][1], min(box[2] for box in boxes), max(box[3] for box in boxes)


def _taken(
    ink: Ink, characters: tuple[str, ...], faces: tuple[Typeface, ...], lefts: tuple[float, ...], at: Map
) -> PlacedLine:
    import cv2
    import numpy as np

    wide = round(lefts[-1] + advance(faces[-1], characters[-1]) * EM + EDGE)
    scale = (at[0] * at[4]) ** 0.5
    there = cv2.GaussianBlur(ink, (0, 0), 0.45 * scale) if scale > 1.2 else ink
    matrix = np.array(at, np.float32).reshape(2, 3)
    shift = np.array(
        [[0, 0, (at[0] - 1) / 2], [0, 0, (at[4] - 1) / 2]], np.float32
    )  # from pixels' corners to their middles
    taken = cv2.warpAffine(
        there,
        matrix + shift,
        (wide, EM + 2 * EDGE),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    ends = (at[0] * EDGE + at[2], at[0] * (wide - EDGE) + at[2])
    return PlacedLine(taken, characters, faces, lefts, scale * EM, ends, _SOFT[0], _WEIGHTS[1])


def _set(line: PlacedLine, at: int = -1, character: str = "", face: Typeface = "") -> Ink:
    """The text drawn as a line, one of its characters by another."""
    import cv2
    import numpy as np

    whole: Ink = np.zeros_like(line.ink)
    for number in line.looks() if at < 0 else range(max(0, at - 1), min(len(line.characters), at + 2)):
        own, in_face = line.characters[number], line.faces[number]
        one, its = (character, face) if number == at else (own, in_face)
        if one.isspace():
            continue
        ink = drawn(its, one, line.weight)
        whole_left = round(line.lefts[number]) - EDGE
        first, last = max(0, whole_left), min(whole.shape[1], whole_left + ink.shape[1])
        part = whole[:, first:last]
        np.maximum(part, ink[:, first - whole_left : last - whole_left], out=part)
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), line.softness))


def _whole_score(line: PlacedLine) -> float:
    import cv2

    drawing = _set(line)[EDGE - _MORE : EDGE + EM + _MORE]
    there = cv2.copyMakeBorder(line.ink, 0, 0, 2, 2, cv2.BORDER_REPLICATE)[EDGE - _MORE - 2 : EDGE + EM + _MORE + 2]
    return float(cv2.matchTemplate(there, drawing, cv2.TM_CCOEFF_NORMED).max())


def _moved(ink: Ink, line: PlacedLine, at: Map) -> tuple[PlacedLine, Map]:
    """The line with its characters where they fit best, by one size, one slope and one distance for all."""
    import numpy as np

    numbers = list(line.looks())
    offs = [line.likeness_of(one, line.characters[one], line.faces[one]).off for one in numbers]
    middles = np.array([line.lefts[one] + EM / 2 for one in numbers])
    across, down = (np.array([off[axis] for off in offs], float) for axis in (0, 1))
    if len(numbers) < 3:
        grow, right, slope, lower = 0.0, float(np.median(across)), 0.0, float(np.median(down))
    else:
        (grow, right), (slope, lower) = np.polyfit(middles, across, 1), np.polyfit(middles, down, 1)
    a, _, c, d, e, f = at
    # Columns of the new ink are x; in the old they were x + grow x + right, and rows y + slope x + lower.
    new = (a * (1 + grow), 0.0, c + a * right, d * (1 + grow) + e * slope, e, f + e * lower + d * right)
    return _taken(ink, line.characters, line.faces, line.lefts, new), new
