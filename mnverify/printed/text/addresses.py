"""Addresses: the same place written in other ways, and never another place.

An address is taken apart into words and numbers. Numbers are compared as numbers in their order, so that ``1-2-1`` and ``1-21``
stay apart; 丁目, 番地, 番 and 号 have to agree where both sides write them. Words are compared character by character, and what is
part of a place's name is left as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from itertools import product
from typing import NamedTuple

from mnverify.masked import MaskedText
from mnverify.printed.text.align import LONGEST, compare_texts, likeness_of
from mnverify.printed.text.forms import capitals, plain, without_spaces
from mnverify.printed.text.loosened import loosened
from mnverify.printed.text.numerals import kept_numerals, with_arabic_numbers
from mnverify.printed.text.verdict import DIFFERENT, PART_MISSING, SAME, Agreement
from mnverify.printed.variants import Likeness

_POSTCODE = re.compile(r"^(?:〒 ?\d{3}-?\d{4}|\d{3}-\d{4}(?=[^0-9-])) ?", re.ASCII)
_NUMBER = re.compile(
    r"(?P<number>[0-9]+)(?P<label>丁目|番地(?!割)|番(?![町丁街館堀組地])|号室|号(?![棟館線])|室)?"
    r"(?:-(?=[0-9A-Z])|[のノ之](?=[0-9])| )?"
)
_PLOTS = frozenset({"番", "番地"})
_ROOMS = frozenset({"号室", "室"})
_KANJI = "\u3400-\u9fff\U00020000-\U0003ffff々"
_GA = re.compile(f"(?<=[{_KANJI}])[ヶケがガヵカ箇](?=[{_KANJI}])")
_NO = re.compile(f"(?<=[{_KANJI}])[のノ](?=[{_KANJI}])")
_TSU = re.compile(f"(?<=[{_KANJI}])[ッツっつ](?=[{_KANJI}])")
_AZA = re.compile(f"(?<=[{_KANJI}0-9])(?<![文十])字(?=[{_KANJI}])")
_OAZA = re.compile("(?:^|(?<=[都道府県市区町村郡]))大字")
_DOT = re.compile("・(?![〇一二三四五六七八九十百千万])|(?<![〇一二三四五六七八九十百千万])・")
_ROMAN = re.compile("^[IVXⅠ-Ⅻ]{2}")  # メゾンII is no part of メゾンIII
_GREATER = re.compile(r"(?:都|道|府|県|市|郡)$")
_OF_A_PLACE = re.compile(r"[条線字丁]|地割|通り?$|[都道府県市区町村郡東西南北]$|^.$")
_FULL_NUMBER = 3  # 丁目, 番, 号: what comes after these belongs to a building


class Number(NamedTuple):
    """A number in an address, with 丁目, 番, 号 or nothing behind it."""

    digits: str
    label: str


Piece = Number | str
Words = Callable[[str, str], Likeness]


def compare_addresses(one: str, other: str, *, read: bool = False) -> Agreement:
    """How near two addresses are. Texts longer than any address (``align.LONGEST``) are only compared as they stand.

    Args:
        one: an address.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    first, second = _plain(MaskedText(one)), _plain(MaskedText(other))
    written, other_written = with_arabic_numbers(first), with_arabic_numbers(second)
    pieces_of_first, pieces_of_second = _pieces(written), _pieces(other_written)
    words = cache(partial(_compare_words, read=read))  # of this call alone: many readings hold the same words
    found = _compare_pieces(pieces_of_first, pieces_of_second, words, read)
    if found.likeness <= Likeness.VARIANT and kept_numerals(written) != kept_numerals(other_written):
        return Agreement(Likeness.DOUBTFUL)
    if found.likeness < Likeness.DIFFERENT or max(len(first), len(second)) > LONGEST:
        return found
    if _otherwise_read(first, second, words, read):
        return Agreement(Likeness.DOUBTFUL)
    if _name_left_out(pieces_of_first, pieces_of_second, words, read):
        return PART_MISSING
    flat = compare_texts(_flat(pieces_of_first), _flat(pieces_of_second), read=read)
    if flat.likeness < Likeness.DIFFERENT and not _labels_differ(pieces_of_first, pieces_of_second):
        return Agreement(Likeness.DOUBTFUL)
    again = _compare_pieces(pieces(loosened(first)), pieces(loosened(second)), words, read)
    if again.likeness < Likeness.DIFFERENT:
        return Agreement(Likeness.DOUBTFUL, part_missing=again.part_missing)
    return Agreement(Likeness.DIFFERENT, lengths_differ=flat.lengths_differ)


def _otherwise_read(one: str, other: str, words: Words, read: bool) -> bool:
    """Whether they agree where a number in kanji may begin in the middle of a word, or a machine dropped the spaces."""
    texts = [(one, other)]
    if read and " " in one + other:
        texts.append((without_spaces(one), without_spaces(other)))
    for a, b in texts:
        of_other = [(_digits(reading), reading) for reading in _readings(b)]
        for first in _readings(a):
            digits = _digits(first)
            for of_second, second in of_other:
                if of_second == digits and _compare_pieces(first, second, words, read).likeness < Likeness.DIFFERENT:
                    return True
    return False


def _readings(text: str) -> list[list[Piece]]:
    """Each way to take the numbers in kanji, once: most texts have but one."""
    ways = product((False, True), repeat=3)
    written = dict.fromkeys(
        with_arabic_numbers(text, shortest=shortest, mistaken=mistaken, loose=loose)
        for shortest, mistaken, loose in ways
    )
    return [_pieces(one) for one in written]


def pieces(text: str) -> list[Piece]:
    """The words and numbers of an address, in order.

    Args:
        text: an address in plain form and capitals.
    """
    return _pieces(with_arabic_numbers(text))


def _pieces(text: str) -> list[Piece]:
    found: list[Piece] = []
    at = 0
    for match in _NUMBER.finditer(text):
        if match.start() > at:
            _add_words(found, text[at : match.start()])
        found.append(Number(match["number"], match["label"] or ""))
        at = match.end()
    _add_words(found, text[at:])
    return found


def _plain(text: str) -> str:
    return _POSTCODE.sub("", capitals(plain(text)))


def _digits(found: list[Piece]) -> list[str | None]:
    """The numbers, and ``None`` for words: where these differ no two readings are the same."""
    return [piece.digits if isinstance(piece, Number) else None for piece in found]


def _add_words(found: list[Piece], text: str) -> None:
    words = without_spaces(text)
    if "-" in words:
        words = re.sub(r"^-(?=[A-Z])|(?<=[A-Z])-$", "", words)  # A-101 and A101
    if words:
        found.append(words)


def _compare_pieces(first: list[Piece], second: list[Piece], words: Words, read: bool) -> Agreement:
    worst = Likeness.SAME
    missing = False
    for n, (one, other) in enumerate(zip(first, second, strict=False)):
        found = _compare_piece(one, other, words)
        if found is Likeness.SAME and _may_be_a_room(first, second, n):
            found = Likeness.DOUBTFUL
        if n == 0 and found is Likeness.DIFFERENT and _part_of(one, other):
            missing = True
            continue
        if found is Likeness.DIFFERENT and _one_ends(first, second, n) and _begins(one, other):
            return PART_MISSING
        worst = max(worst, found)
        if worst is Likeness.DIFFERENT:
            return DIFFERENT
    if len(first) != len(second):
        missing = True
        if not _may_be_left_out(first, second, read):
            return DIFFERENT
    return PART_MISSING if missing else SAME if worst is Likeness.SAME else Agreement(worst)


def _compare_piece(one: Piece, other: Piece, words: Words) -> Likeness:
    if isinstance(one, Number) and isinstance(other, Number):
        return Likeness.SAME if one.digits == other.digits and _agree(one.label, other.label) else Likeness.DIFFERENT
    if isinstance(one, Number) or isinstance(other, Number):
        return Likeness.DIFFERENT
    return words(one, other)


def _compare_words(one: str, other: str, read: bool) -> Likeness:
    as_it_stands = likeness_of(one, other, read=read)
    if as_it_stands <= Likeness.VARIANT:
        return as_it_stands
    one, other = _folded(one), _folded(other)
    folded = likeness_of(one, other, read=read)
    if folded <= Likeness.DOUBTFUL:
        return min(as_it_stands, max(folded, Likeness.VARIANT))
    bare = likeness_of(_AZA.sub("", one), _AZA.sub("", other), read=read)
    return min(as_it_stands, max(bare, Likeness.DOUBTFUL))


def _folded(words: str) -> str:
    """Words with the kana that join the parts of a place's name in one form, and 大字 and dots left out."""
    text = _TSU.sub("ツ", _NO.sub("の", _GA.sub("ケ", words)))
    return _DOT.sub("", _OAZA.sub("", text))


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other or any({one, other} <= group for group in (_PLOTS, _ROOMS | {"号"}))


def _may_be_a_room(first: list[Piece], second: list[Piece], at: int) -> bool:
    """Whether one side has the number of a room where the other has that of a house: ``1番2号室`` and ``1番2号``."""
    labels = [piece.label for piece in (first[at], second[at]) if isinstance(piece, Number)]
    return sum(label in _ROOMS for label in labels) == 1 and not _house_is_before(first, second, at)


def _house_is_before(first: list[Piece], second: list[Piece], at: int) -> bool:
    """Whether the house has its number already: 番 and one more, three numbers, or the name of a building behind a number."""
    numbers = 0
    for n, (one, other) in enumerate(zip(first[:at], second[:at], strict=True)):
        if isinstance(one, Number) and isinstance(other, Number):
            numbers += 1
            before = () if n == 0 else (first[n - 1], second[n - 1])
            if numbers >= _FULL_NUMBER or any(isinstance(piece, Number) and piece.label in _PLOTS for piece in before):
                return True
        elif n > 0 and min(len(one), len(other)) > 1:
            return True
    return False


def _labels_differ(first: list[Piece], second: list[Piece]) -> bool:
    one = [piece for piece in first if isinstance(piece, Number)]
    other = [piece for piece in second if isinstance(piece, Number)]
    return any(not _agree(a.label, b.label) for a, b in zip(one, other, strict=False))


def _part_of(one: Piece, other: Piece) -> bool:
    """Whether one begins with a prefecture or city that the other leaves out."""
    if isinstance(one, Number) or isinstance(other, Number) or one == other:
        return False
    shorter, longer = sorted((_folded(one), _folded(other)), key=len)
    return longer.endswith(shorter) and _GREATER.search(longer[: -len(shorter)]) is not None


def _one_ends(first: list[Piece], second: list[Piece], at: int) -> bool:
    return at > 1 and (at == len(first) - 1 or at == len(second) - 1)


def _begins(one: Piece, other: Piece) -> bool:
    """Whether a building's name is given in part: ``グランドパレス`` of ``グランドパレスみはらし台``."""
    if isinstance(one, Number) or isinstance(other, Number):
        return False
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) > 1 and longer.startswith(shorter) and not _ROMAN.search(longer[len(shorter) - 1 :])


def _may_be_left_out(first: list[Piece], second: list[Piece], read: bool) -> bool:
    """Whether what the longer one has more is a building, and what both have is a place with its number."""
    shorter, longer = sorted((first, second), key=len)
    rest = longer[len(shorter) :]
    numbers = [piece for piece in shorter if isinstance(piece, Number)]
    if not numbers:
        return bool(shorter) and read
    if isinstance(shorter[-1], str):
        return read or len(shorter[-1]) > 1 or shorter[-1].isascii()
    return read or isinstance(rest[0], str) or len(numbers) >= _FULL_NUMBER or shorter[-1].label == "号"


def _name_left_out(first: list[Piece], second: list[Piece], words: Words, read: bool) -> bool:
    """Whether only the name of a building is left out, between the number of the house and that of the room.

    ``1-2-3-301`` and ``1-2-3ハイツ301``: every number is there on both sides, in one order.
    """
    shorter, longer = sorted((first, second), key=len)
    bare = [piece for at, piece in enumerate(longer) if not _names_a_building(longer, at)]
    numbers = [[piece for piece in one if isinstance(piece, Number)] for one in (shorter, bare)]
    if len(bare) == len(longer) or len(bare) != len(shorter) or len(numbers[0]) != len(numbers[1]):
        return False
    return _compare_pieces(shorter, bare, words, read).likeness < Likeness.DIFFERENT


def _names_a_building(found: list[Piece], at: int) -> bool:
    """Whether words stand behind the whole number of a house, before another number, and are no part of a place's name."""
    if isinstance(found[at], Number) or at < 2 or at + 1 >= len(found) or not isinstance(found[at + 1], Number):
        return False
    before = [piece for piece in found[:at] if isinstance(piece, Number)]
    house = found[at - 1]
    whole = isinstance(house, Number) and house.label != "丁目" and (len(before) > 1 or house.label in _PLOTS)
    return whole and _OF_A_PLACE.search(str(found[at])) is None


def _flat(found: list[Piece]) -> str:
    """All in one, each number parted from the next."""
    parts: list[str] = []
    for n, piece in enumerate(found):
        if isinstance(piece, Number) and n and isinstance(found[n - 1], Number):
            parts.append("-")
        parts.append(piece.digits if isinstance(piece, Number) else piece)
    return "".join(parts)
