"""What the objects of all layouts are made of: tags in order, dates, sex, images, digests, signatures, offset tables."""

from __future__ import annotations

import struct
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files.tlv import Tlv, place
from mnverify.images import Image
from mnverify.values.dates import parse_compact_date
from mnverify.values.key_id import KeyId
from mnverify.values.sex import Sex

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURE_LENGTH = 256
DIGEST_LENGTH = 32


def sized_repr(record: NamedTuple) -> str:
    """The ``repr`` of the records: the sizes of what they hold, and nothing of its content."""
    sizes = ", ".join(
        f"{name}: {len(value.data if isinstance(value, Image) else value)} bytes"
        for name, value in zip(record._fields, record, strict=True)
        if isinstance(value, bytes | Image) and not isinstance(value, KeyId)
    )
    return f"{type(record).__name__}({sizes})"


def check_tags(children: Sequence[Tlv], expected: Sequence[int], where: str, end: int) -> None:
    """Ask that the objects are exactly the expected ones, each once, in that order.

    Args:
        children: the objects of a file.
        expected: their tags.
        where: the file, for errors.
        end: offset where a missing object would have stood at the latest.

    Raises:
        EvidenceError: an object is unknown, stands twice, is missing or out of order; names it.
    """
    if [child.tag for child in children] != list(expected):
        _refuse_tags(children, expected, where, end)


def _refuse_tags(children: Sequence[Tlv], expected: Sequence[int], where: str, end: int) -> NoReturn:
    seen: set[int] = set()
    for child in children:
        if child.tag in seen:
            raise EvidenceError(child.place(where), "the object stands twice")
        if child.tag not in expected:
            raise EvidenceError(child.place(where), "an object that does not belong there")
        seen.add(child.tag)
    for tag in expected:
        if tag not in seen:
            after = [child.start for child in children if child.tag in expected[expected.index(tag) :]]
            raise EvidenceError(place(where, tag, min(after, default=end)), "the object is missing")
    misplaced = next(child for child, tag in zip(children, expected, strict=True) if child.tag != tag)
    raise EvidenceError(misplaced.place(where), "the object is out of order")


def sized(tlv: Tlv, length: int, where: str) -> bytes:
    """A value of exactly ``length`` bytes.

    Raises:
        EvidenceError: another size.
    """
    if tlv.end - tlv.value_start != length:
        raise EvidenceError(tlv.place(where), f"it has {length} bytes, not {tlv.length}")
    return tlv.value


def compact_date(tlv: Tlv, where: str) -> date:
    """A date of eight ASCII digits.

    Raises:
        EvidenceError: not such a date.
    """
    try:
        return parse_compact_date(tlv.value)
    except ValueError:
        raise EvidenceError(tlv.place(where), "it is not a date of eight digits") from None


def sex(tlv: Tlv, where: str) -> Sex:
    """Sex as one ASCII digit (JIS X 0303).

    Raises:
        EvidenceError: not one of the digits 0, 1, 2, 9.
    """
    found = _SEXES.get(tlv.value)
    if found is None:
        raise EvidenceError(tlv.place(where), "it is not one of the digits 0, 1, 2, 9")
    return found


def image(tlv: Tlv, media_type: str, where: str) -> Image:
    """An image as bytes; nothing of it is decoded.

    Raises:
        EvidenceError: no bytes at all.
    """
    if tlv.end == tlv.value_start:
        raise EvidenceError(tlv.place(where), "an image without bytes")
    return Image(media_type, tlv.value)


def signature(tlv: Tlv, where: str) -> bytes:
    """A signature of 256 bytes.

    Raises:
        UnsupportedCard: another size: an algorithm of another card generation.
    """
    if tlv.end - tlv.value_start != SIGNATURE_LENGTH:
        raise UnsupportedCard(tlv.place(where), f"a signature of {tlv.length} bytes")
    return tlv.value


def offsets_true(table: Tlv, starts: Sequence[int], where: str) -> bool:
    """Whether an offset table of big-endian u16 says where the objects begin. An untrue one is not an error here.

    Args:
        table: the object with the table.
        starts: the true offsets, counted from the file's first byte.
        where: the file, for errors.

    Raises:
        EvidenceError: the table has another number of entries.
    """
    return sized(table, 2 * len(starts), where) == struct.pack(f">{len(starts)}H", *starts)


_SEXES = {member.digit.encode(): member for member in Sex}
