"""Latin letters that others spell with two: Æ and AE, ß and SS, Ø and OE. Passports do, and people whose keyboard has none."""

from __future__ import annotations

from mnverify.printed.text.align import LONGEST
from mnverify.printed.variants import Likeness, characters, likeness

_SPELLED = {"Æ": "AE", "Œ": "OE", "ẞ": "SS", "Þ": "TH", "Ø": "OE", "Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA"}


def alike_spelled_out(one: str, other: str, *, read: bool = False) -> bool:
    """Whether two names differ by nothing that a person could be held to, where such a letter may stand for two.

    Args:
        one: a name in plain form and capitals, its words joined.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    if _SPELLED.keys().isdisjoint(one + other) or max(len(one), len(other)) > LONGEST:
        return False
    first, second = characters(one), characters(other)
    reached: list[set[int]] = [set() for _ in range(len(first) + 2)]
    reached[0].add(0)
    for at, letter in enumerate(first):  # what of the second may be used up where so much of the first is
        for to in reached[at]:
            if to >= len(second):
                continue
            if likeness(letter, second[to], read=read) < Likeness.DIFFERENT:
                reached[at + 1].add(to + 1)
            if _SPELLED.get(letter) == "".join(second[to : to + 2]):
                reached[at + 1].add(to + 2)
            if _SPELLED.get(second[to]) == "".join(first[at : at + 2]):
                reached[at + 2].add(to + 1)
    return len(second) in reached[len(first)]
