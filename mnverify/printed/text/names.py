"""Names: 氏名 with 通称 and 旧氏, in kanji, kana or Latin letters."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import NamedTuple

from mnverify.masked import MaskedText
from mnverify.printed.text.align import compare_texts, likeness_of
from mnverify.printed.text.forms import capitals, plain, without_spaces
from mnverify.printed.text.spelled_out import alike_spelled_out
from mnverify.printed.text.verdict import PART_MISSING, SAME, Agreement
from mnverify.printed.variants import Likeness

_ALIAS = re.compile(r"\[?\s*通称名?\s*[:：]?\s*([^\[\]]+)\]?")
_FORMER = re.compile(r"\[\s*(?:旧氏|旧姓)?\s*[:：]?\s*([^\[\]]+)\]|旧氏\s*[:：]?\s*(\S+)")
_LATIN = re.compile(r"[A-Z\u00c0-\u024f\u1e9e][A-Z\u00c0-\u024f\u1e9e',.\- ]*")
_BETWEEN_WORDS = re.compile(r"[ ,.\-]+")
_MARKS = re.compile(r"[・'=.,、]")


class Name(NamedTuple):
    """A name in its parts, each in plain form.

    Attributes:
        main: 氏名.
        alias: 通称, empty where there is none.
        former: 旧氏, empty where there is none.
    """

    main: str
    alias: str
    former: str


def parse_name(text: str) -> Name:
    """The parts of a name: ``李　美玲［通称　松本　美玲］``, ``山田［佐藤］　花子``."""
    rest = capitals(plain(text))
    rest, alias = _taken(_ALIAS, rest)
    rest, former = _taken(_FORMER, rest)
    return Name(" ".join(rest.split()), alias, former)


def compare_names(one: str, other: str, *, read: bool = False) -> Agreement:
    """How near two names are.

    Args:
        one: a name with whatever belongs to it in brackets.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    one, other = MaskedText(one), MaskedText(other)
    first, second = parse_name(one), parse_name(other)
    parts = [_compare(getattr(first, part), getattr(second, part), read) for part in Name._fields]
    main = parts[0]
    if main.likeness is Likeness.DIFFERENT and _an_alias_alone(first, second, read):
        return PART_MISSING
    worst = max(parts, key=lambda part: part.likeness)
    return worst._replace(order_differs=any(part.order_differs for part in parts))


def is_latin(text: str) -> bool:
    """Whether a name in plain form and capitals is written in Latin letters."""
    return _LATIN.fullmatch(text) is not None


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The text without what the pattern finds, and that."""
    match = pattern.search(text)
    if match is None:
        return text, ""
    found = next((group for group in match.groups() if group), "")
    return f"{text[: match.start()]} {text[match.end() :]}", found.strip()


def _compare(one: str, other: str, read: bool) -> Agreement:
    if one == other:
        return SAME
    if not one or not other:
        return PART_MISSING
    if is_latin(one) and is_latin(other):
        return _compare_latin(one, other, read)
    found = compare_texts(without_spaces(one), without_spaces(other), read=read)
    if found.likeness is Likeness.DIFFERENT:
        again = likeness_of(_loosened(one), _loosened(other), read=read)
        return found if again is Likeness.DIFFERENT else Agreement(Likeness.DOUBTFUL)
    return found


def _compare_latin(one: str, other: str, read: bool) -> Agreement:
    first, second = _words(one), _words(other)
    if not _same_but_for_joined(first, second):
        return Agreement(Likeness.DOUBTFUL)
    if without_spaces(one) == without_spaces(other):
        return SAME
    joined = compare_texts("".join(first), "".join(second), read=read)
    if joined.likeness < Likeness.DIFFERENT:
        return Agreement(
            max(joined.likeness, Likeness.VARIANT if one.count("-") != other.count("-") else joined.likeness)
        )
    if len(first) > 1 and sorted(first) == sorted(second):
        return Agreement(Likeness.SAME, order_differs=True)
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) > 1 and _in_order(shorter, longer):
        return PART_MISSING
    if "'" in one + other and "".join(first).replace("'", "") == "".join(second).replace("'", ""):
        return Agreement(Likeness.DOUBTFUL)
    if alike_spelled_out("".join(first), "".join(second), read=read):
        return Agreement(Likeness.DOUBTFUL)
    return joined


def _same_but_for_joined(first: list[str], second: list[str]) -> bool:
    """False for the same letters in words that begin elsewhere: LEE VAN and LE EVAN. Words that are joined are the same: VANAN."""
    if "".join(first) != "".join(second):
        return True
    one, other = ({*accumulate(map(len, words))} for words in (first, second))
    return one <= other or other <= one


def _in_order(shorter: list[str], longer: list[str]) -> bool:
    """Whether the longer has every word of the shorter, in order, initials standing for words; at least two of them whole."""
    rest = iter(longer)
    for word in shorter:
        if not any(_stands_for(word, one) for one in rest):
            return False
    return len(set(shorter) & set(longer)) >= 2


def _stands_for(one: str, other: str) -> bool:
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])


def _words(text: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(text) if word]


def _loosened(text: str) -> str:
    """The text with 々 written out, and without the marks between and in words: ジョン・スミス, ジョン スミス."""
    written: list[str] = []
    for one in _MARKS.sub("", without_spaces(text)).replace("〻", "々"):
        written.append(written[-1] if one == "々" and written else one)
    return "".join(written)


def _an_alias_alone(first: Name, second: Name, read: bool) -> bool:
    """Whether one gives for its name what the other has as 通称."""
    for name, other in ((first, second), (second, first)):
        if other.alias and _compare(name.main, other.alias, read).likeness < Likeness.DIFFERENT:
            return True
    return False
