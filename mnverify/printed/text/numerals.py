"""Numbers in kanji, where they are numbers of a house: ``一丁目二番三号``. In the name of a place (六本木, 三番町) they stay.

A numeral that touches an Arabic digit is no number: in ``1-2一3`` the sign may be a dash, and ``1-2-13`` is another house.
"""

from __future__ import annotations

import re

_DIGITS = "〇一二三四五六七八九"
_SIGNS = f"{_DIGITS}十百千万"
_LAST = frozenset(_DIGITS[1:] + "十")
_RUN = re.compile(f"[{_SIGNS}]+")
_LABEL = r"丁目|番地|番(?![町丁街館堀地])|号(?![泉])|条|線|地割|階|室|棟"
_POSITIONAL = re.compile(f"[{_DIGITS}]+")
_THOUSANDS = f"(?:[{_DIGITS[1:]}]?千)?(?:[{_DIGITS[1:]}]?百)?(?:[{_DIGITS[1:]}]?十)?[{_DIGITS[1:]}]?"
_GROUPED = re.compile(f"(?:({_THOUSANDS})万)?({_THOUSANDS})")
_KANJI = "\u3400-\u9fff\U00020000-\U0003ffff々"
_KANA = "ぁ-ゖァ-ヺ"
_SIGN = "[-のノ之]"

_BEFORE_LABEL = re.compile(_LABEL)
_MOST_DIGITS = {"丁目": 3}  # 八千二丁目 is 八千 and 2丁目: more is the end of a place's name
_MOST = 5
_BEFORE_NUMBER = re.compile(f"{_SIGN}(?:[0-9]|[{_SIGNS}]+(?:$|{_SIGN}| |{_LABEL}))")
_AFTER_NUMBER = re.compile("[0-9目地番号][-のノ之 ]$|[目地番号]$")
_NUMBER_ENDS = frozenset("0123456789目地番号")
_ENDS = re.compile(f"$|{_SIGN}[0-9{_SIGNS}]|[^{_KANJI}{_KANA}0-9]")
_MAY_END = re.compile(f"$|{_SIGN}|第|[^{_KANJI}0-9]")
_LOOKS_LIKE = {"-": "一", "ニ": "二", "ハ": "八", "ミ": "三"}
_MISTAKEN = re.compile(f"[-ニハミ](?=[{_SIGNS}]|{_LABEL})|(?<=[{_SIGNS}])[ニハミ]")
_KEPT = re.compile(f"[0-9 {_SIGNS}]+")
_NOUGHT = re.compile("(?<=[0-9])[〇○◯]+|[〇○◯]+(?=[0-9])")


def with_arabic_numbers(text: str, *, shortest: bool = False, mistaken: bool = False, loose: bool = False) -> str:
    """An address in plain form with its house numbers in Arabic digits.

    Args:
        text: the address.
        shortest: take only the last sign before 丁目 or 番 for the number: of 八千二丁目, ``八千`` and 2, and not 8002.
        mistaken: take kana that look like a numeral for one beside another, or before 丁目 or 番 (ー丁目, 一万ニ千番地).
        loose: take every numeral for a number that no other kanji follows (``1番2三``, ``三ハイツ``), however many digits it has,
            and 〇 beside a digit for a nought.
    """
    if mistaken:
        text = _MISTAKEN.sub(lambda match: _LOOKS_LIKE[match[0]], text)
    if loose:
        text = _NOUGHT.sub(lambda match: "0" * len(match[0]), text)
    written: list[str] = []
    tail = ""  # the last two signs that were written
    at = 0
    for match in _RUN.finditer(text):
        tail = (tail + text[at : match.start()])[-2:]
        new = _written(tail, match, shortest, loose)
        written += text[at : match.start()], new
        tail = (tail + new)[-2:]
        at = match.end()
    return "".join((*written, text[at:]))


def kept_numerals(text: str) -> list[str]:
    """The numerals in kanji that are left in an address, with the digits and spaces beside them: 21 or 2 and 1 is all the same to
    one who drops spaces, and nobody knows where a number begins in ``1一 2`` or ``三1``.

    Args:
        text: what ``with_arabic_numbers`` gave.
    """
    return [found.strip() for found in _KEPT.findall(text) if not found.isascii()]


def number(kanji: str) -> str | None:
    """The number in digits; ``None`` where the signs are not set as a number is."""
    if _POSITIONAL.fullmatch(kanji):
        return "".join(str(_DIGITS.index(sign)) for sign in kanji)
    match = _GROUPED.fullmatch(kanji)
    if match is None or match[1] == "":  # 万 with nothing before it
        return None
    return str(_value(match[1] or "") * 10000 + _value(match[2]))


def _written(tail: str, run: re.Match[str], shortest: bool, loose: bool) -> str:
    """What to write for numerals: digits, where they stand for the number of a house."""
    text, end, signs = run.string, run.end(), run[0]
    touches = _is_digit(tail[-1:])
    if _is_digit(text[end : end + 1]):
        return signs
    label = _BEFORE_LABEL.match(text, end)
    if label:
        if shortest and len(signs) > 1:
            return signs[:-1] + (number(signs[-1]) or "") if signs[-1] in _LAST else signs
        found = None if touches else number(signs)
        too_long = not loose and len(found or "") > _MOST_DIGITS.get(label[0], _MOST)
        return signs if found is None or too_long else found
    if loose and _MAY_END.match(text, end):
        return _after(tail[-1:], signs)
    if _AFTER_NUMBER.search(tail) and _ENDS.match(text, end):
        return _after(tail[-1:], signs)
    return number(signs) or signs if not touches and _BEFORE_NUMBER.match(text, end) else signs


def _after(sign: str, signs: str) -> str:
    found = number(signs)
    if found is None:
        return signs
    return (
        found if sign in "-のノ之 " else f" {found}"
    )  # so that 5番地 and 三 do not become 5番地3 of one run of digits


def _is_digit(sign: str) -> bool:
    return "0" <= sign <= "9" if sign else False


def _value(kanji: str) -> int:
    total = current = 0
    for sign in kanji:
        if sign in _DIGITS:
            current = _DIGITS.index(sign)
        else:
            total += (current or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            current = 0
    return total + current
