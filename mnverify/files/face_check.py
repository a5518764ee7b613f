"""Files of the face-check domain 券面事項確認AP (``card.md`` §3)."""

from __future__ import annotations

import struct
from datetime import date
from typing import NamedTuple

from mnverify.errors import EvidenceError
from mnverify.files.card_key import CardKey, card_key
from mnverify.files.fields import check_tags, compact_date, image, offsets_true, sex, signature, sized, sized_repr
from mnverify.files.tlv import read_file_object
from mnverify.images import JP2, PNG, Image
from mnverify.values.key_id import KEY_ID_LENGTH, KeyId
from mnverify.values.sex import Sex

DROPPABLE = {2: (0xDF25, 0xDF26), 3: (0xDF27,)}
"""Objects of the card face's segments that can be left out: name and address image; photo."""

_AGE, _FACE, _APPLICATION, _NUMBER = 0xFF10, 0xFF20, 0xFF30, 0xFF40
_AGE_TAGS = (0xDF11, 0xDF12, 0xDF13)
_NUMBER_TAGS = (0xDF41, 0xDF42, 0xDF43)
_APPLICATION_TAGS = (0xDF31, 0xDF32, 0xDF33, 0xDF34, 0xDF35)
_OFFSETS = 0xDF21
_FACE_TAGS = tuple(range(0xDF22, 0xDF2B))
_OPAQUE_LENGTH = 16 + 256
_MUNICIPALITY_DIGITS = 5


class AgeRecord(NamedTuple):
    """EF ``0001``: the birth date, signed alone.

    Attributes:
        birth_date: Gregorian.
        card_key: the card's public key.
        signature: 256 bytes.
        signed: the signed bytes, the TLVs of birth date and key.
    """

    birth_date: date
    card_key: CardKey
    signature: bytes
    signed: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


class FaceRecord(NamedTuple):
    """EF ``0002``: the card face.

    Attributes:
        birth_date: Gregorian.
        sex: JIS X 0303.
        card_key: the card's public key.
        name_image: 1-bit PNG; None where segment 2 was dropped.
        address_image: 1-bit PNG; None where segment 2 was dropped.
        photo: grey JP2; None where segment 3 was dropped.
        signature: 256 bytes, over the SHA-256 of the three segments in a row.
        expiry: Gregorian. Not signed.
        security_code_image: 1-bit PNG. Not signed.
        segments: the bytes that are hashed, each segment alone; None where dropped.
        offsets_true: whether the offset table says where the objects begin.
    """

    birth_date: date
    sex: Sex
    card_key: CardKey
    name_image: Image | None
    address_image: Image | None
    photo: Image | None
    signature: bytes
    expiry: date
    security_code_image: Image
    segments: tuple[bytes | None, bytes | None, bytes | None]
    offsets_true: bool

    def __repr__(self) -> str:
        return sized_repr(self)


class NumberRecord(NamedTuple):
    """EF ``0005``: the image of the 個人番号. Role ``my-number-office`` only.

    Attributes:
        number_image: 1-bit PNG.
        card_key: the card's public key.
        signature: 256 bytes.
        signed: the signed bytes, the TLVs of image and key.
    """

    number_image: Image
    card_key: CardKey
    signature: bytes
    signed: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


class FaceApplicationInformation(NamedTuple):
    """EF ``0003``: application information, free and unsigned.

    Attributes:
        specification_version: ``06`` on the cards seen.
        extended_length: code of the support for extended Lc and Le, ``03`` on the cards seen.
        vendor: code.
        vendor_own: the vendor's own byte.
        key_id: sixteen bytes.
        version: one byte.
        municipality: five digits of the municipality code.
        opaque: 272 bytes of unknown meaning.
    """

    specification_version: int
    extended_length: int
    vendor: int
    vendor_own: int
    key_id: KeyId
    version: int
    municipality: str
    opaque: bytes

    def __repr__(self) -> str:
        return sized_repr(self)


def parse_age_record(data: bytes, file_id: str = "0001") -> AgeRecord:
    """Read ``FF10 { DF11 birth date, DF12 key, DF13 signature }``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag, key structure or signature size.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _AGE)
    check_tags(children, _AGE_TAGS, where, len(data))
    born, key, signed_by = children
    return AgeRecord(
        compact_date(born, where), card_key(key, where), signature(signed_by, where), data[born.start : key.end]
    )


def parse_number_record(data: bytes, file_id: str = "0005") -> NumberRecord:
    """Read ``FF40 { DF41 image, DF42 key, DF43 signature }``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag, key structure or signature size.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _NUMBER)
    check_tags(children, _NUMBER_TAGS, where, len(data))
    number, key, signed_by = children
    return NumberRecord(
        image(number, PNG, where), card_key(key, where), signature(signed_by, where), data[number.start : key.end]
    )


def parse_face_application_information(data: bytes, file_id: str = "0003") -> FaceApplicationInformation:
    """Read ``FF30 { DF31 … DF35 }``.

    Raises:
        EvidenceError: not such a file; names tag and offset.
        UnsupportedCard: another outer tag.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _APPLICATION)
    check_tags(children, _APPLICATION_TAGS, where, len(data))
    versions, key_id, version, municipality, opaque = children
    code = sized(municipality, _MUNICIPALITY_DIGITS, where)
    if not code.isdigit():
        raise EvidenceError(municipality.place(where), "it is not a municipality code of five digits")
    specification_version, extended_length, vendor, vendor_own = sized(versions, 4, where)
    return FaceApplicationInformation(
        specification_version=specification_version,
        extended_length=extended_length,
        vendor=vendor,
        vendor_own=vendor_own,
        key_id=KeyId(sized(key_id, KEY_ID_LENGTH, where)),
        version=sized(version, 1, where)[0],
        municipality=code.decode(),
        opaque=sized(opaque, _OPAQUE_LENGTH, where),
    )


def parse_face_record(data: bytes, dropped: frozenset[int] = frozenset(), file_id: str = "0002") -> FaceRecord:
    """Read ``FF20 { DF21 offset table, DF22 … DF2A }``, whole or with segments left out.

    Where segments were dropped, their objects are missing, and their offsets are 0. An untrue offset table is not an error
    but ``offsets_true=False``.

    Args:
        data: the file, with or without filler.
        dropped: the segments that were left out: 2 (name and address image), 3 (photo).
        file_id: for errors.

    Raises:
        EvidenceError: not such a file; names tag and offset. Also where an object is missing that was not named as dropped,
            and where one is there that was.
        UnsupportedCard: another outer tag, key structure or signature size.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _FACE)
    check_tags(children, (_OFFSETS, *(_FACE_TAGS if not dropped else _tags_without(dropped))), where, len(data))
    by_tag = {child.tag: child for child in children}
    born, key = children[1], children[3]
    name, address, photo = by_tag.get(0xDF25), by_tag.get(0xDF26), by_tag.get(0xDF27)
    starts = [by_tag[tag].start if tag in by_tag else 0 for tag in _FACE_TAGS]
    return FaceRecord(
        birth_date=compact_date(born, where),
        sex=sex(children[2], where),
        card_key=card_key(key, where),
        name_image=image(name, PNG, where) if name else None,
        address_image=image(address, PNG, where) if address else None,
        photo=image(photo, JP2, where) if photo else None,
        signature=signature(by_tag[0xDF28], where),
        expiry=compact_date(by_tag[0xDF29], where),
        security_code_image=image(by_tag[0xDF2A], PNG, where),
        segments=(
            data[born.start : key.end],
            data[name.start : address.end] if name and address else None,
            photo.whole if photo else None,
        ),
        offsets_true=offsets_true(children[0], starts, where),
    )


def drop_segments(data: bytes, segments: frozenset[int], file_id: str = "0002") -> bytes:
    """The card face without segment 2 (name and address image) or 3 (photo), and without filler.

    The outer length is written anew in as many bytes as before, the offsets of the dropped objects become 0, the others are moved.
    An untrue offset stays untrue by the same difference. A segment that is already missing may be named again.

    Raises:
        EvidenceError: ``data`` is not a card face, or another segment is named.
        UnsupportedCard: it is one of another card generation.
    """
    where = f"files.{file_id}"
    children = read_file_object(data, where, _FACE)
    tags = {child.tag for child in children}
    absent = frozenset(number for number, theirs in DROPPABLE.items() if not tags.intersection(theirs))
    parse_face_record(data, absent, file_id)
    remaining = _tags_without(segments | absent)
    table, *objects = children
    kept = [child for child in objects if child.tag in remaining]
    length = table.end - table.start + sum(child.end - child.start for child in kept)
    head = _head(data[: table.start], length)
    old = {child.tag: child.start for child in objects}
    new: dict[int, int] = {}
    at = len(head) + table.end - table.start
    for child in kept:
        new[child.tag] = at
        at += child.end - child.start
    stated = struct.unpack(f">{len(_FACE_TAGS)}H", table.value)
    moved = [
        (offset - old.get(tag, 0) + new.get(tag, 0)) & 0xFFFF for tag, offset in zip(_FACE_TAGS, stated, strict=True)
    ]
    table_head = data[table.start : table.value_start]
    return b"".join((head, table_head, struct.pack(f">{len(moved)}H", *moved), *(child.whole for child in kept)))


def _tags_without(dropped: frozenset[int]) -> tuple[int, ...]:
    for number in sorted(dropped - DROPPABLE.keys()):
        raise EvidenceError(f"segments.{number}", "only segments 2 and 3 can be dropped")
    gone = {tag for number in dropped for tag in DROPPABLE[number]}
    return tuple(tag for tag in _FACE_TAGS if tag not in gone)


def _head(head: bytes, length: int) -> bytes:
    """An outer header of the same form for a shorter content: tag and length bytes as they stand, another length."""
    octets = len(head) - 3
    return head[:2] + (head[2:3] + length.to_bytes(octets) if octets else length.to_bytes())
