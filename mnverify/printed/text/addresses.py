"""Addresses: the same place written in other ways, and never another place.

An address is taken apart into words and numbers. Numbers are compared as numbers in their order, so that ``1-2-1`` and ``1-21``
stay apart; 丁目, 番地, 番 and 号 have to agree where both sides write them. Words are compared character by character, and what is
part of a place's name is left as it stands.
"""

from __future__ import annotations

import re
from itertools import product
from typing import NamedTuple

from mnverify.masked import MaskedText
from mnverify.printed.text.align import compare_texts
from mnverify.printed.text.forms import plain, without_spaces
from mnverify.printed.text.numerals import with_arabic_numbers
from mnverify.printed.text.verdict import DIFFERENT, PART_MISSING, SAME, Agreement
from mnverify.printed.variants import Likeness

_POSTCODE = re.compile(r"^〒 ?\d{3}-?\d{4} ?")
_NUMBER = re.compile(
    r"(?P<number>[0-9]+)(?P<label>丁目|番地(?!割)|番(?![町丁街館堀組地])|号室|号(?![棟館線])|室)?"
    r"(?:-(?=[0-9A-Z])|[のノ之](?=[0-9])| )?"
)
_SAME_LABELS = ({"番", "番地"}, {"号", "号室", "室"})
_KANJI = "\u3400-\u9fff\U00020000-\U0003ffff々"
_GA = re.compile(f"(?<=[{_KANJI}])[ヶケがガヵカ箇](?=[{_KANJI}])")
_NO = re.compile(f"(?<=[{_KANJI}])[のノ](?=[{_KANJI}])")
_TSU = re.compile(f"(?<=[{_KANJI}])[ッツっつ](?=[{_KANJI}])")
_AZA = re.compile(f"(?<=[{_KANJI}0-9])(?<![文十])字(?=[{_KANJI}])")
_GREATER = re.compile(r"(?:都|道|府|県|市|郡)$")
_FULL_NUMBER = 3  # 丁目, 番, 号: what comes after these belongs to a building


class Number(NamedTuple):
    """A number in an address, with 丁目, 番, 号 or nothing behind it."""

    digits: str
    label: str


Piece = Number | str


def compare_addresses(one: str, other: str, *, read: bool = False) -> Agreement:
    """How near two addresses are.

    Args:
        one: an address.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    one, other = MaskedText(one), MaskedText(other)
    found = _compare_pieces(pieces(one), pieces(other), read)
    if found.likeness < Likeness.DIFFERENT:
        return found
    if _otherwise_read(one, other, read):
        return Agreement(Likeness.DOUBTFUL)
    flat = compare_texts(_flat(pieces(one)), _flat(pieces(other)), read=read)
    if flat.likeness < Likeness.DIFFERENT and not _labels_differ(pieces(one), pieces(other)):
        return Agreement(Likeness.DOUBTFUL)
    return found if found.part_missing else Agreement(Likeness.DIFFERENT, lengths_differ=flat.lengths_differ)


def _otherwise_read(one: str, other: str, read: bool) -> bool:
    """Whether they agree where a number in kanji may begin in the middle of a word, or a machine dropped the spaces."""
    texts = [(one, other)]
    if read:
        texts.append((without_spaces(plain(one)), without_spaces(plain(other))))
    return any(
        _compare_pieces(first, second, read).likeness <= Likeness.VARIANT
        for a, b in texts
        for first, second in product(_readings(a), _readings(b))
    )


def _readings(text: str) -> list[list[Piece]]:
    """Each way to take the numbers in kanji, once: most texts have but one."""
    found: list[list[Piece]] = []
    for shortest, mistaken in product((False, True), repeat=2):
        reading = pieces(text, shortest=shortest, mistaken=mistaken)
        if reading not in found:
            found.append(reading)
    return found


def pieces(text: str, *, shortest: bool = False, mistaken: bool = False) -> list[Piece]:
    """The words and numbers of an address, in order.

    Args:
        text: an address.
        shortest: how numbers in kanji are taken (``with_arabic_numbers``).
        mistaken: likewise.
    """
    rest = with_arabic_numbers(_POSTCODE.sub("", plain(text).upper()), shortest=shortest, mistaken=mistaken)
    found: list[Piece] = []
    at = 0
    for match in _NUMBER.finditer(rest):
        _add_words(found, rest[at : match.start()])
        found.append(Number(match["number"], match["label"] or ""))
        at = match.end()
    _add_words(found, rest[at:])
    return found


def _add_words(found: list[Piece], text: str) -> None:
    words = without_spaces(text)
    words = re.sub(r"(?<=[A-Z])-$", "", words)  # A-101 and A101
    words = re.sub(r"^-(?=[A-Z])", "", words)
    if words:
        found.append(words)


def _compare_pieces(first: list[Piece], second: list[Piece], read: bool) -> Agreement:
    worst = Likeness.SAME
    missing = False
    for n, (one, other) in enumerate(zip(first, second, strict=False)):
        found = _compare_piece(one, other, read)
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


def _compare_piece(one: Piece, other: Piece, read: bool) -> Likeness:
    if isinstance(one, Number) and isinstance(other, Number):
        return Likeness.SAME if one.digits == other.digits and _agree(one.label, other.label) else Likeness.DIFFERENT
    if isinstance(one, Number) or isinstance(other, Number):
        return Likeness.DIFFERENT
    return _compare_words(one, other, read)


def _compare_words(one: str, other: str, read: bool) -> Likeness:
    as_it_stands = compare_texts(one, other, read=read).likeness
    if as_it_stands <= Likeness.VARIANT:
        return as_it_stands
    folded = compare_texts(_folded(one), _folded(other), read=read).likeness
    if folded <= Likeness.DOUBTFUL:
        return min(as_it_stands, max(folded, Likeness.VARIANT))
    bare = compare_texts(_AZA.sub("", _folded(one)), _AZA.sub("", _folded(other)), read=read).likeness
    return min(as_it_stands, max(bare, Likeness.DOUBTFUL))


def _folded(words: str) -> str:
    """Words with the kana that join the parts of a place's name in one form, and 大字 and dots left out."""
    text = _TSU.sub("ツ", _NO.sub("の", _GA.sub("ケ", words)))
    return text.replace("大字", "").replace("・", "")


def _agree(one: str, other: str) -> bool:
    return one == other or not one or not other or any(one in group and other in group for group in _SAME_LABELS)


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
    return len(shorter) > 1 and longer.startswith(shorter)


def _may_be_left_out(first: list[Piece], second: list[Piece], read: bool) -> bool:
    """Whether what the longer one has more is a building, and what both have is a place with its number."""
    shorter, longer = sorted((first, second), key=len)
    rest = longer[len(shorter) :]
    numbers = [piece for piece in shorter if isinstance(piece, Number)]
    if not numbers or not isinstance(shorter[-1], Number):
        return bool(shorter) and read
    return read or isinstance(rest[0], str) or len(numbers) >= _FULL_NUMBER or shorter[-1].label == "号"


def _flat(found: list[Piece]) -> str:
    """All in one, each number parted from the next."""
    parts: list[str] = []
    for n, piece in enumerate(found):
        if isinstance(piece, Number) and n and isinstance(found[n - 1], Number):
            parts.append("-")
        parts.append(piece.digits if isinstance(piece, Number) else piece)
    return "".join(parts)
