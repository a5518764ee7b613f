"""What the card tells about who touched what."""

from __future__ import annotations

import pytest

from mnverify.virtual import VirtualCard

from .plain import ASSIST, FACE, laboratory_card, present, say, select

FORBIDDEN = {
    "D3921000310001010401": "basic registry",
    "D3921000310001010100": "common card",
    "D392F000260100000001": "JPKI",
    "D3921000310001019901": "ordinance",
    "A0000001510000": "card manager",
}


@pytest.fixture
def card() -> VirtualCard:
    return laboratory_card()


@pytest.mark.parametrize(("aid", "name"), FORBIDDEN.items())
def test_forbidden_applications_answer_and_tell(card: VirtualCard, aid: str, name: str) -> None:
    assert say(card, f"00A4040C{len(aid) // 2:02X}{aid}") == "9000"
    assert say(card, "00B0810000") == "6A82"
    assert [name in str(touch) for touch in card.touches] == [True, True]
    select(card, FACE)
    assert say(card, "00B0840001") == "7F9000"
    assert len(card.touches) == 3, "leaving it is the last thing it sees"


def test_an_application_that_is_not_there_is_a_touch(card: VirtualCard) -> None:
    assert say(card, "00A4040C07A0000002471001") == "6A82"
    assert [touch.what for touch in card.touches] == ["SELECT of an application that is not on the card"]


def test_a_short_aid_selects_what_was_not_meant(card: VirtualCard) -> None:
    assert say(card, "00A4040C09D39210003100010104") == "9000"
    assert "basic registry" in card.touches[0].what
    assert say(card, "00A4040E09D39210003100010104") == "9000", "the next one is the face-check domain"
    assert say(card, "00B0840002") == "7F219000"
    assert len(card.touches) == 2 + 1  # a short AID is a touch, whatever it finds


def test_the_card_manager_gives_its_data_away_without_a_selection(card: VirtualCard) -> None:
    assert say(card, "80CA9F7F00").endswith("9000")
    assert [touch.what for touch in card.touches] == ["GET DATA"]


@pytest.mark.parametrize("ins", ["0E", "24", "2C", "CA", "CB", "D0", "D6", "DA", "F2"])
@pytest.mark.parametrize("cla", ["00", "80", "08"])
def test_instructions_that_write_or_pry_are_touches(card: VirtualCard, cla: str, ins: str) -> None:
    select(card, FACE)
    say(card, f"{cla}{ins}000000")
    assert len(card.touches) == 1


@pytest.mark.parametrize("command", ["00A4020C020006", "00B0860000", "00200086"])
def test_the_unknown_file_is_a_touch(card: VirtualCard, command: str) -> None:
    select(card, FACE)
    say(card, command)
    assert [touch.what for touch in card.touches] == ["face-check 0006"]
    assert card.number_touches == ()


@pytest.mark.parametrize(
    ("aid", "file_id"), [(FACE, 0x05), (FACE, 0x13), (ASSIST, 0x01), (ASSIST, 0x14)], ids=["05", "13", "01", "14"]
)
@pytest.mark.parametrize(
    "command", ["00A4020C0200{0:02X}", "00B0{1:02X}0000", "002000{1:02X}", "002000{1:02X}0431313131"]
)
def test_what_holds_the_number_tells_apart(card: VirtualCard, aid: bytes, file_id: int, command: str) -> None:
    select(card, aid)
    say(card, command.format(file_id, 0x80 | file_id))
    assert len(card.number_touches) == 1
    assert card.number_touches[0].what.endswith(f"{file_id:04X}")
    assert card.touches == ()


def test_an_honest_reading_touches_nothing(card: VirtualCard) -> None:
    select(card, FACE)
    say(card, "00200092")
    present(card, 0x12, card.credentials["verification-number-b"])
    for sfi in (2, 3, 4):
        say(card, f"00B0{0x80 | sfi:02X}000000" + "00")
    card.reset()
    select(card, ASSIST)
    present(card, 0x11, card.credentials["pin"])
    for sfi in (2, 3, 4, 5, 6, 7):
        say(card, f"00B0{0x80 | sfi:02X}0000")
    assert card.touches == () and card.number_touches == ()


def test_the_log_counts_without_keeping_data(card: VirtualCard) -> None:
    select(card, FACE)
    present(card, 0x12, "60070320334102")
    assert (card.log.exchanges, card.log.sent, card.log.received) == (2, 15 + 19, 4)
    assert [header.hex() for header in card.log.headers] == ["00a4040c", "00200092"]
    assert "60070320334102" not in repr(card) + repr(card.log) + repr(card.touches)
