"""Faults that a plug plays on, as the card plays them; and the cards of others."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from mnverify.errors import UsageError
from mnverify.virtual import STRANGERS, CardMute, FieldLost, Limits, Stranger

from .plain import FACE, laboratory_card, present, say, select

OWN = {"bank-card": "315041592E5359532E4444463031", "passport": "A0000002471001"}


def test_mute_once_until_a_reset() -> None:
    card = laboratory_card(limits=Limits(mute_at=2))
    select(card, FACE)
    for _ in range(2):
        with pytest.raises(CardMute):
            say(card, "00200092")
    card.reset()
    select(card, FACE)
    assert say(card, "00200092") == "63CA"


def test_slow_at_one_command() -> None:
    card = laboratory_card(limits=Limits(slow_at={2: 0.5}, seconds_per_command=0.02))
    times = []
    for _ in range(7):
        start = time.monotonic()
        select(card, FACE)
        times.append(time.monotonic() - start)
    assert min(times) >= 0.02 and times[1] >= 0.52
    assert min(times[2:]) < 0.52, "the others are not slow; one of five, for the machine may have others to serve"


def test_a_reset_in_mid_command_is_a_power_cut() -> None:
    card = laboratory_card(limits=Limits(slow_at={2: 3600.0}))
    select(card, FACE)
    caught: list[FieldLost] = []

    def ask() -> None:
        try:
            say(card, "00200092")
        except FieldLost as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while card.log.exchanges < 2:
        time.sleep(0.001)
    card.reset()
    thread.join(60)
    assert not thread.is_alive() and len(caught) == 1
    assert say(card, "00200092") == "6A88", "and it is there again, with nothing selected"


@pytest.mark.parametrize("garbage", [b"", b"\x90", b"\x00" * 300])
def test_garbage_after_a_command_that_was_done(garbage: bytes) -> None:
    card = laboratory_card(limits=Limits(garbage_at={2: garbage}))
    select(card, FACE)
    assert card.transmit(bytes.fromhex("002000920E") + b"0" * 14) == garbage
    assert say(card, "00200092") == "63C9", "the try was spent"


def test_a_reset_that_nobody_is_told_of() -> None:
    card = laboratory_card(limits=Limits(reset_at=frozenset({3, 5})))
    select(card, FACE)
    assert present(card, 0x12, card.credentials["verification-number-b"]) == "9000"
    assert say(card, "00B0820004") == "6A82"
    select(card, FACE)
    assert say(card, "00200092") == "6A88"


@pytest.mark.parametrize(
    "wrong",
    [
        {"mute_at": 0}, {"lost_at": -1}, {"slow_at": {0: 1.0}}, {"reset_at": frozenset({0})}, {"garbage_at": {0: b""}},
        {"status_at": {0: 0x9000}}, {"slow_at": {1: -0.1}}, {"slow_at": {1: float("nan")}}, {"max_response": 0},
        {"seconds_per_command": float("inf")}, {"status_at": {1: 0x10000}}, {"status_at": {1: -1}},
    ],
)  # fmt: skip
def test_no_such_fault(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Limits(**wrong)


# -- other cards


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("bank-card", "6A82"), ("passport", "6A82"), ("driving-licence", "6A82"), ("juki-card", "6A82"),
        ("old-card", "6D00"), ("transit-card", "6E00"),
    ],
)  # fmt: skip
def test_no_my_number_application(word: str, answer: str) -> None:
    card = Stranger.named(word)
    for aid in ("0A" + FACE.hex(), "0AD3921000310001010408", "00"):
        assert card.transmit(bytes.fromhex("00A4040C" + aid)).hex().upper() == answer
    assert card.transmit(bytes.fromhex("00200092")).hex().upper() in ("6D00", "6E00"), "no counter that one could read"
    assert card.transmit(bytes.fromhex("00B0840000"))[0] in (0x69, 0x6D, 0x6E)
    assert card.transmit(b"\x00") == b"\x67\x00"
    card.reset()


@pytest.mark.parametrize("word", OWN)
def test_its_own_application_is_there(word: str) -> None:
    aid = bytes.fromhex(OWN[word])
    card = Stranger.named(word)
    assert card.transmit(b"\x00\xa4\x04\x00" + bytes([len(aid)]) + aid + b"\x00") == b"\x90\x00"


def test_garbage_is_the_same_in_every_run_and_of_all_lengths() -> None:
    answers = [Stranger("garbage", seed=7), Stranger("garbage", seed=7), Stranger("garbage", seed=8)]
    first, again, other = ([card.transmit(b"\x00\xa4") for _ in range(200)] for card in answers)
    assert first == again != other
    assert {0, 1, 2} <= {len(answer) for answer in first}


def test_mute() -> None:
    card = Stranger.named("mute")
    for _ in range(2):
        with pytest.raises(CardMute):
            card.transmit(b"\x00\xa4\x04\x00")
        card.reset()


@pytest.mark.parametrize("word", STRANGERS)
def test_answers_to_reset_are_well_formed(word: str) -> None:
    """ISO/IEC 7816-3 §8: interface bytes as announced, historical bytes as counted, XOR of all from T0 on zero."""
    atr = Stranger.named(word).atr
    assert atr[0] == 0x3B
    historical, announced, at, protocols = atr[1] & 0x0F, atr[1] >> 4, 2, []
    while True:
        at += (announced & 0x7).bit_count()
        if not announced & 0x8:
            break
        protocols.append(atr[at] & 0x0F)
        announced, at = atr[at] >> 4, at + 1
    assert len(atr) == at + historical + 1 <= 33
    assert 1 in protocols
    check = 0
    for byte in atr[1:]:
        check ^= byte
    assert check == 0


def test_no_such_card() -> None:
    with pytest.raises(UsageError, match="bank-card"):
        Stranger.named("library-card")
