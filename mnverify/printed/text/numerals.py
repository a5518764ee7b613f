"""Numbers in kanji, where they are numbers of a house: ``一丁目二番三号``. In the name of a place (六本木, 三番町) they stay."""

from __future__ import annotations

import re

_DIGITS = "〇一二三四五六七八九"
_RUN = f"[{_DIGITS}十百千万]+"
_LABEL = r"丁目|番地|番(?![町丁街館堀地])|号(?![泉])|条|線|地割|階|室|棟"
_POSITIONAL = re.compile(f"[{_DIGITS}]+")
_THOUSANDS = f"(?:[{_DIGITS[1:]}]?千)?(?:[{_DIGITS[1:]}]?百)?(?:[{_DIGITS[1:]}]?十)?[{_DIGITS[1:]}]?"
_GROUPED = re.compile(f"(?:({_THOUSANDS})万)?({_THOUSANDS})")
_KANJI = "\u3400-\u9fff\U00020000-\U0003ffff"
_SIGN = "[-のノ之]"

_BEFORE_LABEL = re.compile(f"({_RUN})(?={_LABEL})")
_SHORT_BEFORE_LABEL = re.compile(f"([{_DIGITS[1:]}十])(?={_LABEL})")
_LOOKS_LIKE = {"-": "一", "ニ": "二", "ハ": "八", "ミ": "三"}
_SIGNS = f"{_DIGITS}十百千万"
_MISTAKEN = re.compile(f"[-ニハミ](?=[{_SIGNS}]|{_LABEL})|(?<=[{_SIGNS}])[ニハミ]")
_AFTER_NUMBER = re.compile(f"(?<=[0-9目地番号])((?:{_SIGN}| )?)({_RUN})(?=$|{_SIGN}|[^{_KANJI}])")
_BEFORE_NUMBER = re.compile(f"({_RUN})(?={_SIGN}(?:[0-9]|{_RUN}(?:$|{_SIGN}| |{_LABEL})))")


def with_arabic_numbers(text: str, *, shortest: bool = False, mistaken: bool = False) -> str:
    """An address in plain form with its house numbers in Arabic digits.

    Args:
        text: the address.
        shortest: take only the last sign before 丁目 or 番 for the number: of 八千二丁目, ``八千`` and 2, and not 8002.
        mistaken: take kana that look like a numeral for one beside another, or before 丁目 or 番 (ー丁目, 一万ニ千番地).
    """
    before_label = _SHORT_BEFORE_LABEL if shortest else _BEFORE_LABEL
    if mistaken:
        text = _MISTAKEN.sub(lambda match: _LOOKS_LIKE[match[0]], text)
    text = before_label.sub(lambda match: number(match[1]) or match[1], text)
    while True:
        again = _AFTER_NUMBER.sub(lambda match: match[1] + _after(match[1], match[2]), text)
        again = _BEFORE_NUMBER.sub(lambda match: number(match[1]) or match[1], again)
        if again == text:
            return text
        text = again


def number(kanji: str) -> str | None:
    """The number in digits; ``None`` where the signs are not set as a number is."""
    if _POSITIONAL.fullmatch(kanji):
        return "".join(str(_DIGITS.index(sign)) for sign in kanji)
    match = _GROUPED.fullmatch(kanji)
    if match is None:
        return None
    return str(_value(match[1] or "") * 10000 + _value(match[2]) if match[1] else _value(match[2]))


def _after(sign: str, kanji: str) -> str:
    found = number(kanji)
    if found is None:
        return kanji
    return found if sign else f" {found}"  # so that 5番地 and 三 do not become 5番地3 of one run of digits


def _value(kanji: str) -> int:
    total = current = 0
    for sign in kanji:
        if sign in _DIGITS:
            current = _DIGITS.index(sign)
        else:
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            current = 0
    return total + current
