"""The shape of a character as numbers: which way its strokes run, and where; the same from twelve dots and from a print.

A character is cut to its ink, brought to one size and softened, so that typeface, weight and size matter little. Then each of four
directions of stroke is a picture of its own. Directions part characters where bare darkness does not: two kanji are both dark.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

SIDE = 24
"""Pixels to which the longer side of a character's ink is brought."""
_EDGE = 4
_SOFT, _SOFTER = 1.2, 1.6  # pixels
_SQUARE_FROM = 0.6  # shorter side over longer: from here on both are brought to one size
_INK = 0.4
_DIRECTIONS = 4


def shape_of(ink: Array) -> Array | None:
    """The shape of one character, of length one; None where there is no ink.

    Args:
        ink: rows first, 0 for paper to 1 for ink.
    """
    import numpy as np

    rows, columns = (np.flatnonzero(ink.max(axis=axis) > _INK) for axis in (1, 0))
    if not rows.size:
        return None
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    picture = _blur(_sized(cut), _SOFT)
    down, across = np.gradient(picture)
    strength, angle = np.hypot(across, down), np.arctan2(down, across) % np.pi
    step = np.pi / _DIRECTIONS
    parts = []
    for direction in range(_DIRECTIONS):
        off = np.abs((angle - direction * step + np.pi / 2) % np.pi - np.pi / 2)
        parts.append(_blur(np.clip(1 - off / step, 0, 1) * strength, _SOFTER).ravel())
    shape = np.concatenate(parts)
    shape = shape - shape.mean()
    length = float(np.linalg.norm(shape))
    return np.asarray(shape / length) if length > 0 else None


def likeness(one: Array, other: Array) -> float:
    """How alike two shapes are: 1 for the same, about 0.4 for two characters that have nothing in common."""
    return float(one @ other)


def _sized(cut: Array) -> Array:
    """The character in the middle of a square, its longer side ``SIDE`` pixels; what is nearly square is made square."""
    import numpy as np
    from PIL import Image as Pillow

    height, width = cut.shape
    longer = max(height, width)
    if min(height, width) / longer > _SQUARE_FROM:
        size = (SIDE, SIDE)
    else:
        size = (max(3, round(SIDE * width / longer)), max(3, round(SIDE * height / longer)))
    way = Pillow.Resampling.BOX if longer > 1.5 * SIDE else Pillow.Resampling.BICUBIC
    small = Pillow.fromarray((cut * 255).clip(0, 255).astype(np.uint8)).resize(size, way)
    whole = np.zeros((SIDE + 2 * _EDGE, SIDE + 2 * _EDGE))
    top, left = (whole.shape[0] - size[1]) // 2, (whole.shape[1] - size[0]) // 2
    whole[top : top + size[1], left : left + size[0]] = np.asarray(small, dtype=float)
    return whole


def _blur(picture: Array, by: float) -> Array:
    weights = _weights(picture.shape[0], by)
    return np_array(weights @ picture @ weights.T)


def np_array(found: object) -> Array:
    """As an array of numbers."""
    import numpy as np

    return np.asarray(found, dtype=float)


@cache
def _weights(side: int, by: float) -> Array:
    """A matrix that softens: each row takes from its neighbours."""
    import numpy as np

    at = np.arange(side)
    weights = np.exp(-((at[:, None] - at[None, :]) ** 2) / (2 * by * by))
    return np.asarray(weights / weights.sum(axis=1).mean())
