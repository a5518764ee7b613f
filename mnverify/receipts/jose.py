"""JWS as receipts use it (RFC 7515), over joserfc: one algorithm, chosen here and by nobody's header."""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mnverify.errors import MissingExtra
from mnverify.masked import MaskedBytes
from mnverify.receipts.errors import WrongForm
from mnverify.text import Text

try:
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwa import ESAlgorithm
    from joserfc.jwk import ECKey
except ImportError:
    raise MissingExtra("joserfc", "client") from None

if TYPE_CHECKING:
    from collections.abc import Callable

ALGORITHM = "ES256"
CURVE = "P-256"
COORDINATE = 32  # bytes
TYPE = "mnverify-receipt+jwt"

_NOT_BASE64URL = Text("it is not base64url", "base64url ではありません")
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class _DeterministicES256(ESAlgorithm):
    """ES256 with the nonce of RFC 6979: who asks again for a lost answer gets the same bytes."""

    def __init__(self) -> None:
        super().__init__(ALGORITHM, CURVE, 256, recommended=True)

    def sign(self, msg: bytes, key: ECKey) -> bytes:
        """Sign (RFC 7518 §3.4)."""
        return _signature(key.get_op_key("sign"), msg)


def _signature(private: Any, message: bytes) -> bytes:
    r, s = decode_dss_signature(private.sign(message, _ECDSA))
    return r.to_bytes(COORDINATE) + s.to_bytes(COORDINATE)


def _one_algorithm() -> jws.JWSRegistry:
    """A registry that knows ES256 and nothing else: no ``none``, no shared secret."""
    registry = jws.JWSRegistry(algorithms=[ALGORITHM])
    registry.algorithms = {ALGORITHM: _ES256}
    registry.recommended = [ALGORITHM]
    return registry


_ECDSA = ECDSA(SHA256(), deterministic_signing=True)
_ES256 = _DeterministicES256()
_REGISTRY = _one_algorithm()


def new_key() -> tuple[dict[str, str], MaskedBytes]:
    """A new key of ES256: the public members, and the private one in base64url."""
    jwk = ECKey.generate_key(CURVE, private=True).as_dict(private=True)
    return public_part(jwk), MaskedBytes(str(jwk["d"]).encode())


def key_id(jwk: Mapping[str, Any]) -> str:
    """The name of a key: the first 16 bytes of its thumbprint (RFC 7638, SHA-256), in hex."""
    return decode(_key(public_part(jwk)).thumbprint())[:16].hex()


def public_part(jwk: Mapping[str, Any]) -> dict[str, str]:
    """The four members of a public key of ES256.

    Raises:
        WrongForm: it is not a key on P-256 with coordinates of 32 bytes in canonical base64url.
    """
    if jwk.get("kty") != "EC" or jwk.get("crv") != CURVE:
        raise WrongForm(Text("it is not an EC key on P-256", "P-256 の EC 鍵ではありません"))
    for name in ("x", "y"):
        if not isinstance(jwk.get(name), str) or len(decode(jwk[name])) != COORDINATE:
            raise WrongForm(Text(f"{name} is not {COORDINATE} bytes", f"{name} が {COORDINATE} バイトではありません"))
    part: dict[str, str] = {name: str(jwk[name]) for name in ("kty", "crv", "x", "y")}
    try:
        _key(part).get_op_key("verify")
    except (JoseError, ValueError):
        raise WrongForm(Text("there is no such point on P-256", "P-256 上にない点です")) from None
    return part


def check_private(public: Mapping[str, str], private: MaskedBytes) -> None:
    """Refuse a private part that does not belong to a public key.

    Raises:
        WrongForm: it does not, or is not 32 bytes.
    """
    if len(decode(private.decode())) != COORDINATE:
        raise WrongForm(Text(f"d is not {COORDINATE} bytes", f"d が {COORDINATE} バイトではありません"))
    probe = b"mnverify"
    try:
        fits = _ES256.verify(probe, _ES256.sign(probe, _private_key(public, private)), _key(public))
    except (JoseError, ValueError):
        fits = False
    if not fits:
        raise WrongForm(
            Text("the private part does not belong to the public part", "秘密鍵と公開鍵が対になっていません")
        )


def signer(public: Mapping[str, str], private: MaskedBytes, kid: str) -> Callable[[Mapping[str, Any]], str]:
    """What makes a compact JWS of a payload. The same payload gives the same bytes."""
    key = _private_key(public, private)
    header = {"alg": ALGORITHM, "kid": kid, "typ": TYPE}
    private_key = key.get_op_key("sign")
    first = jws.serialize_compact(header, b"", key, registry=_REGISTRY).partition(".")[
        0
    ]  # it is the same in every receipt

    def sign(payload: Mapping[str, Any]) -> str:
        signed = f"{first}.{encode(_ENCODE(payload).encode())}"
        return f"{signed}.{encode(_signature(private_key, signed.encode()))}"

    return sign


def _private_key(public: Mapping[str, str], private: MaskedBytes) -> ECKey:
    return _key({**public, "d": private.decode()})


def _key(jwk: Mapping[str, str]) -> ECKey:
    return ECKey.import_key(dict[str, Any](jwk))


def signed_by(token: str, jwk: Mapping[str, Any]) -> bool:
    """Whether the signature of a compact JWS, whose header the caller has checked, is that of a public key."""
    try:
        jws.deserialize_compact(token, _key(public_part(jwk)), registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
    return True


def encode(raw: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of canonical base64url without padding (RFC 7515 §2).

    Raises:
        WrongForm: another alphabet, padding, or bits that are left over.
    """
    if not _BASE64URL.fullmatch(text):
        raise WrongForm(_NOT_BASE64URL)
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise WrongForm(_NOT_BASE64URL) from None
    if encode(raw) != text:
        raise WrongForm(Text("it is not canonical base64url", "正規の base64url ではありません"))
    return raw
