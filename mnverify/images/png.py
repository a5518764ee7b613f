"""What a PNG of a card says of itself before anything is decoded (ISO/IEC 15948)."""

from __future__ import annotations

PNG = "image/png"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = _SIGNATURE + b"\x00\x00\x00\x0dIHDR"
_HEADER_END = 33  # signature, and the chunk IHDR with its checksum
_DEPTHS = {0: (1, 2, 4, 8), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}  # colour type: bits a sample
_CHUNKS = frozenset(
    {b"PLTE", b"tRNS", b"IDAT", b"IEND", b"pHYs", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"bKGD", b"tIME", b"tEXt"}
)
"""Chunks that a decoder may meet. Not among them: what it would inflate beside the picture (``zTXt``, ``iTXt``, ``iCCP``), and
animation."""


def png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height by the header; None where it is no PNG."""
    if data[:16] != _HEAD or len(data) < _HEADER_END - 4:
        return None
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def png_is_plain(data: bytes) -> bool:
    """Whether it asks nothing of a decoder but rows of at most eight bits a sample: no interlace, no other compressed data."""
    depth, colour, compression, filtering, interlace = data[24:29]
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace:
        return False
    at = _HEADER_END
    while at + 8 <= len(data):
        kind = data[at + 4 : at + 8]
        if kind not in _CHUNKS:
            return False
        if kind == b"IEND":
            return True
        at += 12 + int.from_bytes(data[at : at + 4])
    return False
