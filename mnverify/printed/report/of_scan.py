"""The pictures of a report, cut out of the card that a scan laid straight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mnverify.errors import MissingExtra
from mnverify.printed.comparison import PHOTO
from mnverify.printed.report.page import ReportPictures

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels
    from mnverify.printed.scanning import Scan

_NEVER_SHOWN = frozenset({"my_number"})
_FRONT_WIDTH = 1012  # pixels: 300 dpi
_DARK = 165
_LEAST, _MOST = 0.12, 0.34  # widths of a photo, of the card's
_ASPECT = 0.8  # width over height of a photo
_PART, _APART = 0.08, 0.15  # of the largest shape's area, and of the card's width: what belongs to it
_EDGE = 0.02  # of the card's width: what may be the desk
_ROOM = 0.04  # around a photo


def pictures_of_scan(scan: Scan) -> ReportPictures:
    """The whole face, the piece of each field, and the photo where it is found; nothing at all unless it is surely a front.

    A report never shows a 個人番号, and a picture of a back does, in digits and as a QR code. See ``Scan.is_surely_a_front``.

    Raises:
        MissingExtra: the extra ``ocr`` is not installed.
    """
    if not scan.is_surely_a_front:
        return ReportPictures()
    crops = {
        name: _png(piece)
        for name in scan.places_on_card
        if name not in _NEVER_SHOWN and (piece := scan.crop(name)) is not None and piece.size
    }
    photo = find_photo(scan.card)
    if photo is not None:
        crops[PHOTO] = _png(photo)
    return ReportPictures(_jpeg(scan.card), crops)


def find_photo(card: Pixels) -> Pixels | None:
    """The photo of a card that lies straight, by the dark shapes of a portrait: hair and shoulders; ``None`` where there are none.

    It only serves to show it beside the chip's: a person compares.
    """
    cv2 = _cv2()
    height, width = card.shape[:2]
    grey = cv2.GaussianBlur(cv2.cvtColor(card, cv2.COLOR_RGB2GRAY), (0, 0), width / 130)
    dark = (grey < _DARK).astype("uint8")
    edge = round(width * _EDGE)
    dark[:edge], dark[-edge:], dark[:, :edge], dark[:, -edge:] = 0, 0, 0, 0
    size = max(3, round(width * 0.012)) | 1
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    _, _, found, _ = cv2.connectedComponentsWithStats(closed)
    box = _portrait([_Box(*(int(value) for value in one)) for one in found[1:]], width)
    if box is None:
        return None
    x, y, across, down, _ = box
    wide = round(across * (1 + _ROOM))
    tall = max(round(wide / _ASPECT), down)
    left, bottom = max(0, x - (wide - across) // 2), min(height, y + down + round(_ROOM * across / 2))
    return card[max(0, bottom - tall) : bottom, left : left + wide]


class _Box(NamedTuple):
    x: int
    y: int
    across: int
    down: int
    area: int

    def joined(self, other: _Box) -> _Box:
        """The box around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.across, other.x + other.across)
        bottom = max(self.y + self.down, other.y + other.down)
        return _Box(x, y, right - x, bottom - y, self.area + other.area)


def _portrait(boxes: list[_Box], width: int) -> _Box | None:
    """The largest shape, with those of its size above and below it."""
    large = sorted((box for box in boxes if box.across <= _MOST * width), key=lambda box: -box.area)
    if not large:
        return None
    whole = large[0]
    for box in large[1:]:
        shared = min(whole.x + whole.across, box.x + box.across) - max(whole.x, box.x)
        apart = max(whole.y, box.y) - min(whole.y + whole.down, box.y + box.down)
        if box.area > _PART * large[0].area and shared > box.across / 2 and apart < _APART * width:
            whole = whole.joined(box)
    return whole if whole.across >= _LEAST * width and whole.down >= whole.across else None


def _png(pixels: Pixels) -> bytes:
    return _encoded(".png", pixels, [])


def _jpeg(card: Pixels) -> bytes:
    cv2 = _cv2()
    scale = min(1.0, _FRONT_WIDTH / card.shape[1])
    small = cv2.resize(card, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else card
    return _encoded(".jpg", small, [int(cv2.IMWRITE_JPEG_QUALITY), 85])


def _encoded(kind: str, pixels: Pixels, how: list[int]) -> bytes:
    cv2 = _cv2()
    _, data = cv2.imencode(kind, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), how)
    return bytes(data)


def _cv2() -> Any:
    try:
        import cv2
    except ImportError:
        raise MissingExtra("opencv-python-headless", "ocr") from None
    return cv2
