"""How near two texts are, character by character."""

from __future__ import annotations

from mnverify.printed.text.verdict import DIFFERENT, Agreement
from mnverify.printed.variants import Likeness, characters, likeness

LONGEST = 256  # characters; beyond that texts are only compared as they stand


def compare_texts(one: str, other: str, *, read: bool = False) -> Agreement:
    """How near two texts are that are in plain form, without spaces.

    Args:
        one: a text.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    found = likeness_of(one, other, read=read)
    if found is not Likeness.DIFFERENT:
        return Agreement(found)
    first, second = characters(one), characters(other)
    if len(first) == len(second) or max(len(first), len(second)) > LONGEST:
        return DIFFERENT
    shorter, longer = sorted((first, second), key=len)
    return Agreement(Likeness.DIFFERENT, lengths_differ=bool(shorter) and _contained(shorter, longer, read))


def likeness_of(one: str, other: str, *, read: bool = False) -> Likeness:
    """How near two texts are, and no more: that of the worst character, ``DIFFERENT`` where one has more of them.

    Args:
        one: a text.
        other: another.
        read: a machine read at least one of them in a picture.
    """
    if one == other:
        return Likeness.SAME
    first, second = characters(one), characters(other)
    if len(first) != len(second):
        return Likeness.DIFFERENT
    worst = Likeness.SAME
    for a, b in zip(first, second, strict=True):
        worst = max(worst, likeness(a, b, read=read))
        if worst is Likeness.DIFFERENT:
            break
    return worst


def _contained(shorter: list[str], longer: list[str], read: bool) -> bool:
    """Whether the shorter has nothing but characters of the longer, in their order."""
    rest = iter(longer)
    return all(any(likeness(one, other, read=read) < Likeness.DIFFERENT for other in rest) for one in shorter)
