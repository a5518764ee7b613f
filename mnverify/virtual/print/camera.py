"""A camera: from a drawn card to the picture that a clerk would take of it."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.virtual.print.canvas import to_jpeg
from mnverify.virtual.print.conditions import CONDITIONS, Condition
from mnverify.virtual.print.desks import desk
from mnverify.virtual.print.fingers import draw_fingers
from mnverify.virtual.print.light import add_noise, light_up
from mnverify.virtual.print.model import CARD_WIDTH, CORNER_RADIUS, Pixels, Print
from mnverify.virtual.print.photo import Photograph, Point
from mnverify.virtual.print.pose import Corners, longest_side, place_card

_GLASS = (246, 246, 244)  # the white lid of a scanner


def photograph(side: Print, condition: str | Condition = "phone", seed: int = 0) -> Photograph:
    """Photograph or scan a drawn side. The same print, condition and seed give the same picture.

    Args:
        side: from ``print_front`` or ``print_back``; for photos of 12 million pixels at 600 dpi.
        condition: a name of ``CONDITIONS``, or one of the caller's own.
        seed: of everything that chance decides: pose, desk, light, noise. Not negative.

    Raises:
        UsageError: no such condition, or a negative seed.
    """
    chosen = _condition(condition)
    if seed < 0:
        raise UsageError(
            Text("A seed is not negative. No picture was made.", "シードは0以上です。画像は作っていません。")
        )
    # Each stage draws from a stream of its own: fingers do not change the desk.
    pose, under, over, optics, lamp, sensor = (Generator(PCG64(part)) for part in SeedSequence(seed).spawn(6))
    corners, size = place_card(pose, chosen)
    frame = np.full((size[1], size[0], 3), _GLASS, np.uint8) if chosen.scan_dpi else desk(under, *size)
    _lay(frame, side, corners, lifted=not chosen.scan_dpi)
    if chosen.fingers:
        draw_fingers(frame, over, side, corners, chosen.fingers)
    frame = _blurred(frame, optics, chosen, longest_side(corners) / CARD_WIDTH)
    if not chosen.scan_dpi:
        frame = light_up(frame, lamp, chosen, corners)
    frame = add_noise(frame, sensor, chosen.noise)
    if chosen.shrink < 1:
        frame = np.asarray(
            cv2.resize(frame, None, fx=chosen.shrink, fy=chosen.shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
    dpi = chosen.scan_dpi or None
    where = tuple((float(x), float(y)) for x, y in corners * chosen.shrink)
    return Photograph(
        print=side, condition=chosen.name, seed=seed, jpeg=to_jpeg(frame, chosen.quality, dpi),
        corners=cast("tuple[Point, Point, Point, Point]", where), dpi=dpi,
    )  # fmt: skip


def _condition(condition: str | Condition) -> Condition:
    if isinstance(condition, Condition):
        return condition
    if condition in CONDITIONS:
        return CONDITIONS[condition]
    known = ", ".join(CONDITIONS)
    raise UsageError(
        Text(
            f"There is no condition {condition!r}. No picture was made; there are: {known}.",
            f"撮影条件 {condition!r} はありません。画像は作っていません。選べるもの: {known}",
        )
    )


def _lay(frame: Pixels, side: Print, corners: Corners, *, lifted: bool) -> None:
    """Put the card into the frame, with round corners, and its own narrow shadow where it lies on a desk."""
    if lifted:
        _own_shadow(frame, corners)
    face = _at_scale(side.pixels, longest_side(corners))
    height, width = face.shape[:2]
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 1, 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (frame.shape[1], frame.shape[0]))
    within = corners - np.array([left, top], np.float32)
    matrix = cv2.getPerspectiveTransform(source - 0.5, within - 0.5)
    room = (int(right - left), int(bottom - top))
    warped = cv2.warpPerspective(face, matrix, room, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpPerspective(_shape(width, height), matrix, room, flags=cv2.INTER_LINEAR)
    part = frame[top:bottom, left:right]
    inside = mask == 255
    edge = (mask > 0) & ~inside
    share = mask[edge][:, None].astype(np.float32) / 255
    blended = warped[edge] * share + part[edge] * (1 - share)
    np.copyto(part, warped, where=inside[:, :, None])
    part[edge] = blended.astype(np.uint8)


def _at_scale(face: Pixels, longest: float) -> Pixels:
    """The print made smaller first where the frame shows it much smaller, so that it does not flicker."""
    share = 1.15 * longest / face.shape[1]
    if share >= 1:
        return face
    return np.asarray(cv2.resize(face, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)


def _shape(width: int, height: int) -> Pixels:
    """The card's shape with its round corners, 255 inside."""
    corner = round(CORNER_RADIUS * width / CARD_WIDTH)
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (corner, 0), (width - 1 - corner, height - 1), 255, -1)
    cv2.rectangle(mask, (0, corner), (width - 1, height - 1 - corner), 255, -1)
    for x in (corner, width - 1 - corner):
        for y in (corner, height - 1 - corner):
            cv2.circle(mask, (x, y), corner, 255, -1)
    return mask


def _own_shadow(frame: Pixels, corners: Corners) -> None:
    coarse = 8
    small = np.full((frame.shape[0] // coarse + 1, frame.shape[1] // coarse + 1), 255, np.uint8)
    away = longest_side(corners) * 0.006
    cv2.fillConvexPoly(small, np.round((corners + away) / coarse).astype(np.int32), 150)
    small = cv2.GaussianBlur(small, (0, 0), max(1.0, away / coarse))
    shade = cv2.resize(small, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)
    cv2.multiply(frame, cv2.merge([shade, shade, shade]), frame, 1 / 255)


def _blurred(frame: Pixels, chance: Generator, condition: Condition, dots: float) -> Pixels:
    """Focus and motion blur; ``dots`` are pixels to a millimetre of the card."""
    if condition.blur * dots > 0.3:
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), condition.blur * dots), np.uint8)
    length = round(condition.motion * dots)
    if length > 1:
        angle = chance.uniform(0, np.pi)
        kernel = np.zeros((length, length), np.float32)
        middle = (length - 1) / 2
        reach = middle * np.array([np.cos(angle), np.sin(angle)])
        start, end = (tuple(int(value) for value in np.round(middle + sign * reach)) for sign in (-1, 1))
        cv2.line(kernel, start, end, 1.0, 1)
        frame = np.asarray(cv2.filter2D(frame, -1, kernel / kernel.sum()), np.uint8)
    return frame
