"""The structure of a file: what support needs, and no content."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnverify.files.structure import MAX_OBJECTS, ObjectStructure, file_structure
from mnverify.virtual import personas
from tests.support import forgery

from .encoder import FACE, FACE_APPLICATION, LAYOUTS, NUMBER_FILE, Layout, build, spelled, tlv


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@pytest.mark.parametrize("octets", [0, 1, 2])
def test_the_objects_of_a_layout_where_they_stand(layout: Layout, octets: int) -> None:
    body = b"".join(spelled(tag, value, octets) for tag, value in layout.parts)
    data = spelled(layout.tag, body, octets)
    found = file_structure(data + b"\xff" * 30)
    assert (found.size, found.filler) == (len(data) + 30, 30)
    outer, *inside = [one for one in found.objects if one.depth < 2]
    assert (outer.tag, outer.offset, outer.depth, outer.length) == (f"{layout.tag:02X}", 0, 0, len(body))
    assert [(one.tag, one.length) for one in inside] == [(f"{tag:02X}", len(value)) for tag, value in layout.parts]
    at = len(data) - len(body)
    for one, (tag, value) in zip(inside, layout.parts, strict=True):
        whole = spelled(tag, value, octets)
        assert one.offset == at and bytes.fromhex(one.tag + one.written) + value == whole  # type: ignore[operator]
        at += len(whole)


def test_keys_are_looked_into() -> None:
    found = file_structure(build(FACE).data)
    key = next(at for at, one in enumerate(found.objects) if one.tag == "DF24")
    assert [(one.tag, one.length, one.depth) for one in found.objects[key + 1 : key + 3]] == [
        ("90", 3, 2),
        ("91", 256, 2),
    ]
    certificate = forgery.card().files("face-check")["0004"]
    assert [one.tag for one in file_structure(certificate).objects] == ["7F21", "5F4E", "90", "91", "5F37"]


def test_the_number_is_not_looked_at() -> None:
    found = file_structure(NUMBER_FILE)
    assert found.objects == (ObjectStructure("FF10", 0, 0, 12, "0C"), ObjectStructure(None, 3, 1, 12, ""))
    assert found.filler == 2


def test_bytes_before_the_object_are_told_and_passed_over() -> None:
    data = build(FACE).data
    found = file_structure(b"\x00\x00" + data)
    assert found.objects[0] == ObjectStructure(None, 0, 0, 2, "")
    assert found.objects[1].tag == "FF20" and found.objects[1].offset == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\xff" * 40, []),
        (b"1985", [(None, 4, False)]),
        (tlv(0xFF10, tlv(0xDF11, b"1")) + b"\x00\xff", [("FF10", 4, False), ("DF11", 1, False), (None, 1, False)]),
        (b"\xff\x10\x7f\xdf\x11\x01", [("FF10", 127, True)]),
        (tlv(0xFF10, b"\xdf\x11\x7f"), [("FF10", 3, False), ("DF11", 127, True)]),
        (
            tlv(0xFF10, tlv(0xDF11, b"1") + tlv(0x5A, b"9" * 9)),
            [("FF10", 15, False), ("DF11", 1, False), (None, 11, False)],
        ),
        (tlv(0xFF10, b"\xdf\x11\x80\x00\x00"), [("FF10", 5, False), (None, 5, False)]),
    ],
)
def test_what_is_malformed_has_a_structure_too(data: bytes, expected: list[tuple[str | None, int, bool]]) -> None:
    assert [(one.tag, one.length, one.cut) for one in file_structure(data).objects] == expected


def test_a_value_that_ends_in_ff_is_no_filler() -> None:
    found = file_structure(tlv(0xFF10, tlv(0xDF13, b"\x01\xff\xff")) + b"\xff")
    assert found.filler == 1 and not any(one.cut for one in found.objects)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda raw: tlv(0xFF20, raw)))
def test_any_bytes_have_a_structure(data: bytes) -> None:
    found = file_structure(data)
    assert found.size == len(data) and 0 <= found.filler <= len(data)
    assert len(found.objects) <= MAX_OBJECTS + 1 + found.size
    json.dumps(found.to_dict())


def test_nesting_and_number_are_bounded() -> None:
    deep = b""
    for _ in range(300):
        deep = tlv(0xFF20, deep)
    assert max(one.depth for one in file_structure(deep).objects) <= 5
    many = file_structure(tlv(0xFF20, tlv(0xDF22, b"") * 5000))
    assert len(many.objects) <= MAX_OBJECTS + 1


@pytest.mark.parametrize("persona", personas(), ids=lambda one: one.id)
def test_no_content_of_a_card_is_in_it(persona: object) -> None:
    card = forgery.card(persona.id)  # type: ignore[attr-defined]
    holder = card.persona
    for domain in ("face-check", "input-assist"):
        for file in card.files(domain).values():
            shown = json.dumps(file_structure(file).to_dict(), ensure_ascii=False)
            secrets = [
                holder.name,
                holder.address,
                holder.my_number.reveal(),
                f"{holder.expiry:%Y%m%d}",
                card.credentials["pin"],
            ]
            assert not [one for one in secrets if len(one) > 4 and (one in shown or one.encode().hex() in shown)]
            value = file[8:40].hex().upper()
            assert value not in shown


def test_application_information_is_told_whole() -> None:
    found = file_structure(build(FACE_APPLICATION).data)
    assert [one.tag for one in found.objects] == ["FF30", "DF31", "DF32", "DF33", "DF34", "DF35"]
