"""From what the camera read to what the visit holds: number B, and pictures of each field for the clerk's eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mnverify.errors import DoubtfulPrint
from mnverify.masked import MaskedBytes, MaskedText, masked
from mnverify.printed import Scan
from mnverify.values import PartialDate
from mnverify.values.dates import Wareki
from samples.nfc_kiosk.typed import ERAS, GREGORIAN, Birth, Print
from samples.nfc_kiosk.visit import Visit

if TYPE_CHECKING:
    from numpy.typing import NDArray

PHOTO_BOX = (0.047, 0.363, 0.290, 0.845)
"""Left, top, right, bottom of the photo on the front, as parts of width and height of the card."""
_FIELDS = ("name", "address", "birth_date", "sex", "expiry", "security_code")


def take_scan(visit: Visit, scan: Scan) -> bool:
    """Take what was read into the visit; whether number B can be made of it."""
    printed = print_of(scan)
    if printed is None:
        return False
    visit.printed, visit.scanned = printed, scan.printed
    visit.pictures["print-photo"] = png_of(_part(scan.card, PHOTO_BOX))
    for name in _FIELDS:
        crop = scan.crop(name)
        if crop is not None and crop.size:
            visit.pictures[f"print-{name}"] = png_of(crop)
    return True


def print_of(scan: Scan) -> Print | None:
    """What number B is made of, where the reading is sure of it; and it makes the same number."""
    from mnverify.printed.dates import read_date

    try:
        number = scan.number_b()
    except DoubtfulPrint:
        return None
    text, code = scan.printed.birth_date, scan.printed.security_code
    found = read_date(text) if text is not None else None
    if text is None or code is None or found is None:
        return None
    six, year = number.birth_and_expiry_year()
    born = found.value
    first = born.earliest if isinstance(born, PartialDate) else born
    era = Wareki.from_date(first)
    gregorian = not any(sign.japanese in text for sign in ERAS.values())
    known = {one: word for word, one in ERAS.items()}
    if not gregorian and era.era not in known:
        return None
    month, day = (born.month, None) if isinstance(born, PartialDate) else (born.month, born.day)
    birth = Birth(GREGORIAN if gregorian else known[era.era], first.year if gregorian else era.year, month, day)
    digits = "".join(one for one in code if one.isdigit())
    printed = Print(birth, year, MaskedText(digits))
    return printed if birth.digits == six and printed.credential == number else None


def _part(card: NDArray[Any], box: tuple[float, float, float, float]) -> NDArray[Any]:
    height, width = card.shape[:2]
    left, top, right, bottom = box
    return card[round(top * height) : round(bottom * height), round(left * width) : round(right * width)]


def png_of(pixels: NDArray[Any]) -> MaskedBytes:
    """A picture for the page."""
    import cv2

    _, png = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    return masked(png.tobytes())
