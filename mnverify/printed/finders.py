"""Finder patterns of QR codes (ISO/IEC 18004 6.3.3), found without decoding anything.

A code that is scratched, cut off or covered is no code to a decoder, and can be one again to somebody who mends it. So what
looks like its finder patterns is found by shape: a dark square in a light ring in a dark ring, 3 : 5 : 7 modules wide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mnverify.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

WIDTH = 7
"""Modules of a finder pattern's side."""
MOST = 60
"""Patterns of one picture, from which on no more are looked for: a code has three, and what is full of them is no card."""
_LONGEST = 2200  # pixels of the longer side on which patterns are looked for
_SMALLEST = 9.0  # pixels of a pattern's side
_RINGS = (49 / 25, 25 / 9)  # areas of two squares that follow one another
_SPREAD = 1.55  # by which factor each of these may be wrong
_MOST_OBLONG = 1.7
_FULLEST, _LEAST_FULL = 1.35, 0.62  # area over that of the rectangle around it
_OFF_CENTRE = 0.25  # of the side


class Finder(NamedTuple):
    """What looks like a finder pattern: its centre and its side, in pixels of the picture."""

    x: float
    y: float
    side: float


def find_finders(grey: Grey) -> list[Finder]:
    """Every finder pattern of a picture, each once; where there are more than ``MOST``, one more than that.

    Args:
        grey: rows first, eight bits.

    Raises:
        MissingExtra: OpenCV is not installed.
    """
    cv2 = _opencv()
    scale = min(1.0, _LONGEST / max(grey.shape))
    small = grey if scale == 1 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found: list[Finder] = []
    for dark in _darks(cv2, small):
        for one in _nested(cv2, dark):
            if all(math.dist(one[:2], other[:2]) > max(one.side, other.side) / 2 for other in found):
                found.append(one)
            if len(found) > MOST:
                return [_scaled(one, 1 / scale) for one in found]
    return [_scaled(one, 1 / scale) for one in found]


def triples(finders: list[Finder]) -> Iterator[tuple[Finder, Finder, Finder]]:
    """Three patterns that stand as those of one code: of one size, at the corners of half a square; the right angle first."""
    for corner in finders:
        near = [one for one in finders if one is not corner and _matches(corner, one)]
        for at, one in enumerate(near):
            for other in near[at + 1 :]:
                if _right_angle(corner, one, other):
                    yield corner, one, other


def _scaled(one: Finder, by: float) -> Finder:
    return Finder(one.x * by, one.y * by, one.side * by)


def _matches(one: Finder, other: Finder) -> bool:
    larger, smaller = max(one.side, other.side), min(one.side, other.side)
    return larger <= 1.6 * smaller and 1.2 * smaller <= math.dist(one[:2], other[:2]) <= 30 * larger


def _right_angle(corner: Finder, one: Finder, other: Finder) -> bool:
    first, second = math.dist(corner[:2], one[:2]), math.dist(corner[:2], other[:2])
    dot = (one.x - corner.x) * (other.x - corner.x) + (one.y - corner.y) * (other.y - corner.y)
    return max(first, second) <= 1.5 * min(first, second) and abs(dot) <= 0.35 * first * second


def _darks(cv2: Any, grey: Grey) -> Iterator[Grey]:
    """The picture in black and white, in several ways."""
    blurred = cv2.GaussianBlur(grey, (3, 3), 0)
    yield cv2.threshold(blurred, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    for block in (25, 71):
        yield cv2.adaptiveThreshold(blurred, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 8)


def _nested(cv2: Any, dark: Grey) -> Iterator[Finder]:
    """Squares in squares in squares, of the right proportions."""
    contours, tree = cv2.findContours(dark, cv2.RETR_TREE, cv2.CHAIN_APPROX_NONE)
    if tree is None:
        return
    for at, (_, _, ring, _) in enumerate(tree[0]):
        core = tree[0][ring][2] if ring >= 0 else -1
        if core < 0 or tree[0][ring][0] >= 0 or len(contours[core]) < 4:
            continue
        outer, middle, inner = (_square(cv2, contours[one]) for one in (at, ring, core))
        if outer is None or middle is None or inner is None or outer[2] < _SMALLEST:
            continue
        areas = [one[2] ** 2 for one in (outer, middle, inner)]
        # A contour runs through the middle of its pixels: what is measured from outside is a pixel too small, a hole one too large.
        right = all(
            ratio / _SPREAD <= larger / smaller <= ratio * _SPREAD
            for ratio, larger, smaller in zip(_RINGS, areas, areas[1:], strict=False)
        )
        if right and math.dist(outer[:2], inner[:2]) <= _OFF_CENTRE * outer[2]:
            yield Finder(*outer)


def _square(cv2: Any, contour: Any) -> tuple[float, float, float] | None:
    """Centre and side of what is nearly a square; None where it is none."""
    (x, y), (width, height), _ = cv2.minAreaRect(contour)
    width, height = width + 1, height + 1
    if max(width, height) > _MOST_OBLONG * min(width, height):
        return None
    full = (cv2.contourArea(contour) + len(contour) / 2 + 1) / (width * height)
    return (x, y, math.sqrt(width * height)) if _LEAST_FULL <= full <= _FULLEST else None


def _opencv() -> Any:
    try:
        import cv2
    except ImportError:
        raise MissingExtra("opencv-python-headless", "ocr") from None
    return cv2
