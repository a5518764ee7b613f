"""Several readings of one card vote: what two of them agree on stands, what one alone says is doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from mnverify.printed.data import PrintedData
from mnverify.printed.fields import SURE, Reading
from mnverify.printed.forms import fold
from mnverify.printed.scanning import NUMBER_B_FIELDS, Scan
from mnverify.text import Text
from mnverify.values import Role

_ALONE = 0.5
"""Confidence at most of what no other frame says."""
_FRAMES_DIFFER = Text("Several frames do not agree on a field.", "複数の画像で読み取り結果が一致しない項目があります。")


def vote(scans: Sequence[Scan], agreeing: int) -> Scan:
    """One scan of several: the one that agrees most with the others, with the confidence that all of them give it.

    Args:
        scans: one at least, of one card.
        agreeing: how many have to say the same of a field.
    """
    votes = {name: Counter(_said(one, name) for one in scans if _said(one, name)) for name in _names(scans)}
    best = max(scans, key=lambda one: (sum(votes[name][_said(one, name)] for name in votes), len(one.sure)))
    agreed = {
        name: counts[_said(best, name)] >= agreeing and _leads(counts, _said(best, name))
        for name, counts in votes.items()
    }
    confidence = {
        name: _confidence(scans, best, name) if agreed.get(name) else min(value, _ALONE)
        for name, value in best.printed.confidence.items()
    }
    differ = len(scans) > 1 and not all(agreed[name] for name in best.printed.fields())
    doubts = (*best.printed.doubts, *([_FRAMES_DIFFER] if differ else []))
    sure = {name for name in NUMBER_B_FIELDS if confidence.get(name, 0.0) >= SURE}
    return replace(best, printed=_with(best.printed, confidence, doubts), sure=frozenset(sure))


def _names(scans: Sequence[Scan]) -> list[str]:
    return list(dict.fromkeys(name for one in scans for name in one.printed.fields()))


def _said(one: Scan, name: str) -> str:
    """What a scan says of a field, without what engines write now so, now so: widths and blanks."""
    found: list[Reading] = one.readings.get(name, [])
    return "".join(fold("\n".join(reading.text for reading in found)).split(" "))


def _leads(counts: Counter[str], said: str) -> bool:
    """Whether no other answer has as many votes."""
    return all(counts[other] < counts[said] for other in counts if other != said)


def _confidence(scans: Sequence[Scan], best: Scan, name: str) -> float:
    said = _said(best, name)
    return max(one.printed.confidence.get(name, 0.0) for one in scans if _said(one, name) == said)


def _with(printed: PrintedData, confidence: dict[str, float], doubts: tuple[Text, ...]) -> PrintedData:
    texts = {name: getattr(printed, name) for name in printed.fields() if name != "additional_entry"}
    return PrintedData(
        texts,
        additional_entry=printed.additional_entry,
        sources=printed.sources,
        confidence=confidence,
        places=printed.places,
        doubts=doubts,
        role=Role.MY_NUMBER_OFFICE if printed.my_number is not None else Role.GENERAL,  # as the scans were
    )
