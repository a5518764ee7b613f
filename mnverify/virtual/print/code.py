"""The QR code of the back (ISO/IEC 18004): version 1, 21 modules of five dots at 300 dpi. The one module that imports segno."""

from __future__ import annotations

import cv2
import numpy as np
import segno

from mnverify.virtual.print.model import CODE_SIZE, Pixels, Place, to_dots

_MODULES = 21
_QUIET = 4  # modules of light around it


def draw_code(page: Pixels, digits: str, x: float, y: float, dpi: int, size: float = CODE_SIZE) -> Place:
    """A code with its light margin, its left upper corner in millimetres.

    Args:
        page: is drawn on.
        digits: the content.
        x: left edge of the code itself.
        y: upper edge of the code itself.
        dpi: dots per inch of the page.
        size: side of the code in millimetres.

    Returns:
        Where the code itself is, without its margin.
    """
    code = segno.make(digits, version=1, error="m", boost_error=False)
    modules = np.array([[0 if dark else 255 for dark in row] for row in code.matrix], np.uint8)
    side = to_dots(size, dpi)
    exact = side % _MODULES == 0
    drawn = cv2.resize(
        modules if exact else np.kron(modules, np.ones((32, 32), np.uint8)),
        (side, side),
        interpolation=cv2.INTER_NEAREST if exact else cv2.INTER_AREA,
    )
    left, top, margin = to_dots(x, dpi), to_dots(y, dpi), _QUIET * side // _MODULES
    page[max(0, top - margin) : top + side + margin, max(0, left - margin) : left + side + margin] = 255
    page[top : top + side, left : left + side] = drawn[:, :, None]
    return Place(left, top, side, side)
