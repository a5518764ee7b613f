"""A photograph of a drawn card, and where the card is in it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from mnverify.virtual.print.model import Pixels, Print

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class Photograph:
    """A picture of a card, and the truth about it.

    Attributes:
        print: the drawn side that was photographed, with its own truth.
        condition: name of the condition.
        seed: what chance was drawn from.
        jpeg: the picture as a file.
        corners: where the card's corners are, in pixels: upper left, upper right, lower right, lower left of the upright card.
        dpi: resolution of a scan; None for a photo.
    """

    print: Print
    condition: str
    seed: int
    jpeg: bytes
    corners: tuple[Point, Point, Point, Point]
    dpi: int | None = None

    def pixels(self) -> Pixels:
        """The picture decoded: height by width by three, red green blue."""
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None  # noqa: S101 - our own JPEG
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)

    def outline(self, field: str) -> tuple[Point, ...]:
        """The four corners of a field's place, in pixels of this picture.

        Raises:
            KeyError: the print has no such field.
        """
        place, (width, height) = self.print.places[field], self.print.size
        source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        matrix = cv2.getPerspectiveTransform(source, np.array(self.corners, np.float32))
        box = [(place.x, place.y), (place.right, place.y), (place.right, place.bottom), (place.x, place.bottom)]
        found = cv2.perspectiveTransform(np.array([box], np.float32), matrix)[0]
        return tuple((float(x), float(y)) for x, y in found)

    def __repr__(self) -> str:
        return f"Photograph({self.print!r}, {self.condition}, seed {self.seed}, {len(self.jpeg)} bytes)"
