"""Pictures and engines that the tests of reading a card's face share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mnverify.printed.engine import TextLine

Pixels = NDArray[Any]
ASPECT = 85.60 / 53.98
FACE = (
    ("氏名", 40, 40), ("佐藤 花子", 140, 40), ("住所", 40, 110), ("見本県架空市中央一丁目2番3号", 140, 110),
    ("昭和60年7月3日生", 340, 230), ("性別", 760, 230), ("女", 850, 230), ("2033年7月3日まで有効", 340, 290), ("4102", 100, 560),
)  # fmt: skip
"""A face: text, left, top, on a card that is 1016 pixels wide."""


def blank_card(
    width: int = 1016, colour: tuple[int, int, int] = (246, 238, 240), radius: float = 3.18, photo: bool = True
) -> Pixels:
    """A card with some print on it, RGB and, as a fourth channel, where it is: its corners are round."""
    height = round(width / ASPECT)
    card = np.full((height, width, 4), (*colour, 255), np.uint8)
    unit = width / 85.6
    for left, top in ((12, 4), (12, 9), (30, 20), (30, 25)):
        for word in range(4):
            cv2.rectangle(
                card, _at(left + 9 * word, top, unit), _at(left + 9 * word + 7, top + 2.4, unit), (60, 50, 60, 255), -1
            )
    if photo:
        cv2.rectangle(card, _at(4, 20, unit), _at(25, 46, unit), (120, 110, 105, 255), -1)
    mask = np.zeros((height, width), np.uint8)
    r = round(radius * unit)
    cv2.rectangle(mask, (r, 0), (width - r, height), 255, -1)
    cv2.rectangle(mask, (0, r), (width, height - r), 255, -1)
    for x, y in ((r, r), (width - r, r), (r, height - r), (width - r, height - r)):
        cv2.circle(mask, (x, y), r, 255, -1)
    card[:, :, 3] = mask
    return card


def laid(
    card: Pixels,
    corners: Sequence[tuple[float, float]],
    size: tuple[int, int] = (1600, 1200),
    desk: tuple[int, int, int] = (96, 84, 74),
    onto: Pixels | None = None,
    seed: int = 0,
) -> Pixels:
    """A card in a picture, its corners where they are told (clockwise from the card's upper left), on a desk with some grain."""
    rng = np.random.default_rng(seed)
    if onto is None:
        onto = np.clip(np.array(desk) + rng.normal(0, 4, (size[1], size[0], 3)), 0, 255).astype(np.uint8)
    height, width = card.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    warped = cv2.warpPerspective(card, matrix, (onto.shape[1], onto.shape[0]), flags=cv2.INTER_AREA)
    share = warped[:, :, 3:].astype(np.float32) / 255
    return (onto * (1 - share) + warped[:, :, :3] * share).astype(np.uint8)


def turned_corners(
    centre: tuple[float, float], width: float, degrees: float, tilt: float = 0.0
) -> list[tuple[float, float]]:
    """Corners of a card that is turned, and tilted about its shorter axis, as a camera three card's widths away sees it."""
    angle, lean = np.deg2rad(degrees), np.deg2rad(tilt)
    half, high = width / 2, width / ASPECT / 2
    flat = np.array([(-half, -high), (half, -high), (half, high), (-half, high)])
    nearer = 1 + flat[:, 0] * np.sin(lean) / (3 * width)
    seen = np.stack([flat[:, 0] * np.cos(lean), flat[:, 1]], axis=1) / nearer[:, None]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = seen @ turn.T + np.array(centre)
    return [(float(x), float(y)) for x, y in found]


def made_lines(
    words: Sequence[tuple[str, float, float]] = FACE,
    *,
    height: float = 30,
    sure: float = 0.99,
    on_its_head: tuple[int, int] | None = None,
) -> list[TextLine]:
    """Lines as an engine would give them for a card 1016 pixels wide."""
    found = []
    for text, left, top in words:
        right, bottom = left + sum(0.5 if c.isascii() else 1.0 for c in text) * height, top + height
        quad = [(left, top), (right, top), (right, bottom), (left, bottom)]
        if on_its_head is not None:
            quad = [(on_its_head[0] - x, on_its_head[1] - y) for x, y in quad]
        found.append(TextLine.of(quad, text, sure, [sure] * len(text)))
    return found


def _at(x: float, y: float, unit: float) -> tuple[int, int]:
    return round(x * unit), round(y * unit)


class ScriptedEngine:
    """Gives the lines that it was told, and remembers what it was asked.

    Args:
        lines: of every reading; a list of lists gives one after the other.
        again: what reading one line alone gives, by turns.
    """

    def __init__(
        self, lines: Sequence[TextLine] | Sequence[Sequence[TextLine]], again: Sequence[tuple[str, float]]
    ) -> None:
        self.readings: list[Sequence[TextLine]] = []
        if lines and isinstance(lines[0], TextLine):
            self.readings.append([one for one in lines if isinstance(one, TextLine)])
        else:
            self.readings += [one for one in lines if not isinstance(one, TextLine)] or [[]]
        self.again = list(again)
        self.asked: list[tuple[int, int]] = []

    def read(self, pixels: Pixels) -> Sequence[TextLine]:
        self.asked.append((pixels.shape[1], pixels.shape[0]))
        return self.readings[min(len(self.asked), len(self.readings)) - 1]

    def read_line(self, pixels: Pixels) -> tuple[str, float]:
        return self.again.pop(0)


AGAIN = (("昭和60年7月3日", 0.99), ("2033年7月3日", 0.99), ("4102", 0.99), ("4102", 0.99))
"""What the second look at ``FACE`` gives where all is well: birth date, expiry, the code twice."""


def png_of(pixels: Pixels) -> bytes:
    """An RGB picture as a PNG file."""
    done, data = cv2.imencode(".png", np.ascontiguousarray(pixels[:, :, ::-1]))
    assert done
    return bytes(data)
