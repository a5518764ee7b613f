"""QR codes in a picture: the one module that knows zxing-cpp.

What is found is handed on as ``FoundCode``, which shows none of its content: a QR code on the back of a card is the 個人番号.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import thread_time
from typing import TYPE_CHECKING, Any, TypeAlias

from mnverify.errors import MissingExtra, PictureError
from mnverify.masked import MaskedBytes, not_copied
from mnverify.text import Text

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

Corner: TypeAlias = tuple[float, float]
Corners: TypeAlias = tuple[Corner, Corner, Corner, Corner]

MODULES = 21
"""Modules of a side of version 1 (ISO/IEC 18004)."""
_MOST_OBLONG = 1.8
_SHORTEST_SIDE = 12  # pixels of a code that could not be decoded: about half of one a module
_RECTIFIED_MODULE = 8  # pixels
_QUIET = 4  # modules
_SMALL_PIXELS = 4_000_000
_LARGE_PIXELS = 3_000_000
_LONGEST_LOOK = 5.0
"""Seconds of the processor for one look of the decoder; a photo takes a tenth of one, on a small computer one."""
_FULL = Text(
    "The picture is full of what looks like corners of QR codes, so it was not looked through.",
    "画像が QR コードの角のような模様で埋まっているため、最後まで調べませんでした。",
)
_ONE_CARD = Text(
    "Take a picture of one card, with nothing else in it.",
    "1枚のカードだけを、ほかのものが写らないように撮ってください。",
)


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FoundCode:
    """A QR code that was found, whether or not it could be decoded.

    Attributes:
        content: its bytes; None where it could not be decoded.
        version: 1 to 40; None where it could not be decoded.
        plain: a QR code of model 2 that stands dark on light, and neither a Micro QR code nor one of the older model.
        corners: in pixels of the picture: top left, top right, bottom right, bottom left of the code itself.
    """

    content: MaskedBytes | None
    version: int | None
    plain: bool
    corners: Corners

    @property
    def side(self) -> float:
        """Its mean side in pixels."""
        return sum(math.dist(one, two) for one, two in self.edges()) / len(self.corners)

    @property
    def centre(self) -> Corner:
        """The mean of its corners."""
        return sum(x for x, _ in self.corners) / 4, sum(y for _, y in self.corners) / 4

    def edges(self) -> Iterator[tuple[Corner, Corner]]:
        """Its four sides, each as two corners."""
        return zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True)

    @property
    def squarish(self) -> bool:
        """Whether its sides are about as long as one another: three patterns of other things make no square."""
        sides = [math.dist(one, two) for one, two in self.edges()]
        return min(sides) >= _SHORTEST_SIDE and max(sides) <= _MOST_OBLONG * min(sides)

    def same_place(self, other: FoundCode) -> bool:
        """Whether both are the same piece of the picture, found twice: one of the two centres lies in the other's box."""
        return self._holds(other.centre) or other._holds(self.centre)

    def _holds(self, corner: Corner) -> bool:
        across, down = zip(*self.corners, strict=True)
        return min(across) <= corner[0] <= max(across) and min(down) <= corner[1] <= max(down)

    def __repr__(self) -> str:
        return "FoundCode()"


def find_codes(grey: PillowImage, *, inverted: bool = False, every_kind: bool = False) -> list[FoundCode]:
    """The codes of one picture, by both ways of telling dark from light; those that cannot be decoded too.

    Args:
        grey: the picture, mode ``L``.
        inverted: look for light codes on a dark ground too.
        every_kind: any bar code that zxing-cpp knows, and not the QR codes alone.

    Raises:
        PictureError: the picture was made to be looked through without end: time grows with the square of the patterns in it.
        MissingExtra: zxing-cpp is not installed.
    """
    zxing = _zxing()
    found: list[FoundCode] = []
    for binarizer in (zxing.Binarizer.LocalAverage, zxing.Binarizer.GlobalHistogram):
        began = thread_time()
        read = zxing.read_barcodes(
            grey,
            formats=zxing.BarcodeFormat.AllReadable if every_kind else zxing.BarcodeFormat.QRCode,
            binarizer=binarizer,
            try_invert=inverted,
            return_errors=not every_kind,
        )
        if thread_time() - began > _LONGEST_LOOK:
            raise PictureError(_FULL, _ONE_CARD)
        every = (_found(zxing, one) for one in read)
        found = joined(found, (one for one in every if one.content is not None or one.squarish))
    return found


def joined(known: Iterable[FoundCode], more: Iterable[FoundCode]) -> list[FoundCode]:
    """Both, each place once; where one of two was decoded, that one. Two that were decoded differently both stay."""
    result = list(known)
    for one in more:
        twins = [other for other in result if other.same_place(one)]
        if any(other.content is not None and one.content in (None, other.content) for other in twins):
            continue
        if one.content is None and twins:
            continue
        result = [other for other in result if other not in twins or other.content is not None]
        result.append(one)
    return result


def search_harder(grey: PillowImage, seen: Iterable[FoundCode]) -> Iterator[list[FoundCode]]:
    """What further tries find, one after the other, in the pixels of ``grey``: a fixed number of them, so time is bounded.

    What was seen and could not be decoded is turned and stretched into a square; the whole is made larger or smaller, and
    its contrast is raised.
    """
    from PIL import ImageFilter, ImageOps

    for one in list(seen)[:4]:
        if one.content is None:
            yield _rectified(grey, one)
    if grey.width * grey.height <= _SMALL_PIXELS:
        yield _scaled(grey, 2)
    if grey.width * grey.height >= _LARGE_PIXELS:
        yield _scaled(grey, 0.5)
        yield _scaled(grey, 0.33)
    for changed in (ImageOps.autocontrast(grey, cutoff=2), grey.filter(ImageFilter.UnsharpMask(4, 200, 2))):
        yield find_codes(changed)
    yield find_codes(grey.filter(ImageFilter.MedianFilter(3)))


def _zxing() -> Any:
    try:
        import zxingcpp
    except ImportError:
        raise MissingExtra("zxing-cpp", "qr") from None
    return zxingcpp


def _found(zxing: Any, barcode: Any) -> FoundCode:
    kinds = (zxing.BarcodeFormat.QRCode, zxing.BarcodeFormat.QRCodeModel2)
    at, version = barcode.position, str((barcode.extra or {}).get("Version", ""))
    return FoundCode(
        content=MaskedBytes(barcode.bytes) if barcode.valid else None,
        version=int(version) if barcode.valid and version.isdigit() else None,
        plain=barcode.format in kinds,
        corners=(
            (at.top_left.x, at.top_left.y),
            (at.top_right.x, at.top_right.y),
            (at.bottom_right.x, at.bottom_right.y),
            (at.bottom_left.x, at.bottom_left.y),
        ),
    )


def _moved(code: FoundCode, scale: float) -> FoundCode:
    first, second, third, fourth = ((x / scale, y / scale) for x, y in code.corners)
    return FoundCode(code.content, code.version, code.plain, (first, second, third, fourth))


def _scaled(grey: PillowImage, scale: float) -> list[FoundCode]:
    from PIL import Image as Pillow

    size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
    return [_moved(one, scale) for one in find_codes(grey.resize(size, Pillow.Resampling.BICUBIC))]


def _rectified(grey: PillowImage, code: FoundCode) -> list[FoundCode]:
    """What stands between four corners, as a square with its quiet zone around it; what is decoded has these corners."""
    from PIL import Image as Pillow

    side = (MODULES + 2 * _QUIET) * _RECTIFIED_MODULE
    (cx, cy), grow = code.centre, (MODULES + 2 * _QUIET) / MODULES
    quad = [cx + (x - cx) * grow if axis == 0 else cy + (y - cy) * grow for x, y in _down(code) for axis in (0, 1)]
    square = grey.transform((side, side), Pillow.Transform.QUAD, quad, Pillow.Resampling.BICUBIC, fillcolor=255)
    return [FoundCode(one.content, one.version, one.plain, code.corners) for one in find_codes(square)]


def _down(code: FoundCode) -> tuple[Corner, Corner, Corner, Corner]:
    """The corners in the order of Pillow: top left, bottom left, bottom right, top right."""
    top_left, top_right, bottom_right, bottom_left = code.corners
    return top_left, bottom_left, bottom_right, top_right
