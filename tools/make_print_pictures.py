"""Draw the pictures of the page on printing virtual cards. Usage: python -m tools.make_print_pictures

Writes ``docs/images/print-layouts.jpg`` and ``print-conditions.jpg``.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from mnverify.virtual import persona
from mnverify.virtual.print import CONDITIONS, layouts, photograph, print_back, print_front
from mnverify.virtual.print.fonts import Typeface, font_files

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "images"
GAP, LABEL = 12, 22
CARD, SHOT = (460, 290), (300, 225)
QUALITY = 82


def sheet(pictures: list[tuple[str, Image.Image]], columns: int, size: tuple[int, int]) -> Image.Image:
    """Pictures in rows, each under its name."""
    rows = -(-len(pictures) // columns)
    width, height = size[0] + GAP, size[1] + GAP + LABEL
    page = Image.new("RGB", (columns * width + GAP, rows * height + GAP), (255, 255, 255))
    font = ImageFont.truetype(str(font_files(Typeface.NOTO_GOTHIC)[0]), 15)
    for number, (name, picture) in enumerate(pictures):
        x, y = GAP + number % columns * width, GAP + number // columns * height
        ImageDraw.Draw(page).text((x, y - 4), name, (60, 60, 60), font)
        picture.thumbnail(size, Image.Resampling.LANCZOS)
        page.paste(picture, (x, y + LABEL - 4))
    return page


def main() -> None:
    """Write both pictures."""
    holder = persona("hikkoshi-ichiro")
    sides = [
        (f"{layout} ({side.side})", Image.fromarray(side.pixels))
        for layout in layouts()
        for side in (print_front(holder, layout=layout), print_back(holder, layout=layout))
    ]
    front = print_front(persona(), dpi=600)
    shots = [
        (name, Image.fromarray(photograph(front, name, seed=number + 20).pixels()))
        for number, name in enumerate(CONDITIONS)
    ]
    FOLDER.mkdir(exist_ok=True)
    for name, page in (("layouts", sheet(sides, 2, CARD)), ("conditions", sheet(shots, 4, SHOT))):
        page.save(FOLDER / f"print-{name}.jpg", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
