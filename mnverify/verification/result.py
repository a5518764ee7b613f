"""The result of a verification. Its content is reachable only where the verdict is ``verified``."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from mnverify.errors import NotVerifiedError
from mnverify.images import Image
from mnverify.masked import not_copied, refuse_copy
from mnverify.text import Text
from mnverify.values.dates import BirthDay, PartialDate
from mnverify.values.my_number import MyNumber
from mnverify.values.sex import Sex
from mnverify.values.terms import CredentialKind, Domain, Role
from mnverify.verification.words import DETAILS, LIMITS

FORMAT = "mnverify.result/1"
FieldValue = date | PartialDate | str | Image | MyNumber
_Value = TypeVar("_Value", bound=date | str | Image | MyNumber)
_DIGITS_IN_A_PICTURE = frozenset({"security_code_image", "my_number_image"})
"""Images whose hash would be the digits that they show: ten thousand tries, or with patience a hundred thousand million."""


class Outcome(StrEnum):
    """What a check came to. ``not-performed`` is never a pass."""

    PASS = "pass"
    FAIL = "fail"
    NOT_PERFORMED = "not-performed"


class Assurance(StrEnum):
    """How well a field is vouched for."""

    SIGNED = "signed"  # the issuer's signature covers it
    CORROBORATED = "corroborated"  # unsigned, but what answered here accepted 照合番号B made of it (expiry year alone)
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


@not_copied
class Field(NamedTuple):
    """One verified field.

    Attributes:
        value: a date (a birth date may be a ``PartialDate``), a text, a ``Sex`` (a text too), an ``Image`` or a ``MyNumber``.
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
    """What a verification found. As a condition it is its verdict: ``if verify(…):`` lets nothing in that was rejected.

    The content has accessors with types, as ``photo`` and ``birth_date``: ``None`` where the reading does not hold it;
    ``NotVerifiedError`` where the verdict is ``rejected``. How well each is vouched for stands in ``fields``.

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
            raise self._rejected()
        return MappingProxyType(self._content())

    def require(self) -> VerificationResult:
        """This result, where the verdict is ``verified``.

        Raises:
            NotVerifiedError: it is ``rejected``; the message names the checks that failed.
        """
        if self._content is None:
            raise self._rejected()
        return self

    def __bool__(self) -> bool:
        return self.verified

    def _rejected(self) -> NotVerifiedError:
        failed = ", ".join(f"{check.id} ({check.code})" for check in self.checks if check.outcome is Outcome.FAIL)
        return NotVerifiedError(
            Text(
                f"The evidence was rejected: {failed}. Its content is not given out; read the card itself, or refuse.",
                f"検証に不合格のため（{failed}）、内容は取り出せません。カードそのものを読み取るか、受け付けないでください。",
            )
        )

    @property
    def birth_date(self) -> BirthDay | None:
        """生年月日, signed. A ``PartialDate`` where the register knows no day, or neither month nor day."""
        field = self.fields.get("birth_date")
        return field.value if field is not None and isinstance(field.value, date | PartialDate) else None

    @property
    def sex(self) -> Sex | None:
        """性別, signed."""
        return self._value("sex", Sex)

    @property
    def name(self) -> str | None:
        """氏名 as text, signed (input-assist)."""
        return self._value("name", str)

    @property
    def address(self) -> str | None:
        """住所 as text, signed (input-assist)."""
        return self._value("address", str)

    @property
    def name_image(self) -> Image | None:
        """氏名 (and 通称) as an image, signed (face-check)."""
        return self._value("name_image", Image)

    @property
    def address_image(self) -> Image | None:
        """住所 as an image, signed (face-check)."""
        return self._value("address_image", Image)

    @property
    def photo(self) -> Image | None:
        """顔写真, signed (face-check)."""
        return self._value("photo", Image)

    @property
    def expiry(self) -> date | None:
        """有効期限 (face-check). No signature covers it; see its assurance."""
        return self._value("expiry", date)

    @property
    def security_code_image(self) -> Image | None:
        """セキュリティコード as an image (face-check). No signature covers it."""
        return self._value("security_code_image", Image)

    @property
    def my_number(self) -> MyNumber | None:
        """個人番号, signed (input-assist, role ``my-number-office``)."""
        return self._value("my_number", MyNumber)

    @property
    def my_number_image(self) -> Image | None:
        """個人番号 as an image, signed (face-check, role ``my-number-office``)."""
        return self._value("my_number_image", Image)

    def _value(self, name: str, kind: type[_Value]) -> _Value | None:
        field = self.fields.get(name)
        return field.value if field is not None and isinstance(field.value, kind) else None

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
            document["fields"] = {name: _field_object(name, field, images) for name, field in self._content().items()}
        return document

    __reduce_ex__ = refuse_copy

    def __repr__(self) -> str:
        checks = ", ".join(f"{check.id}: {check.outcome}/{check.code}" for check in self.checks)
        return f"VerificationResult({self.verdict}, {self.environment}, {checks})"


def _field_object(name: str, field: Field, images: bool) -> dict[str, Any]:
    value = field.value
    shown: dict[str, Any]
    if isinstance(value, Image):
        shown = {"media_type": value.media_type}
        if name not in _DIGITS_IN_A_PICTURE:
            shown["sha256"] = value.sha256
        if images:
            shown["data"] = b2a_base64(value.data, newline=False).decode()
    elif isinstance(value, MyNumber):
        shown = {"value": value.reveal()}
    elif isinstance(value, date | PartialDate):
        shown = {"value": value.isoformat()}
    else:
        shown = {"value": str(value)}
    shown["assurance"] = field.assurance.value
    if field.extent is not None:
        shown["extent"] = field.extent
    return shown
