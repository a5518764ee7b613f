"""What a receipt says, ``mnverify.receipt/1``: made from a result, for one relying party and one challenge."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from mnverify.errors import UsageError
from mnverify.text import Text
from mnverify.verification import VerificationResult

FORMAT = "mnverify.receipt/1"

CLAIMS = ("name", "address", "birth_date", "sex", "expiry", "photo", "name_image", "address_image")
"""Fields that a receipt may carry. Never the 個人番号, nor the picture of the security code (its hash would be the code)."""

_NO_CLAIM = Text(
    "A receipt cannot carry {name!a}. No receipt was made; it can carry: {names}.",
    "受領証に {name!a} は載せられません。受領証は作っていません。載せられるのは {names} です。",
)
_NO_TIME_ZONE = Text(
    "issued_at has no time zone. No receipt was made.",
    "issued_at に時間帯がありません。受領証は作っていません。",
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
    relying_party: str,
    verification_id: str,
    challenge_id: str,
    issued_at: datetime,
    reference: str | None = None,
    purpose: str | None = None,
    claims: Collection[str] = (),
) -> dict[str, Any]:
    """The payload of a receipt.

    Args:
        result: what the verification found.
        issuer: the endpoint, as its relying parties know it (a URL).
        relying_party: whom the receipt is for.
        verification_id: names this verification.
        challenge_id: names the challenge that the evidence had to answer.
        issued_at: when, with a time zone; kept to the second.
        reference: the relying party's own word, opaque.
        purpose: what the challenge was asked for.
        claims: names of fields to carry. With any of them the receipt is personal data: hand it out, do not keep it.
            A field that the result does not have is left out, and a rejected result carries none.

    Raises:
        UsageError: a claim that no receipt may carry, or a moment without a time zone.
    """
    wanted = check_claims(claims)
    if issued_at.utcoffset() is None:
        raise UsageError(_NO_TIME_ZONE)
    payload: dict[str, Any] = {
        "format": FORMAT,
        "iss": issuer,
        "aud": relying_party,
        "iat": int(issued_at.timestamp()),
        "jti": verification_id,
        "challenge_id": challenge_id,
    }
    if reference is not None:
        payload["reference"] = reference
    if purpose is not None:
        payload["purpose"] = purpose
    document = result.to_dict()
    for name in ("verdict", "environment", "domain", "role", "at"):
        payload[name] = document[name]
    payload["checks"] = [{name: check[name] for name in ("id", "outcome", "code")} for check in document["checks"]]
    if wanted and result.verified:
        payload["claims"] = {name: document["fields"][name] for name in wanted if name in document["fields"]}
    return payload
