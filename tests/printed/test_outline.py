"""Where the card lies: found on any ground and at any turn, refused where there is none, a part of one, or two."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mnverify.errors import CardNotFound, SeveralCards
from mnverify.printed.outline import find_outline, find_outlines, look_for_outlines, rectify
from mnverify.printed.scanning import scan
from tests.printed.faces import ASPECT, Pixels, ScriptedEngine, blank_card, laid, turned_corners

DESKS = {
    "dark": (60, 52, 45),
    "wood": (150, 110, 70),
    "grey": (150, 150, 150),
    "pale": (216, 210, 200),
    "blue": (90, 110, 160),
}


def far_off(found: Pixels, true: list[tuple[float, float]]) -> float:
    """The farthest that a corner is off, in pixels, whichever of them it begins with."""
    corners = np.array(true)
    return min(float(np.abs(np.roll(found, turn, axis=0) - corners).max()) for turn in range(4))


@pytest.mark.parametrize("desk", DESKS)
@pytest.mark.parametrize("degrees", [0, 17, 90, 137, 265])
def test_a_card_on_a_desk(desk: str, degrees: int) -> None:
    corners = turned_corners((505, 400), 600, degrees)
    found = find_outline(laid(blank_card(), corners, size=(1000, 800), desk=DESKS[desk], seed=degrees))
    assert far_off(found.corners, corners) < 6 and found.score > 0.8 and not found.whole_picture


@pytest.mark.parametrize("tilt", [5, 15, 25, -15])
def test_a_card_seen_from_the_side(tilt: int) -> None:
    corners = turned_corners((800, 600), 900, 20, tilt)
    found = find_outline(laid(blank_card(), corners))
    assert far_off(found.corners, corners) < 6 and found.tilt > abs(tilt) / 250


def test_a_small_card_in_a_large_picture() -> None:
    corners = turned_corners((2000, 1500), 900, 33)
    found = find_outline(laid(blank_card(), corners, size=(4000, 3000)))
    assert far_off(found.corners, corners) < 16 and found.width == pytest.approx(900, rel=0.03)


def test_a_card_on_a_sheet_of_paper() -> None:
    """The sheet has proportions near a card's (1.41): the card on it is meant."""
    sheet = np.full((600, 849, 4), 255, np.uint8)
    page = laid(sheet, [(100, 80), (1500, 80), (1500, 1070), (100, 1070)], desk=DESKS["wood"])
    corners = turned_corners((800, 560), 700, 8)
    assert far_off(find_outline(laid(blank_card(colour=(240, 214, 214)), corners, onto=page)).corners, corners) < 6


def ruled_page() -> Pixels:
    """Rules, and stripes for words: straight lines in plenty, of which rectangles in a card's proportions can be made."""
    rng = np.random.default_rng(8)
    page = np.full((900, 1200, 3), (240, 232, 218), np.uint8)
    for row in range(30, 900, 42):
        cv2.line(page, (0, row), (1200, row), (170, 165, 158), 1)
        for left in range(20, 1150, 150):
            start = left + int(rng.integers(0, 40))
            cv2.rectangle(page, (start, row - 24), (start + int(rng.integers(50, 110)), row - 16), (120, 116, 116), -1)
    for column in (240, 600, 960):
        cv2.line(page, (column, 0), (column, 900), (170, 165, 158), 1)
    return page


@pytest.mark.parametrize(("degrees", "width"), [(4, 800), (-9, 640)])
def test_a_pale_card_on_a_printed_form(degrees: int, width: int) -> None:
    """Its edges are fainter than the page's rules; it is found, and no rectangle of rules is taken for a second card."""
    corners = turned_corners((590, 440), width, degrees)
    found = find_outlines(laid(blank_card(), corners, onto=ruled_page()))
    assert min(far_off(one.corners, corners) for one in found) < 9


def test_a_printed_form_alone() -> None:
    with pytest.raises(CardNotFound):
        scan(ruled_page(), engine=ScriptedEngine([], []))


def test_fingers_over_the_edge() -> None:
    corners = turned_corners((800, 600), 900, 6)
    picture = laid(blank_card(), corners, desk=DESKS["grey"])
    for start, end in (((0, 500), (430, 560)), ((0, 760), (440, 770)), ((800, 1200), (820, 860))):
        cv2.line(picture, start, end, (150, 104, 80), 110, cv2.LINE_AA)
    assert far_off(find_outline(picture).corners, corners) < 10


def test_a_scan_that_was_cropped_to_the_card() -> None:
    card = blank_card(radius=0.1)[:, :, :3]
    found = find_outline(np.ascontiguousarray(card))
    assert found.whole_picture and far_off(found.corners, [(0, 0), (1016, 0), (1016, 641), (0, 641)]) < 1
    upright = find_outline(np.ascontiguousarray(np.rot90(card)))
    assert upright.whole_picture and upright.width == pytest.approx(1016)


@pytest.mark.parametrize("centre", [(1500, 600), (800, 60), (120, 100)])
def test_half_a_card(centre: tuple[int, int]) -> None:
    with pytest.raises(CardNotFound) as caught:
        find_outline(laid(blank_card(photo=False), turned_corners(centre, 800, 4)))
    assert "whole card" in caught.value.advice.en and "余白" in caught.value.advice.ja


def test_two_cards() -> None:
    page = laid(blank_card(), turned_corners((430, 400), 620, 5))
    page = laid(blank_card(), turned_corners((1130, 800), 640, -8), onto=page)
    with pytest.raises(SeveralCards):
        find_outline(page)


@pytest.mark.parametrize("kind", ["plain", "noise", "text", "circle", "square"])
def test_no_card(kind: str) -> None:
    rng = np.random.default_rng(3)
    page = np.full((675, 900, 3), 190, np.uint8)
    if kind == "noise":
        page = rng.integers(0, 256, page.shape).astype(np.uint8)
    elif kind == "text":
        for row in range(40, 640, 50):
            cv2.putText(page, "no card is in this picture", (60, row), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 20), 3)
    elif kind == "circle":
        cv2.circle(page, (450, 340), 220, (250, 250, 250), -1)
    elif kind == "square":
        cv2.rectangle(page, (200, 100), (650, 550), (250, 250, 250), -1)
    with pytest.raises(CardNotFound):
        find_outline(page)


def test_rectified_it_has_its_own_proportions() -> None:
    card = blank_card()
    corners = turned_corners((800, 600), 1000, 25, 15)
    picture = laid(card, corners)
    straight = rectify(picture, np.array(corners, np.float32), 856)
    assert straight.shape == (540, 856, 3)
    expected = cv2.resize(card[:, :, :3], (856, 540), interpolation=cv2.INTER_AREA)
    inner = (slice(40, 500), slice(40, 816))
    assert np.abs(straight[inner].astype(int) - expected[inner]).mean() < 4


def test_the_quick_look_finds_what_lies_plainly() -> None:
    corners = turned_corners((800, 600), 900, 12)
    found = look_for_outlines(laid(blank_card(), corners), thorough=False)
    assert found and far_off(found[0].corners, corners) < 6
    assert not look_for_outlines(np.full((700, 900, 3), 128, np.uint8), thorough=False)


def test_proportions() -> None:
    assert pytest.approx(1.5857, abs=1e-3) == ASPECT
