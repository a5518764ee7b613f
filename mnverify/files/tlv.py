"""Strict BER-TLV (ISO/IEC 7816-4 §6.3): the only reader of card bytes.

Tags of one to three bytes in their shortest form, definite lengths of up to two length bytes in any form, nothing past the end,
nothing but ``FF`` after a file's one object. Real cards write ``DF25 82 00A9`` where ``81 A9`` would do, so every
form is taken, and every offset, digest and signature runs over the bytes as they stand. Objects are read level by level and
never by recursion, so that depth is what a layout asks for.

What is malformed is refused from frames that hold no content: bytes are masked, and the tag and length that were met are not
named where they may be content (``mnverify.files.tags``).
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from mnverify.errors import EvidenceError, UnsupportedCard
from mnverify.files import reasons
from mnverify.files.tags import OF_THE_CARD
from mnverify.masked import MaskedBytes, masked, not_copied

MAX_FILE_BYTES = 64 * 1024
MAX_CHILDREN = 32  # the longest layout has ten
HEADER_BYTES = 6  # three of tag and three of length: enough for the header of any object

_HIGH_TAG = 0x1F
_CONSTRUCTED = 0x20
_MORE = 0x80


@not_copied
class Tlv(NamedTuple):
    """One object of a file: where it lies, not a copy of it. ``repr`` shows no content; neither pickled nor copied.

    Attributes:
        tag: the tag's bytes as a number, ``0xDF25``.
        start: offset of the tag's first byte.
        value_start: offset of the value's first byte.
        end: offset after the value's last byte.
        source: the file.
    """

    tag: int
    start: int
    value_start: int
    end: int
    source: MaskedBytes

    @property
    def value(self) -> MaskedBytes:
        """The value's bytes."""
        return self.source[self.value_start : self.end]

    @property
    def whole(self) -> MaskedBytes:
        """Header and value."""
        return self.source[self.start : self.end]

    @property
    def length(self) -> int:
        """Bytes of the value."""
        return self.end - self.value_start

    def place(self, where: str) -> str:
        """The place for an error: ``files.0002 tag DF25 offset 612``."""
        return place(where, self.tag, self.start)

    def __repr__(self) -> str:
        if self.tag not in OF_THE_CARD:
            return f"Tlv(unknown, offset {self.start})"
        return f"Tlv({self.tag:02X}, offset {self.start}, {self.length} bytes)"


def place(where: str, tag: int, offset: int) -> str:
    """The place of an object for an error: ``files.0002 tag DF25 offset 612``; no tag where it may be content."""
    return f"{where} tag {tag:02X} offset {offset}" if tag in OF_THE_CARD else f"{where} offset {offset}"


def read_tlv(data: bytes, at: int, end: int, where: str) -> Tlv:
    """Read the object that begins at ``at`` and has to end at or before ``end``.

    Args:
        data: the file.
        at: offset of the tag, not negative.
        end: offset after the last byte that the object may use, at most ``len(data)``.
        where: the file, ``files.0002``, for errors.

    Raises:
        EvidenceError: no such object: truncated, an indefinite length or one of more than two bytes, malformed tag.
    """
    data = masked(data)
    found = _object(data, memoryview(data), at, end, where)
    if isinstance(found, EvidenceError):
        raise found
    return found


def object_length(head: bytes, where: str) -> int:
    """The length in bytes, header included, of the one object of a file.

    Args:
        head: the file's first bytes; six are always enough.
        where: the file, ``files.0002``, for errors.

    Raises:
        EvidenceError: the header is truncated or malformed, or the object is longer than 64 KiB.
        UnsupportedCard: the file begins with something that no known file begins with.
    """
    head = masked(head)
    if head and not head[0] & _CONSTRUCTED:
        raise UnsupportedCard(f"{where} offset 0", reasons.NOT_AN_OBJECT)
    outer = _outer(head, where)
    if outer.tag not in OF_THE_CARD:
        raise UnsupportedCard(f"{where} offset 0", reasons.NOT_AN_OBJECT)
    if outer.end > MAX_FILE_BYTES:
        raise EvidenceError(where, reasons.TOO_LONG_OBJECT)
    return outer.end


def value_start(head: bytes, where: str) -> int:
    """Where the content of a file's one object begins. The object may reach past the end of ``head``.

    Raises:
        EvidenceError: the header is truncated or malformed.
    """
    return _outer(masked(head), where).value_start


def read_file_object(data: bytes, where: str, tag: int) -> list[Tlv]:
    """The objects inside a file's one object, in file order. After it only ``FF`` filler is allowed.

    Args:
        data: the file, with or without filler.
        where: the file, ``files.0002``, for errors.
        tag: the tag the file has to begin with.

    Raises:
        EvidenceError: not one well-formed object with at most 32 well-formed objects in it.
        UnsupportedCard: the file begins with another tag, or holds an object whose tag is none of the card's: a card
            generation that is not known.
    """
    data = masked(data)
    outer = read_outer(data, where, tag)
    source, view = outer.source, memoryview(outer.source)
    children: list[Tlv] = []
    at, end = outer.value_start, outer.end
    while at < end:
        child = _object(source, view, at, end, where)
        if isinstance(child, EvidenceError):
            raise child
        if child.tag not in OF_THE_CARD:
            raise UnsupportedCard(f"{where} offset {at}", reasons.UNKNOWN_OBJECT)
        if len(children) == MAX_CHILDREN:
            raise EvidenceError(child.place(where), reasons.TOO_MANY_OBJECTS.fill(most=MAX_CHILDREN))
        children.append(child)
        at = child.end
    return children


def read_outer(data: bytes, where: str, tag: int) -> Tlv:
    """A file's one object, its end and filler checked, its inside not looked at.

    Raises:
        EvidenceError: not one well-formed object and filler.
        UnsupportedCard: the file begins with another tag.
    """
    data = masked(data)
    if len(data) > MAX_FILE_BYTES:
        raise EvidenceError(where, reasons.TOO_LONG_FILE.fill(length=len(data)))
    first = bytes.fromhex(f"{tag:02X}")
    if not data.startswith(first):
        _refuse_outer(data, where, first)
    outer = read_tlv(data, 0, len(data), where)
    end = outer.end
    if data.count(b"\xff", end) != len(data) - end:
        stray = len(data) - len(data[end:].lstrip(b"\xff"))
        raise EvidenceError(f"{where} offset {stray}", reasons.NOT_FILLER)
    return outer


def _refuse_outer(data: MaskedBytes, where: str, first: bytes) -> NoReturn:
    if not data.strip(b"\xff"):
        raise EvidenceError(f"{where} offset 0", reasons.EMPTY_FILE)
    if first.startswith(data):
        raise EvidenceError(f"{where} offset 0", reasons.CUT_TAG)
    raise UnsupportedCard(f"{where} offset 0", reasons.OTHER_BEGINNING.fill(tag=first.hex().upper()))


def _outer(head: MaskedBytes, where: str) -> Tlv:
    """A file's one object by its first bytes, wherever it ends."""
    found = _header(head, memoryview(head), 0, where)
    if isinstance(found, EvidenceError):
        raise found
    return found


def _object(data: MaskedBytes, view: memoryview, at: int, end: int, where: str) -> Tlv | EvidenceError:
    """The object at ``at``, or the error to raise: this frame holds what may be content, and is gone when it is raised."""
    found = _header(data, view, at, where)
    if isinstance(found, EvidenceError) or found.end <= end:
        return found
    if found.tag not in OF_THE_CARD:
        return EvidenceError(f"{where} offset {at}", reasons.CUT_OBJECT)
    return EvidenceError(found.place(where), reasons.TRUNCATED.fill(needed=found.end - at, there=end - at))


def _header(data: MaskedBytes, view: memoryview, at: int, where: str) -> Tlv | EvidenceError:
    """The object by its header, or the error to raise. Its end may lie past the end of ``data``."""
    try:
        tag = view[at]
        pos = at + 1
        if tag & _HIGH_TAG == _HIGH_TAG:
            tag = tag << 8 | view[pos]
            pos += 1
            if tag & _MORE:
                if tag & 0xFF == _MORE or view[pos] & _MORE:
                    return EvidenceError(f"{where} offset {at}", reasons.LONG_TAG)
                tag = tag << 8 | view[pos]
                pos += 1
        elif not tag:
            return EvidenceError(f"{where} offset {at}", reasons.NO_TAG)
        length = view[pos]
        pos += 1
        if length >= 0x80:
            if length == 0x82:
                length = view[pos] << 8 | view[pos + 1]
                pos += 2
            elif length == 0x81:
                length = view[pos]
                pos += 1
            else:
                reason = reasons.INDEFINITE if length == 0x80 else reasons.LONG_LENGTH
                return EvidenceError(place(where, tag, at), reason)
    except IndexError:
        return EvidenceError(f"{where} offset {at}", reasons.CUT_HEADER)
    return Tlv(tag, at, pos, pos + length, data)
