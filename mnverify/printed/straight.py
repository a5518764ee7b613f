"""A card laid straight, and the way back: where a part of it is in the picture as given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnverify.masked import not_copied
from mnverify.printed.corners import ASPECT
from mnverify.printed.data import Place
from mnverify.printed.engine import Quad, TextLine
from mnverify.printed.outline import rectify

if TYPE_CHECKING:
    from mnverify.printed.outline import Corners
    from mnverify.printed.pictures import Picture, Pixels


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class StraightCard:
    """A card in its own proportions.

    Attributes:
        picture: it was found in.
        corners: in ``picture.pixels``, from what is the upper left corner of ``pixels`` on, clockwise.
        pixels: the card: RGB, rows first.
    """

    picture: Picture
    corners: Corners
    pixels: Pixels

    @classmethod
    def of(cls, picture: Picture, corners: Corners, width: int) -> StraightCard:
        """Lay it straight, so many pixels wide."""
        return cls(picture, corners, rectify(picture.pixels, corners, width))

    def turned(self) -> StraightCard:
        """The same, standing on its head."""
        import numpy as np

        return StraightCard(
            self.picture, np.roll(self.corners, 2, axis=0), np.ascontiguousarray(self.pixels[::-1, ::-1])
        )

    def turned_line(self, line: TextLine) -> TextLine:
        """A line of this card, where it is on the turned one."""
        height, width = self.pixels.shape[:2]
        a, b, c, d = ((width - x, height - y) for x, y in line.quad)
        return line.part(0, len(line.text), (a, b, c, d))

    def place_on_card(self, lines: tuple[TextLine, ...]) -> Place:
        """The smallest upright rectangle around lines, on the straight card."""
        height, width = self.pixels.shape[:2]
        return _around([point for line in lines for point in line.quad], width, height)

    def place_in_picture(self, lines: tuple[TextLine, ...]) -> Place:
        """The smallest upright rectangle around lines, in the picture as given."""
        scale = self.picture.scale
        points = [(x * scale, y * scale) for line in lines for x, y in self._in_picture(line.quad)]
        return _around(points, self.picture.width, self.picture.height)

    def quad_in_picture(self, quad: Quad) -> Quad:
        """Corners of a line, in ``picture.pixels``."""
        a, b, c, d = ((x, y) for x, y in self._in_picture(quad))
        return a, b, c, d

    def corners_in_picture(self) -> tuple[tuple[float, float], ...]:
        """The corners in the picture as given."""
        scale = self.picture.scale
        return tuple((float(x) * scale, float(y) * scale) for x, y in self.corners)

    def cut(self, line: TextLine, height: int, *, margin: float = 0.18) -> Pixels:
        """A line out of the picture itself, level, at a height in pixels, with a margin in parts of its height."""
        import cv2
        import numpy as np

        quad = np.array(_wider(line.quad, margin), np.float32)
        across = float(np.hypot(*(quad[1] - quad[0])))
        down = max(1.0, float(np.hypot(*(quad[3] - quad[0]))))
        width = max(height // 2, min(40 * height, round(height * across / down)))
        target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        source = np.array(self._in_picture(quad.tolist()), np.float32)
        matrix = cv2.getPerspectiveTransform(source, target)
        return cv2.warpPerspective(
            self.picture.pixels, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )

    def _in_picture(self, points: Quad | list[list[float]]) -> list[list[float]]:
        import cv2
        import numpy as np

        height, width = self.pixels.shape[:2]
        source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, self.corners.astype(np.float32))
        found = cv2.perspectiveTransform(np.array([points], np.float32), matrix)[0]
        return [[float(x), float(y)] for x, y in found]

    def __repr__(self) -> str:
        return f"StraightCard({self.pixels.shape[1]}x{self.pixels.shape[0]})"


def card_height(width: int) -> int:
    """Pixels, of a card so many pixels wide."""
    return round(width / ASPECT)


def _wider(quad: Quad, margin: float) -> list[list[float]]:
    """A quad with a margin on all sides."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    length = max(1.0, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
    high = max(1.0, ((dx - ax) ** 2 + (dy - ay) ** 2) ** 0.5)
    along, down = margin * high / length, margin
    ux, uy, vx, vy = (bx - ax) * along, (by - ay) * along, (dx - ax) * down, (dy - ay) * down
    return [
        [ax - ux - vx, ay - uy - vy],
        [bx + ux - vx, by + uy - vy],
        [cx + ux + vx, cy + uy + vy],
        [dx - ux + vx, dy - uy + vy],
    ]


def _around(points: list[tuple[float, float]], width: int, height: int) -> Place:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    left, top = max(0, min(width - 1, round(min(xs)))), max(0, min(height - 1, round(min(ys))))
    right, bottom = max(left + 1, min(width, round(max(xs)))), max(top + 1, min(height, round(max(ys))))
    return Place(left, top, right - left, bottom - top)
