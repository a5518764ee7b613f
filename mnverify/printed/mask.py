"""A picture of the back without the 個人番号: for a relying party that was handed one and may not keep it (番号法).

It fails closed. What comes out was looked through again, by everything that found something before, and nothing was found; else
there is no picture. No text that was read is kept, and nothing is written anywhere.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import eq
from typing import TYPE_CHECKING, Any

from mnverify.errors import NotMasked, PictureError
from mnverify.masked import MaskedBytes, MaskedText, masked, not_copied
from mnverify.printed.backs import (
    MOST_CODES,
    Polygon,
    PrintedNumber,
    Traces,
    centre,
    codes_in,
    reach_of,
    read_text,
    side_of,
)
from mnverify.printed.codes import Corners
from mnverify.printed.engine import TextEngine
from mnverify.printed.forms import find_my_number
from mnverify.printed.pictures import PictureSource, load_picture
from mnverify.printed.rapid import rapid_engine
from mnverify.printed.steps import Progress, Steps
from mnverify.text import Text

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from mnverify.printed.pictures import Pixels

JPEG_QUALITY = 90
_ROUNDS = 4
"""How often a picture is looked through at most: once to find, once to see that nothing is left, and what came up in between."""
_INK = (0, 0, 0)
_CODE_MARGIN = 1.45  # of the code's size: its quiet zone, and what a bent card hides
_LONE_FINDER = 3.6  # pattern sides: as far as its code may reach, in any direction
_ALONG, _ACROSS = 1.3, 0.45  # line heights around a number
_LABEL_REACH = 25.0  # heights of the heading
_AGREEING = 9  # digits of twelve that a number shares with its code, some of them misread; others share one or two
_ASLANT = 0.4  # radians between a number and its code, as a camera sees them

_AGAIN = Text(
    "Take the picture again, from above, in good light, the whole back in it; or do not keep a picture of the back at all: "
    "nothing of it is needed to identify a person.",
    "明るい場所で真上から、裏面全体が入るように撮り直してください。本人確認に裏面は要らないので、裏面の画像を保存しないのが確実です。",
)
_FEWER = Text(
    "Take a picture of fewer cards, with nothing else in it.",
    "写すカードの枚数を減らし、ほかのものが写らないように撮ってください。",
)
_NO_CODE = Text(
    "No QR code was found in the picture, so it is not sure that this is a back, nor where the number is.",
    "画像に QR コードが見つからないため、裏面かどうかも、個人番号の場所も確かではありません。",
)
_TOO_MANY = Text(
    f"There are more than {MOST_CODES} codes in the picture, or what looks like parts of so many; it was not read.",
    f"画像に {MOST_CODES} 個を超えるコード（またはその一部に見えるもの）があるため、読み取りませんでした。",
)
_NO_NUMBER = Text(
    "A QR code was found, but not the twelve digits that belong to it.",
    "QR コードはありますが、それに対応する12桁の数字が見つかりません。",
)
_NO_CODE_OF_IT = Text(
    "Twelve digits were found, but not the QR code that belongs to them.",
    "12桁の数字はありますが、それに対応する QR コードが見つかりません。",
)
_LABEL_ALONE = Text(
    "The heading 個人番号 was found, but not the number that belongs to it.",
    "「個人番号」の見出しはありますが、その番号が見つかりません。",
)
_LEFT = Text(
    "After painting out, something that may be the number or a code was still found.",
    "塗りつぶした後にも、個人番号かコードの可能性のあるものが残っています。",
)


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class MaskedPicture:
    """A picture in which codes and numbers were painted out. It shows its size only; neither pickled nor copied.

    It is pixels and nothing else: no EXIF, thumbnail, colour profile, comment or further page of the file that it came from.

    Attributes:
        pixels: RGB, eight bits, rows first.
        codes: how many QR codes were painted out.
        numbers: how many printed numbers were painted out.
    """

    pixels: Pixels
    codes: int
    numbers: int

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    def to_png(self) -> MaskedBytes:
        """The picture as a PNG file. Name and date of birth are still in it: it is personal data."""
        return self._file("PNG")

    def to_jpeg(self) -> MaskedBytes:
        """The picture as a JPEG file."""
        return self._file("JPEG", quality=JPEG_QUALITY)

    def _file(self, kind: str, **how: Any) -> MaskedBytes:
        from PIL import Image as Pillow

        out = io.BytesIO()
        Pillow.fromarray(self.pixels).save(out, kind, **how)
        return masked(out.getvalue())

    def __repr__(self) -> str:
        return f"MaskedPicture({self.width}x{self.height}, {self.codes} codes, {self.numbers} numbers)"


@not_copied
@dataclass(slots=True, repr=False, eq=False)
class _Found:
    """What all rounds have found together, each place once."""

    codes: list[Corners] = field(default_factory=list)
    contents: dict[Corners, MaskedText] = field(default_factory=dict)
    numbers: list[PrintedNumber] = field(default_factory=list)
    pieces: list[Polygon] = field(default_factory=list)
    labels: list[Polygon] = field(default_factory=list)

    def add(self, traces: Traces) -> None:
        for code in traces.codes:
            if all(math.dist(centre(code), centre(other)) > side_of(code) / 2 for other in self.codes):
                self.codes.append(code)
        self.contents.update(traces.contents)
        self.pieces += [number.quad for number in traces.numbers]
        self.numbers += [number for number in traces.numbers if number.digits is not None]
        self.labels += traces.labels

    def doubt(self) -> Text | None:
        """Why it is not sure that all was found; None where it is sure: each code has its number, each number its code."""
        if not self.codes:
            return _NO_CODE
        own = {code: [one for one in self.numbers if self._belongs(one, code)] for code in self.codes}
        if not all(own.values()) or len(_places(one for found in own.values() for one in found)) < len(self.codes):
            return _NO_NUMBER
        if not all(any(_within(number.quad, code) for code in self.codes) for number in self.numbers):
            return _NO_CODE_OF_IT
        if not all(self._piece_of(label) for label in self.labels):
            return _LABEL_ALONE
        return None

    def _belongs(self, number: PrintedNumber, code: Corners) -> bool:
        """Whether a number is that of a code, and no other twelve digits of the card: it agrees with what the code holds; or,
        where that is not known or another (a forgery), its check digit is right and its heading says what it is.

        A code that cannot be decoded says how the card lies, so a number without heading has to lie as it does.
        """
        if number.digits is None or not _within(number.quad, code):
            return False
        content = self.contents.get(code)
        if content is not None and sum(map(eq, number.digits, content)) >= _AGREEING:
            return True
        lies_as_it = content is None and _turn(number.quad, code) <= _ASLANT
        return find_my_number(number.digits) is not None and (number.headed or lies_as_it)

    def _piece_of(self, label: Polygon) -> bool:
        reach = _LABEL_REACH * _height(label)
        return any(math.dist(centre(piece), centre(label)) <= reach for piece in self.pieces)

    @property
    def places(self) -> list[Polygon]:
        """Where twelve digits were found, each place once."""
        return _places(self.numbers)

    def __repr__(self) -> str:
        return f"_Found({len(self.codes)} codes, {len(self.places)} numbers)"


def mask_back(
    image: PictureSource, *, engine: TextEngine | None = None, progress: Progress | None = None
) -> MaskedPicture:
    """Paint out QR codes and numbers in a picture of the back of a card, in any role.

    Every QR code is painted out, also one that cannot be decoded, and every group of digits that may be a 個人番号. It is sure
    only where each code was found with the twelve digits that belong to it, and where the painted picture, looked through again
    and once turned by a right angle, shows neither.

    Args:
        image: bytes of a file, its path, or an array of pixels; a scan or photo, turned any way; several backs, or a copy of
            both sides.
        engine: reads text; default the one of the extra ``ocr``.
        progress: is told readings done and readings expected so far, before the first and after each; the second number grows
            where something comes up in between. What it raises comes out.

    Raises:
        NotMasked: it is not sure that all was found. There is no picture then.
        PictureError: it cannot be decoded; says how to take it better.
        UnreadableFile: the path cannot be opened or read.
        MissingExtra: the extras ``qr`` and ``ocr`` are not installed: without reading text it can never be sure.
    """
    reader = engine if engine is not None else rapid_engine()
    picture = _pillow(load_picture(image, extra="ocr").pixels)
    found, steps = _Found(), Steps(progress)
    traces = _codes_in(picture, found)
    if not traces.codes:
        raise NotMasked(_NO_CODE, _AGAIN)
    for _ in range(_ROUNDS):
        read_text(picture, reader, traces, found.codes, steps)
        found.add(traces)
        if traces.nothing:
            break
        _paint(picture, traces)
        traces = _codes_in(picture, found)
    else:
        steps.ahead(0)
        raise NotMasked(_LEFT, _AGAIN)
    doubt = found.doubt()
    if doubt is not None:
        raise NotMasked(doubt, _AGAIN)
    return _masked(picture, found)


def _codes_in(picture: PillowImage, found: _Found) -> Traces:
    try:
        traces = codes_in(picture.convert("L"))
    except PictureError:  # full of patterns of codes
        raise NotMasked(_TOO_MANY, _FEWER) from None
    if traces.too_many or len(found.codes) + len(traces.codes) > MOST_CODES:
        raise NotMasked(_TOO_MANY, _FEWER)
    return traces


def _masked(picture: PillowImage, found: _Found) -> MaskedPicture:
    import numpy as np

    return MaskedPicture(np.array(picture), len(found.codes), len(found.places))


def _pillow(pixels: Pixels) -> PillowImage:
    """A picture of its own: what the caller gave is not painted on."""
    from PIL import Image as Pillow

    return Pillow.fromarray(pixels.copy())


def _paint(picture: PillowImage, traces: Traces) -> None:
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    codes = [*traces.codes, *traces.others]
    for code in codes:
        draw.polygon(_wider(code, _CODE_MARGIN), fill=_INK)
    for one in traces.finders:
        reach = _LONE_FINDER * one.side
        if not any(math.dist(one[:2], centre(code)) <= side_of(code) for code in codes):
            draw.ellipse((one.x - reach, one.y - reach, one.x + reach, one.y + reach), fill=_INK)
    for quad in _quads(traces):
        draw.polygon(_around(quad), fill=_INK)


def _quads(traces: Traces) -> Iterable[Polygon]:
    yield from (number.quad for number in traces.numbers)
    yield from traces.parts


def _wider(points: Sequence[tuple[float, float]], by: float) -> list[tuple[float, float]]:
    mx, my = centre(points)
    return [(mx + (x - mx) * by, my + (y - my) * by) for x, y in points]


def _around(quad: Polygon) -> list[tuple[float, float]]:
    """A line of text with a margin: more at its ends, where a digit may have been cut off."""
    first, second, third, fourth = quad
    height, length = max(1.0, _height(quad)), max(1.0, math.dist(first, second))
    ux, uy = (second[0] - first[0]) / length, (second[1] - first[1]) / length
    vx, vy = (fourth[0] - first[0]) / height, (fourth[1] - first[1]) / height
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return [
        (
            x + height * (_ALONG * along * ux + _ACROSS * across * vx),
            y + height * (_ALONG * along * uy + _ACROSS * across * vy),
        )
        for (x, y), (along, across) in zip((first, second, third, fourth), signs, strict=True)
    ]


def _height(quad: Polygon) -> float:
    return (math.dist(quad[0], quad[3]) + math.dist(quad[1], quad[2])) / 2


def _places(numbers: Iterable[PrintedNumber]) -> list[Polygon]:
    """Where they are, each place once."""
    found: list[Polygon] = []
    for quad in (number.quad for number in numbers):
        if all(math.dist(centre(quad), centre(other)) > 2 * _height(other) for other in found):
            found.append(quad)
    return found


def _turn(number: Polygon, code: Corners) -> float:
    """Radians between a number's direction and its code's."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = number[0], number[1], code[0], code[1]
    return abs(math.remainder(math.atan2(by - ay, bx - ax) - math.atan2(dy - cy, dx - cx), 2 * math.pi))


def _within(number: Polygon, code: Corners) -> bool:
    return math.dist(centre(number), centre(code)) <= reach_of(code)
