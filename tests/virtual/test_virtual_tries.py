"""Retry counters: asking, spending, blocking."""

from __future__ import annotations

import pytest

from mnverify.virtual import Limits, VirtualCard

from .plain import ASSIST, FACE, laboratory_card, present, say, select

B = "60070320334102"


def face_card(**limits: object) -> VirtualCard:
    card = laboratory_card(limits=Limits(**limits))  # type: ignore[arg-type]
    select(card, FACE)
    return card


def test_asking_spends_nothing() -> None:
    card = face_card()
    assert [say(card, "00200092") for _ in range(20)] == ["63CA"] * 20
    assert card.retries("face-check", "0012") == 10


def test_a_wrong_one_spends_a_try_and_a_right_one_gives_all_back() -> None:
    card = face_card()
    assert present(card, 0x12, "60070320334103") == "63C9"
    assert present(card, 0x12, "60070320334103") == "63C8"
    assert say(card, "00200092") == "63C8"
    assert present(card, 0x12, B) == "9000"
    assert say(card, "00200092") == "9000"
    card.reset()
    select(card, FACE)
    assert say(card, "00200092") == "63CA"


def test_a_wrong_one_closes_what_was_open() -> None:
    card = face_card()
    present(card, 0x12, B)
    assert present(card, 0x12, "6" * 14) == "63C9"
    assert say(card, "00B0820001") == "6982"


@pytest.mark.parametrize("digits", ["6", "600703203341020", "60070320334102" * 2])
def test_a_wrong_length_spends_a_try_too(digits: str) -> None:
    card = face_card()
    assert present(card, 0x12, digits) == "63C9"


def test_ten_wrong_ones_block_for_good() -> None:
    card = face_card()
    answers = [present(card, 0x12, "0" * 14) for _ in range(11)]
    assert answers == [f"63C{left:X}" for left in range(9, -1, -1)] + ["6984"]
    assert present(card, 0x12, B) == "6984"
    card.reset()
    select(card, FACE)
    assert present(card, 0x12, B) == "6984"
    assert say(card, "00200092") == "63C0"
    assert present(card, 0x11, "600703") == "9000", "the other keys are not concerned"


def test_a_blocked_key_can_tell_it_in_two_ways() -> None:
    card = face_card(tries={"face-check/0012": 0}, blocked_status=0x6984)
    assert say(card, "00200092") == "6984"


def test_tries_can_be_set() -> None:
    card = face_card(tries={"face-check/0012": 2, "face-check/0011": None, "input-assist/0011": 1})
    assert (card.retries("face-check", "0012"), card.retries("input-assist", "0011")) == (2, 1)
    assert say(card, "00200092") == "63C2"
    assert say(card, "00200091") == "6300"
    assert [present(card, 0x11, "000000") for _ in range(30)] == ["6300"] * 30
    assert present(card, 0x11, "600703") == "9000"


def test_the_pin_has_three_tries() -> None:
    card = laboratory_card()
    select(card, ASSIST)
    assert [present(card, 0x11, "0000") for _ in range(4)] == ["63C2", "63C1", "63C0", "6984"]


def test_the_key_that_every_issued_card_blocks() -> None:
    card = laboratory_card()
    select(card, ASSIST)
    assert say(card, "00200092") == "63C0"
    assert present(card, 0x12, "1357") == "6984"
    assert [touch.what for touch in card.touches] == ["input-assist 0012"] * 2


def test_a_key_file_can_be_selected_first() -> None:
    card = face_card()
    assert say(card, "00A4020C020012") == "9000"
    assert say(card, "00200080") == "63CA"
    assert say(card, "002000800E" + B.encode().hex()) == "9000"
    assert say(card, "00200080") == "9000"
