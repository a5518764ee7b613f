"""The camera: the same picture from the same seed, and the card where the truth says."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from mnverify.errors import UsageError
from mnverify.virtual import persona
from mnverify.virtual.print import (
    CONDITIONS,
    STANDARD_CONDITIONS,
    Condition,
    Photograph,
    photograph,
    print_back,
    print_front,
)

SMALL = (1000, 750)


def rectified(picture: Photograph) -> np.ndarray:
    """The card cut out of the picture by its true corners, as large as the print."""
    width, height = picture.print.size
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(np.array(picture.corners, np.float32), target)
    return cv2.warpPerspective(picture.pixels(), matrix, (width, height))


def smaller(condition: Condition) -> Condition:
    """The same condition in a frame of two million pixels: a fifth of the time."""
    width, height = condition.frame
    return replace(condition, frame=(min(width, 1600), min(height, 1200)), shrink=max(condition.shrink, 0.7))


@pytest.mark.parametrize("condition", sorted(set(CONDITIONS) - {"far"}))
def test_the_card_is_where_the_corners_say(condition: str) -> None:
    """What is cut out by the true corners looks like the print, and like no print that is shifted or turned."""
    side = print_front(persona(), dpi=300)
    picture = photograph(side, smaller(CONDITIONS[condition]), seed=5)
    height, width = picture.pixels().shape[:2]
    assert all(0 <= x < width and 0 <= y < height for x, y in picture.corners)
    seen = cv2.cvtColor(rectified(picture), cv2.COLOR_RGB2GRAY).astype(np.float32)
    drawn = cv2.cvtColor(side.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    box = side.boxes["birth_date"]
    part = (slice(box.y, box.bottom), slice(box.x, box.right))

    def alike(other: np.ndarray) -> float:
        return float(np.corrcoef(seen[part].ravel(), other[part].ravel())[0, 1])

    here = alike(cv2.GaussianBlur(drawn, (0, 0), 1.2))
    assert here > 0.6
    assert here > alike(np.roll(drawn, 8, axis=1)) and here > alike(np.roll(drawn, 8, axis=0))
    assert here > alike(drawn[::-1, ::-1])


def test_one_seed_one_picture() -> None:
    side = print_back(persona())
    first, again, other = (photograph(side, "webcam", seed) for seed in (7, 7, 8))
    assert first.jpeg == again.jpeg and first.corners == again.corners
    assert other.jpeg != first.jpeg and other.corners != first.corners


def test_twelve_million_pixels_and_a_scan_with_its_resolution() -> None:
    side = print_front(persona(), dpi=300)
    photo, scan = photograph(side, "phone"), photograph(side, "scan")
    assert photo.pixels().shape == (3000, 4000, 3) and photo.dpi is None
    assert scan.dpi == 300 and b"JFIF" in scan.jpeg[:16]
    a, b = (np.array(corner) for corner in scan.corners[:2])
    assert np.hypot(*(b - a)) == pytest.approx(85.60 / 25.4 * 300, rel=2e-3)
    assert STANDARD_CONDITIONS >= {"phone", "turned", "tilted", "scan"} and "dark" not in STANDARD_CONDITIONS


def test_conditions_do_what_they_are_called() -> None:
    side = print_front(persona(), dpi=300)

    def shot(**values: object) -> np.ndarray:
        condition = Condition(name="own", frame=SMALL, **values)  # type: ignore[arg-type]
        return photograph(side, condition, seed=2).pixels().astype(np.float32)

    plain = shot()
    assert shot(exposure=(0.2, 0.3)).mean() < 0.4 * plain.mean()
    assert cv2.Laplacian(shot(blur=0.3), cv2.CV_32F).var() < 0.5 * cv2.Laplacian(plain, cv2.CV_32F).var()
    assert (shot(glare=0.9) > 245).mean() > (plain > 245).mean() + 0.01
    assert shot(shadow=0.5).mean() < 0.95 * plain.mean()
    assert np.abs(shot(noise=20.0) - plain).mean() > 3
    assert np.abs(shot(fingers=2) - plain).max(axis=2).mean() > 2
    assert shot(shrink=0.5).shape == (375, 500, 3)


def test_fingers_hide_no_field() -> None:
    side = print_front(persona("nagai-jusho"), dpi=300)
    clean, held = (
        photograph(side, Condition(name="own", frame=(1600, 1200), fingers=count, noise=0.0, quality=95), seed=4)
        for count in (0, 3)
    )
    assert (clean.corners == held.corners) and clean.jpeg != held.jpeg
    for field in side.printed:
        box = np.array(held.outline(field)).round().astype(int)
        part = (slice(box[:, 1].min(), box[:, 1].max()), slice(box[:, 0].min(), box[:, 0].max()))
        assert np.abs(clean.pixels()[part].astype(int) - held.pixels()[part]).mean() < 12, field


def test_what_cannot_be_photographed_is_refused() -> None:
    with pytest.raises(UsageError, match="phone"):
        photograph(print_front(persona()), "underwater")
    with pytest.raises(UsageError, match="negative"):
        photograph(print_front(persona()), "webcam", -1)
