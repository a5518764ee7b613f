"""地紋: the fine waves behind the print, and the contacts of the chip."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from mnverify.virtual.print.layouts import Layout
from mnverify.virtual.print.model import CARD_HEIGHT, CARD_WIDTH, Pixels, Side, to_dots

_Line = NDArray[np.float64]
_SHIFT = 4  # coordinates in sixteenths of a dot
_CHIP_WIDTH, _CHIP_HEIGHT = 12.6, 11.4
_GOLD, _GOLD_LINE = (214, 184, 110), (150, 122, 60)


def background(layout: Layout, side: Side, dpi: int) -> Pixels:
    """The empty card of a layout; not writable."""
    return _background(layout.tints if side is Side.FRONT else layout.tints[::-1], side, dpi)


@lru_cache(maxsize=8)
def _background(tints: tuple[tuple[int, int, int], ...], side: Side, dpi: int) -> Pixels:
    width, height = to_dots(CARD_WIDTH, dpi), to_dots(CARD_HEIGHT, dpi)
    left, right = (np.array(tint, np.float32) for tint in tints)
    share = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    page: Pixels = np.broadcast_to(left + (right - left) * share, (height, width, 3)).astype(np.uint8).copy()
    phase = 0.0 if side is Side.FRONT else 1.3
    for number in range(46):
        _wave(page, number, phase, dpi)
    for x, y, radius in ((60.0, 36.0, 15.0), (20.0, 14.0, 11.0)):
        _rosette(page, x if side is Side.FRONT else CARD_WIDTH - x, y, radius, dpi)
    page.setflags(write=False)
    return page


def draw_chip(page: Pixels, x: float, y: float, dpi: int) -> tuple[int, int, int, int]:
    """The gold contacts, their left upper corner in millimetres. Returns left, top, width, height in dots."""
    left, top = to_dots(x, dpi), to_dots(y, dpi)
    width, height = to_dots(_CHIP_WIDTH, dpi), to_dots(_CHIP_HEIGHT, dpi)
    plate = np.empty((height, width, 3), np.float32)
    plate[:] = np.array(_GOLD, np.float32)
    plate += np.linspace(18, -18, width, dtype=np.float32)[None, :, None]
    plate = np.clip(plate, 0, 255).astype(np.uint8)
    line = max(1, to_dots(0.18, dpi))
    for part in (1, 2, 3):
        row = height * part // 4
        cv2.line(plate, (0, row), (width * 3 // 10, row), _GOLD_LINE, line, cv2.LINE_AA)
        cv2.line(plate, (width * 7 // 10, row), (width, row), _GOLD_LINE, line, cv2.LINE_AA)
    cv2.rectangle(plate, (width * 3 // 10, height // 5), (width * 7 // 10, height * 4 // 5), _GOLD_LINE, line)
    mask = np.zeros((height, width), np.uint8)
    corner = to_dots(1.4, dpi)
    cv2.rectangle(mask, (corner, 0), (width - corner, height), 255, -1)
    cv2.rectangle(mask, (0, corner), (width, height - corner), 255, -1)
    for across in (corner, width - 1 - corner):
        for down in (corner, height - 1 - corner):
            cv2.circle(mask, (across, down), corner, 255, -1)
    page[top : top + height, left : left + width][mask > 0] = plate[mask > 0]
    return left, top, width, height


def _wave(page: Pixels, number: int, phase: float, dpi: int) -> None:
    across = np.linspace(-1, CARD_WIDTH + 1, 240)
    base = -6.0 + number * 1.45
    down = (
        base + 2.4 * np.sin(across / 9.0 + phase + number * 0.06) + 1.1 * np.sin(across / 3.7 - number * 0.21 + phase)
    )
    colour = ((236, 200, 206), (196, 216, 236), (214, 226, 204))[number % 3]
    _curve(page, across, down, colour, dpi)


def _rosette(page: Pixels, x: float, y: float, radius: float, dpi: int) -> None:
    turn = np.linspace(0, 2 * np.pi, 720)
    for ring in range(7):
        reach = radius * (0.45 + 0.09 * ring) * (1 + 0.16 * np.cos(12 * turn + ring * 0.45))
        _curve(page, x + reach * np.cos(turn), y + reach * np.sin(turn), (224, 208, 226), dpi)


def _curve(page: Pixels, across: _Line, down: _Line, colour: tuple[int, int, int], dpi: int) -> None:
    scale = dpi / 25.4 * (1 << _SHIFT)
    points = np.stack([across, down], axis=1) * scale
    width = max(1, round(dpi / 300))
    cv2.polylines(page, [points.astype(np.int32)], False, colour, width, cv2.LINE_AA, _SHIFT)
