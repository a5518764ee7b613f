"""A last form of an address, in which nothing is left of what people write or leave out as they like.

Two addresses that agree in it alone are a doubt, and never more.
"""

from __future__ import annotations

import re

_NUMERALS = "〇一二三四五六七八九十百千万"
_KANJI = "\u3400-\u9fff\U00020000-\U0003ffff々"
_NO_NUMERAL = f"(?![{_NUMERALS}])[{_KANJI}]"
_KANA = "ぁ-ゖァ-ヺ"
_ROMAN = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "Ⅵ": "VI", "Ⅶ": "VII", "Ⅷ": "VIII", "Ⅸ": "IX", "Ⅹ": "X"}
_LEGAL = dict(zip("壱壹弌弐貳貮弍参參弎拾", "一一一二二二二三三三十", strict=True))  # 大字
_OTHER_SIGNS = str.maketrans(
    _ROMAN | _LEGAL | {"Ⅺ": "XI", "Ⅻ": "XII", "廿": "二十", "卅": "三十", "〻": "々", "ẞ": "SS"}
)
_STEPS = (
    (re.compile(r"(.)々"), r"\1\1"),
    (re.compile(r"(?<=[0-9])[・'.,、\[\]]+(?=[0-9])"), " "),
    (re.compile(r"[\[\]]"), " "),
    (re.compile(r"[・',、]"), ""),
    (re.compile("(?<=[0-9])F(?![A-Z])"), "階"),
    (re.compile("(?<=[A-Z0-9])号?棟(?=[A-Z0-9])"), "-"),
    (re.compile(f"第(?=[0-9{_NUMERALS}])"), ""),
    (re.compile(f"(?<=[{_KANA}])[-のノ之]+ ?(?=[0-9])|(?<=[{_KANJI}])(?<![{_NUMERALS}])[-のノ之]+ ?(?=[0-9])"), ""),
    (re.compile(f"(?<=[{_KANJI}])[ヶケがガヵカ箇ッツっつのノ之](?={_NO_NUMERAL})"), ""),
)


def loosened(text: str) -> str:
    """The address with 々 written out, numerals of one kind, and marks and joining kana left out where they part no two numbers.

    Args:
        text: an address in plain form and capitals.
    """
    text = text.translate(_OTHER_SIGNS)
    for pattern, new in _STEPS:
        text = pattern.sub(new, text)
    return text
