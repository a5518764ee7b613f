"""What else may stand in print where a character was read: its variants, its look-alikes, and what readers fold to it."""

from __future__ import annotations

import unicodedata
from functools import cache

from mnverify.printed import forms
from mnverify.printed.variants.look_alikes import ALWAYS, MISREAD
from mnverify.printed.variants.other_forms import OTHER_FORMS
from mnverify.printed.variants.relation import related_kana, table

_DASHES = "ー－―"
_WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
_SECOND_FORMS = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def candidates(character: str) -> frozenset[str]:
    """Characters that a reader, or a person, may have taken for this one; it is not among them.

    Args:
        character: a single one, as a chip writes it: Latin letters and digits in either width.
    """
    narrow = unicodedata.normalize("NFKC", character) if character in _WIDE.values() else character
    plain = "-" if character in _DASHES else narrow.upper()
    found = {*table().neighbours(character), *related_kana(character), *forms.chinese_forms(character)}
    found |= _second_forms().get(character, frozenset())
    for group in (*ALWAYS, *MISREAD, *OTHER_FORMS):
        if plain in group:
            found |= {*group, *group.lower()}
    if "-" in found:
        found |= {*_DASHES}
    if narrow != character:
        found = {_WIDE.get(one, one) for one in found}
    same = {character, plain, *(_DASHES + "-" if plain == "-" else ""), character.swapcase()}
    return frozenset(one for one in found - same if len(one) == 1)


@cache
def _second_forms() -> dict[str, frozenset[str]]:
    """By character, what Unicode has for second forms of it (互換漢字, radicals)."""
    found: dict[str, set[str]] = {}
    for first, last in _SECOND_FORMS:
        for code in range(first, last + 1):
            form = unicodedata.normalize("NFKC", chr(code))
            if form != chr(code):
                found.setdefault(form, set()).add(chr(code))
                found.setdefault(chr(code), set()).add(form)
    return {character: frozenset(others) for character, others in found.items()}
