"""The pictures of a card: 12-dot text as 1-bit PNG, and the drawn faces.

The only module of the virtual card that imports Pillow, and only when a text image is made.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache, lru_cache
from importlib.resources import files

from mnverify.errors import MissingExtra, UsageError
from mnverify.text import Text

NAME_CELLS = 18
ADDRESS_CELLS = 24
NUMBER_DIGITS = 12
CODE_DIGITS = 4
_ROWS = 12
_HALF_CELL = 6


@lru_cache(maxsize=256)
def text_image(text: str, cells: int) -> bytes:
    """Text in full-width cells of 12 by 12 dots, black on white, left-aligned; further lines where it is longer.

    Args:
        text: the characters; a half-width one takes half a cell.
        cells: full-width cells of a line.

    Returns:
        A 1-bit grey PNG of ``12 * cells`` by 12 dots, or a multiple of 12 where there are more lines.

    Raises:
        UsageError: the font has no such character.
        MissingExtra: Pillow is not installed.
    """
    lines = _wrap(text, 2 * cells)
    rows = [row for line in lines for row in _line_rows(line, 2 * cells)]
    return _png(12 * cells, rows)


def digits_image(digits: str) -> bytes:
    """Digits of 6 by 12 dots each: 24 by 12 for the security code, 72 by 12 for the 個人番号.

    Raises:
        MissingExtra: Pillow is not installed.
    """
    return _png(_HALF_CELL * len(digits), _line_rows(digits, len(digits)))


@cache
def photo(persona_id: str) -> bytes:
    """The drawn face of a persona: JPEG 2000, 8-bit grey, 378 by 472. No bytes for no id: a card without a photo.

    Raises:
        UsageError: there is no such face.
    """
    if not persona_id:
        return b""
    try:
        return (files("mnverify.virtual") / "data" / "photos" / f"{persona_id}.jp2").read_bytes()
    except OSError:
        raise UsageError(
            Text(f"There is no drawn face {persona_id!r}.", f"顔画像 {persona_id!r} はありません。")
        ) from None


@cache
def _glyphs() -> dict[str, tuple[int, ...]]:
    raw = zlib.decompress((files("mnverify.virtual") / "data" / "glyphs.bin").read_bytes())
    count = int.from_bytes(raw[:2])
    codes = struct.unpack_from(f">{count}I", raw, 2)
    return {chr(code): rows for code, rows in zip(codes, struct.iter_unpack(">12H", raw[2 + 4 * count :]), strict=True)}


def _glyph(character: str) -> tuple[int, tuple[int, ...]]:
    """Half cells, and twelve rows with the leftmost dot in bit 15 (``tools/make_font.py`` describes the file)."""
    rows = _glyphs().get(character)
    if rows is None:
        code = f"U+{ord(character):04X}"
        raise UsageError(
            Text(
                f"The 12-dot font has no character {code}; draw it first.", f"12ドットフォントに {code} がありません。"
            )
        )
    return (1 if rows[0] & 1 else 2), rows


def _wrap(text: str, half_cells: int) -> list[str]:
    lines, used = [""], 0
    for character in text:
        width, _ = _glyph(character)
        if used + width > half_cells:
            lines.append("")
            used = 0
        lines[-1] += character
        used += width
    return lines


def _line_rows(line: str, half_cells: int) -> list[int]:
    """Twelve rows as numbers, the leftmost dot the highest bit; 1 is black."""
    rows, left = [0] * _ROWS, _HALF_CELL * half_cells
    for character in line:
        width, glyph = _glyph(character)
        left -= _HALF_CELL * width
        for y, row in enumerate(glyph):
            rows[y] |= (row >> 16 - _HALF_CELL * width) << left
    return rows


def _png(width: int, rows: list[int]) -> bytes:
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra("Pillow", "virtual") from None
    stride = (width + 7) // 8
    packed = b"".join((row << 8 * stride - width).to_bytes(stride) for row in rows)
    image = Image.frombytes("1", (width, len(rows)), packed, "raw", "1;I")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=0)  # stored, not deflated: the same bytes from every zlib
    return out.getvalue()
