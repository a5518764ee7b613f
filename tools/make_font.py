"""Turn the Shinonome 12-dot faces into the package's glyph file. Usage: python tools/make_font.py [FONT-FOLDER]

Reads ``shnmk12.pcf.gz`` (JIS X 0208, 12x12) and ``shnm6x12a.pcf.gz`` (6x12) of Debian's package ``xfonts-shinonome``
(public domain), adds the hand-drawn characters below, and writes ``mnverify/virtual/data/glyphs.bin``:
zlib( count u16 ‖ count x code point u32 ‖ count x 24 bytes ), big-endian, a glyph being twelve rows of 16 bits,
leftmost dot first; a half-width glyph has bit 0 of each row set.
"""

from __future__ import annotations

import gzip
import struct
import sys
import zlib
from pathlib import Path

TARGET = Path(__file__).parent.parent / "mnverify" / "virtual" / "data" / "glyphs.bin"
FOLDER = Path("/usr/share/fonts/X11/misc")
METRICS, BITMAPS, ENCODINGS = 1 << 2, 1 << 3, 1 << 5
ROWS = 12

DRAWN = {
    "𠮷": """
.....#......
.....#......
..#######...
.....#......
.....#......
.##########.
............
..########..
..#......#..
..#......#..
..########..
............
""",
    "髙": """
.....#......
.##########.
...#....#...
...######...
...#....#...
...######...
.##########.
.#........#.
.#..####..#.
.#..#..#..#.
.#..####..#.
.#.......##.
""",
}


class Pcf:
    """As much of X11's portable compiled format as the two faces need."""

    def __init__(self, data: bytes) -> None:
        count = struct.unpack_from("<I", data, 4)[0]
        entries = (struct.unpack_from("<4I", data, 8 + 16 * n) for n in range(count))
        self._tables = {kind: data[offset : offset + size] for kind, _, size, offset in entries}

    def _table(self, kind: int) -> tuple[str, int, bytes]:
        table = self._tables[kind]
        form = struct.unpack_from("<I", table)[0]
        return (">" if form & 4 else "<"), form, table[4:]

    def glyphs(self) -> dict[int, tuple[int, list[int]]]:
        """By encoding: the width, and the rows with the leftmost dot in bit 15."""
        metrics, bitmaps = self._metrics(), self._bitmaps()
        order, _, table = self._table(ENCODINGS)
        low, high, first, last, _ = struct.unpack_from(order + "5H", table)
        out = {}
        for n in range((high - low + 1) * (last - first + 1)):
            index = struct.unpack_from(order + "H", table, 10 + 2 * n)[0]
            if index != 0xFFFF:
                row, column = divmod(n, high - low + 1)
                left, right, width, ascent, descent = metrics[index]
                if (left, right, ascent, descent) != (0, width, 10, 2):
                    raise SystemExit(f"glyph {index} does not fill its cell: {metrics[index]}")
                out[(first + row) << 8 | (low + column)] = (width, bitmaps[index])
        return out

    def _metrics(self) -> list[tuple[int, ...]]:
        order, form, table = self._table(METRICS)
        if form & 0xFF00 != 0x100:
            raise SystemExit("only compressed metrics are known")
        count = struct.unpack_from(order + "H", table)[0]
        return [tuple(byte - 128 for byte in table[2 + 5 * n : 7 + 5 * n]) for n in range(count)]

    def _bitmaps(self) -> list[list[int]]:
        order, form, table = self._table(BITMAPS)
        if form & 3 != 2 or form & 0x30:
            raise SystemExit("only rows of four bytes, in units of one byte, are known")
        count = struct.unpack_from(order + "I", table)[0]
        offsets = struct.unpack_from(f"{order}{count}I", table, 4)
        data = table[4 + 4 * count + 16 :]
        rows = [[data[at + 4 * y : at + 4 * y + 2] for y in range(ROWS)] for at in offsets]
        if not form & 8:
            rows = [[bytes(int(f"{byte:08b}"[::-1], 2) for byte in row) for row in glyph] for glyph in rows]
        return [[int.from_bytes(row) for row in glyph] for glyph in rows]


def full_width(folder: Path) -> dict[int, list[int]]:
    """The JIS X 0208 glyphs by Unicode; a character with two common code points (〜 and ～) has both."""
    out = {}
    for code, (_, rows) in Pcf(gzip.decompress((folder / "shnmk12.pcf.gz").read_bytes())).glyphs().items():
        euc = (code | 0x8080).to_bytes(2)
        lead, trail = code >> 8, code & 0xFF
        shifted_lead = (lead - 0x21 >> 1) + (0x81 if lead < 0x5F else 0xC1)
        shifted = trail + (0x7E if lead % 2 == 0 else 0x1F + (trail >= 0x60))
        for raw, codec in ((euc, "euc_jp"), (bytes([shifted_lead, shifted]), "cp932")):
            text = raw.decode(codec, "ignore")
            if len(text) == 1:
                out[ord(text)] = rows
    return out


def half_width(folder: Path) -> dict[int, list[int]]:
    """The ASCII glyphs, marked as half as wide."""
    glyphs = Pcf(gzip.decompress((folder / "shnm6x12a.pcf.gz").read_bytes())).glyphs()
    return {code: [row | 1 for row in rows] for code, (_, rows) in glyphs.items() if 0x20 <= code < 0x7F}


def drawn() -> dict[int, list[int]]:
    """The characters drawn by hand."""
    out = {}
    for character, picture in DRAWN.items():
        lines = picture.split()
        if [len(line) for line in lines] != [ROWS] * ROWS:
            raise SystemExit(f"{character} is not drawn on 12 by 12 dots")
        out[ord(character)] = [int(line.replace("#", "1").replace(".", "0"), 2) << 4 for line in lines]
    return out


def main() -> None:
    """Write the glyph file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    glyphs = sorted((full_width(folder) | half_width(folder) | drawn()).items())
    raw = struct.pack(f">H{len(glyphs)}I", len(glyphs), *(code for code, _ in glyphs))
    raw += b"".join(struct.pack(">12H", *rows) for _, rows in glyphs)
    TARGET.write_bytes(zlib.compress(raw, 9))
    print(len(glyphs), "glyphs,", TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
