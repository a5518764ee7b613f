"""Faults on request."""

from __future__ import annotations

import time

import pytest

from mnverify.errors import CardLost, LinkTimeout
from mnverify.virtual import CardMute, FieldLost, Limits, LongAnswer, VirtualCard

from .plain import FACE, laboratory_card, say, select


def face(limits: Limits) -> VirtualCard:
    card = laboratory_card(limits=limits)
    select(card, FACE)
    return card


def test_no_extended_length() -> None:
    card = face(Limits(extended=False))
    assert say(card, "00B08400000000") == "6700"
    assert say(card, "00B0840000").endswith("9000")


def test_long_answers_by_get_response() -> None:
    card = face(Limits(max_response=200))
    certificate = card.files("face-check")["0004"]
    first = card.transmit(bytes.fromhex("00B08400000000"))
    assert first == certificate[:200] + b"\x61\x00"
    second = card.transmit(bytes.fromhex("00C0000000"))
    assert second == certificate[200:400] + bytes([0x61, len(certificate) - 400])
    assert say(card, "00C00000FF") == f"6C{len(certificate) - 400:02X}"
    third = card.transmit(bytes([0, 0xC0, 0, 0, len(certificate) - 400]))
    assert third == certificate[400:600] + bytes([0x61, len(certificate) - 600])
    assert card.transmit(bytes.fromhex("00C0000000")) == certificate[600:] + b"\x90\x00"
    assert say(card, "00C0000000") == "6985"


def test_another_command_drops_what_waits() -> None:
    card = face(Limits(max_response=200))
    say(card, "00B08400000000")
    say(card, "00200092")
    assert say(card, "00C0000000") == "6985"


def test_cut_and_empty_answers() -> None:
    card = face(Limits(max_response=231, long_answer=LongAnswer.CUT))
    assert card.transmit(bytes.fromhex("00B0840000")) == card.files("face-check")["0004"][:231] + b"\x90\x00"
    card = face(Limits(max_response=231, long_answer=LongAnswer.EMPTY))
    assert say(card, "00B0840000") == "9000"
    assert len(card.transmit(bytes.fromhex("00B08400E7"))) == 231 + 2


def test_exact_le() -> None:
    card = face(Limits(exact_le=True))
    end = len(card.files("face-check")["0004"])
    say(card, "00B0840001")
    assert card.transmit(b"\x00\xb0" + (end - 8).to_bytes(2) + b"\x10") == b"\x6c\x08"
    assert card.transmit(b"\x00\xb0" + (end - 8).to_bytes(2) + b"\x08") == b"\xff" * 8 + b"\x90\x00"


def test_slow() -> None:
    card = laboratory_card(limits=Limits(seconds_per_command=0.05))
    start = time.monotonic()
    select(card, FACE)
    assert time.monotonic() - start >= 0.05


def test_mute() -> None:
    card = face(Limits(mute_after=2))
    say(card, "00200092")
    for _ in range(2):
        with pytest.raises(CardMute) as caught:
            say(card, "00200092")
        assert isinstance(caught.value, LinkTimeout)
        card.reset()


def test_lost_until_reset() -> None:
    card = face(Limits(lost_at=3))
    say(card, "00200092")
    for _ in range(2):
        with pytest.raises(FieldLost) as caught:
            say(card, "00200092")
        assert isinstance(caught.value, CardLost)
    card.reset()
    assert say(card, "00B0840001") == "6A82", "nothing is selected any more"
    select(card, FACE)


def test_a_status_word_out_of_turn_and_nothing_is_done() -> None:
    card = face(Limits(status_at={2: 0x6F00}))
    assert say(card, "002000920E" + "30" * 14) == "6F00"
    assert card.retries("face-check", "0012") == 10
    assert say(card, "00200092") == "63CA"
