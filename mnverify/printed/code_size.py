"""How large a QR code is, measured by the outline of the card that it is printed on."""

from __future__ import annotations

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mnverify.printed.codes import Corners

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels

_CLEAR = 0.9
"""How well an outline has to be seen to be measured by (``Outline.score``)."""


def size_by_outline(pixels: Pixels, code: Corners) -> float | None:
    """The mean side of a code in millimetres.

    Args:
        pixels: RGB, eight bits.
        code: its corners in these pixels.

    Returns:
        None where no outline is seen clearly around the code, or OpenCV is not installed.
    """
    if find_spec("cv2") is None:
        return None
    import cv2
    import numpy as np

    from mnverify.printed.corners import CARD_HEIGHT, CARD_WIDTH
    from mnverify.printed.outline import look_for_outlines

    card = np.array([[0, 0], [CARD_WIDTH, 0], [CARD_WIDTH, CARD_HEIGHT], [0, CARD_HEIGHT]], np.float32)
    for outline in look_for_outlines(pixels, thorough=False):
        if outline.score < _CLEAR:
            continue
        matrix = cv2.getPerspectiveTransform(outline.corners.astype("float32"), card)
        corners = cv2.perspectiveTransform(np.array([code], np.float32), matrix)[0].tolist()
        if all(0 <= x <= CARD_WIDTH and 0 <= y <= CARD_HEIGHT for x, y in corners):
            return sum(math.dist(corners[at], corners[at - 1]) for at in range(4)) / 4
    return None
