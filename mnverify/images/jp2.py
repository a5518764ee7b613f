"""What a JPEG 2000 file of a card says of itself before anything is decoded (ISO/IEC 15444-1 annexes A and I).

A decoder reserves memory by the code stream's own header: a few hundred bytes can ask for hundreds of megabytes with tiles,
layers, precincts or channels. So the boxes and every marker are looked at first, and what no card's photo needs is refused.
"""

from __future__ import annotations

from typing import NamedTuple

JP2 = "image/jp2"

MAX_TILES = 64
MAX_COMPONENTS = 4
MAX_BITS = 8
MAX_LAYERS = 64
MAX_LEVELS = 10
MAX_PRECINCTS = 2048  # of one component
MAX_TILE_PARTS = 256

_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_SOC, _SOT, _SOD, _SIZ, _COD, _QCD, _COM, _TLM, _PLT, _EOC = (
    0xFF4F, 0xFF90, 0xFF93, 0xFF51, 0xFF52, 0xFF5C, 0xFF64, 0xFF55, 0xFF58, 0xFFD9,
)  # fmt: skip
_MAIN = frozenset({_SIZ, _COD, _QCD, _COM, _TLM})
_IN_TILES = frozenset({_COM, _PLT})
_IN_HEADER_BOX = frozenset({b"ihdr", b"colr", b"bpcc", b"res "})  # no palette: it multiplies the channels


class _Box(NamedTuple):
    kind: bytes
    start: int
    end: int


def jp2_size(data: bytes) -> tuple[int, int] | None:
    """Width and height by the box ``ihdr``; None where it is no JP2."""
    header = _box(data, b"jp2h", 0, len(data)) if data[:12] == _SIGNATURE else None
    ihdr = _box(data, b"ihdr", header.start, header.end) if header is not None else None
    if ihdr is None or ihdr.end - ihdr.start != 14:
        return None
    return int.from_bytes(data[ihdr.start + 4 : ihdr.start + 8]), int.from_bytes(data[ihdr.start : ihdr.start + 4])


def jp2_is_plain(data: bytes) -> bool:
    """Whether the code stream is a picture of the size that the boxes say, and asks a decoder for no more than such one needs."""
    size, boxes = jp2_size(data), _boxes(data, 0, len(data))
    if size is None or [box.kind for box in boxes].count(b"jp2c") != 1:
        return False
    header = next((box for box in boxes if box.kind == b"jp2h"), None)
    if header is None or any(box.kind not in _IN_HEADER_BOX for box in _boxes(data, header.start, header.end)):
        return False
    stream = next(box for box in boxes if box.kind == b"jp2c")
    return _stream_is_plain(data[stream.start : stream.end], size)


def _boxes(data: bytes, at: int, end: int) -> list[_Box]:
    """The boxes of ``data[at:end]``; none where they do not fill it, or one has a length of eight bytes."""
    found: list[_Box] = []
    while at < end:
        length = int.from_bytes(data[at : at + 4]) or end - at
        if length < 8 or at + length > end:
            return []
        found.append(_Box(bytes(data[at + 4 : at + 8]), at + 8, at + length))
        at += length
    return found


def _box(data: bytes, kind: bytes, at: int, end: int) -> _Box | None:
    return next((box for box in _boxes(data, at, end) if box.kind == kind), None)


def _stream_is_plain(stream: bytes, size: tuple[int, int]) -> bool:
    if _u16(stream, 0) != _SOC or _u16(stream, 2) != _SIZ or not _siz_is_plain(stream, size):
        return False
    at, seen_cod = 2, False
    while (marker := _u16(stream, at)) != _SOT:
        length = _u16(stream, at + 2)
        if marker not in _MAIN or length < 2 or at + 2 + length > len(stream):
            return False
        if marker == _SIZ and at != 2:
            return False
        if marker == _COD:
            if seen_cod or not _cod_is_plain(stream[at + 4 : at + 2 + length], size):
                return False
            seen_cod = True
        at += 2 + length
    return seen_cod and _tile_parts_are_plain(stream, at)


def _siz_is_plain(stream: bytes, size: tuple[int, int]) -> bool:
    """SIZ (A.5.1): offsets of nought, the size of the boxes, few tiles, few components of few bits, no subsampling."""
    length, components = _u16(stream, 4), _u16(stream, 40)
    if not 1 <= components <= MAX_COMPONENTS or length != 38 + 3 * components or len(stream) < 4 + length:
        return False
    width, height, left, top, tile_width, tile_height, tile_left, tile_top = (_u32(stream, 8 + 4 * n) for n in range(8))
    if (width, height) != size or (left, top, tile_left, tile_top) != (0, 0, 0, 0) or not (tile_width and tile_height):
        return False
    if -(-width // tile_width) * -(-height // tile_height) > MAX_TILES:
        return False
    each = [stream[42 + 3 * n : 45 + 3 * n] for n in range(components)]
    return all((one[0] & 0x7F) < MAX_BITS and one[1] == 1 and one[2] == 1 for one in each)


def _cod_is_plain(body: bytes, size: tuple[int, int]) -> bool:
    """COD (A.6.1): few layers and levels, code blocks within the standard, few precincts."""
    if len(body) < 10:
        return False
    layers, levels = _u16(body, 2), body[5]
    if not 1 <= layers <= MAX_LAYERS or levels > MAX_LEVELS or body[6] > 8 or body[7] > 8 or body[6] + body[7] > 8:
        return False
    if not body[0] & 1:
        return len(body) == 10
    if len(body) != 11 + levels or 0 in (b & 15 and b >> 4 for b in body[11:]):
        return False
    width, height = size
    count = 0
    for level, exponents in enumerate(reversed(body[10:])):  # the last is of the full resolution
        columns = (width >> level + (exponents & 15)) + 1
        rows = (height >> level + (exponents >> 4)) + 1
        count += columns * rows
    return count <= MAX_PRECINCTS


def _tile_parts_are_plain(stream: bytes, at: int) -> bool:
    """Every tile part from the first SOT on: no coding of its own, and its data within the stream (A.4.2)."""
    for _ in range(MAX_TILE_PARTS):
        if _u16(stream, at) != _SOT or _u16(stream, at + 2) != 10 or at + 12 > len(stream):
            return False
        part_end = at + (_u32(stream, at + 6) or len(stream) - at)
        inside = at + 12
        while (marker := _u16(stream, inside)) != _SOD:
            length = _u16(stream, inside + 2)
            if marker not in _IN_TILES or length < 2 or inside + 2 + length > len(stream):
                return False
            inside += 2 + length
        if not inside + 2 <= part_end <= len(stream):
            return False
        at = part_end
        if at == len(stream) or _u16(stream, at) == _EOC:
            return True
    return False


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2])


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4])
