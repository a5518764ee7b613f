"""Whether the text of a verified chip stands in the picture of the card, character by character."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from mnverify.masked import MaskedText
from mnverify.printed.glyph.drawing import Typeface, draws, forget, opens
from mnverify.printed.glyph.outcome import TextFit
from mnverify.printed.glyph.placing import Laid, PlacedLine, in_best_faces, mean_score, most_apart, place, tuned
from mnverify.printed.glyph.strips import ink_of
from mnverify.printed.glyph.typefaces import typefaces
from mnverify.printed.text.forms import plain, without_spaces
from mnverify.printed.variants.candidates import candidates
from mnverify.printed.variants.characters import is_compatibility
from mnverify.text import Text
from mnverify.verification import Field, VerificationResult

if TYPE_CHECKING:
    from mnverify.printed.engine import TextLine
    from mnverify.printed.glyph.placing import Ink
    from mnverify.printed.pictures import Pixels
    from mnverify.printed.scanning import Scan

FIELDS = ("name", "address")
FITS_FROM, LEFT_OVER_TO = 0.90, 0.20
"""How well every character has to fit, and how much of its ink may be left over anywhere: ink that it lacks, or has more."""
WORSE_BY, BEYOND = 1.5, 0.25
"""How much more of the print every other leaves unexplained, and how far the print is from the middle between both (0.5 is all)."""
APART, APART_ELSEWHERE = 0.30, 0.40
"""How much ink every other has to have in another place: in the line's typeface, or, where that lacks it, in all that have both."""
_ALIKE = 0.02
_SPECK, _BESIDE = 0.01, 0.1  # in parts of a character's side, and of its square
_HIGHER, _WIDER = 0.2, 0.5  # of a line's height: what is cut out around it

_NO_TYPEFACE = Text("No typeface is there to lay over the print.", "券面と重ねる書体がありません。")
_NOT_ALIGNED = Text(
    "What was read has other characters than the chip, or another number of them.",
    "読み取った文字が、チップの文字と1文字ずつ対応しません。",
)
_NOT_FOUND = Text(
    "The text was not found in a typeface that is there, or the print is below 300 dpi.",
    "手元の書体では券面の文字と重ならないか、解像度が 300 dpi に足りません。",
)
_MORE = Text("Something is printed beside the text.", "文字の脇に、別の印字があります。")
_NOT_CLEAR = Text(
    "A character does not fit, or no better than another that looks like it.",
    "合わない文字か、似た文字と区別のつかない文字があります。",
)


def text_fits(
    verified: VerificationResult, scan: Scan, *, fonts: Sequence[Typeface] | None = None
) -> Mapping[str, TextFit]:
    """Whether name and address of the chip were seen in the print, for ``compare(fits=…)``.

    Args:
        verified: of the input-assist domain; the other has no text to hold against the print.
        scan: of the same card's face. What was not found there has no fit.
        fonts: files of typefaces, those first that a card may be printed in; default those that are often installed.

    Raises:
        NotVerifiedError: the verdict is ``rejected``.
        UsageError: a file is no typeface.
        MissingExtra: Pillow is not installed.
    """
    there, faces = verified.fields, tuple(filter(opens, typefaces())) if fonts is None else tuple(fonts)
    try:
        return MappingProxyType(_fits(there, scan, faces))
    finally:
        forget()


def _fits(there: Mapping[str, Field], scan: Scan, faces: Sequence[Typeface]) -> dict[str, TextFit]:
    found: dict[str, TextFit] = {}
    for name in FIELDS:
        field, readings = there.get(name), scan.readings.get(name)
        if field is not None and isinstance(field.value, str) and readings:
            chip, reading = MaskedText(field.value), readings[0]
            doubt = _doubt(chip, reading.text, reading.lines, scan.card, faces)
            found[name] = TextFit(chip, reading.text, doubt is None, doubt)
    return found


def _doubt(
    chip: MaskedText, printed: MaskedText, lines: Sequence[TextLine], card: Pixels, faces: Sequence[Typeface]
) -> Text | None:
    """Why a text was not seen; None where each of its characters was."""
    if not faces:
        return _NO_TYPEFACE
    parts = _parted(chip, printed, [len(without_spaces(plain(line.text))) for line in lines])
    if not parts:
        return _NOT_ALIGNED
    for characters, line in zip(parts, lines, strict=True):
        cut = _cut(card, line)
        placed = _placed(cut.ink, characters, faces)
        if placed is None:
            return _NOT_FOUND
        if _has_more(cut, placed):
            return _MORE
        if not all(_is_seen(placed, at, faces) for at in placed.looks()):
            return _NOT_CLEAR
    return None


def _parted(chip: MaskedText, printed: MaskedText, counts: Sequence[int]) -> list[list[str]]:
    """The chip's characters by printed line, spaces among them; empty where both sides have not the same ones."""
    read = without_spaces(plain(printed).upper())
    held = list(chip.strip())
    looks = [at for at, one in enumerate(held) if not one.isspace()]
    if not looks or len(looks) != len(read) or sum(counts) != len(looks) or 0 in counts:
        return []
    if not all(_may_be_read_as(held[at], one) for at, one in zip(looks, read, strict=True)):
        return []
    parts, start = [], 0
    for count in counts:
        parts.append(held[looks[start] : looks[start + count - 1] + 1])
        start += count
    return parts


def _may_be_read_as(character: str, read: str) -> bool:
    return any(plain(one).upper() == read for one in (character, *candidates(character)))


class _Cut(NamedTuple):
    """A printed line: its ink, and the columns in which a reader found it."""

    ink: Ink
    left: float
    right: float


def _cut(card: Pixels, line: TextLine) -> _Cut:
    """Ink of a printed line, without what reaches in from the lines above and below."""
    import numpy as np

    height = line.height
    top, left = max(0, round(line.top - _HIGHER * height)), max(0, round(line.left - _WIDER * height))
    bottom, right = max(0, round(line.bottom + _HIGHER * height)), max(0, round(line.right + _WIDER * height))
    crop = card[top:bottom, left:right]
    ink = ink_of(crop).astype(np.float32) if crop.size else np.zeros((1, 1), np.float32)
    inked = np.flatnonzero((ink > 0.5).any(axis=1))
    if inked.size:
        gaps = np.flatnonzero(np.diff(inked) > 1)
        for first, last in zip(inked[np.r_[0, gaps + 1]], inked[np.r_[gaps, inked.size - 1]], strict=True):
            middle = top + (first + last) / 2
            if not line.top <= middle <= line.bottom:
                ink[max(0, first - 1) : last + 2] = 0
    return _Cut(ink, line.left - left, line.right - left)


def _has_more(cut: _Cut, placed: PlacedLine) -> bool:
    """Whether something is printed where the reader found the text that is none of its characters."""
    import numpy as np

    first, last = placed.ends
    columns = np.arange(cut.ink.shape[1])
    beside = ((columns < first - _BESIDE * placed.em) & (columns > cut.left)) | (
        (columns > last + _BESIDE * placed.em) & (columns < cut.right)
    )
    specks = float((cut.ink[:, beside] > 0.5).sum())
    return specks > _SPECK * placed.em**2 or placed.most_between() > LEFT_OVER_TO


def _placed(ink: Ink, characters: Sequence[str], faces: Sequence[Typeface]) -> PlacedLine | None:
    """The line in the typeface that fits it best."""
    every = [place(ink, characters, face, [one for one in faces if one != face]) for face in faces]
    found = [one for one in every if one is not None]
    return in_best_faces(tuned(max(found, key=mean_score)), faces) if found else None


class Seen(NamedTuple):
    """How a character fits.

    Attributes:
        score: correlation of print and drawing.
        left_over: the most ink that they do not share.
        worse: how many times as much the best of the others leaves unexplained.
        beyond: how far the print is from the middle between it and the nearest of the others.
        apart: the least that another differs from it, as drawn in the typeface of the line.
        elsewhere: the same in other typefaces, of what that of the line lacks.
    """

    score: float
    left_over: float
    worse: float
    beyond: float
    apart: float
    elsewhere: float


def _is_seen(line: PlacedLine, at: int, faces: Sequence[Typeface]) -> bool:
    seen = seen_at(line, at, faces)
    fits = seen.score >= FITS_FROM and seen.left_over <= LEFT_OVER_TO
    apart = seen.apart >= APART and seen.elsewhere >= APART_ELSEWHERE
    return fits and apart and seen.worse >= WORSE_BY and seen.beyond >= BEYOND


def seen_at(line: PlacedLine, at: int, faces: Sequence[Typeface]) -> Seen:
    """How a character of a placed line fits, against whatever else may stand there."""
    own, its = line.characters[at], line.faces[at]
    laid = line.likeness_of(at, own, its)
    worse, beyond, apart, elsewhere = float("inf"), 0.5, 1.0, 1.0
    for other in candidates(own):
        if _is_second_form(line, at, other, faces):
            continue
        for face in faces:
            if not draws(face, other):
                continue
            instead = line.likeness_of(at, other, face)
            worse = min(worse, _unexplained(instead) / _unexplained(laid))
            if face == its:
                beyond = min(beyond, laid.beyond(instead.drawing))
                apart = min(apart, most_apart(line.drawing_of(at, own, its), instead.drawing))
            elif not draws(its, other) and draws(face, own):
                elsewhere = min(elsewhere, most_apart(line.drawing_of(at, own, face), instead.drawing))
    return Seen(laid.score, laid.left_over(), worse, beyond, apart, elsewhere)


def _unexplained(laid: Laid) -> float:
    """The share of the print that a drawing does not explain."""
    return max(1e-4, 1 - max(0.0, laid.score) ** 2)


def _is_second_form(line: PlacedLine, at: int, other: str, faces: Sequence[Typeface]) -> bool:
    """Whether Unicode has the other for the same character twice (⼀ and 一), and typefaces draw one picture for both."""
    own, its = line.characters[at], line.faces[at]
    if is_compatibility(own) or unicodedata.normalize("NFKC", other) != unicodedata.normalize("NFKC", own):
        return False
    both = next((face for face in (its, *faces) if draws(face, own) and draws(face, other)), None)
    if both is None:
        return False
    return most_apart(line.drawing_of(at, own, both), line.drawing_of(at, other, both)) < _ALIKE
