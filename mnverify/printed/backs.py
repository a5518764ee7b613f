"""Where codes and numbers are in a picture of the back of a card, or of several, or of a copy of both sides.

A QR code that was found tells how large the card is and how it lies, so its surroundings can be set straight and read again: that
is the layout that every back shares. Beside that the whole picture is read, in parts where it is large.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from mnverify.masked import MaskedText, not_copied
from mnverify.printed.codes import Corners, FoundCode, find_codes, joined
from mnverify.printed.digits import DIGITS, DigitGroup, digit_groups, looks_like_a_part, stacked_lines
from mnverify.printed.engine import TextEngine, TextLine
from mnverify.printed.finders import MOST, Finder, find_finders, triples
from mnverify.printed.steps import Steps

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Polygon: TypeAlias = tuple[tuple[float, float], ...]

CODE_MM = 8.89
REACH_MM = 95.0
"""How far the number is from the middle of its code at most: a card's diagonal is 101 mm."""
MOST_CODES = 8
"""Codes of a picture: what holds more takes too long, as text is read around each."""
_FRAME_DOTS = 8.0  # pixels of a frame a millimetre
_SEEN_AS = 1000  # pixels: the size at which engines look for lines
_DIGIT_MM, _LEAST_HEIGHT = 2.8, 7.0  # of a digit of the number: millimetres, and pixels that it is seen with at least
_OVERLAP = 0.2
_SMALLEST, _LARGEST = (
    60,
    6_000_000,
)  # pixels of the shorter side, and in all, of a picture that is made larger or smaller
_UPRIGHT = 1.5  # height over width, of a line that is read from top to bottom, or from bottom to top
_BEFORE, _ABOVE, _BELOW = 5.0, 2.6, 1.4  # heights of a number, from its beginning to the middle of its heading
_LABEL, _LABEL_LENGTH = "個人番号", 7


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Frame:
    """Where a part of the picture is, to be set straight. It holds no pixels: of a page full of codes there are many.

    Attributes:
        size: width and height in pixels, once it is set straight.
        matrix: from its pixels to those of the picture: ``x = a u + b v + c``, ``y = d u + e v + f``.
        of_code: it lies around a code.
        whole: it shows all of the picture, or a part of one that is too large to be read at once.
    """

    size: tuple[int, int]
    matrix: tuple[float, float, float, float, float, float]
    of_code: bool
    whole: bool

    def cut(self, image: PillowImage) -> PillowImage:
        """Its pixels.

        Args:
            image: the picture, RGB.
        """
        from PIL import Image as Pillow

        if self.of_code:
            how = Pillow.Transform.AFFINE, self.matrix, Pillow.Resampling.BICUBIC
            return image.transform(self.size, *how, fillcolor=(128,) * 3)
        left, top = (round(self.matrix[at]) for at in (2, 5))
        return image.crop((left, top, left + self.size[0], top + self.size[1]))

    def out(self, points: Sequence[tuple[float, float]]) -> Polygon:
        """Points of the frame, in pixels of the picture."""
        a, b, c, d, e, f = self.matrix
        return tuple((a * u + b * v + c, d * u + e * v + f) for u, v in points)

    def __repr__(self) -> str:
        return "Frame()"


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PrintedNumber:
    """Digits that may be a 個人番号. It shows none of them.

    Attributes:
        quad: where they are.
        digits: what was read, where there are twelve of them; else None.
        headed: the heading 個人番号 stands beside or above them.
    """

    quad: Polygon
    digits: MaskedText | None
    headed: bool = False

    def __repr__(self) -> str:
        return "PrintedNumber()"


@not_copied
@dataclass(slots=True, repr=False, eq=False)
class Traces:
    """What was found in a picture.

    Attributes:
        codes: QR codes that are a 個人番号, or may be one: what could not be decoded is among them.
        contents: by code, the twelve digits of those that hold such.
        others: QR codes that are something else, as an address of a web page.
        finders: finder patterns, also those that belong to no code.
        numbers: digits that may be a 個人番号.
        labels: where 個人番号 stands as a heading.
        parts: pieces of text that look like a part of a number, around a code.
    """

    codes: list[Corners] = field(default_factory=list)
    contents: dict[Corners, MaskedText] = field(default_factory=dict)
    others: list[Corners] = field(default_factory=list)
    finders: list[Finder] = field(default_factory=list)
    numbers: list[PrintedNumber] = field(default_factory=list)
    labels: list[Polygon] = field(default_factory=list)
    parts: list[Polygon] = field(default_factory=list)

    @property
    def too_many(self) -> bool:
        """Whether there are more codes, or patterns of codes, than are looked at."""
        return len(self.codes) + len(self.others) > MOST_CODES or len(self.finders) > MOST

    @property
    def nothing(self) -> bool:
        """Whether nothing of a number was found."""
        return not (self.codes or self.others or self.finders or self.numbers or self.parts)

    def __repr__(self) -> str:
        return f"Traces({len(self.codes)} codes, {len(self.numbers)} numbers)"


def read_text(image: PillowImage, engine: TextEngine, traces: Traces, known: Sequence[Corners], steps: Steps) -> None:
    """Read text once around each code, and at most five times besides; what may be of a number is added to the traces.

    Where nothing at all was found, the whole picture is read once more, turned by a right angle: another card, or a slip of
    paper, may lie across.

    Args:
        image: RGB.
        engine: reads text.
        traces: the codes of the picture.
        known: codes that were in the picture before; what is around them is read again.
        steps: is told of each reading. At the first look as many are expected once more: to see that nothing is left.
    """
    every = list(frames(image, [*known, *traces.codes]))
    across = [frame for frame in every if frame.whole]
    steps.ahead(len(every) * (1 if steps.begun else 2) + len(across))
    for frame in every:
        _read(frame, image, engine, traces)
        steps.one_done()
    for frame in across if traces.nothing else ():
        _read_across(frame, image, engine, traces)
        steps.one_done()


def codes_in(grey: PillowImage) -> Traces:
    """Codes, by the decoder at several scales and by finder patterns; and every finder pattern. Where there are too many, not all.

    Raises:
        PictureError: it is full of patterns of codes.
        MissingExtra: zxing-cpp or OpenCV is not installed.
    """
    import numpy as np

    traces = Traces(finders=find_finders(np.asarray(grey)))
    for one in _decoded(grey) if len(traces.finders) <= MOST else ():
        (traces.codes if _may_be_a_number(one) else traces.others).append(one.corners)
        if one.content is not None and len(one.content) == DIGITS and one.content.isdigit():
            traces.contents[one.corners] = MaskedText(one.content.decode("ascii"))
    if traces.too_many:
        return traces
    known = [*traces.codes, *traces.others]
    loose = [one for one in traces.finders if not any(_inside(one[:2], code) for code in known)]
    for corner, one_end, other_end in triples(loose):
        quad = code_of_triple(corner, one_end, other_end)
        if not any(_inside(centre(quad), code) or _inside(centre(code), quad) for code in traces.codes):
            traces.codes.append(quad)
        if len(traces.codes) > MOST_CODES:
            break
    return traces


def _decoded(grey: PillowImage) -> list[FoundCode]:
    """What the decoder finds, at several scales."""
    from PIL import Image as Pillow

    found = find_codes(grey, inverted=True)
    for scale in (0.5, 0.25, 2.0):
        if len(found) > MOST_CODES:
            break
        width, height = round(grey.width * scale), round(grey.height * scale)
        if min(width, height) < _SMALLEST or width * height > _LARGEST:
            continue
        more = find_codes(grey.resize((width, height), Pillow.Resampling.BICUBIC), inverted=True)
        found = joined(found, (_grown(one, 1 / scale) for one in more))
    return found


def _may_be_a_number(code: FoundCode) -> bool:
    """Unless it was read, and does not hold as many digits."""
    return code.content is None or sum(48 <= one <= 57 for one in code.content) >= DIGITS


def frames(image: PillowImage, codes: Sequence[Corners]) -> Iterator[Frame]:
    """The surroundings of every code, set straight; and the whole picture, unless one of those shows all of it."""
    whole = False
    seen: list[Corners] = []
    for code in codes:
        if any(math.dist(centre(code), centre(other)) < side_of(code) / 2 for other in seen):
            continue
        seen.append(code)
        frame = _around(image, code, whole)
        whole = whole or frame.whole
        yield frame
    if not whole:
        yield from _parts(image, min((side_of(code) / CODE_MM for code in seen), default=0.0))


def _read(frame: Frame, image: PillowImage, engine: TextEngine, traces: Traces) -> None:
    import numpy as np

    _take(frame, engine.read(np.array(frame.cut(image))), traces)


def _read_across(frame: Frame, image: PillowImage, engine: TextEngine, traces: Traces) -> None:
    """Read a frame turned by a right angle."""
    import numpy as np

    width = frame.size[0]
    lines = engine.read(np.ascontiguousarray(np.rot90(np.array(frame.cut(image)))))
    _take(frame, [_with_quad(line, [(width - v, u) for u, v in line.quad]) for line in lines], traces)


def _take(frame: Frame, found: Iterable[TextLine], traces: Traces) -> None:
    """Keep what may be of a number, where it is in the picture."""
    lines = [_along(line) for line in found]
    headings = [line for line in lines if _is_label(line)]
    for group in digit_groups(lines):
        whole, *parts = _joined_quads(group)
        headed = any(_LABEL in _plain(line) for line in lines if line.quad == group.quads[0])
        headed = headed or any(_heads(heading.quad, whole) for heading in headings)
        traces.numbers.append(PrintedNumber(frame.out(whole), group.digits if group.whole else None, headed))
        traces.numbers += [PrintedNumber(frame.out(part), None) for part in parts]
    # They are painted out, and never taken for the number of a card, which stands in one line.
    traces.numbers += [PrintedNumber(frame.out(line.quad), None) for line in stacked_lines(lines)]
    traces.labels += [frame.out(heading.quad) for heading in headings]
    if frame.of_code:
        traces.parts += [frame.out(line.quad) for line in lines if looks_like_a_part(line)]


def _along(line: TextLine) -> TextLine:
    """A line whose quad begins where its text does: engines give a line that stands upright the quad of a level one."""
    a, b, _, d = line.quad
    tall = len(line.text) > 1 and math.dist(a, d) >= _UPRIGHT * math.dist(a, b)
    return _with_quad(line, (*line.quad[1:], a)) if tall else line


def _with_quad(line: TextLine, quad: Sequence[tuple[float, float]]) -> TextLine:
    a, b, c, d = quad
    return line.part(0, len(line.text), (a, b, c, d))


def _heads(heading: Polygon, number: Polygon) -> bool:
    """Whether a heading stands above the beginning of a number, or before it."""
    first, second, _, fourth = number
    height, length = max(1.0, math.dist(first, fourth)), max(1.0, math.dist(first, second))
    (x, y), (ux, uy) = centre(heading), ((second[0] - first[0]) / length, (second[1] - first[1]) / length)
    along = ((x - first[0]) * ux + (y - first[1]) * uy) / height
    down = ((y - first[1]) * ux - (x - first[0]) * uy) / height
    return -_BEFORE <= along <= length / height and -_ABOVE <= down <= _BELOW


def _joined_quads(group: DigitGroup) -> Iterator[tuple[tuple[float, float], ...]]:
    """The quads of a group; of several lines one quad from the first to the last, so that the gaps are in it too."""
    first, last = group.quads[0], group.quads[-1]
    yield (first[0], last[1], last[2], first[3])
    if len(group.quads) > 1:
        yield from group.quads


def _is_label(line: TextLine) -> bool:
    text = _plain(line)
    return _LABEL in text and len(text) <= _LABEL_LENGTH and "カード" not in text


def _plain(line: TextLine) -> MaskedText:
    return MaskedText(line.text.replace(" ", ""))


def _around(image: PillowImage, code: Corners, another_is_whole: bool) -> Frame:
    """What lies around a code, level and at one scale; that may be the whole picture, seen large enough."""
    dots = CODE_MM * _FRAME_DOTS
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = code
    right = ((bx - ax + cx - dx) / 2 / dots, (by - ay + cy - dy) / 2 / dots)
    down = ((dx - ax + cx - bx) / 2 / dots, (dy - ay + cy - by) / 2 / dots)
    if abs(right[0] * down[1] - right[1] * down[0]) < 1e-6:  # a code seen from its edge: turned, not stretched
        down = (-right[1], right[0])
    middle = centre(code)
    det = right[0] * down[1] - right[1] * down[0] or 1.0
    corners = []
    for x, y in ((0, 0), (image.width, 0), (image.width, image.height), (0, image.height)):
        px, py = x - middle[0], y - middle[1]
        corners.append(((px * down[1] - py * down[0]) / det, (right[0] * py - right[1] * px) / det))
    reach = REACH_MM * _FRAME_DOTS
    left, top = (max(-reach, min(one[axis] for one in corners)) for axis in (0, 1))
    end, bottom = (min(reach, max(one[axis] for one in corners)) for axis in (0, 1))
    size = (max(32, math.ceil(end - left)), max(32, math.ceil(bottom - top)))
    matrix = (
        right[0], down[0], middle[0] + left * right[0] + top * down[0],
        right[1], down[1], middle[1] + left * right[1] + top * down[1],
    )  # fmt: skip
    covered = all(abs(value) < reach for corner in corners for value in corner)
    return Frame(size, matrix, of_code=True, whole=covered and not another_is_whole)


def _parts(image: PillowImage, dots: float) -> Iterator[Frame]:
    """The picture as it is; and in halves that overlap, where print would be too small for an engine that looks at the whole.

    Args:
        image: RGB.
        dots: pixels a millimetre, of the smallest card in it.
    """
    yield Frame(image.size, (1, 0, 0, 0, 1, 0), of_code=False, whole=True)
    if _DIGIT_MM * dots * _SEEN_AS / max(image.size) >= _LEAST_HEIGHT or max(image.size) <= _SEEN_AS:
        return
    width, height = (math.ceil(side * (1 + _OVERLAP) / 2) for side in image.size)
    for left in (0, image.width - width):
        for top in (0, image.height - height):
            yield Frame((width, height), (1, 0, left, 0, 1, top), of_code=False, whole=True)


def code_of_triple(corner: Finder, one: Finder, other: Finder) -> Corners:
    """The corners of a code by the middles of its three patterns, from the top left on, clockwise; the fourth completes the square.

    Args:
        corner: the pattern at the right angle.
        one: another.
        other: the third.
    """
    if (one.x - corner.x) * (other.y - corner.y) < (one.y - corner.y) * (other.x - corner.x):
        one, other = other, one
    half = (corner.side + one.side + other.side) / 6
    fourth = (one.x + other.x - corner.x, one.y + other.y - corner.y)
    middle = ((one.x + other.x) / 2, (one.y + other.y) / 2)
    points = (corner[:2], one[:2], fourth, other[:2])
    grow = [1 + math.sqrt(2) * half / max(1.0, math.dist(point, middle)) for point in points]
    first, second, third, last = (
        (middle[0] + (x - middle[0]) * by, middle[1] + (y - middle[1]) * by)
        for (x, y), by in zip(points, grow, strict=True)
    )
    return first, second, third, last


def _grown(code: FoundCode, by: float) -> FoundCode:
    first, second, third, last = ((x * by, y * by) for x, y in code.corners)
    return FoundCode(code.content, code.version, code.plain, (first, second, third, last))


def centre(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The mean of some points."""
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def side_of(code: Corners) -> float:
    """The mean side of a code, in pixels."""
    return sum(math.dist(one, two) for one, two in zip(code, (*code[1:], code[0]), strict=True)) / 4


def _inside(point: tuple[float, float], points: Sequence[tuple[float, float]]) -> bool:
    across, down = zip(*points, strict=True)
    return bool(min(across) <= point[0] <= max(across) and min(down) <= point[1] <= max(down))


def reach_of(code: Corners) -> float:
    """How far, in pixels, the number of a code is from its middle at most."""
    return REACH_MM / CODE_MM * side_of(code)
