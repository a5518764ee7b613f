"""What the card answers: status words, files, filler, lengths, access."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from mnverify.virtual import VirtualCard

from .plain import ASSIST, FACE, laboratory_card, present, say, select

B = "60070320334102"


@pytest.fixture
def card() -> VirtualCard:
    return laboratory_card()


@pytest.fixture
def face(card: VirtualCard) -> VirtualCard:
    select(card, FACE)
    return card


@pytest.fixture
def opened(face: VirtualCard) -> VirtualCard:
    assert present(face, 0x12, B) == "9000"
    return face


def test_selecting_an_application_gives_no_fci(card: VirtualCard) -> None:
    assert say(card, "00A4040C0A" + FACE.hex()) == "9000"
    assert say(card, "00A404000A" + FACE.hex()) == "6F0C840A" + FACE.hex().upper() + "9000"


def test_before_a_selection_there_is_nothing(card: VirtualCard) -> None:
    assert say(card, "00B0000000") == "6986"
    assert say(card, "00B0840000") == "6A82"
    assert say(card, "00A4020C020004") == "6A82"
    assert say(card, "00200092") == "6A88"
    assert say(card, "00200080") == "6986"


def test_free_files_are_readable_by_short_id_and_by_selection(face: VirtualCard) -> None:
    certificate = face.files("face-check")["0004"]
    assert face.transmit(bytes.fromhex("00B0840000")) == certificate[:256] + b"\x90\x00"
    assert say(face, "00A4020C020004") == "9000"
    assert face.transmit(bytes.fromhex("00B0010010")) == certificate[256:272] + b"\x90\x00"


def test_the_short_id_makes_the_file_current(face: VirtualCard) -> None:
    say(face, "00B0840004")
    assert face.transmit(bytes.fromhex("00B0010004")) == face.files("face-check")["0004"][256:260] + b"\x90\x00"


def test_extended_length_reads_a_whole_file(opened: VirtualCard) -> None:
    whole = opened.files("face-check")["0002"]
    assert len(whole) > 6000
    assert opened.transmit(bytes.fromhex("00B08200000000")) == whole + b"\x90\x00"
    assert opened.transmit(bytes.fromhex("00B08200000400")) == whole[:1024] + b"\x90\x00"


def test_the_end_of_a_file(face: VirtualCard) -> None:
    certificate = face.files("face-check")["0004"]
    end = len(certificate)
    say(face, "00B0840001")
    assert face.transmit(b"\x00\xb0" + (end - 8).to_bytes(2) + b"\x10") == b"\xff" * 8 + b"\x62\x82"
    assert face.transmit(b"\x00\xb0" + (end - 8).to_bytes(2) + b"\x00") == b"\xff" * 8 + b"\x90\x00"
    assert face.transmit(b"\x00\xb0" + end.to_bytes(2) + b"\x01") == b"\x6b\x00"
    assert say(face, "00B07FFF01") == "6B00"


@pytest.mark.parametrize("domain", ["face-check", "input-assist"])
def test_files_end_in_filler(card: VirtualCard, domain: str) -> None:
    for file_id, content in card.files(domain).items():
        if (domain, file_id) == ("input-assist", "0001"):
            assert len(content) == 17 and content.endswith(b"\xff\xff")
        else:
            assert content.endswith(b"\xff" * 16), file_id
    assert card.files("face-check")["0006"] == b"\xff" * 16


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B0", "6700"),
        ("00B08400", "6700"),
        ("00B08400000000FF00", "6700"),
        ("00B0A40000", "6A86"),
        ("00B0800000", "6A86"),
        ("00B09F0000", "6A86"),
        ("00B0890000", "6A82"),
        ("00B0920000", "6981"),
        ("00B0820000", "6982"),
        ("00B0810000", "6982"),
        ("00B0850000", "6982"),
        ("00B0860000", "6982"),
        ("00A4020C0200AA", "6A82"),
        ("00A4020C0100", "6700"),
        ("00A4000C023F00", "6A86"),
        ("00A4040C0AD3921000310001010499", "6A82"),
        ("00200081", "6981"),
        ("00200084", "6981"),
        ("00200089", "6A88"),
        ("00200012", "6A86"),
        ("002001" + "92", "6A86"),
        ("00D6000001FF", "6D00"),
        ("0024009200", "6D00"),
        ("00CA006600", "6D00"),
        ("80CA9F7F00", "6D00"),
        ("80B0840000", "6D00"),
        ("00C0000000", "6985"),
        ("01B0840000", "6881"),
        ("40B0840000", "6881"),
        ("04B0840000", "6E00"),
        ("90B0840000", "6E00"),
        ("FFB0840000", "6E00"),
        ("08B0840000", "69FC"),
        ("80AE000001FF", "6D00"),
    ],
)
def test_refusals(face: VirtualCard, command: str, answer: str) -> None:
    assert say(face, command) == answer


def test_a_refused_application_leaves_the_selected_one(opened: VirtualCard) -> None:
    assert say(opened, "00A4040C0AD3921000310001010499") == "6A82"
    assert say(opened, "00B0820002") == "FF209000"


FACE_ACCESS = {0x11: {1, 3, 4}, 0x12: {2, 3, 4}, 0x13: {2, 3, 4, 5}, None: {3, 4}}
ASSIST_ACCESS = {0x11: {1, 2, 3, 4, 5, 6, 7}, 0x14: {1, 3, 4, 5, 6, 7}, 0x15: {2, 3, 4, 5, 6, 7}, None: {4, 5}}
KINDS = {
    (FACE, 0x11): "birth-date",
    (FACE, 0x12): "verification-number-b",
    (FACE, 0x13): "verification-number-a",
    (ASSIST, 0x11): "pin",
    (ASSIST, 0x14): "verification-number-a",
    (ASSIST, 0x15): "verification-number-b",
}


@pytest.mark.parametrize(
    ("aid", "key", "readable"),
    [(FACE, key, files) for key, files in FACE_ACCESS.items()]
    + [(ASSIST, key, files) for key, files in ASSIST_ACCESS.items()],
)
def test_each_credential_opens_its_files_and_no_others(
    card: VirtualCard, aid: bytes, key: int | None, readable: set[int]
) -> None:
    select(card, aid)
    if key is not None:
        assert present(card, key, card.credentials[KINDS[aid, key]]) == "9000"
    answers = {sfi: say(card, f"00B0{0x80 | sfi:02X}0001")[-4:] for sfi in range(1, 0x08)}
    assert {sfi for sfi, answer in answers.items() if answer == "9000"} == readable
    others = {answer for sfi, answer in answers.items() if sfi not in readable}
    assert others <= {"6982", "6A82"}


def test_a_credential_holds_until_the_application_is_left(opened: VirtualCard) -> None:
    assert say(opened, "00B0820002") == "FF209000"
    select(opened, ASSIST)
    select(opened, FACE)
    assert say(opened, "00B0820002") == "6982"


def test_a_credential_holds_until_the_power_is_cut(opened: VirtualCard) -> None:
    opened.reset()
    assert say(opened, "00B0000001") == "6986"
    select(opened, FACE)
    assert say(opened, "00B0820002") == "6982"


def test_a_credential_outlives_a_warm_reset_and_the_same_application_selected_again(opened: VirtualCard) -> None:
    """Real cards are said to do so: a reader that only resets leaves a verified card behind."""
    select(opened, FACE)
    assert say(opened, "00B0820002") == "FF209000"
    opened.warm_reset()
    assert say(opened, "00B0000001") == "6986", "nothing is selected"
    assert say(opened, "00200092") == "6A88"
    select(opened, FACE)
    assert say(opened, "00B0820002") == "FF209000"
    assert say(opened, "00200092") == "9000", "it says that it is verified"
    opened.warm_reset()
    select(opened, ASSIST)
    select(opened, FACE)
    assert say(opened, "00B0820002") == "6982", "another application was selected"


def test_warm_resets_spend_no_try_and_a_power_cut_ends_what_they_kept(opened: VirtualCard) -> None:
    before = [opened.retries("face-check", key) for key in ("0011", "0012", "0013")]
    opened.warm_reset()
    opened.warm_reset()
    assert [opened.retries("face-check", key) for key in ("0011", "0012", "0013")] == before
    opened.reset()
    select(opened, FACE)
    assert say(opened, "00B0820002") == "6982"


def test_credentials_are_built_from_the_print(card: VirtualCard) -> None:
    assert dict(card.credentials) == {
        "birth-date": "600703",
        "verification-number-b": B,
        "verification-number-a": card.persona.my_number.reveal(),
        "pin": card.persona.pin,
    }


def test_internal_authentication_needs_no_credential(face: VirtualCard) -> None:
    info = bytes.fromhex("3031300D060960864801650304020105000420") + hashlib.sha256(b"x").digest()
    short = face.transmit(b"\x80\x2a\x00\x00\x33" + info + b"\x00")
    extended = face.transmit(b"\x80\x2a\x00\x00\x00\x00\x33" + info + b"\x00\x00")
    assert short == extended == face.sign("face-check", b"x") + b"\x90\x00"
    select(face, ASSIST)
    other = face.transmit(b"\x80\x2a\x00\x00\x33" + info + b"\x00")
    assert other == face.sign("input-assist", b"x") + b"\x90\x00" != short


@pytest.mark.parametrize(
    ("header", "spoil", "le", "answer"),
    [
        ("802A0000", lambda info: info, b"", "6700"),
        ("802A0000", lambda info: info, b"\x80", "6C00"),
        ("802A0001", lambda info: info, b"\x00", "6A86"),
        ("802A9E9A", lambda info: info, b"\x00", "6A86"),
        ("002A0000", lambda info: info, b"\x00", "6D00"),
        ("802A0000", lambda info: info[:-1], b"\x00", "6A80"),
        ("802A0000", lambda info: info + b"\x00", b"\x00", "6A80"),
        ("802A0000", lambda info: info[19:], b"\x00", "6A80"),
        ("802A0000", lambda info: info.replace(b"\x02\x01\x05", b"\x02\x03\x05"), b"\x00", "6A80"),
    ],
)
def test_only_a_whole_digest_info_is_signed(
    face: VirtualCard, header: str, spoil: Callable[[bytes], bytes], le: bytes, answer: str
) -> None:
    info = spoil(bytes.fromhex("3031300D060960864801650304020105000420") + bytes(range(1, 33)))
    assert face.transmit(bytes.fromhex(header) + bytes([len(info)]) + info + le).hex().upper() == answer


def test_get_challenge_gives_random_bytes_for_other_programs() -> None:
    card = laboratory_card()
    first, second = card.transmit(b"\x00\x84\x00\x00\x10"), card.transmit(b"\x00\x84\x00\x00\x10")
    assert len(first) == 18 and first[-2:] == b"\x90\x00" and first != second
    assert say(card, "00840100 10".replace(" ", "")) == "6A86"
    assert say(card, "00840000") == "6700"
