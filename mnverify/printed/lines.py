"""Quadrilaterals that may be a card's outline, found by straight lines: where masks find nothing that stands out.

Two lines that run side by side and two across them; or three of these, and the fourth where a card's proportions put it, for one
side is often hidden by a hand or as pale as what lies under it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

    Floats = NDArray[Any]

_SHORTEST_PIECE = 12.0  # pixels
_SHORTEST_LINE = 0.12  # of the longer side
_MOST_PIECES, _MOST_LINES = 500, 60
_SAME_BIN, _MOST_OF_A_DIRECTION = math.radians(2.5), 9  # a ruled page has many lines of one direction
_SAME_DIRECTION, _SAME_LINE = math.radians(1.6), 3.0
_PARALLEL, _ACROSS = math.radians(13), math.radians(66)
_NEAREST, _FARTHEST = 0.1, 0.97  # of the longer side, between opposite sides
_LEAST_RATIO, _MOST_RATIO = 1.3, 1.95
_MOST_QUADS = 5000


def candidates_by_lines(pixels: Pixels, aspect: float) -> list[Floats]:
    """Quadrilaterals whose sides lie on straight lines of the picture, those on the longest lines first.

    Args:
        pixels: RGB.
        aspect: of a card, where a fourth side has to be thought of.
    """
    import numpy as np

    longer = max(pixels.shape[:2])
    lines = _lines(pixels, _SHORTEST_LINE * longer)
    if len(lines) < 3:
        return []
    first, second = np.triu_indices(len(lines), 1)
    gap = _gaps(lines, first, second)
    near = (
        (_turn(lines[first, 2], lines[second, 2]) < _PARALLEL) & (gap > _NEAREST * longer) & (gap < _FARTHEST * longer)
    )
    pairs, gaps = np.stack([first[near], second[near]], axis=1), gap[near]
    quads = np.concatenate([_of_four(lines, pairs, gaps), _of_three(lines, pairs, gaps, aspect)])
    height, width = pixels.shape[:2]
    inside = (quads.min(axis=(1, 2)) > 0) & (quads[:, :, 0].max(axis=1) < width) & (quads[:, :, 1].max(axis=1) < height)
    return list(quads[inside & np.isfinite(quads).all(axis=(1, 2))].astype(np.float32))


def _of_four(lines: Floats, pairs: NDArray[Any], gaps: Floats) -> Floats:
    import numpy as np

    one, other = np.triu_indices(len(pairs), 1)
    ratio = np.maximum(gaps[one], gaps[other]) / np.minimum(gaps[one], gaps[other])
    across = _turn(lines[pairs[one, 0], 2], lines[pairs[other, 0], 2]) > _ACROSS
    fits = across & (ratio > _LEAST_RATIO) & (ratio < _MOST_RATIO)
    one, other = one[fits], other[fits]
    seen = _seen(lines[pairs[one], 3], gaps[other]) + _seen(lines[pairs[other], 3], gaps[one])
    best = np.argsort(-seen)[:_MOST_QUADS]
    (a, b), (c, d) = pairs[one[best]].T, pairs[other[best]].T
    whole = _homogeneous(lines)
    return _corners(whole[a], whole[b], whole[c], whole[d])


def _of_three(lines: Floats, pairs: NDArray[Any], gaps: Floats, aspect: float) -> Floats:
    """Two side by side and one across, with the fourth as far from that as a card is long, or high, to either side."""
    import numpy as np

    pair, third = (one.ravel() for one in np.meshgrid(np.arange(len(pairs)), np.arange(len(lines)), indexing="ij"))
    fits = _turn(lines[pairs[pair, 0], 2], lines[third, 2]) > _ACROSS
    pair, third = pair[fits], third[fits]
    whole = _homogeneous(lines)
    found = []
    for distance in (gaps * aspect, gaps / aspect):
        seen = _seen(lines[pairs[pair], 3], distance[pair]) + _seen(lines[third, 3][:, None], gaps[pair])
        best = np.argsort(-seen)[: _MOST_QUADS // 4]
        (a, b), across, far = pairs[pair[best]].T, third[best], distance[pair[best]]
        for side in (-1, 1):
            moved = whole[across].copy()
            moved[:, 2] += side * far
            found.append(_corners(whole[a], whole[b], whole[across], moved))
    return np.concatenate(found)


def _seen(lengths: Floats, side: Floats) -> Floats:
    """How much of sides of a length their lines' pieces make up: the sum over a row's lines, 1 each at most."""
    import numpy as np

    share: Floats = np.minimum(1.0, lengths / side[:, None]).sum(axis=1)
    return share


def _lines(pixels: Pixels, shortest: float) -> Floats:
    """The longest straight lines: a point, the angle, and how long their pieces are together; a row each."""
    import numpy as np

    pieces = _pieces(pixels)
    joined: Floats = np.zeros((0, 4))
    for x0, y0, x1, y1 in pieces:
        length, angle = math.hypot(x1 - x0, y1 - y0), math.atan2(y1 - y0, x1 - x0) % math.pi
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        off = np.abs((x - joined[:, 0]) * np.sin(joined[:, 2]) - (y - joined[:, 1]) * np.cos(joined[:, 2]))
        same = np.flatnonzero((off < _SAME_LINE) & (_turn(joined[:, 2], angle) < _SAME_DIRECTION))
        if len(same):
            joined[same[0], 3] += length
        else:
            joined = np.vstack([joined, [x, y, angle, length]])
    kept: list[Floats] = []
    directions: dict[int, int] = {}
    for line in joined[np.argsort(-joined[:, 3])]:
        bin_ = round(line[2] / _SAME_BIN) % round(math.pi / _SAME_BIN)
        directions[bin_] = directions.get(bin_, 0) + 1
        if line[3] >= shortest and directions[bin_] <= _MOST_OF_A_DIRECTION and len(kept) < _MOST_LINES:
            kept.append(line)
    return np.array(kept).reshape(-1, 4)


def _pieces(pixels: Pixels) -> Floats:
    """Straight pieces of edges, in lightness and in colour, the longest first."""
    import cv2
    import numpy as np

    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    finder = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE)
    found: list[Floats] = [np.zeros((0, 4), np.float32)]
    for channel in (lab[:, :, 0], _spread(lab[:, :, 2])):
        pieces = finder.detect(np.ascontiguousarray(channel))[0]
        if pieces is not None:
            found.append(pieces.reshape(-1, 4))
    every = np.concatenate(found)
    length = np.hypot(every[:, 2] - every[:, 0], every[:, 3] - every[:, 1])
    order = np.argsort(-length)[:_MOST_PIECES]
    long: Floats = every[order[length[order] >= _SHORTEST_PIECE]]
    return long


def _spread(channel: NDArray[Any]) -> NDArray[Any]:
    """A channel over the whole range of levels."""
    import numpy as np

    low, high = float(channel.min()), float(channel.max())
    return ((channel.astype(np.float32) - low) * (255 / max(1.0, high - low))).astype(np.uint8)


def _homogeneous(lines: Floats) -> Floats:
    """Each line as a, b, c with ax + by + c = 0, a and b of length one."""
    import numpy as np

    a, b = np.sin(lines[:, 2]), -np.cos(lines[:, 2])
    return np.stack([a, b, -(a * lines[:, 0] + b * lines[:, 1])], axis=1)


def _corners(a: Floats, b: Floats, c: Floats, d: Floats) -> Floats:
    """Where a and b cross c and d: four corners in a row around."""
    import numpy as np

    crossings = [np.cross(one, other) for one, other in ((a, c), (c, b), (b, d), (d, a))]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.stack([one[:, :2] / one[:, 2:] for one in crossings], axis=1)


def _gaps(lines: Floats, first: NDArray[Any], second: NDArray[Any]) -> Floats:
    import numpy as np

    whole = _homogeneous(lines)

    def off(line: NDArray[Any], point: NDArray[Any]) -> Floats:
        away: Floats = np.abs((whole[line, :2] * lines[point, :2]).sum(axis=1) + whole[line, 2])
        return away

    found: Floats = (off(first, second) + off(second, first)) / 2
    return found


def _turn(one: Floats, other: Floats | float) -> Floats:
    """Angle between two directions, 0 to a right angle."""
    import numpy as np

    between = np.abs(one - other) % math.pi
    turn: Floats = np.minimum(between, math.pi - between)
    return turn
