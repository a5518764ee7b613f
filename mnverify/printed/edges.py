"""Edges of a picture, and how well four straight lines lie on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mnverify.printed.pictures import Pixels

    Floats = NDArray[Any]

_SAMPLES, _FEW_SAMPLES = 64, 24  # of a side
_ROUGH_REACH = 6
_BAND = (5, 15)  # pixels from a side, in which colours are compared
_ROW = 1024
_ROUNDED = 0.09  # of a side at each end: a card's corners are rounded
_SUPPORT_REACH = 2
_SQUARE_ON = 0.80  # cosine between an edge's direction and the side's
_TIMES_NOISE = 4.0
_LEAST_STRENGTH, _MOST_STRENGTH = 1.2, 2.4  # levels for a pixel


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Edges:
    """How much a picture changes at each pixel, and in which direction.

    Attributes:
        across: change from left to right, levels for a pixel, of the channel that changes most.
        down: change from top to bottom.
        threshold: what is stronger is an edge, not noise.
        colours: of the picture, smoothed: lightness and two of colour (Lab), a number each.
        shape: rows and columns.
    """

    across: Floats
    down: Floats
    threshold: float
    colours: Floats
    shape: tuple[int, int]

    @classmethod
    def of(cls, pixels: Pixels) -> Edges:
        """Edges of an RGB picture, in lightness and in colour."""
        import cv2
        import numpy as np

        lab = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), (0, 0), 1.2).astype(np.float32)
        across = cv2.Sobel(lab, cv2.CV_32F, 1, 0, ksize=3) / 8
        down = cv2.Sobel(lab, cv2.CV_32F, 0, 1, ksize=3) / 8
        strongest = np.argmax(across**2 + down**2, axis=2)[:, :, None]
        x, y = (np.take_along_axis(one, strongest, axis=2)[:, :, 0] for one in (across, down))
        noise = float(np.median(np.hypot(x, y)))
        threshold = min(_MOST_STRENGTH, max(_LEAST_STRENGTH, _TIMES_NOISE * noise))
        return cls(x, y, threshold, lab, (int(pixels.shape[0]), int(pixels.shape[1])))

    def support(self, corners: Floats) -> list[float]:
        """For each of four sides, how much of it is an edge along it: 0 to 1."""
        import numpy as np

        found = []
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            strengths, _ = self._profile(start, end, _SUPPORT_REACH)
            found.append(float((strengths.max(axis=1) > self.threshold).mean()))
        return found

    def contrast(self, corners: Floats) -> float:
        """How unlike the ground just outside four sides is to what lies just inside, in levels, on average."""
        import cv2
        import numpy as np

        centre, found = corners.mean(axis=0), []
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            along = end - start
            normal = np.array([-along[1], along[0]], np.float32) / (float(np.hypot(*along)) or 1.0)
            inward = normal if float(normal @ (centre - start)) > 0 else -normal
            at = np.linspace(_ROUNDED, 1 - _ROUNDED, _FEW_SAMPLES, dtype=np.float32)[:, None, None]
            means = []
            for side in (1, -1):
                off = side * np.arange(_BAND[0], _BAND[1], 2, dtype=np.float32)[None, :, None]
                points = (start + at * along + off * inward).astype(np.float32)
                xs, ys = np.ascontiguousarray(points[:, :, 0]), np.ascontiguousarray(points[:, :, 1])
                band = cv2.remap(self.colours, xs, ys, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
                means.append(np.median(band.reshape(-1, 3), axis=0))
            found.append(float(np.linalg.norm(means[0] - means[1])))
        return sum(found) / 4

    def rough_support(self, quads: Sequence[Floats]) -> Floats:
        """How much of each outline is an edge, all of them at once and with fewer samples: rows of four sides."""
        import numpy as np

        corners = np.asarray(quads, np.float32)
        along = np.roll(corners, -1, axis=1) - corners
        length = np.maximum(np.hypot(along[..., 0], along[..., 1]), 1.0)
        normal = np.stack([-along[..., 1], along[..., 0]], axis=-1) / length[..., None]
        at = np.linspace(_ROUNDED, 1 - _ROUNDED, _FEW_SAMPLES, dtype=np.float32)
        off = np.arange(-_ROUGH_REACH, _ROUGH_REACH + 1, 2, dtype=np.float32)
        middle = corners[:, :, None] + at[None, None, :, None] * along[:, :, None]
        points = middle[:, :, :, None] + off[None, None, None, :, None] * normal[:, :, None, None]
        flat = points.reshape(1, -1, 2).astype(np.float32)
        strength = self._square_on(flat, np.broadcast_to(normal[:, :, None, None], points.shape).reshape(1, -1, 2))
        found: Floats = (strength.reshape(points.shape[:-1]).max(axis=3) > self.threshold).mean(axis=2)
        return found

    def refine(self, corners: Floats, reach: int) -> Floats:
        """The corners, each side moved onto the edge that it lies near; as they were where there is none.

        Args:
            corners: four by two.
            reach: pixels to either side in which an edge may lie.
        """
        import cv2
        import numpy as np

        lines = []
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            strengths, points = self._profile(start, end, reach)
            best = strengths.argmax(axis=1)
            rows = np.arange(len(best))
            strong = strengths[rows, best] > self.threshold
            if strong.sum() < _SAMPLES // 5:
                lines.append((start, end - start))
                continue
            vx, vy, x, y = cv2.fitLine(points[rows, best][strong], cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
            lines.append((np.array([x, y]), np.array([vx, vy])))
        crossings = [crossing(lines[side - 1], lines[side]) for side in range(4)]
        if any(
            one is None or np.abs(one - corner).max() > 4 * reach
            for one, corner in zip(crossings, corners, strict=True)
        ):
            return corners
        return np.array(crossings, np.float32)

    def _profile(self, start: Floats, end: Floats, reach: int) -> tuple[Floats, Floats]:
        """Strength of the edge along a side, at samples of it (rows) and at distances from it (columns); and those points."""
        import numpy as np

        along = end - start
        length = float(np.hypot(*along)) or 1.0
        normal = np.array([-along[1], along[0]], np.float32) / length
        at = np.linspace(_ROUNDED, 1 - _ROUNDED, _SAMPLES, dtype=np.float32)[:, None, None]
        off = np.arange(-reach, reach + 1, dtype=np.float32)[None, :, None]
        points = (start + at * along + off * normal).astype(np.float32)
        return self._square_on(points, normal), points

    def _square_on(self, points: Floats, normal: Floats) -> Floats:
        """Strength of the picture's change at points, where it goes along a normal; else 0."""
        import cv2
        import numpy as np

        rows = math.ceil(points.shape[0] * points.shape[1] / _ROW)
        flat = np.zeros((rows * _ROW, 2), np.float32)  # OpenCV takes maps of limited width
        flat[: points.shape[0] * points.shape[1]] = points.reshape(-1, 2)
        xs, ys = (np.ascontiguousarray(flat[:, axis].reshape(rows, _ROW)) for axis in (0, 1))
        gx, gy = (
            cv2.remap(one, xs, ys, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            .reshape(-1)[: points.shape[0] * points.shape[1]]
            .reshape(points.shape[:2])
            for one in (self.across, self.down)
        )
        strength = np.hypot(gx, gy)
        square = np.abs(gx * normal[..., 0] + gy * normal[..., 1]) >= _SQUARE_ON * strength
        found: Floats = np.where(square, strength, 0).astype(np.float32)
        return found


def crossing(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> Floats | None:
    """Where two lines (point, direction) cross."""
    import numpy as np

    (p, v), (q, w) = one, other
    across = float(v[0] * w[1] - v[1] * w[0])
    if abs(across) < 1e-6 * float(np.hypot(*v) * np.hypot(*w)):
        return None
    t = float((q[0] - p[0]) * w[1] - (q[1] - p[1]) * w[0]) / across
    crossing: Floats = (p + t * v).astype(np.float32)
    return crossing
