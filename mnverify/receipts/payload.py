"""What a receipt says, ``mnverify.receipt/1``: made from a result, for one relying party and one challenge."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.values.terms import Domain, Role
from mnverify.verification import VerificationResult

FORMAT = "mnverify.receipt/1"

CLAIMS = ("name", "address", "birth_date", "sex", "expiry", "photo", "name_image", "address_image")
"""Fields that a receipt may carry. Never the 個人番号, nor the picture of the security code (its hash would be the code)."""

_NO_CLAIM = Text(
    "A receipt cannot carry {name!a}. No receipt was made; it can carry: {names}.",
    "受領証に {name!a} は載せられません。受領証は作っていません。載せられるのは {names} です。",
)
_NO_TIME_ZONE = Text(
    "The moment of a receipt has no time zone. No receipt was made.",
    "受領証の時刻に時間帯がありません。受領証は作っていません。",
)
_TRAP = Text(
    "The digest of input-assist evidence leads back to the 個人番号. No receipt was made; leave it out.",
    "入力補助の証拠データのハッシュ値からは個人番号を割り出せます。受領証は作っていません。ハッシュ値を省いてください。",
)


def check_claims(names: Collection[str]) -> tuple[str, ...]:
    """The claims asked for, once each, in the order of ``CLAIMS``.

    Raises:
        UsageError: one of them is nothing that a receipt may carry.
    """
    for name in names:
        if name not in CLAIMS:
            raise UsageError(_NO_CLAIM.fill(name=str(name)[:32], names=", ".join(CLAIMS)))
    return tuple(name for name in CLAIMS if name in names)


def receipt_payload(
    result: VerificationResult,
    *,
    issuer: str,
    id: str,  # noqa: A002 - the word of the interface
    relying_party: str,
    challenge_id: str,
    purpose: str | None = None,
    reference: str | None = None,
    evidence_sha256: str | None = None,
    at: datetime,
    claims: Collection[str] = (),
) -> dict[str, Any]:
    """The payload of a receipt.

    Args:
        result: what the verification found.
        issuer: the endpoint, as its relying parties know it (a URL).
        id: names this verification.
        relying_party: whom the receipt is for.
        challenge_id: names the challenge that the evidence had to answer.
        purpose: what the challenge was asked for.
        reference: the relying party's own word, opaque.
        evidence_sha256: hex SHA-256 of the evidence as it came; never of input-assist evidence in role ``general``.
        at: when it is signed, with a time zone; kept to the second.
        claims: names of fields to carry. With any of them the receipt is personal data: hand it out, do not keep it.
            A field that the result does not have is left out, and a rejected result carries none.

    Raises:
        UsageError: a claim that no receipt may carry, a moment without a time zone, or a digest that leads to the 個人番号.
    """
    wanted = check_claims(claims)
    if at.utcoffset() is None:
        raise UsageError(_NO_TIME_ZONE)
    if evidence_sha256 is not None and result.domain is Domain.INPUT_ASSIST and result.role is Role.GENERAL:
        raise UsageError(_TRAP)
    payload: dict[str, Any] = {
        "format": FORMAT,
        "iss": issuer,
        "aud": relying_party,
        "iat": int(at.timestamp()),
        "jti": id,
        "challenge_id": challenge_id,
    }
    if reference is not None:
        payload["reference"] = reference
    if purpose is not None:
        payload["purpose"] = purpose
    if evidence_sha256 is not None:
        payload["evidence_sha256"] = evidence_sha256
    payload["verdict"] = result.verdict
    payload["environment"] = result.environment
    payload["domain"], payload["role"] = str(result.domain), str(result.role)
    payload["at"] = result.at.isoformat()
    payload["checks"] = [{"id": c.id, "outcome": str(c.outcome), "code": c.code} for c in result.checks]
    if wanted and result.verified:
        fields = result.to_dict()["fields"]
        payload["claims"] = {name: fields[name] for name in wanted if name in fields}
    return payload
