"""How often a chip's text is seen in the print, and that a swapped character never is.

Usage: python -m benchmarks.text_fits [--registers FONT] [--count N]

Genuine prints of the virtual people; names with one character swapped for what readers take for it; and, with a typeface that draws
the kanji of the registers (IPAmj Mincho), names with one swapped for any of its variants there, printed in that typeface.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path
from unittest import mock

from benchmarks.glyphs import COMMON
from mnverify.printed.glyph import drawing
from mnverify.printed.variants.candidates import candidates
from mnverify.virtual import personas
from mnverify.virtual.print import canvas as canvases
from mnverify.virtual.print import layouts
from mnverify.virtual.print.fonts import Typeface
from tests.printed.lined_prints import FACES, FONTS, as_read, both_ways, fits_of, held_by, scanned, seen, sheet

CONDITIONS = {
    "": "300 dpi, as drawn",
    "scan": "scanned at 300 dpi",
    "scan600": "scanned at 600 dpi",
    "phone": "a phone's photo",
}
_ON_A_SHEET = 36
_UNLIKE = 0.1  # of ink: what Unicode has twice is drawn once


def genuine(condition: str) -> Counter[str]:
    """Fields that were there, and that were seen."""
    found: Counter[str] = Counter()
    people = [one for one in personas() if not one.printed_address]
    for at, (who, layout) in enumerate((who, layout) for who in people for layout in layouts()):
        for name, fit in fits_of(held_by(who), scanned(who, layout, condition, seed=at)).items():
            found[name] += 1
            found[f"{name} seen"] += fit.every_character
    return found


def swapped(names: list[tuple[str, str]], face: Typeface, condition: str, fonts: tuple[Path, ...]) -> Counter[str]:
    """Names whose printed character is another than the chip's: how many passed, and how many are seen as what they are."""
    found: Counter[str] = Counter(names=len(names))
    for start in range(0, len(names), _ON_A_SHEET):
        some = names[start : start + _ON_A_SHEET]
        card, places, scale = sheet([printed for _, printed in some], face, condition)
        for (held, printed), place in zip(some, places, strict=True):
            found["passed"] += bool(seen({"name": held}, as_read(held, card, place, scale), fonts))
            found["seen"] += bool(seen({"name": printed}, as_read(printed, card, place, scale), fonts))
    return found


def of_registers(font: Path, count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Names that differ by a character and a variant of it that the typeface draws otherwise."""
    chance = random.Random(seed)
    found: list[tuple[str, str]] = []
    while len(found) < count:
        own = chance.choice(COMMON)
        there = [one for one in sorted(candidates(own)) if drawing.draws(font, one)]
        other = chance.choice(there) if there else own
        one, two = drawing.drawn(font, own, 0), drawing.drawn(font, other, 0)
        if one.shape == two.shape and abs(one - two).max() > _UNLIKE:
            found.append((f"山{own}川", f"山{other}川"))
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registers", type=Path, metavar="FONT")
    parser.add_argument("--count", type=int, default=600)
    options = parser.parse_args()
    print("| genuine | names seen | addresses seen |\n|---|---|---|")
    for condition, words in CONDITIONS.items():
        found = genuine(condition)
        counts = (f"{found[f'{name} seen']} of {found[name]}" for name in ("name", "address"))
        print(f"| {words} | {' | '.join(counts)} |", flush=True)
    print("\n| one character swapped | names | passed for the chip's | seen as what it is |\n|---|---|---|---|")
    for face in FACES:
        for condition in CONDITIONS:
            found = swapped(both_ways(face), face, condition, FONTS)
            print(
                f"| {face}, {CONDITIONS[condition]} | {found['names']} | {found['passed']} | {found['seen']} |",
                flush=True,
            )
    if options.registers is not None:
        with mock.patch.object(canvases, "font_files", lambda _: (options.registers,)):
            names = of_registers(options.registers, options.count)
            for fonts in ((options.registers,), FONTS, (*FONTS, options.registers)):
                found = swapped(names, FACES[1], "", fonts)
                words = f"registers, {len(fonts)} typefaces"
                print(f"| {words} | {found['names']} | {found['passed']} | {found['seen']} |", flush=True)


if __name__ == "__main__":
    main()
