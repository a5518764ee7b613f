"""The TLV reader: what it takes, and every form it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import Tlv, object_length, read_file_object, read_tlv
from mnverify.masked import MaskedBytes

from .encoder import spelled, tlv

TAGS = st.sampled_from([0x90, 0x91, 0xA1, 0x5F37, 0x5F4E, 0x7F21, 0xDF21, 0xDF5F, 0xFF20])
OBJECTS = st.lists(st.tuples(TAGS, st.binary(max_size=400)), max_size=12)


@given(OBJECTS, st.integers(0, 40))
def test_parse_after_build_is_identity(objects: list[tuple[int, bytes]], filler: int) -> None:
    data = tlv(0xFF20, b"".join(tlv(tag, value) for tag, value in objects))
    children = read_file_object(data + b"\xff" * filler, "files.0002", 0xFF20)
    assert [(child.tag, child.value) for child in children] == objects
    assert [child.whole for child in children] == [tlv(tag, value) for tag, value in objects]
    assert object_length(data[:6], "files.0002") == len(data)


@given(st.lists(st.tuples(TAGS, st.binary(max_size=400), st.integers(0, 2)), max_size=12), st.integers(0, 2))
def test_parse_after_build_is_identity_in_every_form(objects: list[tuple[int, bytes, int]], outer: int) -> None:
    written = [spelled(tag, value, octets) for tag, value, octets in objects]
    data = spelled(0xFF20, b"".join(written), outer)
    children = read_file_object(data + b"\xff" * 7, "files.0002", 0xFF20)
    assert [(child.tag, child.value) for child in children] == [(tag, value) for tag, value, _ in objects]
    assert [child.whole for child in children] == written
    assert object_length(data[:6], "files.0002") == len(data)


@given(st.binary(max_size=80) | st.binary(max_size=80).map(lambda raw: b"\xff\x20" + raw))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        children = read_file_object(data, "files.0002", 0xFF20)
    except (EvidenceError, UnsupportedCard) as error:
        assert error.where.startswith("files.0002")
    else:
        first = children[0].start if children else data.index(b"\x00", 2) + 1
        starts = [child.start for child in children]
        ends = [child.end for child in children]
        assert [first, *ends][:-1] == starts  # each begins where the one before ends
        assert object_length(data[:6], "files.0002") == (ends[-1] if ends else first)
        assert not data[(ends[-1] if ends else first) :].strip(b"\xff")


@given(st.binary(max_size=20))
def test_any_head_has_a_length_or_is_refused(head: bytes) -> None:
    try:
        assert object_length(head, "files.0001") >= 2
    except (EvidenceError, UnsupportedCard) as error:
        assert error.where.startswith("files.0001")


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535])
@pytest.mark.parametrize("octets", [0, 1, 2])
def test_every_definite_length_is_read_in_every_form(size: int, octets: int) -> None:
    data = spelled(0x91, bytes(size), octets)
    found = read_tlv(data, 0, len(data), "files.0006")
    assert (found.length, found.end, found.value, found.whole) == (size, len(data), bytes(size), data)
    if size < 65000:
        assert object_length(spelled(0xA1, bytes(size), octets)[:6], "files.0006") == len(data)


@pytest.mark.parametrize(
    ("data", "where", "why"),
    [
        ("", "files.0002 offset 0", "truncated"),
        ("DF", "files.0002 offset 0", "truncated"),
        ("DF25", "files.0002 offset 0", "truncated"),
        ("DF2581", "files.0002 offset 0", "truncated"),
        ("DF258201", "files.0002 offset 0", "truncated"),
        ("DF250241", "files.0002 tag DF25 offset 0", "truncated: it needs 5 bytes and 4 are there"),
        ("DF2580410000", "files.0002 tag DF25 offset 0", "indefinite"),
        ("DF258300000141", "files.0002 tag DF25 offset 0", "more than two bytes"),
        ("DF258400000001", "files.0002 tag DF25 offset 0", "more than two bytes"),
        ("DF25FF41", "files.0002 tag DF25 offset 0", "more than two bytes"),
        ("0000", "files.0002 offset 0", "00 is not a tag"),
        ("DF800100", "files.0002 offset 0", "shortest form"),
        ("DF81810100", "files.0002 offset 0", "longer than three bytes"),
        ("DF81", "files.0002 offset 0", "truncated"),
    ],
)
def test_malformed_objects_are_refused(data: str, where: str, why: str) -> None:
    raw = bytes.fromhex(data)
    with pytest.raises(EvidenceError) as caught:
        read_tlv(raw, 0, len(raw), "files.0002")
    assert caught.value.where == where
    assert why in caught.value.why.en


def test_an_object_may_not_reach_past_its_parent() -> None:
    data = bytes.fromhex("FF2005DF25034142FFFF")
    with pytest.raises(EvidenceError) as caught:
        read_file_object(data, "files.0002", 0xFF20)
    assert caught.value.where == "files.0002 tag DF25 offset 3"


def test_a_header_may_not_reach_past_its_parent() -> None:
    data = bytes.fromhex("FF2002DF25FFFF")
    with pytest.raises(EvidenceError) as caught:
        read_file_object(data, "files.0002", 0xFF20)
    assert caught.value.where.startswith("files.0002")


@pytest.mark.parametrize("junk", ["00", "41", "FF00", "FFFF90", "FF2000"])
def test_only_filler_may_follow(junk: str) -> None:
    data = tlv(0xFF20, tlv(0xDF25, b"A"))
    raw = bytes.fromhex(junk)
    stray = len(data) + next(i for i, byte in enumerate(raw) if byte != 0xFF)
    with pytest.raises(EvidenceError) as caught:
        read_file_object(data + raw, "files.0002", 0xFF20)
    assert caught.value.where == f"files.0002 offset {stray}"
    assert "filler" in caught.value.why.en


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff" * 16])
def test_an_empty_file_is_no_other_generation(data: bytes) -> None:
    with pytest.raises(EvidenceError) as caught:
        read_file_object(data, "files.0002", 0xFF20)
    assert caught.value.where == "files.0002 offset 0"
    assert caught.value.why.en == "the file is empty"


@pytest.mark.parametrize("prefix", ["0000", "0102", "FF10", "7F21", "FFFF", "DF21"])
def test_something_before_the_outer_tag_is_another_generation(prefix: str) -> None:
    data = bytes.fromhex(prefix) + tlv(0xFF20, tlv(0xDF25, b"A"))
    with pytest.raises(UnsupportedCard) as caught:
        read_file_object(data, "files.0002", 0xFF20)
    assert caught.value.where == "files.0002 offset 0"


def test_the_first_tag_cut_off_is_truncated() -> None:
    with pytest.raises(EvidenceError) as caught:
        read_file_object(b"\x7f", "files.0004", 0x7F21)
    assert caught.value.where == "files.0004 offset 0"


def test_too_many_objects_and_too_many_bytes_are_refused() -> None:
    children = tlv(0xDF25, b"") * 33
    with pytest.raises(EvidenceError) as caught:
        read_file_object(tlv(0xFF20, children), "files.0002", 0xFF20)
    assert caught.value.where == f"files.0002 tag DF25 offset {3 + 32 * 3}"
    with pytest.raises(EvidenceError) as caught:
        read_file_object(tlv(0xFF20, b"") + b"\xff" * 65536, "files.0002", 0xFF20)
    assert caught.value.where == "files.0002"


def test_the_length_of_an_object_is_known_from_its_first_bytes() -> None:
    assert object_length(bytes.fromhex("FF20821B58"), "files.0002") == 5 + 0x1B58
    assert object_length(bytes.fromhex("7F218202330000"), "files.0004") == 568
    assert object_length(bytes.fromhex("FF100C"), "files.0001") == 15


@pytest.mark.parametrize(
    ("head", "error"),
    [
        ("", EvidenceError),
        ("FF20", EvidenceError),
        ("FF2082", EvidenceError),
        ("FF2080", EvidenceError),
        ("FFFFFFFF", EvidenceError),
        ("FF2082FFFF", EvidenceError),
        ("0000FF2003", UnsupportedCard),
        ("4142FF2003", UnsupportedCard),
    ],
)
def test_a_head_without_length_is_refused(head: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        object_length(bytes.fromhex(head), "files.0002")


@pytest.mark.parametrize("tag", [0x39, 0x5A, 0xDF0F, 0xDF60, 0xDF7F, 0xDF8101, 0x7F22, 0x9F36])
@pytest.mark.parametrize("octets", [0, 1, 2])
def test_an_object_of_no_card_is_read_and_neither_named_nor_measured(tag: int, octets: int) -> None:
    data = spelled(tag, b"1985", octets)
    found = read_tlv(data, 0, len(data), "files.0002")
    assert (found.tag, found.value) == (tag, b"1985")
    assert repr(found) == "Tlv(unknown, offset 0)"
    assert found.place("files.0002") == "files.0002 offset 0"
    with pytest.raises(UnsupportedCard) as unsupported:
        read_file_object(tlv(0xFF20, data), "files.0002", 0xFF20)
    assert unsupported.value.where == "files.0002 offset 3"
    with pytest.raises(EvidenceError) as cut:
        read_tlv(data, 0, len(data) - 1, "files.0002")
    assert cut.value.where == "files.0002 offset 0"
    assert not any(sign.isdigit() for sign in f"{cut.value.why.en}{cut.value.why.ja}")


def test_repr_shows_no_content() -> None:
    data = tlv(0xDF22, b"19850703")
    assert repr(read_tlv(data, 0, len(data), "files.0002")) == "Tlv(DF22, offset 0, 8 bytes)"
    assert "1985" not in str(Tlv(0xDF22, 0, 3, 11, MaskedBytes(data)))
