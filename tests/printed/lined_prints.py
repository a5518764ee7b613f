"""Prints of virtual cards with what a reader would say of their lines: nothing is looked for or read, so hundreds take seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from mnverify.printed.engine import TextLine
from mnverify.printed.fields import Reading, read_fields
from mnverify.printed.glyph import TextFit, drawing, text_fits
from mnverify.printed.pictures import load_picture
from mnverify.printed.scanning import LEAST_WIDTH, MOST_WIDTH, Scan, _result, _Try
from mnverify.printed.straight import StraightCard
from mnverify.values import Role
from mnverify.virtual import Persona, persona
from mnverify.virtual.print import Print, photograph, print_front
from mnverify.virtual.print.canvas import Canvas
from mnverify.virtual.print.fonts import Typeface, font_files
from mnverify.virtual.print.layouts import Slot

TODAY = date(2026, 11, 24)
FACES = (Typeface.IPA_GOTHIC, Typeface.IPA_MINCHO, Typeface.NOTO_GOTHIC, Typeface.NOTO_MINCHO)
FONTS = tuple(font_files(face)[0] for face in FACES)
FOLDED = str.maketrans("髙𠮷﨑邉濵", "高吉崎邊濱")
"""What a reader makes of these."""


def drawn(holder: Persona, layout: str, dpi: int, **more: Any) -> tuple[Print, list[tuple[str, Any]]]:
    """A front, and its lines with their places."""
    lines: list[tuple[str, Any]] = []
    draw = Canvas._line

    def noted(canvas: Canvas, text: str, *rest: Any) -> Any:
        place = draw(canvas, text, *rest)
        if place is not None:
            lines.append((text, place))
        return place

    with mock.patch.object(Canvas, "_line", noted):
        return print_front(holder, layout=layout, dpi=dpi, **more), lines


def straight(front: Print, condition: str = "", seed: int = 0) -> StraightCard:
    """The card laid straight: as drawn, or out of a photo with its corners within a pixel."""
    if not condition:
        picture = load_picture(np.array(front.pixels))
        width, height = front.size
        corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    else:
        photo = photograph(front, condition, seed=seed)
        picture = load_picture(photo.jpeg)
        off = np.random.default_rng(seed).uniform(-1, 1, (4, 2))
        corners = (np.array(photo.corners) / picture.scale + off).astype(np.float32)
    across = float(np.hypot(*(corners[1] - corners[0])))
    return StraightCard.of(picture, corners, round(min(MOST_WIDTH, max(LEAST_WIDTH, across))))


def line_of(text: str, place: Any, scale: float, seed: int = 0) -> TextLine:
    """A line as a reader would give it."""
    left, top, right, bottom = (scale * value for value in (place.x, place.y, place.right, place.bottom))
    out = np.random.default_rng(seed).uniform(0.02, 0.16, 4) * (bottom - top)
    left, top, right, bottom = left - out[0], top - out[1], right + out[2], bottom + out[3]
    return TextLine.of([(left, top), (right, top), (right, bottom), (left, bottom)], text, 0.99, [0.99] * len(text))


def scanned(
    holder: Persona, layout: str = "standard", condition: str = "", seed: int = 0, dpi: int = 300, **more: Any
) -> Scan:
    """A scan of a person's front: as drawn, else photographed from 600 dpi."""
    front, lines = drawn(holder, layout, 600 if condition else dpi, **more)
    card = straight(front, condition, seed)
    scale = card.pixels.shape[1] / front.size[0]
    found = [line_of(text.translate(FOLDED), place, scale, seed + at) for at, (text, place) in enumerate(lines)]
    face = read_fields(found, today=TODAY)
    return _result(_Try(card, face, tuple(found)), face, Role.GENERAL)


def fits_of(held: Mapping[str, str], there: Any, fonts: Sequence[Any] = FONTS) -> Mapping[str, TextFit]:
    """Fits of a chip that holds these texts."""
    verified: Any = SimpleNamespace(fields={name: SimpleNamespace(value=text) for name, text in held.items()})
    return text_fits(verified, there, fonts=fonts)


def seen(held: Mapping[str, str], there: Any, fonts: Sequence[Any] = FONTS) -> set[str]:
    """Fields of which every character was seen."""
    return {name for name, fit in fits_of(held, there, fonts).items() if fit.every_character}


def held_by(holder: Persona) -> dict[str, str]:
    return {"name": holder.name, "address": holder.address}


_ONES = (
    "高崎吉辺辺邉斉斉斎ニエー０１沢浜浜広桜国島富真黒徳栄会学寿蔵恵柳曽"
    "桒戸藤太土末己巳田間祐木日日タロカハトツヤシソはは網治宮侯柿市ヘ"
)
_OTHERS = (
    "髙﨑𠮷邉邊邊斎齋齋二工一ＯＩ澤濱濵廣櫻國嶋冨眞黑德榮會學壽藏惠栁曾"
    "桑戶籐大士未已己由問裕本曰目夕口力八卜ッャツンばぱ綱冶官候杮巿へ"
)
PAIRS = tuple(zip(_ONES, _OTHERS, strict=True))
"""Characters that readers, or people, take for each other."""
_COLUMNS = 3


def both_ways(face: Typeface) -> list[tuple[str, str]]:
    """Names that differ by one character: the chip's, and what is printed."""
    there = [pair for pair in PAIRS if all(drawing.draws(font_files(face)[0], each) for each in pair)]
    return [(f"山{one}川", f"山{other}川") for pair in there for one, other in permutations(pair)]


def sheet(names: Sequence[str], face: Typeface, condition: str) -> tuple[Any, list[Any], float]:
    """Many names on one card: the card laid straight, where they are, and its scale."""
    blank, _ = drawn(persona("sato-hanako"), "standard", 600 if condition else 300)
    canvas = Canvas(np.full_like(blank.pixels, 240), face, blank.dpi)
    slots = [Slot(4 + 27 * (at % _COLUMNS), 3 + 3.6 * (at // _COLUMNS), 26, 3.4, 3.0) for at in range(len(names))]
    places = [canvas.text(name, slot) for name, slot in zip(names, slots, strict=True)]
    card = straight(replace(blank, pixels=canvas.pixels()), condition, 5)
    return card.pixels, places, card.pixels.shape[1] / blank.size[0]


def as_read(text: str, card: Any, place: Any, scale: float) -> Any:
    """What a scan gives of a name."""
    line = line_of(text, place, scale)
    return SimpleNamespace(card=card, readings={"name": [Reading("name", line.text, 0.99, (line,))]})
