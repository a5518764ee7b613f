"""What a card lies on: wood, cloth, a pale desk, a dark mat, a printed form."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnverify.virtual.print.model import Pixels

_Shade = NDArray[np.float32]
_COARSE = 4  # a desk is made at a quarter of the size


def desk(chance: Generator, width: int, height: int) -> Pixels:
    """A desk of one of the kinds, as large as the frame."""
    makers = (_wood, _cloth, _pale, _mat, _form)
    small = makers[int(chance.integers(len(makers)))](chance, max(8, width // _COARSE), max(8, height // _COARSE))
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _mottled(chance: Generator, width: int, height: int, grain: int, across: int = 1) -> _Shade:
    """Smooth noise around 0, standard deviation about 1; ``across`` stretches it sideways."""
    small = chance.standard_normal((max(2, height // grain + 2), max(2, width // (grain * across) + 2)), np.float32)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _coloured(shade: _Shade, colour: tuple[float, float, float]) -> Pixels:
    page: Pixels = np.clip(shade[:, :, None] * np.array(colour, np.float32), 0, 255).astype(np.uint8)
    return page


def _wood(chance: Generator, width: int, height: int) -> Pixels:
    grain = 0.10 * _mottled(chance, width, height, 3, 40) + 0.07 * _mottled(chance, width, height, 12, 25)
    tone = np.float32(chance.uniform(0.55, 1.1))
    return _coloured(np.asarray(tone * (1 + grain), np.float32), (176, 128, 84))


def _cloth(chance: Generator, width: int, height: int) -> Pixels:
    weave = 0.06 * chance.standard_normal((height, width), np.float32) + 0.05 * _mottled(chance, width, height, 60)
    colours = ((70, 84, 110), (128, 124, 118), (120, 60, 58))
    return _coloured(1 + weave, colours[int(chance.integers(len(colours)))])


def _pale(chance: Generator, width: int, height: int) -> Pixels:
    cloudy = 0.02 * _mottled(chance, width, height, 90) + 0.008 * chance.standard_normal((height, width), np.float32)
    return _coloured(np.asarray(chance.uniform(0.80, 0.93) * (1 + cloudy), np.float32), (252, 250, 246))


def _mat(chance: Generator, width: int, height: int) -> Pixels:
    shade = 1 + 0.08 * _mottled(chance, width, height, 70) + 0.05 * chance.standard_normal((height, width), np.float32)
    return _coloured(shade, (44, 46, 48))


def _form(chance: Generator, width: int, height: int) -> Pixels:
    """A sheet with ruled lines and grey stripes where words would be."""
    page = _pale(chance, width, height)
    step = int(chance.integers(26, 44))
    for y in range(step, height, step):
        cv2.line(page, (0, y), (width, y), (150, 150, 156), 1)
        left = int(chance.integers(8, 60))
        while left < width - 30:
            long = int(chance.integers(20, 120))
            cv2.rectangle(page, (left, y - step // 2), (left + long, y - step // 2 + 5), (120, 120, 126), -1)
            left += long + int(chance.integers(12, 90))
    for x in (width // 5, width // 2, width * 4 // 5):
        cv2.line(page, (x, 0), (x, height), (150, 150, 156), 1)
    return page
