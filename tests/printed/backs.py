"""Pictures of backs of cards, made here with segno and Pillow alone; the numbers are invented."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from mnverify.values import check_digit

DOTS = 5
"""Pixels of a module at 300 dpi."""
WIDE, HIGH = 1011, 638
"""A card at 300 dpi."""


def number_of(seed: int) -> str:
    """An invented 個人番号 with a right check digit."""
    chosen = random.Random(seed)
    first = "".join(str(chosen.randrange(10)) for _ in range(11))
    return first + check_digit(first)


def code_image(
    text: str, module: int = DOTS, *, version: int = 1, error: str = "m", mask: int | None = None, border: int = 0
) -> Image.Image:
    """A QR code."""
    out = io.BytesIO()
    segno.make(text, version=version, error=error, mask=mask, boost_error=False, micro=False).save(
        out, kind="png", scale=module, border=border
    )
    return Image.open(out).convert("L")


def back(
    number: str, *, code: Image.Image | None = None, printed: str | None = None, at: tuple[int, int] = (860, 60)
) -> Image.Image:
    """The back of a card at 300 dpi: the number in digits, a name, a date, and the QR code."""
    card = Image.new("L", (WIDE, HIGH), 238)
    draw = ImageDraw.Draw(card)
    for y in range(0, HIGH, 24):
        draw.line((0, y, WIDE, y + 18), fill=218)
    shown = printed if printed is not None else f"{number[:4]} {number[4:8]} {number[8:]}"
    draw.text((90, 90), shown, fill=25, font=ImageFont.load_default(size=46))
    draw.text((90, 170), "MIHON HANAKO", fill=40, font=ImageFont.load_default(size=30))
    draw.text((90, 220), "1985.07.03", fill=40, font=ImageFont.load_default(size=26))
    card.paste(code if code is not None else code_image(number), at)
    return card


def on_desk(card: Image.Image, angle: float = 0.0, ground: int = 110) -> Image.Image:
    """The card turned by degrees, on a desk."""
    turned = card.convert("L").rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=ground)
    desk = Image.new("L", (turned.width + 160, turned.height + 160), ground)
    desk.paste(turned, (80, 80))
    return desk


def seen_from(card: Image.Image, corners: Sequence[tuple[float, float]], size: tuple[int, int]) -> Image.Image:
    """The card with its corners (from the top left on, clockwise) at these places of a picture."""
    rows: list[list[float]] = []
    ends: list[float] = []
    w, h = card.size
    for (x, y), (u, v) in zip(corners, ((0, 0), (w, 0), (w, h), (0, h)), strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        ends += [u, v]
    found = np.linalg.solve(np.array(rows), np.array(ends))
    return card.convert("L").transform(
        size, Image.Transform.PERSPECTIVE, found.tolist(), Image.Resampling.BICUBIC, fillcolor=100
    )


def file_of(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.convert("RGB").save(out, kind, **how)
    return out.getvalue()
