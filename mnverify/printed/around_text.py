"""Outlines that agree with text: once lines were read, they tell what a card's outline has to look like around them.

A first outline can lie wrong on a ruled page, or on a frame that is printed on the card. The text that was read in it is then
aslant, or cut by its rim. Print is level on its card, so of all other outlines those count in which the lines lie level and whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mnverify.printed.engine import Quad

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

LEVEL = 0.012
"""Slope of lines, on average, up to which they are level on a card that was laid straight."""
_LEAST_LENGTH = 3.0  # line heights, of a line that tells a direction
_FEWEST = 2
_INSIDE = 0.8  # of the lines, in an outline
_SLOPE_SPREAD = 0.012
_MOST_SIDES = 8  # places of one side that are combined with those of the others
_SAME_SIDE = 4.0  # pixels


def slope_of(quads: Sequence[Quad]) -> float | None:
    """How far from level lines are, on average by their lengths: 0.02 is one degree.

    Args:
        quads: of lines on a card that was laid straight.

    Returns:
        None where fewer than two lines are long enough to tell.
    """
    import numpy as np

    ends = _long_lines(quads)
    if len(ends) < _FEWEST:
        return None
    along = ends[:, 1] - ends[:, 0]
    return float(np.abs(along[:, 1]).sum() / max(1.0, float(np.abs(along[:, 0]).sum())))


def on_the_rim(quads: Sequence[Quad], width: int, height: int) -> bool:
    """Whether a line lies hard on the rim of a card that was laid straight, as text that is cut does.

    Args:
        quads: of the lines.
        width: of the card, in pixels.
        height: the same.
    """
    margin = 0.006 * width
    return any(
        not (margin <= x <= width - margin and margin <= y <= height - margin) for quad in quads for x, y in quad
    )


def agreement(outlines: Sequence[Floats], quads: Sequence[Quad] | Floats) -> Floats:
    """How well outlines agree with lines of text, a number each: 1 where they lie level and inside, 0 where they do not.

    Args:
        outlines: corners, clockwise, along a long side first.
        quads: of the lines, in the same pixels.
    """
    import cv2
    import numpy as np

    ends, middles = _long_lines(quads), np.array(quads, np.float32).mean(axis=1)
    target = np.array([[0, 0], [1586, 0], [1586, 1000], [0, 1000]], np.float32)
    found: Floats = np.zeros(len(outlines))
    if len(ends) < _FEWEST:
        return found
    for at in np.flatnonzero(_share_inside(np.array(outlines), middles) >= _INSIDE).tolist():
        matrix = cv2.getPerspectiveTransform(np.asarray(outlines[at], np.float32), target)
        laid = cv2.perspectiveTransform(ends.reshape(1, -1, 2), matrix).reshape(-1, 2, 2)
        along = laid[:, 1] - laid[:, 0]
        slope = np.abs(along[:, 1]).sum() / max(1.0, float(np.abs(along[:, 0]).sum()))
        found[at] = np.exp(-((slope / _SLOPE_SPREAD) ** 2) / 2)
    return found


def mixed(outlines: Sequence[Floats]) -> list[Floats]:
    """Outlines made of the sides of others: often each side was found, but not in one of them.

    Args:
        outlines: corners, clockwise, along a long side first; the likeliest first.
    """
    import itertools

    import numpy as np

    sides: list[list[Floats]] = [[], [], [], []]
    for corners in outlines:
        for side in range(4):
            line = np.stack([corners[side], corners[(side + 1) % 4]])
            if len(sides[side]) < _MOST_SIDES and all(np.abs(line - other).max() > _SAME_SIDE for other in sides[side]):
                sides[side].append(line)
    if not all(sides):
        return []
    lines = [np.array([_line(one) for one in side]) for side in sides]
    picked = np.array(list(itertools.product(*(range(len(side)) for side in sides))))
    chosen = [lines[side][picked[:, side]] for side in range(4)]
    crossings = [np.cross(chosen[side - 1], chosen[side]) for side in range(4)]
    with np.errstate(divide="ignore", invalid="ignore"):
        quads = np.stack([one[:, :2] / one[:, 2:] for one in crossings], axis=1)
    return list(quads[np.isfinite(quads).all(axis=(1, 2))].astype(np.float32))


def _line(ends: Floats) -> Floats:
    """Through two points, as a, b, c with ax + by + c = 0."""
    import numpy as np

    (x0, y0), (x1, y1) = ends.astype(np.float64)
    line: Floats = np.cross([x0, y0, 1.0], [x1, y1, 1.0])
    return line


def _long_lines(quads: Sequence[Quad] | Floats) -> Floats:
    """The two ends of each line, in the middle of its height, of those that are long enough to tell a direction.

    A line runs along the longer sides of its quad: in an outline that lies across the card text stands upright.
    """
    import numpy as np

    every = np.array(quads, np.float32).reshape(-1, 4, 2)
    along = np.stack([(every[:, 0] + every[:, 3]) / 2, (every[:, 1] + every[:, 2]) / 2], axis=1)
    across = np.stack([(every[:, 0] + every[:, 1]) / 2, (every[:, 3] + every[:, 2]) / 2], axis=1)
    length, high = (np.linalg.norm(one[:, 1] - one[:, 0], axis=1) for one in (along, across))
    ends = np.where((length >= high)[:, None, None], along, across)
    found: Floats = ends[np.maximum(length, high) >= _LEAST_LENGTH * np.maximum(1.0, np.minimum(length, high))]
    return found


def _share_inside(outlines: Floats, points: Floats) -> Floats:
    """Of points, how many lie in each of the outlines, as a part."""
    import numpy as np

    along = np.roll(outlines, -1, axis=1) - outlines
    off = points[None, :, None, :] - outlines[:, None, :, :]
    across = along[:, None, :, 0] * off[..., 1] - along[:, None, :, 1] * off[..., 0]
    share: Floats = (across > 0).all(axis=2).mean(axis=1)
    return share
