"""The receipt vectors as they are stated by hand: each a receipt, keys, what the caller asks, and what has to come of it.

The signatures are made here by hand, apart from ``mnverify.receipts``, by keys that are fixed and public.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from mnverify import Domain, VerificationResult, verify
from mnverify.receipts import CLAIMS, receipt_payload
from tests.support import forgery
from tests.support.forgery import ASSIST, FACE

NOW = datetime(2026, 11, 24, 3, 0, 0, tzinfo=UTC)
ISSUER, PARTY = "https://verify.example.jp", "example-bank"
VERIFICATION, CHALLENGE = "V1StGXR8Z5jdHi6BmyT0aQ", "4f90d13a42XbQw0fLmT9kg"
TYPE = "mnverify-receipt+jwt"
ASKED = {"issuer": ISSUER, "relying_party": PARTY, "at": NOW.isoformat()}


@dataclass(frozen=True, kw_only=True)
class ReceiptVector:
    """A vector.

    Attributes:
        name: slug, the file's name.
        reason: what is wrong in a verifier that gets it wrong.
        source: where the rule stands.
        receipt: the compact JWS, or what was given for one.
        jwks: the keys, an object or a text.
        refused: the reason of the refusal; ``None`` where the receipt is taken.
        verdict: what a receipt that is taken tells.
        claims: their names.
        asked: what the caller asks beside issuer, relying party and moment, or instead of them.
    """

    name: str
    reason: str
    source: str
    receipt: str
    jwks: dict[str, Any] | str = field(default_factory=lambda: jwks())
    refused: str | None = None
    verdict: str | None = None
    claims: tuple[str, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)


# keys and receipts by hand ---------------------------------------------------------------------------------------------


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """A key of a name: fixed, and known to everybody."""
    seed = hashlib.sha256(f"mnverify receipt vectors: {name}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(seed) >> 1, ec.SECP256R1())


def b64(raw: bytes | str | dict[str, Any]) -> str:
    """base64url of bytes, a text or an object."""
    if isinstance(raw, dict):
        raw = json.dumps(raw, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(raw.encode() if isinstance(raw, str) else raw).rstrip(b"=").decode()


def jwk(name: str = "active", **changes: Any) -> dict[str, Any]:
    """The public key of a name, as an endpoint publishes it."""
    point = key(name).public_key().public_numbers()
    members = {"crv": "P-256", "kty": "EC", "x": b64(point.x.to_bytes(32)), "y": b64(point.y.to_bytes(32))}
    kid = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()[:16].hex()
    return {**members, "kid": kid, "use": "sig", "alg": "ES256", **changes}


def jwks(*keys: dict[str, Any]) -> dict[str, Any]:
    """A set of keys; that of the endpoint where none is named."""
    return {"keys": list(keys) or [jwk("retired"), jwk("active"), jwk("next")]}


def header(name: str = "active", **changes: Any) -> dict[str, Any]:
    """The header of a receipt."""
    return {"alg": "ES256", "kid": jwk(name)["kid"], "typ": TYPE, **changes}


def der(message: str, name: str = "active") -> bytes:
    """The signature in DER, with the nonce of RFC 6979."""
    return key(name).sign(message.encode(), ec.ECDSA(SHA256(), deterministic_signing=True))


def raw(message: str, name: str = "active") -> bytes:
    """The signature as JWS has it."""
    return b"".join(number.to_bytes(32) for number in decode_dss_signature(der(message, name)))


def jws(body: Any = None, head: Any = None, name: str = "active") -> str:
    """A compact JWS whose signature is right, whatever it signs."""
    signed = f"{b64(header(name) if head is None else head)}.{b64(payload() if body is None else body)}"
    return f"{signed}.{b64(raw(signed, name))}"


@cache
def result(domain: Domain = FACE, *, tampered: bool = False) -> VerificationResult:
    """What a verification of a laboratory card found."""
    card = forgery.card()
    if domain is ASSIST:
        return verify(forgery.evidence(card, ASSIST, "0002", "0003", "0004", "0007"), trust=forgery.trust(), at=NOW)
    face = bytearray(card.files(FACE)["0002"])
    if tampered:
        face[4000] ^= 1
    evidence = forgery.evidence(card, FACE, "0002", "0004", f0002=bytes(face), answered=card)
    return verify(evidence, trust=forgery.trust(), at=NOW, challenge=forgery.CHALLENGE)


def payload(found: VerificationResult | None = None, **changes: Any) -> dict[str, Any]:
    """The payload of a receipt, as an endpoint makes it."""
    made = {
        "issuer": ISSUER,
        "relying_party": PARTY,
        "id": VERIFICATION,
        "challenge_id": CHALLENGE,
        "at": NOW,
        "reference": "application-20261124-0017",
        "purpose": "account-opening",
    }
    return receipt_payload(result() if found is None else found, **{**made, **changes})


# the vectors -----------------------------------------------------------------------------------------------------------


def vectors() -> Iterator[ReceiptVector]:
    """All of them."""
    yield from _taken()
    yield from _not_compact()
    yield from _headers()
    yield from _keys()
    yield from _signatures()
    yield from _payloads()
    yield from _compared()


def _taken() -> Iterator[ReceiptVector]:
    def taken(name: str, reason: str, receipt: str, **more: Any) -> ReceiptVector:
        return ReceiptVector(
            name=name, reason=reason, source="what it says", receipt=receipt, **{"verdict": "verified", **more}
        )

    face = ("birth_date", "sex", "expiry", "photo", "name_image", "address_image")
    own = {"verification_id": VERIFICATION, "challenge_id": CHALLENGE}
    later = payload() | {"later": {"a": [1, "二"]}}
    spaced = json.dumps(payload(), indent=2, ensure_ascii=True)
    yield taken("plain", "The usual receipt is taken.", jws(), asked=own)
    yield taken(
        "no-reference",
        "Members that may be left out are.",
        jws({k: v for k, v in payload().items() if k not in ("reference", "purpose")}),
    )
    yield taken(
        "claims", "Claims that were asked for.", jws(payload(claims=CLAIMS)), claims=face, asked={"max_age": 300}
    )
    yield taken(
        "claims-attributes",
        "The four attributes.",
        jws(payload(result(ASSIST), claims=CLAIMS)),
        claims=("name", "address", "birth_date", "sex"),
    )
    yield taken(
        "claims-partial-date",
        "The day of birth is not known.",
        jws(payload() | {"claims": {"birth_date": {"value": "1938-03", "assurance": "signed"}}}),
        claims=("birth_date",),
    )
    yield taken("evidence-digest", "The digest of the evidence.", jws(payload(evidence_sha256="0a" * 32)))
    yield taken(
        "rejected",
        "The signature is right and the verdict is not: nothing of it is content.",
        jws(payload(result(tampered=True), claims=CLAIMS)),
        verdict="rejected",
    )
    yield taken("retired-key", "Old receipts stay verifiable.", jws(name="retired"))
    yield taken("later-members", "Members of later versions are passed over.", jws(later))
    yield taken("spaces-and-escapes", "JSON may be written in other ways.", jws(spaced))
    others = [
        {"kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"},
        jwk("next", use="enc"),
        jwk("next", alg="ES384"),
    ]
    yield taken("keys-for-other-things", "Keys for other things are passed over.", jws(), jwks=jwks(*others, jwk()))
    yield taken("keys-as-text", "Keys may come as the text of the document.", jws(), jwks=json.dumps(jwks()))
    yield taken("clock-behind", "Two clocks may differ by a minute.", jws(), asked={"at": _at(seconds=-60)})
    yield taken("age-just-right", "As old as it may be.", jws(), asked={"at": _at(seconds=300), "max_age": 300})
    yield taken("years-later", "Without a bound it is taken after years.", jws(), asked={"at": _at(days=3650)})


def _at(**later: int) -> str:
    return (NOW + timedelta(**later)).isoformat()


def _refused(name: str, reason: str, receipt: str, why: str, source: str, **more: Any) -> ReceiptVector:
    return ReceiptVector(name=name, reason=reason, source=source, receipt=receipt, refused=why, **more)


def _not_compact() -> Iterator[ReceiptVector]:
    good = jws()
    head, body, signature = good.split(".")
    signed = f"{head}.{body}"
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = head[:-1] + last[last.index(head[-1]) + 1] if len(head) % 4 else head + "="
    long = {**payload(), "later": "x" * 26_000}
    for name, reason, receipt in (
        ("empty", "Nothing is no receipt.", ""),
        ("two-parts", "A receipt has three parts.", signed),
        ("four-parts", "A receipt has three parts.", f"{good}.AAAA"),
        ("padded", "base64url has no padding here.", f"{head}==.{body}.{signature}"),
        ("ordinary-base64", "The alphabet is base64url.", f"{head[:-4]}+/8A.{body}.{signature}"),
        ("loose-bits", "Bits that are left over make two texts of one header.", f"{loose}.{body}.{signature}"),
        ("line-end", "Nothing may stand beside it.", f"\n{good}"),
        ("header-not-json", "The header is a JSON object.", jws(head="{")),
        ("header-a-list", "The header is a JSON object.", jws(head="[]")),
        ("too-long", "At most 32 KiB are looked at.", jws(long)),
    ):
        yield _refused(name, reason, receipt, "malformed", "step 1 and 2")


def _headers() -> Iterator[ReceiptVector]:
    for name, extra in (
        ("jwk", {"jwk": jwk("stranger")}),
        ("jku", {"jku": "https://keys.example/jwks.json"}),
        ("x5c", {"x5c": []}),
        ("crit", {"crit": ["exp"]}),
        ("b64", {"b64": False}),
    ):
        receipt = jws(head=header(**extra))
        yield _refused(f"header-{name}", "The header chooses no key and no rule.", receipt, "malformed", "step 2")
    twice = f'{{"alg":"none","alg":"ES256","kid":"{jwk()["kid"]}","typ":"{TYPE}"}}'
    yield _refused("header-twice", "No member stands twice.", jws(head=twice), "malformed", "step 2")
    for name, change in (("type", {"typ": "JWT"}), ("kid", {"kid": 7})):
        receipt = jws(head=header(**change))
        yield _refused(f"header-{name}", "The header says that it is a receipt.", receipt, "malformed", "step 2")
    without = {k: v for k, v in header().items() if k != "kid"}
    yield _refused("header-no-kid", "The key has to be named.", jws(head=without), "malformed", "step 2")

    none = f"{b64(header(alg='none'))}.{b64(payload())}"
    yield _refused("alg-none", "No signature is no signature.", f"{none}.", "algorithm", "step 3")
    shared = f"{b64(header(alg='HS256'))}.{b64(payload())}"
    by_public = hmac.digest(json.dumps(jwk()).encode(), shared.encode(), "sha256")
    yield _refused(
        "alg-hs256", "The public key is no shared secret.", f"{shared}.{b64(by_public)}", "algorithm", "step 3"
    )
    for alg in ("ES384", "ES256K", "RS256", "EdDSA", "es256"):
        receipt = jws(head=header(alg=alg))
        name = "alg-lower-case" if alg == "es256" else f"alg-{alg.lower()}"
        yield _refused(name, "ES256 is all there is.", receipt, "algorithm", "step 3")


def _keys() -> Iterator[ReceiptVector]:
    good, ours = jws(), jwk()
    wrong_point = {**ours, "x": ours["y"]}
    for name, reason, given in (
        ("secret", "A set that holds a private key is not published.", jwks({**ours, "d": ours["x"]})),
        ("shared-secret", "A set that holds a secret is not published.", jwks({**ours, "k": ours["x"]})),
        ("twice", "One name stands for one key.", jwks(ours, jwk("next", kid=ours["kid"]))),
        ("no-point", "The point is on the curve.", jwks(wrong_point)),
        ("padded", "Coordinates are canonical base64url.", jwks({**ours, "x": ours["x"] + "="})),
        ("short", "Coordinates have 32 bytes.", jwks({**ours, "x": ours["x"][:-4]})),
        ("other-curve", "The curve is P-256.", jwks({**ours, "crv": "P-384"})),
        ("no-list", "keys is a list.", {"keys": "none"}),
        ("no-keys", "keys is there.", {}),
        ("not-json", "Keys as text are JSON.", "{"),
        ("member-twice", "No member stands twice.", '{"keys":[],"keys":[]}'),
    ):
        yield _refused(f"keys-{name}", reason, good, "bad-keys", "step 4", jwks=given)
    for name, reason, given in (
        ("removed", "A key that was removed is not trusted any more.", jwks(jwk("next"))),
        ("none", "Without keys nothing verifies.", {"keys": []}),
        ("encryption", "A key for encryption signs nothing.", jwks(jwk(use="enc"))),
        ("other-algorithm", "A key for another algorithm signs no receipt.", jwks(jwk(alg="ES384"))),
    ):
        yield _refused(f"key-{name}", reason, good, "unknown-key", "step 4", jwks=given)


def _signatures() -> Iterator[ReceiptVector]:
    signed, _, _ = jws().rpartition(".")
    right = raw(signed)
    altered = f"{b64(header())}.{b64(payload(result(tampered=True)) | {'verdict': 'verified'})}"
    for name, reason, receipt in (
        ("altered", "The payload was altered.", f"{altered}.{b64(right)}"),
        ("stranger", "Another key under the name of ours.", jws(head=header(), name="stranger")),
        ("swapped", "r and s in their order.", f"{signed}.{b64(right[32:] + right[:32])}"),
        ("zeros", "r and s are not zero.", f"{signed}.{b64(bytes(64))}"),
        ("short", "64 bytes.", f"{signed}.{b64(right[:-1])}"),
        ("long", "64 bytes.", f"{signed}.{b64(right + bytes(1))}"),
        ("none", "No signature is none.", f"{signed}."),
        ("der", "r and s as they are, not DER.", f"{signed}.{b64(der(signed))}"),
        ("over-all-but-header", "The header is signed too.", f"{signed}.{b64(raw(signed.split('.')[1]))}"),
    ):
        yield _refused(f"signature-{name}", reason, receipt, "signature", "step 5")


def _payloads() -> Iterator[ReceiptVector]:
    def malformed(name: str, reason: str, body: Any) -> ReceiptVector:
        return _refused(f"payload-{name}", reason, jws(body), "malformed", "step 6 and 8")

    twice = json.dumps(payload())[:-1] + ',"verdict":"verified"}'
    yield malformed("twice", "No member stands twice.", twice)
    yield malformed("not-json", "The payload is JSON.", "verified")
    yield malformed("not-utf-8", "The payload is UTF-8.", b'{"format":"\xff"}')
    yield malformed("a-list", "The payload is an object.", json.dumps([payload()]))
    yield malformed("nan", "NaN is not JSON.", json.dumps(payload() | {"later": float("nan")}))
    for name in (
        "iss",
        "aud",
        "iat",
        "jti",
        "challenge_id",
        "verdict",
        "environment",
        "domain",
        "role",
        "at",
        "checks",
    ):
        body = {k: v for k, v in payload().items() if k != name}
        yield malformed(f"no-{name.replace('_', '-')}", f"{name} is there.", body)
    check = {"id": "chain", "outcome": "pass", "code": "ok"}
    for name, reason, change in (
        ("format", "Another format is another meaning.", {"format": "mnverify.receipt/2"}),
        ("empty-checks", "Without a check nothing is verified.", {"checks": []}),
        ("failed-check", "Verified, and a check failed.", {"checks": [{**check, "outcome": "fail"}]}),
        ("check-twice", "One check stands once.", {"checks": [check, check]}),
        ("outcome", "Outcomes are three words.", {"checks": [{**check, "outcome": "passed"}]}),
        ("verdict", "Rejected, and no check failed.", {"verdict": "rejected"}),
        ("verdict-word", "The verdict is one of two words.", {"verdict": "ok"}),
        ("domain", "The domain is one of two words.", {"domain": "signature"}),
        ("role", "The role is one of two words.", {"role": "admin"}),
        ("time-negative", "iat is seconds since 1970.", {"iat": -1}),
        ("time-fraction", "iat is whole seconds.", {"iat": 1795489200.5}),
        ("time-text", "iat is a number.", {"iat": "1795489200"}),
        ("time-late", "iat is before the year 10000.", {"iat": 10**13}),
        ("empty-text", "No text is empty.", {"jti": ""}),
        ("long-text", "No text but a claim has more than 1024 characters.", {"reference": "x" * 1025}),
        ("digest", "Digests are lower-case hex.", {"evidence_sha256": "0A" * 32}),
        ("null-purpose", "What is not there is left out.", {"purpose": None}),
        ("claim-number", "The 個人番号 is in no receipt.", _claim("my_number", value="1", assurance="signed")),
        ("claim-assurance", "Assurance is one of three words.", _claim("name", value="佐藤", assurance="sworn")),
        ("claim-value", "The value of a claim is a text.", _claim("name", value=1, assurance="signed")),
        ("claim-plain", "A claim is an object.", {"claims": {"name": "佐藤"}}),
        (
            "claim-image",
            "An image is told by its SHA-256.",
            _claim("photo", media_type="image/jp2", sha256="AA", assurance="signed"),
        ),
    ):
        yield malformed(name, reason, payload() | change)
    body = payload(result(tampered=True)) | _claim("name", value="佐藤", assurance="signed")
    yield malformed("rejected-with-claims", "A rejected verification has no content.", body)


def _claim(name: str, **members: Any) -> dict[str, Any]:
    return {"claims": {name: members}}


def _compared() -> Iterator[ReceiptVector]:
    for name, why, asked in (
        ("other-issuer", "issuer", {"issuer": f"{ISSUER}/"}),
        ("other-party", "relying-party", {"relying_party": "other-bank"}),
        ("other-verification", "verification", {"verification_id": "another"}),
        ("other-challenge", "challenge", {"challenge_id": "another"}),
        ("from-the-future", "future", {"at": _at(seconds=-61)}),
        ("too-old", "too-old", {"at": _at(seconds=301), "max_age": 300}),
    ):
        yield _refused(name, "It has to be what the caller says.", jws(), why, "step 7", asked=asked)
