"""What drivers say of extended length, as byte strings."""

from __future__ import annotations

import pytest

from mnverify.errors import NoReader
from mnverify.readers.pcsc.features import carries_extended, parse_features, parse_properties
from mnverify.text import Text

REQUEST = 0x42000D48
# As libccid answers: PIN properties, TLV properties (0x42330012), escape command.
FEATURES = bytes.fromhex("0A0442330000120442330012130442000001")
TLV_CODE = 0x42330012


def properties(size: int) -> bytes:
    """As libccid answers: LCD, PIN sizes, firmware, and the size of APDUs."""
    return bytes.fromhex("010200000C024300080356312E0A04") + size.to_bytes(4, "little")


def driver(first: bytes, second: bytes = b"") -> bool | None:
    asked = []

    def control(code: int) -> bytes:
        asked.append(code)
        return first if len(asked) == 1 else second

    answer = carries_extended(REQUEST, control)
    assert asked[0] == REQUEST
    assert asked[1:] in ([], [TLV_CODE])
    return answer


def test_features_are_tags_with_a_control_code_most_significant_byte_first() -> None:
    assert parse_features(FEATURES) == {0x0A: 0x42330000, 0x12: 0x42330012, 0x13: 0x42000001}
    assert parse_features(b"") == {}


@pytest.mark.parametrize("answer", ["12", "1204423300", "120342330012", "1204423300121204423300", "120442330012" * 2])
def test_malformed_features_are_refused(answer: str) -> None:
    with pytest.raises(ValueError, match="feature"):
        parse_features(bytes.fromhex(answer))


def test_properties_are_tags_with_a_value() -> None:
    assert parse_properties(properties(0x10000))[0x0A] == bytes.fromhex("00000100")
    assert parse_properties(bytes.fromhex("0700")) == {7: b""}
    assert parse_properties(b"") == {}


@pytest.mark.parametrize("answer", ["0A", "0A04000001", "0A04000001000A", "0A0400000100" * 2])
def test_malformed_properties_are_refused(answer: str) -> None:
    with pytest.raises(ValueError, match="property"):
        parse_properties(bytes.fromhex(answer))


@pytest.mark.parametrize(
    ("size", "carries"),
    [(0, False), (1, None), (256, None), (257, True), (0x10000, True), (0x10001, None), (0xFFFFFFFF, None)],
)
def test_the_size_of_an_apdu_decides(size: int, carries: bool | None) -> None:
    assert driver(FEATURES, properties(size)) is carries


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"", b""),
        (FEATURES[:6], b""),  # no TLV properties
        (FEATURES[:-1], b""),
        (FEATURES, b""),
        (FEATURES, properties(0)[:-1]),
        (FEATURES, bytes.fromhex("0A020000")),  # a size of two bytes
        (FEATURES, bytes.fromhex("01020000")),  # no size
    ],
)
def test_what_cannot_be_understood_says_nothing(first: bytes, second: bytes) -> None:
    assert driver(first, second) is None


def test_a_driver_that_refuses_says_nothing() -> None:
    def control(code: int) -> bytes:
        raise NoReader(Text("gone", "なし"))

    assert carries_extended(REQUEST, control) is None
