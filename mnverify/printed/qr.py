"""The QR code on the back of a card: the 個人番号, for who may see it (第3の2(7)エ).

A QR code proves nothing by itself: anybody can print one. It is compared with the chip and with the digits beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnverify.errors import CodeNotFound, CodeRefused, RoleError, UsageError
from mnverify.masked import MaskedText, not_copied
from mnverify.printed.code_size import size_by_outline
from mnverify.printed.codes import Corners, FoundCode, find_codes, search_harder
from mnverify.printed.pictures import Picture, PictureSource, load_picture
from mnverify.text import Text
from mnverify.values import MyNumber, Role

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

QR_VERSION = 1
"""The version of the code on a card: 8.89 mm are 105 dots at 300 dpi, 21 modules of five."""
SIDE_MM = 8.89
"""The side of the code on a card, in millimetres (第3の2(7)エ)."""
TOLERANCE_MM = 0.45
"""By how much a side may differ that was measured by the resolution of a scan, in millimetres."""
OUTLINE_TOLERANCE_MM = 0.8
"""By how much it may differ where it was measured by the outline of the card in a photo: the outline is known to some dots."""
_MM_PER_INCH = 25.4
_LEAST_DPI, _MOST_DPI = 50.0, 5000.0
_SCAN_DPI = 150.0  # what states less is no scan: cameras write 72 or 96
_SCAN_MM = (
    325.0  # the longer side of A4, and a margin: what would be larger than that is a photo with a made-up resolution
)

_NOT_FOR_ROLE = Text(
    "The QR code on the back is the 個人番号, which role general may not collect. The picture was not opened. "
    "To be rid of it, use 'mnverify mask-back'; declare the role my-number-office where the business may have the number.",
    "裏面の QR コードは個人番号です。役割 general では収集できないため、画像は開いていません。"
    "個人番号を消すには mnverify mask-back を使い、個人番号を扱える業務なら役割 my-number-office を宣言してください。",
)
_CLOSER = Text(
    "Take the picture of the back again: closer, flat, without glare, the whole code in it.",
    "裏面を撮り直してください。近くから、真上から、光が反射しないように、コード全体を入れてください。",
)
_LOOK = Text(
    "Look at the card with care, and compare with the digits printed beside the code and with the chip.",
    "カードをよく確かめ、横に印字された数字とチップの内容を見比べてください。",
)
_ONE_CARD = Text(
    "Take a picture of the back of one card, with no other code in it; two codes on one card are not normal.",
    "ほかのコードが写らないように、1枚のカードの裏面だけを撮ってください。1枚のカードに2つのコードがあるのは正常ではありません。",
)
_NONE = Text("No QR code was found in the picture.", "画像に QR コードが見つかりません。")
_UNREADABLE = Text(
    "There is a QR code in the picture, but it cannot be read.", "画像に QR コードがありますが、読み取れません。"
)
_SEVERAL = Text(
    "More than one QR code is in the picture; which one is meant is not guessed.",
    "画像に QR コードが複数あります。どれが正しいかは推測しません。",
)
_OTHER_KIND = Text(
    "The code is of another kind than the one on a card.", "カードの QR コードとは種類の違うコードです。"
)
_OTHER_VERSION = Text(
    "The QR code has version {version}, and a card's has version 1.",
    "QR コードの型番が {version} です。カードのものは型番1です。",
)
_NO_NUMBER = Text(
    "The QR code does not hold a 個人番号: it is not twelve digits.",
    "QR コードの内容が個人番号ではありません（12桁の数字ではありません）。",
)
_CHECK_DIGIT = Text(
    "The QR code holds twelve digits, but their check digit is wrong.",
    "QR コードの12桁の検査用数字が正しくありません。",
)
_WRONG_SIZE = Text(
    "The QR code is {size:.1f} mm wide, and a card's is 8.89 mm.",
    "QR コードの1辺が {size:.1f} mm です。カードのものは 8.89 mm です。",
)
_DPI = Text(
    "dpi is the resolution of a scan, a number from 50 to 5000.", "dpi はスキャンの解像度で、50〜5000の数です。"
)


@not_copied
@dataclass(frozen=True, slots=True)
class CardCode:
    """The QR code of a card, decoded. It does not show the number; neither pickled nor copied.

    Attributes:
        my_number: the 個人番号, masked.
        version: of the QR code: always 1.
        size_mm: its side in millimetres; None where the scale of the picture is not known, so the size was not checked.
        corners: in pixels of the picture as given: top left, top right, bottom right, bottom left of the code.
    """

    my_number: MyNumber
    version: int
    size_mm: float | None
    corners: Corners


def decode_qr(image: PictureSource, role: Role | str, *, dpi: float | None = None) -> CardCode:
    """Decode the QR code on the back of a card, and check that it is as a card's has to be.

    One code and no other in the picture, version 1, twelve digits, a right check digit; and 8.89 mm wide where the scale is
    known: from ``dpi``, from the resolution that a scan states of itself, or (where OpenCV is installed, as with the extra
    ``ocr``) from the outline of the card.

    Args:
        image: bytes of a file, its path, or an array of pixels; from a scanner or a camera, turned any way.
        role: of the business; nothing is opened unless it is ``my-number-office``.
        dpi: dots per inch of a scan, where the file does not state them.

    Raises:
        RoleError: the role may not see the number. The picture was not opened.
        CodeNotFound: no code, or none that can be read.
        CodeRefused: several codes, or one that is not a card's: content, check digit, version or size.
        PictureError: it cannot be decoded; says how to take it better.
        UnreadableFile: the path cannot be opened or read.
        UsageError: ``dpi`` is no resolution.
        MissingExtra: extra ``qr`` is not installed.
    """
    refuse_number(role)
    if dpi is not None and not (isinstance(dpi, int | float) and _LEAST_DPI <= dpi <= _MOST_DPI):
        raise UsageError(_DPI)
    picture = load_picture(image, extra="qr")
    code = _the_code(_grey(picture))
    number = _number(code)
    size, tolerance = _size_mm(code, picture, dpi), TOLERANCE_MM
    if size is None:
        size, tolerance = size_by_outline(picture.pixels, code.corners), OUTLINE_TOLERANCE_MM
    if size is not None and abs(size - SIDE_MM) > tolerance:
        raise CodeRefused(_WRONG_SIZE.fill(size=size), _LOOK)
    first, second, third, fourth = ((x * picture.scale, y * picture.scale) for x, y in code.corners)
    return CardCode(number, QR_VERSION, None if size is None else round(size, 2), (first, second, third, fourth))


def refuse_number(role: Role | str) -> None:
    """Refuse the role that may not see the number.

    Raises:
        RoleError: any role but ``my-number-office``.
    """
    if role != Role.MY_NUMBER_OFFICE:
        raise RoleError(_NOT_FOR_ROLE)


def _grey(picture: Picture) -> PillowImage:
    from PIL import Image as Pillow

    return Pillow.fromarray(picture.pixels).convert("L")


def _the_code(grey: PillowImage) -> FoundCode:
    """The one code of the picture. Whatever looks like a second one counts, read or not."""
    found = find_codes(grey)
    if not any(code.content is not None for code in found):
        tries = search_harder(grey, found)
        found = next((more for more in tries if any(code.content is not None for code in more)), found)
    if not found:
        raise CodeNotFound(_NONE, _CLOSER)
    if len(found) > 1:
        raise CodeRefused(_SEVERAL, _ONE_CARD)
    if found[0].content is None:
        raise CodeNotFound(_UNREADABLE, _CLOSER)
    return found[0]


def _number(code: FoundCode) -> MyNumber:
    if not code.plain:
        raise CodeRefused(_OTHER_KIND, _LOOK)
    if code.version != QR_VERSION:
        raise CodeRefused(_OTHER_VERSION.fill(version=code.version), _LOOK)
    content = code.content or b""
    if len(content) != 12 or not content.isdigit():
        raise CodeRefused(_NO_NUMBER, _LOOK)
    number = _checked(MaskedText(content.decode("ascii")))
    if number is None:
        raise CodeRefused(_CHECK_DIGIT, _LOOK)
    return number


def _checked(digits: MaskedText) -> MyNumber | None:
    try:
        return MyNumber(digits)
    except ValueError:
        return None


def _size_mm(code: FoundCode, picture: Picture, dpi: float | None) -> float | None:
    """The mean side in millimetres, where a scale is known."""
    dots = dpi if dpi is not None else _scan_dpi(picture)
    return None if dots is None else code.side * picture.scale / dots * _MM_PER_INCH


def _scan_dpi(picture: Picture) -> float | None:
    """The resolution that the file states, where it is a scan's: what a camera states is told by the size that it gives."""
    if picture.dpi is None or picture.dpi < _SCAN_DPI:
        return None
    longer = max(picture.width, picture.height) / picture.dpi * _MM_PER_INCH
    return picture.dpi if longer <= _SCAN_MM else None
