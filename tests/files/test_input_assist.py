"""Input-assist files: content and the bytes that digests and signatures cover. And DigestInfo."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import (
    challenge_digest_info,
    digest_info,
    parse_attributes,
    parse_card_key_record,
    parse_input_application_information,
    parse_integrity_record,
    parse_number_file,
    parse_transport_key,
)
from mnverify.values.sex import Sex

from .encoder import (
    ATTRIBUTES,
    CARD_KEY,
    INPUT_APPLICATION,
    INTEGRITY,
    KEY,
    KEY_ID,
    NUMBER,
    NUMBER_FILE,
    SIGNATURE,
    TRANSPORT,
    Parts,
    build,
    spelled,
    tlv,
)


def with_text(tag: int, value: bytes) -> bytes:
    parts: Parts = [(t, value if t == tag else v) for t, v in ATTRIBUTES.parts]
    return build(ATTRIBUTES, parts).data


def test_number_file() -> None:
    record = parse_number_file(NUMBER_FILE)
    assert record.number.reveal() == NUMBER.decode()
    assert record.digest_input == NUMBER_FILE and len(record.digest_input) == 17


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (NUMBER_FILE[:15], "files.0001"),
        (NUMBER_FILE[:16], "files.0001"),
        (NUMBER_FILE + b"\xff", "files.0001"),
        (NUMBER_FILE[:14], "files.0001 tag FF10 offset 0"),
        (NUMBER_FILE[:15] + b"\xff\x00", "files.0001 offset 16"),
        (tlv(0xFF10, b"123456789012") + b"\xff" * 2, "files.0001 tag FF10 offset 0"),
        (tlv(0xFF10, b"12345678901A") + b"\xff" * 2, "files.0001 tag FF10 offset 0"),
        (tlv(0xFF10, b"\xef\xbc\x91" * 4) + b"\xff" * 2, "files.0001 tag FF10 offset 0"),
        (b"\xff\x10\x81\x0c" + NUMBER + b"\xff", "files.0001"),
        (b"\xff\x10\x83\x00\x00\x0c" + NUMBER + b"\xff\xff", "files.0001 tag FF10 offset 0"),
        (b"", "files.0001 offset 0"),
    ],
)
def test_a_number_file_that_is_none(data: bytes, where: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_number_file(data)
    assert caught.value.where == where
    shown = f"{caught.value} {caught.value.text.ja} {caught.value!r}"
    assert NUMBER[:11].decode() not in shown
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize("octets", [0, 1, 2])
def test_a_number_file_is_read_in_every_form_of_its_length(octets: int) -> None:
    data = spelled(0xFF10, NUMBER, octets) + b"\xff\xff"
    record = parse_number_file(data)
    assert (record.number.reveal(), record.digest_input) == (NUMBER.decode(), data)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"\xff\x11\x0c" + NUMBER + b"\xff\xff", "files.0001 offset 0"),
        (tlv(0xFF10, NUMBER[:11]) + b"\xff" * 3, "files.0001 tag FF10 offset 0"),
        (tlv(0xFF10, NUMBER + b"0") + b"\xff", "files.0001 tag FF10 offset 0"),
    ],
)
def test_a_number_file_of_another_generation(data: bytes, where: str) -> None:
    with pytest.raises(UnsupportedCard) as caught:
        parse_number_file(data)
    assert caught.value.where == where


def test_attributes() -> None:
    built = build(ATTRIBUTES)
    record = parse_attributes(built.data + b"\xff" * 40)
    assert (record.name, record.address) == ("架空　花子", "東京都千代田区霞が関２丁目１番２号")
    assert (record.birth_date, record.sex) == (date(1985, 7, 3), Sex.FEMALE)
    assert record.digest_input == b"".join(tlv(tag, value) for tag, value in ATTRIBUTES.parts)
    assert record.offsets_true
    stale = build(ATTRIBUTES, table=bytes(8)).data
    assert not parse_attributes(stale).offsets_true
    assert parse_attributes(stale).digest_input == record.digest_input


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\xfe",
        b"\xe6\x9d",
        "架空\n花子".encode(),
        "架空\x00".encode(),
        "架空\x7f".encode(),
        "架空\x9b".encode(),
        "架空\u202e花子".encode(),
        "架空\u2028花子".encode(),
        b"\xed\xa0\x80",
        "架".encode() * 683,
    ],
)
@pytest.mark.parametrize("tag", [0xDF22, 0xDF23])
def test_a_text_that_is_none(value: bytes, tag: int) -> None:
    with pytest.raises(EvidenceError) as caught:
        parse_attributes(with_text(tag, value))
    assert f"files.0002 tag {tag:04X} offset " in caught.value.where
    assert "架空" not in str(caught.value)


def test_an_empty_name_is_refused_and_an_empty_address_is_read() -> None:
    with pytest.raises(EvidenceError):
        parse_attributes(with_text(0xDF22, b""))
    assert parse_attributes(with_text(0xDF23, b"")).address == ""


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=200))
def test_text_roundtrip(name: str) -> None:
    assert parse_attributes(with_text(0xDF22, name.encode())).name == name


def test_gaiji_of_the_private_area_are_text() -> None:
    assert parse_attributes(with_text(0xDF22, "\ue000\U000f0001邊\U000e0101".encode())).name[0] == "\ue000"


def test_integrity_record() -> None:
    record = parse_integrity_record(build(INTEGRITY).data)
    assert (record.number_digest, record.attributes_digest, record.signature) == (b"n" * 32, b"a" * 32, SIGNATURE)
    assert record.signed == tlv(0xDF31, b"n" * 32) + tlv(0xDF32, b"a" * 32)


def test_keys_and_application_information() -> None:
    assert parse_transport_key(build(TRANSPORT).data).key.raw == KEY
    record = parse_card_key_record(build(CARD_KEY).data)
    assert (record.card_key.raw, record.signature, record.signed) == (KEY, SIGNATURE, tlv(0xDF51, KEY))
    information = parse_input_application_information(build(INPUT_APPLICATION).data)
    assert (information.specification_version, information.extended_length) == (1, 3)
    assert (information.vendor, information.vendor_own, information.key_id) == (14, 1, KEY_ID)
    assert information.opaque == bytes(128)


def test_repr_shows_no_personal_data() -> None:
    shown = [
        repr(parse_number_file(NUMBER_FILE)),
        repr(parse_attributes(build(ATTRIBUTES).data)),
        repr(parse_integrity_record(build(INTEGRITY).data)),
        repr(parse_input_application_information(build(INPUT_APPLICATION).data)),
        repr(parse_transport_key(build(TRANSPORT).data)),
        repr(parse_card_key_record(build(CARD_KEY).data)),
    ]
    for text in shown:
        assert not any(secret in text for secret in ("架空", "東京", "1985", "female", NUMBER.decode(), "nnn", "\\x"))
    assert shown[0] == "NumberFile(digest_input: 17 bytes)"


def test_digest_info() -> None:
    prefix = bytes.fromhex("3031300D060960864801650304020105000420")
    assert challenge_digest_info(b"challenge") == prefix + hashlib.sha256(b"challenge").digest()
    assert len(challenge_digest_info(b"")) == 51
    three = bytes.fromhex("3071300D060960864801650304020105000460") + bytes(range(96))
    assert digest_info(bytes(range(96))) == three
    with pytest.raises(ValueError):
        digest_info(bytes(1025))
