"""Light and sensor: shadow, glare, exposure, noise."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from mnverify.virtual.print.conditions import Condition
from mnverify.virtual.print.model import Pixels
from mnverify.virtual.print.pose import Corners

_COARSE = 8  # light changes slowly: its maps are an eighth of the frame
_ONE = 128.0
_TILE = 512


def light_up(frame: Pixels, chance: Generator, condition: Condition, corners: Corners) -> Pixels:
    """The frame as lit: uneven lamp, shadow, exposure, and glare on top."""
    height, width = frame.shape[:2]
    small = np.asarray(corners / _COARSE, np.float32)
    gain = _lamp(chance, width // _COARSE + 1, height // _COARSE + 1) * chance.uniform(*condition.exposure)
    if condition.shadow:
        gain *= _shadow(chance, gain.shape, small, condition.shadow)
    tint = 1 + np.array([1.0, 0.0, -1.0], np.float32) * chance.uniform(-0.05, 0.05)
    maps = np.clip(gain[:, :, None] * tint * _ONE, 0, 255).astype(np.uint8)
    lit = cv2.multiply(frame, _enlarged(maps, width, height), scale=1 / _ONE)
    if condition.glare:
        spot = _glare(chance, gain.shape, small, condition.glare)
        lit = cv2.add(lit, _enlarged(np.repeat(spot[:, :, None], 3, 2), width, height))
    return np.asarray(lit, np.uint8)


def add_noise(frame: Pixels, chance: Generator, deviation: float) -> Pixels:
    """The sensor's noise."""
    height, width = frame.shape[:2]
    tile = np.clip(chance.standard_normal((_TILE, _TILE, 3), np.float32) * deviation, -120, 120).astype(np.int16)
    rows, columns = -(-height // _TILE), -(-width // _TILE)
    whole = np.tile(tile, (rows, columns, 1))[:height, :width]
    return np.asarray(cv2.add(frame, whole, dtype=cv2.CV_8U), np.uint8)


def _lamp(chance: Generator, width: int, height: int) -> NDArray[np.float32]:
    """From a brighter to a darker side, and darker towards the corners."""
    angle, strength = chance.uniform(0, 2 * np.pi), chance.uniform(0.02, 0.10)
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    slope = strength * (np.cos(angle) * x + np.sin(angle) * y)
    return np.asarray(1 + slope - 0.06 * (x * x + y * y), np.float32)


def _shadow(chance: Generator, shape: tuple[int, ...], corners: Corners, depth: float) -> NDArray[np.float32]:
    """The soft edge of a hand's or phone's shadow across the card."""
    height, width = shape[:2]
    middle = corners.mean(axis=0) + chance.uniform(-0.2, 0.2, 2) * np.ptp(corners, axis=0)
    angle = chance.uniform(0, 2 * np.pi)
    x = np.arange(width, dtype=np.float32)[None, :] - middle[0]
    y = np.arange(height, dtype=np.float32)[:, None] - middle[1]
    away = np.cos(angle) * x + np.sin(angle) * y
    soft = np.float32(chance.uniform(0.01, 0.06) * width)
    return np.asarray(1 - depth / (1 + np.exp(-np.clip(away / soft, -30, 30))), np.float32)


def _glare(chance: Generator, shape: tuple[int, ...], corners: Corners, strength: float) -> NDArray[np.uint8]:
    """The reflection of a lamp on the card: a bright core with a wide rim."""
    height, width = shape[:2]
    span = np.ptp(corners, axis=0)
    middle = corners.mean(axis=0) + chance.uniform(-0.4, 0.4, 2) * span
    angle = chance.uniform(0, np.pi)
    x = np.arange(width, dtype=np.float32)[None, :] - middle[0]
    y = np.arange(height, dtype=np.float32)[:, None] - middle[1]
    along = (np.cos(angle) * x + np.sin(angle) * y) / (chance.uniform(0.10, 0.25) * span[0])
    aside = (-np.sin(angle) * x + np.cos(angle) * y) / (chance.uniform(0.04, 0.10) * span[0])
    spot = np.exp(-np.minimum(along * along + aside * aside, 30.0))
    rim = 0.25 * np.exp(-np.minimum((along * along + aside * aside) / 6, 30.0))
    bright: Pixels = np.clip(255 * strength * (spot + rim), 0, 255).astype(np.uint8)
    return bright


def _enlarged(small: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
