"""What text says of the outline that it was read in: level and whole, or another outline is tried."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnverify.printed.around_text import LEVEL, agreement, mixed, on_the_rim, slope_of
from mnverify.printed.corners import ASPECT
from mnverify.printed.engine import Quad
from mnverify.printed.outline import OutlineSearch
from tests.printed.faces import Pixels, blank_card, laid, turned_corners
from tests.printed.test_outline import far_off

WIDTH, HEIGHT = 1586, 1000


def line(left: float, top: float, long: float, high: float = 40, slope: float = 0.0) -> Quad:
    """A line of text on a straight card."""
    drop = slope * long
    return ((left, top), (left + long, top + drop), (left + long, top + drop + high), (left, top + high))


TEXTS = [line(200, 60, 700), line(200, 170, 900), line(560, 400, 500), line(560, 490, 600)]


def in_picture(quads: list[Quad], corners: list[tuple[float, float]]) -> list[Quad]:
    """Lines of a straight card, where they are in a picture of it."""
    card = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(card, np.array(corners, np.float32))
    found = []
    for quad in quads:
        a, b, c, d = cv2.perspectiveTransform(np.array([quad], np.float32), matrix)[0].tolist()
        found.append((tuple(a), tuple(b), tuple(c), tuple(d)))
    return found


def test_level_and_aslant() -> None:
    assert slope_of(TEXTS) == 0
    aslant = slope_of([line(200, 60, 700, slope=0.03), line(200, 170, 900, slope=-0.03)])
    assert (
        aslant is not None and aslant == pytest.approx(0.03) and aslant > LEVEL
    )  # fanned out: their mean would be level


def test_text_that_stands_upright_is_not_level() -> None:
    """In an outline that lies across the card."""
    across = [((60.0, 60.0), (100.0, 60.0), (100.0, 700.0), (60.0, 700.0))] * 2
    slope = slope_of(across)
    assert slope is not None and slope > 1


def test_too_little_text_tells_nothing() -> None:
    assert slope_of([]) is None and slope_of([line(9, 9, 60), line(9, 90, 400)]) is None


def test_what_lies_on_the_rim() -> None:
    assert not on_the_rim(TEXTS, WIDTH, HEIGHT)
    for cut in (line(3, 60, 300), line(WIDTH - 300, 60, 298), line(90, 0, 300), line(90, HEIGHT - 42, 300)):
        assert on_the_rim([*TEXTS, cut], WIDTH, HEIGHT)


def test_the_true_outline_agrees_best() -> None:
    corners = turned_corners((800, 600), 1000, 12, 14)
    texts = in_picture(TEXTS, corners)
    true = np.array(corners, np.float32)
    leaning, smaller, elsewhere = true.copy(), true.copy(), true + 900
    leaning[0] += (0, -70)
    smaller[:] = (true - true.mean(axis=0)) * 0.4 + true.mean(axis=0)
    of_true, of_leaning, of_smaller, of_elsewhere = agreement([true, leaning, smaller, elsewhere], texts)
    assert of_true > 0.98 and of_leaning < 0.4 and of_smaller == of_elsewhere == 0


def test_without_text_nothing_agrees() -> None:
    true = np.array(turned_corners((800, 600), 1000, 12), np.float32)
    assert agreement([true], [line(700, 600, 60)]).tolist() == [0]


def test_sides_of_several_outlines_make_another() -> None:
    true = np.array([(100, 100), (900, 120), (900, 620), (110, 610)], np.float32)
    one, other = true.copy(), true.copy()
    one[:2] += (0, 60)  # its upper side is wrong, and the other's lower one
    other[2:] -= (0, 50)
    found = mixed([one, other])
    assert min(far_off(quad, [tuple(point) for point in true.tolist()]) for quad in found) < 8 and len(found) <= 16
    assert mixed([]) == []


def half_hidden(corners: list[tuple[float, float]]) -> Pixels:
    """A card that has the colour of the desk along its upper side: that is no edge, and a rule below it is one."""
    colour = (150, 146, 150)
    card = blank_card(colour=colour)
    page = np.full((1200, 1600, 3), (60, 56, 52), np.uint8)
    page[:560] = colour
    return laid(card, corners, onto=page)


def test_one_side_is_not_seen_at_all() -> None:
    """The text that was read stands for it."""
    corners = turned_corners((800, 640), 900, 0)
    search = OutlineSearch(half_hidden(corners))
    around = search.around(in_picture(TEXTS, corners))
    assert around and min(far_off(one.corners, corners) for one in around[:2]) < 0.04 * 900
    assert search.around(in_picture([line(200, 60, 30)], corners)) == []


def test_proportions() -> None:
    assert pytest.approx(WIDTH / HEIGHT, abs=1e-3) == ASPECT
