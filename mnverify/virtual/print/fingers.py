"""Fingers that hold a card: over its edge, where they hide no field."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from mnverify.virtual.print.model import CARD_HEIGHT, CARD_WIDTH, MM_PER_INCH, Pixels, Place, Print
from mnverify.virtual.print.pose import Corners

_TRIES = 60
_SKINS = ((226, 180, 150), (198, 146, 116), (240, 200, 176), (142, 98, 74))


def draw_fingers(frame: Pixels, chance: Generator, side: Print, corners: Corners, count: int) -> int:
    """Draw up to so many fingertips over the card's edges. Returns how many found a place."""
    skin = _SKINS[int(chance.integers(len(_SKINS)))]
    dots = float(np.hypot(*(corners[1] - corners[0]))) / CARD_WIDTH
    plane = np.array([(0, 0), (CARD_WIDTH, 0), (CARD_WIDTH, CARD_HEIGHT), (0, CARD_HEIGHT)], np.float32)
    matrix = cv2.getPerspectiveTransform(plane, corners)
    drawn = 0
    for _ in range(_TRIES):
        if drawn == count:
            break
        root, tip, half = _finger(chance)
        if _hides(side, tip, half):
            continue
        ends = cv2.perspectiveTransform(np.array([[root, tip]], np.float32), matrix)[0]
        _capsule(frame, ends, half * dots, skin)
        drawn += 1
    return drawn


def _finger(chance: Generator) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Root (off the card), tip (on it) and half width, in millimetres of the card."""
    half, deep = float(chance.uniform(6.0, 8.5)), float(chance.uniform(1.0, 5.0))
    edge, lean = int(chance.integers(4)), float(chance.uniform(-12, 12))
    if edge < 2:
        y = float(chance.uniform(8, CARD_HEIGHT - 8))
        x, out = (deep - half, -45.0) if edge == 0 else (CARD_WIDTH - deep + half, CARD_WIDTH + 45.0)
        return (out, y + lean), (x, y), half
    x = float(chance.uniform(8, CARD_WIDTH - 8))
    y, out = (deep - half, -45.0) if edge == 2 else (CARD_HEIGHT - deep + half, CARD_HEIGHT + 45.0)
    return (x + lean, out), (x, y), half


def _hides(side: Print, tip: tuple[float, float], half: float) -> bool:
    dots = side.dpi / MM_PER_INCH
    box = Place(*(round(value * dots) for value in (tip[0] - half, tip[1] - half, 2 * half, 2 * half)))
    return any(
        place.x < box.right and box.x < place.right and place.y < box.bottom and box.y < place.bottom
        for field, place in side.places.items()
        if field != "photo"
    )


def _capsule(frame: Pixels, ends: Corners, half: float, skin: tuple[int, int, int]) -> None:
    """A finger with a lighter middle, and a nail."""
    root, tip = (tuple(int(value) for value in end) for end in ends)
    along = np.array(tip, np.float64) - np.array(root)
    along /= max(1.0, float(np.hypot(*along)))
    for share in (1.0, 0.9, 0.78, 0.62, 0.45):
        colour = tuple(int(min(255, value * (1.16 - 0.28 * share))) for value in skin)
        cv2.line(frame, root, tip, colour, max(1, round(2 * half * share)), cv2.LINE_AA)
    middle = tuple(int(value) for value in np.array(tip) + along * half * 0.25)
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    nail = tuple(int(min(255, value * 1.12 + 8)) for value in skin)
    cv2.ellipse(
        frame, middle, (max(1, round(half * 0.55)), max(1, round(half * 0.45))), angle, 0, 360, nail, -1, cv2.LINE_AA
    )
