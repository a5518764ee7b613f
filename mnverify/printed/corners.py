"""Four corners: their sides, their area, and how near they are to a card's proportions (ID-1, 85.60 × 53.98 mm)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Corners = NDArray[Any]

CARD_WIDTH, CARD_HEIGHT = 85.60, 53.98
"""Millimetres (ISO/IEC 7810 ID-1)."""
ASPECT = CARD_WIDTH / CARD_HEIGHT
_ASPECT_SPREAD = 0.2


def overlap_of(one: Corners, other: Corners) -> float:
    """What two outlines share, as a part of the smaller."""
    import cv2

    shared, _ = cv2.intersectConvexConvex(one.astype("float32"), other.astype("float32"))
    return float(shared) / max(1.0, min(area_of(one), area_of(other)))


def long_side_first(corners: Corners) -> Corners:
    """The same corners, clockwise, along a long side first, beginning with the one of the two that lies higher."""
    import cv2
    import numpy as np

    clockwise = corners if cv2.contourArea(corners.astype(np.float32), oriented=True) > 0 else corners[::-1]
    across, down = length_of(clockwise, 0) + length_of(clockwise, 2), length_of(clockwise, 1) + length_of(clockwise, 3)
    first = clockwise if across >= down else np.roll(clockwise, -1, axis=0)
    upper = first[:2].mean(axis=0)[1] <= first[2:].mean(axis=0)[1]
    return np.ascontiguousarray(first if upper else np.roll(first, 2, axis=0))


def length_of(corners: Corners, side: int) -> float:
    """Pixels of a side, 0 to 3, from the corner of that number on."""
    ax, ay = corners[side]
    bx, by = corners[(side + 1) % 4]
    return math.hypot(float(bx - ax), float(by - ay))


def area_of(corners: Corners) -> float:
    """Pixels."""
    import cv2

    return float(cv2.contourArea(corners.astype("float32")))


def aspect_of(corners: Corners) -> float:
    """How much longer the first side and the one across from it are than the others."""
    across, down = length_of(corners, 0) + length_of(corners, 2), length_of(corners, 1) + length_of(corners, 3)
    return across / max(down, 1.0)


def aspect_weight(corners: Corners) -> float:
    """How near it is to a card's proportions: 1 where it has them."""
    return math.exp(-((math.log(aspect_of(corners) / ASPECT) / _ASPECT_SPREAD) ** 2) / 2)
