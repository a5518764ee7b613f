"""The table of variants, loaded when it is first asked, and the likeness of two characters by it.

What JIS unifies is a variant. What the registers' tables name as a variant is a doubt, pair by pair: joined into groups these
tables would make one character of dozens. Our own lists, of other forms and of look-alikes, are doubts too. Whatever is in no table
and on no list is different.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import cache
from importlib.resources import files

from mnverify.printed.variants.characters import base, in_jis_x_0208, is_compatibility, is_kanji, stands_in
from mnverify.printed.variants.look_alikes import ALWAYS, MISREAD
from mnverify.printed.variants.other_forms import OTHER_FORMS

_KANJI_DIGITS = dict(zip("〇一二三四五六七八九零壱弐参", "01234567890123", strict=True))
_SMALL_KANA = dict(
    zip(
        "ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎゕゖ",
        "アイウエオツヤユヨワカケあいうえおつやゆよわかけ",
        strict=True,
    )
)
_MARKS = frozenset("\u3099\u309a")  # dakuten and handakuten
_OVER = 1  # Unicode's combining class of a stroke through a letter


class Likeness(IntEnum):
    """How near two characters, or two texts, are; of a text it is that of its worst character."""

    SAME = 0
    VARIANT = 1
    DOUBTFUL = 2
    DIFFERENT = 3


class Table:
    """Pairs of characters by what ties them."""

    __slots__ = ("_related", "_unified")

    def __init__(self, lines: Iterable[str]) -> None:
        self._unified: dict[str, str] = {}
        self._related: dict[str, set[str]] = {}
        section = ""
        for line in lines:
            if line.startswith("#"):
                continue
            if line.startswith("["):
                section = line.strip("[]")
            elif section == "unified":
                self._join(line)
            else:
                for other in line[1:]:
                    self._related.setdefault(line[0], set()).add(other)
                    self._related.setdefault(other, set()).add(line[0])

    def unified(self, one: str, other: str) -> bool:
        """Whether JIS unifies them. The groups are small (three at most), and joined."""
        return one in self._unified and self._unified[one] == self._unified.get(other)

    def related(self, one: str, other: str) -> bool:
        """Whether a register's table names one as a variant of the other."""
        return other in self._related.get(one, ())

    def neighbours(self, one: str) -> frozenset[str]:
        """Every character that the table ties to this one, or to one that JIS unifies with it."""
        head = self._unified.get(one)
        same = {one, *(other for other, its in self._unified.items() if head is not None and its == head)}
        return frozenset(same.union(*(self._related.get(other, ()) for other in same)) - {one})

    def _join(self, line: str) -> None:
        head = next((self._unified[one] for one in line if one in self._unified), line[0])
        self._unified.update(dict.fromkeys(line, head))


@cache
def table() -> Table:
    """The table of the package."""
    data = files("mnverify.printed.variants").joinpath("data", "variants.txt")
    return Table(data.read_text("utf-8").splitlines())


def likeness(one: str, other: str, *, read: bool = False) -> Likeness:
    """How near two characters are.

    Args:
        one: a character, with its variation selector if it has one, as ``characters`` gives it.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    if one == other:
        return Likeness.SAME
    if stands_in(one) or stands_in(other):
        return Likeness.DOUBTFUL
    first, second = base(one), base(other)
    if not first or not second:  # a selector or a mark that stands behind no character
        return Likeness.DOUBTFUL
    if first == second or _same_behind_forms(first, second) or table().unified(first, second):
        return Likeness.VARIANT
    if table().related(first, second) or _in_one_group(first, second, _TAKEN) or _same_sign(first, second):
        return Likeness.DOUBTFUL
    if read and (_misread(first, second) or unreadable(first) or unreadable(second)):
        return Likeness.DOUBTFUL
    return Likeness.DIFFERENT


def unreadable(character: str) -> bool:
    """Whether a reader cannot be held to this character: a kanji outside JIS X 0208, which readers fold to others."""
    return is_kanji(character) and not in_jis_x_0208(character)


def _same_behind_forms(one: str, other: str) -> bool:
    """One is the compatibility form of the other (互換漢字, radicals), or the same Latin letter with a mark."""
    if is_compatibility(one) or is_compatibility(other):
        return unicodedata.normalize("NFKC", one) == unicodedata.normalize("NFKC", other)
    return _same_letter(one, other) and not any(unicodedata.combining(mark) == _OVER for mark in one + other)


def _same_letter(one: str, other: str) -> bool:
    """The same Latin letter, whatever marks it has."""
    plain_one, plain_other = unicodedata.normalize("NFD", one)[0], unicodedata.normalize("NFD", other)[0]
    return plain_one == plain_other and plain_one.isascii() and plain_one.isalpha()


def _same_sign(one: str, other: str) -> bool:
    """A numeral of both scripts, a kana in its two sizes, or a Latin letter and the same with a stroke through it."""
    if _same_letter(one, other):
        return True
    if _KANJI_DIGITS.get(one, one) == _KANJI_DIGITS.get(other, other):
        return True
    return _SMALL_KANA.get(one, one) == _SMALL_KANA.get(other, other)


def related_kana(character: str) -> frozenset[str]:
    """Kana that differ from this one by size, or by a mark alone."""
    found = {other for pair in _SMALL_KANA.items() if character in pair for other in pair}
    if "\u3041" <= character <= "\u30fa":
        bare = unicodedata.normalize("NFD", character)[0]
        found |= {unicodedata.normalize("NFC", bare + mark) for mark in ("", *sorted(_MARKS))}
    return frozenset(one for one in found if one != character and len(one) == 1)


def _misread(one: str, other: str) -> bool:
    """Confused by machines: the lists, and kana that differ by a mark alone."""
    if _in_one_group(one, other, _MISREAD):
        return True
    first, second = unicodedata.normalize("NFD", one), unicodedata.normalize("NFD", other)
    return first[0] == second[0] and not (set(first[1:]) | set(second[1:])) - _MARKS


def _by_character(groups: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Of each character, all that share a group with it."""
    found: dict[str, set[str]] = {}
    for group in groups:
        for one in group:
            found.setdefault(one, set()).update(group)
    return {one: frozenset(others) for one, others in found.items()}


def _in_one_group(one: str, other: str, groups: Mapping[str, frozenset[str]]) -> bool:
    return other in groups.get(one, ())


_TAKEN = _by_character((*ALWAYS, *OTHER_FORMS))
_MISREAD = _by_character(MISREAD)
