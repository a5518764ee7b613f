"""Keys, results and receipts for the tests, and a JWS made by hand, so that any nonsense can be signed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify import Domain, VerificationResult, verify
from mnverify.receipts import ReceiptKeys, receipt_payload
from tests.support import forgery
from tests.support.forgery import ASSIST, FACE

ISSUER = "https://verify.example.jp"
PARTY = "rp-example-bank"
NOW = datetime(2026, 11, 24, 3, 0, 0, tzinfo=UTC)


@cache
def result(*, tampered: bool = False, domain: Domain = FACE) -> VerificationResult:
    """What a verification of a virtual card found."""
    card = forgery.card()
    if domain is ASSIST:
        return verify(forgery.evidence(card, ASSIST, "0002", "0003", "0004", "0007"), trust=forgery.trust(), at=NOW)
    face = bytearray(card.files(FACE)["0002"])
    if tampered:
        face[4000] ^= 1  # within the photo
    parts = forgery.evidence(card, FACE, "0002", "0004", f0002=bytes(face), answered=card)
    return verify(parts, trust=forgery.trust(), at=NOW, challenge=forgery.CHALLENGE)


def payload(**changes: Any) -> dict[str, Any]:
    """The payload of a receipt."""
    made = {
        "issuer": ISSUER,
        "relying_party": PARTY,
        "id": "ver_1",
        "challenge_id": "cha_1",
        "at": NOW,
        "reference": "order-17",
        "purpose": "account-opening",
    }
    return receipt_payload(changes.pop("result", result()), **{**made, **changes})


def b64(raw: bytes | str | dict[str, Any]) -> str:
    """base64url of bytes, text or an object."""
    if isinstance(raw, dict):
        raw = json.dumps(raw)
    return urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).rstrip(b"=").decode()


def private_key(folder: Path, kid: str) -> ec.EllipticCurvePrivateKey:
    """The private key in a key file."""
    jwk = json.loads((folder / f"receipt-key-{kid}.json").read_text())["key"]
    return ec.derive_private_key(int.from_bytes(urlsafe_b64decode(jwk["d"] + "=")), ec.SECP256R1())


def sign_by_hand(folder: Path, keys: ReceiptKeys, header: str | dict[str, Any], body: str | dict[str, Any]) -> str:
    """A compact JWS whose signature is right, whatever its header and payload say."""
    signed = f"{b64(header)}.{b64(body)}"
    r, s = decode_dss_signature(private_key(folder, keys.active_kid).sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{b64(r.to_bytes(32) + s.to_bytes(32))}"
