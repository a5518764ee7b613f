"""What came of comparing: an outcome for each field, and one for all by the caller's policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from mnverify.errors import UsageError
from mnverify.masked import MaskedText, not_copied, refuse_copy
from mnverify.printed.data import FIELDS
from mnverify.text import Text
from mnverify.verification import VerificationResult

FORMAT = "mnverify.comparison/1"
PHOTO = "photo"
COMPARED_FIELDS = (*FIELDS, PHOTO)
"""Names of the fields that a comparison may speak of."""


class FieldOutcome(StrEnum):
    """What comparing a field came to. A doubt is never a mismatch, and ``not-compared`` is never a match."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNCERTAIN = "uncertain"
    NOT_COMPARED = "not-compared"


class Method(StrEnum):
    """How a field was compared."""

    TEXT = "text"  # as characters, by the rules for names and addresses
    DATE = "date"  # as a day
    RECOGNITION = "recognition"  # as characters, after a machine read at least one side in a picture
    GLYPHS = "glyphs"  # as pictures of characters
    DIGITS = "digits"  # digit by digit
    HUMAN = "human"  # a person has to


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field.

    Attributes:
        outcome: match, mismatch, uncertain or not compared.
        code: why, in a word that never changes (``docs/reference/comparison.md``).
        method: how.
        detail: the sentence for people; it holds no content.
        exact: it agrees character by character, and no machine had to read it, or each character was seen in the print: what a
            policy asks for that demands ``equal``.
    """

    outcome: FieldOutcome
    code: str
    method: Method
    detail: Text
    exact: bool = False

    def to_dict(self, lang: str = "en") -> dict[str, str]:
        """The member of ``compare --json``."""
        return {
            "outcome": self.outcome.value,
            "code": self.code,
            "method": self.method.value,
            "detail": self.detail.in_language(lang),
        }


class Policy:
    """What has to match.

    Args:
        require: fields that have to match; ``None`` for everything that both sides have, and what a picture of the front shows
            although it could not be read there (``not-read``). Fields that are not named are compared and shown, and do not count.
        demand_equal: a match counts only where it is exact: no variants, nothing that a machine read and did no more.

    Raises:
        UsageError: no field at all, or a name that is none of ``COMPARED_FIELDS``.
    """

    __slots__ = ("demand_equal", "require")

    def __init__(self, require: Collection[str] | None = None, *, demand_equal: bool = False) -> None:
        if require is not None and (not require or not set(require) <= set(COMPARED_FIELDS)):
            names = ", ".join(COMPARED_FIELDS)
            raise UsageError(
                Text(
                    f"A policy has to name at least one field, and only some of {names}. Nothing was compared.",
                    f"一致を求める項目を1つ以上、次から選んでください: {names}。照合は行っていません。",
                )
            )
        self.require = None if require is None else frozenset(require)
        self.demand_equal = demand_equal

    def __repr__(self) -> str:
        return f"Policy({sorted(self.require) if self.require else 'what both have'}, equal={self.demand_equal})"


class ReadText(NamedTuple):
    """A text that a machine read in a picture of the chip.

    Attributes:
        text: as it was read.
        confidence: 0 to 1.
    """

    text: MaskedText
    confidence: float

    def __repr__(self) -> str:
        return f"ReadText({len(self.text)} characters)"


@not_copied
@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """The whole comparison. As a condition it is true only where the verdict is ``verified`` and the outcome ``match``.

    Attributes:
        verification: the result that the chip's content came from.
        fields: by field name; empty where the verification was rejected.
        policy: what had to match.
    """

    verification: VerificationResult
    fields: Mapping[str, FieldComparison]
    policy: Policy

    @property
    def outcome(self) -> FieldOutcome:
        """``match``, ``mismatch`` or ``uncertain``. It fails closed: whatever has to match and does not, is missing or was not
        compared keeps it from being ``match``; and so does a verification that was rejected."""
        if not self.verification.verified:
            return FieldOutcome.UNCERTAIN
        return overall(self.fields, self.policy)

    def __bool__(self) -> bool:
        return self.verification.verified and self.outcome is FieldOutcome.MATCH

    def required(self) -> tuple[str, ...]:
        """Names of the fields that have to match."""
        return required(self.fields, self.policy)

    def to_dict(self, *, lang: str = "en", images: bool = False) -> dict[str, Any]:
        """The object of ``compare --json``.

        Args:
            lang: language of the sentences, ``en`` or ``ja``.
            images: give the bytes of the chip's images too, in base64.
        """
        verification = self.verification.to_dict(images=images, lang=lang)
        return {**self.summary(lang), "verification": verification}

    def summary(self, lang: str = "en") -> dict[str, Any]:
        """The same without the verification: outcomes, codes and sentences, and no content of either side."""
        return {
            "format": FORMAT,
            "outcome": self.outcome.value,
            "fields": {name: field.to_dict(lang) for name, field in self.fields.items()},
        }

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}: {field.outcome}/{field.code}" for name, field in self.fields.items())
        return f"Comparison({self.outcome}, {fields or 'nothing compared'})"

    __reduce_ex__ = refuse_copy


_ONE_SIDED = frozenset({"not-printed", "not-in-chip", "for-human"})
_WITHIN_OTHERS = "additional_entry"  # it counts in the name and the address that it explains


def required(fields: Mapping[str, FieldComparison], policy: Policy) -> tuple[str, ...]:
    """Names of the fields that have to match: those the policy names, or those that both sides have, read or not."""
    if policy.require is not None:
        return tuple(name for name in COMPARED_FIELDS if name in policy.require)
    return tuple(name for name, field in fields.items() if field.code not in _ONE_SIDED and name != _WITHIN_OTHERS)


def overall(fields: Mapping[str, FieldComparison], policy: Policy) -> FieldOutcome:
    """One outcome for all fields."""
    outcomes = [_counted(fields.get(name), policy) for name in required(fields, policy)]
    if FieldOutcome.MISMATCH in outcomes:
        return FieldOutcome.MISMATCH
    return FieldOutcome.MATCH if outcomes and set(outcomes) == {FieldOutcome.MATCH} else FieldOutcome.UNCERTAIN


def _counted(field: FieldComparison | None, policy: Policy) -> FieldOutcome:
    if field is None or (field.outcome is FieldOutcome.MATCH and policy.demand_equal and not field.exact):
        return FieldOutcome.UNCERTAIN
    return field.outcome


EMPTY: Mapping[str, FieldComparison] = MappingProxyType({})
