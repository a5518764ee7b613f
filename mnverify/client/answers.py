"""What the endpoint answers, as types. The content of a verification is reachable only where it is verified."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from mnverify.client.errors import unexpected
from mnverify.errors import NotVerifiedError
from mnverify.masked import MaskedText
from mnverify.receipts import Receipt
from mnverify.text import Text

CHALLENGE_BYTES = 32
_VERDICTS = ("verified", "rejected")
_OUTCOMES = ("pass", "fail", "not-performed")
_ASSURANCES = ("signed", "corroborated", "unsigned")
_MAX_TEXT = 4096

_REJECTED = Text(
    "The evidence was rejected: {failed}. Its content is not given out.",
    "検証に不合格のため（{failed}）、内容は取り出せません。",
)


class Challenge(NamedTuple):
    """A challenge for one reading.

    Attributes:
        id: names it; the backend keeps this, and need not show it to the phone.
        challenge: the 32 bytes that the card has to sign.
        expires_at: when it is over, with a time zone.
    """

    id: str
    challenge: bytes
    expires_at: datetime


class CheckAnswer(NamedTuple):
    """One check: ``id``, ``outcome`` (``pass``, ``fail``, ``not-performed``), stable ``code``, and ``detail`` for people."""

    id: str
    outcome: str
    code: str
    detail: str


class FieldAnswer(NamedTuple):
    """One field of the card.

    Attributes:
        value: the text; for an image the hex SHA-256 of its bytes, or ``None`` where that would tell its content.
        assurance: ``signed``, ``corroborated`` or ``unsigned``.
        extent: ``year`` where only the year of a date is corroborated.
        media_type: of an image; ``None`` for a text.
    """

    value: str | None
    assurance: str
    extent: str | None = None
    media_type: str | None = None

    def __repr__(self) -> str:
        return f"FieldAnswer({self.assurance})"


class Event(NamedTuple):
    """Something that happened to a verification: ``at``, the ``event``'s word, and a ``code`` or ``None``."""

    at: datetime
    event: str
    code: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Verification:
    """An answer whose receipt was verified and says the same. ``bool(verification)`` is the verdict.

    Attributes:
        id: names the verification at the endpoint.
        challenge_id: the challenge that it served.
        verdict: ``verified`` or ``rejected``.
        environment: of the anchors, as ``production``.
        checks: the checks, in order.
        limits: what this cannot say, by code, in plain words.
        receipt: the receipt, verified.
        receipt_text: the same as text: keep this. With claims in it, it is personal data.
        idempotency_key: of this call.
        comparison: what the comparison with printed data found, or ``None``.
        claims_refused: the code of why there are no ``verified_claims`` although they were asked for, or ``None``.
    """

    id: str
    challenge_id: str
    verdict: str
    environment: str
    checks: tuple[CheckAnswer, ...]
    limits: Mapping[str, str]
    receipt: Receipt
    receipt_text: str
    idempotency_key: str
    comparison: Mapping[str, Any] | None
    claims_refused: str | None
    _fields: Mapping[str, FieldAnswer]
    _verified_claims: Mapping[str, Any] | None

    def __bool__(self) -> bool:
        return self.verdict == "verified"

    def require(self) -> Verification:
        """The verification itself.

        Raises:
            NotVerifiedError: the evidence was rejected.
        """
        if not self:
            failed = ", ".join(f"{check.id} ({check.code})" for check in self.checks if check.outcome == "fail")
            raise NotVerifiedError(_REJECTED.fill(failed=failed))
        return self

    @property
    def fields(self) -> Mapping[str, FieldAnswer]:
        """The content of the card by field name; empty where ``verified_claims`` were asked for.

        Raises:
            NotVerifiedError: the evidence was rejected.
        """
        self.require()
        return self._fields

    @property
    def verified_claims(self) -> Mapping[str, Any] | None:
        """``verified_claims``, where they were asked for.

        Raises:
            NotVerifiedError: the evidence was rejected.
        """
        self.require()
        return self._verified_claims

    def __repr__(self) -> str:
        checks = ", ".join(f"{check.id}: {check.outcome}/{check.code}" for check in self.checks)
        return f"Verification({self.id}, {self.verdict}, {self.environment}, {checks})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a verification is not pickled or copied; keep its id and receipt_text")


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """What the endpoint keeps of a verification: nothing personal.

    Attributes:
        id: names the verification.
        challenge_id: the challenge.
        verdict: ``verified`` or ``rejected``.
        environment: of the anchors.
        at: when it was evaluated.
        checks: the checks, in order.
        purpose, reference: of the challenge, or ``None``.
        receipt: verified; without claims.
        receipt_text: the same as text.
    """

    id: str
    challenge_id: str
    verdict: str
    environment: str
    at: datetime
    checks: tuple[CheckAnswer, ...]
    purpose: str | None
    reference: str | None
    receipt: Receipt = field(repr=False)
    receipt_text: str = field(repr=False)

    def __bool__(self) -> bool:
        return self.verdict == "verified"


def read_challenge(document: Mapping[str, Any]) -> Challenge:
    """Raises ``UnexpectedAnswer``: it is no challenge of 32 bytes."""
    try:
        raw = b64decode(_text(document, "challenge"), validate=True)
    except ValueError:  # not base64, or not even ASCII
        raise _wrong("challenge") from None
    if len(raw) != CHALLENGE_BYTES:
        raise _wrong("challenge")
    return Challenge(_text(document, "id"), raw, _moment(document, "expires_at"))


def read_verification(
    document: Mapping[str, Any], idempotency_key: str, check_receipt: Callable[[str, str], Receipt]
) -> Verification:
    """Read a verification, and have its receipt verified.

    Args:
        document: the answer.
        idempotency_key: of the call.
        check_receipt: verifies the receipt text for a verification id.

    Raises:
        UnexpectedAnswer: it has not the documented form, or the receipt says something else.
        ReceiptError: the receipt may not be relied on.
    """
    verdict, checks = _word(document, "verdict", _VERDICTS), _checks(document)
    content = document.get("fields", {}), document.get("verified_claims"), document.get("comparison")
    if verdict != "verified" and (content[0] or content[1]):
        raise _wrong("fields")
    if content[2] is not None and not isinstance(content[2], dict):
        raise _wrong("comparison")
    made = Verification(
        id=_text(document, "id"),
        challenge_id=_text(document, "challenge_id"),
        verdict=verdict,
        environment=_text(document, "environment"),
        checks=checks,
        limits=_limits(document),
        receipt=check_receipt(_text(document, "receipt", 64 * 1024), _text(document, "id")),
        receipt_text=str(document["receipt"]),
        idempotency_key=idempotency_key,
        comparison=content[2],
        claims_refused=_claims_refused(document),
        _fields=_fields(content[0]),
        _verified_claims=content[1],
    )
    _agree(made)
    return made


def read_outcome(document: Mapping[str, Any], check_receipt: Callable[[str, str], Receipt]) -> StoredOutcome:
    """Raises ``UnexpectedAnswer`` or ``ReceiptError``, as ``read_verification``."""
    made = StoredOutcome(
        id=_text(document, "id"),
        challenge_id=_text(document, "challenge_id"),
        verdict=_word(document, "verdict", _VERDICTS),
        environment=_text(document, "environment"),
        at=_moment(document, "at"),
        checks=_checks(document),
        purpose=_optional(document, "purpose"),
        reference=_optional(document, "reference"),
        receipt=check_receipt(_text(document, "receipt", 64 * 1024), _text(document, "id")),
        receipt_text=str(document["receipt"]),
    )
    _agree(made)
    return made


def read_events(document: Mapping[str, Any]) -> tuple[Event, ...]:
    """Raises ``UnexpectedAnswer``: it is no list of events."""
    return tuple(
        Event(_moment(event, "at"), _text(event, "event"), _optional(event, "code"))
        for event in _objects(document, "events")
    )


def _claims_refused(document: Mapping[str, Any]) -> str | None:
    refused = document.get("verified_claims_refused")
    if refused is None:
        return None
    if not isinstance(refused, dict):
        raise _wrong("verified_claims_refused")
    return _text(refused, "code")


def _agree(said: Verification | StoredOutcome) -> None:
    """The answer came over TLS, the receipt is signed: they have to say the same."""
    checks = tuple((check.id, check.outcome, check.code) for check in said.checks)
    if (said.verdict, said.environment, said.challenge_id, checks) != (
        said.receipt.verdict,
        said.receipt.environment,
        said.receipt.challenge_id,
        tuple(said.receipt.checks),
    ):
        raise unexpected("its receipt says something else", "受領証と内容が一致しません")


def _checks(document: Mapping[str, Any]) -> tuple[CheckAnswer, ...]:
    return tuple(
        CheckAnswer(_text(c, "id"), _word(c, "outcome", _OUTCOMES), _text(c, "code"), _text(c, "detail"))
        for c in _objects(document, "checks")
    )


def _limits(document: Mapping[str, Any]) -> Mapping[str, str]:
    limits = _objects(document, "limits")
    return MappingProxyType({_text(limit, "code"): _text(limit, "detail") for limit in limits})


def _fields(value: object) -> Mapping[str, FieldAnswer]:
    if not isinstance(value, dict):
        raise _wrong("fields")
    return MappingProxyType({name: _field(one) for name, one in value.items()})


def _field(value: object) -> FieldAnswer:
    if not isinstance(value, dict):
        raise _wrong("fields")
    assurance = _word(value, "assurance", _ASSURANCES)
    if "media_type" in value:
        return FieldAnswer(_optional(value, "sha256"), assurance, None, _text(value, "media_type"))
    return FieldAnswer(MaskedText(_text(value, "value")), assurance, _optional(value, "extent"))


def _objects(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = document.get(name)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(name)
    return value


def _text(document: Mapping[str, Any], name: str, longest: int = _MAX_TEXT) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value or len(value) > longest:
        raise _wrong(name)
    return str(value)


def _optional(document: Mapping[str, Any], name: str) -> str | None:
    return None if document.get(name) is None else _text(document, name)


def _word(document: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    if document.get(name) not in words:
        raise _wrong(name)
    return str(document[name])


def _moment(document: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(document, name))
    except ValueError:
        raise _wrong(name) from None
    if moment.utcoffset() is None:
        raise _wrong(name)
    return moment


def _wrong(name: str) -> Exception:
    return unexpected(f"{name} has not the documented form", f"{name} が定められた形式ではありません")
