"""Where a card comes to lie in a frame: a pinhole camera over a tilted, turned card."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnverify.virtual.print.conditions import Condition
from mnverify.virtual.print.model import CARD_HEIGHT, CARD_WIDTH, MM_PER_INCH

Corners = NDArray[np.float32]
"""Four by two: upper left, upper right, lower right, lower left of the upright card."""
_DISTANCE = 260.0  # millimetres from lens to card
_MARGIN = 0.02
_PLANE = np.array(
    [(-CARD_WIDTH, -CARD_HEIGHT), (CARD_WIDTH, -CARD_HEIGHT), (CARD_WIDTH, CARD_HEIGHT), (-CARD_WIDTH, CARD_HEIGHT)]
) / 2.0  # fmt: skip


def place_card(chance: Generator, condition: Condition) -> tuple[Corners, tuple[int, int]]:
    """The card's corners, and width and height of the frame."""
    turn = np.radians(chance.uniform(-condition.turn, condition.turn))
    if condition.scan_dpi:
        return _on_glass(chance, condition.scan_dpi, turn)
    tilt, towards = np.radians(chance.uniform(*condition.tilt)), chance.uniform(0, 2 * np.pi)
    flat = np.column_stack([_PLANE @ _turned(turn).T, np.zeros(4)])
    points = flat @ _about(np.array([np.cos(towards), np.sin(towards), 0.0]), tilt).T
    seen = points[:, :2] / (1 + points[:, 2:] / _DISTANCE)
    width, height = condition.frame
    spans = np.ptp(seen, axis=0)
    fill = chance.uniform(*condition.fill)
    scale = min(fill * width / spans[0], fill * height / spans[1], fill * width / CARD_WIDTH)
    room = np.array([width, height]) * (1 - 2 * _MARGIN) - spans * scale
    shift = chance.uniform(0.3, 0.7, 2) * room + np.array([width, height]) * _MARGIN
    return ((seen - seen.min(axis=0)) * scale + shift).astype(np.float32), (width, height)


def _on_glass(chance: Generator, dpi: int, turn: float) -> tuple[Corners, tuple[int, int]]:
    """A scan of a part of the glass, larger than the card."""
    dots = dpi / MM_PER_INCH
    seen = _PLANE @ _turned(turn).T * dots
    width, height = round(chance.uniform(100, 130) * dots), round(chance.uniform(68, 95) * dots)
    spans = np.ptp(seen, axis=0)
    shift = chance.uniform(0.2, 0.8, 2) * (np.array([width, height]) - spans)
    return (seen - seen.min(axis=0) + shift).astype(np.float32), (width, height)


def longest_side(corners: Corners) -> float:
    """Length of the card's longest seen edge in pixels."""
    return max(float(np.hypot(*(b - a))) for a, b in pairwise([*corners, corners[0]]))


def _turned(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _about(axis: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Rodrigues: the rotation about an axis."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation: NDArray[np.float64] = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return rotation
