"""What the objects of all layouts are made of: tags in order, dates, sex, images, digests, signatures, offset tables.

What a card decides and no signature needs is taken as it comes. What fits no layout may be another card, so it is "unsupported":
an object that is not known, missing or elsewhere, a date, digest or signature of another size. "Malformed" is what no card
writes: an object that stands twice, a day that does not exist.
"""

from __future__ import annotations

import struct
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import reasons
from mnverify.files.tlv import Tlv, place
from mnverify.images import Image
from mnverify.masked import MaskedBytes, MaskedText
from mnverify.values.dates import BirthDay, parse_compact_birth_day, parse_compact_date
from mnverify.values.key_id import KeyId
from mnverify.values.sex import Sex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mnverify.text import Text

DATE_DIGITS = 8


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
        EvidenceError: an object stands twice; names it.
        UnsupportedCard: an object is unknown, missing or out of order: another layout than this version knows; names it.
    """
    if [child.tag for child in children] != list(expected):
        _refuse_tags(children, expected, where, end)


def _refuse_tags(children: Sequence[Tlv], expected: Sequence[int], where: str, end: int) -> NoReturn:
    seen: set[int] = set()
    for child in children:
        if child.tag in seen:
            raise EvidenceError(child.place(where), reasons.TWICE)
        if child.tag not in expected:
            raise UnsupportedCard(child.place(where), reasons.UNKNOWN_OBJECT)
        seen.add(child.tag)
    for tag in expected:
        if tag not in seen:
            after = [child.start for child in children if child.tag in expected[expected.index(tag) :]]
            raise UnsupportedCard(place(where, tag, min(after, default=end)), reasons.MISSING)
    misplaced = next(child for child, tag in zip(children, expected, strict=True) if child.tag != tag)
    raise UnsupportedCard(misplaced.place(where), reasons.OUT_OF_ORDER)


def sized(tlv: Tlv, length: int, where: str) -> MaskedBytes:
    """A value of exactly ``length`` bytes.

    Raises:
        UnsupportedCard: another size.
    """
    if tlv.end - tlv.value_start != length:
        raise UnsupportedCard(tlv.place(where), reasons.WRONG_SIZE.fill(right=length, found=tlv.length))
    return tlv.value


def compact_date(tlv: Tlv, where: str) -> date:
    """A date of eight ASCII digits.

    Raises:
        EvidenceError: eight digits that are no day.
        UnsupportedCard: something other than eight digits.
    """
    found = _date(tlv, parse_compact_date)
    if not isinstance(found, date):
        _refuse_date(tlv, where)
    return found


def birth_day(tlv: Tlv, where: str) -> BirthDay:
    """A birth date of eight ASCII digits, with ``00`` for a day, or for month and day, that nobody knows.

    Raises:
        EvidenceError: eight digits that are no day.
        UnsupportedCard: something other than eight digits.
    """
    found = _date(tlv, parse_compact_birth_day)
    if found is None:
        _refuse_date(tlv, where)
    return found


def _date(tlv: Tlv, parse: Callable[[bytes], BirthDay]) -> BirthDay | None:
    """The date, or None; so that no error carries the frames that have its digits."""
    try:
        return parse(tlv.value)
    except ValueError:
        return None


def _refuse_date(tlv: Tlv, where: str) -> NoReturn:
    if tlv.length == DATE_DIGITS and tlv.value.isdigit():
        raise EvidenceError(tlv.place(where), reasons.NO_SUCH_DAY)
    raise UnsupportedCard(tlv.place(where), reasons.NO_DATE)


def sex(tlv: Tlv, where: str) -> Sex:
    """Sex as one ASCII digit (JIS X 0303).

    Raises:
        EvidenceError: not one of the digits 0, 1, 2, 9.
    """
    found = _SEXES.get(tlv.value)
    if found is None:
        raise EvidenceError(tlv.place(where), reasons.NO_SEX)
    return found


def image(tlv: Tlv, media_type: str, where: str) -> Image:
    """An image as bytes; nothing of it is decoded.

    Raises:
        UnsupportedCard: no bytes at all.
    """
    if tlv.end == tlv.value_start:
        raise UnsupportedCard(tlv.place(where), reasons.NO_IMAGE)
    return Image(media_type, tlv.value)


def optional_image(tlv: Tlv | None, media_type: str) -> Image | None:
    """An image that a card may have or not: None where the object was dropped, or has no bytes."""
    return None if tlv is None or tlv.end == tlv.value_start else Image(media_type, tlv.value)


def text(tlv: Tlv, where: str, least: int, most: int, forbidden: Callable[[str], object]) -> MaskedText:
    """A UTF-8 text of ``least`` to ``most`` bytes.

    Args:
        tlv: the object.
        where: the file, for errors.
        least: bytes.
        most: bytes.
        forbidden: says something true of a text with characters that no name or address has.

    Raises:
        EvidenceError: not such a text.
    """
    if not least <= tlv.length <= most:
        raise EvidenceError(tlv.place(where), reasons.TEXT_SIZE.fill(found=tlv.length, least=least, most=most))
    found = _decoded(tlv.value)
    if found is None:
        raise EvidenceError(tlv.place(where), reasons.NOT_UTF_8)
    if forbidden(found):
        raise EvidenceError(tlv.place(where), reasons.CONTROL_CHARACTERS)
    return found


def _decoded(value: MaskedBytes) -> MaskedText | None:
    try:
        return MaskedText(value.decode())
    except UnicodeDecodeError:
        return None


def signature(tlv: Tlv, where: str, length: int) -> MaskedBytes:
    """A signature of as many bytes as the card generation's signatures have.

    Raises:
        UnsupportedCard: another size: an algorithm of another card generation.
    """
    return _of_size(tlv, where, length, reasons.SIGNATURE_SIZE)


def digest(tlv: Tlv, where: str, length: int) -> MaskedBytes:
    """A digest of as many bytes as the card generation's have.

    Raises:
        UnsupportedCard: another size: an algorithm of another card generation.
    """
    return _of_size(tlv, where, length, reasons.DIGEST_SIZE)


def _of_size(tlv: Tlv, where: str, length: int, otherwise: Text) -> MaskedBytes:
    if tlv.end - tlv.value_start != length:
        raise UnsupportedCard(tlv.place(where), otherwise.fill(found=tlv.length))
    return tlv.value


def offsets_true(table: Tlv, starts: Sequence[int], where: str) -> bool:
    """Whether an offset table of big-endian u16 says where the objects begin. An untrue one is not an error here.

    Args:
        table: the object with the table.
        starts: the true offsets, counted from the file's first byte.
        where: the file, for errors.

    Raises:
        UnsupportedCard: the table has another number of entries.
    """
    return sized(table, 2 * len(starts), where) == struct.pack(f">{len(starts)}H", *starts)


_SEXES: dict[bytes, Sex] = {member.digit.encode(): member for member in Sex}
