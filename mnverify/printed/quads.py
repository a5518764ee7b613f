"""Quadrilaterals that may be a card's outline, found by parting it from its ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnverify.printed.edges import crossing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

    Floats = NDArray[Any]
    Mask = NDArray[Any]

_LARGEST = 4  # contours of a mask
_MOST_AREA = 0.985


def candidates_by_masks(pixels: Pixels, least_area: float) -> list[Floats]:
    """Quadrilaterals around what differs from the ground, in lightness, in colour or by its edges.

    Args:
        pixels: RGB.
        least_area: as a part of the picture.
    """
    found: list[Floats] = []
    for mask in _masks(pixels):
        for contour in _contours(mask, least_area):
            found += _quads_of(contour)
    return found


def _masks(pixels: Pixels) -> Iterator[Mask]:
    """The card is white and the rest black in one of them, if it stands out at all."""
    import cv2
    import numpy as np

    blurred = cv2.GaussianBlur(pixels, (0, 0), 1.5)
    grey = cv2.cvtColor(blurred, cv2.COLOR_RGB2GRAY)
    lab = cv2.cvtColor(blurred, cv2.COLOR_RGB2LAB).astype(np.float32)
    rim = np.concatenate(
        [lab[:8].reshape(-1, 3), lab[-8:].reshape(-1, 3), lab[:, :8].reshape(-1, 3), lab[:, -8:].reshape(-1, 3)]
    )
    away = np.clip(3 * np.linalg.norm(lab - np.median(rim, axis=0), axis=2), 0, 255).astype(np.uint8)
    saturation = cv2.cvtColor(blurred, cv2.COLOR_RGB2HSV)[:, :, 1]
    yield _parted(away)
    light = _parted(grey)
    yield light
    yield cv2.bitwise_not(light)
    yield _parted(saturation)
    block = max(31, (max(grey.shape) // 8) | 1)
    yield cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, -3)
    middle = float(np.median(grey))
    for low in (12.0, max(20.0, 0.3 * middle)):
        lines = cv2.dilate(cv2.Canny(grey, low, 2.5 * low), np.ones((5, 5), np.uint8))
        yield cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))


def _parted(grey: Mask) -> Mask:
    import cv2
    import numpy as np

    _, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))


def _contours(mask: Mask, least_area: float) -> list[NDArray[Any]]:
    import cv2

    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = mask.shape[0] * mask.shape[1]
    sized = [(cv2.contourArea(cv2.convexHull(contour)), contour) for contour in contours]
    fitting = [(area, contour) for area, contour in sized if least_area * whole <= area <= _MOST_AREA * whole]
    return [contour for _, contour in sorted(fitting, key=lambda pair: -pair[0])[:_LARGEST]]


def _quads_of(contour: NDArray[Any]) -> list[Floats]:
    """Four-cornered shapes of a contour's hull: by leaving out corners, and the smallest rectangle around it."""
    import cv2
    import numpy as np

    hull = cv2.convexHull(contour)
    around = cv2.arcLength(hull, closed=True)
    found = []
    for part in (0.02, 0.035, 0.05, 0.08):
        shape = cv2.approxPolyDP(hull, part * around, closed=True)
        if len(shape) == 4:
            found.append(_grown(shape.reshape(4, 2).astype(np.float32), contour))
            break
    found.append(cv2.boxPoints(cv2.minAreaRect(hull)).astype(np.float32))
    return found


def _grown(quad: Floats, contour: NDArray[Any]) -> Floats:
    """The quadrilateral with its sides on the contour: rounded corners make the first guess too small."""
    import cv2
    import numpy as np

    points = contour.reshape(-1, 2).astype(np.float32)
    lines = []
    for start, end in zip(quad, np.roll(quad, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along)) or 1.0
        at = ((points - start) @ along) / length**2
        off = np.abs((points - start) @ np.array([-along[1], along[0]])) / length
        near = points[(at > 0.12) & (at < 0.88) & (off < 0.04 * length)]
        if len(near) < 8:
            return quad
        vx, vy, x, y = cv2.fitLine(near, cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append((np.array([x, y]), np.array([vx, vy])))
    corners = [crossing(lines[side - 1], lines[side]) for side in range(4)]
    if any(corner is None for corner in corners):
        return quad
    return np.array(corners, np.float32)
