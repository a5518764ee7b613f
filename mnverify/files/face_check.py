"""Files of the face-check domain 券面事項確認AP."""

from __future__ import annotations

import struct
from datetime import date
from typing import NamedTuple

from mnverify.errors import EvidenceError
from mnverify.files import reasons
from mnverify.files.card_key import CardKey, card_key
from mnverify.files.fields import (
    birth_day,
    check_tags,
    compact_date,
    image,
    offsets_true,
    optional_image,
    sex,
    signature,
    sized_repr,
)
from mnverify.files.tlv import Tlv, place, read_file_object
from mnverify.images import JP2, PNG, Image
from mnverify.masked import MaskedBytes, masked, not_copied
from mnverify.profile import PRESENT_CARD, SignatureScheme
from mnverify.values.dates import BirthDay
from mnverify.values.sex import Sex

DROPPABLE = {2: (0xDF25, 0xDF26), 3: (0xDF27,)}
"""Objects of the card face's segments that can be left out: name and address image; photo."""

_AGE, _FACE, _NUMBER = 0xFF10, 0xFF20, 0xFF40
_AGE_TAGS = (0xDF11, 0xDF12, 0xDF13)
_NUMBER_TAGS = (0xDF41, 0xDF42, 0xDF43)
_OFFSETS = 0xDF21
_FACE_TAGS = tuple(range(0xDF22, 0xDF2B))


@not_copied
class AgeRecord(NamedTuple):
    """EF ``0001``: the birth date, signed alone.

    Attributes:
        birth_date: Gregorian; partial where a day, or month and day, is not known.
        card_key: the card's public key.
        signature: 256 bytes.
        signed: the signed bytes, the TLVs of birth date and key.
    """

    birth_date: BirthDay
    card_key: CardKey
    signature: MaskedBytes
    signed: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
class FaceRecord(NamedTuple):
    """EF ``0002``: the card face.

    Attributes:
        birth_date: Gregorian; partial where a day, or month and day, is not known.
        sex: JIS X 0303.
        card_key: the card's public key.
        name_image: 1-bit PNG; None where segment 2 was dropped.
        address_image: 1-bit PNG; None where segment 2 was dropped, or the card has an object without bytes.
        photo: grey JP2; None where segment 3 was dropped, or the card has none: an object without bytes, which is signed.
            ``segments[2]`` is None only where it was dropped.
        signature: 256 bytes, over the SHA-256 of the three segments in a row.
        expiry: Gregorian. Not signed.
        security_code_image: 1-bit PNG. Not signed.
        segments: the bytes that are hashed, each segment alone; None where dropped.
        offsets_true: whether the offset table says where the objects begin.
    """

    birth_date: BirthDay
    sex: Sex
    card_key: CardKey
    name_image: Image | None
    address_image: Image | None
    photo: Image | None
    signature: MaskedBytes
    expiry: date
    security_code_image: Image
    segments: tuple[MaskedBytes | None, MaskedBytes | None, MaskedBytes | None]
    offsets_true: bool

    def __repr__(self) -> str:
        return sized_repr(self)


@not_copied
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
    signature: MaskedBytes
    signed: MaskedBytes

    def __repr__(self) -> str:
        return sized_repr(self)


def parse_age_record(data: bytes, file_id: str = "0001", scheme: SignatureScheme = PRESENT_CARD.scheme) -> AgeRecord:
    """Read ``FF10 { DF11 birth date, DF12 key, DF13 signature }``.

    Raises:
        EvidenceError: malformed objects or values; names tag and offset.
        UnsupportedCard: another layout, key structure or signature size.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _AGE)
    check_tags(children, _AGE_TAGS, where, len(data))
    born, key, signed_by = children
    return AgeRecord(
        birth_day(born, where),
        card_key(key, where),
        signature(signed_by, where, scheme.signature_length),
        data[born.start : key.end],
    )


def parse_number_record(
    data: bytes, file_id: str = "0005", scheme: SignatureScheme = PRESENT_CARD.scheme
) -> NumberRecord:
    """Read ``FF40 { DF41 image, DF42 key, DF43 signature }``.

    Raises:
        EvidenceError: malformed objects or values; names tag and offset.
        UnsupportedCard: another layout, key structure or signature size.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _NUMBER)
    check_tags(children, _NUMBER_TAGS, where, len(data))
    number, key, signed_by = children
    return NumberRecord(
        image(number, PNG, where),
        card_key(key, where),
        signature(signed_by, where, scheme.signature_length),
        data[number.start : key.end],
    )


def parse_face_record(
    data: bytes,
    dropped: frozenset[int] = frozenset(),
    file_id: str = "0002",
    scheme: SignatureScheme = PRESENT_CARD.scheme,
) -> FaceRecord:
    """Read ``FF20 { DF21 offset table, DF22 … DF2A }``, whole or with segments left out.

    Where segments were dropped, their objects are missing, and their offsets are 0. An untrue offset table is not an error
    but ``offsets_true=False``.

    Args:
        data: the file, with or without filler.
        dropped: the segments that were left out: 2 (name and address image), 3 (photo).
        file_id: for errors.

    Raises:
        EvidenceError: malformed objects or values; names tag and offset. Also where an object of a segment is missing that was not
            named as dropped, and where one is there that was.
        UnsupportedCard: another layout, key structure or signature size.
    """
    data, where = masked(data), f"files.{file_id}"
    children = read_file_object(data, where, _FACE)
    expected = (_OFFSETS, *(_FACE_TAGS if not dropped else _tags_without(dropped)))
    if [child.tag for child in children] != list(expected):
        _refuse_dropped(children, dropped, where, len(data))
        check_tags(children, expected, where, len(data))
    by_tag = {child.tag: child for child in children}
    born, key = children[1], children[3]
    name, address, photo = by_tag.get(0xDF25), by_tag.get(0xDF26), by_tag.get(0xDF27)
    starts = [by_tag[tag].start if tag in by_tag else 0 for tag in _FACE_TAGS]
    return FaceRecord(
        birth_date=birth_day(born, where),
        sex=sex(children[2], where),
        card_key=card_key(key, where),
        name_image=image(name, PNG, where) if name else None,
        address_image=optional_image(address, PNG),
        photo=optional_image(photo, JP2),
        signature=signature(by_tag[0xDF28], where, scheme.signature_length),
        expiry=compact_date(by_tag[0xDF29], where),
        security_code_image=image(by_tag[0xDF2A], PNG, where),
        segments=(
            data[born.start : key.end],
            data[name.start : address.end] if name and address else None,
            photo.whole if photo else None,
        ),
        offsets_true=offsets_true(children[0], starts, where),
    )


def drop_segments(data: bytes, segments: frozenset[int], file_id: str = "0002") -> MaskedBytes:
    """The card face without segment 2 (name and address image) or 3 (photo), and without filler.

    The outer length is written anew in as many bytes as before, the offsets of the dropped objects become 0, the others are moved.
    An untrue offset stays untrue by the same difference. A segment that is already missing may be named again.

    Raises:
        EvidenceError: ``data`` is malformed, or another segment is named.
        UnsupportedCard: it is no card face, or one of another card generation.
    """
    data, where = masked(data), f"files.{file_id}"
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
    return MaskedBytes(
        b"".join((head, table_head, struct.pack(f">{len(moved)}H", *moved), *(child.whole for child in kept)))
    )


def _refuse_dropped(children: list[Tlv], dropped: frozenset[int], where: str, end: int) -> None:
    """Where what is missing and what is named as dropped are not the same.

    Raises:
        EvidenceError: names the object.
    """
    tags = {child.tag for child in children}
    if len(tags) < len(children):
        return  # an object that stands twice is told before one that is missing
    for child in children:
        if any(child.tag in DROPPABLE[number] for number in dropped):
            raise EvidenceError(child.place(where), reasons.NAMED)
    for tag in (tag for number, theirs in DROPPABLE.items() if number not in dropped for tag in theirs):
        if tag not in tags:
            after = [child.start for child in children if child.tag > tag]
            raise EvidenceError(place(where, tag, min(after, default=end)), reasons.NOT_NAMED)


def _tags_without(dropped: frozenset[int]) -> tuple[int, ...]:
    for number in sorted(dropped - DROPPABLE.keys()):
        raise EvidenceError(f"segments.{number}", reasons.NOT_DROPPABLE)
    gone = {tag for number in dropped for tag in DROPPABLE[number]}
    return tuple(tag for tag in _FACE_TAGS if tag not in gone)


def _head(head: bytes, length: int) -> bytes:
    """An outer header of the same form for a shorter content: tag and length bytes as they stand, another length."""
    octets = len(head) - 3
    return head[:2] + (head[2:3] + length.to_bytes(octets) if octets else length.to_bytes())
