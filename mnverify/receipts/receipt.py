"""A receipt that was verified. Its claims are reachable only where the verdict is ``verified``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from mnverify.errors import NotVerifiedError
from mnverify.receipts.errors import WrongForm
from mnverify.receipts.payload import CLAIMS, FORMAT
from mnverify.text import Text

MAX_TEXT = 1024  # characters of any text but a claim
MAX_CHECKS = 64
_VERDICTS = ("verified", "rejected")
_OUTCOMES = ("pass", "fail", "not-performed")
_ASSURANCES = ("signed", "corroborated", "unsigned")
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z

_REJECTED = Text(
    "This receipt says that the evidence was rejected: {failed}. It has no content to give out.",
    "この受領証は、証拠データが検証に不合格（{failed}）だったことを示しています。取り出せる内容はありません。",
)


class ReceiptCheck(NamedTuple):
    """One check, as the receipt tells it: stable ``id``, ``outcome`` (``pass``, ``fail``, ``not-performed``), ``code``."""

    id: str
    outcome: str
    code: str


class ReceiptClaim(NamedTuple):
    """One field that the receipt carries.

    Attributes:
        value: the text (dates as in the results' JSON); for an image the hex SHA-256 of its bytes.
        assurance: ``signed``, ``corroborated`` or ``unsigned``.
        extent: ``year`` where only the year of a date is corroborated.
        media_type: of an image; ``None`` for a text.
    """

    value: str
    assurance: str
    extent: str | None = None
    media_type: str | None = None

    def __repr__(self) -> str:
        return f"ReceiptClaim({self.assurance})"


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """A receipt whose signature was verified. ``bool(receipt)`` is the verdict it tells.

    Attributes:
        issuer: the endpoint that signed it.
        relying_party: whom it is for.
        verification_id: names the verification at that endpoint.
        challenge_id: names the challenge.
        issued_at: when it was signed, UTC.
        verdict: ``verified`` or ``rejected``.
        environment: of the anchors: ``production``, ``test``, or another word. A receipt of another environment than
            ``production`` says nothing of a real card.
        domain: ``face-check`` or ``input-assist``.
        role: ``general`` or ``my-number-office``.
        at: the moment by which expiry was judged, as written.
        checks: the checks, in order.
        reference: the relying party's own word, or ``None``.
        purpose: what the challenge was asked for, or ``None``.
        evidence_sha256: hex SHA-256 of the evidence as it came, or ``None``.
        kid: names the key that signed.
    """

    issuer: str
    relying_party: str
    verification_id: str
    challenge_id: str
    issued_at: datetime
    verdict: str
    environment: str
    domain: str
    role: str
    at: str
    checks: tuple[ReceiptCheck, ...]
    reference: str | None
    purpose: str | None
    evidence_sha256: str | None
    kid: str
    _claims: Mapping[str, ReceiptClaim]

    def __bool__(self) -> bool:
        return self.verdict == "verified"

    def require(self) -> Receipt:
        """The receipt itself.

        Raises:
            NotVerifiedError: it tells that the evidence was rejected.
        """
        if not self:
            failed = ", ".join(f"{check.id} ({check.code})" for check in self.checks if check.outcome == "fail")
            raise NotVerifiedError(_REJECTED.fill(failed=failed))
        return self

    @property
    def claims(self) -> Mapping[str, ReceiptClaim]:
        """The fields that it carries, by name.

        Raises:
            NotVerifiedError: it tells that the evidence was rejected.
        """
        self.require()
        return self._claims

    def __repr__(self) -> str:
        return f"Receipt({self.verification_id}, {self.verdict}, {self.environment}, {len(self._claims)} claims)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a receipt is not pickled or copied; keep its text")


def read_receipt(payload: Mapping[str, Any], kid: str) -> Receipt:
    """The receipt in a payload. Members that this version does not know are passed over.

    Raises:
        WrongForm: it is not ``mnverify.receipt/1``. The message names the place, and holds no content.
    """
    if payload.get("format") != FORMAT:
        raise WrongForm(Text(f"format: it is not {FORMAT}", f"format が {FORMAT} ではありません"))
    verdict = _word(payload, "verdict", _VERDICTS)
    checks = _checks(payload.get("checks"))
    if (verdict == "verified") is (not checks or any(check.outcome == "fail" for check in checks)):
        raise WrongForm(Text("checks: they contradict the verdict", "checks が verdict と食い違っています"))
    claims = payload.get("claims", {})
    if claims and verdict != "verified":
        raise WrongForm(Text("claims: a rejected verification has none", "不合格の検証に claims があります"))
    return Receipt(
        issuer=_text(payload, "iss"),
        relying_party=_text(payload, "aud"),
        verification_id=_text(payload, "jti"),
        challenge_id=_text(payload, "challenge_id"),
        issued_at=_moment(payload.get("iat")),
        verdict=verdict,
        environment=_text(payload, "environment"),
        domain=_word(payload, "domain", ("face-check", "input-assist")),
        role=_word(payload, "role", ("general", "my-number-office")),
        at=_text(payload, "at"),
        checks=checks,
        reference=_text(payload, "reference") if "reference" in payload else None,
        purpose=_text(payload, "purpose") if "purpose" in payload else None,
        evidence_sha256=_digest(payload, "evidence_sha256") if "evidence_sha256" in payload else None,
        kid=kid,
        _claims=_read_claims(claims),
    )


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text or len(text) > MAX_TEXT:
        raise WrongForm(
            Text(
                f"{name}: it is not a text of 1 to {MAX_TEXT} characters",
                f"{name} が1～{MAX_TEXT}文字の文字列ではありません",
            )
        )
    return str(text)


def _digest(value: Mapping[str, Any], name: str) -> str:
    digest = value.get(name)
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise WrongForm(
            Text(f"{name}: it is not a SHA-256 in lower-case hex", f"{name} が小文字16進の SHA-256 ではありません")
        )
    return str(digest)


def _word(value: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str:
    if value.get(name) not in words:
        listed = ", ".join(words)
        raise WrongForm(Text(f"{name}: it is none of {listed}", f"{name} が {listed} のいずれでもありません"))
    return str(value[name])


def _moment(value: object) -> datetime:
    if type(value) is not int or not 0 <= value <= _LAST_SECOND:
        raise WrongForm(Text("iat: it is not a time in seconds", "iat が秒単位の時刻ではありません"))
    return datetime.fromtimestamp(value, UTC)


def _checks(value: object) -> tuple[ReceiptCheck, ...]:
    if not isinstance(value, list) or len(value) > MAX_CHECKS or not all(isinstance(check, dict) for check in value):
        raise WrongForm(Text("checks: it is not a list of objects", "checks がオブジェクトの配列ではありません"))
    checks = tuple(ReceiptCheck(_text(c, "id"), _word(c, "outcome", _OUTCOMES), _text(c, "code")) for c in value)
    if len({check.id for check in checks}) != len(checks):
        raise WrongForm(Text("checks: one stands twice", "checks に同じ検査が2つあります"))
    return checks


def _read_claims(value: object) -> Mapping[str, ReceiptClaim]:
    if not isinstance(value, dict):
        raise WrongForm(_not_object("claims"))
    for name in value:
        if name not in CLAIMS:
            raise WrongForm(Text("claims: one that no receipt carries", "claims に受領証に載らない項目があります"))
    return MappingProxyType({name: _claim(claim, f"claims.{name}") for name, claim in value.items()})


def _claim(value: object, where: str) -> ReceiptClaim:
    if not isinstance(value, dict):
        raise WrongForm(_not_object(where))
    assurance = _word(value, "assurance", _ASSURANCES)
    if "media_type" in value:
        return ReceiptClaim(_digest(value, "sha256"), assurance, None, _text(value, "media_type"))
    if not isinstance(value.get("value"), str):
        raise WrongForm(Text(f"{where}: value is not a text", f"{where} の value が文字列ではありません"))
    return ReceiptClaim(value["value"], assurance, _text(value, "extent") if "extent" in value else None)


def _not_object(where: str) -> Text:
    return Text(f"{where}: it is not an object", f"{where} がオブジェクトではありません")
