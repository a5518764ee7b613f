"""Type and pictures on a card. The one module of the print that imports Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.virtual.pictures import photo
from mnverify.virtual.print.fonts import Typeface, font_files
from mnverify.virtual.print.layouts import Rule, Slot
from mnverify.virtual.print.model import MM_PER_INCH, Pixels, Place, to_dots

INK = (34, 32, 36)
RED = (196, 30, 58)
_PALE = (150, 120, 130)
_BASELINE = 0.88  # of the cell, from its upper edge
_LEAST = 0.6  # of a slot's size
_STEP = 0.97
_FINE = 4  # a glyph is drawn so many times larger, then made smaller: hairlines of Mincho stay
_INK_SPREAD = 0.012  # millimetres to each side of a stroke


class Canvas:
    """A card side that is being drawn.

    Args:
        page: the background; it is copied.
        typeface: of all text.
        dpi: dots per inch.
    """

    def __init__(self, page: Pixels, typeface: Typeface, dpi: int) -> None:
        self._image = Image.fromarray(page)
        self._draw = ImageDraw.Draw(self._image)
        self._paths = font_files(typeface)
        self._dpi = dpi

    def text(self, text: str, slot: Slot, colour: tuple[int, int, int] = INK) -> Place:
        """Text in its slot, on as many lines as there is room for, smaller where it has to be.

        Returns:
            Where its ink is.

        Raises:
            UsageError: it does not fit at six tenths of the size, or no font here has a character of it.
        """
        size, lines = self._fit(text, slot)
        top, place = float(slot.y), None
        for line in lines:
            inked = self._line(line, slot.x, top, size, slot.spacing, colour)
            place = inked if place is None or inked is None else place.joined(inked)
            top += size * slot.leading
        return place or self.box(slot.x, slot.y, 0, 0)

    def label(self, text: str, x: float, y: float, size: float, spacing: float, colour: tuple[int, int, int]) -> None:
        """One line, its upper left corner in millimetres."""
        self._line(text, x, y, size, spacing, colour)

    def rule(self, rule: Rule) -> None:
        """A thin frame or a filled strip."""
        place = self.box(rule.x, rule.y, rule.width, rule.height)
        corners = (place.x, place.y, place.right - 1, place.bottom - 1)
        if rule.fill is not None:
            self._draw.rectangle(corners, fill=rule.fill)
        else:
            self._draw.rectangle(corners, outline=_PALE, width=max(1, to_dots(0.08, self._dpi)))

    def watermark(self, text: str, size: float) -> None:
        """Large pale characters across the middle, part of the background."""
        font = _font(self._paths[0], to_dots(size, self._dpi))
        veil = Image.new("L", self._image.size, 0)
        ImageDraw.Draw(veil).text((veil.width / 2, veil.height / 2), text, 26, font, "mm")
        turned = veil.rotate(20, Image.Resampling.BILINEAR)
        self._image.paste(Image.new("RGB", self._image.size, RED), (0, 0), turned)

    def mark(self, slot: Slot) -> Place:
        """見本 in red, in a frame."""
        place = self.box(slot.x, slot.y, slot.width, slot.height)
        corners = (place.x, place.y, place.right - 1, place.bottom - 1)
        self._draw.rectangle(corners, fill=(255, 250, 250), outline=RED, width=max(1, to_dots(0.3, self._dpi)))
        width = sum(advance for _, _, advance in self._run("見本", slot.size, 0.0)) * MM_PER_INCH / self._dpi
        left, top = slot.x + (slot.width - width) / 2, slot.y + (slot.height - slot.size) / 2
        self._line("見本", left, top, slot.size, 0.0, RED)
        return place

    def face(self, persona_id: str, x: float, y: float, width: float, height: float) -> Place:
        """The drawn face of a persona; an empty frame where the card has none."""
        place = self.box(x, y, width, height)
        data = photo(persona_id)
        if not data:
            self._draw.rectangle((place.x, place.y, place.right - 1, place.bottom - 1), outline=_PALE)
            return place
        grey = Image.open(io.BytesIO(data), formats=["JPEG2000"]).convert("L")
        tone = grey.point([min(255, 16 + value * 15 // 16) for value in range(256)])
        cool = grey.point([min(255, 10 + value * 15 // 16) for value in range(256)])
        picture = Image.merge("RGB", (tone, cool, cool))
        self._image.paste(picture.resize((place.width, place.height), Image.Resampling.LANCZOS), (place.x, place.y))
        return place

    def box(self, x: float, y: float, width: float, height: float) -> Place:
        """A rectangle of millimetres in dots."""
        left, top = to_dots(x, self._dpi), to_dots(y, self._dpi)
        return Place(left, top, to_dots(x + width, self._dpi) - left, to_dots(y + height, self._dpi) - top)

    def pixels(self) -> Pixels:
        """What was drawn."""
        return np.array(self._image, dtype=np.uint8)

    def _fit(self, text: str, slot: Slot) -> tuple[float, list[str]]:
        size = slot.size
        while size >= slot.size * _LEAST:
            lines = [part for line in text.split("\n") for part in self._wrapped(line, size, slot)]
            if size * (1 + slot.leading * (len(lines) - 1)) <= slot.height:
                return size, lines
            size *= _STEP
        raise UsageError(
            Text(
                "A text is too long for its room on the card. Nothing was drawn; shorten it or take another layout.",
                "文字列が券面の欄に収まりません。何も描いていません。短くするか、別のレイアウトにしてください。",
            )
        )

    def _wrapped(self, line: str, size: float, slot: Slot) -> list[str]:
        room = slot.width * self._dpi / MM_PER_INCH
        made, used = [""], 0.0
        for character, _, advance in self._run(line, size, slot.spacing):
            if used + advance > room and made[-1]:
                made.append("")
                used = 0.0
            made[-1] += character
            used += advance
        return made

    def _line(
        self, text: str, x: float, y: float, size: float, spacing: float, colour: tuple[int, int, int]
    ) -> Place | None:
        left = x * self._dpi / MM_PER_INCH
        baseline = round((y + _BASELINE * size) * self._dpi / MM_PER_INCH)
        place: Place | None = None
        for character, font, advance in self._run(text, size, spacing):
            at = round(left)
            glyph, right_of, above = _glyph(font, character, max(1, to_dots(_INK_SPREAD, self._dpi * _FINE)))
            if glyph is not None:
                inked = Place(at + right_of, baseline + above, *glyph.size)
                self._image.paste(colour, (inked.x, inked.y), glyph)
                place = inked if place is None else place.joined(inked)
            left += advance
        return place

    def _run(self, text: str, size: float, spacing: float) -> Iterator[tuple[str, ImageFont.FreeTypeFont, float]]:
        """Each character with its font and its advance in dots."""
        dots = size * self._dpi / MM_PER_INCH
        fine = max(4, round(dots * _FINE))
        for character in text:
            font = _font_of(self._paths, fine, character)
            yield character, font, font.getlength(character) / _FINE + spacing * dots


@lru_cache(maxsize=64)
def _font(path: Path, dots: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), dots, index=0, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _font_of(paths: tuple[Path, ...], dots: int, character: str) -> ImageFont.FreeTypeFont:
    for path in paths:
        font = _font(path, dots)
        if character.isspace() or bytes(font.getmask(character)) != _nothing(path, dots):
            return font
    code = f"U+{ord(character):04X}"
    raise UsageError(
        Text(
            f"No font here has the character {code}. Nothing was drawn.",
            f"この機械のフォントに {code} がありません。何も描いていません。",
        )
    )


@lru_cache(maxsize=4096)
def _glyph(font: ImageFont.FreeTypeFont, character: str, spread: int) -> tuple[Image.Image | None, int, int]:
    """A character's ink, and where its left upper corner is from the pen on the baseline; None where it has no ink."""
    left, top, right, bottom = (int(edge) for edge in font.getbbox(character, anchor="ls", stroke_width=spread))
    if character.isspace() or right <= left or bottom <= top:
        return None, 0, 0
    first, above = left // _FINE, top // _FINE
    width, height = -(-right // _FINE) - first, -(-bottom // _FINE) - above
    fine = Image.new("L", (width * _FINE, height * _FINE), 0)
    pen = (-first * _FINE, -above * _FINE)
    ImageDraw.Draw(fine).text(pen, character, 255, font, "ls", stroke_width=spread)
    glyph = fine.reduce(_FINE)
    ink = glyph.getbbox() or (0, 0, *glyph.size)
    return glyph.crop(ink), first + ink[0], above + ink[1]


@lru_cache(maxsize=64)
def _nothing(path: Path, dots: int) -> bytes:
    """What the font draws for a character that it does not have."""
    return bytes(_font(path, dots).getmask("\U000fffff"))


def to_png(pixels: Pixels, dpi: int | None) -> bytes:
    """A picture as PNG, with its resolution where that is known."""
    out = io.BytesIO()
    options = {"dpi": (dpi, dpi)} if dpi else {}
    Image.fromarray(pixels).save(out, "PNG", compress_level=3, **options)
    return out.getvalue()


def to_jpeg(pixels: Pixels, quality: int, dpi: int | None) -> bytes:
    """A picture as JPEG, with its resolution where that is known."""
    out = io.BytesIO()
    options = {"dpi": (dpi, dpi)} if dpi else {}
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()
