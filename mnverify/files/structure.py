"""How a file's bytes are laid out, with no content: what a holder of a card that is not read can send to support.

Tags, offsets, and lengths as they are written; never a value. Where something stands that is none of the card's objects, it may be
content, so neither its tag nor its length is told: only how many bytes were not looked at. Any bytes have a structure here, also
those of a file that fits no layout: nothing is refused, nothing is verified.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from mnverify.errors import EvidenceError
from mnverify.files.tags import CERTIFICATE_BODY, OF_THE_CARD
from mnverify.files.tlv import HEADER_BYTES, Tlv, value_start
from mnverify.masked import MaskedBytes, masked
from mnverify.values.key_id import KEY_ID_LENGTH

MAX_OBJECTS = 256
MAX_DEPTH = 4
MAX_BEFORE = 16  # bytes before the first object that are passed over in search of it

_CONSTRUCTED = 0x20
_HOLDERS_OF_KEYS = frozenset({0xDF12, 0xDF24, 0xDF42, 0xDF51})


class ObjectStructure(NamedTuple):
    """One object, or a run of bytes that is none.

    Attributes:
        tag: ``DF25``; None for bytes that were not looked at.
        offset: from the file's first byte.
        depth: 0 for the file's own object, 1 for those in it.
        length: bytes of the value as its length field says, or of the run.
        written: the length field in hex, as ``8200A9``; empty for a run.
        cut: it reaches past what it lies in.
    """

    tag: str | None
    offset: int
    depth: int
    length: int
    written: str
    cut: bool = False


class FileStructure(NamedTuple):
    """The structure of one file.

    Attributes:
        size: bytes in all.
        objects: in file order, each before those inside it.
        filler: bytes of ``FF`` at the end.
    """

    size: int
    objects: tuple[ObjectStructure, ...]
    filler: int

    def to_dict(self) -> dict[str, Any]:
        """The same as an object of JSON."""
        return {"size": self.size, "filler": self.filler, "objects": [one._asdict() for one in self.objects]}


def file_structure(data: bytes) -> FileStructure:
    """The structure of any bytes. Nothing is raised."""
    data = masked(data)
    end = len(data.rstrip(b"\xff"))
    found: list[ObjectStructure] = []
    first = _beginning(data, end)
    if first:
        found.append(ObjectStructure(None, 0, 0, first, ""))
    last = _walk(data, first, end, 0, found)
    return FileStructure(len(data), tuple(found), len(data) - max(end, min(last, len(data))))


def _beginning(data: MaskedBytes, end: int) -> int:
    """Where the first object of the card begins: cards are said to exist that put bytes before it."""
    for at in range(min(MAX_BEFORE, end)):
        object_ = _object(data, at)
        if object_ is not None and object_.end <= len(data) and data[at] & _CONSTRUCTED:
            return at
    return 0


def _walk(data: MaskedBytes, at: int, end: int, depth: int, found: list[ObjectStructure]) -> int:
    """Add the objects of ``data[at:end]`` and what is inside them; give where the last of them ends."""
    while at < end:
        object_ = _object(data, at) if len(found) < MAX_OBJECTS else None
        if object_ is None:
            found.append(ObjectStructure(None, at, depth, end - at, ""))
            return end
        room = len(data) if depth == 0 else end  # the value of the file's own object may itself end in FF
        tag_bytes = (object_.tag.bit_length() + 7) // 8
        written = data[at + tag_bytes : object_.value_start].hex().upper()
        cut = object_.end > room
        found.append(ObjectStructure(f"{object_.tag:02X}", at, depth, object_.length, written, cut))
        if cut:
            return end
        inside = _inside(data, object_)
        if inside is not None and depth < MAX_DEPTH:
            _walk(data, inside, object_.end, depth + 1, found)
        at = object_.end
    return at


def _inside(data: MaskedBytes, object_: Tlv) -> int | None:
    """Where the objects inside an object begin; None where it has none."""
    if object_.tag == CERTIFICATE_BODY:
        start = object_.value_start + 2 * KEY_ID_LENGTH
        return start if start < object_.end else None
    return object_.value_start if data[object_.start] & _CONSTRUCTED or object_.tag in _HOLDERS_OF_KEYS else None


def _object(data: MaskedBytes, at: int) -> Tlv | None:
    """The object at ``at``, wherever it ends; None where none of the card's begins there."""
    head = data[at : at + HEADER_BYTES]
    try:
        start = value_start(head, "")
    except EvidenceError:
        return None
    tag_bytes = 1 if head[0] & 0x1F != 0x1F else 2
    tag = int.from_bytes(head[:tag_bytes])
    if tag not in OF_THE_CARD:
        return None
    length = int.from_bytes(head[tag_bytes + 1 : start]) if start > tag_bytes + 1 else head[tag_bytes]
    return Tlv(tag, at, at + start, at + start + length, data)
