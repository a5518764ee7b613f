"""The result of a verification. Its content is reachable only where the verdict is ``verified``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from mnverify.errors import NotVerifiedError
from mnverify.images import Image
from mnverify.text import Text
from mnverify.values.my_number import MyNumber
from mnverify.values.terms import CredentialKind, Domain, Role
from mnverify.verification.words import DETAILS, LIMITS

FORMAT = "mnverify.result/1"
FieldValue = date | str | Image | MyNumber


class Outcome(StrEnum):
    """What a check came to. ``not-performed`` is never a pass."""

    PASS = "pass"
    FAIL = "fail"
    NOT_PERFORMED = "not-performed"


class Assurance(StrEnum):
    """How well a field is vouched for."""

    SIGNED = "signed"  # the issuer's signature covers it
    CORROBORATED = "corroborated"  # unsigned, but the genuine chip accepted 照合番号B made of it
    UNSIGNED = "unsigned"  # as read, vouched for by nobody


class Check(NamedTuple):
    """One numbered check.

    Attributes:
        id: stable id, as ``chain``.
        outcome: pass, fail or not performed.
        code: stable code, as ``unknown-authority``.
    """

    id: str
    outcome: Outcome
    code: str

    @property
    def detail(self) -> Text:
        """The sentence for people."""
        return DETAILS[self.id, self.code]


class Field(NamedTuple):
    """One verified field.

    Attributes:
        value: a date, a text, a ``Sex`` (a text too), an ``Image`` or a ``MyNumber``.
        assurance: how well it is vouched for.
        extent: ``year`` where only the year of a date is corroborated, else ``None``.
    """

    value: FieldValue
    assurance: Assurance
    extent: str | None = None

    def __repr__(self) -> str:
        return f"Field({self.assurance})"


@dataclass(frozen=True, slots=True, repr=False)
class VerificationResult:
    """What a verification found.

    Attributes:
        checks: all seven checks, in order, whatever failed.
        environment: of the anchor that the chain reached; of the whole trust store where it reached none.
        authority: name of that anchor, or ``None``.
        domain: the domain of the evidence.
        role: its role.
        credential: its credential kind (a claim, where the evidence came from outside).
        generation: the card generation.
        at: the moment that expiry was judged by.
    """

    checks: tuple[Check, ...]
    environment: str
    authority: str | None
    domain: Domain
    role: Role
    credential: CredentialKind
    generation: str
    at: datetime
    _limits: tuple[str, ...]
    _content: Callable[[], dict[str, Field]] | None  # only where the verdict is ``verified``

    @property
    def verified(self) -> bool:
        """Whether the verdict is ``verified``."""
        return self._content is not None

    @property
    def verdict(self) -> str:
        """``verified`` or ``rejected``."""
        return "verified" if self.verified else "rejected"

    @property
    def fields(self) -> Mapping[str, Field]:
        """The verified content by field name (``docs/reference/result.md``).

        Raises:
            NotVerifiedError: the verdict is ``rejected``; there is no content.
        """
        if self._content is None:
            failed = ", ".join(f"{check.id} ({check.code})" for check in self.checks if check.outcome is Outcome.FAIL)
            raise NotVerifiedError(
                Text(
                    f"The evidence was rejected: {failed or 'no check passed'}. Its content is not given out.",
                    f"検証に不合格のため（{failed or '合格した検査なし'}）、内容は取り出せません。",
                )
            )
        return MappingProxyType(self._content())

    @property
    def limits(self) -> Mapping[str, Text]:
        """What this result cannot say, by stable code, in plain words."""
        return {code: LIMITS[code] for code in self._limits}

    def check(self, check_id: str) -> Check:
        """The check of that id.

        Raises:
            KeyError: no such check.
        """
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)

    def to_dict(self, *, images: bool = False, lang: str = "en") -> dict[str, Any]:
        """The object of ``verify --json``.

        Args:
            images: give the bytes of images too, in base64.
            lang: language of the sentences, ``en`` or ``ja``.
        """
        document: dict[str, Any] = {
            "format": FORMAT,
            "verdict": self.verdict,
            "environment": self.environment,
            "authority": self.authority,
            "domain": self.domain.value,
            "role": self.role.value,
            "credential": self.credential.value,
            "generation": self.generation,
            "at": self.at.isoformat(),
            "checks": [
                {"id": c.id, "outcome": c.outcome.value, "code": c.code, "detail": c.detail.in_language(lang)}
                for c in self.checks
            ],
            "limits": [{"code": code, "detail": text.in_language(lang)} for code, text in self.limits.items()],
        }
        if self._content is not None:
            document["fields"] = {name: _field_object(field, images) for name, field in self._content().items()}
        return document

    def __repr__(self) -> str:
        checks = ", ".join(f"{check.id}: {check.outcome}/{check.code}" for check in self.checks)
        return f"VerificationResult({self.verdict}, {self.environment}, {checks})"


def _field_object(field: Field, images: bool) -> dict[str, Any]:
    value = field.value
    shown: dict[str, Any]
    if isinstance(value, Image):
        shown = {"media_type": value.media_type, "sha256": value.sha256}
        if images:
            from base64 import b64encode

            shown["data"] = b64encode(value.data).decode()
    elif isinstance(value, MyNumber):
        shown = {"value": value.reveal()}
    elif isinstance(value, date):
        shown = {"value": value.isoformat()}
    else:
        shown = {"value": str(value)}
    shown["assurance"] = field.assurance.value
    if field.extent is not None:
        shown["extent"] = field.extent
    return shown
