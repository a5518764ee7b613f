"""Strict BER-TLV (ISO/IEC 7816-4 §6.3): the only reader of card bytes.

Tags of one to three bytes in their shortest form, definite lengths of up to two length bytes in any form, nothing past the end,
nothing but ``FF`` after a file's one object. Real cards write ``DF25 82 00A9`` where ``81 A9`` would do (``card.md`` §2), so every
form is taken, and every offset, digest and signature runs over the bytes as they stand. Objects are read level by level and
never by recursion, so that depth is what a layout asks for.
"""

from __future__ import annotations

from typing import NamedTuple, NoReturn

from mnverify.errors import EvidenceError, UnsupportedCard

MAX_FILE_BYTES = 64 * 1024
MAX_CHILDREN = 32  # the longest layout has ten

_HIGH_TAG = 0x1F
_CONSTRUCTED = 0x20
_MORE = 0x80


class Tlv(NamedTuple):
    """One object of a file: where it lies, not a copy of it. ``repr`` shows no content.

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
    source: bytes

    @property
    def value(self) -> bytes:
        """The value's bytes."""
        return self.source[self.value_start : self.end]

    @property
    def whole(self) -> bytes:
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
        return f"Tlv({self.tag:02X}, offset {self.start}, {self.length} bytes)"


def place(where: str, tag: int, offset: int) -> str:
    """The place of an object for an error: ``files.0002 tag DF25 offset 612``."""
    return f"{where} tag {tag:02X} offset {offset}"


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
    tag, value_start, stop = _read_header(data, at, where)
    if stop > end:
        raise EvidenceError(place(where, tag, at), f"truncated: it needs {stop - at} bytes and {end - at} are there")
    return Tlv(tag, at, value_start, stop, data)


def object_length(head: bytes, where: str) -> int:
    """The length in bytes, header included, of the one object of a file.

    Args:
        head: the file's first bytes; six are always enough.
        where: the file, ``files.0002``, for errors.

    Raises:
        EvidenceError: the header is truncated or malformed, or the object is longer than 64 KiB.
        UnsupportedCard: the file begins with something that no file of ``card.md`` begins with.
    """
    if head and not head[0] & _CONSTRUCTED:
        raise UnsupportedCard(f"{where} offset 0", "the file does not begin with a constructed object")
    total = _read_header(head, 0, where)[2]
    if total > MAX_FILE_BYTES:
        raise EvidenceError(where, "the object is longer than 64 KiB")
    return total


def value_start(head: bytes, where: str) -> int:
    """Where the content of a file's one object begins. The object may reach past the end of ``head``.

    Raises:
        EvidenceError: the header is truncated or malformed.
    """
    return _read_header(head, 0, where)[1]


def read_file_object(data: bytes, where: str, tag: int) -> list[Tlv]:
    """The objects inside a file's one object, in file order. After it only ``FF`` filler is allowed.

    Args:
        data: the file, with or without filler.
        where: the file, ``files.0002``, for errors.
        tag: the tag the file has to begin with.

    Raises:
        EvidenceError: not one well-formed object with at most 32 well-formed objects in it.
        UnsupportedCard: the file begins with another tag: a card generation that is not known.
    """
    outer = read_outer(data, where, tag)
    children: list[Tlv] = []
    at, end = outer.value_start, outer.end
    while at < end:
        child = read_tlv(data, at, end, where)
        if len(children) == MAX_CHILDREN:
            raise EvidenceError(child.place(where), f"more than {MAX_CHILDREN} objects")
        children.append(child)
        at = child.end
    return children


def read_outer(data: bytes, where: str, tag: int) -> Tlv:
    """A file's one object, its end and filler checked, its inside not looked at.

    Raises:
        EvidenceError: not one well-formed object and filler.
        UnsupportedCard: the file begins with another tag.
    """
    if len(data) > MAX_FILE_BYTES:
        raise EvidenceError(where, f"{len(data)} bytes, more than 64 KiB")
    first = bytes.fromhex(f"{tag:02X}")
    if not data.startswith(first):
        _refuse_outer(data, where, first)
    outer = read_tlv(data, 0, len(data), where)
    end = outer.end
    if data.count(b"\xff", end) != len(data) - end:
        stray = len(data) - len(data[end:].lstrip(b"\xff"))
        raise EvidenceError(f"{where} offset {stray}", "something other than FF filler after the object")
    return outer


def _refuse_outer(data: bytes, where: str, first: bytes) -> NoReturn:
    if not data.strip(b"\xff"):
        raise EvidenceError(f"{where} offset 0", "the file is empty")
    if first.startswith(data):
        raise EvidenceError(f"{where} offset 0", "truncated: the file ends inside its first tag")
    raise UnsupportedCard(f"{where} offset 0", f"the file does not begin with {first.hex().upper()}")


def _read_header(data: bytes, at: int, where: str) -> tuple[int, int, int]:
    """Tag, offset of the value, offset after the value. The latter may lie past the end of ``data``."""
    try:
        tag = data[at]
        pos = at + 1
        if tag & _HIGH_TAG == _HIGH_TAG:
            tag = tag << 8 | data[pos]
            pos += 1
            if tag & _MORE:
                tag = _third_tag_byte(tag, data[pos], at, where)
                pos += 1
        elif not tag:
            raise EvidenceError(f"{where} offset {at}", "00 is not a tag")
        length = data[pos]
        pos += 1
        if length >= 0x80:
            if length == 0x82:
                length = data[pos] << 8 | data[pos + 1]
                pos += 2
            elif length == 0x81:
                length = data[pos]
                pos += 1
            else:
                _refuse_length(length, place(where, tag, at))
    except IndexError:
        raise EvidenceError(f"{where} offset {at}", "truncated inside an object's header") from None
    return tag, pos, pos + length


def _third_tag_byte(tag: int, byte: int, at: int, where: str) -> int:
    if tag & 0xFF == _MORE or byte & _MORE:
        raise EvidenceError(f"{where} offset {at}", "a tag that is longer than three bytes or not in its shortest form")
    return tag << 8 | byte


def _refuse_length(first: int, at: str) -> NoReturn:
    if first == 0x80:
        raise EvidenceError(at, "an indefinite length")
    raise EvidenceError(at, "a length of more than two bytes")
