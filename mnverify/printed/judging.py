"""One field at a time: what the chip has against what is printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from mnverify.masked import MaskedText
from mnverify.printed.comparison import FieldComparison, FieldOutcome, Method
from mnverify.printed.dates import PrintedDate, read_date
from mnverify.printed.text import Agreement
from mnverify.printed.text.forms import plain, without_spaces
from mnverify.printed.variants import Likeness, characters, likeness
from mnverify.printed.words import DETAILS, READ_EQUAL
from mnverify.values.dates import BirthDay, PartialDate
from mnverify.values.sex import Sex

CONFIDENT = 0.9
"""Reading that is surer than this, and differs beyond what is taken for each other, is a difference."""

_SEXES = {
    Sex.MALE: ("男", "男性", "M", "MALE", "1"),
    Sex.FEMALE: ("女", "女性", "F", "FEMALE", "2"),
    Sex.UNKNOWN: ("不明", "UNKNOWN", "0"),
    Sex.NOT_APPLICABLE: ("適用不能", "NOT-APPLICABLE", "9"),
}


class Side(NamedTuple):
    """A text of one side.

    Attributes:
        text: the text.
        read: a machine read it in a picture.
        confidence: 0 to 1; 1 where it was not read.
    """

    text: MaskedText
    read: bool = False
    confidence: float = 1.0

    def __repr__(self) -> str:
        return f"Side({len(self.text)} characters)"


Compare = Callable[..., Agreement]
_AGREES = frozenset({"equal", "equal-up-to-variants", "equal-up-to-order", "additional-entry", "glyphs-only"})


def judged(code: str, method: Method, *, exact: bool = False, has_variants: bool = True) -> FieldComparison:
    """A comparison by its code.

    Args:
        code: the code.
        method: how it was compared.
        exact: see ``FieldComparison``.
        has_variants: it is text, and no date, sex or digits.
    """
    if code in _AGREES:
        outcome = FieldOutcome.MATCH
    elif code in ("different", "different-pair"):
        outcome = FieldOutcome.MISMATCH
    elif code in ("not-printed", "not-read", "not-in-chip", "image-only", "for-human", "not-explained"):
        outcome = FieldOutcome.NOT_COMPARED
    else:
        outcome = FieldOutcome.UNCERTAIN
    detail = DETAILS[READ_EQUAL if code == "equal-up-to-variants" and not has_variants else code]
    return FieldComparison(outcome, code, method, detail, exact)


def judge_text(compare: Compare, chip: Side, printed: Side) -> FieldComparison:
    """A name or an address.

    Args:
        compare: ``compare_names`` or ``compare_addresses``.
        chip: what the chip has.
        printed: what is printed.
    """
    read = chip.read or printed.read
    method = Method.RECOGNITION if read else Method.TEXT
    found = compare(chip.text, printed.text, read=read)
    if found.likeness is Likeness.DIFFERENT:
        return judged(_of_a_difference(found.lengths_differ, chip, printed), method)
    if found.likeness is Likeness.DOUBTFUL:
        return judged("part-missing" if found.part_missing else "uncertain", method)
    if found.order_differs:
        return judged("equal-up-to-order", method)
    if read or found.likeness is Likeness.VARIANT:
        return judged("equal-up-to-variants", method)
    return judged("equal", method, exact=True)


def judge_date(chip: BirthDay, printed: Side) -> FieldComparison:
    """A birth date or an expiry."""
    found = read_date(printed.text)
    if found is None:
        return judged("unreadable", Method.DATE)
    if found.value == chip:
        return _of_the_same_day(found, printed)
    if _overlap(chip, found.value):
        return judged("part-missing", Method.DATE)
    return judged(_of_a_difference(False, Side(MaskedText("")), printed), Method.DATE)


def judge_sex(chip: Sex, printed: Side) -> FieldComparison:
    """Sex, as the word of a form or of ``Sex``."""
    word = without_spaces(plain(printed.text)).upper().removeprefix("性別").strip(":")
    found = next((sex for sex, words in _SEXES.items() if word in words), None)
    if found is None:
        return judged("unreadable", Method.TEXT)
    if found is not chip:
        return judged(_of_a_difference(False, Side(MaskedText("")), printed), Method.TEXT)
    return _agreed(printed.read, Method.TEXT)


def judge_digits(chip: Side, printed: Side) -> FieldComparison:
    """A security code or a 個人番号: digits only."""
    method = Method.RECOGNITION if chip.read or printed.read else Method.DIGITS
    digits = digits_of(printed.text)
    if not digits.isdigit() or not digits.isascii():
        return judged("unreadable", method)
    if digits == digits_of(chip.text):
        return _agreed(chip.read or printed.read, method)
    return judged(_of_a_difference(len(digits) != len(digits_of(chip.text)), chip, printed), method)


def digits_of(text: str) -> MaskedText:
    """The text without the spaces and dashes that part groups of digits, half-width."""
    return MaskedText(without_spaces(plain(text)).replace("-", ""))


def is_date(value: object) -> bool:
    """Whether a field's value is a date, whole or partial."""
    return isinstance(value, date | PartialDate)


def _agreed(read: bool, method: Method) -> FieldComparison:
    return judged("equal-up-to-variants", method, has_variants=False) if read else judged("equal", method, exact=True)


def _of_a_difference(lengths_differ: bool, chip: Side, printed: Side) -> str:
    """``different``, where it was typed, or read surely and whole; else a doubt."""
    read = chip.read or printed.read
    sure = min(_of_what_differs(chip, printed), printed.confidence) >= CONFIDENT
    return "low-confidence" if read and (lengths_differ or not sure) else "different"


def _of_what_differs(chip: Side, printed: Side) -> float:
    """How sure the reading of the chip's image is, at least, of those characters that differ.

    Its confidence is a mean over all characters, and twelve dots make one look like another: of five characters at 0.96 the one
    that differs may be at 0.80. Where all of them differ, the mean is what they have.
    """
    if not chip.read:
        return chip.confidence
    held, shown = (characters(without_spaces(plain(text))) for text in (chip.text, printed.text))
    unlike = [
        one for one, other in zip(held, shown, strict=False) if likeness(one, other, read=True) is Likeness.DIFFERENT
    ]
    differing = len(unlike) if len(held) == len(shown) else len(held)
    return 1 - (1 - chip.confidence) * len(chip.text) / max(1, differing)


def _of_the_same_day(found: PrintedDate, printed: Side) -> FieldComparison:
    return _agreed(printed.read, Method.DATE) if found.in_era else judged("era-differs", Method.DATE)


def _overlap(one: BirthDay, other: BirthDay) -> bool:
    """Whether one of them is partial, and the other may be the same day."""
    if not isinstance(one, PartialDate) and not isinstance(other, PartialDate):
        return False
    first_one, last_one = (one.earliest, one.latest) if isinstance(one, PartialDate) else (one, one)
    first_other, last_other = (other.earliest, other.latest) if isinstance(other, PartialDate) else (other, other)
    return first_one <= last_other and first_other <= last_one
