"""The card's half of the air, block by block."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnverify.errors import UsageError
from mnverify.virtual import CardMute, Extensions, FieldLost, Limits, Picc, PiccState, Stranger

from .pcd import SIZES, EchoCard, Pcd, pattern
from .plain import FACE, laboratory_card

PUPI = bytes.fromhex("0A0B0C0D")
REQB, WUPB = b"\x05\x00\x00", b"\x05\x00\x08"
ATTRIB = b"\x1d" + PUPI + b"\x00\x08\x01\x00"


def active(card: EchoCard | None = None, size: int = 8, wtx: Extensions | None = None) -> Picc:
    picc = Picc(card or EchoCard(), pupi=PUPI, wtx=wtx)
    assert picc.receive(REQB) is not None
    assert picc.receive(b"\x1d" + PUPI + bytes([0, size, 1, 0])) == b"\x00"
    return picc


def asks(picc: Picc, frame: str) -> str | None:
    """Hex in, hex out."""
    answer = picc.receive(bytes.fromhex(frame))
    return None if answer is None else answer.hex().upper()


# -- up to ATTRIB


def test_what_it_says_of_itself() -> None:
    picc = Picc(EchoCard(), pupi=PUPI, frame_size=64, fwi=11)
    assert asks(picc, "050010") == "500A0B0C0D" + "00000000" + "0051B0"


def test_other_pupi_each_time_the_field_comes() -> None:
    picc = Picc(EchoCard())
    seen = set()
    for _ in range(3):
        answer = picc.receive(REQB)
        assert answer is not None and answer == picc.receive(REQB), "the same while the field is on"
        seen.add(answer[1:5])
        picc.field_off()
    assert len(seen) == 3


@pytest.mark.parametrize(
    "frame",
    [
        "", "05", "0500", "05000000", "051000", "26", "52", "50", "500A0B0C0D", "1D0A0B0C0D00080100", "02", "B2", "C2"
    ],
)  # fmt: skip
def test_idle_it_answers_requests_only(frame: str) -> None:
    picc = Picc(EchoCard(), pupi=PUPI)
    assert asks(picc, frame) is None
    assert picc.state is PiccState.IDLE


@pytest.mark.parametrize(
    "frame",
    [
        "1D0A0B0C0E00080100",  # another card is meant
        "1D0A0B0C0D00180100",  # 212 kbit/s
        "1D0A0B0C0D00080000",  # another protocol
        "1D0A0B0C0D000801",  # short
        "500A0B0C0E",
        "0200A4",
    ],
)
def test_ready_it_is_activated_only_for_what_it_can(frame: str) -> None:
    picc = Picc(EchoCard(), pupi=PUPI)
    picc.receive(REQB)
    assert asks(picc, frame) is None
    assert picc.receive(ATTRIB) == b"\x00"
    assert picc.state is PiccState.ACTIVE


def test_halt_and_wake_up() -> None:
    picc = Picc(EchoCard(), pupi=PUPI)
    picc.receive(REQB)
    assert asks(picc, "500A0B0C0D") == "00"
    assert picc.state is PiccState.HALT
    assert picc.receive(REQB) is None and picc.receive(ATTRIB) is None
    assert picc.receive(WUPB) == picc.atqb
    assert picc.receive(ATTRIB) == b"\x00"


def test_active_it_answers_no_request() -> None:
    picc = active()
    for frame in (REQB, WUPB, ATTRIB, b"\x50" + PUPI):
        assert picc.receive(frame) is None
    assert asks(picc, "020000") == "02", "and goes on"


@pytest.mark.parametrize("wrong", [{"frame_size": 255}, {"fwi": 15}, {"fwi": -1}, {"pupi": b"\x00"}])
def test_no_such_card(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Picc(EchoCard(), **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"in_chain": -1}, {"multiplier": 0}, {"multiplier": 60}])
def test_no_such_extension(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Extensions(**wrong)


# -- blocks


@pytest.mark.parametrize("card_takes", SIZES)
@pytest.mark.parametrize("size", range(9))
def test_sizes_around_the_frame_both_ways(card_takes: int, size: int) -> None:
    card = EchoCard()
    picc = Picc(card, frame_size=card_takes)
    pcd = Pcd(picc.receive, size)
    pcd.activate()
    ours, theirs = card_takes - 3, SIZES[size] - 3
    for command in (2, ours - 1, ours, ours + 1, 2 * ours, 2 * ours + 1):
        for answer in (0, 1, theirs - 1, theirs, theirs + 1, 3 * theirs, 3 * theirs + 1):
            asked = bytes(command - 2) + answer.to_bytes(2)
            assert pcd.exchange(asked) == pattern(answer)
            assert card.commands[-1] == asked
    assert len(card.commands) == 6 * 7
    full = [len(got) for got in pcd.got if got[0] & 0xEE == 0x02 and got[0] & 0x10]
    assert set(full) == {theirs + 1}, "a chained block is a full one"


def test_a_size_of_later_days_is_256() -> None:
    picc = active(size=12)
    answer = picc.receive(b"\x02\x10\x00")
    assert answer is not None and len(answer) == 254 and answer[0] == 0x12


def test_a_frame_longer_than_announced_is_not_taken() -> None:
    picc = active()
    assert picc.receive(b"\x02" + bytes(254)) is None
    assert picc.receive(b"\x02" + bytes(253)) == b"\x02"


def test_a_command_without_end_is_not_kept() -> None:
    card = EchoCard()
    picc = active(card)
    answers = {picc.receive(bytes([0x12 | n & 1]) + bytes(253)) for n in range(300)}
    assert answers == {b"\xa2", b"\xa3", None}
    assert picc.state is PiccState.MUTE and card.commands == []


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "0A0000",
        "060000",
        "0E00",
        "A200",
        "AA00",
        "B200",
        "BA00",
        "CA00",
        "C200",
        "F204",
        "F2",
        "E2",
        "D2",
        "00",
        "22",
    ],
)
def test_silence_to_what_is_no_block_of_ours(frame: str) -> None:
    card = EchoCard()
    picc = active(card)
    assert asks(picc, frame) is None
    assert card.commands == []
    assert asks(picc, "020003") == "02" + pattern(3).hex().upper()


def test_block_numbers_of_plain_exchanges() -> None:
    picc = active()
    assert [asks(picc, frame) for frame in ("020000", "030000", "020000")] == ["02", "03", "02"]


def test_is_it_there() -> None:
    picc = active()
    assert asks(picc, "B2") == "A3", "before the first block the card's number is 1"
    assert asks(picc, "B3") is None, "and nothing was sent that could be again"
    assert asks(picc, "020001") == "0200"
    assert asks(picc, "B3") == "A2", "rule 12: another number: a receipt"
    assert asks(picc, "B3") == "A2"
    assert asks(picc, "03") == "03", "an empty block, an empty answer, and no command"


def test_sent_again_and_not_done_again() -> None:
    card = EchoCard()
    picc = active(card)
    first = asks(picc, "020003")
    assert [asks(picc, frame) for frame in ("B2", "B2", "A2")] == [first] * 3, "rule 11"
    assert len(card.commands) == 1
    assert asks(picc, "A3") is None, "nothing is left to send"


def test_a_receipt_sent_again() -> None:
    picc = active()
    assert asks(picc, "120000") == "A2"
    assert asks(picc, "B2") == "A2"
    assert asks(picc, "030001") == "0300"


def test_a_chain_that_is_given_up_for_another_command() -> None:
    picc = active()
    assert (asks(picc, "020200") or "")[:2] == "12"
    assert asks(picc, "030001") == "0300"
    assert asks(picc, "A2") is None


def test_deselected_it_halts_and_forgets() -> None:
    card = EchoCard()
    picc = active(card)
    picc.receive(b"\x02\x02\x00")
    assert asks(picc, "C2") == "C2"
    assert card.resets == 1 and picc.state is PiccState.HALT
    assert picc.receive(REQB) is None
    picc.receive(WUPB)
    picc.receive(ATTRIB)
    assert asks(picc, "020001") == "0200", "numbers begin anew"


def test_time_is_asked_for_at_each_place() -> None:
    card = EchoCard()
    picc = active(card, size=0, wtx=Extensions(in_command=1, before_answer=2, in_chain=1, multiplier=7))
    assert [asks(picc, frame) for frame in ("12AA", "F207")] == ["F207", "A2"]
    assert [asks(picc, frame) for frame in ("03000F", "F207", "F207")][:2] == ["F207", "F207"]
    assert asks(picc, "B3") == "13" + pattern(13).hex().upper(), "the block that was the third answer, again"
    assert card.commands == [bytes.fromhex("AA000F")]
    assert [asks(picc, frame) for frame in ("A2", "F207")] == ["F207", "02" + pattern(15)[13:].hex().upper()]


def test_a_request_for_time_is_repeated_and_insists() -> None:
    card = EchoCard()
    picc = active(card, wtx=Extensions(before_answer=1))
    assert asks(picc, "020001") == "F204"
    assert asks(picc, "B2") == "F204", "rule 11"
    assert asks(picc, "B3") == "A2", "rule 12"
    for wrong in ("F205", "F2", "F20400", "A3", "030001", "120001"):
        assert asks(picc, wrong) is None, wrong
    assert card.commands == []
    assert asks(picc, "F204") == "0200"
    assert asks(picc, "F204") is None


def test_a_mute_chip_is_silent_until_the_field_goes() -> None:
    picc = Picc(Stranger.named("mute"), pupi=PUPI)
    for _ in range(2):
        assert picc.receive(REQB) is not None
        assert picc.receive(ATTRIB) is not None
        assert asks(picc, "020000") is None
        for frame in (b"\xb2", b"\xc2", REQB, WUPB, ATTRIB):
            assert picc.receive(frame) is None
        assert picc.state is PiccState.MUTE
        picc.field_off()


def test_a_chip_that_leaves_the_field() -> None:
    card = laboratory_card(limits=Limits(lost_at=2))
    picc = Picc(card)
    pcd = Pcd(picc.receive)
    pcd.activate()
    assert pcd.exchange(b"\x00\xa4\x04\x0c\x0a" + FACE) == b"\x90\x00"
    with pytest.raises(FieldLost):
        pcd.exchange(bytes.fromhex("00B08400000000"))
    assert picc.state is PiccState.IDLE
    pcd.activate()
    assert pcd.exchange(bytes.fromhex("00B0840001")) == b"\x6a\x82", "nothing is selected any more"


def test_mute_once_in_the_air() -> None:
    card = laboratory_card(limits=Limits(mute_at=1))
    with pytest.raises(CardMute):
        card.transmit(bytes.fromhex("00B0840001"))
    with pytest.raises(CardMute):
        card.transmit(bytes.fromhex("00B0840001"))
    picc = Picc(card)
    picc.field_off()
    pcd = Pcd(picc.receive)
    pcd.activate()
    assert pcd.exchange(bytes.fromhex("00B0840001")) == b"\x6a\x82"


# -- a bad air


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["both", "lost going", "lost coming"]), min_size=1, max_size=60),
    st.sampled_from([(0, 16), (8, 256), (3, 24)]),
    st.sampled_from([Extensions(), Extensions(in_command=1, before_answer=2, in_chain=1)]),
)
def test_whatever_is_lost_each_command_is_done_once(fate: list[str], size: tuple[int, int], wtx: Extensions) -> None:
    card = EchoCard()
    picc = Picc(card, frame_size=size[1], wtx=wtx)
    fates: list[str] = []

    def air(frame: bytes) -> bytes | None:
        what = fates.pop(0) if fates else "both"
        answer = None if what == "lost going" else picc.receive(frame)
        return None if what == "lost coming" else answer

    pcd = Pcd(air, size[0])
    pcd.activate()
    fates.extend(fate)
    asked = [bytes(40) + n.to_bytes(2) for n in (1, 300, 0, 45)]
    assert [pcd.exchange(command) for command in asked] == [pattern(n) for n in (1, 300, 0, 45)]
    assert card.commands == asked


frames = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([REQB, WUPB, ATTRIB, b"\x50" + PUPI, b"\xb2", b"\xb3", b"\xa2", b"\xa3", b"\xc2", b"\xf2\x04"]),
    st.builds(
        lambda control, rest: bytes([control]) + rest, st.sampled_from([2, 3, 0x12, 0x13]), st.binary(max_size=20)
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(frames, max_size=40), st.integers(0, 8))
def test_nothing_shakes_it(received: list[bytes], size: int) -> None:
    picc = active(size=size, wtx=Extensions(before_answer=1, in_chain=1))
    for frame in received:
        answer = picc.receive(frame)
        assert answer is None or len(answer) <= 254
    picc.field_off()
    assert picc.receive(REQB) == picc.atqb
