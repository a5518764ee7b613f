"""A second look at what 照合番号B is made of: three tries are lost by one wrong digit, so one reading is not enough.

Each of the three fields is cut out of the picture again, at other sizes and with other contrast, and read alone. Where a reading
differs, or gives nothing, the field is doubtful.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mnverify.masked import MaskedText
from mnverify.printed import forms
from mnverify.printed.engine import TextEngine
from mnverify.printed.fields import Face, Reading
from mnverify.printed.straight import StraightCard
from mnverify.text import Text

if TYPE_CHECKING:
    from mnverify.printed.pictures import Pixels

_AGREED = 0.97  # the least that two readings that agree are worth, by the least sure of them
_CONTRADICTED = 0.3
_LEAST_SECOND = 0.5  # confidence of a second reading that counts
_DIFFERENT = Text("A second reading of it was different.", "2回目の読み取りと一致しません。")
_NAMES = {
    "birth_date": Text("Birth date", "生年月日"),
    "expiry": Text("Expiry", "有効期限"),
    "security_code": Text("Security code", "セキュリティコード"),
}


def look_again(face: Face, card: StraightCard, engine: TextEngine) -> Face:
    """The face, with the fields of 照合番号B read again: the confidence is that of the least sure reading."""
    readings, doubts = dict(face.readings), list(face.doubts)
    for name, label in _NAMES.items():
        first = face.one(name)
        if first is None:
            continue
        checked = _checked(first, card, engine)
        readings[name] = [checked]
        if checked.confidence <= _CONTRADICTED < first.confidence:
            doubts.append(Text(f"{label.en}: {_DIFFERENT.en}", f"{label.ja}: {_DIFFERENT.ja}"))
    return replace(face, readings=readings, doubts=tuple(doubts))


def _checked(first: Reading, card: StraightCard, engine: TextEngine) -> Reading:
    line = first.lines[0]
    least = first.confidence
    for look in (_grey, _stark) if first.name == "security_code" else (_grey,):
        height, margin = (72, 0.25) if look is _grey else (52, 0.12)
        text, confidence = engine.read_line(look(card.cut(line, height, margin=margin)))
        if confidence < _LEAST_SECOND or not _says_the_same(first, MaskedText(text)):
            return first.doubted(_CONTRADICTED)
        least = min(least, confidence)
    return replace(first, confidence=least)


def _says_the_same(first: Reading, text: MaskedText) -> bool:
    folded = forms.fold(text)
    if first.name == "security_code":
        return forms.four_digits(folded) == first.text
    dates = forms.find_dates(folded)
    return len(dates) == 1 and dates[0].day == first.day and dates[0].era == first.era and not dates[0].mended


def _grey(pixels: Pixels) -> Pixels:
    """Without colour, with the contrast spread over the whole range."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low, high = np.percentile(grey, (1, 90))
    spread = np.clip((grey - low) * (255 / max(1.0, float(high - low))), 0, 255).astype(np.uint8)
    shown: Pixels = cv2.cvtColor(spread, cv2.COLOR_GRAY2RGB)
    return shown


def _stark(pixels: Pixels) -> Pixels:
    """Red alone, darkened towards black and white: what is printed in pink or blue behind the digits goes away."""
    import cv2
    import numpy as np

    red = cv2.GaussianBlur(pixels.max(axis=2), (0, 0), 0.8)
    level, _ = cv2.threshold(red, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    soft = np.clip((red.astype(np.float32) - level) * 4 + 128, 0, 255).astype(np.uint8)
    shown: Pixels = cv2.cvtColor(soft, cv2.COLOR_GRAY2RGB)
    return shown
