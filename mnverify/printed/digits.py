"""Digits in text that an engine read: what may be a 個人番号, however it was spaced, split into boxes, or misread.

It errs on one side: rather a telephone number too many than a 個人番号 too few.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mnverify.masked import MaskedText, not_copied
from mnverify.printed.engine import Quad, TextLine

DIGITS = 12
"""Digits of a 個人番号."""
FEWEST = 10
"""A run of so many digits may be a 個人番号 of which two were not seen."""
_MOST_MISREAD = 0.3  # of a run: letters that stand for digits
_MISREAD_AS = {
    "0": "OoDQ〇○口ロ回",
    "1": "IiLl|!丨丿亅｜",
    "2": "Zz",
    "5": "Ss",
    "6": "Gb",
    "7": "TYy",
    "8": "B",
    "9": "gq",
}
_LOOK_ALIKE = {ord(letter): digit for digit, letters in _MISREAD_AS.items() for letter in letters}
_BETWEEN = re.compile(r"[\s\-‐-―−ー一・.,:;'`´_/~()（）\[\]「」、。]+")
_RUN = re.compile(r"[0-9]+")
_GROUPS = re.compile(r"[0-9]{4}[^0-9]{0,2}[0-9]{4}")
_HALF_LINE = 0.6  # of a line's height
_GAP = 3.0  # line heights between two parts of one number
_SAME_HEIGHT = 1.7
_SAME_ANGLE = 0.2  # radians


@not_copied
@dataclass(frozen=True, slots=True, repr=False, eq=False)
class DigitGroup:
    """Digits that may be a 個人番号. It shows none of them.

    Attributes:
        quads: of the line or the lines that hold them.
        digits: what was read; letters that stand for digits are digits.
    """

    quads: tuple[Quad, ...]
    digits: MaskedText

    @property
    def length(self) -> int:
        """How many digits, misread ones included."""
        return len(self.digits)

    @property
    def whole(self) -> bool:
        """As many as a 個人番号 has."""
        return self.length == DIGITS

    def __repr__(self) -> str:
        return f"DigitGroup({self.length})"


def digit_groups(lines: Iterable[TextLine]) -> list[DigitGroup]:
    """Every group of digits that may be a 個人番号, also where the engine gave it as several lines."""
    known = list(lines)
    found = [DigitGroup((line.quad,), run) for line in known if len(run := _longest(line.text)) >= FEWEST]
    for parts in _chains([line for line in known if _mostly_digits(line.text)]):
        run = MaskedText("".join(_longest(part.text) for part in parts))
        if len(parts) > 1 and len(run) >= FEWEST:
            found.append(DigitGroup(tuple(part.quad for part in parts), run))
    return found


def stacked_lines(lines: Iterable[TextLine]) -> list[TextLine]:
    """The lines of four digits each of which three stand below one another: a 個人番号 on a note, in three lines."""
    known = [line for line in lines if _mostly_digits(line.text) and longest_run(line.text) == DIGITS // 3]
    below = {
        at: [to for to in range(len(known)) if to != at and _stands_below(line, known[to])]
        for at, line in enumerate(known)
    }
    found = {
        at for first in below for second in below[first] for third in below[second] for at in (first, second, third)
    }
    return [known[at] for at in sorted(found)]


def digit_lines(lines: Iterable[TextLine]) -> list[TextLine]:
    """The lines that hold hardly anything but digits of which a 個人番号 may be made, each alone or with those that follow it."""
    known = [line for line in lines if _mostly_digits(line.text)]
    found = [line for line in known if longest_run(line.text) >= FEWEST]
    for parts in _chains(known):
        if sum(longest_run(part.text) for part in parts) >= FEWEST:
            found += [part for part in parts if not any(part is one for one in found)]
    return found


def longest_run(text: str) -> int:
    """The longest run of digits, or of letters that an engine takes digits for; blanks and hyphens between are left out."""
    return len(_longest(text))


def looks_like_a_part(line: TextLine) -> bool:
    """Whether it holds two groups of four digits: a part of a 個人番号 that was not painted out whole."""
    return _GROUPS.search(unicodedata.normalize("NFKC", line.text)) is not None and longest_run(line.text) >= 8


def _longest(text: str) -> MaskedText:
    return max(_runs(MaskedText(text)), key=len, default=MaskedText(""))


def _runs(text: MaskedText) -> list[MaskedText]:
    plain = MaskedText(_BETWEEN.sub("", unicodedata.normalize("NFKC", text)))
    changed = MaskedText(plain.translate(_LOOK_ALIKE))
    runs = []
    for found in _RUN.finditer(changed):
        start, end = found.span()
        while end - start > DIGITS and not _is_digit(plain[start]):  # as the o of No.
            start += 1
        while end - start > DIGITS and not _is_digit(plain[end - 1]):
            end -= 1
        misread = sum(not _is_digit(one) for one in plain[start:end])
        if misread <= _MOST_MISREAD * (end - start):
            runs.append(MaskedText(changed[start:end]))
    return runs


def _is_digit(character: str) -> bool:
    return "0" <= character <= "9"


def _mostly_digits(text: MaskedText) -> bool:
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return longest_run(text) >= max(2, 0.7 * len(plain))


def _chains(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines that follow one another on one base line, each chain once, from its beginning."""
    after = {
        at: [to for to in range(len(lines)) if to != at and _follows(lines[at], lines[to])] for at in range(len(lines))
    }
    followed = {to for ends in after.values() for to in ends}
    chains = []
    for start in (at for at in after if at not in followed):
        chain, seen = [start], {start}
        while ends := [to for to in after[chain[-1]] if to not in seen]:
            chain.append(min(ends, key=lambda to: math.dist(lines[chain[-1]].quad[1], lines[to].quad[0])))
            seen.add(chain[-1])
        chains.append([lines[at] for at in chain])
    return chains


def _follows(one: TextLine, other: TextLine) -> bool:
    """Whether another line goes on where this one ends."""
    along, across = _beginning(other, one, one.quad[1])
    return -_HALF_LINE <= along <= _GAP and abs(across) <= _HALF_LINE


def _stands_below(one: TextLine, other: TextLine) -> bool:
    """Whether another line stands close below this one, and begins where it does."""
    along, across = _beginning(other, one, one.quad[0])
    return abs(along) <= 1 and _HALF_LINE <= across <= _GAP


def _beginning(line: TextLine, of: TextLine, corner: tuple[float, float]) -> tuple[float, float]:
    """Where a line begins, from a corner of another: along it and across it, in its heights.

    Endlessly far where it is of another height or direction.
    """
    (ax, ay), (bx, by) = of.quad[0], of.quad[1]
    length = math.dist(of.quad[0], of.quad[1]) or 1.0
    ux, uy = (bx - ax) / length, (by - ay) / length
    height, its_height = (max(1.0, math.dist(one.quad[0], one.quad[3])) for one in (of, line))
    if max(height, its_height) > _SAME_HEIGHT * min(height, its_height) or abs(_turn(of, line)) > _SAME_ANGLE:
        return math.inf, math.inf
    dx, dy = line.quad[0][0] - corner[0], line.quad[0][1] - corner[1]
    return (dx * ux + dy * uy) / height, (dy * ux - dx * uy) / height


def _turn(one: TextLine, other: TextLine) -> float:
    def angle(line: TextLine) -> float:
        (ax, ay), (bx, by) = line.quad[0], line.quad[1]
        return math.atan2(by - ay, bx - ax)

    return (angle(other) - angle(one) + math.pi) % (2 * math.pi) - math.pi
