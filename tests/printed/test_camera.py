"""Frame by frame: what the person is told, what is worth reading, and how frames vote."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date

import cv2
import numpy as np
import pytest

from mnverify import VerificationNumberB
from mnverify.errors import DoubtfulPrint, PictureError
from mnverify.printed.camera import SENTENCES, Advice, CameraGuide
from tests.printed.faces import AGAIN, FACE, Pixels, ScriptedEngine, blank_card, laid, made_lines, turned_corners

TODAY = date(2026, 11, 24)
SIZE = (1280, 720)
DESK = (86, 80, 76)


def frame(
    width: float = 820, centre: tuple[float, float] = (640, 360), degrees: float = 3, light: float = 1.0
) -> Pixels:
    picture = laid(blank_card(), turned_corners(centre, width, degrees), size=SIZE, desk=DESK)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


def guide(
    readings: Sequence[Sequence[tuple[str, float, float]]] = (FACE,), again: Sequence[tuple[str, float]] = AGAIN * 9
) -> CameraGuide:
    return CameraGuide(engine=ScriptedEngine([made_lines(words) for words in readings], again), today=TODAY)


def told(picture: Pixels) -> Advice:
    """What is said of a frame that comes twice: nothing moves."""
    looking = guide()
    looking.look(picture)
    return looking.look(picture).advice


def test_a_good_frame_is_ready_once_it_is_still() -> None:
    looking = guide()
    first = looking.look(frame())
    assert first.advice is Advice.HOLD_STILL and first.corners is not None
    assert np.abs(np.array(first.corners) - np.array(turned_corners((640, 360), 820, 3))).max() < 12
    assert looking.look(frame()).advice is Advice.READY
    assert looking.look(frame(centre=(690, 360))).advice is Advice.HOLD_STILL
    assert looking.look(frame(centre=(690, 360))).advice is Advice.READY


def test_closer_and_further() -> None:
    assert told(frame(width=400)) is Advice.CLOSER
    assert told(frame(width=1100, centre=(640, 300))) is Advice.FURTHER


def test_light() -> None:
    assert told(frame(light=0.38)) is Advice.BRIGHTER
    glaring = frame()
    cv2.circle(glaring, (800, 400), 110, (255, 255, 255), -1)
    assert told(glaring) is Advice.LESS_GLARE
    burnt = laid(
        blank_card(colour=(255, 255, 255)), turned_corners((640, 360), 820, 3), size=SIZE, desk=(140, 135, 130)
    )
    assert told(burnt) is Advice.DARKER


def test_what_is_blurred_has_to_be_held_still() -> None:
    assert told(cv2.GaussianBlur(frame(), (0, 0), 7)) is Advice.HOLD_STILL


def test_no_card_and_two() -> None:
    assert told(np.full((720, 1280, 3), 90, np.uint8)) is Advice.SHOW_CARD
    two = laid(blank_card(), turned_corners((330, 360), 560, 3), size=SIZE, desk=DESK)
    assert told(laid(blank_card(), turned_corners((950, 360), 560, -4), onto=two)) is Advice.ONE_CARD


def test_two_frames_that_agree_are_done() -> None:
    reading = guide()
    assert reading.result() is None and not reading.is_done
    assert reading.read(frame()).advice is Advice.HOLD_STILL
    with pytest.raises(DoubtfulPrint):
        reading.result().number_b()  # type: ignore[union-attr]
    assert reading.read(frame()).advice is Advice.DONE
    found = reading.result()
    assert found is not None and found.number_b() == VerificationNumberB("60070320334102")
    assert (
        found.printed.name == "佐藤 花子" and min(found.printed.confidence.values()) > 0.9 and not found.printed.doubts
    )
    reading.forget()
    assert reading.result() is None


def changed(old: str, new: str) -> list[tuple[str, float, float]]:
    return [(new if text == old else text, x, y) for text, x, y in FACE]


def test_the_majority_wins_and_a_tie_is_a_doubt() -> None:
    other = changed("4102", "4107")
    codes = [*AGAIN[:2], ("4107", 0.99), ("4107", 0.99)]
    tie = guide([FACE, other], [*AGAIN, *codes])
    tie.read(frame())
    assert tie.read(frame()).advice is Advice.HOLD_STILL
    found = tie.result()
    assert found is not None and "security_code" not in found.sure and found.printed.doubts
    reading = guide([FACE, other, FACE], [*AGAIN, *codes, *AGAIN])
    reading.read(frame())
    reading.read(frame())
    assert reading.read(frame()).advice is Advice.DONE
    found = reading.result()
    assert found is not None and found.number_b() == VerificationNumberB("60070320334102")


def test_two_doubtful_frames_stay_doubtful() -> None:
    """That two frames show the same does not make up for second readings that differed in each."""
    again = [*AGAIN[:2], ("4702", 0.99)]
    reading = guide([FACE], again * 2)
    reading.read(frame())
    assert reading.read(frame()).advice is Advice.HOLD_STILL and not reading.is_done


def test_a_name_that_one_frame_reads_otherwise() -> None:
    reading = guide([FACE, changed("佐藤 花子", "佐藤 化子"), FACE])
    for _ in range(3):
        reading.read(frame())
    found = reading.result()
    assert found is not None and found.printed.name == "佐藤 花子" and found.printed.confidence["name"] > 0.9


def test_the_back_has_to_be_turned_over() -> None:
    number = "987654320119"
    reading = guide([[("個人番号", 300, 100), (number, 300, 140), ("氏名", 300, 220), ("佐藤 花子", 300, 260)]])
    assert reading.read(frame()).advice is Advice.TURN_OVER and reading.result() is None


def test_what_cannot_be_read_says_what_to_do() -> None:
    reading = guide([[("卅", 9, 9)]])
    assert reading.read(frame()).advice is Advice.SHOW_CARD
    assert reading.read(np.full((720, 1280, 3), 90, np.uint8)).advice is Advice.SHOW_CARD
    with pytest.raises(PictureError):
        reading.read(b"no picture")


def test_every_advice_has_a_sentence_in_both_languages() -> None:
    assert set(SENTENCES) == set(Advice)
    assert all(text.en.isascii() and not text.ja.isascii() for text in SENTENCES.values())


def test_nothing_is_shown_or_copied() -> None:
    reading = guide()
    reading.read(frame())
    assert repr(reading) == "CameraGuide(1 readings)" and "佐藤" not in repr(reading.result())
    with pytest.raises(TypeError):
        pickle.dumps(reading)
