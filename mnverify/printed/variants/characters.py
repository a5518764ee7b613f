"""A text as its characters: a base with the selectors and marks that belong to it, and what kind each is."""

from __future__ import annotations

import unicodedata

_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_FIRST_SELECTOR = chr(_SELECTORS[0][0])
_COMPATIBILITY = ((0xF900, 0xFAFF), (0x2F800, 0x2FA1F))
_RADICALS = ((0x2E80, 0x2FDF),)
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x2FA1F),
    (0x30000, 0x3FFFF),
    *_COMPATIBILITY,
    *_RADICALS,
)
_PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0x10FFFD))
_STAND_INS = frozenset("〓■□▯?*●�＿_")
"""What is written for a character that a system or a person has no way to write."""


def characters(text: str) -> list[str]:
    """The characters of a text; a variation selector stays with its base."""
    found: list[str] = []
    for one in text:
        if found and (unicodedata.combining(one) or (one >= _FIRST_SELECTOR and _within(one, _SELECTORS))):
            found[-1] += one
        else:
            found.append(one)
    return found


def base(character: str) -> str:
    """The character without its variation selector."""
    if len(character) == 1 and character < _FIRST_SELECTOR:
        return character
    return "".join(one for one in character if not _within(one, _SELECTORS))


def is_kanji(character: str) -> bool:
    """Whether it is an ideograph, or a radical that looks like one."""
    return _within(character[:1], _IDEOGRAPHS) or character[:1] in ("々", "〆", "〇")


def is_compatibility(character: str) -> bool:
    """Whether Unicode has it for a second form of an ideograph (互換漢字), or as a radical."""
    return _within(character[:1], (*_COMPATIBILITY, *_RADICALS))


def stands_in(character: str) -> bool:
    """Whether it stands for a character that could not be written (外字)."""
    return character[:1] in _STAND_INS or _within(character[:1], _PRIVATE)


def in_jis_x_0208(character: str) -> bool:
    """Whether it is one of the characters of JIS X 0208, or of ASCII: those that every Japanese system has."""
    try:
        return len(character) == 1 and (character.isascii() or len(character.encode("iso2022_jp")) > 1)
    except UnicodeEncodeError:
        return False


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    if not character:
        return False
    code = ord(character[0])
    return any(first <= code <= last for first, last in ranges)
